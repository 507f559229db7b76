//! Bounds over the whole registry.

use std::collections::BTreeSet;
use std::io::Write;

use regret_engine::bound::{Bound, Side};
use regret_engine::checkpoints::Checkpoints;
use regret_engine::delay::Delay;
use regret_engine::notion::Notion;
use regret_engine::record::Record;
use regret_engine::registry::{AnyAlgorithm, PreparedEnvironment};
use serde_json::{Value, json};

use crate::support::{Estimate, algorithm, environment, game, play, rounding};

/// Long enough that linear regret at a gap of 0.2 stands out against 4 √(K T) with three arms.
const HORIZON: u64 = 3000;
const REPLICATIONS: u64 = 32;

/// Episodes in place of rounds: each costs as much as some dozens of rounds, and linear regret stands
/// out as well.
const EPISODES: u64 = 400;

/// Standard errors that a mean may lie beyond a bound: some bounds are equalities in expectation,
/// looked at in some hundreds of places.
const ERRORS: f64 = 5.0;

/// Rounds, over all replications, before which means are not looked at: their law is too skewed for
/// their standard error to tell (of ten arms uniform play misses the best in nearly all rounds).
const FIRST: u64 = 1000;

/// Where means are looked at.
const CHECKPOINTS: Checkpoints = Checkpoints::Log { count: 12 };

/// Environments besides the registry's examples: small gaps, many arms, adversaries of other sizes.
fn hard_environments() -> Vec<(&'static str, Value)> {
    vec![
        ("bernoulli", json!({"means": [0.5, 0.53]})),
        ("bernoulli", json!({"means": [0.5, 0.5, 0.5, 0.5, 0.55, 0.5, 0.5, 0.5, 0.5, 0.5]})),
        ("bernoulli", json!({"means": [0.05, 0.01, 0.02, 0.1]})),
        ("bernoulli", json!({"means": [0.9, 0.1]})),
        ("gaussian", json!({"means": [0.3, 0.0, 0.6]})),
        ("loss_sequence", json!({"losses": [[0.5, 0.0], [0.0, 1.0], [1.0, 0.0]], "repeat": true})),
        ("fair_coin", json!({"experts": 5})),
        (
            "observation_budget",
            json!({"budget": 3000, "of": {"quasi_random": {"shares": [0.4, 0.5, 0.5, 0.5]}}}),
        ),
        (
            "observation_budget",
            json!({"budget": 400, "extra": true, "switch_cost": 3.0,
                   "of": {"multi_scale_walk": {"arms": 4, "gap": 0.1}}}),
        ),
        ("best_response", json!({"experts": 2})),
        ("best_response", json!({"experts": 10})),
        ("leader_killer", json!({"experts": 2})),
        ("comb", json!({"experts": 4})),
        ("linear_contextual", json!({"arms": 3, "features": 2, "law": "cube"})),
        ("linear_contextual", json!({"arms": 2, "features": 1, "layout": "fixed"})),
        (
            "mnl",
            json!({"attractions": [0.5, 1.0, 0.2], "revenues": [1.0, 0.6, 0.9], "capacity": 1}),
        ),
        ("cyclic_market", json!({"relatives": [[1.1, 0.95], [0.95, 1.1], [1.0, 1.01]]})),
        ("cyclic_market", json!({"relatives": [[1.0, 0.3], [1.2, 1.2], [0.5, 1.6]]})),
        ("lay", json!({"steps": 4, "width": 2, "actions": 3, "losses": "greedy-killer"})),
        ("lay", json!({"steps": 2, "width": 4, "actions": 2, "losses": "flip60"})),
        ("combination_lock", json!({"code": [1, 0, 1], "actions": 2, "bernoulli": true})),
    ]
}

