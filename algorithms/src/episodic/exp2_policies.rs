//! EXP2 over policies: exponential weights over all deterministic policies, on values estimated from
//! the sum of an episode's losses alone.
//!
//! Source: the linear-bandit view of adversarial MDPs, Liu, Wei, Zimmert, "Towards optimal regret in
//! adversarial linear MDPs with bandit feedback", ICLR 2024, Algorithm 1 with the features of the
//! policies told; EXP2: Bubeck, Cesa-Bianchi, Kakade, "Towards minimax policies for online linear
//! optimization with bandit feedback", COLT 2012.
//! Setting: known transitions, aggregate feedback, losses in [0, 1], few policies (A^Σ n_h ≤ 16384);
//! known number of episodes K.
//! Guarantee: expected regret O(H √(r K ln N)) for N policies whose features have rank r, with an
//! exploration that is G-optimal.
//! Deviations: exploration is uniform over the policies; the algorithm of the source is reconstructed.
//!
//! A policy's value is the inner product of its features with the losses: of its occupancy, or where
//! features of pairs are told, of their expectation at every step. They are written in an orthonormal
//! basis of their span, so that their second moment is invertible.

use std::sync::Arc;

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::mdp::{Layout, Transitions};
use regret_engine::protocols::EpisodicAggregate;
use regret_engine::protocols::episodic::Features;
use regret_engine::random::sample_index;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::definite::{backwards, factor, forwards};
use crate::support::episodic::{positive, told};
use crate::support::policies::{deterministic_occupancies, write_policy_of_number};

/// Parameters of EXP2 over policies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Exp2Policies {
    /// Learning rate η > 0; by default 5 √(ln N/(r K))/H for N policies of rank r.
    pub eta: Option<f64>,
    /// The probability γ in (0, 1] of a policy at random; by default min{½, 0.2 η H r}.
    pub gamma: Option<f64>,
}

impl Algorithm for Exp2Policies {
    type Protocol = EpisodicAggregate;
    type Learner = Exp2PoliciesLearner;

    const NAME: &'static str = "exp2_policies";
    const SUMMARY: &'static str =
        "exponential weights over policies, from the sum of the losses alone";
    const SOURCE: &'static str = "Liu, Wei, Zimmert, Towards optimal regret in adversarial linear MDPs \
                                  with bandit feedback, 2024, Algorithm 1, features told";

    fn check(&self) -> Result<(), ParameterError> {
        positive(self.eta, "eta")?;
        let gamma = self.gamma.unwrap_or(0.5);
        ParameterError::unless(gamma > 0.0 && gamma <= 1.0, "gamma", gamma, "must be in (0, 1]")
    }

    fn learner(
        &self,
        setting: &Setting<EpisodicAggregate>,
    ) -> Result<Self::Learner, ParameterError> {
        let transitions = told(setting)?;
        let occupancies = deterministic_occupancies(&transitions)?;
        let (coordinates, rank) =
            coordinates(&transitions, setting.shape.features.as_ref(), &occupancies);
        let policies = occupancies.len() / setting.layout().pairs();
        let (steps, episodes) = (setting.layout().steps() as f64, setting.episodes() as f64);
        let tuned = 5.0 * (math::ln(policies as f64) / (rank as f64 * episodes)).sqrt() / steps;
        let eta = self.eta.unwrap_or(tuned);
        let share = (0.2 * eta * steps * rank as f64).min(0.5);
        Ok(Exp2PoliciesLearner {
            eta,
            // One policy has rate 0, and nothing to explore; its second moment must not vanish.
            gamma: self.gamma.unwrap_or(if share > 0.0 { share } else { 0.5 }),
            rank,
            coordinates,
            losses: vec![0.0; policies],
            probabilities: vec![0.0; policies],
            moment: vec![0.0; rank * rank],
            directions: vec![0.0; rank * setting.pending],
            policy: vec![0.0; setting.layout().pairs()],
            layout: setting.layout().clone(),
        })
    }
}

/// EXP2 over policies, of one replication.
pub struct Exp2PoliciesLearner {
    eta: f64,
    gamma: f64,
    rank: usize,
    layout: Layout,
    /// The features of every policy in the basis of their span, `[policy][coordinate]`.
    coordinates: Vec<f64>,
    /// Estimated loss of every policy so far.
    losses: Vec<f64>,
    probabilities: Vec<f64>,
    moment: Vec<f64>,
    /// G⁻¹ times the coordinates of the policy played, for every pending decision.
    directions: Vec<f64>,
    policy: Vec<f64>,
}

impl Exp2PoliciesLearner {
    /// The probabilities of the policies.
    fn weigh(&mut self) {
        let least = self.losses.iter().fold(f64::INFINITY, |least, &loss| least.min(loss));
        let mut total = 0.0;
        for (p, loss) in self.probabilities.iter_mut().zip(&self.losses) {
            *p = math::exp(-self.eta * (loss - least));
            total += *p;
        }
        let each = self.gamma / self.probabilities.len() as f64;
        let scale = (1.0 - self.gamma) / total;
        self.probabilities.iter_mut().for_each(|p| *p = *p * scale + each);
    }

    /// The factor of the second moment G of the coordinates.
    fn moment(&mut self) {
        let rank = self.rank;
        self.moment.fill(0.0);
        for (c, p) in self.coordinates.chunks_exact(rank).zip(&self.probabilities) {
            for (row, value) in self.moment.chunks_exact_mut(rank).zip(c) {
                let weight = p * value;
                row.iter_mut().zip(c).for_each(|(slot, other)| *slot += weight * other);
            }
        }
        factor(&mut self.moment, rank);
    }
}

