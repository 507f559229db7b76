//! Always the same set: the comparator itself, if it is the best one.

use regret_engine::learner::{Learner, Outcome, Round, Run, RunLearner, Setting};
use regret_engine::protocols::Assortment;
use regret_engine::protocols::assortment::Sales;
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the fixed set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FixedAssortment {
    /// The items offered, rising from 0. Of those, the ones that are available are offered; if none
    /// is, the first item that is.
    pub items: Vec<usize>,
}

impl Default for FixedAssortment {
    fn default() -> Self {
        Self { items: vec![0] }
    }
}

impl Algorithm for FixedAssortment {
    type Protocol = Assortment;
    type Learner = FixedSet;

    const NAME: &'static str = "fixed_assortment";
    const SUMMARY: &'static str = "always offers the same set";
    const SOURCE: &'static str = "folklore";

    fn check(&self) -> Result<(), ParameterError> {
        ParameterError::unless(!self.items.is_empty(), "items", "[]", "must have an item")?;
        for (index, pair) in self.items.windows(2).enumerate() {
            let rule = format!("must be above the item before it, which is {}", pair[0]);
            let path = format!("items[{}]", index + 1);
            ParameterError::unless(pair[0] < pair[1], &path, pair[1], &rule)?;
        }
        Ok(())
    }

    fn learner(&self, setting: &Setting<Assortment>) -> Result<FixedSet, ParameterError> {
        let count = setting.items();
        for (index, &item) in self.items.iter().enumerate() {
            let rule = format!("must be an item, from 0 to {}", count - 1);
            ParameterError::unless(item < count, &format!("items[{index}]"), item, &rule)?;
        }
        let rule = format!("must be at most {} items", setting.shape.capacity);
        let fits = self.items.len() <= setting.shape.capacity;
        ParameterError::unless(fits, "items", format!("({} items)", self.items.len()), &rule)?;
        let set = Vec::with_capacity(self.items.len());
        Ok(FixedSet { items: self.items.clone(), set, fixed: setting.shape.fixed })
    }

    fn runs(&self, setting: &Setting<Assortment>) -> Option<Box<dyn RunLearner<Assortment>>> {
        let holds = setting.shape.fixed && setting.sums_runs();
        holds.then(|| boxed_runs(self, setting)).flatten()
    }
}

/// The fixed set of one replication.
pub struct FixedSet {
    items: Vec<usize>,
    set: Vec<usize>,
    fixed: bool,
}

impl Learner<Assortment> for FixedSet {
    fn act(&mut self, round: Round<'_, Assortment>) -> &[usize] {
        let available = round.context.available;
        self.set.clear();
        self.set.extend(self.items.iter().copied().filter(|&item| available[item]));
        if self.set.is_empty() {
            self.set.extend(available.iter().position(|&there| there));
        }
        &self.set
    }

    fn update(&mut self, _: Outcome<'_, Assortment>) {}

    fn reset(&mut self) {}

    fn hold(&self) -> u64 {
        if self.fixed { u64::MAX } else { 1 }
    }
}

impl RunLearner<Assortment> for FixedSet {
    fn run(&mut self, _: u64) -> Run<Assortment> {
        Run::kept()
    }

    fn absorb(&mut self, _: u64, _: &Sales) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assortment::tests::market;

    #[test]
    fn sets_that_do_not_fit_are_refused() {
        let place = |items: &[usize]| {
            let spec = FixedAssortment { items: items.to_vec() };
            let fits = |()| spec.learner(&Setting::new(market(4, 2), 10)).map(|_| ());
            spec.check().and_then(fits).expect_err("does not fit").path
        };
        assert_eq!(place(&[]), "items");
        assert_eq!(place(&[1, 1]), "items[1]");
        assert_eq!(place(&[1, 4]), "items[1]");
        assert_eq!(place(&[0, 1, 2]), "items");
    }
}
