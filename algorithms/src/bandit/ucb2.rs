//! UCB2: UCB whose arms are played in epochs of growing length.
//!
//! Source: Auer, Cesa-Bianchi, Fischer, "Finite-time analysis of the multiarmed bandit problem",
//! Machine Learning 47, 2002, Figure 2.
//! Setting: K arms, rewards in [0, 1], independent between rounds.
//! Guarantee, tested: regret ≤ Σ ((1+α)(1+4α) ln(2eΔ²t)/(2Δ) + c_α/Δ) for
//! t ≥ max 1/(2Δ²), with c_α = 1 + (1+α)e/α² + ((1+α)/α)^{1+α} (1 + 11(1+α)/(5α² ln(1+α)))
//! (Theorem 2, for α < 1).
//! Deviation: `t` is the round about to be played (the paper counts the rounds before it). An arm's
//! r enters through τ(r) = ⌈(1+α)^r⌉ alone, so τ is kept in its place; epochs without a round, where
//! τ(r+1) = τ(r), are passed over at once.

use std::f64::consts::E;

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Run, RunLearner, Setting};
use regret_engine::math;
use regret_engine::notion::PSEUDO_REGRET;
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{ArmSums, Arms, argmax};
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::index::Tally;

/// Parameters of UCB2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ucb2 {
    /// Growth 0 < α < 1 of the epochs: the r-th ends after ⌈(1+α)^r⌉ pulls.
    pub alpha: f64,
}

impl Default for Ucb2 {
    fn default() -> Self {
        Self { alpha: 0.1 }
    }
}

impl Algorithm for Ucb2 {
    type Protocol = Bandit;
    type Learner = Ucb2Learner;

    const NAME: &'static str = "ucb2";
    const SUMMARY: &'static str = "UCB played in epochs that grow by the factor 1 + α";
    const SOURCE: &'static str = "Auer, Cesa-Bianchi, Fischer, Finite-time analysis of the \
                                  multiarmed bandit problem, 2002, Figure 2";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = self.alpha > 0.0 && self.alpha < 1.0;
        ParameterError::unless(valid, "alpha", self.alpha, "must be between 0 and 1")
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let arms = setting.arms();
        Ok(Ucb2Learner {
            alpha: self.alpha,
            arms: vec![Tally::default(); arms],
            lengths: vec![1.0; arms],
            playing: 0,
            until: 0,
            hold: 1,
        })
    }

    fn runs(&self, setting: &Setting<Bandit>) -> Option<Box<dyn RunLearner<Bandit>>> {
        boxed_runs(self, setting)
    }

    fn bounds(&self, _: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let Some(gaps) = arms.unit_gaps() else { return Vec::new() };
        let a = self.alpha;
        let power = math::pow((1.0 + a) / a, 1.0 + a);
        let inner = 1.0 + 11.0 * (1.0 + a) / (5.0 * a * a * math::ln_1p(a));
        let constant = 1.0 + (1.0 + a) * E / (a * a) + power * inner;
        let gaps: Vec<f64> = gaps.into_iter().filter(|&gap| gap > 0.0).collect();
        let curve = move |t: f64| {
            let term = |&gap: &f64| {
                // Before t = 1/(2Δ²) the theorem's value there is still a bound.
                let log = math::ln((2.0 * E * gap * gap * t).max(E));
                (1.0 + a) * (1.0 + 4.0 * a) * log / (2.0 * gap) + constant / gap
            };
            gaps.iter().map(term).sum()
        };
        vec![Bound::upper(
            PSEUDO_REGRET,
            "Σ ((1+α)(1+4α) ln(2eΔ²t)/(2Δ) + c_α/Δ)",
            "Auer, Cesa-Bianchi, Fischer 2002, Theorem 2",
            "rewards in [0, 1], independent, constant means",
            curve,
        )]
    }
}

/// UCB2 of one replication.
pub struct Ucb2Learner {
    alpha: f64,
    arms: Vec<Tally>,
    /// τ(r) of every arm: its pulls at the end of its last epoch.
    lengths: Vec<f64>,
    playing: usize,
    /// The first round after the present epoch.
    until: u64,
    hold: u64,
}

impl Ucb2Learner {
    /// The least ⌈(1+α)^r⌉ above `length`, which is such a number itself.
    fn next(&self, length: f64) -> f64 {
        let r = (math::ln(length) / math::ln_1p(self.alpha)).floor() + 1.0;
        math::pow(1.0 + self.alpha, r).ceil().max(length + 1.0)
    }

    /// a(t, r) = √((1+α) ln(e t / τ) / (2 τ)) with τ = τ(r).
    fn width(&self, t: f64, length: f64) -> f64 {
        ((1.0 + self.alpha) * math::ln(E * t / length).max(0.0) / (2.0 * length)).sqrt()
    }

