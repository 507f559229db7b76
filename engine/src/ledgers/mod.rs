//! The referee's books, for environments to keep: regrets against exact comparators.

mod bandit;
mod contextual;
mod episodic;
mod experts;
mod exploration;
mod means;

pub use bandit::BanditLedger;
pub use contextual::ContextualLedger;
pub use episodic::EpisodicLedger;
pub use experts::ExpertsLedger;
pub use exploration::{ExplorationLedger, LEVELS};
pub use means::Means;
