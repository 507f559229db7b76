//! The laws of [`regret_engine::laws`] over everything that is registered, and those of the
//! environments' referees.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use regret_engine::checkpoints::Checkpoints;
use regret_engine::delay::Delay;
use regret_engine::laws::{self, Broken};
use regret_engine::notion::{
    BCRP_GAP, BCRP_WEIGHTS, CONTEXTUAL_REGRET, CYCLE_REGRET, DYNAMIC_REGRET, HINDSIGHT_REGRET,
    LINEAR_REGRET, LOG_WEALTH_REGRET, Notion, POLICY_REGRET, PSEUDO_REGRET, PULLS, REO_REGRET,
    SWITCHES, WARM_UP,
};
use regret_engine::record::Record;
use regret_engine::registry::{EnvironmentEntry, Form, Match, PreparedEnvironment, Suit};
use regret_engine::simulation::Plan;
use serde_json::{Value, json};

/// Parameters under which the laws are checked: the defaults (but for networks) and, by algorithm, some
/// others.
fn variants(name: &str) -> Vec<Value> {
    let others = match name {
        "fixed_arm" => vec![json!({"arm": 1})],
        "epsilon_greedy" => vec![json!({"epsilon": 0.0}), json!({"epsilon": 1.0})],
        "explore_then_commit" => vec![json!({"pulls": 5}), json!({"gap": 0.3})],
        "ucb1" => vec![json!({"alpha": 0.1})],
        "ucb2" => vec![json!({"alpha": 0.7})],
        "ucb_v" => vec![json!({"zeta": 0.2})],
        "moss" => vec![json!({"anytime": true})],
        "kl_ucb" => vec![json!({"c": 3.0})],
        "successive_elimination" => vec![json!({"delta": 0.5})],
        "discounted_ucb" => vec![json!({"gamma": 0.9})],
        "sequential_halving" => {
            vec![json!({"keep_samples": true, "spend_leftover": true}), json!({"subset": 2})]
        }
        "top_two_thompson" => vec![json!({"beta": 1.0})],
        "lucb" => vec![json!({"delta": 0.5, "epsilon": 0.25})],
        "constant_arm" => vec![json!({"arm": 1})],
        "lin_ucb" => vec![json!({"disjoint": true, "squared": true})],
        "lin_ts" => vec![json!({"disjoint": true}), json!({"delta": 0.1})],
        "ds_oful" => vec![json!({"threshold": 0.4})],
        "glm_ucb" => vec![json!({"link": "poisson", "refit": 0.0})],
        "square_cb" => vec![json!({"gamma": {"confidence": 0.1}, "weights": "exact"})],
        "fast_cb" => vec![json!({"gamma": 30.0, "oracle": "ridge"})],
        "tsallis_switch" => vec![json!({"switch_cost": 0.0}), json!({"switch_cost": 20.0})],
        "batched_omd" => ["full", "random", "played"]
            .map(|estimator| json!({"estimator": estimator, "batches": 13}))
            .into_iter()
            .chain([json!({"estimator": "played", "regulariser": "tsallis"})])
            .collect(),
        "optimistic_tallying" => vec![json!({"memory": 3})],
        "unobserving" => vec![json!({"action": 2})],
        "rexp3" => vec![json!({"batch": 20, "gamma": 0.3})],
        "reo_elimination" => vec![
            json!({"memory": 3, "delta": 0.5}),
            json!({"order": "random", "keep_counts": true, "delta": 0.9}),
            json!({"order": "best_last"}),
        ],
        "batched_exp3" | "batched_ucb" => vec![json!({"batch": 4})],
        "fixed_assortment" => vec![json!({"items": [1, 2]})],
        "mnl_greedy" => vec![json!({"epsilon": 0.5}), json!({"untried": 0.0})],
        "mnl_explore_then_exploit" => vec![json!({"exploration": 0.3})],
        "mnl_ucb" => vec![json!({"clip": "one"}), json!({"width": 0.5})],
        "mnl_ts_corr" => vec![json!({"start": "optimistic"}), json!({"alpha": 1, "beta": 0})],
        "ts_mnl" => vec![json!({"optimistic": true})],
        "ofu_mnl_plus" => vec![json!({"variant": "repo"}), json!({"scale": 0.1})],
        "universal" => vec![
            json!({"prior": "jeffreys", "tilt": 2.0}),
            json!({"integral": {"sampled": 50}}),
            json!({"integral": {"grid": 10}}),
        ],
        "soft_bayes" => vec![json!({"rate": "anytime"})],
        "pamr" => vec![json!({"slack": "linear"}), json!({"slack": "quadratic", "epsilon": 0.9})],
        "cwmr" => vec![json!({"confidence": "variance"})],
        "olmar" => vec![json!({"average": {"decay": 0.5}})],
        "anticor" => vec![json!({"drift": true, "window": 3})],
        "anticor_mixture" => vec![json!({"longest": 4, "folds": 2})],
        "online_newton_step" => vec![json!({"eta": 0.1})],
        "follow_leading_history" => vec![json!({"pruned": false, "strategy": "pamr"})],
        "ensemble" => vec![json!({
            "components": ["olmar", {"universal": {"integral": {"sampled": 9}}}, "per_state"],
            "combiner": {"ensemble": {"combiner": "buy_and_hold"}},
        })],
        "o_reps_bandit" => vec![json!({"gamma": 0.1})],
        "dilated_bonus" => vec![json!({"estimate": true, "confidence_scale": 0.1})],
        "ucbvi" => vec![json!({"bonus": "bernstein", "scale": 0.01})],
        "psrl" => vec![json!({"rewards": "beta", "alpha": 0.5})],
        _ => Vec::new(),
    };
    // Networks of the default width take minutes to say what narrow ones say.
    let narrow = json!({"hidden": [10]});
    match name {
        "neural_epsilon_greedy" => vec![
            json!({"network": narrow}),
            json!({"network": {"hidden": [6, 5], "optimiser": "adam", "radius": 0.5}}),
        ],
        "neu_square_cb" => vec![
            json!({"network": narrow}),
            json!({"network": narrow, "perturbation": {"sampled": 3}, "weights": "exact"}),
        ],
        "neu_fast_cb" => vec![json!({"network": narrow})],
        "neural_ucb" => vec![json!({"network": narrow})],
        "neural_ts" => vec![json!({"network": {"hidden": [3]}, "design": "full"})],
        _ => std::iter::once(json!({})).chain(others).collect(),
    }
}

