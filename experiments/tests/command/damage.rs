//! Parts that are not what they should be are named, removed and played again.

use std::fs;
use std::path::Path;

use crate::support::{assert_same_files, assert_succeeds, parts, regret, run, said};

/// Two cells of two parts each.
const SPEC: &str = "horizon: 300\nreplications: 70\nenvironments:\n- bernoulli: {means: [0.5, 0.6]}\n\
                    learners: [ucb1, imed]\n";

/// Damages a run, runs it again and expects warnings that hold all of `words`.
fn assert_is_mended(words: &[&str], damage: impl Fn(&Path, &[String]) -> Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SPEC, "whole", &[]));
    assert_succeeds(&run(root, SPEC, "damaged", &[]));
    let out = root.join("damaged");
    let damaged = damage(&out, &parts(&out));
    let mended = run(root, SPEC, "damaged", &[]);
    assert_succeeds(&mended);
    let warnings = said(&mended);
    assert_eq!(warnings.lines().count(), damaged.len(), "{warnings}");
    for part in &damaged {
        assert!(warnings.contains(part), "{part}: {warnings}");
    }
    for word in words.iter().chain(&["warning: ", "these replications are played again"]) {
        assert!(warnings.contains(word), "{word}: {warnings}");
    }
    assert_same_files(&out, &root.join("whole"));
}

#[test]
fn a_flipped_bit() {
    assert_is_mended(&["do not have the checksum", "damaged"], |out, parts| {
        let path = out.join(&parts[0]);
        let mut bytes = fs::read(&path).expect("readable");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).expect("writable");
        vec![parts[0].clone()]
    });
}

#[test]
fn a_cut_part_and_an_empty_one() {
    assert_is_mended(&["damaged"], |out, parts| {
        let path = out.join(&parts[1]);
        let bytes = fs::read(&path).expect("readable");
        fs::write(path, &bytes[..bytes.len() - 5]).expect("writable");
        fs::write(out.join(&parts[2]), b"").expect("writable");
        vec![parts[1].clone(), parts[2].clone()]
    });
}

/// A part of one cell in the folder of another, whole and with its right checksum.
#[test]
fn a_part_of_another_cell() {
    assert_is_mended(&["it belongs to cell"], |out, parts| {
        let (first, other) = (out.join(&parts[0]), out.join(&parts[2]));
        assert_ne!(first.parent(), other.parent());
        let placed = other.with_file_name(first.file_name().expect("a name"));
        fs::remove_file(&other).expect("removable");
        fs::copy(&first, &placed).expect("copies");
        vec![placed.strip_prefix(out).expect("below").to_string_lossy().into_owned()]
    });
}

/// The bytes of replications 0 to 63 under the name of 64 to 69.
#[test]
fn a_part_of_other_replications() {
    assert_is_mended(&["rows are no whole curves of 6 replications"], |out, parts| {
        let first = parts.iter().find(|part| part.contains("/0-64-")).expect("a first block");
        let renamed = first.replace("/0-64-", "/64-70-");
        let cell = Path::new(first).parent().expect("a folder");
        let second = parts.iter().find(|part| Path::new(part).starts_with(cell) && *part != first);
        fs::remove_file(out.join(second.expect("a second block"))).expect("removable");
        fs::copy(out.join(first), out.join(&renamed)).expect("copies");
        vec![renamed]
    });
}

/// Damage that is found only when results are published, after all parts were looked at, is not
/// possible through the command; a missing figure or table is simply made again.
#[test]
fn published_files_are_made_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SPEC, "whole", &[]));
    assert_succeeds(&run(root, SPEC, "damaged", &[]));
    let out = root.join("damaged");
    fs::write(out.join("summary.csv"), "nonsense").expect("writable");
    fs::write(out.join("manifest.json"), "{\"figures\": [\"../summary.csv\", 3, \"\"]")
        .expect("ok");
    fs::remove_dir_all(out.join("figures")).expect("removable");
    let again = regret(root).args(["run", "spec.yaml", "--out", "damaged"]).output().expect("runs");
    assert_succeeds(&again);
    assert_same_files(&out, &root.join("whole"));
    // A manifest that lists a file outside the figures does not make it go away.
    let manifest = "{\"figures\": [\"../summary.csv\", \"../../spec.yaml\", \"gone.svg\"]}";
    fs::write(out.join("manifest.json"), manifest).expect("writable");
    assert_succeeds(&run(root, SPEC, "damaged", &[]));
    assert!(root.join("spec.yaml").exists());
    assert_same_files(&out, &root.join("whole"));
}
