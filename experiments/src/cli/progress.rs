//! Progress: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::display::{counted, duration, large, tell};
use crate::cell::Cell;
use crate::run::Progress;

/// Shows how far a run is.
pub(super) struct Display {
    quiet: bool,
    bar: OnceLock<ProgressBar>,
    rounds: AtomicU64,
    total: AtomicU64,
    lines: Mutex<Lines>,
}

/// When the last plain line was written.
struct Lines {
    start: Instant,
    next: Duration,
}

/// Time between two plain lines: it doubles, so that long runs do not fill a log.
const FIRST_LINE: Duration = Duration::from_secs(5);
const SLOWEST_LINE: Duration = Duration::from_secs(120);

impl Display {
    pub(super) fn new(quiet: bool) -> Self {
        Self {
            quiet,
            bar: OnceLock::new(),
            rounds: AtomicU64::new(0),
            total: AtomicU64::new(0),
            lines: Mutex::new(Lines { start: Instant::now(), next: FIRST_LINE }),
        }
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }

    fn line(&self, done: u64) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let elapsed = lines.start.elapsed();
        if elapsed < lines.next {
            return;
        }
        lines.next = elapsed + elapsed.min(SLOWEST_LINE);
        // A cell that stops is played again in part, to find its first fault.
        let total = self.total.load(Ordering::Relaxed).max(done);
        let rate = done as f64 / elapsed.as_secs_f64();
        tell(format_args!(
            "{:.0} %, {}rounds/s, {} left",
            100.0 * done as f64 / total as f64,
            large(rate),
            duration((total - done) as f64 / rate)
        ));
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.end();
    }
}

impl Progress for Display {
    fn begin(&self, blocks: usize, rounds: u64, found: usize) {
        if self.quiet {
            return;
        }
        if found > 0 {
            tell(format_args!(
                "{} of replications there already, {blocks} to play",
                counted(found, "block")
            ));
        }
        self.total.fetch_add(rounds, Ordering::Relaxed);
        if let Some(bar) = self.bar.get() {
            bar.inc_length(rounds);
        } else if std::io::stderr().is_terminal() && blocks > 0 {
            let bar = ProgressBar::new(rounds);
            let template = "{bar:30} {percent} %  {human_pos} rounds, {per_sec}, {eta} left  {msg}";
            // The template is a constant; should it be wrong, the default style is good enough.
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            let _ = self.bar.set(bar);
        }
    }

    fn played(&self, rounds: u64) {
        let done = self.rounds.fetch_add(rounds, Ordering::Relaxed) + rounds;
        match self.bar.get() {
            Some(bar) => bar.set_position(done),
            None if !self.quiet => self.line(done),
            None => {}
        }
    }

    fn finished(&self, cell: &Cell, replications: &Range<u64>) {
        if let Some(bar) = self.bar.get() {
            let last = replications.end - 1;
            bar.set_message(format!(
                "{} on {}, replications {} to {last}",
                cell.learner.name, cell.environment.name, replications.start
            ));
        }
    }

    fn warn(&self, message: &str) {
        tell(format_args!("warning: {message}"));
    }
}
