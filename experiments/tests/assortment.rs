//! The assortment protocol as a whole: learners against markets, through the public library.

use regret_engine::checkpoints::Checkpoints;
use regret_engine::delay::Delay;
use regret_engine::notion::{
    Notion, OFFERS, OPTIMAL_OFFERS, REALISED_REVENUE_REGRET, REVENUE_REGRET,
};
use regret_engine::record::Record;
use regret_engine::registry::{Form, Match};
use regret_engine::simulation::Plan;
use serde_json::{Value, json};

fn game(market: (&str, Value), learner: (&str, Value), horizon: u64) -> Box<dyn Match> {
    let environment = regret_environments::find(market.0).expect("registered");
    let ready = (environment.parse)(market.1).expect("valid").prepare().expect("no files");
    let entry = regret_algorithms::find(learner.0).expect("registered");
    let algorithm = (entry.parse)(learner.1).expect("valid");
    algorithm.pair(&ready, horizon, Delay::None).expect("same protocol").expect("fits")
}

fn plan(horizon: u64, replications: u64, checkpoints: u32, notions: &[Notion]) -> Plan {
    Plan {
        seed: 5,
        horizon,
        replications: 0..replications,
        checkpoints: Checkpoints::Linear { count: checkpoints }.rounds(horizon),
        notions: notions.to_vec(),
    }
}

fn play(game: &dyn Match, plan: &Plan, form: Form) -> Record {
    game.play(plan, form).expect("plays")
}

