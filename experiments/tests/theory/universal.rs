//! What holds for every learner, or for every learner of a kind.

use std::collections::BTreeMap;

use regret_engine::checkpoints::Checkpoints;
use regret_engine::delay::Delay;
use regret_engine::notion::{HINDSIGHT_REGRET, Notion, PSEUDO_REGRET, PULLS};
use regret_engine::registry::{Match, PreparedEnvironment};
use serde_json::json;

use crate::support::{
    Estimate, algorithm, algorithms_of, at_horizon, environment, game, play, rounding,
};

/// Standard errors within which a mean must agree with its expectation, for each of some hundred
/// comparisons.
const ERRORS: f64 = 5.0;

/// The game of every learner of a protocol that fits the environment, with its name.
fn games(
    protocol: &str,
    environment: &PreparedEnvironment,
    horizon: u64,
) -> Vec<(&'static str, Box<dyn Match>)> {
    let fits = |name| {
        let game = algorithm(name, json!({})).pair(environment, horizon, Delay::None)?;
        Some((name, game.ok()?))
    };
    algorithms_of(protocol).into_iter().filter_map(fits).collect()
}

/// Every learner's mean of a notion is `expected`.
fn assert_all(
    protocol: &str,
    environment: &PreparedEnvironment,
    (horizon, replications): (u64, u64),
    notion: Notion,
    expected: f64,
) {
    for (name, game) in games(protocol, environment, horizon) {
        let estimate = Estimate::of(&at_horizon(game.as_ref(), 13, horizon, replications, notion));
        assert!(estimate.agrees(expected, ERRORS), "{name}: {estimate:?}, not {expected}");
    }
}

/// Over all sequences in which one of two experts loses in each round, every learner's mean regret
/// is ½ E|S_T|: the fair coin by enumeration, without noise for learners that draw nothing.
#[test]
fn all_sequences_together_are_the_fair_coin() {
    const HORIZON: u64 = 8;
    let mut learners = algorithms_of("experts");
    learners.sort_unstable();
    let mut sums = vec![(0.0, 0.0); learners.len()];
    let sequences = 1u32 << HORIZON;
    for bits in 0..sequences {
        let losses: Vec<[u32; 2]> = (0..HORIZON).map(|i| [bits >> i & 1, !bits >> i & 1]).collect();
        let sequence = environment("loss_sequence", json!({"losses": losses}));
        for (name, (mean, square)) in learners.iter().zip(&mut sums) {
            let learner = algorithm(name, json!({}));
            let game = game(&sequence, learner.as_ref(), HORIZON, Delay::None);
            let estimate =
                Estimate::of(&at_horizon(game.as_ref(), 1, HORIZON, 16, HINDSIGHT_REGRET));
            *mean += estimate.mean / f64::from(sequences);
            *square += (estimate.error / f64::from(sequences)).powi(2);
        }
    }
    for (name, (mean, square)) in learners.iter().zip(sums) {
        let estimate = Estimate { mean, error: square.sqrt() };
        assert!(estimate.agrees(1.093_75, ERRORS), "{name}: {estimate:?}");
        // Only the perturbed leaders draw.
        let draws = ["ftpl", "lazy_ftpl"].contains(name);
        assert!(estimate.error < 1e-12 || draws, "{name}: {estimate:?}");
    }
}

/// E min of `count` independent binomials (n, ½).
fn least_of_coins(count: i32, n: u64) -> f64 {
    let mut law = vec![1.0];
    for _ in 0..n {
        let mut next = vec![0.0; law.len() + 1];
        for (k, p) in law.iter().enumerate() {
            next[k] += 0.5 * p;
            next[k + 1] += 0.5 * p;
        }
        law = next;
    }
    // Σ_{k ≥ 1} P(all ≥ k).
    let tails = law.iter().rev().scan(0.0, |tail: &mut f64, p| {
        *tail += p;
        Some(*tail)
    });
    tails.take(law.len() - 1).map(|tail| tail.powi(count)).sum()
}

