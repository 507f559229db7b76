//! A learner and an environment that fit each other, ready to be played.

use std::any::Any;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::ParameterError;
use super::algorithm::Algorithm;
use crate::bound::Bound;
use crate::delay::Delay;
use crate::environment::Problem;
use crate::learner::{Learner, Setting};
use crate::notion::Notion;
use crate::protocol::Protocol;
use crate::record::Record;
use crate::simulation::{Fault, Monitor, Plan, Player, Unwatched, play_block};
use crate::solos::Solos;

/// Why a cell stopped.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CellFault {
    /// An action that cannot be played, or a stop from outside.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The learner or the environment panicked.
    #[error("replication {}: it panicked: {message}", span(replications))]
    Panic {
        /// The block of replications in which it happened.
        replications: Range<u64>,
        /// The panic's message.
        message: String,
    },
}

/// `3`, or `3 to 7`.
fn span(replications: &Range<u64>) -> String {
    match (replications.start, replications.end - 1) {
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first} to {last}"),
    }
}

impl CellFault {
    /// The replication that it happened in, or the first of those that it may have happened in.
    pub fn replication(&self) -> u64 {
        match self {
            Self::Fault(Fault::Action { replication, .. }) => *replication,
            Self::Fault(Fault::Stopped { .. }) => 0,
            Self::Panic { replications, .. } => replications.start,
        }
    }
}

/// How a pairing is played. The result does not depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// As suits the learner: from decision to decision if it can say for how long its actions
    /// stay, else in lockstep, as many lanes abreast as pay.
    #[default]
    Suited,
    /// In lockstep, this many lanes (at least 1) abreast, in the learner's form for lanes if it has
    /// one.
    Lanes(usize),
    /// One replication after the other, by the learner of one replication, asked in every round.
    Plain,
    /// As `Plain`, by one learner that is reset in between.
    Reset,
}

impl Form {
    /// `Lanes`, or `Suited` for 0.
    pub fn lanes(lanes: usize) -> Self {
        if lanes == 0 { Self::Suited } else { Self::Lanes(lanes) }
    }
}

/// What suits a learner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suit {
    /// From decision to decision, one replication after the other.
    Runs,
    /// In lockstep, in its form for lanes.
    Lanes,
    /// In lockstep, one learner for each lane.
    Solo,
}

/// A pairing of any protocol.
pub trait Match: Send + Sync {
    /// Simulates the plan's replications.
    ///
    /// # Errors
    /// The first fault of the learner.
    fn play(&self, plan: &Plan, form: Form) -> Result<Record, CellFault> {
        self.play_watched(plan, form, &Unwatched)
    }

    /// [`Match::play`] under the eyes of a monitor.
    ///
    /// # Errors
    /// The first fault of the learner, or that `monitor` said stop.
    fn play_watched(
        &self,
        plan: &Plan,
        form: Form,
        monitor: &dyn Monitor,
    ) -> Result<Record, CellFault>;

    /// What the environment's referee can keep, the default first.
    fn notions(&self) -> Vec<Notion>;

    /// Number of components of a notion, 0 for a plain number.
    fn components(&self, notion: Notion) -> u32;

    /// Bounds of theory that hold for this pairing.
    fn bounds(&self) -> Vec<Bound>;

    /// The longest horizon that the environment can be played for.
    fn longest_horizon(&self) -> Option<u64>;

    /// How [`Form::Suited`] plays it.
    fn suited(&self) -> Suit;
}

/// An algorithm on a problem.
pub struct Game<A: Algorithm> {
    problem: Arc<dyn Problem<A::Protocol>>,
    algorithm: A,
    setting: Setting<A::Protocol>,
    delay: Delay,
}

impl<A: Algorithm> Game<A> {
    /// Pairs them for a horizon.
    ///
    /// # Errors
    /// Parameters that do not fit the problem's shape or the horizon.
    pub fn new(
        problem: Arc<dyn Problem<A::Protocol>>,
        algorithm: A,
        horizon: u64,
        delay: Delay,
    ) -> Result<Self, ParameterError> {
        let setting = Setting { shape: problem.shape(), horizon, pending: delay.pending(horizon) };
        algorithm.learner(&setting)?;
        Ok(Self { problem, algorithm, setting, delay })
    }

    fn block(
        &self,
        plan: &Plan,
        form: Form,
        replications: Range<u64>,
        monitor: &dyn Monitor,
    ) -> Result<Record, CellFault> {
        let width = (replications.end - replications.start) as usize;
        let problem = self.problem.as_ref();
        let at_once = self.delay == Delay::None;
        if form == Form::Suited
            && at_once
            && let Some(mut runs) = self.algorithm.runs(&self.setting)
        {
            let player = Player::Runs(runs.as_mut());
            return Ok(play_block(problem, player, plan, replications, monitor)?);
        }
        let vectorised = matches!(form, Form::Suited | Form::Lanes(_)) && at_once;
        let lanes = vectorised.then(|| self.algorithm.lanes(&self.setting, width)).flatten();
        if let Some(mut lanes) = lanes {
            let player = Player::Lanes(lanes.as_mut());
            return Ok(play_block(problem, player, plan, replications, monitor)?);
        }
        // `new` has made this very learner, and making one depends on nothing else.
        let make = |_| self.algorithm.learner(&self.setting).ok();
        let learners: Vec<_> = replications.clone().filter_map(make).collect();
        let mut solos = self.solos(learners, plan.seed, replications.clone());
        if form == Form::Plain {
            solos = solos.asked_always();
        }
        Ok(play_block(problem, Player::Lanes(&mut solos), plan, replications, monitor)?)
    }

