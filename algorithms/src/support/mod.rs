//! What algorithms are built from.

pub mod beta;
pub mod bounds;
pub mod cholesky;
pub mod divergence;
pub mod exponential;
pub mod glm;
pub mod gradient_width;
pub mod index;
pub mod inverse_gap;
pub mod kernels;
pub mod kernels32;
pub mod linear;
pub mod log_weights;
pub mod logistic;
pub mod network;
pub mod neural;
pub mod quadrature;
pub mod ridge;
pub mod window;