/// Ten items of which four are better, as in the paper's first experiment.
fn separated(epsilon: f64) -> (&'static str, Value) {
    let v = |item: usize| if [0, 1, 8, 9].contains(&item) { 0.25 + epsilon } else { 0.25 };
    ("mnl", json!({"attractions": (0..10).map(v).collect::<Vec<_>>(), "capacity": 4}))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Runs meet the customers that asking in every round meets, wherever checkpoints cut them.
#[test]
fn epochs_are_those_of_asking_in_every_round() {
    let markets = [
        ("mnl_random", json!({"items": 40, "capacity": 6})),
        (
            "mnl",
            json!({"attractions": [100.0, 3.0, 0.01], "revenues": [0.2, 0.9, 1.0], "capacity": 3}),
        ),
        (
            "mnl",
            json!({"attractions": [1.0, 2.0, 0.5, 0.7, 1.0], "revenues": [0.7, 0.4, 1.0, 0.8, 0.5],
                "capacity": 3, "availability": 0.9}),
        ),
        (
            "mnl",
            json!({"attractions": [1.0, 2.0, 0.5, 0.7, 1.0], "capacity": 3,
                "groups": [0, 0, 1, 1, 0], "limits": [2, 1]}),
        ),
    ];
    let notions = [REVENUE_REGRET, REALISED_REVENUE_REGRET, OPTIMAL_OFFERS, OFFERS];
    for market in markets {
        for learner in [
            ("mnl_ts_beta", json!({})),
            ("mnl_ucb", json!({"clip": "one"})),
            ("mnl_explore_then_exploit", json!({"exploration": 2})),
            ("mnl_greedy", json!({"epsilon": 0.1})),
        ] {
            let game = game(market.clone(), learner.clone(), 5000);
            let plan = plan(5000, 2, 331, &notions);
            let plain = play(game.as_ref(), &plan, Form::Plain);
            let runs = play(game.as_ref(), &plan, Form::Suited);
            assert!(plain == runs, "{learner:?} on {market:?}");
        }
    }
}

/// Offered {0, 1} with v = (½, 1), item i is bought v_i times for every customer lost, and 2 of 5
/// customers are lost.
#[test]
fn purchases_have_their_law() {
    let rounds = 100_000u64;
    let market = (
        "mnl",
        json!({"attractions": [0.5, 1.0, 7.0], "revenues": [1.0, 0.25, 0.0],
        "capacity": 2}),
    );
    let game = game(market, ("fixed_assortment", json!({"items": [0, 1]})), rounds);
    let record = play(game.as_ref(), &plan(rounds, 8, 1, &[REALISED_REVENUE_REGRET]), Form::Suited);
    // Best is {0}: ⅓ a round; {0, 1} earns 0.2 + 0.1 with variance 0.2 + 0.4/16 − 0.09 = 0.135.
    let n = 8.0 * rounds as f64;
    let found = record.at_horizon(REALISED_REVENUE_REGRET).iter().sum::<f64>() / n;
    assert!((found - (1.0 / 3.0 - 0.3)).abs() < 4.0 * (0.135 / n).sqrt(), "{found}");
}

/// Who offers the best set has no regret.
#[test]
fn the_comparator_has_no_regret() {
    for (market, best) in [
        (separated(0.05), vec![0, 1, 8, 9]),
        (
            (
                "mixed_logit",
                json!({"classes": [[1.0, 3.0], [2.0, 1.0]], "weights": [3, 1],
                "revenues": [1.0, 0.5], "capacity": 2}),
            ),
            vec![0],
        ),
        (
            (
                "nested_logit",
                json!({"attractions": [1.0, 1.0, 2.0], "nests": [0, 0, 1],
                "dissimilarities": [0.5, 0.5], "capacity": 2}),
            ),
            // √2 + 0 and 1 + √2: one of each nest; items 0 and 1 are alike.
            vec![0, 2],
        ),
    ] {
        let game = game(market, ("fixed_assortment", json!({"items": best})), 300);
        let record =
            play(game.as_ref(), &plan(300, 2, 3, &[REVENUE_REGRET, OPTIMAL_OFFERS]), Form::Suited);
        assert!(record.at_horizon(REVENUE_REGRET).iter().all(|regret| regret.abs() < 1e-12));
        assert_eq!(record.at_horizon(OPTIMAL_OFFERS), [300.0, 300.0]);
    }
}

/// The regrets that another program measured, with its half-widths of 95 % and ours.
#[test]
fn regrets_are_those_measured_by_another_program() {
    let measured = |epsilon, learner: (&str, Value), horizon, replications| {
        let game = game(separated(epsilon), learner, horizon);
        let record =
            play(game.as_ref(), &plan(horizon, replications, 1, &[REVENUE_REGRET]), Form::Suited);
        let values = record.at_horizon(REVENUE_REGRET).to_vec();
        let centre = mean(&values);
        let squares: f64 = values.iter().map(|x| (x - centre) * (x - centre)).sum();
        let n = values.len() as f64;
        (centre, (squares / (n * (n - 1.0))).sqrt())
    };
    // The literal UCB offers the first four items throughout at first.
    let ucb = || ("mnl_ucb", json!({}));
    assert!((measured(0.05, ucb(), 1000, 3).0 - 21.65).abs() < 0.005);
    assert!((measured(0.25, ucb(), 1000, 3).0 - 66.67).abs() < 0.005);
    for (epsilon, learner, expected, width) in [
        (0.05, ucb(), 239.2, 0.6),
        (0.25, ucb(), 577.8, 2.0),
        (0.05, ("mnl_ts_beta", json!({})), 105.8, 4.4),
        (0.25, ("mnl_ts_beta", json!({})), 41.1, 2.1),
        (0.25, ("mnl_ts_corr", json!({"start": "optimistic"})), 467.7, 2.8),
    ] {
        let (mean, error) = measured(epsilon, learner.clone(), 10_000, 100);
        // Three standard errors of the difference; a half-width is 1.96 of them.
        let margin = 3.0 * error.hypot(width / 1.96);
        assert!((mean - expected).abs() < margin, "{learner:?} {epsilon}: {mean} ± {error}");
    }
}

/// Learners of features approach the best sets, and contextual regret is that of each round.
#[test]
fn learners_of_features_learn() {
    let market = || {
        (
            "mnl_contextual",
            json!({"items": 20, "capacity": 4, "dimension": 3,
            "feature_norm": 2.0, "revenues": [0.5, 1.0]}),
        )
    };
    let regret = |learner| {
        let game = game(market(), learner, 300);
        let record = play(game.as_ref(), &plan(300, 8, 1, &[REVENUE_REGRET]), Form::Suited);
        mean(record.at_horizon(REVENUE_REGRET))
    };
    let random = regret(("random_assortment", json!({})));
    for learner in [
        ("ucb_mnl", json!({})),
        ("ts_mnl", json!({})),
        ("ts_mnl", json!({"optimistic": true})),
        ("ofu_mnl_plus", json!({"scale": 0.1})),
    ] {
        let found = regret(learner.clone());
        assert!(found < 0.2 * random, "{learner:?}: {found}, random {random}");
    }
}
