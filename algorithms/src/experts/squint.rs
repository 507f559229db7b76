//! Squint: weights from regret and its variance, averaged over all learning rates.
//!
//! Source: Koolen, van Erven, "Second-order quantile methods for experts and combinatorial games",
//! COLT 2015, Section 4.
//! Setting: K experts, losses in [0, 1]. No tuning, no horizon.
//! Guarantee, tested, for the improper prior: regret to expert k ≤
//! √(2 V) (1 + √(2 C)) + 5 C + 4 with C = ln K + ln(½ + ln(t + 1)) and V = Σ r² ≤ t (Theorem 3).
//! Deviation: the integrals over the rates are computed by quadrature on the interval where the
//! integrand is above e^{−40} of its maximum, in logarithms, so that nothing overflows; the closed
//! forms with error functions cancel badly.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::Experts;
use regret_engine::protocols::bandit::Arms;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::bounds::full_information;
use crate::support::log_weights::normalise;
use crate::support::quadrature::GaussLegendre;

/// Parameters of Squint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Squint {
    /// The prior on the learning rates η in [0, ½].
    pub prior: Prior,
}

/// A prior on learning rates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Prior {
    /// Uniform.
    #[default]
    Uniform,
    /// With density 1/η, which has no finite integral.
    Improper,
}

impl Algorithm for Squint {
    type Protocol = Experts;
    type Learner = SquintLearner;

    const NAME: &'static str = "squint";
    const SUMMARY: &'static str = "weights from regrets and their squares, over all learning rates";
    const SOURCE: &'static str = "Koolen, van Erven, Second-order quantile methods for experts \
                                  and combinatorial games, 2015, Section 4";

    fn learner(&self, setting: &Setting<Experts>) -> Result<Self::Learner, ParameterError> {
        let zeros = vec![0.0; setting.experts()];
        Ok(SquintLearner {
            prior: self.prior,
            rule: GaussLegendre::new(),
            regrets: zeros.clone(),
            variances: zeros.clone(),
            weights: zeros,
        })
    }

    fn bounds(&self, setting: &Setting<Experts>, arms: &Arms) -> Vec<Bound> {
        if self.prior != Prior::Improper {
            return Vec::new();
        }
        let ln_experts = math::ln(setting.experts() as f64);
        full_information(
            arms,
            "√(2 t) (1 + √(2 C)) + 5 C + 4, C = ln K + ln(½ + ln(t + 1))",
            "Koolen, van Erven 2015, Theorem 3",
            "losses in [0, 1], improper prior",
            move |t| {
                let c = ln_experts + math::ln(0.5 + math::ln_1p(t));
                (2.0 * t).sqrt() * (1.0 + (2.0 * c).sqrt()) + 5.0 * c + 4.0
            },
        )
    }
}

/// Squint of one replication.
pub struct SquintLearner {
    prior: Prior,
    rule: GaussLegendre,
    /// R: cumulative regrets to every expert.
    regrets: Vec<f64>,
    /// V: sums of their squares.
    variances: Vec<f64>,
    weights: Vec<f64>,
}

/// ln ∫ η^{power} e^{ηR − η²V} dη over [0, ½].
fn log_evidence(rule: &GaussLegendre, regret: f64, variance: f64, power: i32) -> f64 {
    const HIGHEST: f64 = 0.5;
    const NEGLIGIBLE: f64 = 40.0;
    let exponent = |eta: f64| eta * regret - eta * eta * variance;
    let mode = if variance > 0.0 { 0.5 * regret / variance } else { f64::INFINITY * regret };
    let mode = if mode.is_nan() { 0.0 } else { mode.clamp(0.0, HIGHEST) };
    let peak = exponent(mode);
    // Around the mode the exponent falls by at most slope · d + V d² over a distance d: the distance
    // at which it has fallen by 40, on either side.
    let slope = (regret - 2.0 * mode * variance).abs();
    let root = (slope * slope + 4.0 * variance * NEGLIGIBLE).sqrt();
    let reach = if slope + root > 0.0 { 2.0 * NEGLIGIBLE / (slope + root) } else { HIGHEST };
    let (low, high) = ((mode - reach).max(0.0), (mode + reach).min(HIGHEST));
    let integrand = |eta: f64| {
        let factor = if power == 1 { eta } else { 1.0 };
        factor * math::exp(exponent(eta) - peak)
    };
    peak + math::ln(rule.integrate(low, high, integrand))
}

