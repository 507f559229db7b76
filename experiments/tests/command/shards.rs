//! Runs that are split over processes and put together again: the same bytes as one run, whatever
//! the order, the number of shards and where they lie; what is missing is named, and only that is
//! played again.

use std::fs;
use std::path::Path;
use std::process::Output;

use regret_results::store::RunFolder;

use crate::support::{
    SHORT, SPEC, assert_same_files, assert_succeeds, files, parts, printed, regret, run, said,
};

fn command(root: &Path, arguments: &[&str]) -> Output {
    regret(root).args(arguments).output().expect("runs")
}

fn shard(root: &Path, spec: &str, out: &str, shard: &str) -> Output {
    run(root, spec, out, &["--shard", shard])
}

fn assert_refused(output: &Output, words: &[&str]) {
    assert_eq!(output.status.code(), Some(1), "{}", said(output));
    for word in words {
        assert!(said(output).contains(word), "{word}: {}", said(output));
    }
}

#[test]
fn shards_in_any_order_with_or_without_a_shared_folder_give_the_bytes_of_one_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SPEC, "whole", &[]));
    for index in [3, 1, 4, 2] {
        assert_succeeds(&shard(root, SPEC, "shared", &format!("{index}/4")));
        assert!(!root.join("shared/report.html").exists());
    }
    assert_succeeds(&command(root, &["merge", "shared", "--quiet"]));
    assert_same_files(&root.join("shared"), &root.join("whole"));
    for index in [2, 3, 1] {
        assert_succeeds(&shard(root, SPEC, &format!("own-{index}"), &format!("{index}/3")));
    }
    let merged = command(root, &["merge", "own-1", "own-2", "own-3", "--out", "merged"]);
    assert_succeeds(&merged);
    assert!(printed(&merged).contains("report  merged/report.html"), "{}", printed(&merged));
    assert_same_files(&root.join("merged"), &root.join("whole"));
    // The folders of the shards are as they were, and can be merged again, by default below runs/.
    assert!(parts(&root.join("own-1")).len() < parts(&root.join("whole")).len());
    assert_succeeds(&command(root, &["merge", "own-3", "own-2", "own-1", "-q"]));
    assert_same_files(&root.join("runs/ends"), &root.join("whole"));
}

#[test]
fn a_scheduler_says_which_shard() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SHORT, "whole", &[]));
    let variables = ["SLURM_ARRAY_TASK_ID", "PBS_ARRAY_INDEX", "PBS_ARRAYID", "SGE_TASK_ID"];
    for (index, variable) in (1..).zip(variables) {
        let mut command = regret(root);
        command.args(["run", "spec.yaml", "-q", "--out", "out", "--shard", "array/4"]);
        assert_succeeds(&command.env(variable, index.to_string()).output().expect("runs"));
    }
    assert_succeeds(&command(root, &["merge", "-q", "out"]));
    assert_same_files(&root.join("out"), &root.join("whole"));
    let mut command = regret(root);
    command.args(["run", "spec.yaml", "--out", "other", "--shard", "array/4"]);
    assert_refused(&command.output().expect("runs"), &["none of SLURM_ARRAY_TASK_ID"]);
    command.env("SLURM_ARRAY_TASK_ID", "0");
    assert_refused(&command.output().expect("runs"), &["shards count from 1 to 4"]);
    assert!(!root.join("other").exists());
}

