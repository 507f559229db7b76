//! Inverse gap weighting: a distribution over arms from predicted losses.

use regret_engine::math;
use regret_engine::protocols::bandit::argmax;
use regret_engine::protocols::contextual::Size;
use regret_engine::registry::ParameterError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How strongly arms that look worse are avoided, γ.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "expected a number, {growing: c}, {scheduled: c} or {confidence: delta}"
)]
pub enum Gamma {
    /// The same in every round.
    Fixed(f64),
    /// c √(K t) in round t.
    Growing {
        /// The factor c.
        growing: f64,
    },
    /// c √(K T), for a horizon of T rounds.
    Scheduled {
        /// The factor c.
        scheduled: f64,
    },
    /// √(K T / (d ln(1 + T/d) + ln(2/δ))), for a linear predictor in d dimensions.
    Theory {
        /// The probability δ with which the theorem may fail.
        confidence: f64,
    },
}

impl Gamma {
    /// Its value in round `t` of `horizon`.
    pub fn at(self, t: u64, size: Size, horizon: u64) -> f64 {
        let (arms, rounds) = (size.arms as f64, horizon as f64);
        match self {
            Self::Fixed(gamma) => gamma,
            Self::Growing { growing } => growing * (arms * t as f64).sqrt(),
            Self::Scheduled { scheduled } => scheduled * (arms * rounds).sqrt(),
            Self::Theory { confidence } => {
                let d = size.dimension() as f64;
                let regret = d * math::ln_1p(rounds / d);
                (arms * rounds / (regret + math::ln(2.0 / confidence))).sqrt()
            }
        }
    }

    /// Must be positive; a probability below 1.
    ///
    /// # Errors
    /// The value and the rule.
    pub fn check(self) -> Result<(), ParameterError> {
        let (value, most, rule) = match self {
            Self::Theory { confidence } => (confidence, 1.0, "must be above 0 and at most 1"),
            Self::Fixed(value)
            | Self::Growing { growing: value }
            | Self::Scheduled { scheduled: value } => {
                (value, f64::MAX, "must be a positive number")
            }
        };
        ParameterError::unless(value > 0.0 && value <= most, "gamma", value, rule)
    }
}

/// p_a = 1 / (K + γ (ŷ_a − min ŷ)) for all but the least loss, which gets the rest: SquareCB.
pub fn square_cb(losses: &[f64], gamma: f64, probabilities: &mut [f64]) {
    let count = losses.len() as f64;
    rest_to_the_best(losses, probabilities, |gap| 1.0 / (count + gamma * gap));
}

/// p_a = 1 / (λ + γ (ŷ_a − min ŷ)) with the λ in [1, K] for which these sum to one.
pub fn exact(losses: &[f64], gamma: f64, probabilities: &mut [f64]) {
    let best = least(losses);
    let (mut low, mut high) = (1.0, losses.len() as f64);
    // The sum decreases in λ, from at least 1 at λ = 1 to at most 1 at K.
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        let sum: f64 = losses.iter().map(|loss| 1.0 / (middle + gamma * (loss - best))).sum();
        if sum > 1.0 { low = middle } else { high = middle }
    }
    let mut sum = 0.0;
    for (p, loss) in probabilities.iter_mut().zip(losses) {
        *p = 1.0 / (high + gamma * (loss - best));
        sum += *p;
    }
    probabilities.iter_mut().for_each(|p| *p /= sum);
}

/// p_a = ŷ_b / (K ŷ_b + γ (ŷ_a − ŷ_b)) for all but the least loss ŷ_b, which gets the rest: FastCB.
/// Losses are clipped to [10⁻⁶, 1].
pub fn fast_cb(losses: &mut [f64], gamma: f64, probabilities: &mut [f64]) {
    losses.iter_mut().for_each(|loss| *loss = loss.clamp(1e-6, 1.0));
    let count = losses.len() as f64;
    let best = least(losses);
    rest_to_the_best(losses, probabilities, |gap| best / (count * best + gamma * gap));
}

