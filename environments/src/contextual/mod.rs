//! Contextual bandits: features and rewards for every arm.

mod classification;
mod generalised_linear;
mod linear;
mod misspecified_linear;
mod nonlinear;
mod xor;

pub use classification::{Classification, Missing, Scaling};
pub use generalised_linear::{GeneralisedLinear, Link};
pub use linear::LinearContextual;
pub use misspecified_linear::MisspecifiedLinear;
pub use nonlinear::{Family, NonlinearContextual};
pub use xor::Xor;
