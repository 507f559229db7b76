//! Policy optimisation with dilated bonuses: Hedge in every state, on estimated values less a bonus
//! that is spread backwards with a factor 1 + 1/H.
//!
//! Source: Luo, Wei, Lee, "Policy optimization in adversarial MDPs: improved exploration via dilated
//! bonuses", NeurIPS 2021, Algorithm 1 (tabular, unknown transitions).
//! Setting: losses in [0, 1], bandit feedback; known number of episodes K.
//! Guarantee: regret Õ(H² S √(A K) + H⁴) with high probability under the default constants; no bound is
//! drawn, for it is vacuous at any K that one plays.
//! Deviation: where the environment tells the transitions they are used (`estimate: false`), the
//! occupancy in place of its bounds. With delayed feedback, occupancies are bounded by what is known
//! when the feedback comes.

use std::sync::Arc;

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::mdp::{Layout, Transitions};
use regret_engine::protocols::EpisodicBandit;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::confidence::ConfidenceSet;
use crate::support::episodic::{not_negative, positive, write_exponential};

/// Parameters of policy optimisation with dilated bonuses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DilatedBonus {
    /// What the learning rate 1/√(SA H K), capped at 1/(24 H³), is multiplied by, > 0; SA is the number of pairs of all steps.
    pub rate_scale: f64,
    /// Whether that cap, which the theorem needs, is applied; it binds at small K.
    pub capped: bool,
    /// Implicit exploration γ as a multiple of η, > 0; by default 2H.
    pub exploration: Option<f64>,
    /// What the bonus is multiplied by, ≥ 0: 0 leaves it out.
    pub bonus_scale: f64,
    /// Whether the transitions are estimated even if they are told.
    pub estimate: bool,
    /// What the widths of the estimated transitions' intervals are multiplied by, ≥ 0.
    pub confidence_scale: f64,
    /// The probability δ that the intervals fail, in (0, 1); by default 1/K.
    pub delta: Option<f64>,
}

impl Default for DilatedBonus {
    fn default() -> Self {
        Self {
            rate_scale: 1.0,
            capped: true,
            exploration: None,
            bonus_scale: 1.0,
            estimate: false,
            confidence_scale: 1.0,
            delta: None,
        }
    }
}

impl Algorithm for DilatedBonus {
    type Protocol = EpisodicBandit;
    type Learner = DilatedBonusLearner;

    const NAME: &'static str = "dilated_bonus";
    const SUMMARY: &'static str = "Hedge in every state, on estimated values less a dilated bonus";
    const SOURCE: &'static str = "Luo, Wei, Lee, Policy optimization in adversarial MDPs: improved \
                                  exploration via dilated bonuses, 2021, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        positive(Some(self.rate_scale), "rate_scale")?;
        positive(self.exploration, "exploration")?;
        not_negative(self.bonus_scale, "bonus_scale")?;
        not_negative(self.confidence_scale, "confidence_scale")?;
        let delta = self.delta.unwrap_or(0.5);
        ParameterError::unless(delta > 0.0 && delta < 1.0, "delta", delta, "must be in (0, 1)")
    }

    fn learner(&self, setting: &Setting<EpisodicBandit>) -> Result<Self::Learner, ParameterError> {
        let layout = setting.layout();
        let (episodes, steps) = (setting.episodes() as f64, layout.steps() as f64);
        let (pairs, states) = (layout.pairs(), layout.states());
        let cap = if self.capped { 1.0 / (24.0 * steps * steps * steps) } else { f64::INFINITY };
        let eta = self.rate_scale * (1.0 / (pairs as f64 * steps * episodes).sqrt()).min(cap);
        let told = setting.shape.transitions.clone().filter(|_| !self.estimate);
        let delta = self.delta.unwrap_or(1.0 / (episodes + 1.0));
        let start = setting.shape.start;
        let estimated =
            || ConfidenceSet::new(layout, start, setting.episodes(), delta, self.confidence_scale);
        Ok(DilatedBonusLearner {
            model: told.map_or_else(|| Model::Estimated(Box::new(estimated())), Model::Told),
            layout: layout.clone(),
            eta,
            gamma: eta * self.exploration.unwrap_or(2.0 * steps),
            bonus_scale: self.bonus_scale,
            sums: vec![0.0; pairs],
            policy: vec![0.0; pairs],
            upper: vec![0.0; states],
            lower: vec![0.0; states],
            occupancy: vec![0.0; pairs],
            bonus: vec![0.0; pairs],
            later: vec![0.0; states],
            zeros: vec![0.0; pairs],
        })
    }
}

