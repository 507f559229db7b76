//! `regret reproduce`: papers of one's own from a folder, at both scales, with claims that pass and
//! fail, without the data that they need, and what is listed afterwards.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::support::{assert_succeeds, files, printed, regret, said};

const PAPER: &str = "\
title: On <uniform> play
authors: [A. Author, B. Author]
year: 1985
source: A Journal
summary: Uniform play has linear regret.
deviations: [Arms are Bernoulli.]
specs:
  rate: Theorem 1
  market: Table 2
";

/// Uniform play loses (0.5 − 0.25)/2 a round.
const RATE: &str = "\
horizon: 64
replications: 10
environments:
- bernoulli: {means: [0.5, 0.25]}
learners: [uniform]
claims:
- value:
    of: uniform
    at_most: 100
    states: the regret is Δ T / 2
    source: Theorem 1
quick: {horizon: 32, claims.0.value.at_most: 64}
full: {replications: 130}
";

const MARKET: &str = "\
horizon: 2
replications: 1
environments:
- replay: {path: unused, values: price_relatives, normalise: none}
learners: [uniform]
data: {environments.replay.path: day/prices.csv}
";

/// A folder with one paper.
fn paper() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "mine/on-uniform/paper.yaml", PAPER);
    write(folder.path(), "mine/on-uniform/rate.yaml", RATE);
    write(folder.path(), "mine/on-uniform/market.yaml", MARKET);
    folder
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
    fs::write(path, text).expect("writable");
}

fn reproduce(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = regret(folder);
    command.args(["reproduce", "--papers", "mine"]).args(arguments);
    command.output().expect("runs")
}

#[test]
fn a_paper_is_run_at_a_scale_and_skips_what_it_has_no_data_for() {
    let folder = paper();
    let output = reproduce(folder.path(), &["on-uniform"]);
    assert_succeeds(&output);
    let text = printed(&output);
    for part in ["On <uniform> play", "--quick", "rate: Theorem 1", "PASS", "at most 64"] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert!(said(&output).contains("skipped: mine/on-uniform/market.yaml"), "{}", said(&output));
    let report = folder.path().join("runs/papers/on-uniform/quick/report.html");
    let html = fs::read_to_string(report).expect("written");
    for part in ["On &lt;uniform&gt; play", "Theorem 1", "Not run", "Arms are Bernoulli.", "<svg"] {
        assert!(html.contains(part), "{part}");
    }
    let manifest = folder.path().join("runs/papers/on-uniform/quick/rate/manifest.json");
    let manifest = fs::read_to_string(manifest).expect("written");
    assert!(manifest.contains("\"scale\": \"quick\"") && manifest.contains("\"horizon\": 32"));
}

#[test]
fn with_data_everything_is_run_and_again_in_the_same_bytes() {
    let folder = paper();
    write(folder.path(), "data/day/prices.csv", "a,b\n1.1,0.9\n1.2,0.8\n");
    let run = |out: &str| {
        let output = reproduce(folder.path(), &["all", "--full", "--data", "data", "--out", out]);
        assert_succeeds(&output);
        assert!(!said(&output).contains("skipped"), "{}", said(&output));
        let mut files = files(&folder.path().join(out));
        let state = files.remove("on-uniform/full/reproduction.json").expect("a state");
        // Manifests hold timing.
        files.retain(|name, _| !name.ends_with("manifest.json") && !name.ends_with(".lock"));
        (files, String::from_utf8(state).expect("text"))
    };
    let (first, state) = run("out");
    assert!(state.contains("\"verdict\": \"PASS\"") && !state.contains("skipped"), "{state}");
    let (again, _) = run("out");
    assert!(first.len() > 10 && first == again);
    let (elsewhere, _) = run("elsewhere");
    assert!(first == elsewhere);
}

#[test]
fn a_failing_claim_is_an_exit_status_and_the_list_says_so() {
    let folder = paper();
    let listed = || {
        let output = reproduce(folder.path(), &[]);
        assert_succeeds(&output);
        printed(&output)
    };
    assert_eq!(listed().matches("never run").count(), 2, "{}", listed());
    let failing = RATE.replace("at_most: 64", "at_most: 1");
    write(folder.path(), "mine/on-uniform/rate.yaml", &failing);
    let output = reproduce(folder.path(), &["on-uniform", "--quiet"]);
    assert_eq!(output.status.code(), Some(4), "{}", said(&output));
    assert_eq!(printed(&output), "");
    let text = listed().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("1 fail") && text.contains("never run"), "{text}");
    assert!(!text.contains("out of date"), "{text}");
    write(folder.path(), "mine/on-uniform/rate.yaml", RATE);
    let text = listed().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("out of date"), "{text}");
    let state = folder.path().join("runs/papers/on-uniform/quick/reproduction.json");
    fs::write(state, "{").expect("writable");
    assert!(listed().contains("unreadable"), "{}", listed());
}

#[test]
fn mistakes_are_said_and_nothing_is_run() {
    let folder = paper();
    let fails = |arguments: &[&str], message: &str| {
        let output = reproduce(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(said(&output).contains(message), "{}", said(&output));
        assert!(!folder.path().join("runs").exists(), "something was run");
    };
    fails(&["on-unifrom"], "did you mean `on-uniform`?");
    let wrong = RATE.replace("quick: {horizon: 32", "quick: {horizont: 32");
    write(folder.path(), "mine/on-uniform/rate.yaml", &wrong);
    fails(&["on-uniform"], "unknown key `horizont`");
    write(folder.path(), "mine/on-uniform/rate.yaml", RATE);
    write(folder.path(), "mine/on-uniform/more.yaml", RATE);
    fails(&[], "more.yaml is not listed");
    fs::remove_dir_all(folder.path().join("mine")).expect("removable");
    fails(&[], "mine");
}

#[test]
fn a_spec_is_run_and_checked_at_its_scales() {
    let folder = paper();
    let spec = "mine/on-uniform/rate.yaml";
    let regret = |arguments: &[&str]| regret(folder.path()).args(arguments).output().expect("runs");
    let checked = regret(&["check", spec]);
    assert_succeeds(&checked);
    assert_eq!(
        printed(&checked).matches("1 cell, no mistakes").count(),
        3,
        "{}",
        printed(&checked)
    );
    let planned = regret(&["run", spec, "--dry-run", "--full", "--set", "horizon=8"]);
    assert!(printed(&planned).contains("8 rounds × 130 replications"), "{}", printed(&planned));
    assert_eq!(regret(&["run", spec, "--dry-run", "--full", "--quick"]).status.code(), Some(2));
    let lacking = regret(&["check", "mine/on-uniform/market.yaml"]);
    assert_eq!(lacking.status.code(), Some(1));
    assert!(said(&lacking).contains("needs the file `day/prices.csv`"), "{}", said(&lacking));
}
