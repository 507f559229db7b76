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

/// A flag that Ctrl-C and a termination request raise; a second one ends the process at once.
pub(super) fn stop_on_signal() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(INTERRUPTED));
        }
        tell("stopping …");
    })
    .map_err(|error| Failure::Other(format!("signals cannot be caught: {error}")))?;
    Ok(stop)
}
