//! Hedge: exponential weights on cumulative losses.
//!
//! Source: Freund, Schapire, "A decision-theoretic generalization of on-line learning and an
//! application to boosting", J. Comput. Syst. Sci. 55, 1997; rates: Cesa-Bianchi, Lugosi,
//! "Prediction, learning, and games", 2006, Theorems 2.2 and 2.3, Section 2.3.
//! Setting: K experts, losses in [0, 1].
//! Guarantee, tested: regret ≤ ln K/η + η t/8 at a fixed η, so √(T ln K/2) when tuned;
//! √(t ln K) anytime, at η_t = 2 √(ln K/t), which is ln K/η_t + Σ η_s/8 (rates that fall cost no
//! more mix loss than the last one throughout: de Rooij, van Erven, Grünwald, Koolen 2014, Lemma 2).
//! Deviation: `doubling` forgets all losses at rounds 1, 2, 4, 8, ….

use regret_engine::bound::Bound;
use regret_engine::learner::{LaneLearner, Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocol::{Nothing, Vectors};
use regret_engine::protocols::Experts;
use regret_engine::protocols::bandit::Arms;
use regret_engine::random::Streams;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::vectorised;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::bounds::full_information;

/// Parameters of Hedge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Hedge {
    /// `tuned` for √(8 ln K/T), `anytime` for 2 √(ln K/t), `doubling` for √(8 ln K/n) in epochs of
    /// n = 1, 2, 4, … rounds, or a number η > 0.
    pub rate: Rate,
}

/// The learning rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected `tuned`, `anytime`, `doubling` or a number")]
pub enum Rate {
    /// By a rule.
    Rule(Rule),
    /// The same η in every round.
    Fixed(f64),
}

/// A rule for the learning rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// √(8 ln K/T).
    Tuned,
    /// 2 √(ln K/t).
    Anytime,
    /// √(8 ln K/n) in an epoch of n rounds, all losses forgotten at its begin.
    Doubling,
}

impl Rate {
    /// The rate of round `t`.
    #[inline]
    fn at(self, t: u64, experts: usize, horizon: u64) -> f64 {
        let ln_experts = math::ln(experts as f64);
        match self {
            Self::Fixed(eta) => eta,
            Self::Rule(Rule::Tuned) => (8.0 * ln_experts / horizon as f64).sqrt(),
            Self::Rule(Rule::Anytime) => 2.0 * (ln_experts / t as f64).sqrt(),
            Self::Rule(Rule::Doubling) => (8.0 * ln_experts / epoch(t) as f64).sqrt(),
        }
    }

    /// Whether all losses are forgotten before round `t`.
    fn restarts(self, t: u64) -> bool {
        self == Self::Rule(Rule::Doubling) && t == epoch(t)
    }
}

/// The first round, and the length, of the epoch of round `t`.
fn epoch(t: u64) -> u64 {
    1 << t.max(1).ilog2()
}

impl Default for Hedge {
    fn default() -> Self {
        Self { rate: Rate::Rule(Rule::Tuned) }
    }
}

impl Algorithm for Hedge {
    type Protocol = Experts;
    type Learner = HedgeLearner;

    const NAME: &'static str = "hedge";
    const SUMMARY: &'static str = "exponential weights on cumulative losses";
    const SOURCE: &'static str = "Freund, Schapire, A decision-theoretic generalization of \
                                  on-line learning, 1997; Cesa-Bianchi, Lugosi 2006, Chapter 2";

    fn check(&self) -> Result<(), ParameterError> {
        match self.rate {
            Rate::Rule(_) => Ok(()),
            Rate::Fixed(eta) => {
                let valid = eta > 0.0 && eta.is_finite();
                ParameterError::unless(valid, "rate", eta, "must be a positive number")
            }
        }
    }

    fn learner(&self, setting: &Setting<Experts>) -> Result<HedgeLearner, ParameterError> {
        Ok(HedgeLearner {
            rate: self.rate,
            horizon: setting.horizon,
            losses: vec![0.0; setting.experts()],
            weights: vec![0.0; setting.experts()],
        })
    }

    fn lanes(
        &self,
        setting: &Setting<Experts>,
        lanes: usize,
    ) -> Option<Box<dyn LaneLearner<Experts>>> {
        Some(Box::new(HedgeLanes {
            rate: self.rate,
            horizon: setting.horizon,
            losses: vec![0.0; setting.experts() * lanes],
            row: vec![0.0; lanes],
        }))
    }

    fn bounds(&self, setting: &Setting<Experts>, arms: &Arms) -> Vec<Bound> {
        let ln_experts = math::ln(setting.experts() as f64);
        let fixed = |eta: f64| {
            let curve =
                move |t: f64| if eta > 0.0 { ln_experts / eta + eta * t / 8.0 } else { 0.0 };
            let source = "Cesa-Bianchi, Lugosi 2006, Theorem 2.2";
            full_information(arms, "ln K/η + η t/8", source, "losses in [0, 1]", curve)
        };
        match self.rate {
            Rate::Fixed(eta) => fixed(eta),
            Rate::Rule(Rule::Tuned) => fixed(self.rate.at(1, setting.experts(), setting.horizon)),
            Rate::Rule(Rule::Anytime) => full_information(
                arms,
                "√(t ln K)",
                "derived from de Rooij, van Erven, Grünwald, Koolen 2014, Lemma 2",
                "losses in [0, 1]",
                move |t| (t * ln_experts).sqrt(),
            ),
            Rate::Rule(Rule::Doubling) => full_information(
                arms,
                "Σ √(n ln K/2) over the epochs n = 1, 2, 4, … ≤ t",
                "Cesa-Bianchi, Lugosi 2006, Section 2.3",
                "losses in [0, 1]",
                move |t| {
                    let epochs = (0..=(t as u64).max(1).ilog2()).map(|m| (1u64 << m) as f64);
                    epochs.map(|n| (0.5 * n * ln_experts).sqrt()).sum()
                },
            ),
        }
    }
}

