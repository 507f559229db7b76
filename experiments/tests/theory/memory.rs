//! Environments that remember: known values, and those of other programs.

use regret_engine::checkpoints::Checkpoints;
use regret_engine::delay::Delay;
use regret_engine::notion::{
    HINDSIGHT_REGRET, Notion, POLICY_REGRET, PSEUDO_REGRET, REO_REGRET, SWITCHES, WARM_UP,
};
use regret_engine::registry::PreparedEnvironment;
use serde_json::{Value, json};

use crate::support::{Estimate, algorithm, at_horizon, environment, game, play};

/// The page's five arms: the last is best when repeated.
fn five_arms(memory: u64, exponent: f64, noise: &str) -> PreparedEnvironment {
    let half = json!({"constant": 0.5});
    let first = json!({"power": {"from": 0.3, "to": 0.7}});
    let last = json!({"power": {"from": 0.9, "to": 0.1, "exponent": exponent}});
    let curves = json!([first, half, half, half, last]);
    environment("weighted_tallying", json!({"memory": memory, "curves": curves, "noise": noise}))
}

fn sample(
    environment: &PreparedEnvironment,
    (name, parameters): (&str, Value),
    (horizon, replications): (u64, u64),
    notion: Notion,
) -> Estimate {
    let game = game(environment, algorithm(name, parameters).as_ref(), horizon, Delay::None);
    Estimate::of(&at_horizon(game.as_ref(), 5, horizon, replications, notion))
}

#[test]
fn repeating_the_best_arm_costs_the_warm_up() {
    // 0.8 · (m − 1)/2 = 3.6.
    let arms = five_arms(10, 1.0, "bernoulli");
    let best = ("fixed_arm", json!({"arm": 4}));
    for notion in [REO_REGRET, WARM_UP] {
        let found = sample(&arms, best.clone(), (500, 3), notion);
        assert!(found.agrees(3.6, 0.0), "{found:?}");
    }
    // With memory 4 and arms 0.2 + 0.1 y, 0.5, 0.9 − 0.2 y: the best sequence of ten rounds costs
    // 2.2, that of twenty as much as repeating, 3.2.
    let small = environment(
        "weighted_tallying",
        json!({"memory": 4, "curves": [
            {"power": {"from": 0.2, "to": 0.6}}, {"constant": 0.5},
            {"power": {"from": 0.9, "to": 0.1}}]}),
    );
    for (arm, horizon, regret) in [(2, 20, 0.0), (1, 10, 2.8), (1, 20, 6.8)] {
        let who = ("fixed_arm", json!({"arm": arm}));
        let found = sample(&small, who, (horizon, 3), POLICY_REGRET);
        assert!(found.agrees(regret, 0.0), "{arm} {horizon}: {found:?}");
    }
}

/// What another program measured (of 500 replications, with its 95 % half-widths).
#[test]
fn regrets_agree_with_another_program() {
    let arms = five_arms(10, 1.0, "bernoulli");
    let elimination = |memory: u64| ("reo_elimination", json!({"memory": memory}));
    for (who, replications, mean, half) in [
        (elimination(10), 400, 903.0, 11.0),
        (elimination(1), 400, 847.0, 12.0),
        (elimination(100), 400, 970.0, 18.0),
        (("batched_exp3", json!({"batch": 27})), 100, 2301.0, 14.0),
        (("uniform", json!({})), 40, 8352.0, 1.0),
    ] {
        let found = sample(&arms, who.clone(), (20_000, replications), REO_REGRET);
        let error = found.error.hypot(half / 1.96);
        assert!((found.mean - mean).abs() < 5.0 * error, "{who:?}: {found:?}, not {mean}");
    }
}

/// Without memory, tallying arms are Bernoulli arms, to the last bit; and summed noise has their
/// law.
#[test]
fn a_memory_of_one_round_is_none() {
    let losses = [0.5, 0.4, 0.75];
    let curves = losses.map(|loss| json!({"constant": loss}));
    let of = |noise: &str| {
        environment("weighted_tallying", json!({"memory": 1, "curves": curves, "noise": noise}))
    };
    let plain = environment("bernoulli", json!({"means": losses.map(|loss| 1.0 - loss)}));
    let tallying = of("bernoulli");
    for name in ["successive_elimination", "reo_elimination", "exp3", "thompson_beta", "greedy"] {
        let pulls = |environment: &PreparedEnvironment| {
            let game = game(environment, algorithm(name, json!({})).as_ref(), 3000, Delay::None);
            let grid = Checkpoints::Linear { count: 9 };
            play(game.as_ref(), 3, 3000, 5, grid, &[SWITCHES, regret_engine::notion::PULLS])
        };
        assert!(pulls(&tallying) == pulls(&plain), "{name}");
        let regret =
            |environment, notion| sample(environment, (name, json!({})), (3000, 300), notion);
        let (summed, known) = (regret(&of("summed"), REO_REGRET), regret(&plain, PSEUDO_REGRET));
        let error = summed.error.hypot(known.error);
        assert!((summed.mean - known.mean).abs() < 5.0 * error, "{name} {summed:?} {known:?}");
    }
}

