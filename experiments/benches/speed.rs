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
const TURNS: usize = 9;

/// A hand-written loop over that many rounds.
type Plain = fn(u64) -> f64;

/// An algorithm, its plain loop, and how long and how often the engine plays it.
struct Case {
    name: &'static str,
    plain: Plain,
    horizon: u64,
    replications: u64,
}

const CASES: [Case; 8] = [
    Case { name: "ucb1", plain: plain::ucb1, horizon: 20_000, replications: 64 },
    Case { name: "ucb1", plain: plain::ucb1, horizon: 1_000_000, replications: 8 },
    Case { name: "kl_ucb", plain: plain::kl_ucb, horizon: 100_000, replications: 16 },
    Case {
        name: "epsilon_greedy",
        plain: plain::epsilon_greedy,
        horizon: 20_000,
        replications: 64,
    },
    Case { name: "thompson_beta", plain: plain::thompson_beta, horizon: 20_000, replications: 64 },
    Case { name: "exp3", plain: plain::exp3, horizon: 20_000, replications: 64 },
    Case { name: "tsallis_inf", plain: plain::tsallis_inf, horizon: 20_000, replications: 64 },
    Case { name: "hedge", plain: plain::hedge, horizon: 20_000, replications: 64 },
];

/// Rounds of the comparison of solo learners.
const SOLO: u64 = 20_000;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let pick = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part));
    let simd = format!("one core, 10 Bernoulli arms, {:?}", regret_engine::simd::level());
    println!("{simd:<44} {:>9} {:>9} {:>7}", "plain", "engine", "ratio");
    for case in CASES.iter().filter(|case| pick(case.name)) {
        let cell = cell(case);
        let title = format!("{}, {} rounds, {:?}", case.name, case.horizon, cell.game.suited());
        let rounds = (case.horizon, case.horizon * case.replications);
        compare(&title, rounds, || (case.plain)(case.horizon), || played(&cell));
    }
    if pick("solo") {
        solo();
    }
}

/// Prints nanoseconds a round of both, and how many times faster the second is; each plays that
/// many rounds.
fn compare(
    name: &str,
    rounds: (u64, u64),
    mut first: impl FnMut() -> f64,
    mut second: impl FnMut() -> f64,
) {
    let (mut a, mut b) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..TURNS {
        a = a.min(nanoseconds(&mut first) / rounds.0 as f64);
        b = b.min(nanoseconds(&mut second) / rounds.1 as f64);
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
        horizon: SOLO,
        replications: 0..replications,
        checkpoints: Checkpoints::Log { count: 100 }.rounds(SOLO),
        notions: vec![regret_engine::notion::PSEUDO_REGRET],
    }
}

fn environment() -> ReadyEnvironment {
    let entry = regret_environments::find("bernoulli").expect("registered");
    let model = (entry.parse)(json!({"means": MEANS})).expect("valid");
    ReadyEnvironment::new(model.as_ref(), entry.protocols, None, Delay::None).expect("no files")
}

fn cell(case: &Case) -> Cell {
    let entry = regret_algorithms::find(case.name).expect("registered");
    let algorithm = (entry.parse)(json!({})).expect("valid");
    let common = Common {
        seed: 1,
        horizon: case.horizon,
        replications: case.replications,
        checkpoints: Checkpoints::default(),
        record: Recorded::Default,
    };
    Cell::new(&environment(), algorithm.as_ref(), None, &common).expect("fits")
}

fn played(cell: &Cell) -> f64 {
    let plan = Plan { notions: vec![cell.plan.notions[0]], ..cell.plan.clone() };
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
    let setting = Setting::new(MEANS.len(), SOLO);
    let engine = || {
        let make = |setting: &Setting<Bandit>| ucb1.learner(setting).expect("fits");
        play(bandit.as_ref(), make, &plan(8), Delay::None).expect("plays").series[0].values[0]
    };
    let by_hand = || plain::drive_bandit(ucb1.learner(&setting).expect("fits"), SOLO);
    compare("ucb1, one replication at a time (solo)", (SOLO, 8 * SOLO), by_hand, engine);
    let hedge = regret_algorithms::experts::Hedge::default();
    let setting = Setting::new(MEANS.len(), SOLO);
    let engine = || {
        let make = |setting: &Setting<Experts>| hedge.learner(setting).expect("fits");
        let plan = Plan { notions: vec![regret_engine::notion::HINDSIGHT_REGRET], ..plan(8) };
        play(experts.as_ref(), make, &plan, Delay::None).expect("plays").series[0].values[0]
    };
    let by_hand = || plain::drive_experts(hedge.learner(&setting).expect("fits"), SOLO);
    compare("hedge, one replication at a time (solo)", (SOLO, 8 * SOLO), by_hand, engine);
}