/// An environment by its example; a table for the one that needs a file.
fn prepared(entry: &EnvironmentEntry, folder: &Path) -> PreparedEnvironment {
    let mut parameters: Value = serde_json::from_str(entry.example).expect("an example is JSON");
    if parameters.get("path").is_some() {
        let path = folder.join("table.csv");
        let mut text = "a,b,c\n".to_owned();
        for row in 0..250u32 {
            let price = |column: u32| 0.9 + 0.2 * f64::from((row * 7 + column * 5) % 11) / 11.0;
            text += &format!("{},{},{}\n", price(0), price(1), price(2));
        }
        std::fs::write(&path, text).expect("writable");
        parameters["path"] = json!(path.to_string_lossy());
    }
    (entry.parse)(parameters).expect("an example is valid").prepare().expect("prepares")
}

fn of(environment: &str, parameters: Value) -> PreparedEnvironment {
    let entry = regret_environments::find(environment).expect("registered");
    (entry.parse)(parameters).expect("valid").prepare().expect("no files")
}

fn bernoulli(means: &[f64]) -> PreparedEnvironment {
    of("bernoulli", json!({"means": means}))
}

fn game(
    learner: &str,
    parameters: &Value,
    environment: &PreparedEnvironment,
    horizon: u64,
) -> Box<dyn Match> {
    let entry = regret_algorithms::find(learner).expect("registered");
    let algorithm = (entry.parse)(parameters.clone()).expect("valid");
    algorithm.pair(environment, horizon, Delay::None).expect("same protocol").expect("fits")
}

fn plan(horizon: u64, replications: u64, checkpoints: u32, notions: &[Notion]) -> Plan {
    Plan {
        seed: 77,
        horizon,
        replications: 0..replications,
        checkpoints: Checkpoints::Linear { count: checkpoints }.rounds(horizon),
        notions: notions.to_vec(),
    }
}

