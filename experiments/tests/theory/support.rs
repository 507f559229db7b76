//! Cells by name, and samples of their records.

use regret_engine::checkpoints::Checkpoints;
use regret_engine::delay::Delay;
use regret_engine::notion::Notion;
use regret_engine::record::Record;
use regret_engine::registry::{AnyAlgorithm, Form, Match, PreparedEnvironment};
use regret_engine::simulation::Plan;
use serde_json::Value;

/// The registered environment of that name.
pub(crate) fn environment(name: &str, parameters: Value) -> PreparedEnvironment {
    let entry = regret_environments::find(name).expect("registered");
    let model = (entry.parse)(parameters).unwrap_or_else(|error| panic!("{name}: {error}"));
    model.prepare().unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The registered algorithm of that name.
pub(crate) fn algorithm(name: &str, parameters: Value) -> Box<dyn AnyAlgorithm> {
    let entry = regret_algorithms::find(name).expect("registered");
    (entry.parse)(parameters).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The names of the algorithms of a protocol.
pub(crate) fn algorithms_of(protocol: &str) -> Vec<&'static str> {
    let entries = regret_algorithms::registry().into_iter();
    entries.filter(|entry| entry.protocol == protocol).map(|entry| entry.name).collect()
}

/// The pairing of an algorithm with an environment that it fits.
pub(crate) fn game(
    environment: &PreparedEnvironment,
    algorithm: &dyn AnyAlgorithm,
    horizon: u64,
    delay: Delay,
) -> Box<dyn Match> {
    let name = algorithm.name();
    let game = algorithm.pair(environment, horizon, delay).expect("of the same protocol");
    game.unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Plays replications 0 to `replications` − 1.
pub(crate) fn play(
    game: &dyn Match,
    seed: u64,
    horizon: u64,
    replications: u64,
    checkpoints: Checkpoints,
    notions: &[Notion],
) -> Record {
    let plan = Plan {
        seed,
        horizon,
        replications: 0..replications,
        checkpoints: checkpoints.rounds(horizon),
        notions: notions.to_vec(),
    };
    game.play(&plan, Form::Suited).unwrap_or_else(|fault| panic!("{fault}"))
}

/// The values of a notion after the last round, one for each replication.
pub(crate) fn at_horizon(
    game: &dyn Match,
    seed: u64,
    horizon: u64,
    count: u64,
    notion: Notion,
) -> Vec<f64> {
    let last = Checkpoints::Linear { count: 1 };
    let record = play(game, seed, horizon, count, last, &[notion]);
    record.series(notion, None).expect("recorded").values.clone()
}

/// A mean and its standard error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    pub(crate) mean: f64,
    /// 0 for equal values and for a single one.
    pub(crate) error: f64,
}

impl Estimate {
    pub(crate) fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        Self { mean, error: (squares / (n * (n - 1.0).max(1.0))).sqrt() }
    }

    /// Whether `value` is within so many standard errors, and rounding, of the mean.
    pub(crate) fn agrees(self, value: f64, errors: f64) -> bool {
        (self.mean - value).abs() <= errors * self.error + rounding(value)
    }
}

/// What sums of some thousands of rounds may be off by.
pub(crate) fn rounding(value: f64) -> f64 {
    1e-9 * (1.0 + value.abs())
}
