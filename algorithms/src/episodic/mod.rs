//! Algorithms for the episodic protocols.

mod best_policy;
mod dilated_bonus;
mod exp2_policies;
mod linear_dilated_bonus;
mod log_barrier_policy;
mod magnitude_reduced_policy;
mod o_reps;
mod o_reps_bandit;
mod optimistic_q_learning;
mod policy_hedge;
mod policy_optimisation;
mod psrl;
mod ucbvi;
mod uniform_actions;
mod uob_reps;

pub use best_policy::BestPolicy;
pub use dilated_bonus::DilatedBonus;
pub use exp2_policies::Exp2Policies;
pub use linear_dilated_bonus::LinearDilatedBonus;
pub use log_barrier_policy::LogBarrierPolicy;
pub use magnitude_reduced_policy::MagnitudeReducedPolicy;
pub use o_reps::OReps;
pub use o_reps_bandit::ORepsBandit;
pub use optimistic_q_learning::OptimisticQLearning;
pub use policy_hedge::PolicyHedge;
pub use policy_optimisation::PolicyOptimisation;
pub use psrl::{Psrl, RewardPrior};
pub use ucbvi::{Bonus, Ucbvi};
pub use uniform_actions::UniformActions;
pub use uob_reps::UobReps;