    fn begin_epoch(&mut self, round: u64) {
        let t = round as f64;
        self.playing = argmax(self.arms.iter().zip(&self.lengths).map(|(arm, &length)| {
            if arm.n == 0.0 { f64::INFINITY } else { arm.mean + self.width(t, length) }
        }));
        if let Some(&length) = self.lengths.get(self.playing) {
            let next = self.next(length);
            self.until = round.saturating_add((next - length) as u64);
            self.lengths[self.playing] = next;
        }
    }
}

impl Learner<Bandit> for Ucb2Learner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        if round.t <= self.arms.len() as u64 {
            self.hold = 1;
            self.playing = (round.t - 1) as usize;
            return self.playing;
        }
        if round.t >= self.until {
            self.begin_epoch(round.t);
        }
        self.hold = self.until - round.t;
        self.playing
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        self.arms[outcome.action].add(outcome.feedback);
    }

    fn reset(&mut self) {
        self.arms.fill(Tally::default());
        self.lengths.fill(1.0);
        self.playing = 0;
        self.until = 0;
        self.hold = 1;
    }

    fn hold(&self) -> u64 {
        self.hold
    }
}

impl RunLearner<Bandit> for Ucb2Learner {
    fn run(&mut self, _: u64) -> Run<Bandit> {
        Run::held(self.hold, self.arms[self.playing].sums())
    }

    fn absorb(&mut self, _: u64, sums: &ArmSums) {
        self.arms[self.playing] = Tally::from(sums);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandit::tests::{assert_bounds, assert_trace, bounds};

    #[test]
    fn epochs_by_hand() {
        let learner = |alpha| Ucb2 { alpha }.learner(&Setting::new(2, 100)).expect("fits");
        let lengths = |alpha| {
            let learner = learner(alpha);
            std::iter::successors(Some(1.0), |&length| Some(learner.next(length)))
                .take(8)
                .collect::<Vec<f64>>()
        };
        // 1.5^r = 1, 1.5, 2.25, 3.375, 5.06, 7.59, 11.4, 17.1.
        assert_eq!(lengths(0.5), [1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 18.0]);
        // 1.1^r passes 1, …, 7 at r = 1, 8, 12, 15, 17, 19, 21: epochs 2 to 7, for one, are empty.
        assert_eq!(lengths(0.1), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        // So small that 1 + α is 1: every epoch has one round.
        assert_eq!(lengths(1e-17)[7], 8.0);
        // t = 10, τ = 3: √(1.5 ln(10 e / 3) / 6).
        let width = learner(0.5).width(10.0, 3.0);
        assert!((width - (1.5 * (10.0 * E / 3.0).ln() / 6.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn lengths_are_those_of_all_exponents() {
        for alpha in [0.03, 0.1, 0.37, 0.5, 0.99] {
            let learner = Ucb2 { alpha }.learner(&Setting::new(2, 100)).expect("fits");
            let mut length = 1.0;
            for r in 1..=(1e6f64.ln() / f64::ln_1p(alpha)) as i32 {
                let wanted = (1.0 + alpha).powi(r).ceil();
                if wanted > length {
                    length = learner.next(length);
                    assert_eq!(length, wanted, "α = {alpha}, r = {r}");
                }
            }
        }
    }

    #[test]
    fn epochs_last_as_long_as_they_say() {
        use regret_engine::random::{Role, Stream};
        let mut learner = Ucb2 { alpha: 0.9 }.learner(&Setting::new(2, 100)).expect("fits");
        let mut rng = Stream::new(1, 0, Role::Learner);
        let mut holds = Vec::new();
        let mut t = 1;
        while t <= 60 {
            let action = learner.act(Round { t, slot: 0, context: (), rng: &mut rng });
            holds.push((action, learner.hold()));
            for t in t..t + learner.hold() {
                let feedback = if action == 1 { 1.0 } else { 0.0 };
                let rng = &mut rng;
                learner.update(Outcome { t, slot: 0, context: (), action, feedback, rng });
            }
            t += learner.hold();
        }
        // ⌈1.9^r⌉ = 1, 2, 4, 7, 14, 25: arm 1 is held for the differences 1, 2, 3, 7, 11.
        let of_arm_1: Vec<u64> = holds[2..].iter().filter(|h| h.0 == 1).map(|h| h.1).collect();
        assert_eq!(of_arm_1[..5], [1, 2, 3, 7, 11]);
    }

    #[test]
    fn a_trace_by_hand() {
        assert_trace(
            &Ucb2 { alpha: 0.1 },
            "012102110210110210211102102111021211011110112110211111111120",
        );
        assert_trace(
            &Ucb2 { alpha: 0.5 },
            "012102110211011200111122001111112200001111111100000011111111",
        );
    }

    #[test]
    fn bounds_by_hand() {
        let means = [0.5, 0.6, 0.25];
        assert_bounds(&bounds(&Ucb2::default(), &means, 1000), 100, &[460_466.525_668]);
        // 2eΔ²t is 0.54 for Δ = 0.1 and counts as e.
        assert_bounds(&bounds(&Ucb2 { alpha: 0.5 }, &means, 1000), 10, &[2_498.987_551]);
    }
}
