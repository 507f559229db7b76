//! What was made of a paper before: `reproduction.json` in the folder of its reproduction.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::DateTime;
use regret_results::claims::{Judged, Verdict};
use regret_results::files::write_atomically;
use serde::{Deserialize, Serialize};

use super::Paper;
use super::reproduce::{Reproduction, SpecOutcome};
use crate::spec::occasion::Scale;

/// The last reproduction of a paper at a scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// When it was finished, in seconds since 1970, UTC.
    pub finished: u64,
    /// Hash of the specs that were run.
    pub fingerprint: String,
    /// What came of them.
    pub specs: Vec<SpecState>,
}

/// What came of a spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpecState {
    /// The spec's name.
    pub name: String,
    /// Why it was not run, if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
    /// Number of cells that stopped by a fault of their own.
    pub stopped: usize,
    /// Seconds that the run took.
    pub seconds: f64,
    /// Its claims, judged.
    pub claims: Vec<Judged>,
}

const FILE: &str = "reproduction.json";

impl State {
    /// The state after a reproduction, which ends now.
    pub fn of(paper: &Paper, reproduction: &Reproduction) -> Self {
        let specs = reproduction.specs.iter().map(|(spec, outcome)| {
            let name = spec.name.clone();
            match outcome {
                SpecOutcome::Skipped(reason) => SpecState {
                    name,
                    skipped: Some(reason.clone()),
                    stopped: 0,
                    seconds: 0.0,
                    claims: Vec::new(),
                },
                SpecOutcome::Finished(finished) => SpecState {
                    name,
                    skipped: None,
                    stopped: finished.outcome.stopped.len(),
                    seconds: finished.seconds,
                    claims: finished.claims().to_vec(),
                },
            }
        });
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { finished: now.as_secs(), fingerprint: paper.fingerprint(), specs: specs.collect() }
    }

    /// Writes it into the folder of the reproduction.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        write_atomically(&folder.join(FILE), text.as_bytes())
    }

    /// The state of a paper's last reproduction at a scale; `None` if there was none.
    ///
    /// # Errors
    /// What the system says; that the file is damaged.
    pub fn read(out: &Path, slug: &str, scale: Scale) -> io::Result<Option<Self>> {
        match fs::read_to_string(out.join(slug).join(scale.key()).join(FILE)) {
            Ok(text) => Ok(Some(serde_json::from_str(&text)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// In words: when, and how many claims passed, failed and stayed undecided.
    pub fn words(&self, paper: &Paper) -> String {
        let claims = || self.specs.iter().flat_map(|spec| &spec.claims);
        let count = |verdict| claims().filter(|one| one.judgement.verdict == verdict).count();
        let date = i64::try_from(self.finished).ok().and_then(|s| DateTime::from_timestamp(s, 0));
        let mut words = format!(
            "{}: {} pass, {} fail, {} undecided",
            date.map(|date| date.format("%Y-%m-%d").to_string()).unwrap_or_default(),
            count(Verdict::Pass),
            count(Verdict::Fail),
            count(Verdict::Undecided)
        );
        let skipped = self.specs.iter().filter(|spec| spec.skipped.is_some()).count();
        let stopped: usize = self.specs.iter().map(|spec| spec.stopped).sum();
        for (count, what) in [(skipped, "specs skipped"), (stopped, "cells stopped")] {
            if count > 0 {
                words += &format!(", {count} {what}");
            }
        }
        if self.fingerprint != paper.fingerprint() {
            words += "; out of date";
        }
        words
    }
}
