//! Reward processes: bandits, and experts with full information.

mod bernoulli;

pub use bernoulli::Bernoulli;
