//! The loop: one block of lanes from the first round to the horizon.
//!
//! A block is played in lockstep, every lane in the same round (`lockstep.rs`), or, if it has one
//! lane and its learner can, from decision to decision (`runs.rs`). The numbers are the same.

mod budget;
mod lockstep;
mod recorder;
mod runs;

use std::ops::{ControlFlow, Range, RangeInclusive};

use crate::checkpoints::Checkpoints;
use crate::environment::{Block, Environment, Problem};
use crate::learner::{LaneLearner, RunLearner};
use crate::notion::Notion;
use crate::protocol::{ActionProblem, Buffers, Protocol};
use crate::random::{Role, Streams};
use crate::record::Record;
pub use budget::Budget;
use recorder::Recorder;

/// What is simulated and recorded: everything but the environment and the learner.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The experiment's seed.
    pub seed: u64,
    /// The number of rounds, at least 1.
    pub horizon: u64,
    /// The replications to simulate, counted from 0 within the experiment.
    pub replications: Range<u64>,
    /// Rounds at which quantities are recorded: strictly increasing, the last the horizon.
    pub checkpoints: Vec<u64>,
    /// What is recorded.
    pub notions: Vec<Notion>,
}

impl Plan {
    /// The first `replications` replications of `horizon` rounds with the seed 1, in which `notion`
    /// is recorded at the default checkpoints.
    pub fn new(horizon: u64, replications: u64, notion: Notion) -> Self {
        Self {
            seed: 1,
            horizon,
            replications: 0..replications,
            checkpoints: Checkpoints::default().rounds(horizon),
            notions: vec![notion],
        }
    }

    /// The block of lanes for some of the replications.
    pub fn block(&self, replications: Range<u64>) -> Block {
        Block {
            seed: self.seed,
            replications,
            horizon: self.horizon,
            notions: self.notions.clone(),
        }
    }
}

/// Why a block did not reach the horizon.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    /// A learner's action cannot be played.
    #[error("replication {replication}, round {t}: {problem}")]
    Action {
        /// The replication.
        replication: u64,
        /// The round.
        t: u64,
        /// What was wrong with the action.
        problem: ActionProblem,
    },
    /// The [`Monitor`] asked to stop.
    #[error("stopped before round {t}")]
    Stopped {
        /// The first round that was not played.
        t: u64,
    },
}

/// Watches a simulation from outside, and may stop it.
pub trait Monitor: Sync {
    /// Told after every stretch of play how many rounds were played, summed over lanes.
    fn played(&self, rounds: u64) -> ControlFlow<()>;
}

/// Lets simulations run to their end unwatched.
pub struct Unwatched;

impl Monitor for Unwatched {
    fn played(&self, _: u64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Rounds between two calls of the monitor, at the most.
const STRETCH: u64 = 1 << 14;

/// What a block's play leaves behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Played {
    /// What was recorded.
    pub record: Record,
    /// How often a learner was asked for an action, summed over lanes. Unlike the record it depends
    /// on the form that played.
    pub decisions: u64,
}

/// Plays a block of lanes and records it. Nothing is allocated after the first round. A
/// [`Player::Runs`] plays one replication.
///
/// # Errors
/// The first action that cannot be played, or that `monitor` said stop.
pub fn play_block<P: Protocol>(
    problem: &dyn Problem<P>,
    mut player: Player<'_, P>,
    plan: &Plan,
    replications: Range<u64>,
    monitor: &dyn Monitor,
) -> Result<Played, Fault> {
    let block = plan.block(replications.clone());
    let lanes = block.lanes();
    let shape = problem.shape();
    let mut environment = problem.build(&block);
    let mut streams = Streams::new(plan.seed, replications.clone(), Role::Learner);
    let mut buffers = Buffers::new(&shape, lanes);
    let mut recorder = Recorder::new(problem, plan, replications.clone());
    let (mut t, mut decisions) = (0, 0);
    for (index, &checkpoint) in plan.checkpoints.iter().enumerate() {
        while t < checkpoint {
            let rounds = t + 1..=checkpoint.min(t + STRETCH);
            t = *rounds.end();
            let played = rounds.end() - rounds.start() + 1;
            let environment = environment.as_mut();
            let asked = player.play(&shape, environment, &mut buffers, &mut streams, rounds);
            decisions += asked.map_err(|(t, lane, problem)| {
                let replication = replications.start + lane as u64;
                Fault::Action { replication, t, problem }
            })?;
            if monitor.played(played * lanes as u64).is_break() {
                return Err(Fault::Stopped { t: t + 1 });
            }
        }
        recorder.record(environment.as_mut(), t, index);
    }
    Ok(Played { record: recorder.record, decisions })
}

/// Who plays a block.
pub enum Player<'a, P: Protocol> {
    /// Many lanes in lockstep.
    Lanes(&'a mut dyn LaneLearner<P>),
    /// One lane, from decision to decision.
    Runs(&'a mut dyn RunLearner<P>),
}

/// Where in a stretch of rounds an action could not be played: round, lane, problem.
type Refused = (u64, usize, ActionProblem);

impl<P: Protocol> Player<'_, P> {
    /// Plays consecutive rounds; answers how often a learner was asked.
    fn play(
        &mut self,
        shape: &P::Shape,
        environment: &mut dyn Environment<P>,
        buffers: &mut Buffers<P>,
        streams: &mut Streams,
        rounds: RangeInclusive<u64>,
    ) -> Result<u64, Refused> {
        match self {
            Self::Lanes(learner) => {
                lockstep::play(*learner, shape, environment, buffers, streams, rounds)
            }
            Self::Runs(learner) => {
                runs::play(*learner, shape, environment, buffers, streams, rounds)
            }
        }
    }
}