impl Learner<Experts> for SquintLearner {
    fn act(&mut self, _: Round<'_, Experts>) -> &[f64] {
        // The weight of a rate is η times the prior's density.
        let power = match self.prior {
            Prior::Uniform => 1,
            Prior::Improper => 0,
        };
        let experts = self.regrets.iter().zip(&self.variances);
        for (weight, (&regret, &variance)) in self.weights.iter_mut().zip(experts) {
            *weight = log_evidence(&self.rule, regret, variance, power);
        }
        normalise(&mut self.weights);
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Experts>) {
        let (p, losses) = (outcome.action, outcome.feedback);
        let paid: f64 = p.iter().zip(losses).map(|(p, loss)| p * loss).sum();
        let experts = self.regrets.iter_mut().zip(&mut self.variances);
        for ((regret, variance), loss) in experts.zip(losses) {
            let instant = paid - loss;
            *regret += instant;
            *variance += instant * instant;
        }
    }

    fn reset(&mut self) {
        self.regrets.fill(0.0);
        self.variances.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experts::tests::{A, assert_close, play};

    #[test]
    fn the_known_trace() {
        let (played, paid) = play(&Squint::default(), 4, &A);
        assert_close(&played[1], &[0.277_170, 0.386_001, 0.336_829]);
        assert_close(&played[2], &[0.324_189, 0.328_552, 0.347_259]);
        assert_close(&played[3], &[0.360_371, 0.253_149, 0.386_480]);
        assert!((paid - 2.129_819).abs() < 1e-6);
    }

    #[test]
    fn integrals_by_a_second_route() {
        let rule = GaussLegendre::new();
        for (r, v) in [
            (0.0, 0.0),
            (3.0, 0.0),
            (-7.0, 2.0),
            (5.0, 40.0),
            (900.0, 1500.0),
            (-300.0, 1e4),
            (2e4, 3e4),
        ] {
            // Simpson's rule with 200001 points, shifted by the maximum.
            let f = |eta: f64| eta * r - eta * eta * v;
            let (n, h) = (200_000, 0.5 / 200_000.0);
            let peak = (0..=n).map(|i| f(f64::from(i) * h)).fold(f64::NEG_INFINITY, f64::max);
            for power in [0, 1] {
                let term = |i: i32| {
                    let eta = f64::from(i) * h;
                    let weight = if i == 0 || i == n { 1.0 } else { f64::from(2 + 2 * (i % 2)) };
                    weight * eta.powi(power) * (f(eta) - peak).exp()
                };
                let simpson = peak + ((0..=n).map(term).sum::<f64>() * h / 3.0).ln();
                let value = log_evidence(&rule, r, v, power);
                assert!((value - simpson).abs() < 1e-6, "{r} {v} {power}: {value} {simpson}");
            }
        }
    }

    #[test]
    fn the_trace_of_the_improper_prior() {
        // From the closed form of the integral, by a program of its own.
        let (played, paid) = play(&Squint { prior: Prior::Improper }, 4, &A);
        assert_close(&played[1], &[0.291_289, 0.373_055, 0.335_657]);
        assert_close(&played[2], &[0.327_639, 0.329_816, 0.342_545]);
        assert_close(&played[3], &[0.354_792, 0.273_708, 0.371_500]);
        assert!((paid - 2.096_990).abs() < 1e-6);
    }

    #[test]
    fn integrals_by_the_closed_form() {
        // √π e^{R²/4V} [erf(R/2√V) − erf((R − V)/2√V)]/(2√V), and (1 − e^{R/2−V/4} + R · that)/(2V).
        let rule = GaussLegendre::new();
        for (r, v) in [(2.0, 3.0), (-1.0, 0.5), (4.0, 1.5)] {
            let root = 2.0 * f64::sqrt(v);
            let errors = math::erf(r / root) - math::erf((r - v) / root);
            let first = std::f64::consts::PI.sqrt() * (r * r / (4.0 * v)).exp() * errors / root;
            let second = (1.0 - (r / 2.0 - v / 4.0).exp() + r * first) / (2.0 * v);
            assert!((log_evidence(&rule, r, v, 0) - first.ln()).abs() < 1e-9, "{r} {v}");
            assert!((log_evidence(&rule, r, v, 1) - second.ln()).abs() < 1e-9, "{r} {v}");
        }
        // Without variance: (e^{R/2} − 1)/R, and ½ and ⅛ where R = 0.
        assert!((log_evidence(&rule, 3.0, 0.0, 0) - (1.5f64.exp_m1() / 3.0).ln()).abs() < 1e-12);
        assert!((log_evidence(&rule, 0.0, 0.0, 0) - 0.5f64.ln()).abs() < 1e-12);
        assert!((log_evidence(&rule, 0.0, 0.0, 1) - 0.125f64.ln()).abs() < 1e-12);
    }
}
