//! What the tests of several strategies use.

use regret_engine::environment::{Block, Quantity};
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::ledgers::{Convention, Costs, PortfolioLedger};
use regret_engine::notion::LOG_WEALTH;
use regret_engine::protocol::{Scalars, Vectors};
use regret_engine::protocols::Portfolio;
use regret_engine::protocols::portfolio::MarketShape;
use regret_engine::random::{Role, Stream};
use regret_engine::registry::Algorithm;

use super::*;

pub(crate) fn setting(assets: usize, horizon: u64) -> Setting<Portfolio> {
    Setting::new(MarketShape::new(assets), horizon)
}

/// Plays a market; answers the portfolios and the log-wealth under costs.
fn play<A>(algorithm: &A, rows: &[Vec<f64>], costs: Costs) -> (Vec<Vec<f64>>, f64)
where
    A: Algorithm<Protocol = Portfolio>,
{
    let assets = rows[0].len();
    let horizon = rows.len() as u64;
    algorithm.check().expect("valid");
    let mut learner = algorithm.learner(&setting(assets, horizon)).expect("fits");
    let block = Block { seed: 1, replications: 0..1, horizon, notions: vec![LOG_WEALTH] };
    let mut ledger = PortfolioLedger::new(MarketShape::new(assets), &block, costs, true);
    let mut rng = Stream::new(1, 0, Role::Learner);
    let mut played = Vec::new();
    for (t, feedback) in (1..).zip(rows) {
        let rng = &mut rng;
        let action = learner.act(Round { t, slot: 0, context: 0, rng }).to_vec();
        let vectors = |values: &[f64]| Vectors { values: values.to_vec(), lanes: 1 };
        ledger.round(&Scalars(vec![0]), &vectors(&action), &vectors(feedback));
        learner.update(Outcome { t, slot: 0, context: 0, action: &action, feedback, rng });
        played.push(action);
    }
    let mut value = [f64::NAN];
    ledger.record(horizon, Quantity { notion: LOG_WEALTH, component: None }, &mut value);
    (played, value[0])
}

pub(crate) fn portfolios<A>(algorithm: &A, rows: &[Vec<f64>]) -> Vec<Vec<f64>>
where
    A: Algorithm<Protocol = Portfolio>,
{
    play(algorithm, rows, Costs::default()).0
}

pub(crate) fn log_wealth<A>(algorithm: &A, rows: &[Vec<f64>]) -> f64
where
    A: Algorithm<Protocol = Portfolio>,
{
    play(algorithm, rows, Costs::default()).1
}

/// To the nine decimal places that are known.
pub(crate) fn assert_log_wealth<A>(algorithm: &A, rows: &[Vec<f64>], known: f64)
where
    A: Algorithm<Protocol = Portfolio>,
{
    let found = log_wealth(algorithm, rows);
    assert!((found - known).abs() < 1e-9, "{found:.10} is not {known:.9}");
}

/// A market of three assets given by a formula.
pub(crate) fn market_a(rounds: u32) -> Vec<Vec<f64>> {
    let relative = |t: f64, i: f64| {
        let slow = 0.01 * (0.37 * t * (i + 1.0)).cos();
        (0.03 * (0.9 * t + 2.1 * i).sin() + slow + 0.0005 * i).exp()
    };
    (1..=rounds).map(|t| (0..3).map(|i| relative(f64::from(t), f64::from(i))).collect()).collect()
}

/// (1, 2), (1, ½), again and again.
pub(crate) fn alternating(rounds: usize) -> Vec<Vec<f64>> {
    (0..rounds).map(|t| vec![1.0, if t % 2 == 0 { 2.0 } else { 0.5 }]).collect()
}

#[test]
fn costs_by_both_conventions() {
    let with = |rate, convention| Costs { rate, convention };
    let olps = with(0.0025, Convention::Olps);
    let near = |found: f64, known: f64| assert!((found - known).abs() < 1e-9, "{found} {known}");
    near(play(&Olmar::default(), &market_a(250), olps).1, 0.757_486_165);
    near(play(&ConstantRebalanced::default(), &market_a(250), olps).1, 0.167_335_686);
    let exact = with(0.005, Convention::Exact);
    near(play(&ConstantRebalanced::default(), &market_a(250), exact).1, 0.150_378_786);
    // Who never trades pays nothing, but for buying.
    near(play(&BuyAndHold::default(), &market_a(250), exact).1, 0.122_570_703);
}

#[test]
fn strategies_are_read_by_name() {
    let read = |text: &str| serde_json::from_str::<Strategy>(text);
    assert_eq!(read("\"pamr\"").expect("a name"), Pamr::default().into());
    let given = read(r#"{"pamr": {"epsilon": 0.9}}"#).expect("parameters");
    assert_eq!(given, Pamr { epsilon: 0.9, ..Pamr::default() }.into());
    let written = serde_json::to_string(&given).expect("writes");
    assert_eq!(read(&written).expect("reads"), given);
    for (text, message) in [
        ("\"pamrr\"", "there is no strategy `pamrr`; there are constant_rebalanced, "),
        (r#"{"pamr": {"epsilonn": 1}}"#, "pamr: unknown field `epsilonn`"),
        (r#"{"pamr": {}, "olmar": {}}"#, "a strategy is a name, or"),
        ("7", "a strategy is a name, or"),
    ] {
        let error = read(text).expect_err(text).to_string();
        assert!(error.contains(message), "{error}");
    }
    let nested = Ensemble {
        components: vec![Pamr { epsilon: -1.0, ..Pamr::default() }.into()],
        ..Ensemble::default()
    };
    assert_eq!(nested.check().expect_err("a negative number").path, "components[0].epsilon");
}
