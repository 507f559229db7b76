//! Algorithms for the bandit protocol.

mod batched_exp3;
mod batched_ucb;
mod bayes_ucb;
mod discounted_thompson;
mod discounted_ucb;
mod epsilon_greedy;
mod exp3;
mod exp3_ix;
mod exp3_p;
mod exp3_plus_plus;
mod exp3_s;
mod explore_then_commit;
mod fixed_arm;
mod greedy;
mod imed;
mod kl_ucb;
mod kl_ucb_plus_plus;
mod kl_ucb_switch;
mod log_barrier;
mod moss;
mod optimistic_tallying;
mod reo_elimination;
mod rexp3;
mod sliding_window_ucb;
mod successive_elimination;
mod thompson_beta;
mod thompson_gaussian;
pub(crate) mod tsallis_inf;
mod tsallis_switch;
mod ucb1;
mod ucb2;
mod ucb_tuned;
mod ucb_v;
mod uniform;

pub use batched_exp3::BatchedExp3;
pub use batched_ucb::BatchedUcb;
pub use bayes_ucb::BayesUcb;
pub use discounted_thompson::DiscountedThompson;
pub use discounted_ucb::DiscountedUcb;
pub use epsilon_greedy::{Epsilon, EpsilonGreedy};
pub use exp3::Exp3;
pub use exp3_ix::Exp3Ix;
pub use exp3_p::Exp3P;
pub use exp3_plus_plus::Exp3PlusPlus;
pub use exp3_s::Exp3S;
pub use explore_then_commit::ExploreThenCommit;
pub use fixed_arm::FixedArm;
pub use greedy::Greedy;
pub use imed::Imed;
pub use kl_ucb::KlUcb;
pub use kl_ucb_plus_plus::KlUcbPlusPlus;
pub use kl_ucb_switch::KlUcbSwitch;
pub use log_barrier::LogBarrier;
pub use moss::Moss;
pub use optimistic_tallying::OptimisticTallying;
pub use reo_elimination::{PhaseOrder, ReoElimination};
pub use rexp3::Rexp3;
pub use sliding_window_ucb::SlidingWindowUcb;
pub use successive_elimination::SuccessiveElimination;
pub use thompson_beta::ThompsonBeta;
pub use thompson_gaussian::ThompsonGaussian;
pub use tsallis_inf::TsallisInf;
pub use tsallis_switch::TsallisSwitch;
pub use ucb_tuned::UcbTuned;
pub use ucb_v::UcbV;
pub use ucb1::Ucb1;
pub use ucb2::Ucb2;
pub use uniform::Uniform;

#[cfg(test)]
pub(crate) mod tests {
    use regret_engine::bound::Bound;
    use regret_engine::learner::{Learner, Outcome, Round, Setting};
    use regret_engine::protocols::Bandit;
    use regret_engine::protocols::bandit::{Arms, Law};
    use regret_engine::random::{Role, Stream};
    use regret_engine::registry::Algorithm;

    /// Plays `rounds` rounds in which arm `a` pays `reward(t, a)`; answers the learner and the arms
    /// played.
    pub(crate) fn play<A>(
        algorithm: &A,
        arms: usize,
        horizon: u64,
        rounds: u64,
        reward: impl Fn(u64, usize) -> f64,
    ) -> (A::Learner, Vec<usize>)
    where
        A: Algorithm<Protocol = Bandit>,
    {
        let mut learner = algorithm.learner(&Setting::new(arms, horizon)).expect("fits");
        let rng = &mut Stream::new(1, 0, Role::Learner);
        let mut played = Vec::new();
        for t in 1..=rounds {
            let action = learner.act(Round { t, slot: 0, context: (), rng });
            let feedback = reward(t, action);
            learner.update(Outcome { t, slot: 0, context: (), action, feedback, rng });
            played.push(action);
        }
        (learner, played)
    }

    /// Rewards for [`play`] that are multiples of 1/16 between 0.125 and 0.8125; arm 1 is best.
    pub(crate) fn uneven(t: u64, arm: usize) -> f64 {
        let base = [0.25, 0.375, 0.125][arm];
        base + ((5 * t + 3 * arm as u64) % 8) as f64 / 16.0
    }

    /// Asserts the arms played against three arms' [`uneven`] rewards at the horizon 1000. The arms
    /// known were computed from the published indices by a program of its own.
    pub(crate) fn assert_trace<A: Algorithm<Protocol = Bandit>>(algorithm: &A, known: &str) {
        let (_, played) = play(algorithm, 3, 1000, known.len() as u64, uneven);
        assert_eq!(digits(&played), known);
    }

    /// Arms below 10 as one string.
    pub(crate) fn digits(arms: &[usize]) -> String {
        arms.iter().map(usize::to_string).collect()
    }

    /// The bounds at a horizon on Bernoulli arms.
    pub(crate) fn bounds<A>(algorithm: &A, means: &[f64], horizon: u64) -> Vec<Bound>
    where
        A: Algorithm<Protocol = Bandit>,
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

    /// Asserts the values of all bounds at round `t`, in order, to six digits.
    pub(crate) fn assert_bounds(bounds: &[Bound], t: u64, known: &[f64]) {
        let values: Vec<f64> = bounds.iter().map(|bound| bound.at(t)).collect();
        let near = |(value, known): (&f64, &f64)| (value - known).abs() <= 1e-6 * known.abs();
        let all = values.iter().zip(known).all(near);
        assert!(all && values.len() == known.len(), "{values:?} are not {known:?}");
    }
}
