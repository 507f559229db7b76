//! Index policies: every arm once, then the arm of highest index.

use regret_engine::learner::{Learner, Outcome, Round, Run, RunLearner};
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{ArmSums, Level, argmax};

use super::window::Window;

/// What has been observed of an arm. Rewards whose feedback has not come do not count.
///
/// Sums of rewards 0 and 1 are exact, so the order of such rewards does not matter: arms with equal
/// counts tie, and ties go to the lowest index.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Number of rewards observed; a whole number.
    pub n: f64,
    /// Their mean, 0 before the first.
    pub mean: f64,
    sum: f64,
    squares: f64,
}

impl Tally {
    /// Enters a reward.
    #[inline]
    pub fn add(&mut self, reward: f64) {
        let mut sums = self.sums();
        sums.enter(reward);
        *self = Self::from(&sums);
    }

    /// The sums that it is made of.
    #[inline]
    pub fn sums(&self) -> ArmSums {
        ArmSums { pulls: self.n, sum: self.sum, squares: self.squares }
    }

    /// The biased empirical variance, at least 0.
    #[inline]
    pub fn variance(&self) -> f64 {
        ((self.squares - self.sum * self.mean) / self.n).max(0.0)
    }

    /// The arm after more pulls, if its mean stayed and its rewards did not vary any more.
    fn stretched(&self, pulls: f64) -> Self {
        let n = self.n + pulls;
        let (mean, sum) = (self.mean, n * self.mean);
        Self { n, mean, sum, squares: self.n * self.variance() + sum * mean }
    }
}

impl From<&ArmSums> for Tally {
    #[inline]
    fn from(sums: &ArmSums) -> Self {
        Self { n: sums.pulls, mean: sums.mean(), sum: sums.sum, squares: sums.squares }
    }
}

/// How an index policy values an arm that has been observed at least once.
///
/// For runs ([`RunLearner`]) an index must not fall while other arms are played, must not rise
/// with pulls that leave mean and squared deviations as they are, and must rise with either.
pub trait Index: Clone + Send {
    /// Looks at all arms before round `t`, for indices that depend on them.
    fn survey(&mut self, t: f64, arms: &[Tally]) {
        let _ = (t, arms);
    }

    /// The index of an arm for round `t`.
    fn index(&self, t: f64, arm: &Tally) -> f64;

    /// Whether the index of an arm is, for sure and as computed, below `best`: asked before indices
    /// that are costly.
    fn is_below(&self, t: f64, arm: &Tally, best: f64) -> bool {
        let _ = (t, arm, best);
        false
    }

    /// A mean with which an arm's index is at least `target` from round `t` on, for up to `pulls`
    /// more pulls; NaN if there is none to be told. By default that of an index which is the mean
    /// plus a width.
    fn least_mean(&self, t: f64, arm: &Tally, pulls: f64, target: f64) -> f64 {
        let stretched = arm.stretched(pulls);
        target - (self.index(t, &stretched) - stretched.mean)
    }

    /// A level such that, while the leader's mean stays at or above it, no other arm's index comes
    /// near the leader's in rounds `t` to `t + pulls`.
    fn level(&self, t: f64, arms: &[Tally], leader: usize, pulls: f64) -> f64 {
        let until = t + pulls;
        let mut later = self.clone();
        later.survey(until, arms);
        let others = arms.iter().enumerate().filter(|&(arm, _)| arm != leader);
        let highest = others.fold(f64::NEG_INFINITY, |highest, (_, arm)| {
            if later.is_below(until, arm, highest) {
                highest
            } else {
                highest.max(later.index(until, arm))
            }
        });
        self.least_mean(t, &arms[leader], pulls, highest + MARGIN * (1.0 + highest.abs()))
    }
}

/// How far, relatively, a leader's index must stay above the others': far more than the rounding
/// in any index (10⁻¹³ for those found by iteration).
pub const MARGIN: f64 = 1e-9;

/// Plays arm `t − 1` in rounds 1 to K, then the arm of highest index, the lowest in a tie. An arm
/// of which nothing has been observed yet (feedback may be late) comes first.
#[derive(Clone, Debug)]
pub struct IndexLearner<I> {
    index: I,
    arms: Vec<Tally>,
    playing: usize,
    window: Window,
}

impl<I: Index> IndexLearner<I> {
    /// The policy of an index, before round 1.
    pub fn new(index: I, arms: usize) -> Self {
        Self { index, arms: vec![Tally::default(); arms], playing: 0, window: Window::new() }
    }

