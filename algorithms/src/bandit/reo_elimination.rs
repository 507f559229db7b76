//! Successive elimination under repeated exposure optimality: every survivor is repeated until its
//! window is full of it, then measured; phases double.
//!
//! Source: Malik, Igoe, Li, Singh, "Weighted tallying bandits: overcoming intractability via
//! repeated exposure optimality", ICML 2023; schedule of phases and radius are ours.
//! Setting: K arms, rewards in [0, 1] whose means depend on the plays of the last m ≤ M rounds, an
//! arm that is optimal when it is repeated; known horizon T. With M = 1 and a memory of 1: ordinary
//! successive elimination in phases.
//! Guarantee, tested (derived): expected regret ≤ 13.7 √(K T L) + K M (S + 2) + δ T with
//! S = ⌈log2 T⌉ + 1 and L = ln(2 K S/δ). All means measured lie within r = √(L/(2n)) of the
//! saturated ones with probability 1 − δ (Hoeffding, K S of them). Then the best arm survives, and
//! what survives a phase of n plays is worse by at most 4 r, so that it loses at most 4 √(2 n L) in
//! the next, of 2 n plays; √n doubles every two phases, and Σ_a √n_a ≤ √(K T). The first phase
//! loses K M, each phase K (M − 1) before it measures, the last arm M before its window is full.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Run, RunLearner, Setting};
use regret_engine::math;
use regret_engine::notion::{PSEUDO_REGRET, REO_REGRET};
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{ArmSums, Arms, Law};
use regret_engine::random::Stream;
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of successive elimination under repeated exposure optimality.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReoElimination {
    /// Upper bound M ≥ 1 on the memory; 1, blind to memory, by default. The first phase, of
    /// K (2M − 1) rounds, must fit into the horizon.
    pub memory: u64,
    /// Probability 0 < δ < 1 that a best arm may be dropped; by default 1/T.
    pub delta: Option<f64>,
    /// Whether an arm's mean is over all phases, rather than the last: each is measured in a full
    /// window, if M is at least the memory.
    pub keep_counts: bool,
    /// The order of the survivors in a phase.
    pub order: PhaseOrder,
}

/// The order in which survivors are played in a phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PhaseOrder {
    /// By their numbers.
    #[default]
    Index,
    /// Drawn anew for every phase.
    Random,
    /// By their means in the phase before, the best last.
    BestLast,
}

impl Default for ReoElimination {
    fn default() -> Self {
        Self { memory: 1, delta: None, keep_counts: false, order: PhaseOrder::Index }
    }
}

impl ReoElimination {
    fn delta(&self, setting: &Setting<Bandit>) -> f64 {
        self.delta.unwrap_or(1.0 / setting.horizon as f64).min(1.0)
    }

    /// S and L = ln(2 K S/δ).
    fn log_term(&self, setting: &Setting<Bandit>) -> (f64, f64) {
        let phases = f64::from(setting.horizon.next_power_of_two().trailing_zeros()) + 1.0;
        let events = 2.0 * setting.arms() as f64 * phases;
        (phases, math::ln(events / self.delta(setting)))
    }
}

impl Algorithm for ReoElimination {
    type Protocol = Bandit;
    type Learner = ReoEliminationLearner;

    const NAME: &'static str = "reo_elimination";
    const SUMMARY: &'static str = "repeats every survivor, measures it, drops those surely worse";
    const SOURCE: &'static str = "Malik, Igoe, Li, Singh, Weighted tallying bandits: overcoming \
                                  intractability via repeated exposure optimality, 2023";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = (1..=1 << 40).contains(&self.memory);
        ParameterError::unless(valid, "memory", self.memory, "must be from 1 to 2^40")?;
        self.delta.map_or(Ok(()), |delta| {
            let valid = delta > 0.0 && delta < 1.0;
            ParameterError::unless(valid, "delta", delta, "must be between 0 and 1")
        })
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let (arms, horizon) = (setting.arms(), setting.horizon);
        let phase = arms as u128 * u128::from(2 * self.memory - 1);
        let rule = format!(
            "the first phase, K (2M − 1) = {phase} rounds with {arms} arms, must be at most the \
             horizon, {horizon}"
        );
        ParameterError::unless(phase <= u128::from(horizon), "memory", self.memory, &rule)?;
        let mut learner = ReoEliminationLearner {
            burn_in: self.memory - 1,
            log_term: self.log_term(setting).1,
            keep_counts: self.keep_counts,
            order: self.order,
            arms: vec![Measured::default(); arms],
            active: Vec::with_capacity(arms),
            place: 0,
            plays: 0,
            measured_from: 0,
            until: 0,
            hold: 1,
        };
        learner.reset();
        Ok(learner)
    }

    fn runs(&self, setting: &Setting<Bandit>) -> Option<Box<dyn RunLearner<Bandit>>> {
        boxed_runs(self, setting)
    }

    fn bounds(&self, setting: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let notion = match arms.law {
            Law::Tallying { memory, repeats } if repeats && memory <= self.memory => REO_REGRET,
            _ if arms.unit_gaps().is_some() => PSEUDO_REGRET,
            _ => return Vec::new(),
        };
        let (count, horizon) = (setting.arms() as f64, setting.horizon as f64);
        let (phases, log) = self.log_term(setting);
        let value = 13.7 * (count * horizon * log).sqrt()
            + count * self.memory as f64 * (phases + 2.0)
            + self.delta(setting) * horizon;
        vec![Bound::upper(
            notion,
            "13.7 √(K T L) + K M (S + 2) + δ T, L = ln(2 K S/δ), S = ⌈log2 T⌉ + 1",
            "derived; of the order of Malik, Igoe, Li, Singh 2023",
            "rewards in [0, 1], M at least the memory, an arm optimal when repeated",
            move |_| value,
        )]
    }

    fn caution(&self, _: &Setting<Bandit>, arms: &Arms) -> Option<String> {
        match arms.law {
            Law::Tallying { memory, .. } if memory > self.memory => Some(format!(
                "it supposes a memory of at most {}, and the environment has {memory}: it measures \
                 arms before their windows are full",
                self.memory
            )),
            Law::Tallying { repeats: false, .. } => {
                Some("it supposes that some arm is optimal when repeated, and none is".to_owned())
            }
            _ => None,
        }
    }
}

