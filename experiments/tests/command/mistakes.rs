//! Whatever is wrong with a spec is said with its place and what would be right; nothing is run.

use std::fs;
use std::path::Path;

use crate::support::{regret, said};

/// A valid spec, the ends of which the mistakes are put on.
const HEAD: &str = "horizon: 10\nreplications: 3\n";
const ENVIRONMENT: &str = "environments: [bernoulli: {means: [0.5, 0.6]}]\n";
const LEARNER: &str = "learners: [ucb1]\n";

/// Runs a spec that is wrong.
fn mistakes(spec: &str, set: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("spec.yaml"), spec).expect("writable");
    let mut command = regret(folder.path());
    command.args(["run", "spec.yaml"]).args(set.iter().flat_map(|set| ["--set", set]));
    let output = command.output().expect("runs");
    assert_eq!(output.status.code(), Some(1), "{spec}: {}", said(&output));
    assert!(output.stdout.is_empty());
    let there: Vec<_> = fs::read_dir(folder.path()).expect("there").collect();
    assert_eq!(there.len(), 1, "{spec}: {there:?}");
    said(&output)
}

/// Line breaks and indents that fit the message to the width of a terminal are no part of it.
fn words(text: &str) -> String {
    text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

/// Asserts that a mistake is reported: its place, what it says, what it advises.
fn assert_says(report: &str, place: &str, message: &str, help: &str) {
    assert!(report.contains(&format!("[{place}]")), "{place}: {report}");
    let report = words(report);
    assert!(report.contains(message), "{message}: {report}");
    assert!(help.is_empty() || report.contains(&format!("help: {help}")), "{help}: {report}");
    assert!(report.contains("in the spec; nothing was run"), "{report}");
}

#[test]
fn at_the_top() {
    for (line, place, message, help) in [
        ("horizont: 5\n", "spec.yaml:5:1", "unknown key `horizont`", "did you mean `horizon`?"),
        ("quantum: 5\n", "spec.yaml:5:1", "unknown key `quantum`", "valid here: name, seed"),
        ("seed: -1\n", "spec.yaml:5:7", "`seed` must be a whole number from 0 to", ""),
        ("seed: 1.5\n", "spec.yaml:5:7", "`seed` must be a whole number from 0 to", ""),
        ("seed: 18446744073709551616\n", "spec.yaml:5:7", "`seed` must be a whole number", ""),
        ("seed: .nan\n", "spec.yaml:5:7", ".nan is not a finite number", ""),
        ("seed: 1\nseed: 2\n", "spec.yaml:6:1", "the key `seed` stands here twice", ""),
        ("name: ../up\n", "spec.yaml:5:7", "this cannot be a run's name", "a name is at most 60"),
        ("name: /etc\n", "spec.yaml:5:7", "this cannot be a run's name", "a name is at most 60"),
        ("name: .\n", "spec.yaml:5:7", "this cannot be a run's name", "a name is at most 60"),
        ("name: \"a\\nb\"\n", "spec.yaml:5:7", "this cannot be a run's name", "a name is at most"),
        ("name: 7\n", "spec.yaml:5:7", "this cannot be a run's name", "a name is at most 60"),
        (
            "checkpoints: 0\n",
            "spec.yaml:5:14",
            "at least one checkpoint",
            "a number, `every_round`",
        ),
        ("checkpoints: often\n", "spec.yaml:5:14", "`checkpoints`: unknown variant", "a number"),
        ("record: [pseudo_regert]\n", "spec.yaml:5:10", "nothing called", "did you mean `pseudo_"),
        ("record: []\n", "spec.yaml:5:9", "`record` must be `all` or a list of names", ""),
        ("sweep: {horizon: []}\n", "spec.yaml:5:18", "there must be at least one value", ""),
        ("sweep: {horizn: [1]}\n", "spec.yaml:5:9", "unknown key `horizn`", "did you mean"),
        ("x: [\n", "spec.yaml:6:1", "this is not YAML", ""),
        ("x: *nobody\n", "spec.yaml:5:4", "unknown anchor", ""),
        ("--- 1\n", "spec.yaml:5:5", "a second document: a spec is only one", ""),
    ] {
        let report = mistakes(&format!("{HEAD}{ENVIRONMENT}{LEARNER}{line}"), &[]);
        assert_says(&report, place, message, help);
    }
    let missing = mistakes("seed: 1\n", &[]);
    for key in ["horizon", "environments", "learners"] {
        assert!(missing.contains(&format!("the key `{key}` is missing")), "{missing}");
    }
    assert!(missing.contains("3 mistakes in the spec; nothing was run"), "{missing}");
    for (horizon, place) in [("0", "spec.yaml:3:10"), ("1e13", "spec.yaml:3:10")] {
        let report = mistakes(&format!("{ENVIRONMENT}{LEARNER}horizon: {horizon}\n"), &[]);
        assert_says(&report, place, "`horizon` must be a whole number from 1 to 1099511627776", "");
    }
}

#[test]
fn in_an_environment() {
    for (environment, place, message, help) in [
        (
            "bernouli: {means: [1]}",
            "spec.yaml:3:16",
            "no environment `bernouli`",
            "did you mean `b",
        ),
        ("bernoulli", "spec.yaml:3:16", "`bernoulli`: missing field `means`", ""),
        ("bernoulli: {means: [0.5, 1.2]}", "spec.yaml:3:41", "means[1] = 1.2: must be a", ""),
        ("bernoulli: {means: []}", "spec.yaml:3:35", "means", ""),
        ("bernoulli: {means: [a]}", "spec.yaml:3:36", "invalid type: string \"a\"", ""),
        (
            "bernoulli: {mean: [1]}",
            "spec.yaml:3:28",
            "no parameter `mean`",
            "did you mean `means`?",
        ),
        ("bernoulli: [1]", "spec.yaml:3:27", "must be a mapping", "bernoulli: {name: value, …}"),
        (
            "bernoulli: {means: [1], delay: {fixed: -1}}",
            "spec.yaml:3:47",
            "`delay`",
            "none, {fixed",
        ),
        (
            "bernoulli: {means: [1], delay: {geometric: 0}}",
            "spec.yaml:3:47",
            "mean delay 0",
            "none",
        ),
        ("bernoulli: {means: [1], label: []}", "spec.yaml:3:47", "a label is text, not a list", ""),
        ("bernoulli: {means: [1], label: \"a\\nb\"}", "spec.yaml:3:47", "a label is one line", ""),
        ("bernoulli: {means: [1], label: \"\\e[2J\"}", "spec.yaml:3:47", "control characters", ""),
        ("{bernoulli: {}, gaussian: {}}", "spec.yaml:3:16", "an item has one name", "indent"),
        ("3", "spec.yaml:3:16", "a environment is a name, or name: {parameters}", ""),
        ("loss_sequence: {losses: [[0, 1]]}", "spec.yaml:1:10", "at most 1 rounds", ""),
        ("replay: {path: none.csv}", "spec.yaml:3:31", "none.csv: No such file", ""),
        ("replay: {path: /dev/null}", "spec.yaml:3:31", "must end in .csv", ""),
    ] {
        let report = mistakes(&format!("{HEAD}environments: [{environment}]\n{LEARNER}"), &[]);
        assert_says(&report, place, message, help);
    }
}

#[test]
fn in_a_learner() {
    for (learner, place, message, help) in [
        ("ubc1", "spec.yaml:4:12", "there is no learner `ubc1`", "did you mean `ucb1`?"),
        ("ucb1: {alpha: -1}", "spec.yaml:4:26", "alpha = -1", ""),
        ("ucb1: {alpha: no}", "spec.yaml:4:26", "invalid type: string \"no\", expected f64", ""),
        ("ucb1: {alhpa: 1}", "spec.yaml:4:19", "no parameter `alhpa`", "did you mean `alpha`?"),
        ("ucb1: {on: [hard]}", "spec.yaml:4:24", "no environment `hard`", "valid here: bernoulli"),
        ("ucb1: {on: []}", "spec.yaml:4:23", "`on` names no environment", ""),
        ("fixed_arm: {arm: 2}", "spec.yaml:4:29", "must be below the number of arms, 2", ""),
    ] {
        let report = mistakes(&format!("{HEAD}{ENVIRONMENT}learners: [{learner}]\n"), &[]);
        assert_says(&report, place, message, help);
    }
    // A learner of one protocol on an environment of another names what would fit.
    let report =
        mistakes(&format!("{HEAD}environments: [comb: {{experts: 3}}]\nlearners: [ucb1]\n"), &[]);
    let message = "`ucb1` plays bandit, but `comb` offers experts";
    assert_says(&report, "spec.yaml:4:12", message, "environments for bandit: bernoulli,");
    assert!(words(&report).contains("learners for experts: hedge,"), "{report}");
}

#[test]
fn on_the_command_line() {
    let spec = format!("{HEAD}{ENVIRONMENT}{LEARNER}");
    for (set, place, message, help) in [
        ("horizon", "--set:1:1", "`--set` needs path=value", "for example --set horizon=1e5"),
        ("horizon=", "--set:1:9", "there is nothing in it", ""),
        ("horizon=ten", "--set:1:9", "`horizon` must be a whole number", ""),
        ("environments.0.means[0]=2", "--set:1:25", "means[0] = 2: must be a probability", ""),
        ("environments.0.means[9]=2", "--set:1:1", "`9` is no index of a list of 2", ""),
        ("learners.ubc1.alpha=2", "--set:1:1", "has no item `ubc1`", "did you mean `ucb1`?"),
        ("learners..alpha=2", "--set:1:1", "is not a path", "a path is names joined by dots"),
        ("name=../x", "--set:1:6", "this cannot be a run's name", "a name is at most 60 letters"),
        ("seed=[1", "--set:1:8", "this is not YAML", ""),
    ] {
        let report = mistakes(&spec, &[set]);
        assert_says(&report, place, message, help);
        // The setting is shown as it was written.
        assert!(report.contains(&format!("1 │ {set}")), "{report}");
    }
}

/// All mistakes are found at once, in the order of the spec, but no more than can be read are shown.
#[test]
fn many() {
    let keys: String = (0..30).map(|index| format!("key{index}: 1\n")).collect();
    let report = mistakes(&format!("{keys}{HEAD}{ENVIRONMENT}{LEARNER}"), &[]);
    assert_eq!(report.matches("unknown key").count(), 20, "{report}");
    assert!(report.contains("… and 10 more"), "{report}");
    assert!(report.contains("30 mistakes in the spec; nothing was run"), "{report}");
    let places: Vec<usize> =
        (0..20).filter_map(|index| report.find(&format!("unknown key `key{index}`"))).collect();
    assert!(places.len() == 20 && places.is_sorted(), "{places:?}");
}

/// `regret check` says the same of the same spec, and reads the data that it names.
#[test]
fn check_finds_what_run_finds() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = |spec: &str| {
        fs::write(folder.path().join("spec.yaml"), spec).expect("writable");
        regret(folder.path()).args(["check", "spec.yaml"]).output().expect("runs")
    };
    let wrong = format!("{HEAD}environments: [replay: {{path: x.csv}}]\n{LEARNER}");
    fs::write(folder.path().join("x.csv"), "a,b\n1,2\n3,x\n").expect("writable");
    let output = check(&wrong);
    assert_eq!(output.status.code(), Some(1));
    let message = "x.csv: row 2, column b: `x` is not a finite number";
    assert_says(&said(&output), "spec.yaml:3:31", message, "");
    let output = check(&format!("{HEAD}{ENVIRONMENT}{LEARNER}"));
    assert!(output.status.success() && output.stderr.is_empty());
    assert_eq!(String::from_utf8_lossy(&output.stdout), "spec: 1 cell, no mistakes\n");
    assert!(!Path::new(&folder.path().join("runs")).exists());
}
