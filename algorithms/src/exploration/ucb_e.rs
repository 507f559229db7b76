//! UCB-E: upper confidence bounds whose widths explore to the end.
//!
//! Source: Audibert, Bubeck and Munos, Best arm identification in multi-armed bandits, 2010, Figure 1.
//! Setting: K arms, known budget n.
//! Guarantee: P(best arm missed) ≤ 2 n K exp(−2a/25) for rewards in [0, 1] and
//! 0 < a ≤ 25 (n − K)/(36 H₁), H₁ = Σ 1/Δ² with the least gap for the best arm (Theorem 1).
//! Deviation: the complexity H₁ is unknown in practice; by default a is the theorem's for gaps of 1/4,
//! H₁ = 16 K. Every arm is pulled once first.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::notion::ERROR;
use regret_engine::protocols::PureExploration;
use regret_engine::protocols::bandit::{Arms, argmax};
use regret_engine::protocols::exploration::Choice;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::leader::Leader;

/// Parameters of UCB-E.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UcbE {
    /// The exploration a > 0 in the width √(a/n); by default 25 (n − K)/(36 · 16 K).
    pub a: Option<f64>,
}

impl UcbE {
    fn exploration(&self, setting: &Setting<PureExploration>) -> f64 {
        let arms = setting.shape as f64;
        let spare = (setting.budget() as f64 - arms).max(0.0);
        self.a.unwrap_or(25.0 / 36.0 * spare / (16.0 * arms))
    }
}

impl Algorithm for UcbE {
    type Protocol = PureExploration;
    type Learner = UcbELearner;

    const NAME: &'static str = "ucb_e";
    const SUMMARY: &'static str =
        "pulls the highest mean plus width √(a/n), recommends the highest mean";
    const SOURCE: &'static str = "Audibert, Bubeck, Munos, Best arm identification in multi-armed \
                                  bandits, 2010, Figure 1";

    fn check(&self) -> Result<(), ParameterError> {
        let a = self.a.unwrap_or(1.0);
        ParameterError::unless(a > 0.0 && a.is_finite(), "a", a, "must be a positive number")
    }

    fn learner(&self, setting: &Setting<PureExploration>) -> Result<UcbELearner, ParameterError> {
        Ok(UcbELearner {
            leader: Leader::new(setting.shape),
            a: self.exploration(setting),
            first: 0,
        })
    }

    fn bounds(&self, setting: &Setting<PureExploration>, arms: &Arms) -> Vec<Bound> {
        let Some(complexity) = arms.unit_gaps().and_then(h1) else { return Vec::new() };
        let (count, budget) = (setting.shape as f64, setting.budget() as f64);
        let a = self.exploration(setting);
        if a <= 0.0 || a > 25.0 / 36.0 * (budget - count) / complexity {
            return Vec::new();
        }
        let missed = 2.0 * budget * count * math::exp(-2.0 * a / 25.0);
        let horizon = setting.horizon as f64;
        vec![Bound::upper(
            ERROR,
            "2 n K exp(−2a/25)",
            "Audibert, Bubeck, Munos 2010, Theorem 1",
            "rewards in [0, 1], a ≤ 25 (n − K)/(36 H₁), when the budget n is used up",
            move |t| if t < horizon { 1.0 } else { missed.min(1.0) },
        )]
    }
}

/// H₁ = Σ 1/Δ², the least gap standing for the best arm's; `None` if there are several best arms.
fn h1(mut gaps: Vec<f64>) -> Option<f64> {
    gaps.sort_unstable_by(f64::total_cmp);
    let &least = gaps.get(1).filter(|&&gap| gap > 0.0)?;
    gaps[0] = least;
    Some(gaps.iter().map(|gap| 1.0 / (gap * gap)).sum())
}

/// UCB-E of one replication.
pub struct UcbELearner {
    leader: Leader,
    a: f64,
    /// The next arm to be pulled for the first time.
    first: usize,
}

impl Learner<PureExploration> for UcbELearner {
    fn act(&mut self, _: Round<'_, PureExploration>) -> Choice {
        let pull = if self.first < self.leader.arms() {
            self.first += 1;
            self.first - 1
        } else {
            let index = |tally: &crate::support::index::Tally| match tally.n {
                // Its first reward has not come yet.
                0.0 => f64::NEG_INFINITY,
                n => tally.mean + (self.a / n).sqrt(),
            };
            argmax(self.leader.tallies().iter().map(index))
        };
        Choice { pull, recommend: self.leader.arm() }
    }

    fn update(&mut self, outcome: Outcome<'_, PureExploration>) {
        self.leader.enter(outcome.action.pull, outcome.feedback);
    }

    fn reset(&mut self) {
        self.leader.reset();
        self.first = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exploration::tests::{bounds, play};

    #[test]
    fn indices_by_hand() {
        // Indices after one pull each: 1.5, 1.25, 1. Then arm 0 has 0.5 + 0.707 = 1.207, so arm 1:
        // 0.25 + 0.707 = 0.957; arm 0 again: 0.5 + 0.577 = 1.077; and again: 0.5 + 0.5 = 1, a tie with
        // arm 2, which arm 0 wins; then it has 0.947, so arm 2.
        let spec = UcbE { a: Some(1.0) };
        let choices = play(&spec, 3, 100, 9, |_, arm| [0.5, 0.25, 0.0][arm]);
        let pulled: Vec<usize> = choices.iter().map(|choice| choice.pull).collect();
        assert_eq!(pulled, [0, 1, 2, 0, 1, 0, 0, 0, 2]);
        assert!(choices.iter().all(|choice| choice.recommend == 0));
    }

    #[test]
    fn bounds_by_hand() {
        // Gaps 0, 0.5: H₁ = 8; a ≤ 25 · 9998/(36 · 8) = 867.9.
        let missed = |a: f64| 2.0 * 10_000.0 * 2.0 * (-2.0 * a / 25.0).exp();
        let known = bounds(&UcbE { a: Some(400.0) }, &[0.25, 0.75], 10_001);
        assert!((known[0].at(10_001) - missed(400.0)).abs() < 1e-15);
        assert!(bounds(&UcbE { a: Some(900.0) }, &[0.25, 0.75], 10_001).is_empty());
        assert_eq!(bounds(&UcbE::default(), &[0.25, 0.75], 10_001)[0].at(500), 1.0);
        assert!(UcbE { a: Some(0.0) }.check().is_err());
    }
}
