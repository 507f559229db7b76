//! The same spec gives the same bytes.

use crate::support::{SPEC, assert_same_files, assert_succeeds, regret, run};

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

/// More replications, another learner, another environment: only what is missing is played, and
/// the folder ends as if it had been run so from the start.
#[test]
fn an_extended_run_equals_a_fresh_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let small = "horizon: 500\nreplications: 70\nenvironments:\n- bernoulli: {means: [0.5, 0.6]}\n\
                 learners: [ucb1]\n";
    let large = "horizon: 500\nreplications: 130\nenvironments:\n- bernoulli: {means: [0.5, 0.6]}\n\
                 - gaussian: {means: [0.1, 0.0]}\nlearners: [ucb1, moss]\n";
    assert_succeeds(&run(root, small, "extended", &[]));
    assert_succeeds(&run(root, large, "extended", &[]));
    assert_succeeds(&run(root, large, "fresh", &[]));
    let (mut extended, fresh) =
        (crate::support::files(&root.join("extended")), crate::support::files(&root.join("fresh")));
    // The part with replications 64 to 69 may stay beside that of 64 to 127; it does not count.
    extended.retain(|name, _| fresh.contains_key(name));
    assert!(extended == fresh);
}
