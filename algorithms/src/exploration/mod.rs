//! Learners of pure exploration.

mod bracketing_sequential_halving;
mod bracketing_ucb;
mod doubling_sequential_halving;
mod lucb;
mod sequential_halving;
mod successive_rejects;
mod top_two_thompson;
mod ucb_e;
mod uniform_exploration;

pub use bracketing_sequential_halving::{
    BracketingSequentialHalving, BracketingSequentialHalvingLearner,
};
pub use bracketing_ucb::{BracketingUcb, BracketingUcbLearner};
pub use doubling_sequential_halving::{
    DoublingSequentialHalving, DoublingSequentialHalvingLearner,
};
pub use lucb::{Lucb, LucbLearner};
pub use sequential_halving::{SequentialHalving, SequentialHalvingLearner};
pub use successive_rejects::{SuccessiveRejects, SuccessiveRejectsLearner};
pub use top_two_thompson::{TopTwoThompson, TopTwoThompsonLearner};
pub use ucb_e::{UcbE, UcbELearner};
pub use uniform_exploration::{UniformExploration, UniformExplorationLearner};

#[cfg(test)]
pub(crate) mod tests {
    use regret_engine::bound::Bound;
    use regret_engine::learner::{Learner, Outcome, Round, Setting};
    use regret_engine::protocols::PureExploration;
    use regret_engine::protocols::bandit::{Arms, Law};
    use regret_engine::protocols::exploration::Choice;
    use regret_engine::random::{Role, Stream};
    use regret_engine::registry::Algorithm;

    /// Plays `rounds` rounds in which arm `a` pays `reward(t, a)`; answers what was played.
    pub(crate) fn play<A>(
        algorithm: &A,
        arms: usize,
        horizon: u64,
        rounds: u64,
        reward: impl Fn(u64, usize) -> f64,
    ) -> Vec<Choice>
    where
        A: Algorithm<Protocol = PureExploration>,
    {
        let mut learner = algorithm.learner(&Setting::new(arms, horizon)).expect("fits");
        let rng = &mut Stream::new(1, 0, Role::Learner);
        let mut played = Vec::new();
        for t in 1..=rounds {
            let action = learner.act(Round { t, slot: 0, context: (), rng });
            let feedback = reward(t, action.pull);
            learner.update(Outcome { t, slot: 0, context: (), action, feedback, rng });
            played.push(action);
        }
        played
    }

    /// The bounds at a horizon on Bernoulli arms.
    pub(crate) fn bounds<A>(algorithm: &A, means: &[f64], horizon: u64) -> Vec<Bound>
    where
        A: Algorithm<Protocol = PureExploration>,
    {
        let arms = Arms {
            count: means.len(),
            means: Some(means.to_vec()),
            range: Some((0.0, 1.0)),
            law: Law::Bernoulli,
            oblivious: true,
        };
        algorithm.bounds(&Setting::new(means.len(), horizon), &arms)
    }
}
