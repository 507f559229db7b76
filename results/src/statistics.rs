//! Statistics over replications, one idea a file.
//!
//! * [`Summary`] of one sample, [`Curve`] of them along the checkpoints;
//! * [`Band`]s around a curve: pointwise, [`simultaneous`](BandKind::Simultaneous), or
//!   [confidence sequences](sequence), which allow one to stop by looking;
//! * [`Paired`] differences by replication, [`Unpaired`] ones, and a [`Family`] of them with [`holm`]'s
//!   correction;
//! * [`growth`]: exponents and slopes in ln t.
//!
//! Whatever gives an interval takes a [`Sampling`]: whether the number of replications was fixed in
//! advance. Elementary functions are those of [`regret_engine::math`] and random numbers are fixed
//! ones, so that a number's bits depend on the data alone.

mod bands;
mod curve;
mod draws;
mod error;
mod family;
pub mod growth;
mod holm;
mod paired;
mod sample;
mod sampling;
pub mod sequence;
mod student;
mod summary;
mod unpaired;

pub use bands::{Band, BandKind, DRAWS, critical_value, whole_curve_factor};
pub use curve::Curve;
pub use error::StatisticsError;
pub use family::{Comparison, Family};
pub use holm::holm;
pub use paired::Paired;
pub use sample::quantile;
pub use sampling::Sampling;
pub use student::{student_factor, upper_quantile, upper_tail};
pub use summary::Summary;
pub use unpaired::Unpaired;

/// Coverage of intervals and bands unless something else is asked for.
pub const COVERAGE: f64 = 0.95;