/// Parameters that have other bounds than the defaults.
fn variants() -> Vec<(&'static str, Value)> {
    vec![
        ("fixed_arm", json!({"arm": 1})),
        ("epsilon_greedy", json!({"epsilon": 1})),
        ("epsilon_greedy", json!({"epsilon": 0.01})),
        ("explore_then_commit", json!({"gap": 0.2})),
        ("explore_then_commit", json!({"pulls": 50})),
        ("successive_elimination", json!({"delta": 0.1})),
        ("batched_omd", json!({"estimator": "full"})),
        ("batched_omd", json!({"estimator": "played"})),
        ("batched_omd", json!({"estimator": "random", "batches": 50, "sampler": "independent"})),
        ("lazy_ftpl", json!({"eta": 0.1})),
        ("reo_elimination", json!({"memory": 4, "delta": 0.1})),
        ("batched_exp3", json!({"batch": 30})),
        ("ucb2", json!({"alpha": 0.5})),
        ("ucb_v", json!({"zeta": 1.2})),
        ("exp3", json!({"eta": 0.1})),
        ("exp3_s", json!({"segments": 5})),
        ("log_barrier", json!({"eta": 0.05})),
        ("hedge", json!({"rate": "anytime"})),
        ("hedge", json!({"rate": "doubling"})),
        ("hedge", json!({"rate": 0.3})),
        ("ftpl", json!({"eta": 0.3})),
        ("squint", json!({"prior": "improper"})),
        ("fixed_share", json!({"switches": 3, "alpha": 0.01, "eta": 0.5})),
        ("ucb_e", json!({"a": 400})),
        ("universal", json!({"prior": "jeffreys"})),
        ("exponentiated_gradient", json!({"eta": 0.5})),
    ]
}

/// Learners that prove an upper bound at finite times: losing one by a slip would go unseen
/// otherwise.
const PROVEN: &[&str] = &[
    "uniform",
    "fixed_arm",
    "explore_then_commit",
    "successive_elimination",
    "reo_elimination",
    "batched_exp3",
    "batched_omd",
    "lazy_ftpl",
    "ucb1",
    "ucb2",
    "ucb_v",
    "moss",
    "kl_ucb_plus_plus",
    "kl_ucb_switch",
    "exp3",
    "exp3_ix",
    "exp3_p",
    "exp3_plus_plus",
    "exp3_s",
    "tsallis_inf",
    "log_barrier",
    "hedge",
    "ftpl",
    "adahedge",
    "ada_normal_hedge",
    "squint",
    "fixed_share",
    "cover",
    "uniform_exploration",
    "successive_rejects",
    "sequential_halving",
    "ucb_e",
    "oful",
    "assortment_ucb1",
    "buy_and_hold",
    "universal",
    "exponentiated_gradient",
    "soft_bayes",
    "best_policy",
    "policy_hedge",
    "policy_optimisation",
    "o_reps",
    "o_reps_bandit",
];