/// What is known of an arm, and the rounds in which it was measured last.
#[derive(Clone, Copy, Debug, Default)]
struct Measured {
    sums: ArmSums,
    from: u64,
    until: u64,
}

/// Successive elimination under repeated exposure optimality, of one replication.
pub struct ReoEliminationLearner {
    /// M − 1 plays before an arm is measured.
    burn_in: u64,
    log_term: f64,
    keep_counts: bool,
    order: PhaseOrder,
    arms: Vec<Measured>,
    /// The survivors, in the order of the phase, and which of them is played.
    active: Vec<usize>,
    place: usize,
    /// Plays n of each arm that are measured in this phase; 0 before the first.
    plays: u64,
    /// The first round in which the present arm is measured, and the last in which it is played.
    measured_from: u64,
    until: u64,
    hold: u64,
}

impl ReoEliminationLearner {
    /// An arm's mean and how far it may lie from the truth.
    fn estimate(&self, arm: usize) -> (f64, f64) {
        let sums = &self.arms[arm].sums;
        match sums.pulls {
            0.0 => (0.0, f64::INFINITY),
            n => (sums.mean(), (self.log_term / (2.0 * n)).sqrt()),
        }
    }

    /// Drops what is surely worse than the arm of highest lower end. With NaN rewards, nothing.
    fn eliminate(&mut self) {
        let lower = |arm: usize| {
            let (mean, radius) = self.estimate(arm);
            mean - radius
        };
        let highest = self.active.iter().map(|&arm| lower(arm)).fold(f64::NEG_INFINITY, f64::max);
        let mut survivors = std::mem::take(&mut self.active);
        survivors.retain(|&arm| {
            let (mean, radius) = self.estimate(arm);
            let worse = mean + radius < highest;
            !worse
        });
        self.active = survivors;
    }

    /// Begins a phase: drops arms, orders the others, doubles the plays.
    fn next_phase(&mut self, rng: &mut Stream) {
        self.place = 0;
        if self.plays == 0 {
            self.plays = self.burn_in + 1;
        } else {
            self.eliminate();
            self.plays = self.plays.saturating_mul(2);
        }
        match self.order {
            PhaseOrder::Index => {}
            PhaseOrder::Random => {
                for i in (1..self.active.len()).rev() {
                    self.active.swap(i, rng.index(i + 1));
                }
            }
            PhaseOrder::BestLast => {
                let mean = |arm: &usize| self.arms[*arm].sums.mean();
                let mut ordered = std::mem::take(&mut self.active);
                ordered.sort_unstable_by(|a, b| mean(a).total_cmp(&mean(b)).then(a.cmp(b)));
                self.active = ordered;
            }
        }
        if !self.keep_counts {
            self.arms.fill(Measured::default());
        }
    }

    /// Begins the plays of the next arm with round `t`.
    fn next_arm(&mut self, t: u64, rng: &mut Stream) {
        self.place += 1;
        if self.place >= self.active.len() {
            self.next_phase(rng);
        }
        if self.active.len() == 1 {
            (self.measured_from, self.until) = (t, u64::MAX);
            return;
        }
        self.measured_from = t.saturating_add(self.burn_in);
        self.until = self.measured_from.saturating_add(self.plays - 1);
        let measured = &mut self.arms[self.active[self.place]];
        (measured.from, measured.until) = (self.measured_from, self.until);
    }

