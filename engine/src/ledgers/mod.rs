//! The referee's books, for environments to keep: regrets against exact comparators.

mod assortment;
mod bandit;
mod experts;
mod means;

pub use assortment::{AssortmentLedger, Offered};
pub use bandit::BanditLedger;
pub use experts::ExpertsLedger;
pub use means::Means;
