//! UCB-V: the arm of highest mean plus a width that knows the arm's empirical variance.
//!
//! Source: Audibert, Munos, Szepesvári, "Exploration-exploitation tradeoff using variance estimates
//! in multi-armed bandits", Theoretical Computer Science 410, 2009, equation (1) with c = 1, b = 1.
//! Setting: K arms, rewards in [0, 1], independent between rounds.
//! Guarantee, tested: pseudo-regret ≤ 10 Σ (σ²/Δ + 2) ln t at ζ = 1.2 (there, below equation (18)).

use regret_engine::bound::Bound;
use regret_engine::learner::{RunLearner, Setting};
use regret_engine::math;
use regret_engine::notion::PSEUDO_REGRET;
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::Arms;
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::index::{Index, IndexLearner, Tally};

/// Parameters of UCB-V.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UcbV {
    /// Exploration ζ > 0 in the width √(2 V ζ ln t / n) + 3 ζ ln t / n, for rewards in [0, 1].
    pub zeta: f64,
}

impl Default for UcbV {
    fn default() -> Self {
        Self { zeta: 1.0 }
    }
}

impl Algorithm for UcbV {
    type Protocol = Bandit;
    type Learner = IndexLearner<UcbVIndex>;

    const NAME: &'static str = "ucb_v";
    const SUMMARY: &'static str = "plays the highest mean plus a width from the empirical variance";
    const SOURCE: &'static str = "Audibert, Munos, Szepesvári, Exploration-exploitation tradeoff \
                                  using variance estimates, 2009, equation (1)";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = self.zeta > 0.0 && self.zeta.is_finite();
        ParameterError::unless(valid, "zeta", self.zeta, "must be a positive number")
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        Ok(IndexLearner::new(UcbVIndex { zeta: self.zeta }, setting.arms()))
    }

    fn runs(&self, setting: &Setting<Bandit>) -> Option<Box<dyn RunLearner<Bandit>>> {
        boxed_runs(self, setting)
    }

    fn bounds(&self, _: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let Some((gaps, means)) = arms.unit_gaps().zip(arms.means.as_ref()) else {
            return Vec::new();
        };
        if self.zeta != 1.2 {
            return Vec::new();
        }
        // That of Bernoulli rewards; no law on [0, 1] with this mean has more.
        let variance = |mean: f64| mean * (1.0 - mean);
        let constant: f64 = gaps
            .iter()
            .zip(means)
            .filter(|&(&gap, _)| gap > 0.0)
            .map(|(gap, &mean)| 10.0 * (variance(mean) / gap + 2.0))
            .sum();
        vec![Bound::upper(
            PSEUDO_REGRET,
            "10 Σ (σ²/Δ + 2) ln t",
            "Audibert, Munos, Szepesvári 2009, Theorem 4 at ζ = 1.2",
            "rewards in [0, 1], independent, constant means, ζ = 1.2, t ≥ 2",
            move |t| constant * math::ln(t.max(2.0)),
        )]
    }
}

/// UCB-V's index.
#[derive(Clone, Debug)]
pub struct UcbVIndex {
    zeta: f64,
}

impl Index for UcbVIndex {
    fn index(&self, t: f64, arm: &Tally) -> f64 {
        let e = self.zeta * math::ln(t) / arm.n;
        arm.mean + (2.0 * arm.variance() * e).sqrt() + 3.0 * e
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandit::tests::{assert_bounds, assert_trace, bounds};
    use crate::support::index::tests::{tally, ten};

    #[test]
    fn index_by_hand() {
        let index = UcbVIndex { zeta: 1.0 };
        assert!((index.index(100.0, &ten()) - 2.361_404).abs() < 1e-6);
        // One reward has no variance: 0.25 + 3 ln 100.
        let one = index.index(100.0, &tally(&[0.25]));
        assert!((one - (0.25 + 3.0 * 100f64.ln())).abs() < 1e-12);
    }

    #[test]
    fn a_trace_by_hand() {
        assert_trace(
            &UcbV::default(),
            "012102102102102101201201021012101201012101201021011201021012",
        );
    }

    #[test]
    fn bounds_by_hand() {
        let means = [0.5, 0.6, 0.25];
        assert_bounds(&bounds(&UcbV { zeta: 1.2 }, &means, 1000), 100, &[324.006_617]);
        assert_bounds(&bounds(&UcbV::default(), &means, 1000), 100, &[]);
    }
}
