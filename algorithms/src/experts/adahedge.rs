//! AdaHedge: Hedge whose rate follows the mixability gaps seen so far.
//!
//! Source: de Rooij, van Erven, Grünwald, Koolen, "Follow the leader if you can, hedge if you
//! must", JMLR 15, 2014, Figure 1 and Theorem 8.
//! Setting: K experts, losses in [0, 1] (any range is adapted to; the bound is for this one).
//! No tuning, no horizon.
//! Guarantee, tested: regret ≤ √(t ln K) + (4/3) ln K + 2.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::Experts;
use regret_engine::protocols::bandit::Arms;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::bounds::full_information;

/// AdaHedge has no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AdaHedge {}

impl Algorithm for AdaHedge {
    type Protocol = Experts;
    type Learner = AdaHedgeLearner;

    const NAME: &'static str = "adahedge";
    const SUMMARY: &'static str = "Hedge whose rate follows the mixability gaps";
    const SOURCE: &'static str = "de Rooij, van Erven, Grünwald, Koolen, Follow the leader if you \
                                  can, hedge if you must, 2014, Figure 1";

    fn learner(&self, setting: &Setting<Experts>) -> Result<Self::Learner, ParameterError> {
        let experts = setting.experts();
        Ok(AdaHedgeLearner {
            ln_experts: math::ln(experts as f64),
            gap: 0.0,
            losses: vec![0.0; experts],
            weights: vec![0.0; experts],
            rates: vec![0.0; setting.pending],
        })
    }

    fn bounds(&self, setting: &Setting<Experts>, arms: &Arms) -> Vec<Bound> {
        let ln_experts = math::ln(setting.experts() as f64);
        full_information(
            arms,
            "√(t ln K) + (4/3) ln K + 2",
            "de Rooij, van Erven, Grünwald, Koolen 2014, Theorem 8",
            "losses in [0, 1]",
            move |t| (t * ln_experts).sqrt() + 4.0 / 3.0 * ln_experts + 2.0,
        )
    }
}

/// AdaHedge of one replication.
pub struct AdaHedgeLearner {
    ln_experts: f64,
    /// Cumulative mixability gap Δ.
    gap: f64,
    losses: Vec<f64>,
    weights: Vec<f64>,
    /// The rate η of every pending decision.
    rates: Vec<f64>,
}

impl AdaHedgeLearner {
    /// The mix loss m of losses ℓ under the distribution p, at the rate η.
    fn mix_loss(&self, p: &[f64], losses: &[f64], eta: f64) -> f64 {
        if eta == f64::INFINITY {
            let least =
                |values: &mut dyn Iterator<Item = f64>| values.fold(f64::INFINITY, f64::min);
            let after = &mut self.losses.iter().zip(losses).map(|(total, loss)| total + loss);
            return least(after) - least(&mut self.losses.iter().copied());
        }
        // Shifted by the least loss that has weight, so that the sum cannot vanish.
        let weighted = p.iter().zip(losses).filter(|&(&p, _)| p > 0.0);
        let least = weighted.clone().fold(f64::INFINITY, |least, (_, &loss)| least.min(loss));
        let sum: f64 = weighted.map(|(p, loss)| p * math::exp(-eta * (loss - least))).sum();
        least - math::ln(sum) / eta
    }
}

impl Learner<Experts> for AdaHedgeLearner {
    fn act(&mut self, round: Round<'_, Experts>) -> &[f64] {
        let eta = if self.gap > 0.0 { self.ln_experts / self.gap } else { f64::INFINITY };
        self.rates[round.slot] = eta;
        exponential_weights(&self.losses, eta, &mut self.weights);
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Experts>) {
        let (p, losses) = (outcome.action, outcome.feedback);
        let paid: f64 = p.iter().zip(losses).map(|(p, loss)| p * loss).sum();
        let mixed = self.mix_loss(p, losses, self.rates[outcome.slot]);
        // A gap is never negative but for rounding (and late feedback).
        self.gap += (paid - mixed).max(0.0);
        for (total, loss) in self.losses.iter_mut().zip(losses) {
            *total += loss;
        }
    }

    fn reset(&mut self) {
        self.gap = 0.0;
        self.losses.fill(0.0);
        self.rates.fill(0.0);
    }
}

/// Writes the probabilities ∝ e^{−η L}. The least loss is taken off first: nothing overflows and
/// the sum is at least one, whatever η. With an infinite η the leaders share.
fn exponential_weights(losses: &[f64], eta: f64, out: &mut [f64]) {
    let least = losses.iter().fold(f64::INFINITY, |least, &loss| least.min(loss));
    for (weight, loss) in out.iter_mut().zip(losses) {
        let behind = loss - least;
        *weight = if behind > 0.0 { math::exp(-eta * behind) } else { 1.0 + behind };
    }
    let total = out.iter().fold(0.0, |sum, weight| sum + weight);
    for weight in out.iter_mut() {
        *weight /= total;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experts::tests::{A, assert_close, play, play_on};

    #[test]
    fn weights_by_hand() {
        let mut p = [0.0; 3];
        exponential_weights(&[1.0, 0.0, 2.0], 0.5, &mut p);
        assert_close(&p, &[0.307_196, 0.506_480, 0.186_324]);
        exponential_weights(&[5.0, 4.0, 4.0], f64::INFINITY, &mut p);
        assert_eq!(p, [0.0, 0.5, 0.5]);
        exponential_weights(&[1e300, 0.0, 3.0], 1e10, &mut p);
        assert_eq!(p, [0.0, 1.0, 0.0]);
    }

    #[test]
    fn the_known_traces() {
        let (played, paid) = play(&AdaHedge {}, 4, &A);
        assert_close(&played[1], &[0.076_923, 0.692_308, 0.230_769]);
        assert_close(&played[3], &[0.444_874, 0.110_252, 0.444_874]);
        assert!((paid - 2.530_773).abs() < 1e-6);
        let losses: [&[f64]; 5] =
            [&[1.0, 0.0], &[0.0, 1.0], &[0.0, 1.0], &[1.0, 0.0], &[0.5, 0.25]];
        let (played, paid) = play(&AdaHedge {}, 5, &losses);
        assert_close(&played[1], &[0.2, 0.8]);
        assert_close(&played[3], &[0.711_361, 0.288_639]);
        assert!((paid - 2.886_361).abs() < 1e-6);
    }

    #[test]
    fn one_expert_is_played() {
        let (played, _) = play(&AdaHedge {}, 3, &[&[0.5], &[1.0], &[0.0]]);
        assert_eq!(played, [[1.0], [1.0], [1.0]]);
    }

    #[test]
    fn the_known_gaps() {
        let mut learner = AdaHedge {}.learner(&Setting::new(3, 4)).expect("fits");
        for (losses, gap) in A.iter().zip([0.5, 0.640_334, 0.787_525, 0.884_186]) {
            play_on(&mut learner, &[*losses]);
            assert!((learner.gap - gap).abs() < 1e-6, "{}", learner.gap);
        }
    }
}
