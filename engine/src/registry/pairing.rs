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
use crate::learner::{LaneLearner, Learner, Setting};
use crate::notion::Notion;
use crate::protocol::Protocol;
use crate::record::Record;
use crate::simulation::{Fault, Monitor, Plan, Unwatched, play_block};
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

/// A pairing of any protocol.
pub trait Match: Send + Sync {
    /// Simulates the plan's replications, `lanes` abreast (0: as many as suit the learner). The
    /// result does not depend on `lanes`.
    ///
    /// # Errors
    /// The first fault of the learner.
    fn play(&self, plan: &Plan, lanes: usize) -> Result<Record, CellFault> {
        self.play_watched(plan, lanes, &Unwatched)
    }

    /// [`Match::play`] under the eyes of a monitor.
    ///
    /// # Errors
    /// The first fault of the learner, or that `monitor` said stop.
    fn play_watched(
        &self,
        plan: &Plan,
        lanes: usize,
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

    /// Whether the learner has a form for many lanes and will be played in it.
    fn vectorised(&self) -> bool;
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
        lanes: Range<u64>,
        monitor: &dyn Monitor,
    ) -> Result<Record, CellFault> {
        let width = (lanes.end - lanes.start) as usize;
        let vectorised = (self.delay == Delay::None)
            .then(|| self.algorithm.lanes(&self.setting, width))
            .flatten();
        let mut learner: Box<dyn LaneLearner<A::Protocol>> = match vectorised {
            Some(learner) => learner,
            None => Box::new(self.solos(plan.seed, lanes.clone())),
        };
        Ok(play_block(self.problem.as_ref(), learner.as_mut(), plan, lanes, monitor)?)
    }

    fn solos(&self, seed: u64, lanes: Range<u64>) -> Solos<A::Protocol, A::Learner> {
        // `new` has made this very learner, and making one depends on nothing else.
        let make = |_| self.algorithm.learner(&self.setting).ok();
        let learners = lanes.clone().filter_map(make).collect();
        Solos::with_delay(learners, &self.setting, self.delay, seed, lanes)
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
        lanes: usize,
        monitor: &dyn Monitor,
    ) -> Result<Record, CellFault> {
        let width = match lanes as u64 {
            0 if self.vectorised() => LANES_VECTORISED,
            0 => LANES_SOLO,
            lanes => lanes,
        };
        in_blocks(plan, width, |block| {
            catch_unwind(AssertUnwindSafe(|| self.block(plan, block.clone(), monitor)))
                .unwrap_or_else(|panic| {
                    Err(CellFault::Panic { replications: block, message: message(&*panic) })
                })
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

    fn vectorised(&self) -> bool {
        self.delay == Delay::None && self.algorithm.lanes(&self.setting, 1).is_some()
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
        Ok(play_block(problem, &mut solos, plan, block, &Unwatched)?)
    })
}

/// Plays blocks of at most `width` lanes and puts their records side by side.
fn in_blocks(
    plan: &Plan,
    width: u64,
    mut block: impl FnMut(Range<u64>) -> Result<Record, CellFault>,
) -> Result<Record, CellFault> {
    let mut joined: Option<Record> = None;
    let mut first = plan.replications.start;
    loop {
        let end = plan.replications.end.min(first + width);
        let record = block(first..end)?;
        joined = Some(match joined {
            None => record,
            Some(joined) => joined.beside(&record),
        });
        first = end;
        if first >= plan.replications.end {
            break;
        }
    }
    // The loop runs at least once.
    Ok(joined.unwrap_or_else(|| Record {
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
