//! Runs the specs of a paper and writes its report.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use regret_results::claims::Judged;
use regret_results::files::write_atomically;
use regret_results::publish::PublishError;
use regret_results::report::{PaperReport, PaperSection, SectionOutcome};
use regret_results::store::{RunFolder, StoreError};

use super::state::State;
use super::{Paper, SpecText};
use crate::adaptive;
use crate::cell::NUMBERS_VERSION;
use crate::publish::{Published, publish};
use crate::run::{Options, Outcome, Progress};
use crate::spec::occasion::{Occasion, Scale};
use crate::spec::source::Problems;
use crate::spec::{self, Experiment};

/// How a paper is to be reproduced.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The scale.
    pub scale: Scale,
    /// The folder of data, for specs that need some.
    pub data: Option<&'a Path>,
    /// The folder of all reproductions; this one's is `<out>/<slug>/<scale>`.
    pub out: &'a Path,
    /// How specs are run.
    pub options: Options,
}

/// What came of a paper.
pub struct Reproduction {
    /// Its specs in order; fewer if it was interrupted.
    pub specs: Vec<(SpecText, SpecOutcome)>,
    /// Whether it was interrupted; there is no report then.
    pub interrupted: bool,
    /// The report.
    pub report: PathBuf,
}

/// What came of a spec.
pub enum SpecOutcome {
    /// It was not run, for this reason.
    Skipped(String),
    /// It was run.
    Finished(Box<Finished>),
}

/// A spec that was run.
pub struct Finished {
    /// What was run.
    pub experiment: Experiment,
    /// How the run ended.
    pub outcome: Outcome,
    /// What was written.
    pub published: Published,
    /// The run folder.
    pub folder: PathBuf,
    /// Seconds that it took.
    pub seconds: f64,
}

