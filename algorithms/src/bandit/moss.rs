//! MOSS: the minimax-optimal index, m + √(ln⁺(T / (K n)) / n).
//!
//! Source: Audibert, Bubeck, "Minimax policies for adversarial and stochastic bandits", COLT 2009,
//! Section 3 and Theorem 5.
//! Setting: K arms, rewards in [0, 1], independent between rounds, known horizon T.
//! Guarantee, tested: pseudo-regret ≤ 49 √(K T).
//! Deviation: `anytime: true` puts the present round in place of T (Degenne and Perchet 2016
//! analyse a like index); the bound is then not claimed.

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

/// Parameters of MOSS.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Moss {
    /// Whether the index uses the present round instead of the horizon.
    pub anytime: bool,
}

impl Algorithm for Moss {
    type Protocol = Bandit;
    type Learner = IndexLearner<MossIndex>;

    const NAME: &'static str = "moss";
    const SUMMARY: &'static str = "plays the minimax-optimal index m + √(ln⁺(T/(Kn))/n)";
    const SOURCE: &'static str = "Audibert, Bubeck, Minimax policies for adversarial and \
                                  stochastic bandits, 2009, Section 3";

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let horizon = (!self.anytime).then_some(setting.horizon as f64);
        let arms = setting.arms();
        Ok(IndexLearner::new(MossIndex { horizon, arms: arms as f64 }, arms))
    }

    fn runs(&self, setting: &Setting<Bandit>) -> Option<Box<dyn RunLearner<Bandit>>> {
        boxed_runs(self, setting)
    }

    fn bounds(&self, setting: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        if self.anytime || arms.unit_gaps().is_none() {
            return Vec::new();
        }
        // The regret only grows, so what bounds it at T bounds it before.
        let value = 49.0 * (setting.arms() as f64 * setting.horizon as f64).sqrt();
        vec![Bound::upper(
            PSEUDO_REGRET,
            "49 √(K T)",
            "Audibert, Bubeck 2009, Theorem 5",
            "rewards in [0, 1], independent, constant means, known horizon",
            move |_| value,
        )]
    }
}

/// MOSS's index.
#[derive(Clone, Debug)]
pub struct MossIndex {
    /// T, or none for the present round.
    horizon: Option<f64>,
    arms: f64,
}

impl Index for MossIndex {
    fn index(&self, t: f64, arm: &Tally) -> f64 {
        let horizon = self.horizon.unwrap_or(t);
        let excess = math::ln(horizon / (self.arms * arm.n)).max(0.0);
        arm.mean + (excess / arm.n).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandit::tests::{assert_bounds, assert_trace, bounds};
    use crate::support::index::tests::{tally, ten};

    #[test]
    fn index_by_hand() {
        let index = MossIndex { horizon: Some(1000.0), arms: 5.0 };
        assert!((index.index(7.0, &ten()) - 1.047_333).abs() < 1e-6);
        // 300 pulls of 5 arms exceed T/K = 200: no width is left.
        assert_eq!(index.index(7.0, &tally(&[0.5; 300])), 0.5);
        let anytime = MossIndex { horizon: None, arms: 5.0 };
        assert_eq!(anytime.index(1000.0, &ten()), index.index(7.0, &ten()));
    }

    #[test]
    fn a_trace_by_hand() {
        assert_trace(
            &Moss::default(),
            "012102102110212101010121012101121012101012110111102111021201",
        );
        assert_trace(
            &Moss { anytime: true },
            "012102102111021112001101211011021200110112001101110111021021",
        );
    }

    #[test]
    fn bounds_by_hand() {
        let means = [0.5, 0.6, 0.25];
        assert_bounds(&bounds(&Moss::default(), &means, 1000), 100, &[2_683.840_532]);
        assert_bounds(&bounds(&Moss { anytime: true }, &means, 1000), 100, &[]);
    }
}
