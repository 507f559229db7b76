//! Running the command, and comparing run folders.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Eight learners of both protocols, played as runs, in lanes and solo, with and without delays,
/// in replications that fill one block and a part of another.
pub(crate) const SPEC: &str = "\
name: ends
horizon: 1500
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

/// Six learners in two figures, to be run many times: 18 parts, in play for about half of the time.
pub(crate) const SHORT: &str = "\
name: short
horizon: 3000
replications: 130
environments:
- bernoulli: {means: [0.5, 0.45, 0.6], label: plain}
- piecewise_random: {arms: 3, changes: 4, delay: {geometric: 4}, label: late}
learners:
- ucb1: {on: [plain]}
- thompson_beta: {on: [plain]}
- exp3: {on: [plain]}
- tsallis_inf: {on: [plain]}
- hedge: {on: [late]}
- adahedge: {on: [late]}
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
    assert!(output.status.success(), "{}: {}", output.status, said(output));
}

/// What the command wrote to the standard error.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What the command wrote to the standard output.
pub(crate) fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The parts of a run folder that are whole.
pub(crate) fn parts(root: &Path) -> Vec<String> {
    let files = if root.exists() { files(root) } else { BTreeMap::new() };
    files.into_keys().filter(|name| name.ends_with(".parquet")).collect()
}

/// The manifest but for machine and timing.
fn manifest(root: &Path) -> Value {
    let text = std::fs::read_to_string(root.join("manifest.json")).expect("readable");
    let mut manifest: Value = serde_json::from_str(&text).expect("JSON");
    let fields = manifest.as_object_mut().expect("an object");
    for field in ["machine", "timing"] {
        assert!(fields.remove(field).is_some(), "{field}");
    }
    manifest
}

/// The bytes of every file of a run folder but the manifest, which holds machine and timing, the
/// lock, and what runs that are not published have noted.
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
            let is_noted = name.starts_with("shards/");
            if name != "manifest.json" && name != ".lock" && !is_noted {
                found.insert(name, std::fs::read(&path).expect("readable"));
            }
        }
    }
    found
}

/// Panics with the first file that differs.
pub(crate) fn assert_same_files(found: &Path, expected: &Path) {
    assert_eq!(manifest(found), manifest(expected));
    assert!(!found.join("shards").exists() && !expected.join("shards").exists());
    let (found, expected) = (files(found), files(expected));
    assert!(expected.len() > 10 && expected.contains_key("report.html"), "{:?}", expected.keys());
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, bytes) in &expected {
        assert!(found[name] == *bytes, "{name} differs");
    }
}
