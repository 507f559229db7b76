//! Explore-then-commit: every arm m times, then the best for good.
//!
//! Source: Lattimore, Szepesvári, "Bandit Algorithms", 2020, Algorithm 1 and Theorem 6.1; m from a
//! known gap: there, equation (6.5); without: Slivkins, "Introduction to Multi-Armed Bandits",
//! 2019, Theorem 1.5.
//! Setting: K arms, 1-sub-Gaussian rewards (so also rewards in [0, 1]), known horizon T.
//! Guarantee, tested: regret ≤ m ΣΔ + (t − mK)⁺ Σ Δ exp(−m Δ²/4).
//! Deviation: an arm is played m times in a row (the order does not matter to the theorem), so that
//! nothing needs deciding in between. The arm committed to stays, whatever feedback comes later.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Run, RunLearner, Setting};
use regret_engine::math;
use regret_engine::notion::PSEUDO_REGRET;
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{ArmSums, Arms, Law, argmax};
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::index::Tally;

/// Parameters of explore-then-commit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ExploreThenCommit {
    /// Pulls m ≥ 1 of every arm before committing.
    pub pulls: Option<u64>,
    /// A known gap Δ > 0, from which m = ⌈max(1, (4/Δ²) ln(TΔ²/4))⌉ follows. With neither given,
    /// m = ⌈(T/K)^{2/3} (ln T)^{1/3}⌉.
    pub gap: Option<f64>,
}

impl ExploreThenCommit {
    /// m, at most T/K.
    fn pulls(&self, setting: &Setting<Bandit>) -> u64 {
        let horizon = setting.horizon as f64;
        let share = horizon / setting.arms() as f64;
        let wanted = match (self.pulls, self.gap) {
            (Some(pulls), _) => return pulls,
            (None, Some(gap)) => 4.0 / (gap * gap) * math::ln(horizon * gap * gap / 4.0),
            (None, None) => math::pow(share, 2.0 / 3.0) * math::cbrt(math::ln(horizon)),
        };
        wanted.ceil().min(share.floor()).max(1.0) as u64
    }
}

impl Algorithm for ExploreThenCommit {
    type Protocol = Bandit;
    type Learner = ExploreThenCommitLearner;

    const NAME: &'static str = "explore_then_commit";
    const SUMMARY: &'static str = "plays every arm m times, then the best mean for good";
    const SOURCE: &'static str = "Lattimore, Szepesvári, Bandit Algorithms, 2020, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        if let Some(pulls) = self.pulls {
            ParameterError::unless(pulls >= 1, "pulls", pulls, "must be at least 1")?;
            let both = self.gap.is_none();
            ParameterError::unless(both, "pulls", pulls, "cannot be given beside `gap`")?;
        }
        self.gap.map_or(Ok(()), |gap| {
            let valid = gap > 0.0 && gap.is_finite();
            ParameterError::unless(valid, "gap", gap, "must be a positive number")
        })
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        Ok(ExploreThenCommitLearner {
            pulls: self.pulls(setting),
            arms: vec![Tally::default(); setting.arms()],
            playing: 0,
            committed: None,
            hold: 1,
        })
    }

    fn runs(&self, setting: &Setting<Bandit>) -> Option<Box<dyn RunLearner<Bandit>>> {
        boxed_runs(self, setting)
    }

    fn bounds(&self, setting: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let sub_gaussian = match arms.law {
            Law::Gaussian { deviation } => deviation <= 1.0,
            _ => arms.in_unit_interval(),
        };
        let Some(gaps) = arms.gaps().filter(|_| sub_gaussian) else { return Vec::new() };
        let pulls = self.pulls(setting) as f64;
        let exploring = pulls * setting.arms() as f64;
        let sum: f64 = gaps.iter().sum();
        let slope: f64 = gaps.iter().map(|gap| gap * math::exp(-pulls * gap * gap / 4.0)).sum();
        vec![Bound::upper(
            PSEUDO_REGRET,
            "m ΣΔ + (t − mK)⁺ Σ Δ exp(−mΔ²/4)",
            "Lattimore, Szepesvári 2020, Theorem 6.1",
            "1-sub-Gaussian rewards (such as any in [0, 1]), independent, constant means",
            move |t| pulls * sum + slope * (t - exploring).max(0.0),
        )]
    }
}

