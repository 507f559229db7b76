//! What tests that play experiments share.

use std::ops::Range;

use regret_experiments::cell::Cell;
use regret_experiments::run::{Options, Progress};

/// Watches without a word.
pub(crate) struct Quiet;

impl Progress for Quiet {
    fn begin(&self, _: usize, _: u64, _: usize) {}
    fn played(&self, _: u64) {}
    fn finished(&self, _: &Cell, _: &Range<u64>) {}
    fn warn(&self, _: &str) {}
}

/// Options for a number of threads.
pub(crate) fn options(threads: usize) -> Options {
    Options { threads, lanes: 0 }
}
