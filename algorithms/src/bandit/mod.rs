//! Multi-armed bandits.

mod ucb1;

pub use ucb1::Ucb1;
