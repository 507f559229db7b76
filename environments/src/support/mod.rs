//! What environments are built from.

pub mod adversary;
pub mod arms;
pub mod checks;
pub mod contextual;
pub mod dataset;
pub mod drift;
pub mod features;
pub mod least_squares;
pub mod parameters;
pub mod permutation;
pub mod process;
pub mod reactive;
pub mod response;
pub mod scored;
pub mod successes;
pub mod table;
pub mod tally;
