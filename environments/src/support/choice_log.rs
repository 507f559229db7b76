//! Logs of choices: what every environment of the offline assortment protocol shares.
//!
//! Record m of a replication uses the noise words (m, 0) for the set and (m, 1) for the choice, so
//! that a longer log begins with the shorter one: sample sizes are compared on the same luck.

use regret_engine::environment::{Block, Environment, Problem, Quantity};
use regret_engine::mnl::{self, Solver, TIE};
use regret_engine::notion::{
    CORRECT_DECISION, CRITERION_GAP, Notion, OPTIMISM, SUBOPTIMALITY, VIOLATION,
};
use regret_engine::protocol::Nothing;
use regret_engine::protocols::OfflineAssortment;
use regret_engine::protocols::offline_assortment::{Decision, Decisions, Log, LogShape, Logs};
use regret_engine::random::{Noise, sample_index, unit};
use regret_engine::registry::ParameterError;

/// What is true in one replication.
#[derive(Clone, Debug)]
pub struct Truth {
    /// The revenue of each item.
    pub revenues: Vec<f64>,
    /// The features of each item, row-major.
    pub features: Vec<f64>,
    /// The attraction of each item.
    pub attractions: Vec<f64>,
    /// The sets that are logged, rising, with their probabilities.
    pub logging: Vec<(Vec<usize>, f64)>,
}

/// A kind of log.
pub trait ChoiceLog: Send + Sync + Clone + 'static {
    /// The sizes.
    fn shape(&self) -> LogShape;
    /// What is true in a replication.
    fn truth(&self, seed: u64, replication: u64) -> Truth;
    /// How often each logged set is offered, if that is not left to chance.
    fn counts(&self) -> Option<Vec<u64>> {
        None
    }
}

/// A [`ChoiceLog`] as the engine's problem.
#[derive(Clone)]
pub struct LogProblem<L>(pub L);

impl<L: ChoiceLog> Problem<OfflineAssortment> for LogProblem<L> {
    fn shape(&self) -> LogShape {
        self.0.shape()
    }

    fn instance(&self, _: u64) {}

    fn notions(&self) -> Vec<Notion> {
        vec![SUBOPTIMALITY, CORRECT_DECISION, OPTIMISM, CRITERION_GAP, VIOLATION]
    }

    /// One decision is made.
    fn longest_horizon(&self) -> Option<u64> {
        Some(1)
    }

    fn build(&self, block: &Block) -> Box<dyn Environment<OfflineAssortment>> {
        let shape = self.0.shape();
        let truths: Vec<Truth> =
            block.replications.clone().map(|r| self.0.truth(block.seed, r)).collect();
        let mut solver = Solver::new(shape.items, shape.capacity);
        let best = truths.iter().map(|truth| solver.solve(&truth.revenues, &truth.attractions));
        Box::new(Judge {
            best: best.collect(),
            noise: block.replications.clone().map(|r| Noise::new(block.seed, r)).collect(),
            judged: vec![Judged::default(); truths.len()],
            counts: self.0.counts(),
            shape,
            truths,
        })
    }
}

/// The environment: it shows logs and judges decisions.
struct Judge {
    shape: LogShape,
    truths: Vec<Truth>,
    noise: Vec<Noise>,
    counts: Option<Vec<u64>>,
    best: Vec<f64>,
    judged: Vec<Judged>,
}

/// What became of a decision.
#[derive(Clone, Copy, Default)]
struct Judged {
    suboptimality: f64,
    correct: f64,
    optimism: f64,
    gap: f64,
    violation: f64,
}

impl Environment<OfflineAssortment> for Judge {
    fn observe(&mut self, _: u64, logs: &mut Logs) {
        for ((log, truth), &noise) in logs.0.iter_mut().zip(&self.truths).zip(&self.noise) {
            *log = draw(truth, &self.shape, self.counts.as_deref(), noise);
        }
    }

    fn respond(&mut self, _: u64, decisions: &Decisions, _: &mut Nothing) {
        for (lane, truth) in self.truths.iter().enumerate() {
            let Decision { set, certificate } = decisions.view(lane);
            let revenue = mnl::revenue(&truth.revenues, &truth.attractions, set);
            let best = self.best[lane];
            self.judged[lane] = Judged {
                suboptimality: (best - revenue).max(0.0),
                correct: f64::from(u8::from(revenue >= best * (1.0 - TIE))),
                optimism: certificate.value - revenue,
                gap: certificate.gap,
                violation: certificate.violation,
            };
        }
    }

    fn record(&mut self, _: u64, quantity: Quantity, values: &mut [f64]) {
        let key = quantity.notion.key;
        for (value, judged) in values.iter_mut().zip(&self.judged) {
            *value = if key == SUBOPTIMALITY.key {
                judged.suboptimality
            } else if key == CORRECT_DECISION.key {
                judged.correct
            } else if key == OPTIMISM.key {
                judged.optimism
            } else if key == CRITERION_GAP.key {
                judged.gap
            } else {
                judged.violation
            };
        }
    }
}

/// Draws a log.
fn draw(truth: &Truth, shape: &LogShape, counts: Option<&[u64]>, noise: Noise) -> Log {
    let mut log = Log::new(shape.items, shape.dimension);
    log.revenues.copy_from_slice(&truth.revenues);
    log.features.copy_from_slice(&truth.features);
    let weights: Vec<f64> = truth.logging.iter().map(|(_, weight)| *weight).collect();
    let mut record = 0;
    let mut enter = |set: &[usize], record: u64| {
        let mut probabilities = vec![0.0; set.len()];
        mnl::probabilities(&truth.attractions, set, &mut probabilities);
        let u = unit(noise.word(record, 1));
        let nothing = 1.0 - probabilities.iter().sum::<f64>();
        let mut sum = nothing;
        let place = probabilities.iter().position(|p| {
            sum += p;
            u < sum
        });
        // The last sum is 1 but for rounding.
        let place = if u < nothing { None } else { place.or(Some(set.len() - 1)) };
        log.enter(set, place, 1.0);
    };
    match counts {
        Some(counts) => {
            for ((set, _), &count) in truth.logging.iter().zip(counts) {
                for _ in 0..count {
                    record += 1;
                    enter(set, record);
                }
            }
        }
        None => {
            for record in 1..=shape.records {
                let index = sample_index(&weights, unit(noise.word(record, 0)));
                enter(&truth.logging[index.min(weights.len() - 1)].0, record);
            }
        }
    }
    log
}

/// Unit vectors: features of items that have nothing in common.
pub fn units(items: usize) -> Vec<f64> {
    (0..items * items).map(|i| f64::from(u8::from(i % (items + 1) == 0))).collect()
}

/// Checks a set of a spec: rising items below `items`, at least one.
///
/// # Errors
/// The item that cannot be.
pub fn check_set(set: &[usize], items: usize, path: &str) -> Result<(), ParameterError> {
    ParameterError::unless(!set.is_empty(), path, "[]", "must have at least one item")?;
    for (index, &item) in set.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let rule = format!("must be an item, from 0 to {}", items - 1);
        ParameterError::unless(item < items, &path, item, &rule)?;
        let rises = index == 0 || set[index - 1] < item;
        ParameterError::unless(rises, &path, item, "must be above the item before it")?;
    }
    Ok(())
}
