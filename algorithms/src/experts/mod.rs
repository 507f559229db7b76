//! Algorithms for the experts protocol.

mod ada_normal_hedge;
mod adahedge;
mod cover;
mod fixed_share;
mod follow_the_leader;
mod ftpl;
mod hedge;
mod lazy_ftpl;
mod squint;

pub use ada_normal_hedge::AdaNormalHedge;
pub use adahedge::AdaHedge;
pub use cover::Cover;
pub use fixed_share::FixedShare;
pub use follow_the_leader::FollowTheLeader;
pub use ftpl::{Ftpl, NoiseLaw};
pub use hedge::{Hedge, Rate, Rule};
pub use lazy_ftpl::LazyFtpl;
pub use squint::{Prior, Squint};

#[cfg(test)]
pub(crate) mod tests {
    use regret_engine::learner::{Learner, Outcome, Round, Setting};
    use regret_engine::protocols::Experts;
    use regret_engine::random::{Role, Stream};
    use regret_engine::registry::Algorithm;

    /// Stream A of the classical traces.
    pub(crate) const A: [&[f64]; 4] =
        [&[1.0, 0.0, 0.5], &[0.0, 1.0, 0.5], &[0.0, 1.0, 0.0], &[1.0, 0.0, 1.0]];

    /// Plays fixed losses; answers the distributions played and their total loss.
    pub(crate) fn play<A>(algorithm: &A, horizon: u64, losses: &[&[f64]]) -> (Vec<Vec<f64>>, f64)
    where
        A: Algorithm<Protocol = Experts>,
    {
        let setting = Setting::new(losses[0].len(), horizon);
        play_on(&mut algorithm.learner(&setting).expect("fits"), losses)
    }

    /// [`play`] with a learner of one's own, which stays for inspection.
    pub(crate) fn play_on(
        learner: &mut impl Learner<Experts>,
        losses: &[&[f64]],
    ) -> (Vec<Vec<f64>>, f64) {
        let mut rng = Stream::new(1, 0, Role::Learner);
        let mut played: Vec<Vec<f64>> = Vec::new();
        let mut paid = 0.0;
        for (t, &feedback) in (1..).zip(losses) {
            let rng = &mut rng;
            let action = learner.act(Round { t, slot: 0, context: (), rng }).to_vec();
            paid += action.iter().zip(feedback).map(|(p, l)| p * l).sum::<f64>();
            learner.update(Outcome { t, slot: 0, context: (), action: &action, feedback, rng });
            played.push(action);
        }
        (played, paid)
    }

    pub(crate) fn assert_close(p: &[f64], known: &[f64]) {
        let near = p.iter().zip(known).all(|(p, known)| (p - known).abs() < 1e-6);
        assert!(near && p.len() == known.len(), "{p:?} is not {known:?}");
    }
}
