//! Algorithms for the contextual protocol.

mod constant_arm;
mod ds_oful;
mod fast_cb;
mod glm_ucb;
mod lin_ts;
mod lin_ucb;
mod linear_epsilon_greedy;
mod linear_policy;
mod logistic_ts;
mod lsw;
mod neu_fast_cb;
mod neu_square_cb;
mod neural_epsilon_greedy;
mod neural_ts;
mod neural_ucb;
mod oful;
mod square_cb;
mod sup_lin_ucb;
mod uniform_policy;

pub use constant_arm::ConstantArm;
pub use ds_oful::DsOful;
pub use fast_cb::{FastCb, Oracle};
pub use glm_ucb::{GlmUcb, Link};
pub use lin_ts::LinTs;
pub use lin_ucb::LinUcb;
pub use linear_epsilon_greedy::LinearEpsilonGreedy;
pub use linear_policy::LinearPolicy;
pub use logistic_ts::LogisticTs;
pub use lsw::Lsw;
pub use neu_fast_cb::NeuFastCb;
pub use neu_square_cb::NeuSquareCb;
pub use neural_epsilon_greedy::NeuralEpsilonGreedy;
pub use neural_ts::NeuralTs;
pub use neural_ucb::NeuralUcb;
pub use oful::Oful;
pub use square_cb::{SquareCb, Weights};
pub use sup_lin_ucb::SupLinUcb;
pub use uniform_policy::UniformPolicy;

use regret_engine::registry::ParameterError;

/// A parameter that must be positive.
fn positive(path: &str, value: f64) -> Result<(), ParameterError> {
    let valid = value > 0.0 && value.is_finite();
    ParameterError::unless(valid, path, value, "must be a positive number")
}

/// A parameter that must not be negative.
fn not_negative(path: &str, value: f64) -> Result<(), ParameterError> {
    let valid = value >= 0.0 && value.is_finite();
    ParameterError::unless(valid, path, value, "must be a number that is not negative")
}

/// A probability.
fn probability(path: &str, value: f64) -> Result<(), ParameterError> {
    let valid = (0.0..=1.0).contains(&value);
    ParameterError::unless(valid, path, value, "must be a probability, from 0 to 1")
}

/// A probability of failure, above 0 and below 1, if it is given.
fn confidence(path: &str, value: Option<f64>) -> Result<(), ParameterError> {
    let Some(value) = value else { return Ok(()) };
    let valid = value > 0.0 && value < 1.0;
    ParameterError::unless(valid, path, value, "must be above 0 and below 1")
}

#[cfg(test)]
mod tests {
    use regret_engine::learner::{Learner, Outcome, Round, Setting};
    use regret_engine::protocols::Contextual;
    use regret_engine::protocols::contextual::{ArmFeatures, Layout, Size};
    use regret_engine::random::{Role, Stream};

    /// A learner in a small room, fed by hand.
    pub(crate) struct Table<L> {
        pub(crate) learner: L,
        pub(crate) size: Size,
        pub(crate) rng: Stream,
        pub(crate) t: u64,
    }

    pub(crate) fn setting(arms: usize, features: usize, layout: Layout) -> Setting<Contextual> {
        Setting::new(Size { arms, features, layout }, 100)
    }

    impl<L: Learner<Contextual>> Table<L> {
        pub(crate) fn new(setting: &Setting<Contextual>, learner: L) -> Self {
            Self { learner, size: setting.shape, rng: Stream::new(1, 0, Role::Learner), t: 0 }
        }

        /// The arm that it plays in the next round.
        pub(crate) fn act(&mut self, values: &[f64]) -> usize {
            self.t += 1;
            let context = ArmFeatures { values, size: self.size };
            self.learner.act(Round { t: self.t, slot: 0, context, rng: &mut self.rng })
        }

        /// The reward of an arm in the present round.
        pub(crate) fn tell(&mut self, values: &[f64], action: usize, feedback: f64) {
            let context = ArmFeatures { values, size: self.size };
            let rng = &mut self.rng;
            self.learner.update(Outcome { t: self.t, slot: 0, context, action, feedback, rng });
        }

        /// A round: the arm that it plays gets the reward of that number.
        pub(crate) fn round(&mut self, values: &[f64], rewards: &[f64]) -> usize {
            let arm = self.act(values);
            self.tell(values, arm, rewards[arm]);
            arm
        }
    }

    /// How often each arm is played in `count` rounds in which nothing is learned.
    pub(crate) fn frequencies<L: Learner<Contextual>>(
        table: &mut Table<L>,
        values: &[f64],
        count: u32,
    ) -> Vec<f64> {
        let mut plays = vec![0.0; table.size.arms];
        for _ in 0..count {
            plays[table.act(values)] += 1.0 / f64::from(count);
        }
        plays
    }
}