#[test]
fn what_is_missing_is_named_and_only_that_is_played_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SHORT, "whole", &[]));
    for index in [1, 2, 4] {
        assert_succeeds(&shard(root, SHORT, "out", &format!("{index}/4")));
    }
    let before = files(&root.join("out"));
    let refused = command(root, &["merge", "out"]);
    assert_refused(&refused, &["shard 3/4 is missing", "run again, on any machine: --shard 3/4;"]);
    assert!(files(&root.join("out")) == before, "a refused merge changes nothing");
    let status = printed(&command(root, &["status", "out"]));
    for line in ["blocks, done", "shard 3/4  0 of 4 blocks, missing", "not published"] {
        assert!(status.contains(line), "{line}: {status}");
    }
    // One that was killed: its ticket says that it was begun, and nobody holds its lock.
    let ticket = root.join("out/shards/2-of-4.json");
    let text = fs::read_to_string(&ticket).expect("a ticket");
    fs::write(&ticket, text.replace("\"done\"", "\"begun\"")).expect("writable");
    let killed = "shard 2/4 was killed in out, or runs where this is not seen";
    assert_refused(&command(root, &["merge", "out"]), &[killed, "--shard 2/4, --shard 3/4"]);
    let held = RunFolder::open_shard(root.join("out"), "2-of-4").expect("opens");
    let running = command(root, &["merge", "out"]);
    assert_refused(&running, &["shard 2/4 is still running in out"]);
    let status = printed(&command(root, &["status", "out"]));
    assert!(
        status.contains("of 5 blocks, running") || status.contains("blocks, running"),
        "{status}"
    );
    // The same shard cannot run twice at once, nor the whole run beside it; another shard can.
    for arguments in [&["--shard", "2/4"][..], &[]] {
        let second = run(root, SHORT, "out", arguments);
        assert_refused(&second, &["another run is writing to this folder"]);
    }
    assert_succeeds(&shard(root, SHORT, "out", "3/4"));
    drop(held);
    let again = command(root, &["run", "spec.yaml", "--out", "out", "--shard", "2/4"]);
    assert_succeeds(&again);
    assert!(said(&again).contains("already, 0 to play"), "{}", said(&again));
    // A part is lost, another damaged: their shards are named.
    let all = parts(&root.join("out"));
    let (lost, damaged) = (root.join("out").join(&all[0]), root.join("out").join(&all[7]));
    fs::remove_file(&lost).expect("removable");
    fs::write(&damaged, "nonsense").expect("writable");
    let refused = command(root, &["merge", "out"]);
    assert_refused(&refused, &["lacks a part", "are missing", "this part is damaged", "--shard "]);
    let named = said(&refused).lines().last().expect("a line").to_owned();
    let mut played = 0;
    for word in named.split("--shard ").skip(1) {
        let again = run(root, SHORT, "out", &["--shard", &word[..3]]);
        assert_succeeds(&again);
        played += 1;
    }
    assert!((1..=2).contains(&played), "{named}");
    assert_succeeds(&command(root, &["merge", "out", "-q"]));
    assert_same_files(&root.join("out"), &root.join("whole"));
    let status = printed(&command(root, &["status", "out"]));
    assert!(status.contains("short, published") && status.contains("18 of 18"), "{status}");
    assert_refused(&command(root, &["merge", "out"]), &["or all are merged already"]);
    assert_refused(&command(root, &["status", "nowhere"]), &["here is no run"]);
}

#[test]
fn shards_of_different_runs_are_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&shard(root, SHORT, "a", "1/2"));
    assert_succeeds(&shard(root, &SHORT.replace("3000", "2000"), "b", "2/2"));
    let different = command(root, &["merge", "a", "b"]);
    assert_refused(&different, &["shard 1/2 in a", "shard 2/2 in b", "their specs differ"]);
    assert_succeeds(&run(root, SHORT, "c", &["--shard", "2/3"]));
    assert_refused(&command(root, &["merge", "a", "c"]), &["their numbers of shards differ"]);
    let newer = root.join("a/shards/1-of-2.json");
    let text = fs::read_to_string(&newer).expect("a ticket");
    fs::write(&newer, text.replacen("\"schema\": 2", "\"schema\": 99", 1)).expect("writable");
    assert_refused(&command(root, &["merge", "a"]), &["in form 99", "use a newer regretlab"]);
    fs::write(&newer, "{}").expect("writable");
    assert_refused(&command(root, &["merge", "a"]), &["this is no record of a shard"]);
    // More shards than there may be would never be counted to their end.
    let endless = root.join(format!("a/shards/1-of-{}.json", u64::MAX));
    fs::rename(&newer, &endless).expect("renames");
    let count = format!("\"count\": {}", u64::MAX);
    fs::write(&endless, text.replacen("\"count\": 2", &count, 1)).expect("writable");
    assert_refused(&command(root, &["status", "a"]), &["it is that of shard"]);
}

