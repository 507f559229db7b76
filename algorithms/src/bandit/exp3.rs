//! EXP3: exponential weights on importance-weighted loss estimates.
//!
//! Source: Auer, Cesa-Bianchi, Freund, Schapire, "The nonstochastic multiarmed bandit problem",
//! SIAM J. Comput. 32, 2002; in this form, on losses and without mixing: Bubeck, Cesa-Bianchi,
//! "Regret analysis of stochastic and nonstochastic multi-armed bandit problems", 2012, Figure 3.1.
//! Setting: K arms, rewards in [0, 1], oblivious adversary, known horizon T.
//! Guarantee, tested: expected regret ≤ ln K/η + η K t/2, so √(2 T K ln K) for the default η
//! (there, Theorem 3.1).
//! Deviation: losses are 1 − reward.

use regret_engine::bound::Bound;
use regret_engine::learner::{LaneLearner, Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocol::{Nothing, Scalars};
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{Arms, NO_ARM};
use regret_engine::random::Streams;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::vectorised;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::bounds::adversarial;
use crate::support::exponential::{ExponentialWeights, SMALL};
use crate::support::lanes;

/// Parameters of EXP3.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Exp3 {
    /// Learning rate η > 0, for losses in [0, 1]; by default √(2 ln K / (K T)).
    pub eta: Option<f64>,
}

impl Exp3 {
    fn eta(&self, setting: &Setting<Bandit>) -> f64 {
        let arms = setting.arms() as f64;
        self.eta.unwrap_or_else(|| tuned_rate(arms, setting.horizon as f64))
    }
}

/// √(2 ln K / (K T)), which is 0 for one arm.
pub(super) fn tuned_rate(arms: f64, horizon: f64) -> f64 {
    (2.0 * math::ln(arms) / (arms * horizon)).sqrt()
}

impl Algorithm for Exp3 {
    type Protocol = Bandit;
    type Learner = Exp3Learner;

    const NAME: &'static str = "exp3";
    const SUMMARY: &'static str = "exponential weights on importance-weighted losses";
    const SOURCE: &'static str = "Auer, Cesa-Bianchi, Freund, Schapire, The nonstochastic \
                                  multiarmed bandit problem, 2002; Bubeck, Cesa-Bianchi 2012, \
                                  Figure 3.1";

    fn check(&self) -> Result<(), ParameterError> {
        check_rate(self.eta)
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Exp3Learner, ParameterError> {
        Ok(Exp3Learner {
            weights: ExponentialWeights::new(self.eta(setting), setting.arms()),
            played: vec![0.0; setting.pending],
        })
    }

    fn lanes(
        &self,
        setting: &Setting<Bandit>,
        lanes: usize,
    ) -> Option<Box<dyn LaneLearner<Bandit>>> {
        Some(Box::new(Exp3Lanes::new(self.eta(setting), setting.arms(), lanes)))
    }

    fn bounds(&self, setting: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let (eta, count) = (self.eta(setting), setting.arms() as f64);
        let curve = move |t: f64| match eta {
            0.0 => 0.0,
            _ => math::ln(count) / eta + 0.5 * eta * count * t,
        };
        adversarial(
            arms,
            "ln K/η + η K t/2",
            "Bubeck, Cesa-Bianchi 2012, Theorem 3.1",
            "rewards in [0, 1], oblivious adversary",
            curve,
        )
    }
}

/// A learning rate that is given must be positive.
pub(super) fn check_rate(eta: Option<f64>) -> Result<(), ParameterError> {
    eta.map_or(Ok(()), |eta| {
        let valid = eta > 0.0 && eta.is_finite();
        ParameterError::unless(valid, "eta", eta, "must be a positive number")
    })
}

/// EXP3 of one replication.
pub struct Exp3Learner {
    weights: ExponentialWeights,
    /// The probability of the arm played, for every pending decision.
    played: Vec<f64>,
}

impl Learner<Bandit> for Exp3Learner {
    #[inline]
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        let (arm, probability) = self.weights.sample(round.rng.uniform());
        self.played[round.slot] = probability;
        arm
    }

    #[inline]
    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        let loss = (1.0 - outcome.feedback) / self.played[outcome.slot];
        self.weights.add(outcome.action, loss);
    }

    fn reset(&mut self) {
        self.weights.reset();
        self.played.fill(0.0);
    }
}

/// EXP3 of many replications abreast: [`ExponentialWeights`] in rows of lanes.
struct Exp3Lanes {
    eta: f64,
    /// Loss estimates and weights, `[arm][lane]`.
    losses: Vec<f64>,
    weights: Vec<f64>,
    /// All below `[lane]`.
    bases: Vec<f64>,
    /// The sums of the weights.
    totals: Vec<f64>,
    places: Vec<f64>,
    exponents: Vec<f64>,
}

