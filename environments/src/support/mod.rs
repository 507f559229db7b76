//! What environments are built from.

pub mod adversary;
pub mod arms;
pub mod checks;
pub mod choice_log;
pub mod drift;
pub mod market;
pub mod process;
pub mod table;
