//! Policy optimisation with linear values: estimates, bonuses and their dilation.
//!
//! Where the environment tells features φ, every Q^π is φᵀ times a vector at every step; without
//! features each pair is its own (one-hot). The covariance Σ_h of the features under the policy
//! played is computed exactly from the transitions: "matrix geometric resampling" (Neu and
//! Olkhovskaya 2020), which estimates its inverse from simulated walks, is what papers use where only
//! a simulator is there.

use std::sync::Arc;

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::mdp::Transitions;
use regret_engine::protocols::EpisodicBandit;
use regret_engine::protocols::episodic::{Episode, Features};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::definite::{backwards, factor, forwards};
use super::episodic::write_exponential;
use super::log_barrier::distribution;

/// Constants of an algorithm of this kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constants {
    /// The learning rate η.
    pub eta: f64,
    /// What the bonus is multiplied by, β.
    pub beta: f64,
    /// What is added to the covariance, γ > 0.
    pub gamma: f64,
}

/// Estimates and bonuses of a policy's episode.
pub struct LinearEstimates {
    transitions: Arc<Transitions>,
    features: Option<Arc<Features>>,
    constants: Constants,
    /// Whether values are estimated with their magnitude reduced.
    reduced: bool,
    occupancy: Vec<f64>,
    marginals: Vec<f64>,
    /// Σ⁺ φ of every pair, `[pair][i]`; for one-hot features 1/(q + γ), a table over pairs.
    whitened: Vec<f64>,
    covariance: Vec<f64>,
    /// The estimate Q̂ and the bonus B, tables over pairs; Σ_a π B, over states.
    values: Vec<f64>,
    bonuses: Vec<f64>,
    later: Vec<f64>,
    local: Vec<f64>,
    suffix: Vec<f64>,
}

impl LinearEstimates {
    /// Tables for a process.
    pub fn new(
        transitions: Arc<Transitions>,
        features: Option<Arc<Features>>,
        constants: Constants,
        reduced: bool,
    ) -> Self {
        let layout = transitions.layout();
        let (pairs, states, steps) = (layout.pairs(), layout.states(), layout.steps());
        let d = features.as_ref().map_or(1, |features| features.dimension());
        Self {
            constants,
            reduced,
            occupancy: vec![0.0; pairs],
            marginals: vec![0.0; states],
            whitened: vec![0.0; pairs * d],
            covariance: vec![0.0; d * d],
            values: vec![0.0; pairs],
            bonuses: vec![0.0; pairs],
            later: vec![0.0; states],
            local: vec![0.0; pairs],
            suffix: vec![0.0; steps],
            features,
            transitions,
        }
    }

    /// Estimates the values of the policy played from its episode, and its bonuses.
    pub fn estimate(&mut self, policy: &[f64], episode: Episode<'_>) {
        self.transitions.occupancy(policy, &mut self.marginals, &mut self.occupancy);
        self.whiten();
        let mut suffix = 0.0;
        for (sum, loss) in self.suffix.iter_mut().zip(episode.losses).rev() {
            suffix += loss;
            *sum = suffix;
        }
        let steps = self.transitions.layout().steps();
        for h in 0..steps {
            let visited = self.transitions.layout().pair(h, episode.states[h], episode.actions[h]);
            self.estimate_step(h, visited);
        }
        self.dilate(policy);
    }

    /// Σ⁺φ of every pair: by Cholesky's factor of γ I + Σ_h.
    fn whiten(&mut self) {
        let gamma = self.constants.gamma;
        let Some(features) = &self.features else {
            for (inverse, q) in self.whitened.iter_mut().zip(&self.occupancy) {
                *inverse = 1.0 / (q + gamma);
            }
            return;
        };
        let d = features.dimension();
        let layout = self.transitions.layout();
        for h in 0..layout.steps() {
            self.covariance.fill(0.0);
            for i in 0..d {
                self.covariance[i * d + i] = gamma;
            }
            for pair in layout.pairs_of(h) {
                let (q, phi) = (self.occupancy[pair], features.of(pair));
                for (row, f) in self.covariance.chunks_exact_mut(d).zip(phi) {
                    let weight = q * f;
                    row.iter_mut().zip(phi).for_each(|(slot, g)| *slot += weight * g);
                }
            }
            factor(&mut self.covariance, d);
            for pair in layout.pairs_of(h) {
                let out = &mut self.whitened[pair * d..(pair + 1) * d];
                out.copy_from_slice(features.of(pair));
                forwards(&self.covariance, d, out);
                backwards(&self.covariance, d, out);
            }
        }
    }