    fn solos(
        &self,
        learners: Vec<A::Learner>,
        seed: u64,
        replications: Range<u64>,
    ) -> Solos<A::Protocol, A::Learner> {
        Solos::with_delay(learners, &self.setting, self.delay, seed, replications)
    }

    /// One learner, reset after every replication.
    fn reset_in_between(&self, plan: &Plan, monitor: &dyn Monitor) -> Result<Record, CellFault> {
        let mut learner = self.algorithm.learner(&self.setting).ok();
        in_blocks(plan, 1, |block| {
            let mut solos =
                self.solos(learner.take().into_iter().collect(), plan.seed, block.clone());
            let player = Player::Lanes(&mut solos);
            let record = play_block(self.problem.as_ref(), player, plan, block, monitor)?;
            learner = solos.into_learners().pop();
            learner.iter_mut().for_each(Learner::reset);
            Ok(record)
        })
    }

    /// Lanes of a block in a form.
    fn width(&self, form: Form) -> u64 {
        match form {
            Form::Suited => match self.suited() {
                Suit::Runs => 1,
                Suit::Lanes => LANES_VECTORISED,
                Suit::Solo => LANES_SOLO,
            },
            Form::Lanes(lanes) => lanes.max(1) as u64,
            Form::Plain | Form::Reset => 1,
        }
    }
}

/// Lanes simulated abreast unless the caller says otherwise: enough to fill vectors and amortise
/// the calls where loops run over lanes, a cache line where they do not.
const LANES_VECTORISED: u64 = 64;
const LANES_SOLO: u64 = 8;

impl<A: Algorithm> Match for Game<A> {
    fn play_watched(
        &self,
        plan: &Plan,
        form: Form,
        monitor: &dyn Monitor,
    ) -> Result<Record, CellFault> {
        let guarded = |replications: Range<u64>,
                       play: &mut dyn FnMut() -> Result<Record, CellFault>| {
            catch_unwind(AssertUnwindSafe(play)).unwrap_or_else(|panic| {
                Err(CellFault::Panic { replications, message: message(&*panic) })
            })
        };
        if form == Form::Reset {
            let whole = plan.replications.clone();
            return guarded(whole, &mut || self.reset_in_between(plan, monitor));
        }
        in_blocks(plan, self.width(form), |block| {
            guarded(block.clone(), &mut || self.block(plan, form, block.clone(), monitor))
        })
    }

    fn notions(&self) -> Vec<Notion> {
        self.problem.notions()
    }

    fn components(&self, notion: Notion) -> u32 {
        self.problem.components(notion)
    }

    fn bounds(&self) -> Vec<Bound> {
        let horizon = self.setting.horizon;
        let mut bounds = self.problem.lower_bounds(horizon);
        if self.delay == Delay::None {
            bounds.extend(self.algorithm.bounds(&self.setting, &self.problem.instance(horizon)));
        }
        bounds
    }

    fn longest_horizon(&self) -> Option<u64> {
        self.problem.longest_horizon()
    }

    fn suited(&self) -> Suit {
        if self.delay != Delay::None {
            Suit::Solo
        } else if self.algorithm.runs(&self.setting).is_some() {
            Suit::Runs
        } else if self.algorithm.lanes(&self.setting, 1).is_some() {
            Suit::Lanes
        } else {
            Suit::Solo
        }
    }
}

/// Plays a learner that is not registered: `make` is called for every lane.
///
/// # Errors
/// The first action that cannot be played.
pub fn play<P: Protocol, L: Learner<P>>(
    problem: &dyn Problem<P>,
    make: impl Fn(&Setting<P>) -> L,
    plan: &Plan,
    delay: Delay,
) -> Result<Record, CellFault> {
    let setting = Setting {
        shape: problem.shape(),
        horizon: plan.horizon,
        pending: delay.pending(plan.horizon),
    };
    in_blocks(plan, LANES_SOLO, |block| {
        let learners = block.clone().map(|_| make(&setting)).collect();
        let mut solos = Solos::with_delay(learners, &setting, delay, plan.seed, block.clone());
        Ok(play_block(problem, Player::Lanes(&mut solos), plan, block, &Unwatched)?)
    })
}

/// Plays blocks of at most `width` lanes and puts their records side by side.
fn in_blocks(
    plan: &Plan,
    width: u64,
    mut block: impl FnMut(Range<u64>) -> Result<Record, CellFault>,
) -> Result<Record, CellFault> {
    let Range { start, end } = plan.replications;
    let mut pieces = Vec::new();
    for first in (start..end).step_by(width as usize) {
        pieces.push(block(first..end.min(first.saturating_add(width)))?);
    }
    Ok(Record::joined(&pieces).unwrap_or_else(|| Record {
        replications: plan.replications.clone(),
        checkpoints: plan.checkpoints.clone(),
        series: Vec::new(),
    }))
}

fn message(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}
