//! Doubling sequential halving: sequential halving with budgets B, 2B, 4B, …, B = K ⌈log₂ K⌉.
//!
//! Source: Zhao, Stephens, Szepesvári and Jun, Revisiting simple regret: fast rates for returning a
//! good arm, 2023, Section 3 (Algorithm DSH).
//! Setting: K arms. Anytime: needs no budget.
//! Guarantee: P(arm recommended not ε-good) ≤ exp(−Θ̃(n/H₂(ε))) for every ε at once (no constants
//! known).
//! Deviation: arms stand in an order drawn for every replication, so that neither ties nor the end of the
//! horizon favour low numbers; the first of them is recommended until the first run is finished.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::PureExploration;
use regret_engine::protocols::exploration::Choice;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::doubling::Doubling;
use crate::support::subset::Order;

/// Doubling sequential halving has no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DoublingSequentialHalving {}

impl Algorithm for DoublingSequentialHalving {
    type Protocol = PureExploration;
    type Learner = DoublingSequentialHalvingLearner;

    const NAME: &'static str = "doubling_sequential_halving";
    const SUMMARY: &'static str =
        "sequential halving with doubling budgets, fresh rewards each time";
    const SOURCE: &'static str = "Zhao, Stephens, Szepesvári, Jun, Revisiting simple regret, 2023, \
                                  Section 3";

    fn learner(
        &self,
        setting: &Setting<PureExploration>,
    ) -> Result<DoublingSequentialHalvingLearner, ParameterError> {
        let arms = setting.shape;
        Ok(DoublingSequentialHalvingLearner { order: Order::new(arms), runs: Doubling::new(arms) })
    }
}

/// Doubling sequential halving of one replication.
pub struct DoublingSequentialHalvingLearner {
    /// The arms by place.
    order: Order,
    runs: Doubling,
}

impl Learner<PureExploration> for DoublingSequentialHalvingLearner {
    fn act(&mut self, round: Round<'_, PureExploration>) -> Choice {
        if round.t == 1 {
            self.order.draw(self.order.count(), round.rng);
        }
        let (place, _) = self.runs.pull();
        let found = self.runs.found().map_or(0, |(place, _)| place);
        Choice { pull: self.order.arm(place), recommend: self.order.arm(found) }
    }

    fn update(&mut self, outcome: Outcome<'_, PureExploration>) {
        self.runs.enter(self.order.place(outcome.action.pull), outcome.feedback);
    }

    fn reset(&mut self) {
        self.order.reset();
        self.runs.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exploration::tests::play;

    #[test]
    fn the_last_finished_run_recommends() {
        // B = 4 · 2 = 8: rewards of pulls 1 to 8 decide; the second run has 16 pulls. Arm 3 is best
        // until round 8, arm 0 afterwards.
        let choices = play(&DoublingSequentialHalving::default(), 4, 40, 30, |t, arm| match t {
            1..=8 => arm as f64,
            _ => -(arm as f64),
        });
        let recommended: Vec<usize> = choices.iter().map(|choice| choice.recommend).collect();
        let first = choices[0].pull;
        assert_eq!(recommended, [&[first; 8][..], &[3; 16], &[0; 6]].concat());
    }
}
