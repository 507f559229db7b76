//! Follow the perturbed leader: all weight on the expert of least perturbed loss.
//!
//! Source: Kalai, Vempala, "Efficient algorithms for online decision problems", J. Comput. Syst.
//! Sci. 71, 2005; Gumbel noise: the law of the leader is then that of Hedge (Abernethy, Lee, Tewari,
//! "Perturbation techniques in online learning and optimization", 2016).
//! Setting: K experts, losses in [0, 1] that do not depend on the round's noise.
//! Guarantee, tested, for Gumbel noise and losses fixed in advance: expected regret
//! ≤ ln K/η + η t/8. (An adversary that sees the expert played makes it lose every round.)
//! Deviation: noise is fresh in every round.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::Experts;
use regret_engine::protocols::bandit::Arms;
use regret_engine::random::{Stream, exponential, normal};
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::follow_the_leader::all_on_least;
use crate::support::bounds::full_information;

/// Parameters of follow the perturbed leader.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ftpl {
    /// The law of the perturbation Z in argmin (L − Z/η).
    pub noise: NoiseLaw,
    /// Rate η > 0; by default √(8 ln K/T).
    pub eta: Option<f64>,
}

/// The law of a perturbation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoiseLaw {
    /// Gumbel: the leader has the law of Hedge.
    #[default]
    Gumbel,
    /// Exponential of mean 1.
    Exponential,
    /// Standard normal.
    Gaussian,
}

impl NoiseLaw {
    fn draw(self, stream: &mut Stream) -> f64 {
        match self {
            Self::Gumbel => -math::ln(exponential(stream)),
            Self::Exponential => exponential(stream),
            Self::Gaussian => normal(stream),
        }
    }
}

impl Ftpl {
    fn eta(&self, setting: &Setting<Experts>) -> f64 {
        let ln_experts = math::ln(setting.experts() as f64);
        self.eta.unwrap_or_else(|| (8.0 * ln_experts / setting.horizon as f64).sqrt())
    }
}

impl Algorithm for Ftpl {
    type Protocol = Experts;
    type Learner = FtplLearner;

    const NAME: &'static str = "ftpl";
    const SUMMARY: &'static str = "all weight on the expert of least perturbed loss";
    const SOURCE: &'static str = "Kalai, Vempala, Efficient algorithms for online decision \
                                  problems, 2005";

    fn check(&self) -> Result<(), ParameterError> {
        self.eta.map_or(Ok(()), |eta| {
            let valid = eta > 0.0 && eta.is_finite();
            ParameterError::unless(valid, "eta", eta, "must be a positive number")
        })
    }

    fn learner(&self, setting: &Setting<Experts>) -> Result<Self::Learner, ParameterError> {
        let zeros = vec![0.0; setting.experts()];
        let eta = self.eta(setting);
        Ok(FtplLearner { noise: self.noise, eta, losses: zeros.clone(), weights: zeros })
    }

    fn bounds(&self, setting: &Setting<Experts>, arms: &Arms) -> Vec<Bound> {
        let eta = self.eta(setting);
        let ln_experts = math::ln(setting.experts() as f64);
        if self.noise != NoiseLaw::Gumbel || eta == 0.0 || !arms.oblivious {
            return Vec::new();
        }
        full_information(
            arms,
            "ln K/η + η t/8",
            "that of Hedge: Cesa-Bianchi, Lugosi 2006, Theorem 2.2",
            "losses in [0, 1], fixed in advance; in expectation",
            move |t| ln_experts / eta + eta * t / 8.0,
        )
    }
}

/// Follow the perturbed leader of one replication.
pub struct FtplLearner {
    noise: NoiseLaw,
    eta: f64,
    losses: Vec<f64>,
    weights: Vec<f64>,
}

impl Learner<Experts> for FtplLearner {
    fn act(&mut self, round: Round<'_, Experts>) -> &[f64] {
        let perturbed = self.losses.iter().map(|loss| self.eta * loss - self.noise.draw(round.rng));
        all_on_least(perturbed, &mut self.weights);
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

#[cfg(test)]
mod tests {
    use regret_engine::protocols::bandit::Law;
    use regret_engine::random::Role;

    use super::*;

    #[test]
    fn gumbel_leaders_have_the_law_of_hedge() {
        let mut learner =
            Ftpl { eta: Some(0.5), ..Ftpl::default() }.learner(&Setting::new(3, 9)).expect("fits");
        learner.losses = vec![1.0, 0.0, 2.0];
        let mut rng = Stream::new(3, 0, Role::Learner);
        let mut counts = [0.0; 3];
        let rounds = 40_000;
        for t in 1..=rounds {
            let played = learner.act(Round { t, slot: 0, context: (), rng: &mut rng });
            counts.iter_mut().zip(played).for_each(|(count, p)| *count += p);
        }
        for (count, p) in counts.into_iter().zip([0.307_196, 0.506_480, 0.186_324]) {
            let deviation = (p * (1.0 - p) / rounds as f64).sqrt();
            assert!((count / rounds as f64 - p).abs() < 4.0 * deviation, "{counts:?}");
        }
    }

    #[test]
    fn leaders_have_the_law_of_their_noise() {
        // Expert 0 is behind by 1 and η = 1/2, so it is played if Z₀ − Z₁ > 1/2. A Laplace
        // difference is with probability ½ e^{−1/2}, a normal one with 1 − Φ(½/√2).
        for (noise, p) in [(NoiseLaw::Exponential, 0.303_265), (NoiseLaw::Gaussian, 0.361_837)] {
            let spec = Ftpl { noise, eta: Some(0.5) };
            let mut learner = spec.learner(&Setting::new(2, 9)).expect("fits");
            learner.losses = vec![1.0, 0.0];
            let mut rng = Stream::new(3, 0, Role::Learner);
            let rounds = 40_000;
            let mut count = 0.0;
            for t in 1..=rounds {
                count += learner.act(Round { t, slot: 0, context: (), rng: &mut rng })[0];
            }
            let deviation = (p * (1.0 - p) / rounds as f64).sqrt();
            assert!((count / rounds as f64 - p).abs() < 4.0 * deviation, "{noise:?}: {count}");
        }
    }

    #[test]
    fn no_bound_against_what_sees_its_choice() {
        let arms = |oblivious| Arms {
            count: 3,
            means: None,
            range: Some((0.0, 1.0)),
            law: Law::Arbitrary,
            oblivious,
        };
        let spec = Ftpl { eta: Some(0.5), ..Ftpl::default() };
        let bounds = |oblivious| spec.bounds(&Setting::new(3, 100), &arms(oblivious));
        assert!(bounds(false).is_empty());
        // ln 3/0.5 + 0.5 · 10/8, of both notions.
        let values: Vec<f64> = bounds(true).iter().map(|bound| bound.at(10)).collect();
        assert!(values.iter().all(|value| (value - 2.822_224_577).abs() < 1e-9));
        assert_eq!(values.len(), 2);
    }
}
