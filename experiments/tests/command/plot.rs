//! `regret plot`: figures with chosen axes, of what is in the run.

use std::path::Path;
use std::process::Output;

use crate::support::{assert_succeeds, files, printed, regret, run, said};

/// A sweep over gap and horizon, and over a parameter that moves with the horizon.
const SPEC: &str = "\
replications: 20
checkpoints: 5
horizon: 100
environments:
- stochastically_constrained: {arms: 2, gap: 0.2}
learners:
- uniform
- exp3
sweep:
  environments.0.gap: [0.1, 0.2, 0.4]
  zip: {horizon: [100, 1000, 10000], learners.exp3.eta: [0.2, 0.06, 0.02]}
";

fn plot(root: &Path, arguments: &[&str]) -> Output {
    regret(root).args(["plot", "out"]).args(arguments).output().expect("runs")
}

fn svg(root: &Path, name: &str) -> String {
    std::fs::read_to_string(root.join("out/plots").join(name)).expect("there")
}

#[test]
fn scaling_has_the_exponent_that_arithmetic_gives() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SPEC, "out", &[]));
    let before = files(&root.join("out"));
    let output = plot(root, &["scaling", "--x", "horizon", "--facet", "gap"]);
    assert_succeeds(&output);
    let words = printed(&output);
    // Uniform play loses half of the gap in every round, whatever the horizon: exponent 1 but for
    // chance. At T = 100 the mean is off by 5/50/√20 = 2.2 %, over ln 100 that is 0.005; six of them.
    let exponents: Vec<f64> = words
        .lines()
        .filter_map(|line| line.strip_prefix("exponent  gap Δ = "))
        .filter(|line| line.contains(": uniform: "))
        .map(|line| {
            let figure = line.rsplit(": ").next().expect("a figure");
            figure.split(' ').next().and_then(|number| number.parse().ok()).expect("a number")
        })
        .collect();
    assert_eq!(exponents.len(), 3, "{words}");
    assert!(exponents.iter().all(|exponent| (exponent - 1.0).abs() < 0.03), "{exponents:?}");
    let name = "scaling-by-horizon-each-gap.svg";
    let drawn = svg(root, name);
    for gap in ["0.1", "0.2", "0.4"] {
        assert!(drawn.contains(&format!("gap Δ = {gap}: pseudo-regret by horizon T\n")), "{gap}");
    }
    assert!(drawn.contains("exp3: 0.") && drawn.contains("horizon T\n"));
    // The run itself is as it was, and the same order gives the same bytes.
    let mut after = files(&root.join("out"));
    after.retain(|name, _| !name.starts_with("plots/"));
    assert!(after == before);
    assert_succeeds(&plot(root, &["scaling", "--x", "horizon", "--facet", "gap"]));
    assert_eq!(svg(root, name), drawn);
    assert!(root.join("out/plots/scaling-by-horizon-each-gap.png").exists());
}

#[test]
fn a_sweep_goes_along_any_parameter_and_what_is_zipped_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SPEC, "out", &[]));
    // The gap by name and as the sweep's path is the same axis, but for its title; uniform and EXP3
    // for each horizon.
    let arguments = ["sweep", "--facet", "horizon", "--notion", "switches", "--x"];
    let drawn = ["gap", "environments.stochastically_constrained.gap"].map(|x| {
        assert_succeeds(&plot(root, &[&arguments[..], &[x]].concat()));
        svg(root, "sweep-switches-by-gap-each-horizon.svg")
    });
    assert!(drawn[0].contains("horizon T = 1000: switches by gap Δ\n"));
    assert!(drawn[1].contains("horizon T = 1000: switches by gap\n"));
    assert_eq!(drawn[0].replace("gap Δ\n", "gap\n"), drawn[1]);
    // Without facets a line says which horizon it is of.
    assert_succeeds(&plot(root, &["sweep", "--x", "gap"]));
    assert!(svg(root, "sweep-by-gap.svg").contains("uniform, T = 10000\n"));
    // EXP3's step size moves with the horizon.
    let output = plot(
        root,
        &[
            "sweep",
            "--x",
            "learners.exp3.eta",
            "--learner",
            "exp3",
            "--environment",
            "stochastically_constrained",
            "--facet",
            "gap",
        ],
    );
    assert_succeeds(&output);
    for (arguments, words) in [
        (&["sweep"][..], "`sweep` needs --x"),
        (&["sweep", "--x", "alpha"], "`alpha` is no axis"),
        (&["sweep", "--x", "learner"], "--x is a number"),
        (&["sweep", "--x", "learners.exp3.eta"], "has no number for --x eta"),
        (
            &["sweep", "--x", "gap", "--learner", "ucb1"],
            "this run has no learner `ucb1`; it has exp3",
        ),
        (&["sweep", "--x", "seed"], "no two of these cells differ in seed alone"),
        (&["sweep", "--x", "gap", "--at", "7"], "round 7 is no checkpoint"),
        (&["sweep", "--x", "gap", "--notion", "dynamic_regret"], "was not recorded"),
    ] {
        let output = plot(root, arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", printed(&output));
        assert!(said(&output).contains(words), "{words}: {}", said(&output));
    }
    assert_eq!(plot(root, &["pie"]).status.code(), Some(2));
}

#[test]
fn boxes_pulls_and_optimal_pulls() {
    let spec = "horizon: 400\nreplications: 30\nenvironments:\n\
                - bernoulli: {means: [0.2, 0.8, 0.5], label: easy}\n\
                - bernoulli: {means: [0.5, 0.45], label: hard}\n\
                learners: [ucb1, uniform]\n";
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, spec, "out", &[]));
    for (kind, name, words) in [
        ("box", "box.svg", &["pseudo-regret at the horizon\n", "easy\n", "hard\n", "ucb1\n"][..]),
        (
            "pulls",
            "pulls.svg",
            &["easy: pulls of every arm\n", "hard: pulls of every arm\n", "pulls / T\n"],
        ),
        ("curve", "curve.svg", &["easy: pseudo-regret\n", "hard: pseudo-regret\n", "round t\n"]),
        ("optimal", "optimal.svg", &["easy: share of optimal pulls\n", "uniform\n", "round t\n"]),
    ] {
        assert_succeeds(&plot(root, &[kind]));
        let drawn = svg(root, name);
        assert!(words.iter().all(|words| drawn.contains(words)), "{kind}");
    }
    // Labels that stand for what is drawn along do not part the lines; others name them.
    let along = plot(root, &["sweep", "--x", "arms"]);
    assert_succeeds(&along);
    let drawn = svg(root, "sweep-by-arms.svg");
    assert!(drawn.contains("ucb1\n") && drawn.contains("arms K\n"));
    assert_eq!(
        drawn.matches("<polygon").count(),
        2 * (2 + 2),
        "of each: two dots, its band, its key"
    );
    // Two learners on three and two arms: 10 bars; and on each environment a box of each.
    assert_eq!(svg(root, "pulls.svg").matches("<polygon").count(), 10);
    assert!(svg(root, "box.svg").matches("<polygon").count() >= 8);
    assert_succeeds(&plot(root, &["box", "--facet", "environment", "--scale", "log"]));
    assert!(svg(root, "box-each-environment.svg").contains("hard: pseudo-regret at the horizon\n"));
    let other = plot(root, &["optimal", "--learner", "ucb1", "--out", "elsewhere"]);
    assert_succeeds(&other);
    assert!(root.join("elsewhere/optimal.png").exists());
    assert!(printed(&other).contains("figure    elsewhere/optimal.svg"), "{}", printed(&other));
}
