//! Exact values of the game with two experts.

use regret_algorithms::experts::{Hedge, Rate};
use regret_engine::bound::Side;
use regret_engine::delay::Delay;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::notion::HINDSIGHT_REGRET;
use regret_engine::random::{Role, Stream};
use regret_engine::registry::Algorithm;
use serde_json::{Value, json};

use crate::support::{algorithm, at_horizon, environment, game};

/// ½ E|S_T| = T C(T−1, ⌊(T−1)/2⌋)/2^T, the value of the game over T rounds.
const VALUES: [(u64, f64); 9] = [
    (1, 0.5),
    (2, 0.5),
    (3, 0.75),
    (4, 0.75),
    (8, 1.093_75),
    (10, 1.230_468_75),
    (20, 1.761_970_52),
    (100, 3.979_462),
    (1000, 12.612_509),
];

/// Whatever chooses the losers, if exactly one expert loses in each round.
#[test]
fn covers_learner_has_the_value_on_every_sequence() {
    let opponents = [
        ("fair_coin", json!({})),
        ("minimax_two", json!({})),
        ("best_response", json!({"experts": 2})),
        ("leader_killer", json!({"experts": 2})),
        ("loss_sequence", json!({"losses": [[1, 0], [1, 0], [0, 1]], "repeat": true})),
    ];
    for (name, parameters) in opponents {
        let opponent = environment(name, parameters);
        for (horizon, value) in VALUES {
            let cover = algorithm("cover", json!({}));
            let game = game(&opponent, cover.as_ref(), horizon, Delay::None);
            let regrets = at_horizon(game.as_ref(), 5, horizon, 16, HINDSIGHT_REGRET);
            let all = regrets.iter().all(|regret| (regret - value).abs() < 1e-6);
            assert!(all, "{name}, T = {horizon}: {regrets:?}");
        }
    }
}

/// Hedge's probability of the first expert when it leads by `lead` losses.
fn probability(hedge: &Hedge, horizon: u64, lead: i64) -> f64 {
    let mut learner = hedge.learner(&Setting::new(2, horizon)).expect("fits");
    let losses = [(-lead).max(0) as f64, lead.max(0) as f64];
    let rng = &mut Stream::new(1, 0, Role::Learner);
    let (action, feedback) = (&[0.5; 2][..], &losses[..]);
    learner.update(Outcome { t: 1, slot: 0, context: (), action, feedback, rng });
    learner.act(Round { t: 2, slot: 0, context: (), rng })[0]
}

/// The greatest regret over all sequences with one loser in each round, and such a sequence (true:
/// the first expert loses), by W_r(d) = max {p(d) − ½ + W_{r−1}(d − 1), ½ − p(d) + W_{r−1}(d + 1)},
/// W_0(d) = |d|/2.
fn worst_case(p: impl Fn(i64) -> f64, horizon: u64) -> (f64, Vec<bool>) {
    let reach = horizon as i64;
    let place = |d: i64| (d + reach + 1) as usize;
    let p: Vec<f64> = (-reach - 1..=reach + 1).map(p).collect();
    let mut tables =
        vec![(-reach - 1..=reach + 1).map(|d| d.abs() as f64 / 2.0).collect::<Vec<_>>()];
    for rounds in 1..=reach {
        let before = &tables[rounds as usize - 1];
        let mut table = vec![0.0; p.len()];
        for d in rounds - reach..=reach - rounds {
            let first = p[place(d)] - 0.5 + before[place(d - 1)];
            let second = 0.5 - p[place(d)] + before[place(d + 1)];
            table[place(d)] = f64::max(first, second);
        }
        tables.push(table);
    }
    let (mut d, mut losers) = (0, Vec::new());
    for rounds in (1..=horizon as usize).rev() {
        let first = p[place(d)] - 0.5 + tables[rounds - 1][place(d - 1)];
        losers.push(first >= tables[rounds][place(d)]);
        d += if losers[losers.len() - 1] { -1 } else { 1 };
    }
    (tables[horizon as usize][place(0)], losers)
}

/// The regret of tuned Hedge against an opponent, and its bound at the horizon.
fn hedges_regret(name: &str, parameters: Value, horizon: u64) -> (f64, f64) {
    let opponent = environment(name, parameters);
    let game = game(&opponent, &Hedge::default(), horizon, Delay::None);
    let regret = at_horizon(game.as_ref(), 1, horizon, 1, HINDSIGHT_REGRET)[0];
    let bounds = game.bounds();
    let upper = bounds.iter().find(|bound| bound.side == Side::Upper).expect("claimed");
    (regret, upper.at(horizon))
}

#[test]
fn hedges_worst_case_is_known_and_is_reached() {
    let known =
        [(8, 1.431_994, 1.665_109), (20, 2.377_099, 2.632_769), (100, 5.550_906, 5.887_050)];
    for (horizon, worst, limit) in known {
        let hedge = Hedge::default();
        let (value, losers) = worst_case(|lead| probability(&hedge, horizon, lead), horizon);
        assert!((value - worst).abs() < 1e-6, "T = {horizon}: {value}");
        // Played, the worst sequence costs what the programme says, under the bound √(T ln 2/2).
        let losses = |&first: &bool| if first { [1, 0] } else { [0, 1] };
        let losses: Vec<[u8; 2]> = losers.iter().map(losses).collect();
        let (regret, bound) = hedges_regret("loss_sequence", json!({"losses": losses}), horizon);
        assert!((regret - value).abs() < 1e-9, "T = {horizon}: {regret}, not {value}");
        assert!((bound - limit).abs() < 1e-6, "T = {horizon}: {bound}");
        // No adversary of the registry does better, and the minimax one no worse than the value.
        let (best_response, _) = hedges_regret("best_response", json!({"experts": 2}), horizon);
        let (minimax, _) = hedges_regret("minimax_two", json!({}), horizon);
        assert!(best_response <= value + 1e-9 && minimax <= value + 1e-9);
        let (_, least) = VALUES.into_iter().find(|(t, _)| *t == horizon).expect("in the list");
        assert!(minimax >= least - 1e-6, "T = {horizon}: {minimax}");
    }
}

/// Best response makes the experts lose in turn: in a cycle of K rounds Hedge pays
/// Σ_j 1/(K − j + j e^{−η}) and every expert 1, which is η (K − 1)/(2K) to first order in η.
#[test]
fn best_response_against_a_fixed_rate() {
    for (experts, eta) in [(2u64, 0.1f64), (3, 0.02), (10, 0.1), (5, 1.0)] {
        let adversary = environment("best_response", json!({"experts": experts}));
        let hedge = Hedge { rate: Rate::Fixed(eta) };
        let horizon = 200 * experts;
        let game = game(&adversary, &hedge, horizon, Delay::None);
        let regret = at_horizon(game.as_ref(), 1, horizon, 1, HINDSIGHT_REGRET)[0];
        let k = experts as f64;
        let paid: f64 = (0..experts).map(|j| 1.0 / (k - j as f64 * (1.0 - (-eta).exp()))).sum();
        assert!((regret - 200.0 * (paid - 1.0)).abs() < 1e-9, "K = {experts}: {regret}");
        // With x = 1 − e^{−η} in [η − η²/2, η] the next term is x (2K − 1)/(3K) of the first.
        let first_order = eta * horizon as f64 * (k - 1.0) / (2.0 * k * k);
        assert!((regret / first_order - 1.0).abs() <= eta, "K = {experts}: {regret}");
    }
}
