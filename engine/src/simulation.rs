//! The loop: one block of lanes from the first round to the horizon.

use std::ops::{ControlFlow, Range, RangeInclusive};

use crate::environment::{Block, Environment, Problem, Quantity};
use crate::learner::LaneLearner;
use crate::notion::Notion;
use crate::protocol::{ActionProblem, Protocol};
use crate::random::{Role, Streams};
use crate::record::{Record, Series};

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

/// The quantities that `notions` ask for, each with the index of its first checkpoint.
pub(crate) fn quantities<P: Protocol>(
    problem: &dyn Problem<P>,
    plan: &Plan,
) -> Vec<(Quantity, usize)> {
    let last = plan.checkpoints.len() - 1;
    let mut quantities = Vec::new();
    for &notion in &plan.notions {
        match problem.components(notion) {
            0 => quantities.push((Quantity { notion, component: None }, 0)),
            count => quantities
                .extend((0..count).map(|c| (Quantity { notion, component: Some(c) }, last))),
        }
    }
    quantities
}

/// Plays a block of lanes and records it. Nothing is allocated after the first round.
///
/// # Errors
/// The first action that cannot be played, or that `monitor` said stop.
pub fn play_block<P: Protocol>(
    problem: &dyn Problem<P>,
    learner: &mut dyn LaneLearner<P>,
    plan: &Plan,
    replications: Range<u64>,
    monitor: &dyn Monitor,
) -> Result<Record, Fault> {
    let block = plan.block(replications.clone());
    let lanes = block.lanes();
    let shape = problem.shape();
    let mut environment = problem.build(&block);
    let mut streams = Streams::new(plan.seed, replications.clone(), Role::Learner);
    let mut table = Table {
        contexts: P::contexts(&shape, lanes),
        actions: P::actions(&shape, lanes),
        feedbacks: P::feedbacks(&shape, lanes),
        shape,
    };
    let mut recorder = Recorder::new(problem, plan, replications.clone());
    let mut t = 0;
    for (index, &checkpoint) in plan.checkpoints.iter().enumerate() {
        while t < checkpoint {
            let rounds = t + 1..=checkpoint.min(t + STRETCH);
            t = *rounds.end();
            let played = rounds.end() - rounds.start() + 1;
            table.play(environment.as_mut(), learner, &mut streams, rounds).map_err(
                |(t, lane, problem)| {
                    let replication = replications.start + lane as u64;
                    Fault::Action { replication, t, problem }
                },
            )?;
            if monitor.played(played * lanes as u64).is_break() {
                return Err(Fault::Stopped { t: t + 1 });
            }
        }
        recorder.record(environment.as_mut(), t, index);
    }
    Ok(recorder.record)
}

/// The buffers through which environment and learner meet.
struct Table<P: Protocol> {
    shape: P::Shape,
    contexts: P::Contexts,
    actions: P::Actions,
    feedbacks: P::Feedbacks,
}

impl<P: Protocol> Table<P> {
    /// Plays consecutive rounds. This is the one place that knows of holds: in a round in which
    /// every lane's action stays, the learner is not asked.
    fn play(
        &mut self,
        environment: &mut dyn Environment<P>,
        learner: &mut dyn LaneLearner<P>,
        streams: &mut Streams,
        rounds: RangeInclusive<u64>,
    ) -> Result<(), (u64, usize, ActionProblem)> {
        let Self { shape, contexts, actions, feedbacks } = self;
        let mut held_until = *rounds.start();
        for t in rounds {
            environment.observe(t, contexts);
            if t >= held_until {
                learner.act(t, contexts, actions, streams);
                P::check(shape, actions).map_err(|(lane, problem)| (t, lane, problem))?;
                held_until = t.saturating_add(learner.hold());
            }
            environment.respond(t, actions, feedbacks);
            learner.update(t, contexts, actions, feedbacks, streams);
        }
        Ok(())
    }
}

/// Collects the recorded values of a block.
struct Recorder {
    record: Record,
    quantities: Vec<(Quantity, usize)>,
}

impl Recorder {
    fn new<P: Protocol>(problem: &dyn Problem<P>, plan: &Plan, replications: Range<u64>) -> Self {
        let quantities = quantities(problem, plan);
        let lanes = (replications.end - replications.start) as usize;
        let series = quantities.iter().map(|&(quantity, first_checkpoint)| Series {
            notion: quantity.notion,
            component: quantity.component,
            first_checkpoint,
            values: vec![0.0; lanes * (plan.checkpoints.len() - first_checkpoint)],
        });
        let series = series.collect();
        let checkpoints = plan.checkpoints.clone();
        Self { record: Record { replications, checkpoints, series }, quantities }
    }

    fn record<P: Protocol>(
        &mut self,
        environment: &mut dyn Environment<P>,
        t: u64,
        checkpoint: usize,
    ) {
        let lanes = self.record.replication_count();
        for (series, &(quantity, first)) in self.record.series.iter_mut().zip(&self.quantities) {
            if let Some(row) = checkpoint.checked_sub(first) {
                environment.record(t, quantity, &mut series.values[row * lanes..(row + 1) * lanes]);
            }
        }
    }
}
