//! How the number of replications came about, and what may be concluded from them.

use serde::{Deserialize, Serialize};

use super::sequence;
use super::student::{upper_quantile, upper_tail};

/// How the number of replications was chosen: it decides which intervals and p-values are valid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampling {
    /// In advance: Student's t.
    #[default]
    Fixed,
    /// By looking at the results: confidence sequences, [`sequence::factor`].
    Sequential,
}

/// More replications than this decide nothing in anybody's lifetime.
const MOST: u64 = 1_000_000_000_000;

impl Sampling {
    /// How many standard errors the 1 − `alpha` interval of the mean of `count` values extends to
    /// each side; `None` if it is the whole line.
    pub fn factor(self, count: usize, alpha: f64) -> Option<f64> {
        match self {
            Self::Fixed if count < 2 => None,
            Self::Fixed => Some(upper_quantile(0.5 * alpha, (count - 1) as f64)),
            Self::Sequential => sequence::factor(count, alpha),
        }
    }

    /// P-value of "the mean is 0", two-sided, for the t statistic of `count` ≥ 2 values.
    pub fn two_sided(self, t: f64, count: usize) -> f64 {
        match self {
            Self::Fixed => 2.0 * upper_tail(t.abs(), (count - 1) as f64),
            Self::Sequential => sequence::p_value(t, count),
        }
    }

    /// P-value of "the mean is at most 0". For a sequence, the two-sided one where the mean is
    /// above 0.
    pub fn above(self, t: f64, count: usize) -> f64 {
        match self {
            Self::Fixed => upper_tail(t, (count - 1) as f64),
            Self::Sequential if t > 0.0 => sequence::p_value(t, count),
            Self::Sequential => 1.0,
        }
    }

    /// About how many replications make the interval's half width fall below `distance`, given in
    /// standard deviations; `None` if no number does that anybody could wait for.
    pub fn needed(self, distance: f64, alpha: f64) -> Option<u64> {
        let enough = |count: u64| {
            let factor = self.factor(usize::try_from(count).unwrap_or(usize::MAX), alpha);
            factor.is_some_and(|factor| factor <= distance * (count as f64).sqrt())
        };
        if !(distance > 0.0 && enough(MOST)) {
            return None;
        }
        let (mut low, mut high) = (1, MOST);
        while high - low > 1 {
            let middle = low.midpoint(high);
            if enough(middle) { high = middle } else { low = middle }
        }
        Some(high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_and_p_values_belong_together() {
        for sampling in [Sampling::Fixed, Sampling::Sequential] {
            for count in [64, 1000] {
                let factor = sampling.factor(count, 0.05).expect("an interval");
                assert!((sampling.two_sided(factor, count) - 0.05).abs() < 1e-9);
                assert!((sampling.two_sided(-factor, count) - 0.05).abs() < 1e-9);
                assert!(sampling.above(factor, count) < 0.050_001);
                assert!(sampling.above(-factor, count) > 0.97);
            }
        }
        // Looking costs: the sequence is wider at every size.
        let fixed = Sampling::Fixed.factor(256, 0.05).expect("an interval");
        assert!(Sampling::Sequential.factor(256, 0.05).expect("an interval") > 1.4 * fixed);
    }

    #[test]
    fn the_needed_number_is_the_least_that_suffices() {
        for sampling in [Sampling::Fixed, Sampling::Sequential] {
            for distance in [2.0, 0.3, 0.01] {
                let needed = sampling.needed(distance, 0.05).expect("a number");
                let half = |count: u64| {
                    let factor = sampling.factor(count as usize, 0.05);
                    factor.map_or(f64::INFINITY, |factor| factor / (count as f64).sqrt())
                };
                assert!(half(needed) <= distance && half(needed - 1) > distance, "{needed}");
            }
        }
        // (z/0.01)² = 38 414.6 with z² = 3.841 459, times 1 + (z² + 1)/(2ν) for Student's law.
        assert_eq!(Sampling::Fixed.needed(0.01, 0.05), Some(38_418));
        assert_eq!(Sampling::Fixed.needed(0.0, 0.05), None);
        assert_eq!(Sampling::Fixed.needed(1e-9, 0.05), None);
        assert_eq!(Sampling::Fixed.needed(f64::NAN, 0.05), None);
    }
}
