//! The referee's books, for environments to keep: regrets against exact comparators.

mod assortment;
mod bandit;
mod contextual;
mod episodic;
mod experts;
mod exploration;
mod means;
mod observations;
mod policy;
mod portfolio;

pub use assortment::{AssortmentLedger, Offered};
pub use bandit::BanditLedger;
pub use contextual::ContextualLedger;
pub use episodic::EpisodicLedger;
pub use experts::ExpertsLedger;
pub use exploration::{ExplorationLedger, LEVELS};
pub use means::Means;
pub use observations::{LossSums, ObservationsLedger};
pub use policy::{Comparators, PolicyLedger};
pub use portfolio::{Convention, Costs, PortfolioLedger};
