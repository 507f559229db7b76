//! The commands that play nothing.

use std::fs;

use crate::support::{SPEC, assert_succeeds, printed, regret, said};

fn output(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("spec.yaml"), SPEC).expect("writable");
    let output = regret(folder.path()).args(arguments).output().expect("runs");
    assert_succeeds(&output);
    assert!(output.stderr.is_empty(), "{}", said(&output));
    let there: Vec<_> = fs::read_dir(folder.path()).expect("there").collect();
    assert_eq!(there.len(), 1, "{arguments:?} wrote {there:?}");
    printed(&output)
}

/// The first words of the rows of the tables of `regret list`.
fn listed(arguments: &[&str]) -> Vec<String> {
    let text = output(&[&["list"], arguments].concat());
    let rows = text.lines().filter_map(|line| line.strip_prefix("│ "));
    let names = rows.filter_map(|row| row.split_whitespace().next()).map(str::to_owned);
    names.filter(|name| !matches!(name.as_str(), "environment" | "learner")).collect()
}

#[test]
fn list_has_every_name_once() {
    let environments = regret_environments::registry();
    let algorithms = regret_algorithms::registry();
    let all = environments.iter().map(|entry| entry.name);
    let all: Vec<&str> = all.chain(algorithms.iter().map(|entry| entry.name)).collect();
    // On a narrow terminal a row may take several lines, so names are looked for among the lines.
    let found = listed(&[]);
    for name in &all {
        assert_eq!(found.iter().filter(|found| found == name).count(), 1, "{name}: {found:?}");
    }
    let experts = listed(&["--protocol", "experts"]);
    for entry in &algorithms {
        let is_listed = experts.iter().any(|name| name == entry.name);
        assert_eq!(is_listed, entry.protocol == "experts", "{}", entry.name);
    }
    for entry in &environments {
        let is_listed = experts.iter().any(|name| name == entry.name);
        assert_eq!(is_listed, entry.protocols.contains(&"experts"), "{}", entry.name);
    }
}

#[test]
fn describe_knows_every_learner() {
    for entry in regret_algorithms::registry() {
        let text = output(&["describe", entry.name]);
        let head = format!("{} (learner, {}): {}", entry.name, entry.protocol, entry.summary);
        assert!(text.starts_with(&head), "{text}");
        assert!(text.contains(&format!("source: {}", entry.source)), "{text}");
        let defaults = (entry.defaults)();
        for parameter in defaults.as_object().into_iter().flat_map(|defaults| defaults.keys()) {
            let row = text.lines().find(|line| line.contains(&format!("│ {parameter} ")));
            assert!(row.is_some(), "{parameter}: {text}");
        }
    }
    let ucb1 = output(&["describe", "ucb1"]);
    assert!(ucb1.contains("2.0") && ucb1.contains("pseudo-regret ≤"), "{ucb1}");
}

#[test]
fn describe_knows_every_environment() {
    for entry in regret_environments::registry() {
        let text = output(&["describe", entry.name]);
        let protocols = entry.protocols.join(", ");
        let head = format!("{} (environment, {protocols}): {}", entry.name, entry.summary);
        assert!(text.starts_with(&head), "{text}");
        // The example is a line of a spec, as it stands.
        let example = format!("  - {}: {}", entry.name, entry.example);
        assert!(text.contains(&example), "{text}");
    }
    assert!(output(&["describe", "bernoulli"]).contains("required"));
}

#[test]
fn names_that_are_none() {
    let folder = tempfile::tempdir().expect("a folder");
    for (arguments, status, words) in [
        (&["describe", "ubc1"][..], 1, "no learner or environment `ubc1`; did you mean `ucb1`?"),
        (&["describe", ""], 1, "no learner or environment ``"),
        (&["list", "--protocol", "x"], 1, "no protocol `x`; there are bandit, experts"),
        (&["completions", "abacus"], 2, "invalid value 'abacus'"),
        (&["fly"], 2, "unrecognized subcommand 'fly'"),
        (&[], 2, "Usage: regret <COMMAND>"),
        (&["run", "--lanes", "-1"], 2, "unexpected argument '-1'"),
        (&["run", "--threads=x"], 2, "invalid value 'x'"),
        (&["run", "--out", ""], 2, "a value is required for '--out"),
    ] {
        let output = regret(folder.path()).args(arguments).output().expect("runs");
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(words), "{arguments:?}: {}", said(&output));
    }
}

#[test]
fn completions_are_scripts() {
    for (shell, words) in [
        ("bash", "complete -F _regret"),
        ("zsh", "#compdef regret"),
        ("fish", "complete -c regret"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion"),
    ] {
        let script = output(&["completions", shell]);
        for word in [words, "describe", "dry-run", "shard", "merge", "verify", "facet"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

/// One line for each cell, and the totals: 70 replications of 1500 rounds in each of 19 cells.
#[test]
fn a_dry_run_plays_and_writes_nothing() {
    let text = output(&["run", "spec.yaml", "--dry-run", "--threads", "2"]);
    let cells: Vec<&str> = text.lines().filter(|line| line.contains(" on ")).collect();
    assert_eq!(
        cells.iter().filter(|line| line.contains("1_500 rounds × 70")).count(),
        19,
        "{text}"
    );
    for line in ["cells      19", "rounds     1_995_000", "2 threads"] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let quick_start = output(&["run", "--dry-run", "--set", "horizon=1e4"]);
    assert!(quick_start.contains("rounds     30_000_000"), "{quick_start}");
}