/// No learner can predict fair coins: whatever it plays, it loses half a round in expectation, with
/// full information or with a bandit's.
#[test]
fn fair_coins_cost_every_learner_the_same() {
    let (horizon, replications) = (200, 400);
    let two = environment("fair_coin", json!({}));
    let five = environment("fair_coin", json!({"experts": 5}));
    // ½ E|S_200| = 200 C(199, 99)/2^200.
    let value =
        (1..=100).fold(100.0, |product, k| product * f64::from(2 * k - 1) / f64::from(2 * k));
    let of_five = horizon as f64 / 2.0 - least_of_coins(5, horizon);
    for protocol in ["experts", "bandit"] {
        assert_all(protocol, &two, (horizon, replications), HINDSIGHT_REGRET, value);
        assert_all(protocol, &five, (horizon, replications), HINDSIGHT_REGRET, of_five);
        assert_all(protocol, &five, (horizon, 4), PSEUDO_REGRET, 0.0);
    }
}

/// E min L_T of three experts under the comb: ranks 1 and 3 lose, or rank 2, by a fair coin.
fn comb_of_three(horizon: u64) -> f64 {
    // Losses above the least, sorted, with the expected least loss carried along as a sum.
    let mut law = BTreeMap::from([([0u64; 2], 1.0)]);
    let mut least = 0.0;
    for _ in 0..horizon {
        let mut next: BTreeMap<[u64; 2], f64> = BTreeMap::new();
        for ([a, b], p) in law {
            for mut losses in [[1, a, b + 1], [0, a + 1, b]] {
                losses.sort_unstable();
                let [low, middle, high] = losses;
                least += 0.5 * p * low as f64;
                *next.entry([middle - low, high - low]).or_default() += 0.5 * p;
            }
        }
        law = next;
    }
    least
}

/// Under the comb every expert loses half of the rounds in expectation, so all learners have the
/// same expected regret, which is no more than the value of the game (by linear programming over all
/// losses 0 and 1).
#[test]
fn the_comb_costs_every_learner_the_same() {
    let comb = environment("comb", json!({"experts": 3}));
    let regret = |horizon: u64| horizon as f64 / 2.0 - comb_of_three(horizon);
    assert_all("experts", &comb, (100, 400), HINDSIGHT_REGRET, regret(100));
    let values = [2.0 / 3.0, 5.0 / 6.0, 1.0, 9.0 / 8.0, 5.0 / 4.0, 65.0 / 48.0, 35.0 / 24.0];
    for (horizon, value) in (1..).zip(values) {
        assert!(regret(horizon) <= value, "T = {horizon}: {}", regret(horizon));
    }
}

/// Deterministic follow the leader loses every round, the best expert one in K.
#[test]
fn the_leader_is_killed_in_every_round() {
    for (experts, horizon, regret) in [(2, 7, 4.0), (3, 100, 67.0), (10, 1000, 900.0)] {
        let killer = environment("leader_killer", json!({"experts": experts}));
        let learner = algorithm("follow_the_leader", json!({}));
        let game = game(&killer, learner.as_ref(), horizon, Delay::None);
        assert_eq!(at_horizon(game.as_ref(), 1, horizon, 1, HINDSIGHT_REGRET), [regret]);
    }
}

/// Learners whose play is uniform, in law, until they learn something.
const UNIFORM_BANDITS: &[&str] = &[
    "uniform",
    "thompson_beta",
    "thompson_gaussian",
    "discounted_thompson",
    "exp3",
    "exp3_ix",
    "exp3_p",
    "exp3_plus_plus",
    "exp3_s",
    "tsallis_inf",
    "log_barrier",
];