/// What is known of the transitions.
enum Model {
    Told(Arc<Transitions>),
    Estimated(Box<ConfidenceSet>),
}

/// Policy optimisation with dilated bonuses, of one replication.
pub struct DilatedBonusLearner {
    model: Model,
    layout: Layout,
    eta: f64,
    gamma: f64,
    bonus_scale: f64,
    /// Σ (Q̂ − B), a table over pairs.
    sums: Vec<f64>,
    policy: Vec<f64>,
    /// Bounds on the probabilities of the states under the policy played.
    upper: Vec<f64>,
    lower: Vec<f64>,
    occupancy: Vec<f64>,
    /// B, a table over pairs, and Σ_a π B, a table over states.
    bonus: Vec<f64>,
    later: Vec<f64>,
    zeros: Vec<f64>,
}

impl DilatedBonusLearner {
    /// Bounds the probabilities of the states under a policy.
    fn bound(&mut self, policy: &[f64]) {
        match &mut self.model {
            Model::Told(process) => {
                process.occupancy(policy, &mut self.upper, &mut self.occupancy);
                self.lower.copy_from_slice(&self.upper);
            }
            Model::Estimated(set) => set.reach(policy, &mut self.upper, &mut self.lower),
        }
    }

    /// B, backwards.
    fn dilate(&mut self, policy: &[f64]) {
        let steps = self.layout.steps() as f64;
        for h in (0..self.layout.steps()).rev() {
            let after = self.layout.states_of(h).end;
            let width = self.layout.width(h + 1);
            match &mut self.model {
                Model::Told(process) => {
                    process.back(h, &self.zeros, &mut self.bonus, &self.later);
                }
                Model::Estimated(set) => {
                    let next = &self.later[after..after + width];
                    set.sort(next, true);
                    for s in 0..self.layout.width(h) {
                        for a in 0..self.layout.actions() {
                            self.bonus[self.layout.pair(h, s, a)] = set.extreme(h, s, a, next);
                        }
                    }
                }
            }
            for s in 0..self.layout.width(h) {
                let state = self.layout.state(h, s);
                let row = self.layout.row(h, s);
                let (upper, lower) = (self.upper[state], self.lower[state]);
                let local: f64 = policy[row.clone()]
                    .iter()
                    .map(|p| {
                        let (most, least) = (p * upper, p * lower);
                        p * steps * (3.0 * self.gamma + (most - least)) / (most + self.gamma)
                    })
                    .sum();
                let mut mean = 0.0;
                for (bonus, p) in self.bonus[row.clone()].iter_mut().zip(&policy[row]) {
                    *bonus = self.bonus_scale * local + (1.0 + 1.0 / steps) * *bonus;
                    mean += p * *bonus;
                }
                self.later[state] = mean;
            }
        }
    }
}

impl Learner<EpisodicBandit> for DilatedBonusLearner {
    fn act(&mut self, _: Round<'_, EpisodicBandit>) -> &[f64] {
        write_exponential(&self.sums, self.eta, self.layout.actions(), &mut self.policy);
        &self.policy
    }

    fn update(&mut self, outcome: Outcome<'_, EpisodicBandit>) {
        let (policy, episode) = (outcome.action, outcome.feedback);
        self.bound(policy);
        self.dilate(policy);
        self.sums.iter_mut().zip(&self.bonus).for_each(|(sum, bonus)| *sum -= bonus);
        let mut suffix = 0.0;
        for h in (0..self.layout.steps()).rev() {
            let (s, a) = (episode.states[h], episode.actions[h]);
            suffix += episode.losses[h];
            let pair = self.layout.pair(h, s, a);
            let occupancy = policy[pair] * self.upper[self.layout.state(h, s)];
            self.sums[pair] += suffix / (occupancy + self.gamma);
        }
        if let Model::Estimated(set) = &mut self.model {
            set.enter(episode.states, episode.actions);
        }
    }