fn least(losses: &[f64]) -> f64 {
    losses.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Weights for all but the arm of least loss (the lowest in a tie), which gets what remains.
fn rest_to_the_best(losses: &[f64], probabilities: &mut [f64], weight: impl Fn(f64) -> f64) {
    let best = argmax(losses.iter().map(|loss| -loss));
    let Some(&lowest) = losses.get(best) else {
        // No loss is a number: no arm is chosen, and the engine says so.
        probabilities.fill(f64::NAN);
        return;
    };
    let mut sum = 0.0;
    for (arm, (p, loss)) in probabilities.iter_mut().zip(losses).enumerate() {
        *p = if arm == best { 0.0 } else { weight(loss - lowest) };
        sum += *p;
    }
    probabilities[best] = (1.0 - sum).max(0.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: &[f64], expected: &[f64]) {
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?}");
        assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn three_arms_by_hand() {
        let (mut losses, mut p) = ([0.2, 0.5, 0.9], [0.0; 3]);
        square_cb(&losses, 10.0, &mut p);
        near(&p, &[0.733_333, 0.166_667, 0.1]);
        exact(&losses, 10.0, &mut p);
        near(&p, &[0.660_949, 0.221_583, 0.117_468]);
        fast_cb(&mut losses, 30.0, &mut p);
        near(&p, &[0.969_907, 0.020_833, 0.009_259]);
        square_cb(&[0.3, 0.3], 1e6, &mut p[..2]);
        near(&p[..2], &[0.5, 0.5]);
    }

    /// For every prediction, the worst case over true losses and comparators of the regret minus
    /// (γ/4) E (ŷ − f)² is (K − 1)/γ for exact weights, and below twice that for SquareCB's.
    #[test]
    fn exact_weights_equalise() {
        let (losses, gamma) = ([0.35, 0.1, 0.8, 0.15], 7.0);
        let worst = |p: &[f64]| {
            // f_a = ŷ_a + 2/γ for a ≠ a*, and at a*: maximise (p − 1) f − (γ/4) p (ŷ − f)².
            let value = |star: usize| -> f64 {
                let terms = losses.iter().zip(p).enumerate().map(|(arm, (&y, &p))| {
                    let slope = if arm == star { p - 1.0 } else { p };
                    let f = y + 2.0 * slope / (gamma * p);
                    slope * f - 0.25 * gamma * p * (y - f) * (y - f)
                });
                terms.sum()
            };
            (0..losses.len()).map(value).fold(f64::NEG_INFINITY, f64::max)
        };
        let mut p = [0.0; 4];
        exact(&losses, gamma, &mut p);
        assert!((worst(&p) - 3.0 / gamma).abs() < 1e-9, "{}", worst(&p));
        square_cb(&losses, gamma, &mut p);
        assert!(worst(&p) < 6.0 / gamma && worst(&p) > 3.0 / gamma);
    }

    #[test]
    fn gammas() {
        use regret_engine::protocols::contextual::Layout;
        let size = Size { arms: 2, features: 3, layout: Layout::Shared };
        assert_eq!(Gamma::Growing { growing: 5.0 }.at(8, size, 100), 20.0);
        assert_eq!(Gamma::Scheduled { scheduled: 2.0 }.at(8, size, 50), 20.0);
        // d = 6: √(200 / (6 ln(1 + 100/6) + ln 20)).
        let theory = Gamma::Theory { confidence: 0.1 }.at(8, size, 100);
        assert!((theory - 3.144_576).abs() < 1e-6, "{theory}");
        assert!(Gamma::Fixed(0.0).check().is_err());
        let mut p = [0.0; 2];
        square_cb(&[f64::NAN, f64::NAN], 1.0, &mut p);
        assert!(p.iter().all(|p| p.is_nan()));
    }
}