/// What comes after the horizon teaches nothing: play stays as it begins, and a uniform beginning
/// costs T times the mean gap.
#[test]
fn without_feedback_play_stays_uniform() {
    let (horizon, replications) = (300, 100);
    let means = [0.5, 0.2, 0.9, 0.6];
    let mean_gap = 0.35;
    let arms = environment("bernoulli", json!({"means": means}));
    for delay in [horizon - 1, horizon, u64::MAX] {
        for &name in UNIFORM_BANDITS {
            let learner = algorithm(name, json!({}));
            let game = game(&arms, learner.as_ref(), horizon, Delay::Fixed(delay));
            let regrets = at_horizon(game.as_ref(), 19, horizon, replications, PSEUDO_REGRET);
            let estimate = Estimate::of(&regrets);
            let expected = horizon as f64 * mean_gap;
            assert!(estimate.agrees(expected, ERRORS), "{name}, {delay}: {estimate:?}");
        }
    }
    let pair = |name| {
        let delay = Delay::Fixed(horizon);
        algorithm(name, json!({})).pair(&arms, horizon, delay).and_then(Result::ok)
    };
    for name in algorithms_of("experts") {
        let Some(game) = pair(name) else { continue };
        let estimate = Estimate::of(&at_horizon(game.as_ref(), 1, horizon, 100, PSEUDO_REGRET));
        let gap = if name == "follow_the_leader" { 0.4 } else { mean_gap };
        assert!(estimate.agrees(horizon as f64 * gap, ERRORS), "{name}: {estimate:?}");
    }
}

/// A learner knows its feedback alone: without any, the same luck of its own makes it play the same
/// on other arms.
#[test]
fn without_feedback_play_does_not_depend_on_the_arms() {
    let horizon = 200;
    let worlds = [
        environment("bernoulli", json!({"means": [0.9, 0.1]})),
        environment("bernoulli", json!({"means": [0.2, 0.6]})),
    ];
    for name in algorithms_of("bandit").into_iter().chain(algorithms_of("experts")) {
        let pulls = |world| {
            let learner = algorithm(name, json!({}));
            let game = game(world, learner.as_ref(), horizon, Delay::Fixed(horizon));
            let last = Checkpoints::Linear { count: 1 };
            let record = play(game.as_ref(), 29, horizon, 8, last, &[PULLS]);
            record.series.into_iter().map(|series| series.values).collect::<Vec<_>>()
        };
        let [first, second] = [0, 1].map(|world| pulls(&worlds[world]));
        assert_eq!(first, second, "{name}");
    }
}

/// With Gumbel noise the perturbed leader has Hedge's law in every round, so its expected pulls are
/// Hedge's probabilities, summed.
#[test]
fn gumbel_leaders_are_as_frequent_as_hedges_probabilities() {
    let losses = [[1.0, 0.0, 0.5, 0.25], [0.0, 1.0, 0.5, 0.5], [0.25, 0.75, 0.0, 0.5]];
    let sequence = environment("loss_sequence", json!({"losses": losses, "repeat": true}));
    for (eta, horizon) in [(0.1, 100), (0.7, 40), (3.0, 12)] {
        let pulls = |name, parameters, replications| {
            let learner = algorithm(name, parameters);
            let game = game(&sequence, learner.as_ref(), horizon, Delay::None);
            let last = Checkpoints::Linear { count: 1 };
            let record = play(game.as_ref(), 17, horizon, replications, last, &[PULLS]);
            let of = |arm| Estimate::of(&record.series(PULLS, Some(arm)).expect("recorded").values);
            (0..4).map(of).collect::<Vec<_>>()
        };
        let hedge = pulls("hedge", json!({"rate": eta}), 1);
        let leaders = pulls("ftpl", json!({"eta": eta, "noise": "gumbel"}), 4000);
        for (leader, expected) in leaders.iter().zip(&hedge) {
            // Four standard errors.
            let margin = 4.0 * leader.error + rounding(expected.mean);
            assert!(
                (leader.mean - expected.mean).abs() <= margin,
                "η = {eta}: {leader:?}, {expected:?}"
            );
        }
    }
}
