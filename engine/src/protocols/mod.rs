//! The protocols, one file each.

pub mod bandit;
pub mod experts;

pub use bandit::Bandit;
pub use experts::Experts;