    /// φ(one)ᵀ Σ⁺ φ(other), of two pairs of a step.
    #[inline]
    fn product(&self, one: usize, other: usize) -> f64 {
        match &self.features {
            None if one == other => self.whitened[one],
            None => 0.0,
            Some(features) => {
                let d = features.dimension();
                let whitened = &self.whitened[other * d..(other + 1) * d];
                features.of(one).iter().zip(whitened).map(|(f, w)| f * w).sum()
            }
        }
    }

    /// Q̂ and ‖φ‖² of the pairs of a step.
    fn estimate_step(&mut self, h: usize, visited: usize) {
        let steps = self.transitions.layout().steps() as f64;
        let pairs = self.transitions.layout().pairs_of(h);
        for pair in pairs.clone() {
            let x = self.product(pair, visited);
            let mut value = x * self.suffix[h];
            if self.reduced && self.features.is_some() {
                let expected: f64 = pairs
                    .clone()
                    .map(|other| self.occupancy[other] * self.product(pair, other).min(0.0))
                    .sum();
                value += steps * (expected - x.min(0.0));
            }
            self.values[pair] = value;
            self.local[pair] = self.product(pair, pair);
        }
    }

    /// B(s, a) = b(s, a) + (1 + 1/H) E Σ π B, b = β (‖φ(s, a)‖² + E_π ‖φ(s, ·)‖²).
    fn dilate(&mut self, policy: &[f64]) {
        let layout = self.transitions.layout();
        let (beta, growth) = (self.constants.beta, 1.0 + 1.0 / layout.steps() as f64);
        for norm in &mut self.local {
            *norm *= beta / growth;
        }
        for h in (0..layout.steps()).rev() {
            // The exploration of the pair itself enters as the "loss" of going back.
            self.transitions.back(h, &self.local, &mut self.bonuses, &self.later);
            for s in 0..layout.width(h) {
                let row = layout.row(h, s);
                let norms = self.local[row.clone()].iter().zip(&policy[row.clone()]);
                let mean_norm: f64 = norms.map(|(norm, p)| norm * p).sum();
                let mut mean = 0.0;
                for (bonus, p) in self.bonuses[row.clone()].iter_mut().zip(&policy[row]) {
                    *bonus = growth * (*bonus + mean_norm);
                    mean += p * *bonus;
                }
                self.later[layout.state(h, s)] = mean;
            }
        }
    }
}

/// Which constants an algorithm takes where they are not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Those that play well at up to 10⁵ episodes.
    #[default]
    Practical,
    /// The theorem's, which want more.
    Theory,
}

/// Policy optimisation on linear estimates, of one replication.
pub struct LinearLearner {
    estimates: LinearEstimates,
    /// The log barrier as the regulariser, else the negative entropy.
    barrier: bool,
    actions: usize,
    /// Σ (Q̂ − B), a table over pairs.
    sums: Vec<f64>,
    policy: Vec<f64>,
}

impl LinearLearner {
    /// The learner with these estimates.
    pub fn new(estimates: LinearEstimates, barrier: bool) -> Self {
        let layout = estimates.transitions.layout();
        let (actions, pairs) = (layout.actions(), layout.pairs());
        Self { estimates, barrier, actions, sums: vec![0.0; pairs], policy: vec![0.0; pairs] }
    }
}

