//! UCBVI: optimistic value iteration on the empirical model, before every episode.
//!
//! Source: Azar, Osband, Munos, "Minimax regret bounds for reinforcement learning", ICML 2017,
//! Algorithm 1, bonuses of Algorithms 3 (Hoeffding) and 4 (Bernstein and Freedman).
//! Setting: losses with constant means, here the rewards 1 − loss in [0, 1]; unknown transitions;
//! known number of episodes K.
//! Guarantee: regret Õ(H √(SAT)) (Hoeffding), Õ(√(HSAT)) for large T (Bernstein), with T = KH; against
//! adversarial losses none, for the policy is deterministic.
//! Deviations: `scaled`, the default, has one logarithm under the root and a constant c. Counts are
//! shared between the steps where the process is stationary, else each step has its own. S in the
//! logarithm is the greatest number of states of a step. Values are clipped at H − h.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::mdp::Layout;
use regret_engine::protocols::EpisodicBandit;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::empirical::EmpiricalModel;
use crate::support::episodic::not_negative;

/// Parameters of UCBVI.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ucbvi {
    /// `scaled` for c (H − h) √(L/N), `hoeffding` for 7 H L/√N, `bernstein` for the empirical variances.
    pub bonus: Bonus,
    /// What the bonus is multiplied by, c ≥ 0; 1 is the theorem's.
    pub scale: f64,
    /// The probability of failing δ in (0, 1), in L = ln(5 S A K H/δ).
    pub delta: f64,
}

/// The bonus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bonus {
    /// (H − h) √(L/N).
    Scaled,
    /// 7 H L/√N.
    Hoeffding,
    /// √(8 L Var(V)/N) + 14 H L/(3N) + √(8/N Σ P̂(y) min{10⁴ H³ S² A L²/N′(y), H²}).
    Bernstein,
}

impl Default for Ucbvi {
    fn default() -> Self {
        Self { bonus: Bonus::Scaled, scale: 1.0, delta: 0.05 }
    }
}

impl Algorithm for Ucbvi {
    type Protocol = EpisodicBandit;
    type Learner = UcbviLearner;

    const NAME: &'static str = "ucbvi";
    const SUMMARY: &'static str = "optimistic value iteration on the empirical model";
    const SOURCE: &'static str = "Azar, Osband, Munos, Minimax regret bounds for reinforcement \
                                  learning, 2017, Algorithms 1, 3 and 4";

    fn check(&self) -> Result<(), ParameterError> {
        not_negative(self.scale, "scale")?;
        let valid = self.delta > 0.0 && self.delta < 1.0;
        ParameterError::unless(valid, "delta", self.delta, "must be in (0, 1)")
    }

    fn learner(&self, setting: &Setting<EpisodicBandit>) -> Result<Self::Learner, ParameterError> {
        let layout = setting.layout();
        let widest = (0..layout.steps()).map(|h| layout.width(h)).max().unwrap_or_default();
        Ok(UcbviLearner {
            bonus: self.bonus,
            scale: self.scale,
            log_term: log_term(layout, setting.episodes(), self.delta),
            widest: widest as f64,
            model: EmpiricalModel::new(layout, setting.shape.stationary),
            layout: layout.clone(),
            pair_values: vec![0.0; layout.pairs()],
            state_values: vec![0.0; layout.states()],
            squares: vec![0.0; widest],
            means: vec![0.0; widest * layout.actions()],
            seconds: vec![0.0; widest * layout.actions()],
            corrections: vec![0.0; widest * layout.actions()],
            policy: vec![0.0; layout.pairs()],
        })
    }
}

/// L = ln(5 S A K H/δ).
pub(super) fn log_term(layout: &Layout, episodes: u64, delta: f64) -> f64 {
    let widest = (0..layout.steps()).map(|h| layout.width(h)).max().unwrap_or_default() as f64;
    let (actions, steps) = (layout.actions() as f64, layout.steps() as f64);
    math::ln(5.0 * widest * actions * episodes as f64 * steps / delta)
}