#[test]
fn no_bound_of_the_registry_is_broken() {
    let environments = environments();
    let mut proven = BTreeSet::new();
    let mut paired = BTreeSet::new();
    let mut broken = Vec::new();
    for learner in learners() {
        for (label, environment) in &environments {
            let episodic = learner.protocol().starts_with("episodic");
            let horizon = if episodic { EPISODES } else { HORIZON };
            // None: of another protocol; an error: parameters that do not fit (two experts only).
            let Some(Ok(game)) = learner.pair(environment, horizon, Delay::None) else { continue };
            paired.insert(learner.name());
            let bounds: Vec<Bound> = game.bounds().into_iter().filter(at_finite_times).collect();
            if bounds.is_empty() {
                continue;
            }
            if bounds.iter().any(|bound| bound.side == Side::Upper) {
                proven.insert(learner.name());
            }
            let notions = notions(&bounds);
            let record = play(game.as_ref(), 7, horizon, REPLICATIONS, CHECKPOINTS, &notions);
            let who = format!("{} {} on {label}", learner.name(), learner.parameters());
            let broken_here = bounds.iter().filter_map(|bound| violation(bound, &record));
            broken.extend(broken_here.map(|what| format!("{who}: {what}")));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    let registered: BTreeSet<_> =
        regret_algorithms::registry().into_iter().map(|entry| entry.name).collect();
    assert_eq!(paired, registered, "a learner was never played");
    let lost: Vec<_> = PROVEN.iter().filter(|name| !proven.contains(*name)).collect();
    assert!(lost.is_empty(), "no upper bound any more: {lost:?}");
}

/// The check itself: another learner's play breaks the bound of the learner that has it.
#[test]
fn a_broken_bound_is_seen() {
    let gap = || json!({"means": [0.1, 0.9]});
    let best = json!({"arm": 1});
    let cases = [
        // Follow the leader loses every round; one that never learns loses its gap in each.
        (
            "hedge",
            Side::Upper,
            "follow_the_leader",
            json!({}),
            "leader_killer",
            json!({"experts": 3}),
        ),
        ("ucb1", Side::Upper, "uniform", json!({}), "bernoulli", gap()),
        ("tsallis_inf", Side::Upper, "fixed_arm", json!({}), "bernoulli", gap()),
        // From below: the best arm has less regret than exploring costs.
        ("epsilon_greedy", Side::Lower, "fixed_arm", best, "bernoulli", gap()),
    ];
    for (bounded, side, other, parameters, name, world) in cases {
        let world = environment(name, world);
        let pair = |name, parameters| {
            game(&world, algorithm(name, parameters).as_ref(), HORIZON, Delay::None)
        };
        let mut bounds = pair(bounded, json!({})).bounds();
        bounds.retain(|bound| bound.side == side);
        assert!(!bounds.is_empty(), "{bounded}");
        let other_game = pair(other, parameters);
        let notions = notions(&bounds);
        let record = play(other_game.as_ref(), 7, HORIZON, REPLICATIONS, CHECKPOINTS, &notions);
        assert!(bounds.iter().all(|bound| violation(bound, &record).is_some()), "{other}");
    }
}

/// Where and by how much the mean lies on the wrong side of a bound.
fn violation(bound: &Bound, record: &Record) -> Option<String> {
    let series = record.series(bound.notion, None).expect("recorded");
    let replications = record.replication_count();
    for (index, &t) in record.checkpoints.iter().enumerate() {
        let estimate = Estimate::of(series.at(index, replications).expect("recorded"));
        let value = bound.at(t);
        let beyond = match bound.side {
            Side::Upper => estimate.mean - value,
            _ => value - estimate.mean,
        };
        if t * replications as u64 >= FIRST && beyond > ERRORS * estimate.error + rounding(value) {
            let (key, side, statement) = (bound.notion.key, bound.side, &bound.statement);
            return Some(format!("{key} at t = {t}: {estimate:?}; {side:?} {statement} = {value}"));
        }
    }
    None
}

fn at_finite_times(bound: &Bound) -> bool {
    matches!(bound.side, Side::Upper | Side::Lower)
}

/// The notions of some bounds, each once.
fn notions(bounds: &[Bound]) -> Vec<Notion> {
    let mut notions: Vec<Notion> = Vec::new();
    for bound in bounds {
        if !notions.contains(&bound.notion) {
            notions.push(bound.notion);
        }
    }
    notions
}

/// Every registered algorithm with its defaults, and the variants.
fn learners() -> Vec<Box<dyn AnyAlgorithm>> {
    let registered = regret_algorithms::registry().into_iter().map(|entry| (entry.name, json!({})));
    registered.chain(variants()).map(|(name, parameters)| algorithm(name, parameters)).collect()
}

/// Every registered environment's example, and the hard ones, with what to call them. Those that
/// read a file read a table of our own.
fn environments() -> Vec<(String, PreparedEnvironment)> {
    let mut table = tempfile::NamedTempFile::with_suffix(".csv").expect("a temporary file");
    writeln!(table, "a,b,c").expect("written");
    for row in 0..50 {
        let [a, b, c] = [3, 7, 11].map(|step| f64::from(row * step % 16) / 16.0);
        writeln!(table, "{a},{b},{c}").expect("written");
    }
    let replay = json!({"path": table.path(), "order": "bootstrap"});
    let classes = json!({"path": table.path(), "order": "bootstrap", "intercept": true});
    let mut prices = tempfile::NamedTempFile::with_suffix(".csv").expect("a temporary file");
    writeln!(prices, "a,b").expect("written");
    for row in 0..50 {
        let [a, b] = [3, 7].map(|step| 0.75 + f64::from(row * step % 16) / 32.0);
        writeln!(prices, "{a},{b}").expect("written");
    }
    let market =
        json!({"path": prices.path(), "order": {"stationary_bootstrap": {"mean_block": 5}}});
    let examples = regret_environments::registry().into_iter().map(|entry| {
        let example = serde_json::from_str(entry.example).expect("an example is JSON");
        let parameters = match entry.name {
            "replay" => replay.clone(),
            "classification" => classes.clone(),
            "market_table" => market.clone(),
            _ => example,
        };
        (entry.name, parameters)
    });
    let all = examples.chain(hard_environments());
    let prepared = all
        .map(|(name, parameters)| (format!("{name} {parameters}"), environment(name, parameters)));
    prepared.collect()
}
