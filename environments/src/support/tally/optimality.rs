//! Repeated exposure optimality: whether some arm, repeated, is at least as good as anything.

use std::fmt;

use super::{Tallying, Weights};

/// Whether the arm x of least saturated loss has `h_x(W) ≤ h_a(y)` for every arm a and every tally
/// y that play can lead to.
#[derive(Clone, Debug, PartialEq)]
pub enum Exposure {
    /// It has.
    Optimal {
        /// The arm.
        arm: usize,
    },
    /// It has not: another play is better.
    Beaten {
        /// The arm of least saturated loss, and that loss.
        arm: usize,
        /// Its loss in a full window.
        saturated: f64,
        /// An arm that is better at some tally.
        by: usize,
        /// That tally.
        tally: f64,
        /// The loss there.
        loss: f64,
    },
    /// Between the tallies that play leads to the curve goes below, and there are too many of them
    /// to look at: 2^(m−1).
    Unknown {
        /// The arm of least saturated loss.
        arm: usize,
        /// The arm whose curve goes below.
        by: usize,
        /// Memory m.
        memory: usize,
    },
}

/// The longest memory whose 2^(m−1) weighted tallies are enumerated.
const LONGEST_ENUMERATED: usize = 20;

/// What losses may be off by: rounding in curves that meet.
const TOLERANCE: f64 = 1e-12;

impl Tallying {
    /// Checks repeated exposure optimality: by the curves' turning points, and where that leaves it
    /// open by enumerating the tallies.
    pub fn exposure(&self) -> Exposure {
        let saturated: Vec<f64> =
            (0..self.arms()).map(|arm| self.loss(arm, self.totals[arm])).collect();
        let least = saturated.iter().copied().fold(f64::INFINITY, f64::min);
        let arm = saturated.iter().position(|loss| *loss == least).unwrap_or_default();
        for by in 0..self.arms() {
            let lowest = self.curves[by].least(1.0 / self.totals[by]);
            if lowest >= least - TOLERANCE {
                continue;
            }
            let Some(tallies) = self.tallies(by) else {
                return Exposure::Unknown { arm, by, memory: self.memory };
            };
            let better = |tally: &f64| self.loss(by, *tally) < least - TOLERANCE;
            if let Some(tally) = tallies.into_iter().find(better) {
                let loss = self.loss(by, tally);
                return Exposure::Beaten { arm, saturated: least, by, tally, loss };
            }
        }
        Exposure::Optimal { arm }
    }

    /// Every tally at which an arm can be played, if they can be enumerated.
    fn tallies(&self, arm: usize) -> Option<Vec<f64>> {
        if self.weights == Weights::Unweighted {
            return Some((1..=self.memory).map(|count| count as f64).collect());
        }
        if self.memory > LONGEST_ENUMERATED {
            return None;
        }
        let mut tallies = vec![self.rows[arm][0]];
        for weight in &self.rows[arm][1..] {
            let with: Vec<f64> = tallies.iter().map(|tally| tally + weight).collect();
            tallies.extend(with);
        }
        Some(tallies)
    }
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Optimal { arm } => write!(f, "arm {arm} is optimal when it is repeated"),
            Self::Beaten { arm, saturated, by, tally, loss } => write!(
                f,
                "no arm is optimal when it is repeated: arm {arm}, the best, then loses {saturated}, \
                 but arm {by} loses {loss} at the tally {tally}"
            ),
            Self::Unknown { arm, by, memory } => write!(
                f,
                "whether arm {arm} is optimal when it is repeated can't be checked: the curve of arm \
                 {by} goes below it, and there are 2^{} tallies (at most 2^{} are looked at)",
                memory - 1,
                LONGEST_ENUMERATED - 1
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Curve;
    use super::super::tests::line;
    use super::*;

    fn exposure(memory: usize, weights: Weights, curves: &[Curve]) -> Exposure {
        Tallying::new(memory, &weights, curves).exposure()
    }

    #[test]
    fn optimality_by_hand() {
        let curves = [line(0.2, 0.6), Curve::Constant(0.5), line(0.9, 0.1)];
        assert_eq!(exposure(4, Weights::Unweighted, &curves), Exposure::Optimal { arm: 2 });
        // At the tally 1 of memory 40, arm 0 loses 0.2 · 39/40 + 0.6/40 = 0.21 > 0.2.
        let curves = [line(0.2, 0.6), line(0.9, 0.205)];
        assert_eq!(exposure(40, Weights::Unweighted, &curves), Exposure::Optimal { arm: 1 });
        let beaten = exposure(4, Weights::Unweighted, &[line(0.0, 0.8), Curve::Constant(0.3)]);
        let Exposure::Beaten { arm: 1, by: 0, tally, loss, .. } = beaten else {
            panic!("{beaten:?}")
        };
        assert!(tally == 1.0 && (loss - 0.2).abs() < 1e-12);
    }

    #[test]
    fn only_tallies_that_occur_count() {
        // With weights 1 and 0.5 the tallies are 1 and 1.5, exposures 2/3 and 1: a dip between 0.75
        // and 0.85 is never met, and one at 2/3 is.
        let mut never = vec![1.0; 20];
        never[15] = 0.0;
        let list = Weights::List(vec![1.0, 0.5]);
        let curves = |losses: &[f64]| [Curve::Constant(0.3), Curve::Table(losses.to_vec())];
        assert_eq!(exposure(2, list.clone(), &curves(&never)), Exposure::Optimal { arm: 0 });
        let met = exposure(2, list, &curves(&[1.0, 0.0, 1.0]));
        assert!(matches!(met, Exposure::Beaten { by: 1, tally: 1.0, .. }), "{met:?}");
        let long = exposure(21, Weights::Geometric(0.9), &curves(&never));
        assert_eq!(long, Exposure::Unknown { arm: 0, by: 1, memory: 21 });
        assert!(long.to_string().contains("2^20 tallies"));
        // What is monotone needs no enumeration.
        let curves = [Curve::Constant(0.3), line(0.9, 0.1)];
        assert_eq!(exposure(500, Weights::Geometric(0.99), &curves), Exposure::Optimal { arm: 1 });
    }
}
