//! Reward processes: environments for bandits, and with all rewards shown, for experts.

mod bayesian;
mod bernoulli;
mod beta;
mod corrupted;
mod gaussian;
mod loss_sequence;
mod pareto;
mod piecewise;
mod piecewise_random;
mod poisson;
mod random_walk;
mod replay;
mod sinusoidal;
mod stochastically_constrained;
mod student_t;
mod truncated_exponential;
mod uniform_arms;
mod weighted_tallying;

pub use bayesian::{Bayesian, Prior, Rewards};
pub use bernoulli::Bernoulli;
pub use beta::BetaArms;
pub use corrupted::Corrupted;
pub use gaussian::{Deviation, Gaussian};
pub use loss_sequence::LossSequence;
pub use pareto::Pareto;
pub use piecewise::{Piecewise, Segment};
pub use piecewise_random::PiecewiseRandom;
pub use poisson::Poisson;
pub use random_walk::RandomWalk;
pub use replay::{Normalise, Order, Replay, Values};
pub use sinusoidal::Sinusoidal;
pub use stochastically_constrained::StochasticallyConstrained;
pub use student_t::StudentT;
pub use truncated_exponential::TruncatedExponential;
pub use uniform_arms::UniformArms;
pub use weighted_tallying::{Comparator, WeightedTallying};
