//! The protocols, one file each.

pub mod assortment;
pub mod bandit;
pub mod contextual;
pub mod episodic;
pub mod experts;
pub mod exploration;
pub mod observations;
pub mod offline_assortment;
pub mod portfolio;

pub use assortment::Assortment;
pub use bandit::Bandit;
pub use contextual::Contextual;
pub use episodic::{Episodic, EpisodicAggregate, EpisodicBandit, EpisodicFull};
pub use experts::Experts;
pub use exploration::PureExploration;
pub use observations::Observations;
pub use offline_assortment::OfflineAssortment;
pub use portfolio::Portfolio;