/// Exponential weights on the losses written down, exactly: expected regret of the losses, and
/// expected switches of the dartboard.
fn exact_dartboard(horizon: u64) -> (f64, f64) {
    let eta = (2.0 * 4f64.ln() / horizon as f64).sqrt();
    let loss = |t: u64, i: usize| {
        let share = if i == 0 { 0.4 } else { 0.5 };
        f64::from(u8::from((t as f64 * [2.0, 3.0, 5.0, 7.0f64][i].sqrt()).fract() < share))
    };
    let weights = |sums: &[f64; 4]| {
        let raw = sums.map(|sum: f64| (-eta * sum).exp());
        let total: f64 = raw.iter().sum();
        raw.map(|weight| weight / total)
    };
    let (mut sums, mut paid, mut switches) = ([0.0; 4], 0.0, 0.0);
    for t in 1..=horizon {
        let before = weights(&sums);
        for i in 0..4 {
            paid += before[i] * loss(t, i);
            sums[i] += loss(t, i);
        }
        if t < horizon {
            let after = weights(&sums);
            for i in 0..4 {
                switches += before[i] * (1.0 - (-eta * loss(t, i)).exp()) * (1.0 - after[i]);
            }
        }
    }
    (paid - sums.iter().copied().fold(f64::INFINITY, f64::min), switches)
}

#[test]
fn the_dartboard_agrees_with_its_exact_law() {
    for (horizon, regret, switches) in [(1024, 28.7203, 8.621_53), (8192, 77.7547, 8.828_93)] {
        let exact = exact_dartboard(horizon);
        assert!((exact.0 - regret).abs() < 1e-4 && (exact.1 - switches).abs() < 1e-5, "{exact:?}");
        // Hedge at that rate plays those distributions.
        let losses = environment("quasi_random", json!({"shares": [0.4, 0.5, 0.5, 0.5]}));
        let eta = (2.0 * 4f64.ln() / horizon as f64).sqrt();
        let hedge = ("hedge", json!({"rate": eta}));
        let found = sample(&losses, hedge, (horizon, 2), HINDSIGHT_REGRET);
        assert!(found.agrees(exact.0, 0.0), "{found:?}");
        // Full reads in every round: the same law, drawn.
        let full = json!({"budget": 4 * horizon, "of": {"quasi_random": {}}});
        let budget = environment("observation_budget", full);
        let who = || ("batched_omd", json!({"estimator": "full"}));
        let replications = if horizon > 2000 { 150 } else { 600 };
        let found = sample(&budget, who(), (horizon, replications), HINDSIGHT_REGRET);
        assert!(found.agrees(exact.0, 5.0), "{found:?} {exact:?}");
        let found = sample(&budget, who(), (horizon, replications), SWITCHES);
        assert!(found.agrees(exact.1, 5.0), "{found:?} {exact:?}");
    }
}

/// Loss parts and switches that another program measured over 4000 replications of 8192 rounds
/// (with 95 % half-widths where they are known).
#[test]
fn batches_agree_with_another_program() {
    let budget =
        environment("observation_budget", json!({"budget": 32_768, "of": {"quasi_random": {}}}));
    for (estimator, batches, loss, half, switches) in [
        ("full", 256, 394.2, 5.4, 7.06),
        ("random", 256, 517.1, 7.1, 3.84),
        ("played", 256, 528.8, 2.8, 173.0),
        ("full", 1024, 229.5, 3.2, 9.00),
        ("random", 1024, 411.5, 5.9, 6.95),
        ("played", 1024, 425.3, 3.0, 623.1),
    ] {
        let who = || ("batched_omd", json!({"estimator": estimator, "batches": batches}));
        let found = sample(&budget, who(), (8192, 600), HINDSIGHT_REGRET);
        let error = found.error.hypot(half / 1.96);
        assert!((found.mean - loss).abs() < 5.0 * error, "{estimator} {batches}: {found:?}");
        // The other program's error is that of 4000 replications.
        let found = sample(&budget, who(), (8192, 600), SWITCHES);
        let error = found.error.hypot(found.error * 0.4);
        assert!(
            (found.mean - switches).abs() < 5.0 * error + 0.05,
            "{estimator} {batches}: {found:?}"
        );
    }
}