/// Shards of another number may follow: what was played is found. A run that is not split takes all
/// of it, and leaves no ticket.
#[test]
fn the_number_of_shards_may_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SHORT, "whole", &[]));
    assert_succeeds(&shard(root, SHORT, "out", "2/3"));
    let played = parts(&root.join("out"));
    assert_succeeds(&shard(root, SHORT, "out", "1/2"));
    assert!(!root.join("out/shards/2-of-3.json").exists());
    assert!(played.iter().all(|part| parts(&root.join("out")).contains(part)));
    assert_succeeds(&run(root, SHORT, "out", &[]));
    assert_same_files(&root.join("out"), &root.join("whole"));
}

/// Rewards of 1e308 overflow in the second round: whatever shard finds it, the run ends as one.
#[test]
fn cells_that_stop_are_the_same() {
    let spec = "horizon: 100\nreplications: 300\nenvironments:\n\
                - gaussian: {means: [1e308, 0], deviation: 1, label: too large}\n\
                - bernoulli: {means: [0.5, 0.4], label: fine}\n\
                learners:\n- ucb1: {on: [fine]}\n- fixed_arm: {arm: 1}\n";
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_eq!(run(root, spec, "whole", &[]).status.code(), Some(3));
    let mut codes = Vec::new();
    for index in 1..=3 {
        codes.push(shard(root, spec, "out", &format!("{index}/3")).status.code());
    }
    assert!(codes.contains(&Some(3)), "{codes:?}");
    let status = printed(&command(root, &["status", "out"]));
    assert!(status.contains("1 stopped by a fault"), "{status}");
    let merged = command(root, &["merge", "out"]);
    assert_eq!(merged.status.code(), Some(3), "{}", said(&merged));
    let reason = "stopped: learner `fixed_arm` on `too large`: replication 0, round 2";
    assert!(said(&merged).contains(reason), "{}", said(&merged));
    assert_same_files(&root.join("out"), &root.join("whole"));
}

#[test]
fn runs_that_look_at_their_results_are_not_split() {
    let folder = tempfile::tempdir().expect("a folder");
    let spec = SHORT.replace("replications: 130", "replications: {until: separated, at_most: 128}");
    let refused = shard(folder.path(), &spec, "out", "1/2");
    assert_refused(&refused, &["`replications: {until: separated}` cannot be split"]);
    assert!(!folder.path().join("out").exists());
}

#[test]
fn a_dry_run_shows_the_values_of_a_sweep() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let spec = "horizon: 100\nenvironments: [bernoulli: {means: [0.5, 0.6], label: easy}]\n\
                learners: [ucb1, moss]\nsweep: {learners.ucb1.alpha: [2, 0.5], seed: [1, 7]}\n";
    fs::write(root.join("spec.yaml"), spec).expect("writable");
    let output = command(root, &["run", "spec.yaml", "--dry-run"]);
    assert_succeeds(&output);
    for cell in [
        "ucb1 (alpha=2) on easy, seed 1:",
        "ucb1 (alpha=0.5) on easy, seed 7:",
        "moss on easy, seed 7:",
    ] {
        assert!(printed(&output).contains(cell), "{cell}: {}", printed(&output));
    }
}

#[test]
fn a_dry_run_says_what_a_shard_plays() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    fs::write(root.join("spec.yaml"), SHORT).expect("writable");
    let words = ["run", "spec.yaml", "--dry-run", "--shard", "2/3"];
    let output = command(root, &words);
    assert_succeeds(&output);
    // 18 blocks of three lengths, 12 of 64 replications: each shard plays 4 of them and 2 of 2.
    assert!(printed(&output).contains("shard 2/3 plays 6 blocks"), "{}", printed(&output));
    assert!(printed(&output).contains("rounds     780_000"), "{}", printed(&output));
}
