//! A random set in every round.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Assortment;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::epochs::Chooser;

/// Random sets have no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RandomAssortment {}

impl Algorithm for RandomAssortment {
    type Protocol = Assortment;
    type Learner = RandomSets;

    const NAME: &'static str = "random_assortment";
    const SUMMARY: &'static str = "offers as many items as fit, at random";
    const SOURCE: &'static str = "folklore";

    fn learner(&self, setting: &Setting<Assortment>) -> Result<RandomSets, ParameterError> {
        let items = setting.items();
        Ok(RandomSets {
            chooser: Chooser::new(&setting.shape),
            values: vec![0.0; items],
            ones: vec![1.0; items],
        })
    }
}

/// Random sets of one replication.
pub struct RandomSets {
    chooser: Chooser,
    values: Vec<f64>,
    ones: Vec<f64>,
}

impl Learner<Assortment> for RandomSets {
    fn act(&mut self, round: Round<'_, Assortment>) -> &[usize] {
        self.values.iter_mut().for_each(|value| *value = round.rng.open_uniform());
        self.chooser.choose(&self.ones, round.context, &mut self.values);
        &self.chooser.set
    }

    fn update(&mut self, _: Outcome<'_, Assortment>) {}

    fn reset(&mut self) {}
}
