//! Publishes a run: what the results crate cannot know (the spec, versions, machine, bounds) joined
//! with the parts.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use regret_engine::record::Record;
use regret_results::claims::Judged;
use regret_results::publish::{About, Entry, PublishError, Row, publish as publish_entries};
use regret_results::store::{Manifest, ManifestCell, RunFolder, SCHEMA, StoreError};
use serde_json::{Value, json};

use crate::cell::{Cell, NUMBERS_VERSION};
use crate::claims;
use crate::run::Outcome;
use crate::shards::program;
use crate::spec::Experiment;

/// What was written, and the table of final regrets.
#[derive(Clone, Debug)]
pub struct Published {
    /// The first regret of every cell.
    pub rows: Vec<Row>,
    /// Figures, SVG; a PNG lies beside each.
    pub figures: Vec<PathBuf>,
    /// The spec's claims, judged.
    pub claims: Vec<Judged>,
    /// Bounds that are exceeded beyond noise, in words.
    pub exceeded: Vec<String>,
    /// `summary.csv`.
    pub summary: PathBuf,
    /// `report.html`.
    pub report: PathBuf,
}

/// Judges the claims and writes `claims.json`, tables, figures, `report.html` and, when they are
/// there, `manifest.json`, which lists the figures: those that an earlier manifest lists and this
/// one does not are removed, and so is what the run's shards have noted.
///
/// # Errors
/// A part that cannot be read, a file that cannot be written.
pub fn publish(
    experiment: &Experiment,
    folder: &RunFolder,
    outcome: &Outcome,
    seconds: f64,
) -> Result<Published, PublishError> {
    let cells = &experiment.cells;
    let faults: HashMap<usize, String> =
        outcome.stopped.iter().map(|one| (one.cell, one.fault.to_string())).collect();
    let entries: Vec<Entry> = cells
        .iter()
        .enumerate()
        .map(|(index, cell)| Entry {
            meta: cell.meta(),
            fault: faults.get(&index).cloned(),
            bounds: cell.game.bounds(),
        })
        .collect();
    let claims = claims::judge(experiment, folder, outcome)?;
    let text = serde_json::to_string_pretty(&claims).unwrap_or_default();
    folder.write_file("claims.json", text.as_bytes())?;
    let about = About { claims: claims.clone(), ..about(experiment, &entries) };
    let load = |index: usize| load(&cells[index], folder);
    let written = publish_entries(folder, &entries, load, &about)?;
    let figures = figure_names(&written.figures);
    remove_old_figures(folder.root(), &figures)?;
    let manifest = Manifest { figures, ..manifest(experiment, &entries, outcome, seconds) };
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
    folder.write_file("manifest.json", text.as_bytes())?;
    folder.remove_shards()?;
    Ok(Published {
        rows: written.rows,
        figures: written.figures,
        claims,
        exceeded: written.exceeded,
        summary: written.summary,
        report: written.report,
    })
}

/// The names of figures, SVG and PNG.
fn figure_names(svg: &[PathBuf]) -> Vec<String> {
    let both = |path: &PathBuf| [path.clone(), path.with_extension("png")];
    let name = |path: PathBuf| Some(path.file_name()?.to_string_lossy().into_owned());
    svg.iter().flat_map(both).filter_map(name).collect()
}

/// Removes the figures that the manifest in the folder lists, but for `kept`.
fn remove_old_figures(root: &Path, kept: &[String]) -> Result<(), StoreError> {
    // Without a manifest that can be read, nothing is known to be old.
    let Ok(text) = fs::read_to_string(root.join("manifest.json")) else { return Ok(()) };
    let manifest: Value = serde_json::from_str(&text).unwrap_or_default();
    let listed = manifest["figures"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names = listed.iter().filter_map(Value::as_str);
    // Only what lies directly in the folder of figures.
    let plain = |name: &&str| Path::new(name).file_name() == Some(OsStr::new(name));
    for name in names.filter(plain).filter(|name| kept.iter().all(|kept| kept != name)) {
        let path = root.join("figures").join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::Io { path, error });
            }
            _ => {}
        }
    }
    Ok(())
}

/// The record of all replications of a cell, `None` if a part is missing.
///
/// # Errors
/// A part that cannot be read.
pub fn load(cell: &Cell, folder: &RunFolder) -> Result<Option<Record>, StoreError> {
    let meta = cell.meta();
    let parts = folder.parts(&meta)?;
    let mut blocks = Vec::new();
    for block in cell.blocks() {
        let Some(record) = parts.read(&block)? else { return Ok(None) };
        blocks.push(record);
    }
    Ok(Record::joined(&blocks))
}

/// What the report says; nothing of it depends on the machine or the time.
fn about(experiment: &Experiment, entries: &[Entry]) -> About {
    let names = |of: &dyn Fn(&Entry) -> String| {
        let mut names: Vec<String> = entries.iter().map(of).collect();
        names.dedup();
        names.sort();
        names.dedup();
        names.join(", ")
    };
    let stopped = entries.iter().filter_map(|entry| {
        let fault = entry.fault.as_ref()?;
        let label = |item: &regret_results::store::Item| {
            item.label.clone().unwrap_or_else(|| item.name.clone())
        };
        let (learner, environment) = (label(&entry.meta.learner), label(&entry.meta.environment));
        Some(format!("The cell of {learner} on {environment} stopped: {fault}"))
    });
    let origin = &experiment.origin;
    let mut spec = origin.spec.clone();
    if let Some(scale) = &origin.scale {
        spec += &format!("# --{}\n", scale);
    }
    for setting in &origin.set {
        spec += &format!("# --set {setting}\n");
    }
    About {
        title: experiment.name.clone(),
        spec,
        provenance: vec![
            ("program".to_owned(), format!("regretlab {}", env!("CARGO_PKG_VERSION"))),
            ("version of the numbers".to_owned(), NUMBERS_VERSION.to_string()),
            ("seed".to_owned(), names(&|entry| entry.meta.seed.to_string())),
            ("horizon".to_owned(), names(&|entry| entry.meta.horizon.to_string())),
            ("replications".to_owned(), names(&|entry| entry.meta.replications.to_string())),
            ("cells".to_owned(), entries.len().to_string()),
        ],
        warnings: stopped.collect(),
        claims: Vec::new(),
        presentation: experiment.presentation.clone(),
    }
}

fn manifest(
    experiment: &Experiment,
    entries: &[Entry],
    outcome: &Outcome,
    seconds: f64,
) -> Manifest {
    let cells = entries.iter().zip(&experiment.cells).map(|(entry, cell)| {
        let bounds = entry.bounds.iter().map(|bound| {
            json!({
                "notion": bound.notion.key,
                "side": format!("{:?}", bound.side),
                "statement": bound.statement,
                "source": bound.source,
                "conditions": bound.conditions,
                "at_horizon": bound.at(cell.common.horizon),
            })
        });
        ManifestCell {
            cell: entry.meta.clone(),
            data: cell.fingerprint.clone(),
            fault: entry.fault.clone(),
            bounds: bounds.collect(),
        }
    });
    Manifest {
        schema: SCHEMA,
        name: experiment.name.clone(),
        program: program(),
        origin: experiment.origin.clone(),
        sampling: experiment.presentation.sampling,
        machine: json!({
            "os": std::env::consts::OS,
            "architecture": std::env::consts::ARCH,
            "cores": std::thread::available_parallelism().map_or(1, usize::from),
            "simd": format!("{:?}", regret_engine::simd::level()),
        }),
        timing: json!({"seconds": seconds, "rounds": outcome.rounds}),
        cells: cells.collect(),
        figures: Vec::new(),
    }
}