/// Why a paper cannot be reproduced.
#[derive(Debug, thiserror::Error)]
pub enum ReproduceError {
    /// A mistake in one of its specs; nothing was run.
    #[error(transparent)]
    Spec(#[from] Problems),
    /// A run folder cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A run cannot be published.
    #[error(transparent)]
    Publish(#[from] PublishError),
}

/// Runs what is missing of a paper's specs, judges their claims, and writes a report and the
/// [`State`]. `watch` makes what watches the run of a spec.
///
/// # Errors
/// A mistake in a spec, before anything is run; what the system says of the run folders.
pub fn reproduce<P: Progress>(
    paper: &Paper,
    wanted: Wanted<'_>,
    watch: impl Fn(&SpecText) -> P,
    stop: &AtomicBool,
) -> Result<Reproduction, ReproduceError> {
    let root = wanted.out.join(&paper.slug).join(wanted.scale.key());
    let mut read = Vec::new();
    for spec in &paper.specs {
        read.push((spec, experiment(spec, wanted)?));
    }
    let report = root.join("report.html");
    let mut reproduction = Reproduction { specs: Vec::new(), interrupted: false, report };
    for (spec, experiment) in read {
        let outcome = match experiment {
            Err(missing) => SpecOutcome::Skipped(missing),
            Ok(experiment) => {
                let folder = root.join(&spec.name);
                match run(experiment, folder, wanted.options, &watch(spec), stop)? {
                    Some(finished) => SpecOutcome::Finished(Box::new(finished)),
                    None => {
                        reproduction.interrupted = true;
                        return Ok(reproduction);
                    }
                }
            }
        };
        reproduction.specs.push((spec.clone(), outcome));
    }
    let io = |error| StoreError::Io { path: root.clone(), error };
    fs::create_dir_all(&root).map_err(io)?;
    let html = report_of(paper, wanted.scale, &reproduction).map_err(io)?.html();
    write_atomically(&reproduction.report, html.as_bytes()).map_err(io)?;
    State::of(paper, &reproduction).write(&root).map_err(io)?;
    Ok(reproduction)
}

/// The experiment of a spec, or which data it lacks.
fn experiment(spec: &SpecText, wanted: Wanted<'_>) -> Result<Result<Experiment, String>, Problems> {
    let files = spec::files_of_data(&spec.file, &spec.text)?;
    let missing = |file: &&String| wanted.data.is_none_or(|data| !data.join(file).is_file());
    let missing: Vec<&str> = files.iter().filter(missing).map(|file| &**file).collect();
    if !missing.is_empty() {
        let place = match wanted.data {
            Some(data) => format!("{} has not", data.display()),
            None => "say with --data in which folder they lie".to_owned(),
        };
        return Ok(Err(format!("it needs data, {}: {place}", missing.join(", "))));
    }
    let occasion = Occasion { scale: Some(wanted.scale), data: wanted.data, settings: &[] };
    spec::read_for(&spec.file, &spec.name, &spec.text, &occasion).map(Ok)
}

/// Runs and publishes an experiment; `None` if it was interrupted.
fn run(
    mut experiment: Experiment,
    root: PathBuf,
    options: Options,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<Option<Finished>, ReproduceError> {
    let folder = RunFolder::open(&root)?;
    let start = Instant::now();
    let outcome = adaptive::run(&mut experiment, &folder, options, progress, stop)?;
    if outcome.interrupted {
        return Ok(None);
    }
    let seconds = start.elapsed().as_secs_f64();
    let published = publish(&experiment, &folder, &outcome, seconds)?;
    Ok(Some(Finished { experiment, outcome, published, folder: root, seconds }))
}

impl Finished {
    /// The claims with what came of them.
    pub fn claims(&self) -> &[Judged] {
        &self.published.claims
    }

    /// What the reader should know before trusting them.
    fn warnings(&self) -> Vec<String> {
        let stopped = self.outcome.stopped.iter().map(|stopped| {
            let cell = &self.experiment.cells[stopped.cell];
            let (learner, environment) = (&cell.learner.name, &cell.environment.name);
            format!("The cell of {learner} on {environment} stopped: {}", stopped.fault)
        });
        stopped.chain(self.published.exceeded.iter().cloned()).collect()
    }
}

/// The report; nothing of it depends on the time, or on how the specs were run.
fn report_of(
    paper: &Paper,
    scale: Scale,
    reproduction: &Reproduction,
) -> std::io::Result<PaperReport> {
    let mut sections = Vec::new();
    for (spec, outcome) in &reproduction.specs {
        let outcome = match outcome {
            SpecOutcome::Skipped(reason) => SectionOutcome::Skipped(reason.clone()),
            SpecOutcome::Finished(finished) => SectionOutcome::Run {
                claims: finished.claims().to_vec(),
                warnings: finished.warnings(),
                figures: figures(finished)?,
            },
        };
        let (name, about) = (spec.name.clone(), spec.about.clone());
        sections.push(PaperSection { name, about, outcome });
    }
    let metadata = &paper.metadata;
    Ok(PaperReport {
        title: metadata.title.clone(),
        authors: metadata.authors.clone(),
        source: format!("{}, {}", metadata.source, metadata.year),
        summary: metadata.summary.clone(),
        deviations: metadata.deviations.clone(),
        sections,
        provenance: vec![
            ("paper".to_owned(), paper.slug.clone()),
            ("scale".to_owned(), scale.key().to_owned()),
            ("program".to_owned(), format!("regretlab {}", env!("CARGO_PKG_VERSION"))),
            ("version of the numbers".to_owned(), NUMBERS_VERSION.to_string()),
        ],
    })
}

/// The figures of a run: where each lies, and its SVG.
fn figures(finished: &Finished) -> std::io::Result<Vec<(String, String)>> {
    let figure = |path: &PathBuf| {
        let shown = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok((shown, fs::read_to_string(path)?))
    };
    finished.published.figures.iter().map(figure).collect()
}
