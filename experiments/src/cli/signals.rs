//! How a command that plays ends: exit statuses, and the signals that stop it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Failure;
use super::display::tell;

/// Exit status when a cell stopped by a fault of its own.
pub(super) const STOPPED: u8 = 3;
/// Exit status when a claim failed that must not.
pub(super) const FAILED: u8 = 4;
/// Exit status when the run was interrupted.
pub(super) const INTERRUPTED: u8 = 130;

/// What is said then.
pub(super) const INTERRUPTED_WORDS: &str =
    "interrupted; what is finished is kept, the same command goes on from there";

/// Raised by Ctrl-C and by a termination request; a second one ends the process at once.
pub(super) struct Signals {
    stop: Arc<AtomicBool>,
    at_once: Arc<AtomicBool>,
}

impl Signals {
    /// Catches them from now on.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn catch() -> Result<Self, Failure> {
        let signals = Self { stop: Arc::default(), at_once: Arc::default() };
        let (stop, at_once) = (signals.stop.clone(), signals.at_once.clone());
        ctrlc::set_handler(move || {
            if at_once.load(Ordering::SeqCst) {
                tell(INTERRUPTED_WORDS);
                std::process::exit(i32::from(INTERRUPTED));
            }
            if stop.swap(true, Ordering::SeqCst) {
                std::process::exit(i32::from(INTERRUPTED));
            }
            tell("stopping …");
        })
        .map_err(|error| Failure::Other(format!("signals cannot be caught: {error}")))?;
        Ok(signals)
    }

    /// Raised to stop play, which ends in a moment.
    pub(super) fn stop(&self) -> &AtomicBool {
        &self.stop
    }

    /// From now on the process ends at once. Files are written whole or not at all, and all that is
    /// done after play is done again by the same command.
    pub(super) fn leave_at_once(&self) {
        self.at_once.store(true, Ordering::SeqCst);
        // One that came since play ended was heard by nobody.
        if self.stop.load(Ordering::SeqCst) {
            tell(INTERRUPTED_WORDS);
            std::process::exit(i32::from(INTERRUPTED));
        }
    }
}
