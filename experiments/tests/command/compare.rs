//! `regret compare`: learners of several runs, paired where they met the same luck, and said where not.

use std::path::Path;
use std::process::Output;

use regret_results::statistics::{Paired, Sampling, Unpaired};
use regret_results::store::FinishedRun;

use crate::support::{assert_succeeds, files, printed, regret, run, said};

const BASE: &str = "horizon: 1000\nreplications: 40\nenvironments:\n\
                    - bernoulli: {means: [0.5, 0.6], label: easy}\nlearners: [ucb1, moss]\n";

fn compare(root: &Path, arguments: &[&str]) -> Output {
    regret(root).arg("compare").args(arguments).output().expect("runs")
}

/// The rows of `comparison.csv`, each by column.
fn rows(root: &Path, out: &str) -> Vec<std::collections::HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(root.join(out).join("comparison.csv")).expect("there");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

/// The final values of a run's cell.
fn finals(root: &Path, run: &str, cell: usize) -> Vec<f64> {
    let run = FinishedRun::open(root.join(run)).expect("a run");
    let record = run.record(&run.cells()[cell].cell).expect("readable").expect("whole");
    record.at_horizon(record.series[0].notion).to_vec()
}

#[test]
fn the_same_luck_is_paired_and_other_luck_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, BASE, "a", &[]));
    let tuned = BASE.replace("[ucb1, moss]", "[ucb1: {alpha: 0.5}, thompson_beta]");
    assert_succeeds(&run(root, &tuned, "b", &["--set", "replications=50"]));
    assert_succeeds(&run(root, BASE, "c", &["--set", "seed=2"]));
    let output = compare(root, &["a", "b", "--out", "ab"]);
    assert_succeeds(&output);
    // ucb1 is in both, with another parameter: the pair of interest, a family of one.
    let [row] = &rows(root, "ab")[..] else { panic!("{}", printed(&output)) };
    assert_eq!(row["compared"], "ucb1 (alpha=0.5) in b");
    assert_eq!(row["reference"], "ucb1 (alpha=2) in a");
    assert_eq!(row["pairing"], "paired on the first 40 of 50 replications");
    let (first, second) = (finals(root, "b", 0), finals(root, "a", 0));
    let paired = Paired::of(&first[..40], &second, Sampling::Fixed, 0.05).expect("samples");
    let number = |name: &str| row[name].parse::<f64>().expect("a number");
    assert_eq!(number("difference"), paired.difference.mean);
    assert_eq!((number("p"), number("p_holm")), (paired.p, paired.p));
    assert!(printed(&output).contains("figure  ab/easy.svg"), "{}", printed(&output));
    let written = files(&root.join("ab"));
    assert_eq!(written.keys().collect::<Vec<_>>(), ["comparison.csv", "easy.png", "easy.svg"]);
    // With a learner as baseline the family are all others; again, the same bytes.
    assert_succeeds(&compare(root, &["a", "b", "--baseline", "moss", "--out", "moss"]));
    let against = rows(root, "moss");
    assert_eq!(against.len(), 3);
    assert!(against.iter().all(|row| row["reference"] == "moss in a" && row["family"] == "3"));
    assert_succeeds(&compare(root, &["a", "b", "--out", "ab"]));
    assert!(files(&root.join("ab")) == written);
    // Another seed: independent samples, by Welch's test, and it says so.
    let output = compare(root, &["a", "c"]);
    assert_succeeds(&output);
    let unpaired = rows(root, "runs/a-vs-c");
    assert_eq!(unpaired.len(), 2);
    for (row, cell) in unpaired.iter().zip([0, 1]) {
        assert_eq!(row["pairing"], "not paired: the seeds differ: 2 and 1");
        let (a, c) = (finals(root, "a", cell), finals(root, "c", cell));
        let known = Unpaired::of(&c, &a, Sampling::Fixed, 0.05).expect("samples");
        assert_eq!(row["p"].parse::<f64>().expect("a number"), known.p);
    }
    assert!(printed(&output).contains("not paired: the seeds differ"), "{}", printed(&output));
}

#[test]
fn other_environments_are_compared_by_name_and_said_to_be() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, BASE, "a", &[]));
    let harder = BASE.replace("[0.5, 0.6]", "[0.5, 0.55]");
    assert_succeeds(&run(root, &harder, "b", &[]));
    assert_succeeds(&run(root, BASE, "c", &["--set", "horizon=500"]));
    assert_succeeds(&compare(root, &["a", "b", "c", "--out", "abc"]));
    let found = rows(root, "abc");
    assert_eq!(found.len(), 4);
    let pairings: Vec<&str> = found.iter().map(|row| row["pairing"].as_str()).collect();
    let means = "not paired: the environments differ: bernoulli (means=[0.5, 0.55]) and \
                 bernoulli (means=[0.5, 0.6])";
    assert!(pairings.contains(&means), "{pairings:?}");
    assert!(pairings.contains(&"not paired: the horizons differ: 500 and 1000"), "{pairings:?}");
}

#[test]
fn a_cell_that_two_runs_have_is_there_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, BASE, "a", &[]));
    let more = BASE.replace("[ucb1, moss]", "[ucb1, imed]");
    assert_succeeds(&run(root, &more, "b", &["--set", "replications=60"]));
    let output = compare(root, &["a", "b", "--baseline", "best", "--out", "ab"]);
    assert_succeeds(&output);
    let words = "note: ucb1 on easy is the same cell in two runs, with equal numbers";
    assert!(said(&output).contains(words), "{}", said(&output));
    // ucb1, moss, imed: the best against two, of three pairs.
    let found = rows(root, "ab");
    assert_eq!((found.len(), found[0]["family"].as_str()), (2, "3"));
    // Two runs of the same cells have nothing to compare.
    assert_succeeds(&run(root, BASE, "again", &[]));
    let nothing = compare(root, &["a", "again"]);
    assert_eq!(nothing.status.code(), Some(1));
    assert!(said(&nothing).contains("error: nothing to compare: ucb1 on easy is the same cell"));
    for (arguments, status, words) in [
        (&["a"][..], 2, "2 values required"),
        (&["a", "nowhere"], 1, "nowhere: here is no finished run"),
        (&["a", "b", "--notion", "regret"], 1, "nothing called `regret` is recorded"),
        (&["a", "b", "--at", "999"], 1, "round 999 is no checkpoint"),
        (&["a", "b", "--baseline", "exp3"], 1, "no learner `exp3` plays there"),
    ] {
        let output = compare(root, arguments);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(words), "{words}: {}", said(&output));
    }
}
