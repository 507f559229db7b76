//! Follow the leading history (FLH): strategies begun in different rounds, weighed by their wealth.
//!
//! Source: Hazan, Seshadhri, "Efficient learning algorithms for changing environments", 2009,
//! FLH1 and its pruned form. Log-wealth is 1-exp-concave, so weights are multiplied by
//! growth.
//! Guarantee: on every interval, the strategy's regret there plus O(ln T).
//! Deviation: under delays, strategies are credited with what they hold when feedback comes.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Portfolio;
use regret_engine::random::Stream;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::simplex::dot;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::strategy::within;
use super::{OnlineNewtonStep, Strategy};

/// In every round a fresh copy of the strategy joins with weight 1/t.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FollowLeadingHistory {
    /// The strategy, a name or `{name: {parameters}}`; by default `online_newton_step`.
    pub strategy: Box<Strategy>,
    /// Whether copies end, so that O(ln t) are kept: one begun in round r 2^k, r odd, after 2^(k+2) + 1
    /// rounds. By default true; if false, a horizon above 20000 is refused.
    pub pruned: bool,
}

impl Default for FollowLeadingHistory {
    fn default() -> Self {
        Self { strategy: Box::new(OnlineNewtonStep::default().into()), pruned: true }
    }
}

/// The most copies that are kept.
const MOST: u64 = 20_000;

impl FollowLeadingHistory {
    /// How many copies live at once, at most: for each k at most three overlap.
    fn copies(&self, horizon: u64) -> u64 {
        let levels = u64::from(u64::BITS - horizon.leading_zeros());
        if self.pruned { horizon.min(3 * levels + 1) } else { horizon }
    }
}

impl Algorithm for FollowLeadingHistory {
    type Protocol = Portfolio;
    type Learner = FollowLeadingHistoryLearner;

    const NAME: &'static str = "follow_leading_history";
    const SUMMARY: &'static str = "copies of a strategy begun in different rounds (FLH)";
    const SOURCE: &'static str = "Hazan, Seshadhri, Efficient learning algorithms for changing \
                                  environments, 2009";

    fn check(&self) -> Result<(), ParameterError> {
        self.strategy.check().map_err(|error| within("strategy", error))
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let copies = self.copies(setting.horizon);
        let rule = format!("must be true for a horizon above {MOST}");
        ParameterError::unless(copies <= MOST, "pruned", self.pruned, &rule)?;
        let copy = || -> Result<Copy, ParameterError> {
            let learner = self.strategy.learner(setting);
            let learner = learner.map_err(|error| within("strategy", error))?;
            let action = vec![0.0; setting.assets()];
            Ok(Copy { learner, action, weight: 0.0, last: 0 })
        };
        Ok(FollowLeadingHistoryLearner {
            pruned: self.pruned,
            copies: (0..copies).map(|_| copy()).collect::<Result<_, _>>()?,
            asked: 0,
            weights: vec![0.0; setting.assets()],
        })
    }
}

/// A copy of the strategy.
struct Copy {
    learner: Box<dyn Learner<Portfolio>>,
    action: Vec<f64>,
    /// Its share of wealth; 0 before it begins.
    weight: f64,
    /// The last round that it plays.
    last: u64,
}

/// FLH of one replication.
pub struct FollowLeadingHistoryLearner {
    pruned: bool,
    /// Those whose `last` has come are free.
    copies: Vec<Copy>,
    /// The last round in which it was asked.
    asked: u64,
    weights: Vec<f64>,
}

impl FollowLeadingHistoryLearner {
    /// Lets a copy begin in round `t`.
    fn begin(&mut self, t: u64) {
        let share = 1.0 / t as f64;
        let mut total = 0.0;
        for copy in &mut self.copies {
            if copy.last < t {
                copy.weight = 0.0;
            }
            total += copy.weight;
        }
        let scale = if total > 0.0 { (1.0 - share) / total } else { 0.0 };
        self.copies.iter_mut().for_each(|copy| copy.weight *= scale);
        let life = if self.pruned { 4 * (1u64 << t.trailing_zeros()) + 1 } else { u64::MAX };
        if let Some(free) = self.copies.iter_mut().find(|copy| copy.last < t) {
            free.learner.reset();
            free.weight = if total > 0.0 { share } else { 1.0 };
            free.last = t.saturating_add(life - 1);
        }
    }
}