/// UCBVI of one replication.
pub struct UcbviLearner {
    bonus: Bonus,
    scale: f64,
    log_term: f64,
    widest: f64,
    layout: Layout,
    model: EmpiricalModel,
    pair_values: Vec<f64>,
    state_values: Vec<f64>,
    /// Of one step: squares of the next values (or what stands for them), and their expectations.
    squares: Vec<f64>,
    means: Vec<f64>,
    seconds: Vec<f64>,
    corrections: Vec<f64>,
    policy: Vec<f64>,
}

impl UcbviLearner {
    /// The optimistic values, before the next episode.
    fn plan(&mut self) {
        self.state_values.fill(0.0);
        for h in (0..self.layout.steps()).rev() {
            self.expect(h);
            let left = (self.layout.steps() - h) as f64;
            for s in 0..self.layout.width(h) {
                let row = self.layout.row(h, s);
                let mut best = f64::NEG_INFINITY;
                for (a, pair) in row.enumerate() {
                    let place = s * self.layout.actions() + a;
                    let visits = self.model.visits(h, place);
                    let value = if visits > 0.0 {
                        let bonus = self.bonus(h, place, visits);
                        let value = self.model.reward(h, place) + self.means[place] + bonus;
                        value.min(left)
                    } else {
                        left
                    };
                    self.pair_values[pair] = value;
                    best = best.max(value);
                }
                self.state_values[self.layout.state(h, s)] = best;
            }
        }
    }

    /// Expectations of the next step's values under the empirical model.
    fn expect(&mut self, h: usize) {
        let after = self.layout.states_of(h).end;
        let width = self.layout.width(h + 1);
        let next = &self.state_values[after..after + width];
        self.model.expect(h, next, &mut self.means);
        if self.bonus != Bonus::Bernstein {
            return;
        }
        let squares = &mut self.squares[..width];
        squares.iter_mut().zip(next).for_each(|(square, v)| *square = v * v);
        self.model.expect(h, squares, &mut self.seconds);
        let steps = self.layout.steps() as f64;
        let scale = 1e4 * steps.powi(3) * self.widest * self.widest;
        let scale = scale * self.layout.actions() as f64 * self.log_term * self.log_term;
        for (s, square) in squares.iter_mut().enumerate() {
            let visits = self.model.state_visits(h + 1, s);
            *square = (scale / visits.max(1.0)).min(steps * steps);
        }
        self.model.expect(h, squares, &mut self.corrections);
    }

    fn bonus(&self, h: usize, place: usize, visits: f64) -> f64 {
        let (log, steps) = (self.log_term, self.layout.steps() as f64);
        let left = steps - h as f64;
        self.scale
            * match self.bonus {
                Bonus::Scaled => left * (log / visits).sqrt(),
                Bonus::Hoeffding => 7.0 * steps * log / visits.sqrt(),
                Bonus::Bernstein => {
                    let mean = self.means[place];
                    let variance = (self.seconds[place] - mean * mean).max(0.0);
                    (8.0 * log * variance / visits).sqrt()
                        + 14.0 * steps * log / (3.0 * visits)
                        + (8.0 / visits * self.corrections[place]).sqrt()
                }
            }
    }
}

impl Learner<EpisodicBandit> for UcbviLearner {
    fn act(&mut self, _: Round<'_, EpisodicBandit>) -> &[f64] {
        self.plan();
        write_greedy(&self.pair_values, self.layout.actions(), &mut self.policy);
        &self.policy
    }

    fn update(&mut self, outcome: Outcome<'_, EpisodicBandit>) {
        self.model.enter(outcome.feedback);
    }

    fn reset(&mut self) {
        self.model.forget();
    }
}

