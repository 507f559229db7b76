//! Speed of assortments: the best set, epochs beside a plain loop over customers, PASTA.
//! `cargo bench --bench assortment` prints the fastest of several turns, on one core, and ratios of
//! the same run; `-- epochs` only what contains `epochs`.

use std::hint::black_box;
use std::time::Instant;

use rand_distr::{Beta, Distribution};
use regret_engine::delay::Delay;
use regret_engine::mnl::Solver;
use regret_engine::notion::{REVENUE_REGRET, SUBOPTIMALITY};
use regret_engine::random::{Role, Stream};
use regret_engine::registry::{Form, Match};
use regret_engine::simulation::Plan;
use serde_json::{Value, json};

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let pick = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part));
    if pick("best set") {
        best_set(1000, 2000);
        best_set(1_000_000, 3);
    }
    if pick("epochs") {
        epochs();
    }
    if pick("pasta") {
        pasta();
    }
}

/// The fastest of several turns, in seconds.
fn fastest(turns: usize, mut run: impl FnMut() -> f64) -> f64 {
    let turn = |_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed().as_secs_f64()
    };
    (0..turns).map(turn).fold(f64::INFINITY, f64::min)
}

fn uniform(stream: &mut Stream, count: usize) -> Vec<f64> {
    (0..count).map(|_| stream.uniform()).collect()
}

/// The solver beside Dinkelbach's iteration with a full sort.
fn best_set(items: usize, times: usize) {
    let mut stream = Stream::new(1, 0, Role::Environment);
    let (r, v) = (uniform(&mut stream, items), uniform(&mut stream, items));
    let mut solver = Solver::new(items, 10);
    let ours = fastest(7, || (0..times).map(|_| solver.solve(black_box(&r), &v)).sum());
    let by_sorting = fastest(3, || (0..times).map(|_| plain_best(black_box(&r), &v, 10).0).sum());
    let (ours, by_sorting) = (ours / times as f64 * 1e6, by_sorting / times as f64 * 1e6);
    println!(
        "best set, N = {items}, K = 10: {ours:.2} µs; by sorting {by_sorting:.2} µs ({:.1}x)",
        by_sorting / ours
    );
}

/// Dinkelbach's iteration as one writes it first.
fn plain_best(r: &[f64], v: &[f64], capacity: usize) -> (f64, Vec<usize>) {
    let mut z = 0.0;
    loop {
        let score = |i: usize| v[i] * (r[i] - z);
        let mut set: Vec<usize> = (0..r.len()).filter(|&i| score(i) > 0.0).collect();
        set.sort_by(|&a, &b| score(b).total_cmp(&score(a)));
        set.truncate(capacity);
        let sales: f64 = set.iter().map(|&i| r[i] * v[i]).sum();
        let better = sales / (1.0 + set.iter().map(|&i| v[i]).sum::<f64>());
        if better <= z {
            return (z, set);
        }
        z = better;
    }
}

const ITEMS: usize = 1000;
const HORIZON: u64 = 200_000;

/// TS-Beta with 1000 items, sets of 10, 2·10⁵ customers.
fn epochs() {
    let market = ("mnl_random", json!({"items": ITEMS, "capacity": 10}));
    let game = game(market, ("mnl_ts_beta", json!({})), HORIZON);
    let ours = fastest(3, || played(game.as_ref(), HORIZON, REVENUE_REGRET));
    let by_customer = fastest(1, plain_ts_beta);
    println!(
        "epochs, TS-Beta, N = {ITEMS}, K = 10, T = {HORIZON}: {ours:.3} s a replication; a plain loop \
         over customers {by_customer:.3} s ({:.1}x)",
        by_customer / ours
    );
}

/// TS-Beta as a careful researcher writes it: a loop over customers, `rand_distr`'s Beta law.
fn plain_ts_beta() -> f64 {
    let mut environment = Stream::new(1, 0, Role::Environment);
    let (mut noise, mut rng) = (Stream::new(1, 0, Role::Noise), Stream::new(1, 0, Role::Learner));
    let (v, r) = (uniform(&mut environment, ITEMS), uniform(&mut environment, ITEMS));
    let best = plain_best(&r, &v, 10).0;
    let (mut lost, mut bought) = (vec![1.0; ITEMS], vec![1.0; ITEMS]);
    let (mut set, mut regret) = (Vec::new(), 0.0);
    for _ in 0..HORIZON {
        if set.is_empty() {
            let draw = |i: usize, rng: &mut Stream| {
                let law = Beta::new(lost[i], bought[i]).expect("positive");
                1.0 / law.sample(rng) - 1.0
            };
            let drawn: Vec<f64> = (0..ITEMS).map(|i| draw(i, &mut rng)).collect();
            set = plain_best(&r, &drawn, 10).1;
        }
        let weight = 1.0 + set.iter().map(|&i| v[i]).sum::<f64>();
        regret += best - set.iter().map(|&i| r[i] * v[i]).sum::<f64>() / weight;
        let mut left = noise.uniform() * weight - 1.0;
        if left < 0.0 {
            set.iter().for_each(|&i| lost[i] += 1.0);
            set.clear();
            continue;
        }
        for &item in &set {
            left -= v[item];
            if left < 0.0 {
                bought[item] += 1.0;
                break;
            }
        }
    }
    regret
}

/// One draw with 20 items, sets of 4, 20 features, 1000 records.
fn pasta() {
    let log = (
        "choice_log_random",
        json!({"items": 20, "capacity": 4, "dimension": 20,
        "records": 1000, "coverage": 0.5, "others": 4845}),
    );
    let game = game(log, ("pasta", json!({})), 1);
    let ours = fastest(3, || played(game.as_ref(), 1, SUBOPTIMALITY));
    println!("pasta, N = 20, K = 4, d = 20, n = 1000: {ours:.3} s a draw");
}

fn game(market: (&str, Value), learner: (&str, Value), horizon: u64) -> Box<dyn Match> {
    let environment = regret_environments::find(market.0).expect("registered");
    let ready = (environment.parse)(market.1).expect("valid").prepare().expect("no files");
    let entry = regret_algorithms::find(learner.0).expect("registered");
    let algorithm = (entry.parse)(learner.1).expect("valid");
    algorithm.pair(&ready, horizon, Delay::None).expect("same protocol").expect("fits")
}

fn played(game: &dyn Match, horizon: u64, notion: regret_engine::notion::Notion) -> f64 {
    let plan = Plan { checkpoints: vec![horizon], ..Plan::new(horizon, 1, notion) };
    game.play(&plan, Form::Suited).expect("plays").at_horizon(notion)[0]
}