#[test]
fn every_algorithm_obeys_the_laws_on_every_environment() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cases = Vec::new();
    for environment in regret_environments::registry() {
        let ready = Arc::new(prepared(&environment, folder.path()));
        let algorithms = regret_algorithms::registry().into_iter();
        for entry in algorithms.filter(|entry| environment.protocols.contains(&entry.protocol)) {
            // It solves a projection in every episode, and all episodic environments are one problem.
            if entry.name == "uob_reps" && environment.name != "tabular" {
                continue;
            }
            for parameters in variants(entry.name) {
                cases.push((entry.name, parameters, environment.name, ready.clone()));
            }
        }
    }
    assert!(cases.len() > 500, "{}", cases.len());
    cases.into_par_iter().for_each(|(name, parameters, environment, ready)| {
        let entry = regret_algorithms::find(name).expect("registered");
        match laws::uphold(&entry, &parameters, &ready) {
            Err(Broken::Parameters(error)) if name == "cover" => {
                let message = "it needs two experts, but there are ";
                assert!(error.message.starts_with(message), "{environment}: {error}");
            }
            Err(Broken::Parameters(error)) if name == "lsw" => {
                let message = "it needs features of every arm, but they are shared";
                assert_eq!(error.message, message, "{environment}");
            }
            law => law.unwrap_or_else(|e| panic!("{name} {parameters} on {environment}: {e}")),
        }
    });
}

#[test]
fn arms_are_exchangeable() {
    // Continuous rewards, so that there are no ties. A fixed arm is not exchangeable by its nature,
    // and Cover's forecaster takes two experts only. Other protocols have no pulls to compare.
    let (a, b) = ([2.0, 1.0, 3.0, 1.5], [2.0, 2.0, 1.5, 4.0]);
    let permutation = [2, 0, 3, 1];
    let arms = |order: [usize; 4]| {
        of("beta", json!({"a": order.map(|arm| a[arm]), "b": order.map(|arm| b[arm])}))
    };
    let (original, permuted) = (arms([0, 1, 2, 3]), arms(permutation));
    let horizon = 300;
    let exempt = ["fixed_arm", "cover"];
    let with_arms = regret_algorithms::registry().into_iter().filter(|entry| {
        ["bandit", "experts"].contains(&entry.protocol) && !exempt.contains(&entry.name)
    });
    for entry in with_arms {
        // Phases cut by the horizon favour the arms that come first in an order by number.
        let parameters = match entry.name {
            "reo_elimination" => json!({"order": "random"}),
            _ => json!({}),
        };
        let play = |environment| game(entry.name, &parameters, environment, horizon);
        let (first, second) = (play(&original), play(&permuted));
        laws::arms_are_exchangeable(first.as_ref(), second.as_ref(), &permutation, horizon)
            .unwrap_or_else(|broken| panic!("{}: {broken}", entry.name));
    }
}

fn final_values(record: &Record, notion: Notion) -> &[f64] {
    let last = record.checkpoints.len() - 1;
    let series = record.series(notion, None).expect("recorded");
    series.at(last, record.replication_count()).expect("there")
}

/// Who plays the best fixed arm all the time has no regret, and nobody who plays one arm has less.
#[test]
fn the_comparator_has_no_regret() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = plan(200, 20, 4, &[PSEUDO_REGRET, HINDSIGHT_REGRET, DYNAMIC_REGRET]);
    let environments = regret_environments::registry().into_iter();
    for entry in environments.filter(|entry| entry.protocols.contains(&"bandit")) {
        let ready = prepared(&entry, folder.path());
        if is_reactive(&ready) {
            continue;
        }
        let arms = game("uniform", &json!({}), &ready, plan.horizon).components(PULLS);
        let play = |arm| {
            let game = game("fixed_arm", &json!({"arm": arm}), &ready, plan.horizon);
            game.play(&plan, Form::Suited).expect("plays")
        };
        let records: Vec<Record> = (0..arms).map(play).collect();
        for replication in 0..20 {
            for notion in [PSEUDO_REGRET, HINDSIGHT_REGRET] {
                let values = records.iter().map(|record| final_values(record, notion)[replication]);
                let least = values.fold(f64::INFINITY, f64::min);
                // Sums of 200 rewards round by 10⁻¹² of their size at most.
                assert!(least.abs() < 1e-9, "{}: {} {least}", entry.name, notion.key);
            }
            for record in &records {
                let [pseudo, dynamic] = [PSEUDO_REGRET, DYNAMIC_REGRET]
                    .map(|notion| final_values(record, notion)[replication]);
                assert!(dynamic >= pseudo - 1e-9, "{}: {dynamic} < {pseudo}", entry.name);
            }
        }
    }
}

