//! What algorithms are built from.

pub mod beta;
pub mod bounds;
pub mod brackets;
pub mod divergence;
pub mod doubling;
pub mod exponential;
pub mod halving;
pub mod index;
pub mod leader;
pub mod log_weights;
pub mod quadrature;
pub mod subset;
pub mod window;
