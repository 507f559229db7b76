//! One copy of a strategy for each state of the side information.
//!
//! Source: Cover, Ordentlich, "Universal portfolios with side information", 1996.
//! Guarantee: side-information regret at most the sum of the copies' regrets; with `universal`,
//! S (m − 1) ln (t + 1) for S states.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Portfolio;
use regret_engine::protocols::portfolio::MarketShape;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::strategy::within;
use super::{Strategy, Universal};

/// In every round the copy of the strategy that belongs to the state shown decides and learns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PerState {
    /// The strategy, a name or `{name: {parameters}}`; by default `universal`.
    pub strategy: Box<Strategy>,
}

impl Default for PerState {
    fn default() -> Self {
        Self { strategy: Box::new(Universal::default().into()) }
    }
}

impl Algorithm for PerState {
    type Protocol = Portfolio;
    type Learner = PerStateLearner;

    const NAME: &'static str = "per_state";
    const SUMMARY: &'static str = "one copy of a strategy for each state of side information";
    const SOURCE: &'static str = "Cover, Ordentlich, Universal portfolios with side information, \
                                  1996";

    fn check(&self) -> Result<(), ParameterError> {
        self.strategy.check().map_err(|error| within("strategy", error))
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let single = Setting { shape: MarketShape::new(setting.assets()), ..setting.clone() };
        let copies = (0..setting.shape.states).map(|_| self.strategy.learner(&single));
        let copies: Result<_, _> = copies.collect();
        Ok(PerStateLearner { copies: copies.map_err(|error| within("strategy", error))? })
    }
}

/// The copies.
pub struct PerStateLearner {
    copies: Vec<Box<dyn Learner<Portfolio>>>,
}

impl Learner<Portfolio> for PerStateLearner {
    fn act(&mut self, round: Round<'_, Portfolio>) -> &[f64] {
        let copy = &mut self.copies[round.context];
        copy.act(Round { context: 0, ..round })
    }

    fn update(&mut self, outcome: Outcome<'_, Portfolio>) {
        let copy = &mut self.copies[outcome.context];
        copy.update(Outcome { context: 0, ..outcome });
    }

    fn reset(&mut self) {
        self.copies.iter_mut().for_each(|copy| copy.reset());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::FollowBestAsset;
    use regret_engine::random::Stream;

    #[test]
    fn each_state_has_its_own() {
        let strategy = PerState { strategy: Box::new(FollowBestAsset {}.into()) };
        let setting = Setting::new(MarketShape { assets: 2, states: 2 }, 4);
        let mut learner = strategy.learner(&setting).expect("fits");
        let mut rng = Stream::from_state(1);
        let rows = [(0, [1.0, 2.0]), (1, [2.0, 1.0]), (0, [1.0, 1.0]), (1, [1.0, 1.0])];
        let mut played = Vec::new();
        for (t, (context, feedback)) in (1..).zip(&rows) {
            let (rng, context) = (&mut rng, *context);
            let action = learner.act(Round { t, slot: 0, context, rng }).to_vec();
            learner.update(Outcome { t, slot: 0, context, action: &action, feedback, rng });
            played.push(action);
        }
        assert_eq!(played, [[0.5, 0.5], [0.5, 0.5], [0.0, 1.0], [1.0, 0.0]]);
    }
}
