//! Comb: the near-minimax adversary for few experts.

use regret_engine::environment::Block;
use regret_engine::random::noise_word;
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::adversary::{self, Adversary, View};
use crate::support::checks;

/// Experts are ranked by their losses so far (ties by index); a fair coin says whether those of odd or those of even rank lose 1. Asymptotically minimax for three experts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comb {
    /// The number of experts, at least 2.
    pub experts: usize,
}

impl EnvironmentModel for Comb {
    const NAME: &'static str = "comb";
    const SUMMARY: &'static str = "a fair coin says whether odd or even ranks lose";
    const SOURCE: &'static str =
        "Gravin, Peres, Sivan, Towards optimal algorithms for prediction with expert advice, 2016";
    const EXAMPLE: &'static str = r#"{"experts": 3}"#;
    const PROTOCOLS: &'static [&'static str] = adversary::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        checks::arm_count(self.experts, "experts")?;
        ParameterError::unless(self.experts >= 2, "experts", self.experts, "must be at least 2")
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(adversary::faces(self.experts, adversary::none, |block: &Block| Ranks::new(block)))
    }
}

/// The rule, with room for a ranking.
struct Ranks {
    keys: Vec<u64>,
    order: Vec<usize>,
}

impl Ranks {
    fn new(block: &Block) -> Self {
        Self { keys: crate::support::arms::keys(block), order: Vec::new() }
    }
}

impl Adversary for Ranks {
    fn choose(&mut self, view: &View<'_>, losses: &mut [f64]) {
        let experts = view.losses.len() / view.lanes;
        for lane in 0..view.lanes {
            self.order.clear();
            self.order.extend(0..experts);
            let total = |expert: &usize| view.losses[expert * view.lanes + lane];
            // Unstable sorting does not allocate; the index breaks ties.
            self.order.sort_unstable_by(|a, b| total(a).total_cmp(&total(b)).then(a.cmp(b)));
            let first = (noise_word(self.keys[lane], view.t, 0) >> 63) as usize;
            for &expert in self.order.iter().skip(first).step_by(2) {
                losses[expert * view.lanes + lane] = 1.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::process::tests::block;

    #[test]
    fn every_other_rank_loses() {
        let mut ranks = Ranks::new(&block(1, 100));
        let (mut odd, mut even) = (0, 0);
        for t in 1..=100 {
            let view = View { t, played: &[0.25; 4], losses: &[3.0, 1.0, 1.0, 2.0], lanes: 1 };
            let mut losses = [0.0; 4];
            ranks.choose(&view, &mut losses);
            // Ranks: experts 1, 2, 3, 0.
            match losses {
                [0.0, 1.0, 0.0, 1.0] => odd += 1,
                [1.0, 0.0, 1.0, 0.0] => even += 1,
                other => panic!("{other:?}"),
            }
        }
        assert!(odd > 25 && even > 25);
    }
}
