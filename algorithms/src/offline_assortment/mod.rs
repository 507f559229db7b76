//! Learners of the offline assortment protocol.

mod item_lcb;
mod observed_best;
mod offline_mle;
mod pasta;
mod rank_breaking;

pub use item_lcb::ItemLcb;
pub use observed_best::ObservedBest;
pub use offline_mle::OfflineMle;
pub use pasta::Pasta;
pub use rank_breaking::RankBreaking;