    fn choose(&mut self, round: u64) -> usize {
        if round <= self.arms.len() as u64 {
            return (round - 1) as usize;
        }
        let t = round as f64;
        self.index.survey(t, &self.arms);
        // The last one is likely to win again: most others are then below it at a glance.
        let last = &self.arms[self.playing];
        let mut best = if last.n > 0.0 { self.index.index(t, last) } else { f64::NEG_INFINITY };
        argmax(self.arms.iter().enumerate().map(|(arm, tally)| {
            if tally.n == 0.0 {
                return f64::INFINITY;
            }
            if arm != self.playing && self.index.is_below(t, tally, best) {
                return f64::NEG_INFINITY;
            }
            let index = self.index.index(t, tally);
            best = if index > best { index } else { best };
            index
        }))
    }
}

impl<I: Index> Learner<Bandit> for IndexLearner<I> {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        self.playing = self.choose(round.t);
        self.playing
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        self.arms[outcome.action].add(outcome.feedback);
    }

    fn reset(&mut self) {
        self.arms.fill(Tally::default());
        self.window = Window::new();
    }
}

impl<I: Index> RunLearner<Bandit> for IndexLearner<I> {
    fn run(&mut self, t: u64) -> Run<Bandit> {
        let leader = self.arms[self.playing];
        let (rounds, level) = if t <= self.arms.len() as u64 {
            (1, f64::NAN)
        } else {
            let level = |pulls| self.index.level(t as f64, &self.arms, self.playing, pulls);
            self.window.open(leader.mean, level)
        };
        Run { rounds, boundary: Level(level), sums: leader.sums() }
    }

    fn absorb(&mut self, _: u64, sums: &ArmSums) {
        let played = sums.pulls - self.arms[self.playing].n;
        self.window.close(played);
        self.arms[self.playing] = Tally::from(sums);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;

    /// The tally of some rewards.
    pub(crate) fn tally(rewards: &[f64]) -> Tally {
        let mut tally = Tally::default();
        rewards.iter().for_each(|&reward| tally.add(reward));
        tally
    }

    /// Ten rewards of mean 0.5 and variance 0.25.
    pub(crate) fn ten() -> Tally {
        tally(&[1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0])
    }

    #[test]
    fn tallies_by_hand() {
        let uneven = tally(&[1.0, 0.0, 0.0, 0.5]);
        assert_eq!((uneven.n, uneven.mean), (4.0, 0.375));
        // Squared deviations 0.390625 + 2 · 0.140625 + 0.015625, over 4.
        assert!((uneven.variance() - 0.171_875).abs() < 1e-15);
        assert_eq!((ten().n, ten().mean, ten().variance()), (10.0, 0.5, 0.25));
    }

    #[test]
    fn the_order_of_rewards_does_not_matter() {
        for (n, successes) in [(3, 1), (7, 3), (49, 10), (1000, 333)] {
            let rewards: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i < successes))).collect();
            let reversed: Vec<f64> = rewards.iter().rev().copied().collect();
            let (a, b) = (tally(&rewards), tally(&reversed));
            assert_eq!((a.mean, a.variance()), (b.mean, b.variance()), "{successes} of {n}");
            let p = f64::from(successes) / f64::from(n);
            assert!((a.variance() - p * (1.0 - p)).abs() < 1e-12);
        }
    }

    /// An index that is the mean, and says whenever an arm is below another.
    #[derive(Clone)]
    struct Tight;

    impl Index for Tight {
        fn index(&self, _: f64, arm: &Tally) -> f64 {
            arm.mean
        }

        fn is_below(&self, t: f64, arm: &Tally, best: f64) -> bool {
            self.index(t, arm) < best
        }
    }

    #[test]
    fn every_arm_once_then_the_highest_index_the_lowest_arm_in_a_tie() {
        let mut learner = IndexLearner::new(Tight, 4);
        let mut rng = Stream::new(1, 0, Role::Learner);
        let mut play = |learner: &mut IndexLearner<Tight>, t, feedback| {
            let rng = &mut rng;
            let action = learner.act(Round { t, slot: 0, context: (), rng });
            learner.update(Outcome { t, slot: 0, context: (), action, feedback, rng });
            action
        };
        let rewards = [0.25, 0.75, 0.75, 0.5, 0.25, 0.0, 1.0];
        let arms: Vec<usize> =
            (1..).zip(rewards).map(|(t, reward)| play(&mut learner, t, reward)).collect();
        // Means before round 5: .25, .75, .75, .5; then .25, .5, .75, .5; then .25, .5, .375, .5.
        assert_eq!(arms, [0, 1, 2, 3, 1, 2, 1]);
        learner.reset();
        assert_eq!(play(&mut learner, 1, 0.0), 0);
        // Of arm 1 nothing has been observed (its feedback is late): it comes first.
        learner.act(Round {
            t: 2,
            slot: 0,
            context: (),
            rng: &mut Stream::new(1, 0, Role::Learner),
        });
        (3..=4).for_each(|t| assert_eq!(play(&mut learner, t, 1.0), t as usize - 1));
        assert_eq!(play(&mut learner, 5, 1.0), 1);
        assert_eq!(play(&mut learner, 6, 1.0), 1);
    }
}
