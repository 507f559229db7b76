//! The protocols, one file each.

pub mod bandit;
pub mod contextual;
pub mod experts;
pub mod exploration;
pub mod observations;

pub use bandit::Bandit;
pub use contextual::Contextual;
pub use experts::Experts;
pub use exploration::PureExploration;
pub use observations::Observations;
