//! Environments for the episodic protocols.

mod combination_lock;
mod deep_sea;
mod grid_world;
mod lay;
mod lin;
mod random_mdp;
mod river_swim;
mod tabular;

pub use combination_lock::CombinationLock;
pub use deep_sea::DeepSea;
pub use grid_world::GridWorld;
pub use lay::Lay;
pub use lin::Lin;
pub use random_mdp::RandomMdp;
pub use river_swim::RiverSwim;
pub use tabular::Tabular;

pub use crate::support::episodic::Losses;