impl Learner<EpisodicBandit> for LinearLearner {
    fn act(&mut self, _: Round<'_, EpisodicBandit>) -> &[f64] {
        let eta = self.estimates.constants.eta;
        if self.barrier {
            let rows = self.policy.chunks_exact_mut(self.actions);
            for (row, sums) in rows.zip(self.sums.chunks_exact(self.actions)) {
                distribution(sums, eta, row);
            }
        } else {
            write_exponential(&self.sums, eta, self.actions, &mut self.policy);
        }
        &self.policy
    }

    fn update(&mut self, outcome: Outcome<'_, EpisodicBandit>) {
        self.estimates.estimate(outcome.action, outcome.feedback);
        let estimates = self.estimates.values.iter().zip(&self.estimates.bonuses);
        for (sum, (value, bonus)) in self.sums.iter_mut().zip(estimates) {
            *sum += value - bonus;
        }
    }

    fn reset(&mut self) {
        self.sums.fill(0.0);
    }
}

/// The dimension of the features of a setting; without features, the most pairs of a step.
pub fn dimension(setting: &Setting<EpisodicBandit>) -> usize {
    let layout = setting.layout();
    let one_hot = || (0..layout.steps()).map(|h| layout.pairs_of(h).len()).max();
    let features = setting.shape.features.as_ref();
    features.map_or_else(|| one_hot().unwrap_or(1), |features| features.dimension())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::episodic::tests::lay;

    /// Three features of two pairs a state: not one-hot, some products negative.
    fn features(pairs: usize) -> Features {
        let value = |pair: usize, i: usize| ((5 * pair + 7 * i) % 11) as f64 / 11.0 - 0.4;
        let values = (0..pairs).flat_map(|pair| (0..3).map(move |i| value(pair, i))).collect();
        Features::new(3, values)
    }

    const CONSTANTS: Constants = Constants { eta: 0.1, beta: 0.3, gamma: 0.05 };

    fn estimated(told: Option<Features>, reduced: bool) -> (LinearEstimates, Vec<f64>) {
        let (process, base) = lay(3, 3, 2);
        let layout = process.layout().clone();
        let mut estimates = LinearEstimates::new(process, told.map(Arc::new), CONSTANTS, reduced);
        let mut policy = vec![0.0; layout.pairs()];
        for (index, row) in policy.chunks_exact_mut(2).enumerate() {
            row[0] = 0.2 + 0.1 * (index % 5) as f64;
            row[1] = 1.0 - row[0];
        }
        let (states, actions) = ([0, 2, 1], [1, 0, 1]);
        let loss = |h: usize| base[layout.pair(h, states[h], actions[h])];
        let losses = [loss(0), loss(1), loss(2)];
        let episode = Episode { states: &states, actions: &actions, losses: &losses };
        estimates.estimate(&policy, episode);
        (estimates, policy)
    }

    /// One-hot features, told or not, give the same; values are L/(q + γ) where visited, else 0.
    #[test]
    fn one_hot_features_are_tables() {
        let (plain, _) = estimated(None, true);
        let pairs = plain.values.len();
        // Features of step h: its own pairs, six at most.
        let value = |pair: usize, i: usize| {
            let layout = plain.transitions.layout();
            let h = (0..3).find(|&h| layout.pairs_of(h).contains(&pair)).expect("a step");
            f64::from(u8::from(pair - layout.pairs_of(h).start == i))
        };
        let values = (0..pairs).flat_map(|pair| (0..6).map(move |i| (pair, i)));
        let values = values.map(|(pair, i)| value(pair, i)).collect();
        let (told, _) = estimated(Some(Features::new(6, values)), true);
        for (a, b) in [(&plain.values, &told.values), (&plain.bonuses, &told.bonuses)] {
            assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-11), "{a:?} {b:?}");
        }
        let visited = plain.transitions.layout().pair(2, 1, 1);
        let known = plain.suffix[2] / (plain.occupancy[visited] + 0.05);
        assert!((plain.values[visited] - known).abs() < 1e-12);
        assert_eq!(plain.values.iter().filter(|&&value| value != 0.0).count(), 3);
    }

    /// (γ I + Σ) Σ⁺φ = φ, and Σ_pairs q ‖φ‖² = tr(Σ⁺ Σ) ≤ d.
    #[test]
    fn covariances_are_inverted() {
        let (estimates, _) = estimated(Some(features(14)), false);
        let told = estimates.features.clone().expect("told");
        let layout = estimates.transitions.layout();
        for h in 0..3 {
            let mut trace = 0.0;
            for pair in layout.pairs_of(h) {
                let whitened = &estimates.whitened[3 * pair..3 * pair + 3];
                let mut found: Vec<f64> = whitened.iter().map(|w| 0.05 * w).collect();
                for other in layout.pairs_of(h) {
                    let phi = told.of(other);
                    let inner: f64 = phi.iter().zip(whitened).map(|(f, w)| f * w).sum();
                    for (slot, f) in found.iter_mut().zip(phi) {
                        *slot += estimates.occupancy[other] * f * inner;
                    }
                }
                assert!(found.iter().zip(told.of(pair)).all(|(a, b)| (a - b).abs() < 1e-10));
                trace += estimates.occupancy[pair] * estimates.product(pair, pair);
            }
            assert!(trace <= 3.0 + 1e-9 && trace > 0.0, "{trace}");
        }
    }

    /// Averaged over the walks of the policy, with their probabilities, both estimates are
    /// φᵀ Σ⁺ Σ q L: the reduction of magnitude does not change the mean. At the last step L is the
    /// loss of the pair visited, so the mean is a sum over pairs.
    #[test]
    fn reduced_estimates_have_the_same_mean_and_a_higher_floor() {
        let (process, base) = lay(3, 3, 2);
        let layout = process.layout().clone();
        let mut means = [vec![0.0; 14], vec![0.0; 14]];
        let mut least = f64::INFINITY;
        for (reduced, mean) in [false, true].into_iter().zip(&mut means) {
            let (mut estimates, policy) = estimated(Some(features(14)), reduced);
            for s in 0..3 {
                for a in 0..2 {
                    let losses = [0.0, 0.0, base[layout.pair(2, s, a)]];
                    let (states, actions) = ([0, 0, s], [0, 0, a]);
                    let q = estimates.occupancy[layout.pair(2, s, a)];
                    let seen = Episode { states: &states, actions: &actions, losses: &losses };
                    estimates.estimate(&policy, seen);
                    for pair in layout.pairs_of(2) {
                        mean[pair] += q * estimates.values[pair];
                        if reduced {
                            let norm = estimates.product(pair, pair).sqrt();
                            least = least.min(estimates.values[pair] + 3.0 * norm);
                        }
                    }
                }
            }
        }
        let close = means[0].iter().zip(&means[1]).all(|(a, b)| (a - b).abs() < 1e-10);
        assert!(close, "{means:?}");
        // Q̂ ≥ H m ≥ −H ‖φ‖: the floor that allows γ ≍ 1/K.
        assert!(least >= -1e-9, "{least}");
    }

    /// The dilated Bellman equation, by its definition.
    #[test]
    fn bonuses_satisfy_their_equation() {
        let (estimates, policy) = estimated(Some(features(14)), false);
        let (process, layout) = (&estimates.transitions, estimates.transitions.layout());
        for h in 0..3 {
            for (s, a) in (0..layout.width(h)).flat_map(|s| [(s, 0), (s, 1)]) {
                let norm = |a| estimates.product(layout.pair(h, s, a), layout.pair(h, s, a));
                let row = &policy[layout.row(h, s)];
                let b = 0.3 * (norm(a) + row[0] * norm(0) + row[1] * norm(1));
                let after = |y: usize| {
                    let place = layout.row(h + 1, y);
                    let pairs = estimates.bonuses[place.clone()].iter().zip(&policy[place]);
                    pairs.map(|(bonus, p)| bonus * p).sum::<f64>()
                };
                let next = process.row(h, s, a).iter().enumerate();
                let later: f64 = next.map(|(y, p)| p * after(y)).sum();
                let known = b + 4.0 / 3.0 * later;
                assert!((estimates.bonuses[layout.pair(h, s, a)] - known).abs() < 1e-10);
            }
        }
    }
}
