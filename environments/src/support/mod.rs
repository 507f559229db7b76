//! What environments are built from.

pub mod adversary;
pub mod arms;
pub mod checks;
pub mod drift;
pub mod process;
pub mod reactive;
pub mod successes;
pub mod table;
pub mod tally;
