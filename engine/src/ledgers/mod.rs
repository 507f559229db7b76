//! The referee's books, for environments to keep: regrets against exact comparators.

mod bandit;
mod experts;
mod means;
mod observations;
mod policy;

pub use bandit::BanditLedger;
pub use experts::ExpertsLedger;
pub use means::Means;
pub use observations::{LossSums, ObservationsLedger};
pub use policy::{Comparators, PolicyLedger};
