//! Running the command, and comparing run folders.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

/// Eight learners of both protocols, played as runs, in lanes and solo, with and without delays,
/// in replications that fill one block and a part of another.
pub(crate) const SPEC: &str = "\
name: ends
horizon: 3000
replications: 70
environments:
- bernoulli: {means: [0.5, 0.45, 0.6], label: plain}
- piecewise_random: {arms: 3, changes: 4, label: changing}
- bernoulli: {means: [0.3, 0.6], delay: {geometric: 4}, label: late}
learners:
- ucb1
- imed
- exp3
- tsallis_inf: {reduced_variance: true}
- thompson_beta
- exp3_ix: {on: [plain]}
- hedge: {on: [plain, late]}
- adahedge: {on: [changing]}
";

/// The command in a folder.
pub(crate) fn regret(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regret"));
    command.current_dir(folder);
    command
}

/// Runs a spec to its end in `folder/out`.
pub(crate) fn run(folder: &Path, spec: &str, out: &str, arguments: &[&str]) -> Output {
    std::fs::write(folder.join("spec.yaml"), spec).expect("writable");
    let mut command = regret(folder);
    command.args(["run", "spec.yaml", "--quiet", "--out", out]).args(arguments);
    command.output().expect("runs")
}

pub(crate) fn assert_succeeds(output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
}

/// The bytes of every file of a run folder but the manifest, which holds machine and timing, and
/// the lock.
pub(crate) fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
            if name != "manifest.json" && name != ".lock" {
                found.insert(name, std::fs::read(&path).expect("readable"));
            }
        }
    }
    found
}

/// Panics with the first file that differs.
pub(crate) fn assert_same_files(found: &Path, expected: &Path) {
    let (found, expected) = (files(found), files(expected));
    assert!(expected.len() > 10 && expected.contains_key("report.html"), "{:?}", expected.keys());
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, bytes) in &expected {
        assert!(found[name] == *bytes, "{name} differs");
    }
}
