//! What algorithms are built from.

pub mod batches;
pub mod beta;
pub mod bounds;
pub mod divergence;
pub mod exponential;
pub mod index;
pub mod log_weights;
pub mod quadrature;
pub mod window;