/// Who plays the best arm of every context has no contextual regret, and who is greedy for the best
/// linear predictor none against it; nobody else has less contextual regret.
#[test]
fn the_comparators_of_contexts_have_no_regret() {
    let theta = json!([0.6, -0.3, 0.2]);
    let parameters = json!({"arms": 4, "features": 3, "theta": theta, "deviation": 0.5});
    let world = of("linear_contextual", parameters);
    let plan = plan(200, 20, 4, &[CONTEXTUAL_REGRET, LINEAR_REGRET]);
    let best = game("linear_policy", &json!({"theta": theta}), &world, plan.horizon);
    let record = best.play(&plan, Form::Suited).expect("plays");
    for notion in [CONTEXTUAL_REGRET, LINEAR_REGRET] {
        // Least squares find θ up to rounding, which could matter only where arms nearly tie.
        assert!(final_values(&record, notion).iter().all(|&value| value.abs() < 1e-9));
    }
    for entry in regret_algorithms::registry().iter().filter(|e| e.protocol == "contextual") {
        let game = game(entry.name, &json!({}), &world, plan.horizon);
        let record = game.play(&plan, Form::Suited).expect("plays");
        let regrets = final_values(&record, CONTEXTUAL_REGRET);
        assert!(regrets.iter().all(|&regret| regret > 0.0), "{}: {regrets:?}", entry.name);
    }
}

/// Whether rewards depend on what was played: there is then no best arm but in hindsight.
fn is_reactive(environment: &PreparedEnvironment) -> bool {
    !game("uniform", &json!({}), environment, 1).notions().contains(&PSEUDO_REGRET)
}

/// Where rewards depend on the past, nobody gains more than the best sequence of actions, and the
/// regret against the arm that is best when repeated is above that by its warm-up at most.
#[test]
fn no_play_beats_the_best_sequence() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut seen = 0;
    for entry in regret_environments::registry() {
        if !entry.protocols.contains(&"bandit") {
            continue;
        }
        let ready = prepared(&entry, folder.path());
        if !is_reactive(&ready) {
            continue;
        }
        seen += 1;
        let kept = game("uniform", &json!({}), &ready, 1).notions();
        let notions = [POLICY_REGRET, REO_REGRET, WARM_UP, CYCLE_REGRET];
        let notions: Vec<Notion> = notions.into_iter().filter(|n| kept.contains(n)).collect();
        assert!(notions.contains(&POLICY_REGRET), "{}", entry.name);
        let plan = plan(150, 10, 10, &notions);
        let arms = game("uniform", &json!({}), &ready, 1).components(PULLS);
        let fixed = (0..arms).map(|arm| ("fixed_arm", json!({"arm": arm})));
        let others = ["uniform", "greedy", "ucb1", "exp3", "thompson_beta", "epsilon_greedy"];
        let learners = fixed.chain(others.map(|name| (name, json!({}))));
        for (name, parameters) in learners {
            let record = game(name, &parameters, &ready, 150).play(&plan, Form::Suited);
            let record = record.expect("plays");
            let values = |notion| &record.series(notion, None).expect("recorded").values;
            for (i, &policy) in values(POLICY_REGRET).iter().enumerate() {
                assert!(policy >= -1e-9, "{} {name}: {policy}", entry.name);
                if notions.contains(&REO_REGRET) {
                    let (reo, warm_up) = (values(REO_REGRET)[i], values(WARM_UP)[i]);
                    assert!(reo >= policy - 1e-9 && reo - warm_up <= policy + 1e-9, "{name}");
                }
            }
        }
    }
    assert!(seen >= 1);
}

/// Who plays the best constant portfolio in hindsight has no log-wealth regret, to the certificate.
#[test]
fn the_best_constant_portfolio_has_no_regret() {
    let folder = tempfile::tempdir().expect("a folder");
    let markets = regret_environments::registry().into_iter();
    let mut played = 0;
    for entry in markets.filter(|entry| entry.protocols.contains(&"portfolio")) {
        let ready = prepared(&entry, folder.path());
        let plan = plan(200, 1, 4, &[LOG_WEALTH_REGRET, BCRP_WEIGHTS, BCRP_GAP]);
        let play = |parameters: &Value| {
            let game = game("constant_rebalanced", parameters, &ready, plan.horizon);
            game.play(&plan, Form::Suited).expect("plays")
        };
        let record = play(&json!({}));
        let weights = record.series.iter().filter(|series| series.notion == BCRP_WEIGHTS);
        let weights: Vec<f64> = weights.map(|series| series.values[0]).collect();
        assert!(final_values(&record, LOG_WEALTH_REGRET)[0] > -1e-9, "{}", entry.name);
        assert!(final_values(&record, BCRP_GAP)[0] <= 1e-10, "{}", entry.name);
        let best = play(&json!({"weights": weights}));
        let regret = final_values(&best, LOG_WEALTH_REGRET)[0];
        // Sums of 200 logarithms, and the certificate's 1e-10.
        assert!(regret.abs() < 1e-9, "{}: {regret}", entry.name);
        played += 1;
    }
    assert!(played >= 5, "{played}");
}

