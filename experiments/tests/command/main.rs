//! The `regret` command from end to end: the same bytes however it runs, whatever interrupts it.

mod interrupted;
mod same_bytes;
mod support;
