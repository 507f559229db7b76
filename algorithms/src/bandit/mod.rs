//! Algorithms for the bandit protocol.

mod discounted_ucb;
mod epsilon_greedy;
mod explore_then_commit;
mod fixed_arm;
mod greedy;
mod imed;
mod kl_ucb;
mod kl_ucb_plus_plus;
mod kl_ucb_switch;
mod moss;
mod sliding_window_ucb;
mod successive_elimination;
mod ucb1;
mod ucb2;
mod ucb_tuned;
mod ucb_v;
mod uniform;

pub use discounted_ucb::DiscountedUcb;
pub use epsilon_greedy::EpsilonGreedy;
pub use explore_then_commit::ExploreThenCommit;
pub use fixed_arm::FixedArm;
pub use greedy::Greedy;
pub use imed::Imed;
pub use kl_ucb::KlUcb;
pub use kl_ucb_plus_plus::KlUcbPlusPlus;
pub use kl_ucb_switch::KlUcbSwitch;
pub use moss::Moss;
pub use sliding_window_ucb::SlidingWindowUcb;
pub use successive_elimination::SuccessiveElimination;
pub use ucb_tuned::UcbTuned;
pub use ucb_v::UcbV;
pub use ucb1::Ucb1;
pub use ucb2::Ucb2;
pub use uniform::Uniform;