/// Every algorithm that plays by runs, with parameters.
fn by_runs() -> Vec<(&'static str, Value)> {
    let arms = bernoulli(&[0.5, 0.5]);
    let bandits = regret_algorithms::registry().into_iter().filter(|e| e.protocol == "bandit");
    bandits
        .filter(|entry| game(entry.name, &json!({}), &arms, 10).suited() == Suit::Runs)
        .flat_map(|entry| variants(entry.name).into_iter().map(move |p| (entry.name, p)))
        .collect()
}

fn assert_runs_are_exact(
    environment: &PreparedEnvironment,
    instance: &str,
    plan: &Plan,
    names: &[&str],
) {
    for (name, parameters) in by_runs() {
        let single = environment_arms(environment) == 1 && name == "fixed_arm";
        if single || !(names.is_empty() || names.contains(&name)) {
            continue;
        }
        let game = game(name, &parameters, environment, plan.horizon);
        let plain = game.play(plan, Form::Plain).expect("plays");
        let runs = game.play(plan, Form::Suited).expect("plays");
        assert!(plain == runs, "{name} {parameters} on {instance}");
    }
}

fn environment_arms(environment: &PreparedEnvironment) -> u32 {
    game("uniform", &json!({}), environment, 1).components(PULLS)
}

/// Runs take the actions that asking in every round takes: where arms tie, are identical, never
/// vary, are few or many, whatever the rewards.
#[test]
fn runs_take_the_actions_of_asking_in_every_round() {
    assert!(by_runs().len() >= 18, "{:?}", by_runs());
    let many: Vec<f64> = (0..200).map(|arm| 0.1 + 0.004 * f64::from(arm * 37 % 200)).collect();
    for (means, horizon) in [
        (&[0.5, 0.6][..], 50_000),
        (&[0.5, 0.5], 10_000),
        (&[0.9, 0.5, 0.9, 0.1, 0.9], 10_000),
        (&[0.0, 1.0, 1.0], 10_000),
        (&[0.0, 0.0], 3000),
        (&[1.0, 1.0, 1.0], 3000),
        (&[0.02, 0.01, 0.015, 0.001], 30_000),
        (&[0.7], 3000),
        (&many, 3000),
    ] {
        let plan = plan(horizon, 2, 331, &[PSEUDO_REGRET, SWITCHES, PULLS]);
        assert_runs_are_exact(&bernoulli(means), &format!("{means:?}"), &plan, &[]);
    }
    for (name, parameters) in [
        ("beta", json!({"a": [2.0, 1.0, 3.0], "b": [2.0, 2.0, 2.5]})),
        ("gaussian", json!({"means": [0.0, -1.0, 0.2]})),
        ("uniform_arms", json!({"low": [0.5, 0.25], "high": [0.5, 0.25]})),
        ("student_t", json!({"locations": [0.1, 0.3], "degrees": 2.0})),
        ("corrupted", json!({"means": [0.5, 0.6], "budget": 50.0})),
    ] {
        let plan = plan(5000, 2, 331, &[PSEUDO_REGRET, SWITCHES, PULLS]);
        assert_runs_are_exact(&of(name, parameters), name, &plan, &[]);
    }
}

/// The same over a million rounds, for policies that can be asked that often.
#[test]
fn runs_are_exact_over_a_million_rounds() {
    let environment = bernoulli(&[0.5, 0.45, 0.4, 0.4, 0.35, 0.3, 0.3, 0.25, 0.2, 0.6]);
    let plan = plan(1_000_000, 1, 1000, &[PSEUDO_REGRET, SWITCHES]);
    let names = ["ucb1", "moss", "ucb_v", "ucb_tuned", "imed"];
    assert_runs_are_exact(&environment, "ten arms", &plan, &names);
}