    fn reset(&mut self) {
        self.sums.fill(0.0);
        if let Model::Estimated(set) = &mut self.model {
            set.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::protocols::episodic::Episode;
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::support::episodic::tests::{lay, setting};

    /// Plays some episodes of LAY whose walks follow the given actions; the learner stays.
    fn play(algorithm: &DilatedBonus, width: usize, actions: usize) -> DilatedBonusLearner {
        let (process, base) = lay(3, width, actions);
        let layout = process.layout().clone();
        let mut learner = algorithm.learner(&setting(&process, 100)).expect("fits");
        let rng = &mut Stream::new(1, 0, Role::Learner);
        for t in 1..=20u64 {
            let policy = learner.act(Round { t, slot: 0, context: (), rng }).to_vec();
            let k = t as usize;
            let states = [0, k % width, (3 * k) % width];
            let played = [k % actions, (k / 2) % actions, (k / 3) % actions];
            let losses: Vec<f64> =
                (0..3).map(|h| base[layout.pair(h, states[h], played[h])]).collect();
            let feedback = Episode { states: &states, actions: &played, losses: &losses };
            learner.update(Outcome { t, slot: 0, context: (), action: &policy, feedback, rng });
        }
        learner
    }

    /// B ≥ b ≥ 0, and B grows backwards: its least value at step h is that of b plus (1 + 1/H) times
    /// the least at step h + 1.
    #[test]
    fn bonuses_are_dilated() {
        for estimate in [false, true] {
            let learner = play(&DilatedBonus { estimate, ..DilatedBonus::default() }, 3, 2);
            let layout = &learner.layout;
            let least = |h: usize| {
                learner.bonus[layout.pairs_of(h)].iter().fold(f64::INFINITY, |m, &b| m.min(b))
            };
            // Every local bonus is at least 3γH/(1 + γ).
            let local = 9.0 * learner.gamma / (1.0 + learner.gamma);
            for h in 0..2 {
                assert!(least(h) >= local + 4.0 / 3.0 * least(h + 1) - 1e-12, "{estimate} {h}");
            }
            assert!(least(2) >= local);
            // ηB ≤ 1/(2H) is the theorem's condition; the default constants meet it when the
            // transitions are told.
            let most = learner.bonus.iter().fold(0.0f64, |most, &b| most.max(b));
            assert!(estimate || learner.eta * most <= 1.0 / 6.0, "{}", learner.eta * most);
        }
    }

    /// At H = 1, the transitions told, the bonus is the same for all actions of a state: the play is
    /// that of Hedge on the losses over (π + γ).
    #[test]
    fn one_step_is_implicit_exploration() {
        let (process, _) = lay(1, 1, 3);
        let algorithm = DilatedBonus { rate_scale: 5.0, ..DilatedBonus::default() };
        let mut learner = algorithm.learner(&setting(&process, 50)).expect("fits");
        let rng = &mut Stream::new(1, 0, Role::Learner);
        let mut sums = [0.0; 3];
        for t in 1..=30u64 {
            let policy = learner.act(Round { t, slot: 0, context: (), rng }).to_vec();
            let weights = sums.map(|sum: f64| (-learner.eta * sum).exp());
            let total: f64 = weights.iter().sum();
            let close = policy.iter().zip(weights).all(|(p, w)| (p - w / total).abs() < 1e-12);
            assert!(close, "{t}: {policy:?}");
            let (a, loss) = ((t % 3) as usize, (t % 5) as f64 / 4.0);
            sums[a] += loss / (policy[a] + learner.gamma);
            let feedback = Episode { states: &[0], actions: &[a], losses: &[loss] };
            learner.update(Outcome { t, slot: 0, context: (), action: &policy, feedback, rng });
        }
    }

    #[test]
    fn one_action_is_no_choice() {
        let learner = play(&DilatedBonus { estimate: true, ..DilatedBonus::default() }, 2, 1);
        assert!(learner.policy.iter().all(|&p| p == 1.0));
    }
}
