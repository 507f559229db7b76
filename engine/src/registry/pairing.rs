//! A learner and an environment that fit each other: what can be asked of them.

use std::ops::Range;
use std::time::Duration;

use crate::bound::Bound;
use crate::notion::Notion;
use crate::profile::Profile;
use crate::record::Record;
use crate::simulation::{Fault, Monitor, Plan, Unwatched};

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
    /// stay, unless decisions turn out to be dense and it has a form for lanes; else in lockstep,
    /// as many lanes abreast as pay.
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
    /// From decision to decision, one replication after the other; in lanes where decisions are
    /// dense, if it has that form.
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

    /// What the learner supposes and does not find here, if anything: see [`Algorithm::caution`].
    ///
    /// [`Algorithm::caution`]: super::Algorithm::caution
    fn caution(&self) -> Option<String>;

    /// The longest horizon that the environment can be played for.
    fn longest_horizon(&self) -> Option<u64>;

    /// Where the time goes when [`Form::Suited`] plays the plan's first block of replications: for
    /// at most about `budget`, from decision to decision if it can be.
    ///
    /// # Errors
    /// The first fault of the learner.
    fn profile(&self, plan: &Plan, budget: Duration) -> Result<Profile, CellFault>;

    /// How [`Form::Suited`] plays it.
    fn suited(&self) -> Suit;
}
