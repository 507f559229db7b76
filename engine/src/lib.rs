//! The engine of Regretlab.
pub mod notion;
pub mod record;
