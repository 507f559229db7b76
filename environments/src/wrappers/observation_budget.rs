//! Losses fixed in advance, of which only so many can be read.

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

use regret_engine::environment::{Block, Environment, Problem, Quantity};
use regret_engine::ledgers::{LossSums, ObservationsLedger};
use regret_engine::notion::{Notion, PULLS};
use regret_engine::protocol::{Buffers, NoSums, Scalars};
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::protocols::observations::{Choices, Losses, SwitchCost, Watched};
use regret_engine::protocols::{Experts, Observations};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::switching_costs::check_cost;
use super::{Inner, inner, within};

/// The losses of another environment (1 − reward of every action), of which the learner can read a
/// given number over the whole horizon, in any rounds and of any actions. Switches have a price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObservationBudget {
    /// The environment: its name with its parameters. Its losses must not depend on the play.
    pub of: Inner,
    /// The number of losses that can be read; at least one of each action, unless `extra`.
    pub budget: u64,
    /// Whether the budget is for reads beyond the action played, whose own loss is free.
    #[serde(default)]
    pub extra: bool,
    /// The price λ ≥ 0 of a switch.
    #[serde(default = "one")]
    pub switch_cost: f64,
}

const fn one() -> f64 {
    1.0
}

/// The most losses that a table of one replication holds.
const MOST_LOSSES: u64 = 1 << 24;

impl EnvironmentModel for ObservationBudget {
    const NAME: &'static str = "observation_budget";
    const SUMMARY: &'static str = "losses of which only so many can be read, and priced switches";
    const SOURCE: &'static str = "Cheng, Zhou, Ji, Understanding the role of feedback in online \
                                  learning with switching costs, 2023 (setting)";
    const EXAMPLE: &'static str =
        r#"{"budget": 60, "switch_cost": 0.5, "of": {"bernoulli": {"means": [0.5, 0.25, 0.6]}}}"#;
    const PROTOCOLS: &'static [&'static str] = &["observations"];

    fn check(&self) -> Result<(), ParameterError> {
        check_cost(self.switch_cost, "switch_cost")?;
        inner(&self.of).map(|_| ())
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        let model = inner(&self.of)?;
        let prepared = model.prepare().map_err(|error| within(model.name(), error))?;
        let Some(losses) = prepared.face::<Experts>() else {
            let rule = "must offer experts: the losses of all actions";
            return Err(ParameterError::new("of", model.name(), rule));
        };
        let instance = losses.instance(1);
        if !(instance.oblivious && instance.in_unit_interval()) {
            let rule = "its losses must lie in [0, 1] and be fixed before they are played against";
            return Err(ParameterError::new("of", model.name(), rule));
        }
        let actions = losses.shape();
        let rule = format!("must be at least 1 for each of the {actions} actions");
        let enough = self.extra || self.budget >= actions as u64;
        ParameterError::unless(enough, "budget", self.budget, &rule)?;
        let shape = Watched {
            actions,
            free: self.extra,
            budget: self.budget,
            switch_cost: SwitchCost(self.switch_cost),
        };
        let faces = Faces::new().with::<Observations>(BudgetProblem {
            losses,
            shape,
            written: Mutex::default(),
        });
        Ok(match prepared.fingerprint() {
            Some(fingerprint) => faces.fingerprint(fingerprint),
            None => faces,
        })
    }
}

/// Losses with a budget.
struct BudgetProblem {
    losses: Arc<dyn Problem<Experts>>,
    shape: Watched,
    /// The table of losses that are the same in every replication, once it is needed.
    written: Mutex<Option<Arc<Table>>>,
}

impl BudgetProblem {
    /// The losses of a block: shared by all blocks where they are written down in advance.
    fn table(&self, block: &Block) -> Arc<Table> {
        if self.losses.instance(block.horizon).law != Law::Written {
            return Arc::new(Table::of(self.losses.as_ref(), block));
        }
        // A table is whole or not there, whatever panicked.
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(table) = written.as_ref().filter(|table| table.horizon == block.horizon) {
            return table.clone();
        }
        let first = block.replications.start;
        let one = Block { replications: first..first + 1, ..block.clone() };
        let table = Arc::new(Table { shared: true, ..Table::of(self.losses.as_ref(), &one) });
        *written = Some(table.clone());
        table
    }
}

