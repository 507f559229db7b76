//! What algorithms are built from.

pub mod beta;
pub mod bounds;
pub mod choices;
pub mod divergence;
pub mod epochs;
pub mod exponential;
pub mod index;
pub mod log_likelihood;
pub mod log_weights;
pub mod quadrature;
pub mod quantile;
pub mod spd;
pub mod window;
pub mod worst_case;
