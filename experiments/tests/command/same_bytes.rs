//! The same spec gives the same bytes.

use crate::support::{
    SPEC, assert_same_files, assert_succeeds, files, parts, printed, regret, run,
};

#[test]
fn threads_lanes_and_vector_instructions_change_no_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SPEC, "reference", &[]));
    for (index, arguments) in [
        &["--threads", "1"][..],
        &["--threads", "2", "--lanes", "64"],
        &["--lanes", "8"],
        &["--lanes", "1", "--threads", "1"],
    ]
    .into_iter()
    .enumerate()
    {
        let out = format!("variant-{index}");
        assert_succeeds(&run(root, SPEC, &out, arguments));
        assert_same_files(&root.join(&out), &root.join("reference"));
    }
    for level in ["plain", "avx2"] {
        let mut command = regret(root);
        command.args(["run", "spec.yaml", "--quiet", "--out", level]).env("REGRET_SIMD", level);
        assert_succeeds(&command.output().expect("runs"));
        assert_same_files(&root.join(level), &root.join("reference"));
    }
}

const SMALL: &str = "horizon: 500\nreplications: 70\nenvironments:\n\
                     - bernoulli: {means: [0.5, 0.6]}\nlearners: [ucb1]\n";
const LARGE: &str = "horizon: 500\nreplications: 130\nenvironments:\n\
                     - bernoulli: {means: [0.5, 0.6]}\n- gaussian: {means: [0.1, 0.0]}\n\
                     - bernoulli: {means: [0.2, 0.1], delay: {fixed: 3}}\n\
                     learners: [ucb1, moss]\n";

/// More replications, another learner, other environments: only what is missing is played, and
/// the folder ends as if it had been run so from the start. Replications 64 to 69, which are a part
/// of their own at first, are there once; the figure of the first spec, whose environment needed no
/// parameters in its name, is gone.
#[test]
fn an_extended_run_equals_a_fresh_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SMALL, "extended", &[]));
    let before = parts(&root.join("extended"));
    let noted = root.join("extended/figures/notes.svg");
    std::fs::write(&noted, "mine").expect("writable");
    assert_succeeds(&run(root, LARGE, "extended", &[]));
    assert_succeeds(&run(root, LARGE, "fresh", &[]));
    let after = parts(&root.join("extended"));
    let kept: Vec<&String> = before.iter().filter(|part| after.contains(part)).collect();
    assert!(kept.len() == 1 && kept[0].contains("/0-64-"), "{kept:?} of {before:?}");
    std::fs::remove_file(noted).expect("what the command did not write, it does not remove");
    assert_same_files(&root.join("extended"), &root.join("fresh"));
}

/// Fewer replications: nothing is played and nothing is lost, but what is published is that of a
/// fresh run.
#[test]
fn a_shrunk_run_publishes_what_a_fresh_one_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SMALL, "shrunk", &["--set", "replications=130"]));
    let before = parts(&root.join("shrunk"));
    let shrunk = regret(root).args(["run", "spec.yaml", "--out", "shrunk"]).output().expect("runs");
    assert_succeeds(&shrunk);
    assert!(!printed(&shrunk).contains("played"), "{}", printed(&shrunk));
    assert_eq!(parts(&root.join("shrunk")), before);
    assert_succeeds(&run(root, SMALL, "fresh", &[]));
    let published = |out: &str| {
        let mut files = files(&root.join(out));
        files.retain(|name, _| !name.ends_with(".parquet"));
        files
    };
    assert!(published("shrunk") == published("fresh"));
    assert_succeeds(&run(root, SMALL, "shrunk", &["--set", "replications=130"]));
    assert_eq!(parts(&root.join("shrunk")), before);
}