/// Writes the policy that plays in every state the least action of greatest value.
pub(super) fn write_greedy(values: &[f64], actions: usize, policy: &mut [f64]) {
    policy.fill(0.0);
    for (row, values) in policy.chunks_exact_mut(actions).zip(values.chunks_exact(actions)) {
        let mut best = 0;
        for (a, &value) in values.iter().enumerate() {
            if value > values[best] {
                best = a;
            }
        }
        row[best] = 1.0;
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::protocols::episodic::Episode;
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::support::episodic::tests::{lay, setting};

    fn seen(algorithm: &Ucbvi, steps: usize, episodes: u64) -> UcbviLearner {
        let (process, base) = lay(steps, 2, 2);
        let layout = process.layout().clone();
        let mut learner = algorithm.learner(&setting(&process, 100)).expect("fits");
        let rng = &mut Stream::new(1, 0, Role::Learner);
        for t in 1..=episodes {
            let k = t as usize;
            let states: Vec<usize> =
                (0..steps).map(|h| if h > 0 { (k / 2 + h) % 2 } else { 0 }).collect();
            let actions: Vec<usize> = (0..steps).map(|h| (k + h * k / 3) % 2).collect();
            let losses: Vec<f64> =
                (0..steps).map(|h| base[layout.pair(h, states[h], actions[h])]).collect();
            let feedback = Episode { states: &states, actions: &actions, losses: &losses };
            let action: &[f64] = &[0.0];
            learner.update(Outcome { t, slot: 0, context: (), action, feedback, rng });
        }
        learner
    }

    /// At H = 1 it is UCB with the bonus c √(L/N): N = 3 and 2 of five visits, losses 0 and 0.7.
    #[test]
    fn one_step_is_ucb() {
        let algorithm = Ucbvi { scale: 0.1, ..Ucbvi::default() };
        let mut learner = seen(&algorithm, 1, 5);
        learner.plan();
        let log = (5.0 * 2.0 * 100.0 / 0.05f64).ln();
        let index = |reward: f64, visits: f64| (reward + 0.1 * (log / visits).sqrt()).min(1.0);
        let known = [index(1.0, 2.0), index(0.3, 3.0)];
        let close =
            learner.pair_values.iter().zip(known).all(|(q, known)| (q - known).abs() < 1e-14);
        assert!(close, "{:?} {known:?}", learner.pair_values);
    }

    /// Without a bonus it is greedy in the empirical model, here solved anew, row by row.
    #[test]
    fn no_bonus_is_certainty_equivalence() {
        for bonus in [Bonus::Scaled, Bonus::Hoeffding, Bonus::Bernstein] {
            let algorithm = Ucbvi { bonus, scale: 0.0, ..Ucbvi::default() };
            let mut learner = seen(&algorithm, 3, 60);
            learner.plan();
            let layout = learner.layout.clone();
            let mut after = [0.0; 2];
            for h in (0..3).rev() {
                let mut here = [0.0f64; 2];
                for s in 0..layout.width(h) {
                    let values: Vec<f64> = (0..2)
                        .map(|a| {
                            let place = 2 * s + a;
                            let n = learner.model.visits(h, place);
                            assert!(n > 0.0);
                            let next = if h < 2 { 2 } else { 0 };
                            let mean = |y| learner.model.count(h, place, y) / n * after[y];
                            learner.model.reward(h, place) + (0..next).map(mean).sum::<f64>()
                        })
                        .collect();
                    for (a, value) in values.iter().enumerate() {
                        let found = learner.pair_values[layout.pair(h, s, a)];
                        assert!((found - value).abs() < 1e-12, "{bonus:?} {h} {s} {a}");
                    }
                    here[s] = values[0].max(values[1]);
                }
                after = here;
            }
        }
    }

    #[test]
    fn bonuses_by_hand() {
        let of = |bonus| {
            let mut learner = seen(&Ucbvi { bonus, ..Ucbvi::default() }, 2, 7);
            learner.plan();
            let place = 1;
            let visits = learner.model.visits(0, place);
            learner.expect(0);
            (learner.bonus(0, place, visits), visits, learner)
        };
        let log = (5.0 * 2.0 * 2.0 * 100.0 * 2.0 / 0.05f64).ln();
        let (scaled, n, _) = of(Bonus::Scaled);
        assert!((scaled - 2.0 * (log / n).sqrt()).abs() < 1e-12);
        let (hoeffding, n, _) = of(Bonus::Hoeffding);
        assert!((hoeffding - 14.0 * log / n.sqrt()).abs() < 1e-12);
        let (bernstein, n, learner) = of(Bonus::Bernstein);
        // Every correction is H² = 4 with so few visits; all values are clipped to 1 left.
        let known = 14.0 * 2.0 * log / (3.0 * n) + (8.0 / n * 4.0f64).sqrt();
        assert_eq!(learner.state_values[1..], [1.0, 1.0]);
        assert!((bernstein - known).abs() < 1e-12, "{bernstein} {known}");
    }
}
