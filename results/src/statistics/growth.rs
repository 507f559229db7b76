//! How regret grows: the exponent of t (log–log) and the slope in ln t.

mod bend;
mod exponent;
mod slope;
mod window;

pub use bend::bend;
pub use exponent::{RESAMPLES, exponent};
pub use slope::log_slope;
pub use window::{MOST_POINTS, Tail, Window};

/// A fitted growth rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    /// The rate: an exponent, or units of regret for each unit of ln t; for a bend its place.
    pub rate: f64,
    /// Its interval; `None` if it is the whole line.
    pub interval: Option<(f64, f64)>,
    /// Standard error of the rate (for an exponent, to first order); `None` for one replication.
    pub standard_error: Option<f64>,
    /// Number of replications.
    pub count: usize,
}

/// Why no growth rate can be fitted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GrowthError {
    /// A line needs two points, a bend five.
    #[error("{points} points lie in the window from {from} to {to}; a fit needs {needed}")]
    TooFew {
        /// How many there are.
        points: usize,
        /// How many it needs.
        needed: usize,
        /// Begin of the window.
        from: f64,
        /// End of the window.
        to: f64,
    },
    /// A mean without logarithm.
    #[error("the mean is {mean} at {at}; an exponent needs means above 0")]
    NotPositive {
        /// Where: a round, or a value of the parameter.
        at: f64,
        /// The mean there.
        mean: f64,
    },
    /// There are no replications, or a value is not finite.
    #[error(transparent)]
    Statistics(#[from] super::StatisticsError),
}
