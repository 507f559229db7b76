//! Algorithms for the protocol of observation budgets.

mod batched_omd;
mod unobserving;

pub use batched_omd::{BatchedOmd, Estimator, Regulariser, Sampler};
pub use unobserving::Unobserving;