    fn playing(&self) -> usize {
        self.active[self.place]
    }
}

impl Learner<Bandit> for ReoEliminationLearner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        let t = round.t;
        if t > self.until {
            self.next_arm(t, round.rng);
        }
        let last = if t < self.measured_from { self.measured_from - 1 } else { self.until };
        self.hold = (last - t).saturating_add(1);
        self.playing()
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        let measured = &mut self.arms[outcome.action];
        if (measured.from..=measured.until).contains(&outcome.t) {
            measured.sums.enter(outcome.feedback);
        }
    }

    fn reset(&mut self) {
        self.arms.fill(Measured::default());
        self.active.clear();
        self.active.extend(0..self.arms.len());
        // The first arm of the first phase is next.
        (self.place, self.plays, self.until) = (usize::MAX - 1, 0, 0);
    }

    fn hold(&self) -> u64 {
        self.hold
    }
}

impl RunLearner<Bandit> for ReoEliminationLearner {
    fn run(&mut self, _: u64) -> Run<Bandit> {
        Run::held(self.hold, self.arms[self.playing()].sums)
    }

    fn absorb(&mut self, t: u64, sums: &ArmSums) {
        let arm = self.playing();
        if (self.arms[arm].from..=self.arms[arm].until).contains(&t) {
            self.arms[arm].sums = *sums;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandit::tests::{assert_bounds, bounds, digits, play};

    #[test]
    fn survivors_are_repeated_then_measured() {
        // M = 2, two arms: 1 + 2 rounds of each, then 1 + 4, …
        let spec = ReoElimination { memory: 2, ..ReoElimination::default() };
        let (learner, played) = play(&spec, 2, 100, 11, |t, arm| (t % 2) as f64 * arm as f64);
        assert_eq!(digits(&played), "00011100000");
        assert_eq!(learner.plays, 4);
        // Arm 1's measured plays of the first phase, rounds 5 and 6, paid 1 and 0.
        let (learner, _) = play(&spec, 2, 100, 6, |t, arm| (t % 2) as f64 * arm as f64);
        assert_eq!(learner.arms[1].sums, ArmSums { pulls: 2.0, sum: 1.0, squares: 1.0 });
    }

    #[test]
    fn a_worse_arm_is_dropped_when_intervals_part() {
        // T = 1000, δ = 1/2: S = 11, L = ln(2 · 2 · 11 · 2) = 4.4773. Means 0 and 1 part when
        // 2 √(L/(2n)) < 1: n > 8.95, so after the phase of 16 plays.
        let spec = ReoElimination { delta: Some(0.5), ..ReoElimination::default() };
        let (learner, played) = play(&spec, 2, 1000, 200, |_, arm| arm as f64);
        let before: usize = [1, 2, 4, 8, 16].iter().map(|n| 2 * n).sum();
        assert!(played[before..].iter().all(|&arm| arm == 1));
        assert_eq!(played[..before].iter().filter(|&&arm| arm == 0).count(), before / 2);
        assert_eq!(learner.active, [1]);
        // With all phases counted, 1 + 2 + 4 + 8 = 15 plays are enough.
        let kept = ReoElimination { keep_counts: true, ..spec };
        let (_, played) = play(&kept, 2, 1000, 200, |_, arm| arm as f64);
        assert!(played[30..].iter().all(|&arm| arm == 1));
    }

    #[test]
    fn orders() {
        let reward = |_, arm: usize| [0.5, 0.75, 0.25][arm];
        let spec = |order| ReoElimination { order, ..ReoElimination::default() };
        let (_, played) = play(&spec(PhaseOrder::BestLast), 3, 100, 9, reward);
        assert_eq!(digits(&played), "012220011");
        let (_, played) = play(&spec(PhaseOrder::Random), 3, 100, 9, reward);
        let mut first = played[..3].to_vec();
        first.sort_unstable();
        assert_eq!(first, [0, 1, 2]);
    }

    #[test]
    fn a_phase_beyond_the_horizon_is_refused() {
        let spec = ReoElimination { memory: 10, ..ReoElimination::default() };
        assert!(spec.learner(&Setting::new(3, 57)).is_ok());
        let error = spec.learner(&Setting::new(3, 56)).err().expect("refused");
        assert!(error.message.contains("K (2M − 1) = 57"), "{error}");
        assert!(ReoElimination { memory: 0, ..spec }.check().is_err());
    }

    #[test]
    fn bounds_by_hand() {
        // K = 3, T = 1000, S = 11, L = ln(66 000): 13.7 · 182.461585 + 3 · 13 + 1.
        let spec = ReoElimination::default();
        assert_bounds(&bounds(&spec, &[0.5, 0.6, 0.25], 1000), 100, &[2_539.723_717]);
    }
}