impl Problem<Observations> for BudgetProblem {
    fn shape(&self) -> Watched {
        self.shape
    }

    fn instance(&self, horizon: u64) -> Arms {
        self.losses.instance(horizon)
    }

    fn notions(&self) -> Vec<Notion> {
        ObservationsLedger::NOTIONS.to_vec()
    }

    fn components(&self, notion: Notion) -> u32 {
        if notion == PULLS { self.shape.actions as u32 } else { 0 }
    }

    fn longest_horizon(&self) -> Option<u64> {
        let most = MOST_LOSSES / self.shape.actions as u64;
        Some(self.losses.longest_horizon().map_or(most, |longest| longest.min(most)))
    }

    fn build(&self, block: &Block) -> Box<dyn Environment<Observations>> {
        let Watched { actions, budget, switch_cost, .. } = self.shape;
        Box::new(BudgetGame {
            shape: self.shape,
            table: self.table(block),
            ledger: ObservationsLedger::new(actions, switch_cost.0, block.lanes()),
            left: vec![budget; block.lanes()],
        })
    }
}

/// Sums of the losses of all rounds so far, so that a stay costs one subtraction.
struct Table {
    /// `[lane][round][action]`, the round from 0.
    sums: Vec<f64>,
    actions: usize,
    horizon: u64,
    /// Whether one lane serves all.
    shared: bool,
}

impl Table {
    fn of(losses: &dyn Problem<Experts>, block: &Block) -> Self {
        let (actions, lanes, horizon) = (losses.shape(), block.lanes(), block.horizon);
        let row = actions * (horizon as usize + 1);
        let mut sums = vec![0.0; row * lanes];
        let mut environment = losses.build(&Block { notions: Vec::new(), ..block.clone() });
        let mut buffers = Buffers::<Experts>::new(&actions, lanes);
        buffers.actions.values.fill(1.0 / actions as f64);
        for t in 1..=horizon {
            environment.observe(t, &mut buffers.contexts);
            environment.respond(t, &buffers.actions, &mut buffers.feedbacks);
            for (action, losses) in buffers.feedbacks.values.chunks_exact(lanes).enumerate() {
                for (lane, loss) in losses.iter().enumerate() {
                    let i = lane * row + t as usize * actions + action;
                    sums[i] = sums[i - actions] + loss;
                }
            }
        }
        Self { sums, actions, horizon, shared: false }
    }

    /// The loss of a round.
    fn loss(&self, lane: usize, action: usize, t: u64) -> f64 {
        (self.sum(lane, action, t) - self.sum(lane, action, t - 1)).clamp(0.0, 1.0)
    }
}

impl LossSums for Table {
    fn sum(&self, lane: usize, action: usize, t: u64) -> f64 {
        let lane = if self.shared { 0 } else { lane };
        let rounds = self.horizon as usize + 1;
        self.sums[(lane * rounds + t as usize) * self.actions + action]
    }
}

struct BudgetGame {
    shape: Watched,
    table: Arc<Table>,
    ledger: ObservationsLedger,
    /// What is left of the budget, `[lane]`.
    left: Vec<u64>,
}

impl Environment<Observations> for BudgetGame {
    fn observe(&mut self, _: u64, contexts: &mut Scalars<u64>) {
        contexts.0.copy_from_slice(&self.left);
    }

