//! Killed at any instant, a run loses nothing that was finished, counts nothing twice, and ends in
//! the same bytes.

use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use regret_engine::random::{Role, Stream};

use crate::support::{SPEC, assert_same_files, assert_succeeds, regret, run};

/// Kills in all, and the longest wait before one in milliseconds: about as long as a run takes.
const KILLS: u32 = 24;
const LONGEST_WAIT: f64 = 700.0;

#[test]
fn killed_runs_resume_to_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SPEC, "undisturbed", &[]));
    let mut waits = Stream::new(1, 0, Role::Learner);
    let (mut kills, mut interrupted, mut round) = (0, 0, 0);
    while kills < KILLS {
        let out = format!("killed-{round}");
        round += 1;
        // Several kills to a folder, then the run is left to end.
        for _ in 0..6 {
            let mut child = regret(root)
                .args(["run", "spec.yaml", "--quiet", "--out", &out])
                .stderr(Stdio::null())
                .spawn()
                .expect("starts");
            sleep(Duration::from_micros((1e3 * LONGEST_WAIT * waits.uniform()) as u64));
            // A run that has ended already cannot be killed; that is fine.
            let _ = child.kill();
            let status = child.wait().expect("ends");
            kills += 1;
            interrupted += u32::from(!status.success());
        }
        assert_succeeds(&run(root, SPEC, &out, &[]));
        // Whatever was being written is removed or overwritten.
        assert_same_files(&root.join(&out), &root.join("undisturbed"));
    }
    assert!(interrupted > 0, "no kill came in time");
}

#[test]
fn a_second_run_on_the_folder_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let _held = regret_results::store::RunFolder::open(root.join("out")).expect("opens");
    let refused = run(root, SPEC, "out", &[]);
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("another run is writing to this folder"), "{said}");
}

#[test]
fn a_damaged_part_is_named_and_played_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let spec = "horizon: 300\nreplications: 5\nenvironments:\n- bernoulli: {means: [0.5, 0.6]}\n\
                learners: [ucb1]\n";
    assert_succeeds(&run(root, spec, "whole", &[]));
    assert_succeeds(&run(root, spec, "damaged", &[]));
    let files = crate::support::files(&root.join("damaged"));
    let part = files.keys().find(|name| name.ends_with(".parquet")).expect("a part");
    let mut bytes = files[part].clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(root.join("damaged").join(part), bytes).expect("writable");
    let mended = run(root, spec, "damaged", &[]);
    assert_succeeds(&mended);
    let said = String::from_utf8_lossy(&mended.stderr);
    assert!(said.contains("damaged") && said.contains("played again"), "{said}");
    assert_eq!(
        crate::support::files(&root.join("damaged")),
        crate::support::files(&root.join("whole"))
    );
}
