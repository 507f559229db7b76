//! What algorithms are built from.

pub mod batches;
pub mod beta;
pub mod bounds;
pub mod brackets;
pub mod cholesky;
pub mod divergence;
pub mod doubling;
pub mod exponential;
pub mod glm;
pub mod gradient_width;
pub mod halving;
pub mod index;
pub mod inverse_gap;
pub mod kernels;
pub mod kernels32;
pub mod leader;
pub mod linear;
pub mod log_weights;
pub mod logistic;
pub mod network;
pub mod neural;
pub mod quadrature;
pub mod ridge;
pub mod subset;
pub mod window;