impl Learner<EpisodicAggregate> for Exp2PoliciesLearner {
    fn act(&mut self, round: Round<'_, EpisodicAggregate>) -> &[f64] {
        self.weigh();
        self.moment();
        let number = sample_index(&self.probabilities, round.rng.uniform());
        let place = round.slot * self.rank..(round.slot + 1) * self.rank;
        let direction = &mut self.directions[place];
        match self.coordinates.chunks_exact(self.rank).nth(number) {
            Some(coordinates) => {
                direction.copy_from_slice(coordinates);
                forwards(&self.moment, self.rank, direction);
                backwards(&self.moment, self.rank, direction);
                write_policy_of_number(&self.layout, number, &mut self.policy);
            }
            // Nothing could be drawn: the engine stops the cell.
            None => self.policy.fill(f64::NAN),
        }
        &self.policy
    }

    fn update(&mut self, outcome: Outcome<'_, EpisodicAggregate>) {
        let total: f64 = outcome.feedback.losses.iter().sum();
        let place = outcome.slot * self.rank..(outcome.slot + 1) * self.rank;
        let direction = &self.directions[place];
        for (loss, c) in self.losses.iter_mut().zip(self.coordinates.chunks_exact(self.rank)) {
            *loss += total * c.iter().zip(direction).map(|(c, d)| c * d).sum::<f64>();
        }
    }

    fn reset(&mut self) {
        self.losses.fill(0.0);
        self.directions.fill(0.0);
    }
}

/// The features of policies in an orthonormal basis of their span, and its rank: Gram and Schmidt,
/// twice for every vector; what is left below 10⁻⁹ of its length is rounding.
fn coordinates(
    transitions: &Arc<Transitions>,
    features: Option<&Arc<Features>>,
    occupancies: &[f64],
) -> (Vec<f64>, usize) {
    let layout = transitions.layout();
    let table: Vec<Vec<f64>> = occupancies
        .chunks_exact(layout.pairs())
        .map(|q| features.map_or_else(|| q.to_vec(), |features| expected(layout, features, q)))
        .collect();
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for vector in &table {
        let mut rest = vector.clone();
        for _ in 0..2 {
            for unit in &basis {
                let inner = dot(unit, &rest);
                rest.iter_mut().zip(unit).for_each(|(x, u)| *x -= inner * u);
            }
        }
        let length = dot(&rest, &rest).sqrt();
        if length > 1e-9 * dot(vector, vector).sqrt() {
            rest.iter_mut().for_each(|x| *x /= length);
            basis.push(rest);
        }
    }
    let coordinates =
        table.iter().flat_map(|v| basis.iter().map(|unit| dot(unit, v)).collect::<Vec<_>>());
    (coordinates.collect(), basis.len())
}

/// Σ q φ at every step, one after the other.
fn expected(layout: &Layout, features: &Features, q: &[f64]) -> Vec<f64> {
    let d = features.dimension();
    let mut sums = vec![0.0; layout.steps() * d];
    for (h, sum) in sums.chunks_exact_mut(d).enumerate() {
        for pair in layout.pairs_of(h) {
            sum.iter_mut().zip(features.of(pair)).for_each(|(sum, f)| *sum += q[pair] * f);
        }
    }
    sums
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use regret_engine::protocols::episodic::Episode;
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::support::episodic::tests::{lay, setting};

    /// Averaged over the policies that may be played, with their probabilities, the estimate is the
    /// value of every policy.
    #[test]
    fn estimates_are_unbiased() {
        let (process, base) = lay(2, 2, 2);
        let mut learner = Exp2Policies::default().learner(&setting(&process, 100)).expect("fits");
        let occupancies = deterministic_occupancies(&process).expect("few");
        let values: Vec<f64> = occupancies.chunks_exact(6).map(|q| dot(q, &base)).collect();
        learner.losses = (0..8).map(|number| f64::from(number * 3 % 7)).collect();
        learner.weigh();
        learner.moment();
        let (rank, probabilities) = (learner.rank, learner.probabilities.clone());
        assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-14);
        let mut means = [0.0; 8];
        for (number, (p, value)) in probabilities.iter().zip(&values).enumerate() {
            let mut direction = learner.coordinates[number * rank..(number + 1) * rank].to_vec();
            forwards(&learner.moment, rank, &mut direction);
            backwards(&learner.moment, rank, &mut direction);
            for (mean, c) in means.iter_mut().zip(learner.coordinates.chunks_exact(rank)) {
                *mean += p * value * dot(c, &direction);
            }
        }
        let close = means.iter().zip(&values).all(|(mean, value)| (mean - value).abs() < 1e-10);
        assert!(close, "{means:?} {values:?}");
    }

    #[test]
    fn policies_are_played_as_numbered() {
        let (process, _) = lay(2, 2, 2);
        let mut learner = Exp2Policies::default().learner(&setting(&process, 100)).expect("fits");
        // Policy 5 of 8 has the actions 1, 0, 1; it alone has no loss.
        learner.losses = vec![1e6; 8];
        learner.losses[5] = 0.0;
        learner.gamma = 1e-9;
        let rng = &mut Stream::new(1, 0, Role::Learner);
        let policy = learner.act(Round { t: 1, slot: 0, context: (), rng }).to_vec();
        assert_eq!(policy, [0.0, 1.0, 1.0, 0.0, 0.0, 1.0]);
        let feedback = Episode { states: &[0, 0], actions: &[1, 0], losses: &[1.5] };
        learner.update(Outcome { t: 1, slot: 0, context: (), action: &policy, feedback, rng });
        // Its probability is nearly 1, and with it c ᵀG⁻¹ c.
        assert!((learner.losses[5] - 1.5).abs() < 1e-6, "{:?}", learner.losses);
    }
}
