//! What a program that writes a learner, or plays learners against environments, usually needs:
//! `use regret_engine::prelude::*`.

pub use crate::delay::Delay;
pub use crate::environment::Problem;
pub use crate::learner::{Learner, Outcome, Round, Setting};
pub use crate::notion::{
    CONTEXTUAL_REGRET, DYNAMIC_REGRET, HINDSIGHT_REGRET, LINEAR_REGRET, MINIMAL_GAP, Notion,
    OPTIMAL_PULLS, PSEUDO_REGRET, PULLS, REALISED_REGRET, SWITCHES,
};
pub use crate::protocols::bandit::argmax;
pub use crate::protocols::{Assortment, Bandit, Contextual, Experts};
pub use crate::record::Record;
pub use crate::registry::{Algorithm, EnvironmentModel, Form, Game, Match, ParameterError, play};
pub use crate::simulation::Plan;
