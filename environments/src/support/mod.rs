//! What environments are built from.

pub mod adversary;
pub mod arms;
pub mod checks;
pub mod choice_log;
pub mod contextual;
pub mod dataset;
pub mod drift;
pub mod episodic;
pub mod features;
pub mod least_squares;
pub mod market;
pub mod parameters;
pub mod permutation;
pub mod prices;
pub mod process;
pub mod reactive;
pub mod response;
pub mod scored;
pub mod shocks;
pub mod successes;
pub mod table;
pub mod tally;
