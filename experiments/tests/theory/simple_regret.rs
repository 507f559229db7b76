//! Sequential halving where its error is known exactly, or was measured by another program.

use regret_engine::delay::Delay;
use regret_engine::notion::{ERROR, Notion, SIMPLE_REGRET};
use serde_json::{Value, json};

use crate::support::{Estimate, algorithm, algorithms_of, at_horizon, environment, game};

/// Standard errors by which a mean may be off.
const ERRORS: f64 = 4.5;

/// The mean of a notion after a budget of pulls.
fn measured(
    learner: (&str, Value),
    arms: Value,
    budget: u64,
    count: u64,
    notion: Notion,
) -> Estimate {
    let environment = environment("gaussian", arms);
    let algorithm = algorithm(learner.0, learner.1);
    // The recommendation of round T is made of T − 1 rewards.
    let game = game(&environment, algorithm.as_ref(), budget + 1, Delay::None);
    Estimate::of(&at_horizon(game.as_ref(), 17, budget + 1, count, notion))
}

/// Of two arms with m = 8 rewards each the worse is taken with probability Φ(−Δ √(m/2)/σ).
#[test]
fn two_arms_are_confused_with_the_exact_probability() {
    for (gap, exact) in [(0.5, 0.158_655_3), (0.25, 0.308_537_5)] {
        let arms = json!({"means": [0.25, 0.25 + gap]});
        for name in ["sequential_halving", "uniform_exploration"] {
            let error = measured((name, json!({})), arms.clone(), 16, 20_000, ERROR);
            assert!(error.agrees(exact, ERRORS), "{name}, gap {gap}: {error:?}, not {exact}");
        }
    }
}

/// Four arms, σ = 1, 64 pulls: 8 each, then 16 each of the better two, by two million runs of another
/// program. Their mean has a standard error of 0.0001 for the regret, 0.00035 for the probability.
#[test]
fn simple_regret_agrees_with_another_program() {
    let arms = json!({"means": [0.9, 0.7, 0.5, 0.3]});
    for (keep, regret, best) in [(false, 0.091_91, 0.6511), (true, 0.085_05, 0.6717)] {
        let learner = || ("sequential_halving", json!({"keep_samples": keep}));
        let found = measured(learner(), arms.clone(), 64, 40_000, SIMPLE_REGRET);
        let error = found.error.hypot(0.0001);
        assert!((found.mean - regret).abs() < ERRORS * error, "{keep}: {found:?}, not {regret}");
        let found = measured(learner(), arms.clone(), 64, 40_000, ERROR);
        let error = found.error.hypot(0.000_35);
        assert!((found.mean - (1.0 - best)).abs() < ERRORS * error, "{keep}: {found:?}");
    }
}

/// Where all arms are equal, whatever is recommended is best.
#[test]
fn nothing_is_lost_among_equals() {
    for mean in [0.0, 1.0] {
        let environment = environment("bernoulli", json!({"means": vec![mean; 5]}));
        for name in algorithms_of("pure_exploration") {
            let algorithm = algorithm(name, json!({}));
            let game = game(&environment, algorithm.as_ref(), 200, Delay::None);
            for notion in [SIMPLE_REGRET, ERROR] {
                let values = at_horizon(game.as_ref(), 3, 200, 20, notion);
                assert!(values.iter().all(|&value| value == 0.0), "{name}: {values:?}");
            }
        }
    }
}