/// Explore-then-commit of one replication.
pub struct ExploreThenCommitLearner {
    pulls: u64,
    arms: Vec<Tally>,
    playing: usize,
    committed: Option<usize>,
    hold: u64,
}

impl Learner<Bandit> for ExploreThenCommitLearner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        let exploring = (round.t - 1) / self.pulls;
        if exploring < self.arms.len() as u64 {
            self.hold = self.pulls - (round.t - 1) % self.pulls;
            self.playing = exploring as usize;
            return self.playing;
        }
        self.hold = u64::MAX;
        // An arm of which nothing is known yet (feedback may be late) is the last choice.
        let mean = |arm: &Tally| if arm.n > 0.0 { arm.mean } else { f64::NEG_INFINITY };
        self.playing = *self.committed.get_or_insert_with(|| argmax(self.arms.iter().map(mean)));
        self.playing
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        self.arms[outcome.action].add(outcome.feedback);
    }

    fn reset(&mut self) {
        self.arms.fill(Tally::default());
        self.committed = None;
        self.hold = 1;
    }

    fn hold(&self) -> u64 {
        self.hold
    }
}

impl RunLearner<Bandit> for ExploreThenCommitLearner {
    fn run(&mut self, _: u64) -> Run<Bandit> {
        Run::held(self.hold, self.arms[self.playing].sums())
    }

    fn absorb(&mut self, _: u64, sums: &ArmSums) {
        self.arms[self.playing] = Tally::from(sums);
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::bandit::tests::{assert_bounds, assert_trace, bounds, digits, play};

    #[test]
    fn pulls_by_hand() {
        let pulls =
            |pulls, gap, horizon| ExploreThenCommit { pulls, gap }.pulls(&Setting::new(2, horizon));
        assert_eq!(pulls(None, Some(0.2), 1000), 231);
        assert_eq!(pulls(Some(7), None, 1000), 7);
        // 500^{2/3} · 6.907755^{1/3} = 62.996 · 1.9045 = 119.98.
        assert_eq!(pulls(None, None, 1000), 120);
        // Never more than T/K, never less than 1.
        assert_eq!(pulls(None, Some(0.001), 50), 1);
        assert_eq!(pulls(None, Some(10.0), 6), 1);
    }

    #[test]
    fn two_ways_to_say_the_same_are_refused() {
        assert!(ExploreThenCommit { pulls: Some(3), gap: Some(0.1) }.check().is_err());
        assert!(ExploreThenCommit { pulls: Some(0), gap: None }.check().is_err());
    }

    #[test]
    fn the_best_mean_is_committed_to_for_good() {
        // Means of the first four rewards of each: 0.53125, 0.59375, 0.28125.
        let spec = ExploreThenCommit { pulls: Some(4), gap: None };
        assert_trace(&spec, "00001111222211111111");
        // Rewards that come after the commitment, or a tie in favour of the first, change nothing.
        let turned = |t, arm| if t <= 4 { [0.25, 0.75][(t % 2) as usize] } else { arm as f64 };
        let (mut learner, played) =
            play(&ExploreThenCommit { pulls: Some(2), gap: None }, 2, 20, 8, turned);
        assert_eq!(digits(&played), "00110000");
        assert_eq!(learner.hold(), u64::MAX);
        learner.reset();
        let rng = &mut Stream::new(1, 0, Role::Learner);
        assert_eq!(learner.act(Round { t: 1, slot: 0, context: (), rng }), 0);
        assert_eq!(learner.hold(), 2);
    }

    #[test]
    fn bounds_by_hand() {
        let spec = ExploreThenCommit { pulls: Some(20), gap: None };
        assert_bounds(&bounds(&spec, &[0.5, 0.6, 0.25], 1000), 100, &[20.392_836]);
        // Gaussian rewards are 1-sub-Gaussian up to σ = 1.
        let of = |deviation| {
            let means = Some(vec![5.0, 5.1, 4.75]);
            let law = Law::Gaussian { deviation };
            let arms = Arms { count: 3, means, range: None, law, oblivious: true };
            spec.bounds(&Setting::new(3, 1000), &arms)
        };
        assert_bounds(&of(1.0), 100, &[20.392_836]);
        assert_bounds(&of(1.1), 100, &[]);
    }
}
