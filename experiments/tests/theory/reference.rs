//! Regrets of classical bandit algorithms measured by another program.

use regret_engine::delay::Delay;
use regret_engine::notion::PSEUDO_REGRET;
use serde_json::{Value, json};

use crate::support::{Estimate, algorithm, at_horizon, environment, game};

const HORIZON: u64 = 10_000;
const REPLICATIONS: u64 = 640;

/// Combined standard errors by which two measurements of the same may differ.
const ERRORS: f64 = 4.0;

/// The algorithm, its parameters, its mean pseudo-regret on Bernoulli arms (0.5, 0.6) after 10000
/// rounds and the half-width of that mean's 95 % interval, from 2000 replications (1000 for KL-UCB,
/// its switch, sliding window and discounted UCB) of a simulation in C of the same definitions.
fn measured() -> Vec<(&'static str, Value, f64, f64)> {
    // The rewards' form of EXP3 by Auer and others is EXP3.S without a share; its mixing is
    // √(K ln K/((e − 1) T)).
    let mixing = (2.0 * 2f64.ln() / ((std::f64::consts::E - 1.0) * 1e4)).sqrt();
    vec![
        ("ucb1", json!({}), 88.1, 0.9),
        ("ucb_v", json!({}), 67.1, 0.7),
        ("moss", json!({}), 29.7, 0.6),
        ("kl_ucb", json!({}), 30.1, 0.9),
        ("kl_ucb_switch", json!({}), 17.5, 0.7),
        ("imed", json!({}), 18.7, 0.6),
        ("thompson_beta", json!({}), 19.9, 0.9),
        ("thompson_gaussian", json!({}), 49.7, 0.8),
        ("epsilon_greedy", json!({"epsilon": 0.1}), 65.9, 1.6),
        ("explore_then_commit", json!({"pulls": 100}), 87.0, 12.0),
        ("exp3", json!({}), 99.4, 1.1),
        ("exp3_ix", json!({}), 112.4, 1.1),
        ("exp3_p", json!({"delta": 1}), 173.0, 1.5),
        ("exp3_s", json!({"alpha": 0, "gamma": mixing}), 164.6, 1.5),
        ("tsallis_inf", json!({}), 54.0, 1.1),
        ("tsallis_inf", json!({"reduced_variance": true}), 33.6, 0.9),
        ("sliding_window_ucb", json!({"window": 1000}), 149.8, 1.6),
        ("discounted_ucb", json!({"gamma": 0.999}), 269.2, 1.2),
    ]
}

#[test]
fn regrets_agree_with_another_program() {
    let arms = environment("bernoulli", json!({"means": [0.5, 0.6]}));
    let mut differing = Vec::new();
    for (name, parameters, mean, half_width) in measured() {
        let game = game(&arms, algorithm(name, parameters.clone()).as_ref(), HORIZON, Delay::None);
        let regrets = at_horizon(game.as_ref(), 11, HORIZON, REPLICATIONS, PSEUDO_REGRET);
        let ours = Estimate::of(&regrets);
        // The normal law's 97.5 % quantile turns the half-width into a standard error.
        let error = ours.error.hypot(half_width / 1.96);
        let z = (ours.mean - mean) / error;
        if z.abs() > ERRORS {
            let known = format!("{mean} ± {half_width}");
            differing.push(format!("{name} {parameters}: {ours:?}, not {known} (z = {z:.1})"));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// Explore-then-commit's regret is known exactly: with m pulls each, m Δ + (T − 2m) Δ P(S₀ ≥ S₁) for
/// binomial S (a tie goes to arm 0, here the worse).
#[test]
fn explore_then_commit_has_its_exact_regret() {
    let (pulls, means, horizon) = (30u64, [0.4, 0.65], 300);
    let gap = means[1] - means[0];
    let law = |mean: f64| {
        let n = pulls as usize;
        let mut law = vec![0.0; n + 1];
        law[0] = 1.0;
        for _ in 0..n {
            for k in (0..=n).rev() {
                law[k] = law[k] * (1.0 - mean) + if k > 0 { law[k - 1] * mean } else { 0.0 };
            }
        }
        law
    };
    let (worse, better) = (law(means[0]), law(means[1]));
    let wrong: f64 = (0..worse.len()).map(|k| worse[k] * better[..=k].iter().sum::<f64>()).sum();
    let exact = gap * (pulls as f64 + (horizon - 2 * pulls) as f64 * wrong);
    let arms = environment("bernoulli", json!({"means": means}));
    let learner = algorithm("explore_then_commit", json!({"pulls": pulls}));
    let game = game(&arms, learner.as_ref(), horizon, Delay::None);
    let estimate = Estimate::of(&at_horizon(game.as_ref(), 3, horizon, 20_000, PSEUDO_REGRET));
    assert!(estimate.agrees(exact, ERRORS), "{estimate:?}, not {exact}");
}
