//! Lazy follow the perturbed leader: the perturbation is drawn once, so the leader seldom changes.
//!
//! Source: Kalai, Vempala, "Efficient algorithms for online decision problems", J. Comput. Syst.
//! Sci. 71, 2005 (follow the lazy leader), here with exponential noise, as in Devroye, Lugosi, Neu,
//! "Prediction by random-walk perturbation", COLT 2013, Section 3, where switches are counted.
//! Setting: K experts, losses in [0, 1] fixed in advance, a price on switches.
//! Guarantee, tested (derived): expected regret ≤ (1 + ln K)/η + η t, and at most η t switches: a
//! leader that loses ℓ keeps the lead with probability e^{−η ℓ} at least, because exponential noise
//! has no memory; and the greatest of K such numbers has mean at most (1 + ln K)/η.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::Experts;
use regret_engine::protocols::bandit::Arms;
use regret_engine::random::exponential;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::follow_the_leader::all_on_least;
use crate::support::bounds::full_information;

/// Parameters of lazy follow the perturbed leader.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LazyFtpl {
    /// Rate η > 0 of the perturbation Z/η; by default √((1 + ln K)/((1 + λ) T)).
    pub eta: Option<f64>,
    /// The price λ ≥ 0 of a switch that the default rate is made for.
    pub switch_cost: f64,
}

impl Default for LazyFtpl {
    fn default() -> Self {
        Self { eta: None, switch_cost: 1.0 }
    }
}

impl LazyFtpl {
    fn eta(&self, setting: &Setting<Experts>) -> f64 {
        let noise = 1.0 + math::ln(setting.experts() as f64);
        let rounds = (1.0 + self.switch_cost) * setting.horizon as f64;
        self.eta.unwrap_or_else(|| (noise / rounds).sqrt())
    }
}

impl Algorithm for LazyFtpl {
    type Protocol = Experts;
    type Learner = LazyFtplLearner;

    const NAME: &'static str = "lazy_ftpl";
    const SUMMARY: &'static str = "all weight on the leader, perturbed once: few switches";
    const SOURCE: &'static str = "Kalai, Vempala, Efficient algorithms for online decision \
                                  problems, 2005; Devroye, Lugosi, Neu 2013, Section 3";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = self.switch_cost >= 0.0 && self.switch_cost.is_finite();
        let rule = "must be a number that is not negative";
        ParameterError::unless(valid, "switch_cost", self.switch_cost, rule)?;
        self.eta.map_or(Ok(()), |eta| {
            let valid = eta > 0.0 && eta.is_finite();
            ParameterError::unless(valid, "eta", eta, "must be a positive number")
        })
    }

    fn learner(&self, setting: &Setting<Experts>) -> Result<Self::Learner, ParameterError> {
        let zeros = vec![0.0; setting.experts()];
        let eta = self.eta(setting);
        Ok(LazyFtplLearner { eta, perturbed: zeros.clone(), weights: zeros, drawn: false })
    }

    fn bounds(&self, setting: &Setting<Experts>, arms: &Arms) -> Vec<Bound> {
        if !arms.oblivious {
            return Vec::new();
        }
        let (eta, noise) = (self.eta(setting), 1.0 + math::ln(setting.experts() as f64));
        full_information(
            arms,
            "(1 + ln K)/η + η t",
            "derived from Kalai, Vempala 2005",
            "losses in [0, 1], fixed in advance; in expectation",
            move |t| noise / eta + eta * t,
        )
    }
}

/// Lazy follow the perturbed leader of one replication.
pub struct LazyFtplLearner {
    eta: f64,
    /// Losses minus the perturbation.
    perturbed: Vec<f64>,
    weights: Vec<f64>,
    drawn: bool,
}

impl Learner<Experts> for LazyFtplLearner {
    fn act(&mut self, round: Round<'_, Experts>) -> &[f64] {
        if !self.drawn {
            for loss in &mut self.perturbed {
                *loss -= exponential(round.rng) / self.eta;
            }
            self.drawn = true;
        }
        all_on_least(self.perturbed.iter().copied(), &mut self.weights);
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Experts>) {
        for (total, loss) in self.perturbed.iter_mut().zip(outcome.feedback) {
            *total += loss;
        }
    }

    fn reset(&mut self) {
        self.perturbed.fill(0.0);
        self.drawn = false;
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;

    #[test]
    fn leaders_change_as_exponential_noise_says() {
        // η = 1/2 and losses (1, 0): expert 0 leads after a round if Z₀ − Z₁ > 1/2, with
        // probability ½ e^{−1/2} = 0.303 265; so half less that is the chance of a switch.
        let (mut leads, mut switches) = (0.0, 0.0);
        let replications = 40_000;
        for replication in 0..replications {
            let spec = LazyFtpl { eta: Some(0.5), ..LazyFtpl::default() };
            let mut learner = spec.learner(&Setting::new(2, 9)).expect("fits");
            let rng = &mut Stream::new(3, replication, Role::Learner);
            let first = learner.act(Round { t: 1, slot: 0, context: (), rng }).to_vec();
            let (action, feedback) = (&first[..], &[1.0, 0.0][..]);
            learner.update(Outcome { t: 1, slot: 0, context: (), action, feedback, rng });
            let second = learner.act(Round { t: 2, slot: 0, context: (), rng });
            leads += second[0];
            switches += (second[0] - first[0]).abs();
        }
        for (count, p) in [(leads, 0.303_265), (switches, 0.196_735)] {
            let n = replications as f64;
            let deviation: f64 = (p * (1.0 - p) / n).sqrt();
            assert!((count / n - p).abs() < 4.0 * deviation, "{count} {p}");
        }
    }

    #[test]
    fn the_default_rate() {
        let spec = LazyFtpl { switch_cost: 3.0, ..LazyFtpl::default() };
        // √((1 + ln 2)/400).
        assert!((spec.eta(&Setting::new(2, 100)) - 0.065_060_5).abs() < 1e-6);
        assert_eq!(LazyFtpl { switch_cost: -1.0, ..spec }.check().unwrap_err().path, "switch_cost");
    }
}
