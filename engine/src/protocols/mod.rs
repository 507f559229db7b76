//! The protocols, one file each.

pub mod bandit;
pub mod experts;
pub mod observations;

pub use bandit::Bandit;
pub use experts::Experts;
pub use observations::Observations;
