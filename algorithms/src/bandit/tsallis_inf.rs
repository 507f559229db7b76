//! Tsallis-INF: follow the regularised leader with ½-Tsallis entropy; optimal in both worlds.
//!
//! Source: Zimmert, Seldin, "Tsallis-INF: an optimal algorithm for stochastic and adversarial
//! bandits", JMLR 22, 2021, Algorithm 1 and Section 3.
//! Setting: K arms, rewards in [0, 1]. No tuning, no horizon.
//! Guarantee, tested below: with importance-weighted estimates, expected regret ≤ 4 √(K t) + 1
//! against an oblivious adversary (Theorem 1); Σ (4 ln t + O(1))/Δ for stochastic rewards.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::Arms;
use regret_engine::random::sample_index;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::bounds::adversarial;

/// Parameters of Tsallis-INF.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TsallisInf {
    /// Whether estimates have reduced variance (rate 4/√t instead of 2/√t).
    pub reduced_variance: bool,
}

impl Algorithm for TsallisInf {
    type Protocol = Bandit;
    type Learner = TsallisInfLearner;

    const NAME: &'static str = "tsallis_inf";
    const SUMMARY: &'static str =
        "FTRL with ½-Tsallis entropy, for both stochastic and adversarial";
    const SOURCE: &'static str = "Zimmert, Seldin, Tsallis-INF: an optimal algorithm for \
                                  stochastic and adversarial bandits, 2021, Algorithm 1";

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let arms = setting.arms();
        Ok(TsallisInfLearner {
            reduced_variance: self.reduced_variance,
            losses: vec![0.0; arms],
            played: vec![0.0; arms * setting.pending],
            rates: vec![0.0; setting.pending],
        })
    }

    fn bounds(&self, setting: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let count = setting.arms() as f64;
        if self.reduced_variance {
            return Vec::new();
        }
        adversarial(
            arms,
            "4 √(K t) + 1",
            "Zimmert, Seldin 2021, Theorem 1",
            "rewards in [0, 1], oblivious adversary, importance-weighted estimates",
            move |t| 4.0 * (count * t).sqrt() + 1.0,
        )
    }
}

/// Tsallis-INF of one replication.
pub struct TsallisInfLearner {
    reduced_variance: bool,
    /// Cumulative loss estimates.
    losses: Vec<f64>,
    /// The probabilities of every pending decision, `[slot][arm]`, and their rates.
    played: Vec<f64>,
    rates: Vec<f64>,
}

/// Writes p_a = 4 (η (L_a − x))^{−2} with the x < min L that makes them sum to one, by Newton's
/// method from min L − 2/η: there the best arm alone has probability one, so the sum is at least
/// one, and by convexity the steps stay on that side. Answers x.
fn distribution(losses: &[f64], eta: f64, out: &mut [f64]) -> f64 {
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let mut x = -2.0 / eta;
    for _ in 0..100 {
        let mut sum = 0.0;
        let mut slope = 0.0;
        for (p, loss) in out.iter_mut().zip(losses) {
            let root = 2.0 / (eta * (loss - least - x));
            *p = root * root;
            sum += *p;
            slope += *p * root;
        }
        let step = (sum - 1.0) / (eta * slope);
        if step.abs() <= 1e-14 * x.abs() || !step.is_finite() {
            break;
        }
        x -= step;
    }
    let total: f64 = out.iter().sum();
    out.iter_mut().for_each(|p| *p /= total);
    x + least
}

impl Learner<Bandit> for TsallisInfLearner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        let arms = self.losses.len();
        let scale = if self.reduced_variance { 4.0 } else { 2.0 };
        let eta = scale / (round.t as f64).sqrt();
        self.rates[round.slot] = eta;
        let played = &mut self.played[round.slot * arms..][..arms];
        distribution(&self.losses, eta, played);
        sample_index(played, round.rng.uniform())
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        let arms = self.losses.len();
        let played = &self.played[outcome.slot * arms..][..arms];
        let loss = 1.0 - outcome.feedback;
        if !self.reduced_variance {
            self.losses[outcome.action] += loss / played[outcome.action];
            return;
        }
        let eta = self.rates[outcome.slot];
        for (arm, (total, &p)) in self.losses.iter_mut().zip(played).enumerate() {
            let base = if p >= eta * eta { 0.5 } else { 0.0 };
            *total += base + if arm == outcome.action { (loss - base) / p } else { 0.0 };
        }
    }

    fn reset(&mut self) {
        self.losses.fill(0.0);
        self.played.fill(0.0);
        self.rates.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distributions_by_hand() {
        let mut p = [0.0; 3];
        let x = distribution(&[0.0, 1.0, 2.0], 1.0, &mut p);
        for (p, known) in p.into_iter().zip([0.534_814, 0.286_762, 0.178_424]) {
            assert!((p - known).abs() < 1e-6);
        }
        assert!((x + 2.734_818).abs() < 1e-6);
        let mut p = [0.0; 4];
        let x = distribution(&[5.0; 4], 0.5, &mut p);
        assert_eq!(p, [0.25; 4]);
        assert!((x - (5.0 - 8.0)).abs() < 1e-9);
        distribution(&[0.0, 1e12, 1e12, 1e-3], 1e-3, &mut p);
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12 && p[0] > p[3] && p[1] < 1e-12);
    }

    #[test]
    fn reduced_variance_by_hand() {
        use regret_engine::random::{Role, Stream};
        let mut learner =
            TsallisInf { reduced_variance: true }.learner(&Setting::new(2, 99)).expect("fits");
        let mut rng = Stream::new(1, 0, Role::Learner);
        // t = 64: η = 1/2, so 1/2 ≥ η² and the estimate is (l − ½)/p + ½ for the arm played.
        let action = learner.act(Round { t: 64, slot: 0, context: (), rng: &mut rng });
        let (feedback, rng) = (0.0, &mut rng);
        learner.update(Outcome { t: 64, slot: 0, context: (), action, feedback, rng });
        assert!((learner.losses[action] - 1.5).abs() < 1e-12);
        assert!((learner.losses[1 - action] - 0.5).abs() < 1e-12);
    }
}
