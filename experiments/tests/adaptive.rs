//! Replications until the comparisons are decided: what is played depends on the numbers alone.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use regret_experiments::cell::Cell;
use regret_experiments::run::Progress;
use regret_experiments::spec::{self, Experiment};
use regret_experiments::{adaptive, publish};
use regret_results::store::RunFolder;

mod support;
use support::{Quiet, options};

fn read(text: &str) -> Experiment {
    spec::read("spec.yaml", "x", text, &[]).expect("valid")
}

fn replications(experiment: &Experiment) -> Vec<u64> {
    experiment.cells.iter().map(|cell| cell.common.replications).collect()
}

fn play(experiment: &mut Experiment, root: &Path, threads: usize) {
    let folder = RunFolder::open(root).expect("opens");
    let stop = AtomicBool::new(false);
    let outcome =
        adaptive::run(experiment, &folder, options(threads), &Quiet, &stop).expect("plays");
    publish::publish(experiment, &folder, &outcome, 0.0).expect("publishes");
}

/// Every file below a folder but the manifest (which has times) and the lock.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(root).expect("below").display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if name != "manifest.json" && name != ".lock" {
                files.insert(name, std::fs::read(path).expect("readable"));
            }
        }
    }
    files
}

const CLOSE: &str = "\
horizon: 300
replications: {until: separated, at_most: 1000}
environments:
- bernoulli: {means: [0.5, 0.6], label: easy}
- bernoulli: {means: [0.1, 0.9], label: easier}
learners:
- ucb1: {label: cautious}
- ucb1: {alpha: 0.5, label: bold}
- thompson_beta
figures: []
";

#[test]
fn equal_learners_play_to_the_end_and_different_ones_stop_at_the_first_look() {
    let mut experiment = read(
        "horizon: 20\nreplications: {until: separated, at_most: 200}\n\
         environments: [bernoulli: {means: [0.5, 0.5, 0.9]}, bernoulli: {means: [0.1, 0.2, 0.9]}]\n\
         learners: [fixed_arm: {arm: 0}, fixed_arm: {arm: 1}]\n",
    );
    let folder = tempfile::tempdir().expect("a folder");
    play(&mut experiment, folder.path(), 2);
    // The two arms are the same in the first environment, at every number of replications.
    assert_eq!(replications(&experiment), [200, 200, 64, 64]);
}

#[test]
fn one_learner_has_nothing_to_be_separated_from() {
    let mut experiment = read(
        "horizon: 20\nreplications: {until: separated, at_most: 500}\n\
         environments: [bernoulli: {means: [0.5, 0.9]}]\nlearners: [ucb1]\n",
    );
    let folder = tempfile::tempdir().expect("a folder");
    play(&mut experiment, folder.path(), 2);
    assert_eq!(replications(&experiment), [64]);
}

#[test]
fn threads_do_not_change_a_byte() {
    let (one, four) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("four"));
    let (mut first, mut second) = (read(CLOSE), read(CLOSE));
    play(&mut first, one.path(), 1);
    play(&mut second, four.path(), 4);
    let played = replications(&first);
    assert_eq!(played, replications(&second));
    assert!(files(one.path()) == files(four.path()), "{played:?}");
    // All learners of an environment stop together, between the first look and the most.
    assert!(played[0] == played[1] && played[1] == played[2], "{played:?}");
    assert!(played.iter().all(|&count| (64..=1000).contains(&count)), "{played:?}");
    assert!(played[0] > 64, "one look decides nothing here: {played:?}");
}

/// Raises `stop` when the given number of blocks is finished.
struct Interrupt<'a> {
    stop: &'a AtomicBool,
    left: AtomicUsize,
}

impl Progress for Interrupt<'_> {
    fn begin(&self, _: usize, _: u64, _: usize) {}
    fn played(&self, _: u64) {}
    fn warn(&self, _: &str) {}
    fn finished(&self, _: &Cell, _: &Range<u64>) {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.stop.store(true, Ordering::SeqCst);
        }
    }
}

#[test]
fn an_interrupted_run_ends_in_the_same_bytes() {
    let (whole, torn) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("two"));
    play(&mut read(CLOSE), whole.path(), 2);
    for blocks in [2, 5, 9] {
        let folder = RunFolder::open(torn.path()).expect("opens");
        let stop = AtomicBool::new(false);
        let progress = Interrupt { stop: &stop, left: AtomicUsize::new(blocks) };
        let outcome = adaptive::run(&mut read(CLOSE), &folder, options(2), &progress, &stop);
        assert!(outcome.expect("kept").interrupted);
    }
    play(&mut read(CLOSE), torn.path(), 2);
    assert!(files(whole.path()) == files(torn.path()));
}

#[test]
fn a_named_baseline_needs_fewer_comparisons() {
    let mut named = read(&format!("{CLOSE}baseline: cautious\n"));
    let folder = tempfile::tempdir().expect("a folder");
    play(&mut named, folder.path(), 2);
    let mut best = read(&CLOSE.replace("figures: []", "figures: [linear]"));
    let folder = tempfile::tempdir().expect("a folder");
    play(&mut best, folder.path(), 2);
    // `cautious` is far from both; `bold` and `thompson_beta` are near each other.
    assert!(replications(&named)[0] < replications(&best)[0]);
    let report = std::fs::read_to_string(folder.path().join("report.html")).expect("a report");
    assert!(report.contains("band: 95 % confidence sequence"));
    assert!(report.contains("which allows for stopping by looking"));
}