/// Hedge of one replication.
pub struct HedgeLearner {
    rate: Rate,
    horizon: u64,
    losses: Vec<f64>,
    weights: Vec<f64>,
}

/// Writes the probabilities ∝ e^{−η L}. The least loss is taken off first: nothing overflows and
/// the sum is at least one, whatever η. With an infinite η the leaders share.
pub(super) fn exponential_weights(losses: &[f64], eta: f64, out: &mut [f64]) {
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

impl Learner<Experts> for HedgeLearner {
    fn act(&mut self, round: Round<'_, Experts>) -> &[f64] {
        if self.rate.restarts(round.t) {
            self.losses.fill(0.0);
        }
        let eta = self.rate.at(round.t, self.losses.len(), self.horizon);
        exponential_weights(&self.losses, eta, &mut self.weights);
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Experts>) {
        for (total, loss) in self.losses.iter_mut().zip(outcome.feedback) {
            *total += loss;
        }
    }

    fn reset(&mut self) {
        self.losses.fill(0.0);
    }
}

/// Hedge of many replications abreast.
struct HedgeLanes {
    rate: Rate,
    horizon: u64,
    /// Cumulative losses, `[expert][lane]`.
    losses: Vec<f64>,
    row: Vec<f64>,
}

impl LaneLearner<Experts> for HedgeLanes {
    fn act(&mut self, t: u64, _: &Nothing, actions: &mut Vectors, _: &mut Streams) {
        if self.rate.restarts(t) {
            self.losses.fill(0.0);
        }
        let experts = self.losses.len() / self.row.len();
        let eta = self.rate.at(t, experts, self.horizon);
        lane_weights(&self.losses, eta, &mut self.row, &mut actions.values);
    }

    fn update(&mut self, _: u64, _: &Nothing, _: &Vectors, losses: &Vectors, _: &mut Streams) {
        add(&mut self.losses, &losses.values);
    }
}

vectorised! {
    fn add(totals: &mut [f64], losses: &[f64]) {
        for (total, loss) in totals.iter_mut().zip(losses) {
            *total += loss;
        }
    }
}

vectorised! {
    /// [`exponential_weights`] in every lane.
    fn lane_weights(losses: &[f64], eta: f64, row: &mut [f64], out: &mut [f64]) {
        let lanes = row.len();
        row.fill(f64::INFINITY);
        for losses in losses.chunks_exact(lanes) {
            for (least, &loss) in row.iter_mut().zip(losses) {
                *least = least.min(loss);
            }
        }
        for (weights, losses) in out.chunks_exact_mut(lanes).zip(losses.chunks_exact(lanes)) {
            for ((weight, loss), least) in weights.iter_mut().zip(losses).zip(row.iter()) {
                let behind = loss - least;
                let shrunk = math::exp(-eta * behind);
                *weight = if behind > 0.0 { shrunk } else { 1.0 + behind };
            }
        }
        row.fill(0.0);
        for weights in out.chunks_exact(lanes) {
            for (total, weight) in row.iter_mut().zip(weights) {
                *total += weight;
            }
        }
        for weights in out.chunks_exact_mut(lanes) {
            for (weight, total) in weights.iter_mut().zip(row.iter()) {
                *weight /= total;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experts::tests::{assert_close, play};

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
    fn rates_by_hand() {
        let ln = 10f64.ln();
        let at = |rate: Rule, t| Rate::Rule(rate).at(t, 10, 10_000);
        assert!((at(Rule::Tuned, 5) - (8.0 * ln / 1e4).sqrt()).abs() < 1e-15);
        assert!((at(Rule::Anytime, 25) - 0.4 * ln.sqrt()).abs() < 1e-15);
        assert!((at(Rule::Doubling, 37) - (ln / 4.0).sqrt()).abs() < 1e-15);
        assert!(
            Rate::Rule(Rule::Doubling).restarts(64) && !Rate::Rule(Rule::Doubling).restarts(65)
        );
        assert!(!Rate::Rule(Rule::Tuned).restarts(64));
    }

    #[test]
    fn a_trace_by_hand() {
        let rate = Rate::Fixed(1.0);
        let (played, _) = play(&Hedge { rate }, 10, &[&[0.0, 1.0], &[0.5, 0.0], &[0.0, 0.0]]);
        // Behind by 1, then by 1/2.
        assert_close(&played[1], &[1.0 / (1.0 + (-1f64).exp()), 1.0 / (1.0 + 1f64.exp())]);
        assert_close(&played[2], &[1.0 / (1.0 + (-0.5f64).exp()), 1.0 / (1.0 + 0.5f64.exp())]);
    }
}
