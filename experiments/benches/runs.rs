//! What runs of very many cells cost besides their play: `cargo bench --bench runs` publishes
//! 10 000 cells of 100 replications at 200 checkpoints, and opens a folder of 100 000 cells.
//! `cargo bench --bench runs -- 1000` takes a tenth of both.
//!
//! Times are of this machine; the largest memory is that of the whole process, play included.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use rayon::prelude::*;
use regret_experiments::cell::Cell;
use regret_experiments::publish::publish;
use regret_experiments::run::{Options, Progress, run};
use regret_experiments::shards::program;
use regret_experiments::spec::{self, Experiment};
use regret_experiments::status::status;
use regret_results::statistics::Sampling;
use regret_results::store::{FinishedRun, Manifest, ManifestCell, Parts, RunFolder, SCHEMA};
use serde_json::Value;

/// Cells that are published by default; ten times as many are opened.
const CELLS: usize = 10_000;

fn main() {
    let wanted = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let cells: usize = wanted.unwrap_or(CELLS);
    let folder = tempfile::tempdir().expect("a folder");
    publishing(&folder.path().join("published"), cells);
    opening(&folder.path().join("opened"), 10 * cells);
}

/// A hundred learners in each of so many environments.
fn experiment(environments: usize, checkpoints: usize, replications: usize) -> Experiment {
    let text = format!(
        "horizon: {}\nreplications: {replications}\nrecord: [pseudo_regret]\n\
         checkpoints: {{grid: linear, count: {checkpoints}}}\n\
         environments: [stochastically_constrained: {{arms: 2, gap: 0.2}}]\nlearners: [ucb1]\n\
         sweep:\n  environments.0.gap: {{range: [0.1, 0.4], count: {environments}}}\n  \
         learners.0.alpha: {{range: [0.1, 2], count: 100}}\n",
        2 * checkpoints
    );
    spec::read("bench.yaml", "bench", &text, &[]).unwrap_or_else(|problems| panic!("{problems}"))
}

fn publishing(root: &Path, cells: usize) {
    let experiment =
        timed(&format!("reading a spec of {cells} cells"), || experiment(cells / 100, 200, 100));
    let folder = RunFolder::open(root).expect("opens");
    let play =
        || run(&experiment.cells, &folder, Options::default(), &Silent, &AtomicBool::new(false));
    let outcome = timed("playing and keeping them", || play().expect("plays"));
    timed("finding them finished", || play().expect("plays"));
    let published = timed("publishing them", || {
        publish(&experiment, &folder, &outcome, 1.0).expect("publishes")
    });
    let report = fs::metadata(published.report).expect("there").len();
    println!("{:<44} {:>9.2} MB", "the report", report as f64 / 1e6);
    if let Some(peak) = peak_memory() {
        println!("{:<44} {:>9.0} MB", "the largest memory so far", peak);
    }
}

/// A folder of cells as they would be found, whose parts are named but empty: opening reads none.
fn opening(root: &Path, cells: usize) {
    let experiment =
        timed(&format!("reading a spec of {cells} cells"), || experiment(cells / 100, 1, 1));
    let name = format!("0-1-{}.parquet", "0".repeat(32));
    for cell in &experiment.cells {
        let folder = root.join("parts").join(&cell.id);
        fs::create_dir_all(&folder).expect("writable");
        fs::write(folder.join(&name), b"").expect("writable");
    }
    let listed = timed("opening a folder and finding every part", || {
        let folder = RunFolder::open(root).expect("opens");
        let is_there = |cell: &&Cell| {
            let meta = cell.meta();
            Parts::of(folder.root(), &meta).expect("readable").has(&(0..1))
        };
        experiment.cells.par_iter().filter(is_there).count()
    });
    assert_eq!(listed, cells);
    let text = serde_json::to_string_pretty(&manifest(&experiment)).expect("JSON");
    fs::write(root.join("manifest.json"), text).expect("writable");
    let run = timed("opening its manifest", || FinishedRun::open(root).expect("opens"));
    assert_eq!(run.cells().len(), cells);
    let status = timed("its status, the spec read again", || status(root, None).expect("a run"));
    assert!((0..cells).all(|cell| status.is_done(cell)));
}

/// The manifest that the experiment will have, without machine, timing and bounds.
fn manifest(experiment: &Experiment) -> Manifest {
    let listed = |cell: &Cell| ManifestCell {
        cell: cell.meta(),
        data: None,
        fault: None,
        bounds: Value::Null,
    };
    Manifest {
        schema: SCHEMA,
        name: experiment.name.clone(),
        program: program(),
        origin: experiment.origin.clone(),
        sampling: Sampling::Fixed,
        machine: Value::Null,
        timing: Value::Null,
        cells: experiment.cells.iter().map(listed).collect(),
        figures: Vec::new(),
    }
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let result = work();
    let of_cores =
        cpu_seconds().zip(cpu).map(|(end, begin)| format!(" {:>9.2} s of cores", end - begin));
    let of_cores = of_cores.unwrap_or_default();
    println!("{what:<44} {:>9.2} s{of_cores}", start.elapsed().as_secs_f64());
    result
}

/// Seconds that all threads of this process have run, where the system says so: other processes make
/// work slower, but hardly longer in this sense. Linux counts in hundredths.
fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // After the name, which may hold anything but ends with the last parenthesis.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}

/// The most memory that this process has had, in megabytes, where the system says so.
fn peak_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}

/// Says nothing.
struct Silent;

impl Progress for Silent {
    fn begin(&self, _: usize, _: u64, _: usize) {}
    fn played(&self, _: u64) {}
    fn finished(&self, _: &Cell, _: &std::ops::Range<u64>) {}
    fn warn(&self, message: &str) {
        println!("{message}");
    }
}
