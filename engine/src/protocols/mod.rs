//! The protocols, one file each.

pub mod assortment;
pub mod bandit;
pub mod experts;
pub mod offline_assortment;

pub use assortment::Assortment;
pub use bandit::Bandit;
pub use experts::Experts;
pub use offline_assortment::OfflineAssortment;