impl Learner<Portfolio> for FollowLeadingHistoryLearner {
    fn act(&mut self, round: Round<'_, Portfolio>) -> &[f64] {
        let Round { t, slot, context, rng } = round;
        if t > self.asked {
            self.asked = t;
            self.begin(t);
        }
        self.weights.fill(0.0);
        for copy in self.copies.iter_mut().filter(|copy| copy.last >= t) {
            let mut own = Stream::from_state(rng.word());
            let round = Round { t, slot, context, rng: &mut own };
            copy.action.copy_from_slice(copy.learner.act(round));
            let parts = self.weights.iter_mut().zip(&copy.action);
            parts.for_each(|(weight, part)| *weight += copy.weight * part);
        }
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Portfolio>) {
        let Outcome { t, slot, context, feedback, rng, .. } = outcome;
        let mut total = 0.0;
        for copy in self.copies.iter_mut().filter(|copy| copy.last >= self.asked) {
            copy.weight *= dot(&copy.action, feedback);
            total += copy.weight;
            let mut own = Stream::from_state(rng.word());
            let action = &copy.action;
            copy.learner.update(Outcome { t, slot, context, action, feedback, rng: &mut own });
        }
        self.copies.iter_mut().for_each(|copy| copy.weight /= total);
    }

    fn reset(&mut self) {
        self.asked = 0;
        for copy in &mut self.copies {
            (copy.weight, copy.last) = (0.0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::tests::{assert_log_wealth, log_wealth, market_a, setting};
    use crate::portfolio::{ConstantRebalanced, FollowBestAsset};

    #[test]
    fn market_a_is_reproduced() {
        let all = FollowLeadingHistory { pruned: false, ..FollowLeadingHistory::default() };
        assert_log_wealth(&all, &market_a(100), 0.102_560_301);
        assert!(all.learner(&setting(2, 30_000)).is_err());
    }

    #[test]
    fn copies_of_a_constant_are_that_constant() {
        for pruned in [true, false] {
            let strategy = Box::new(ConstantRebalanced::default().into());
            let history = FollowLeadingHistory { strategy, pruned };
            let plain = log_wealth(&ConstantRebalanced::default(), &market_a(250));
            assert!((log_wealth(&history, &market_a(250)) - plain).abs() < 1e-12);
        }
    }

    /// The copies that live are those of the rule, and there is room for them.
    #[test]
    fn the_pool_is_large_enough() {
        for horizon in [1, 2, 3, 100, 5000] {
            let living = |t: u64| {
                let lives = |s: &u64| s + 4 * (1 << s.trailing_zeros()) >= t;
                (1..=t).filter(lives).count() as u64
            };
            let room = FollowLeadingHistory::default().copies(horizon);
            assert!((1..=horizon).all(|t| living(t) <= room), "{horizon} {room}");
        }
    }

    #[test]
    fn changes_are_followed() {
        // The first asset doubles for 100 rounds, then the second for 60: the leader so far stays the
        // first, a copy begun after the change does not.
        let rows: Vec<Vec<f64>> =
            (0..160).map(|t| if t < 100 { vec![2.0, 1.0] } else { vec![1.0, 2.0] }).collect();
        let strategy = Box::new(FollowBestAsset {}.into());
        let history = FollowLeadingHistory { strategy, pruned: true };
        let gain = log_wealth(&history, &rows) - log_wealth(&FollowBestAsset {}, &rows);
        assert!(gain > 45.0 * 2f64.ln(), "{gain}");
    }
}
