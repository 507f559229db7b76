//! What algorithms are built from.

pub mod bounds;
pub mod divergence;
pub mod index;