impl Exp3Lanes {
    fn new(eta: f64, arms: usize, lanes: usize) -> Self {
        let row = vec![0.0; lanes];
        Self {
            eta,
            losses: vec![0.0; arms * lanes],
            weights: vec![1.0; arms * lanes],
            bases: row.clone(),
            totals: vec![arms as f64; lanes],
            places: row.clone(),
            exponents: row,
        }
    }

    /// Computes the weights of a lane, and their sum, from its losses.
    #[cold]
    fn renew(&mut self, lane: usize) {
        let lanes = self.bases.len();
        let losses = self.losses.iter().skip(lane).step_by(lanes);
        let base = losses.copied().fold(f64::INFINITY, f64::min);
        self.bases[lane] = base;
        let weights = self.weights.iter_mut().skip(lane).step_by(lanes);
        for (weight, loss) in weights.zip(self.losses.iter().skip(lane).step_by(lanes)) {
            *weight = math::exp(self.eta * (base - loss));
        }
        let weights = self.weights.iter().skip(lane).step_by(lanes);
        self.totals[lane] = weights.fold(0.0, |sum, weight| sum + weight);
    }
}

impl LaneLearner<Bandit> for Exp3Lanes {
    fn act(&mut self, _: u64, _: &Nothing, actions: &mut Scalars<usize>, streams: &mut Streams) {
        if !sample(&self.weights, &self.totals, streams, &mut self.places, &mut actions.0) {
            for (arm, &total) in actions.0.iter_mut().zip(&self.totals) {
                *arm = if is_valid(total) { *arm } else { NO_ARM };
            }
        }
    }

    fn update(
        &mut self,
        _: u64,
        _: &Nothing,
        actions: &Scalars<usize>,
        rewards: &Scalars<f64>,
        _: &mut Streams,
    ) {
        let lanes = self.bases.len();
        for (lane, (&arm, reward)) in actions.0.iter().zip(&rewards.0).enumerate() {
            let i = arm * lanes + lane;
            let probability = self.weights[i] / self.totals[lane];
            self.losses[i] += (1.0 - reward) / probability;
            self.exponents[lane] = self.eta * (self.bases[lane] - self.losses[i]);
        }
        exponentiate(&mut self.exponents);
        for (lane, &arm) in actions.0.iter().enumerate() {
            self.weights[arm * lanes + lane] = self.exponents[lane];
        }
        totals(&self.weights, &mut self.totals);
        for lane in 0..lanes {
            if self.totals[lane] < SMALL {
                self.renew(lane);
            }
        }
    }
}

vectorised! {
    fn totals(weights: &[f64], totals: &mut [f64]) {
        lanes::sums(weights, totals);
    }
}

vectorised! {
    fn exponentiate(values: &mut [f64]) {
        for value in values {
            *value = math::exp(*value);
        }
    }
}

vectorised! {
    /// Draws an arm in each lane, as [`ExponentialWeights::sample`] does; whether all sums of weights
    /// are positive numbers.
    fn sample(
        weights: &[f64],
        totals: &[f64],
        streams: &mut Streams,
        places: &mut [f64],
        chosen: &mut [usize],
    ) -> bool {
        streams.uniforms(places);
        let mut valid = true;
        for (place, &total) in places.iter_mut().zip(totals) {
            *place *= total;
            valid &= is_valid(total);
        }
        lanes::arms_below(weights, places, chosen);
        valid
    }
}

#[inline(always)]
fn is_valid(total: f64) -> bool {
    total > 0.0 && total < f64::INFINITY
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandit::tests::{assert_bounds, bounds};

    #[test]
    fn estimates_by_hand() {
        use regret_engine::random::{Role, Stream};
        let mut learner = Exp3 { eta: Some(0.5) }.learner(&Setting::new(2, 10)).expect("fits");
        let mut rng = Stream::new(1, 0, Role::Learner);
        let action = learner.act(Round { t: 1, slot: 0, context: (), rng: &mut rng });
        let (feedback, rng) = (0.25, &mut rng);
        learner.update(Outcome { t: 1, slot: 0, context: (), action, feedback, rng });
        // Probability 1/2, so the estimate is 1.5 and the weight e^{−0.75}.
        let mut p = [0.0; 2];
        learner.weights.probabilities(&mut p);
        let weight = (-0.75f64).exp();
        assert!((p[action] - weight / (1.0 + weight)).abs() < 1e-15);
    }

    #[test]
    fn the_default_rate() {
        let eta = Exp3::default().eta(&Setting::new(10, 10_000));
        assert!((eta - (2.0 * 10f64.ln() / 1e5).sqrt()).abs() < 1e-15);
        assert!(Exp3 { eta: Some(0.0) }.check().is_err());
    }

    #[test]
    fn bounds_by_hand() {
        let means = [0.5, 0.6, 0.25];
        assert_bounds(&bounds(&Exp3::default(), &means, 1000), 100, &[44.654_018; 2]);
        // √(2 T K ln K) at the horizon.
        assert_bounds(&bounds(&Exp3::default(), &means, 1000), 1000, &[81.189_123; 2]);
    }
}
