//! What environments are built from.

pub mod arms;
pub mod process;
