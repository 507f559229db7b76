//! Confidence sequences: intervals that hold at every number of replications at once, so that one
//! may look after each of them and stop when one likes.

mod betting;
mod mixture;

pub use betting::interval as bounded_interval;
pub use mixture::{factor, p_value};

use regret_engine::notion::{Notion, OPTIMAL_PULLS, PULLS, SWITCHES};

/// The interval that contains every value of a quantity after `t` rounds, where its definition says
/// so.
pub fn known_range(notion: Notion, t: u64) -> Option<(f64, f64)> {
    let most = match notion {
        notion if notion == PULLS || notion == OPTIMAL_PULLS => t,
        notion if notion == SWITCHES => t.saturating_sub(1),
        _ => return None,
    };
    Some((0.0, most as f64))
}
