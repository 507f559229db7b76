//! Strategies of portfolio selection, and ensembles of them.

mod anticor;
mod anticor_mixture;
mod buy_and_hold;
mod constant_rebalanced;
mod cwmr;
mod ensemble;
mod exponentiated_gradient;
mod fixed_fraction;
mod follow_best_asset;
mod follow_best_constant;
mod follow_leading_history;
mod kelly;
mod log_barrier_ftrl;
mod momentum;
mod olmar;
mod online_newton_step;
mod pamr;
mod per_state;
mod rmr;
mod soft_bayes;
mod strategy;
mod universal;

pub use anticor::Anticor;
pub use anticor_mixture::AnticorMixture;
pub use buy_and_hold::BuyAndHold;
pub use constant_rebalanced::ConstantRebalanced;
pub use cwmr::{Confidence, Cwmr};
pub use ensemble::Ensemble;
pub use exponentiated_gradient::ExponentiatedGradient;
pub use fixed_fraction::FixedFraction;
pub use follow_best_asset::FollowBestAsset;
pub use follow_best_constant::FollowBestConstant;
pub use follow_leading_history::FollowLeadingHistory;
pub use kelly::Kelly;
pub use log_barrier_ftrl::LogBarrierFtrl;
pub use momentum::Momentum;
pub use olmar::{Average, Olmar};
pub use online_newton_step::OnlineNewtonStep;
pub use pamr::{Pamr, Slack};
pub use per_state::PerState;
pub use rmr::Rmr;
pub use soft_bayes::{SoftBayes, SoftBayesRate};
pub use strategy::{Strategy, registry};
pub use universal::{Integral, PortfolioPrior, Universal};

#[cfg(test)]
pub(crate) mod tests;
