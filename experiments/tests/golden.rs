//! Golden curves: the bits of every algorithm on every environment, pinned by a hash.
//!
//! After a deliberate change of numbers: raise `NUMBERS_VERSION`, lead the change log with it, and
//! write the new hashes with `UPDATE_GOLDEN=1 cargo test --workspace --locked --test golden`.

use std::fmt::Write;
use std::path::Path;

use regret_engine::delay::Delay;
use regret_engine::record::Record;
use regret_engine::registry::{EnvironmentEntry, Form, PreparedEnvironment};
use regret_engine::simulation::Plan;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const HORIZON: u64 = 64;

/// The environment's parameters in its example; a table for the one that needs a file.
fn parameters(entry: &EnvironmentEntry, folder: &Path) -> Value {
    let mut parameters: Value = serde_json::from_str(entry.example).expect("an example is JSON");
    if parameters.get("path").is_some() {
        let rows = (0..70).map(|row| format!("1.0{},0.9{},1.1\n", row % 7, row % 5));
        let path = folder.join("table.csv");
        std::fs::write(&path, format!("a,b,c\n{}", rows.collect::<String>())).expect("writable");
        parameters["path"] = json!(path.to_string_lossy());
    }
    parameters
}

fn hash(record: &Record) -> String {
    let mut digest = Sha256::new();
    for series in &record.series {
        digest.update(series.notion.key);
        series.values.iter().for_each(|value| digest.update(value.to_bits().to_le_bytes()));
    }
    digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// A line for every algorithm that plays on an environment.
fn enter(lines: &mut String, name: &str, ready: &PreparedEnvironment, delay: Delay) {
    for entry in regret_algorithms::registry() {
        let algorithm = (entry.parse)(json!({})).expect("valid");
        let Some(Ok(game)) = algorithm.pair(ready, HORIZON, delay) else { continue };
        let plan = Plan {
            seed: 1,
            horizon: HORIZON,
            replications: 0..3,
            checkpoints: vec![5, 20, HORIZON],
            notions: game.notions(),
        };
        let record = game.play(&plan, Form::Suited).expect("plays");
        let _ = writeln!(lines, "{name} {} {}", entry.name, hash(&record));
    }
}

#[test]
fn numbers_are_those_of_this_version() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut found = String::new();
    for environment in regret_environments::registry() {
        let model = (environment.parse)(parameters(&environment, folder.path())).expect("valid");
        let ready = model.prepare().expect("prepares");
        enter(&mut found, environment.name, &ready, Delay::None);
        if environment.name == "bernoulli" {
            enter(&mut found, "bernoulli+delay", &ready, Delay::Geometric(4.0));
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &found).expect("writable");
    }
    let pinned = std::fs::read_to_string(&path).unwrap_or_default();
    let changed: Vec<&str> =
        found.lines().filter(|line| !pinned.lines().any(|p| p == *line)).collect();
    assert!(
        changed.is_empty() && found.lines().count() == pinned.lines().count(),
        "numbers changed; if they should have, see the head of this file:\n{}",
        changed.join("\n")
    );
}
