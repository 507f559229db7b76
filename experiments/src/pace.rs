//! How fast a pairing is played.

use std::time::Duration;

use regret_engine::registry::{CellFault, Form, Match};
use regret_engine::simulation::{Budget, Fault, Plan};

/// Nanoseconds that a round takes when the plan is played in a form, on one core, for at most about
/// `budget`.
///
/// # Errors
/// The learner's fault.
pub fn nanoseconds_per_round(
    game: &dyn Match,
    plan: &Plan,
    form: Form,
    budget: Duration,
) -> Result<f64, CellFault> {
    let budget = Budget::new(budget);
    let result = game.play_watched(plan, form, &budget);
    let nanoseconds = budget.elapsed().as_nanos() as f64;
    match result {
        Ok(_) | Err(CellFault::Fault(Fault::Stopped { .. })) => {
            Ok(nanoseconds / budget.rounds().max(1) as f64)
        }
        Err(fault) => Err(fault),
    }
}
