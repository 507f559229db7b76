//! The protocols, one file each.

pub mod bandit;
pub mod contextual;
pub mod episodic;
pub mod experts;
pub mod exploration;

pub use bandit::Bandit;
pub use contextual::Contextual;
pub use episodic::{Episodic, EpisodicAggregate, EpisodicBandit, EpisodicFull};
pub use experts::Experts;
pub use exploration::PureExploration;
