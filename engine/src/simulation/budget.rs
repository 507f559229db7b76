//! Playing for a limited time.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::Monitor;

/// Counts rounds, and stops when the time is used up.
pub struct Budget {
    start: Instant,
    limit: Duration,
    rounds: AtomicU64,
}

impl Budget {
    /// From now on.
    pub fn new(limit: Duration) -> Self {
        Self { start: Instant::now(), limit, rounds: AtomicU64::new(0) }
    }

    /// The time since its begin.
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Rounds played, summed over replications.
    pub fn rounds(&self) -> u64 {
        self.rounds.load(Ordering::Relaxed)
    }
}

impl Monitor for Budget {
    fn played(&self, rounds: u64) -> ControlFlow<()> {
        self.rounds.fetch_add(rounds, Ordering::Relaxed);
        if self.elapsed() < self.limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}
