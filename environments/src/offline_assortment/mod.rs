//! Environments of the offline assortment protocol.

mod choice_log;
mod choice_log_random;

pub use choice_log::{ChoiceLogModel, Offered};
pub use choice_log_random::ChoiceLogRandom;
