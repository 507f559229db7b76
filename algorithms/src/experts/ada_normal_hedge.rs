//! AdaNormalHedge: weights from a potential of regret and its absolute sum; no tuning, quantile
//! bounds.
//!
//! Source: Luo, Schapire, "Achieving all with no parameters: AdaNormalHedge", COLT 2015, Algorithm 1
//! with the uniform prior.
//! Setting: K experts, losses in [0, 1].
//! Guarantee, tested: regret to expert k ≤ √(3 C_k (ln K + ln B + ln(1 + ln K))) with
//! C_k = Σ |r| ≤ t and B = 1 + (3/2)(1 + ln(1 + t)) (Theorem 1).
//! Deviation: weights are kept as logarithms, so that they cannot overflow.

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

/// AdaNormalHedge has no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AdaNormalHedge {}

impl Algorithm for AdaNormalHedge {
    type Protocol = Experts;
    type Learner = AdaNormalHedgeLearner;

    const NAME: &'static str = "ada_normal_hedge";
    const SUMMARY: &'static str = "parameter-free weights from regrets and their absolute sums";
    const SOURCE: &'static str = "Luo, Schapire, Achieving all with no parameters: \
                                  AdaNormalHedge, 2015, Algorithm 1";

    fn learner(&self, setting: &Setting<Experts>) -> Result<Self::Learner, ParameterError> {
        let zeros = vec![0.0; setting.experts()];
        Ok(AdaNormalHedgeLearner {
            regrets: zeros.clone(),
            absolute: zeros.clone(),
            weights: zeros,
        })
    }

    fn bounds(&self, setting: &Setting<Experts>, arms: &Arms) -> Vec<Bound> {
        let ln_experts = math::ln(setting.experts() as f64);
        full_information(
            arms,
            "√(3 t (ln K + ln(5/2 + (3/2) ln(1+t)) + ln(1 + ln K)))",
            "Luo, Schapire 2015, Theorem 1",
            "losses in [0, 1]",
            move |t| {
                let b = 2.5 + 1.5 * math::ln_1p(t);
                (3.0 * t * (ln_experts + math::ln(b) + math::ln_1p(ln_experts))).sqrt()
            },
        )
    }
}

/// AdaNormalHedge of one replication.
pub struct AdaNormalHedgeLearner {
    /// R: cumulative regrets to every expert.
    regrets: Vec<f64>,
    /// C: their absolute sums.
    absolute: Vec<f64>,
    weights: Vec<f64>,
}

/// ln of w(R, C) = ½ [e^{[R+1]₊²/(3(C+1))} − e^{[R−1]₊²/(3(C+1))}]; −∞ where it is 0.
fn log_weight(regret: f64, absolute: f64) -> f64 {
    let exponent = |r: f64| {
        let r = r.max(0.0);
        r * r / (3.0 * (absolute + 1.0))
    };
    let (high, low) = (exponent(regret + 1.0), exponent(regret - 1.0));
    high + math::ln(-0.5 * math::exp_m1(low - high))
}

impl Learner<Experts> for AdaNormalHedgeLearner {
    fn act(&mut self, _: Round<'_, Experts>) -> &[f64] {
        let experts = self.regrets.iter().zip(&self.absolute);
        for (weight, (&regret, &absolute)) in self.weights.iter_mut().zip(experts) {
            *weight = log_weight(regret, absolute);
        }
        normalise(&mut self.weights);
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Experts>) {
        let (p, losses) = (outcome.action, outcome.feedback);
        let paid: f64 = p.iter().zip(losses).map(|(p, loss)| p * loss).sum();
        let experts = self.regrets.iter_mut().zip(&mut self.absolute);
        for ((regret, absolute), loss) in experts.zip(losses) {
            *regret += paid - loss;
            *absolute += (paid - loss).abs();
        }
    }

    fn reset(&mut self) {
        self.regrets.fill(0.0);
        self.absolute.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experts::tests::{A, assert_close, play};

    #[test]
    fn the_known_trace() {
        let (played, paid) = play(&AdaNormalHedge {}, 4, &A);
        assert_close(&played[1], &[0.051_865, 0.588_964, 0.359_170]);
        assert_close(&played[2], &[0.230_710, 0.314_091, 0.455_199]);
        assert_close(&played[3], &[0.339_444, 0.042_623, 0.617_933]);
        assert!((paid - 2.540_017).abs() < 1e-6);
    }

    #[test]
    fn extreme_regrets() {
        assert_eq!(log_weight(-1.0, 5.0), f64::NEG_INFINITY);
        // e^{(10⁶+1)²/(3·(10⁶+1))} overflows; its logarithm does not.
        assert!((log_weight(1e6, 1e6) - (1e6 + 1.0) / 3.0).abs() < 1.0);
    }
}
