//! Finite-horizon Markov decision processes: sizes, transitions, exact dynamic programming.
//!
//! Steps are counted from 0 to H − 1. Every step h has its own n_h states, so a layered, loop-free
//! process and one whose states are the same in every step are written alike: what happens is always
//! a table over (step, state, action). The referee, environments and learners share this module; it
//! knows no losses but those that it is given.

mod layout;
mod planning;
mod transitions;

pub use layout::{Layout, LayoutError, MAX_ENTRIES};
pub use transitions::{Transitions, TransitionsError};
