//! Speed beside plain hand-written loops of the same algorithms, in the same process: ratios are
//! what counts. `cargo bench` prints nanoseconds a round and the ratio; `cargo bench -- ucb1` only
//! what contains `ucb1`.
//!
//! Every figure is the fastest of several turns that alternate between the two, on one core:
//! what else the machine does can only slow a turn down.

mod plain;

use std::hint::black_box;
use std::time::Instant;

use regret_engine::checkpoints::Checkpoints;
use regret_engine::delay::Delay;
use regret_engine::learner::Setting;
use regret_engine::protocols::{Bandit, Experts};
use regret_engine::registry::{Algorithm, Form, play};
use regret_engine::simulation::Plan;
use regret_experiments::cell::{Cell, Common, ReadyEnvironment, Recorded};
use serde_json::json;

/// The arms of every comparison.
const MEANS: [f64; 10] = [0.5, 0.45, 0.4, 0.4, 0.35, 0.3, 0.3, 0.25, 0.2, 0.6];
const HORIZON: u64 = 20_000;
const REPLICATIONS: u64 = 64;
const TURNS: usize = 9;

/// A hand-written loop over that many rounds.
type Plain = fn(u64) -> f64;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let pick = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part));
    println!("{:<44} {:>9} {:>9} {:>7}", "one core, 10 Bernoulli arms", "plain", "engine", "ratio");
    let lanes: [(&str, Plain); 5] = [
        ("ucb1", plain::ucb1),
        ("epsilon_greedy", plain::epsilon_greedy),
        ("exp3", plain::exp3),
        ("thompson_beta", plain::thompson_beta),
        ("hedge", plain::hedge),
    ];
    for (name, plain) in lanes.into_iter().filter(|(name, _)| pick(name)) {
        let cell = cell(name);
        compare(&format!("{name}, 64 lanes"), || plain(HORIZON), || played(&cell), REPLICATIONS);
    }
    if pick("solo") {
        solo();
    }
}

/// Prints nanoseconds a round of both, and how many times faster the second is; `rounds` of play
/// are `HORIZON` for the first and `HORIZON × replications` for the second.
fn compare(
    name: &str,
    mut first: impl FnMut() -> f64,
    mut second: impl FnMut() -> f64,
    replications: u64,
) {
    let (mut a, mut b) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..TURNS {
        a = a.min(nanoseconds(&mut first) / HORIZON as f64);
        b = b.min(nanoseconds(&mut second) / (HORIZON * replications) as f64);
    }
    println!("{name:<44} {a:>6.1} ns {b:>6.1} ns {:>6.2}x", a / b);
}

fn nanoseconds(run: &mut impl FnMut() -> f64) -> f64 {
    let start = Instant::now();
    black_box(run());
    start.elapsed().as_secs_f64() * 1e9
}

fn plan(replications: u64) -> Plan {
    Plan {
        seed: 1,
        horizon: HORIZON,
        replications: 0..replications,
        checkpoints: Checkpoints::Log { count: 100 }.rounds(HORIZON),
        notions: vec![regret_engine::notion::PSEUDO_REGRET],
    }
}

fn environment() -> ReadyEnvironment {
    let entry = regret_environments::find("bernoulli").expect("registered");
    let model = (entry.parse)(json!({"means": MEANS})).expect("valid");
    ReadyEnvironment::new(model.as_ref(), entry.protocols, None, Delay::None).expect("no files")
}

fn cell(learner: &str) -> Cell {
    let entry = regret_algorithms::find(learner).expect("registered");
    let algorithm = (entry.parse)(json!({})).expect("valid");
    let common = Common {
        seed: 1,
        horizon: HORIZON,
        replications: REPLICATIONS,
        checkpoints: Checkpoints::default(),
        record: Recorded::Default,
    };
    Cell::new(&environment(), algorithm.as_ref(), None, &common).expect("fits")
}

fn played(cell: &Cell) -> f64 {
    let plan = Plan { notions: vec![cell.plan.notions[0]], ..plan(REPLICATIONS) };
    let record = cell.game.play(&plan, Form::Suited).expect("plays");
    record.series[0].values[0]
}

/// What the engine costs a learner of one replication: the same learner, called by the engine and
/// by a hand-written loop.
fn solo() {
    let ready = environment();
    let bandit = ready.prepared.face::<Bandit>().expect("a bandit");
    let experts = ready.prepared.face::<Experts>().expect("experts");
    let ucb1 = regret_algorithms::bandit::Ucb1::default();
    let setting = Setting::new(MEANS.len(), HORIZON);
    let engine = || {
        let make = |setting: &Setting<Bandit>| ucb1.learner(setting).expect("fits");
        play(bandit.as_ref(), make, &plan(8), Delay::None).expect("plays").series[0].values[0]
    };
    let by_hand = || plain::drive_bandit(ucb1.learner(&setting).expect("fits"), HORIZON);
    compare("ucb1, one replication at a time (solo)", by_hand, engine, 8);
    let hedge = regret_algorithms::experts::Hedge::default();
    let setting = Setting::new(MEANS.len(), HORIZON);
    let engine = || {
        let make = |setting: &Setting<Experts>| hedge.learner(setting).expect("fits");
        let plan = Plan { notions: vec![regret_engine::notion::HINDSIGHT_REGRET], ..plan(8) };
        play(experts.as_ref(), make, &plan, Delay::None).expect("plays").series[0].values[0]
    };
    let by_hand = || plain::drive_experts(hedge.learner(&setting).expect("fits"), HORIZON);
    compare("hedge, one replication at a time (solo)", by_hand, engine, 8);
}