    fn respond(&mut self, t: u64, choices: &Choices, losses: &mut Losses) {
        for (lane, &action) in choices.actions.iter().enumerate() {
            self.ledger.play(lane, t, action, self.table.as_ref());
            let (reads, row) = (choices.reads(lane), lane * losses.actions);
            let row = &mut losses.values[row..row + losses.actions];
            if reads.is_empty() {
                row.fill(None);
                continue;
            }
            for (index, (loss, &read)) in row.iter_mut().zip(reads).enumerate() {
                *loss = read.then(|| self.table.loss(lane, index, t));
            }
            // `check` has seen that it is there.
            let price = self.shape.price(action, reads);
            self.left[lane] = self.left[lane].saturating_sub(price);
            self.ledger.read(lane, price);
        }
    }

    /// Without reads a run is one entry in the books; with reads it ends after a round, so that the
    /// budget is looked at before each.
    fn run(
        &mut self,
        rounds: RangeInclusive<u64>,
        buffers: &mut Buffers<Observations>,
        (): &(),
        _: &mut NoSums,
    ) -> u64 {
        let (first, last) = rounds.into_inner();
        self.respond(first, &buffers.actions, &mut buffers.feedbacks);
        if buffers.actions.reading[0] { first } else { last }
    }

    fn record(&mut self, t: u64, quantity: Quantity, values: &mut [f64]) {
        self.ledger.record(t, self.table.as_ref(), quantity, values);
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::notion::{HINDSIGHT_REGRET, READS};
    use regret_engine::protocol::LaneBuffer;
    use regret_engine::protocols::observations::Choice;
    use serde_json::json;

    use super::*;

    fn model(parameters: serde_json::Value) -> ObservationBudget {
        serde_json::from_value(parameters).expect("valid")
    }

    #[test]
    fn reads_are_metered_and_losses_paid() {
        let losses = json!([[1.0, 0.0], [0.5, 0.25], [0.0, 1.0]]);
        let of = json!({"loss_sequence": {"losses": losses}});
        let problem = model(json!({"budget": 3, "of": of})).problem::<Observations>();
        let problem = problem.expect("fits");
        assert_eq!(problem.longest_horizon(), Some(3));
        let notions = ObservationsLedger::NOTIONS.to_vec();
        let block = Block { seed: 1, replications: 0..1, horizon: 3, notions };
        let mut environment = problem.build(&block);
        let mut buffers = Buffers::<Observations>::new(&problem.shape(), 1);
        let mut seen = Vec::new();
        for (t, action, reads) in [(1, 0, &[true, true][..]), (2, 0, &[]), (3, 1, &[false, true])] {
            environment.observe(t, &mut buffers.contexts);
            seen.push(buffers.contexts.0[0]);
            buffers.actions.write(0, Choice { action, reads });
            environment.respond(t, &buffers.actions, &mut buffers.feedbacks);
            seen.push(buffers.feedbacks.values.iter().flatten().count() as u64);
        }
        assert_eq!(seen, [3, 2, 1, 0, 1, 1]);
        assert_eq!(buffers.feedbacks.values, [None, Some(1.0)]);
        let mut value = |notion| {
            let mut values = [f64::NAN];
            environment.record(3, Quantity { notion, component: None }, &mut values);
            values[0]
        };
        // Paid 1 + 0.5 + 1; action 1 lost 1.25.
        assert_eq!((value(HINDSIGHT_REGRET), value(READS)), (1.25, 3.0));
    }

    #[test]
    fn budgets_and_environments_that_cannot_be_are_refused() {
        let path = |parameters| model(parameters).problem::<Observations>().err().map(|e| e.path);
        let coins = || json!({"fair_coin": {"experts": 4}});
        assert_eq!(path(json!({"budget": 3, "of": coins()})).as_deref(), Some("budget"));
        assert_eq!(path(json!({"budget": 3, "extra": true, "of": coins()})), None);
        let reacts = json!({"best_response": {"experts": 3}});
        assert_eq!(path(json!({"budget": 9, "of": reacts})).as_deref(), Some("of"));
        let normal = json!({"gaussian": {"means": [0.1, 0.2]}});
        assert_eq!(path(json!({"budget": 9, "of": normal})).as_deref(), Some("of"));
    }
}
