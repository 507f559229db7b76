//! Recovering arms: rewards that depend on how long ago an arm was played.

use std::sync::{Arc, OnceLock};

use regret_engine::ledgers::Comparators;
use regret_engine::notion::{CYCLE_REGRET, Notion, POLICY_REGRET};
use regret_engine::planning::{MOST_MOVES, MOST_STATES, Machine, Optimum};
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::reactive::{
    Reaction, ReactiveModel, ReactiveProblem, RewardLaw, check_curves, check_noise,
};
use crate::support::tally::Curve;

/// An arm played τ rounds after it was played before has a loss of mean h(min(τ, D)/D); one that
/// was never played has recovered. The reward is 1 − loss. Recharging bandits have curves that fall;
/// a blocked arm loses 1 until it is free: `table: [1, 1, 0.2]` with a recovery of 3 rounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recovering {
    /// The loss of every arm as a function h of the share τ/D of its recovery; at most 20 arms.
    pub curves: Vec<Curve>,
    /// The number D of rounds after which an arm has recovered, at least 1. K arms have D^K states,
    /// at most 2^20.
    pub recovery: u64,
    /// How losses lie around their means.
    #[serde(default)]
    pub noise: RewardLaw,
}

impl EnvironmentModel for Recovering {
    const NAME: &'static str = "recovering";
    const SUMMARY: &'static str =
        "rewards change with the time since the arm was played: recharging";
    const SOURCE: &'static str = "Immorlica, Kleinberg, Recharging bandits, 2018; blocking: Basu, \
                                  Sen, Sanghavi, Shakkottai, Blocking bandits, 2019 (settings)";
    const EXAMPLE: &'static str = r#"{"recovery": 4, "curves": [{"power": {"from": 0.9, "to": 0.1}},
        {"table": [1, 1, 0.2, 0.2]}, {"constant": 0.5}]}"#;
    const PROTOCOLS: &'static [&'static str] = &["bandit"];

    fn check(&self) -> Result<(), ParameterError> {
        check_curves(&self.curves, 20)?;
        check_noise(self.noise)?;
        let rounds = self.recovery;
        ParameterError::unless(rounds >= 1, "recovery", rounds, "must be at least 1")?;
        let arms = self.curves.len();
        let states = (rounds as f64).powi(arms as i32);
        let rule = format!(
            "the best sequence takes a dynamic programme over D^K = {states} states of {arms} arms; \
             at most {MOST_STATES} states, and {MOST_MOVES} times arms, can be"
        );
        let solvable = states <= MOST_STATES as f64 && states * arms as f64 <= MOST_MOVES as f64;
        ParameterError::unless(solvable, "recovery", rounds, &rule)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        let model = RecoveringArms::new(&self.curves, self.recovery as usize);
        Ok(Faces::new().with::<Bandit>(ReactiveProblem::new(model, self.noise)))
    }
}

/// Recovering arms with their comparators.
struct RecoveringArms {
    /// The mean of every arm 1 to D rounds after its last play, `[arm][τ − 1]`.
    means: Arc<Vec<Vec<f64>>>,
    /// That after one round: the mean of an arm that is kept.
    kept: Vec<f64>,
    reference: f64,
    optimum: OnceLock<Optimum>,
}

impl RecoveringArms {
    fn new(curves: &[Curve], delay: usize) -> Self {
        let row = |curve: &Curve| {
            (1..=delay).map(|rounds| 1.0 - curve.loss(rounds as f64 / delay as f64)).collect()
        };
        let means: Vec<Vec<f64>> = curves.iter().map(row).collect();
        let kept: Vec<f64> = means.iter().map(|row| row[0]).collect();
        let reference = kept.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self { means: Arc::new(means), kept, reference, optimum: OnceLock::new() }
    }

    /// The machine whose states are the rounds, less one, since every arm was played: digits to the
    /// base D, complemented so that state 0, the first, has all arms recovered.
    fn machine(&self) -> Machine {
        let (arms, delay) = (self.means.len(), self.means[0].len());
        let moves = |state: usize, played: usize| {
            let (mut rest, mut place, mut next, mut mean) = (state, 1, 0, 0.0);
            for arm in 0..arms {
                let missing = rest % delay;
                rest /= delay;
                let later = if arm == played { delay - 1 } else { missing.saturating_sub(1) };
                next += later * place;
                place *= delay;
                if arm == played {
                    mean = self.means[arm][delay - 1 - missing];
                }
            }
            (next, self.reference - mean)
        };
        Machine::new(delay.pow(arms as u32), arms, moves)
    }

    fn optimum(&self) -> &Optimum {
        self.optimum.get_or_init(|| Optimum::of(&self.machine()))
    }
}

impl ReactiveModel for RecoveringArms {
    type Reaction = Recovery;

    fn arms(&self) -> Arms {
        Arms {
            count: self.kept.len(),
            means: None,
            range: Some((0.0, 1.0)),
            law: Law::Arbitrary,
            oblivious: false,
        }
    }

    fn settled_means(&self) -> &[f64] {
        &self.kept
    }

    fn reference(&self) -> f64 {
        self.reference
    }

    fn regrets(&self) -> Vec<Notion> {
        vec![POLICY_REGRET, CYCLE_REGRET]
    }

    fn reaction(&self, lanes: usize) -> Recovery {
        Recovery {
            means: self.means.clone(),
            last: vec![0; self.kept.len() * lanes],
            playing: vec![usize::MAX; lanes],
        }
    }
}

impl Comparators for RecoveringArms {
    fn best_sequence(&self, t: u64) -> f64 {
        self.optimum().cost(t)
    }

    fn best_cycle(&self) -> f64 {
        self.optimum().mean()
    }
}

/// When every arm was played last.
struct Recovery {
    means: Arc<Vec<Vec<f64>>>,
    /// The round, 0 for none, `[arm][lane]`.
    last: Vec<u64>,
    /// The arm of the last round, `[lane]`.
    playing: Vec<usize>,
}

impl Recovery {
    fn mean(&self, t: u64, arm: usize, lane: usize) -> f64 {
        let row = &self.means[arm];
        match self.last[arm * self.playing.len() + lane] {
            0 => row[row.len() - 1],
            last => row[(t - last).min(row.len() as u64) as usize - 1],
        }
    }
}

impl Reaction for Recovery {
    fn all(&mut self, t: u64, means: &mut [f64]) {
        let lanes = self.playing.len();
        for (i, mean) in means.iter_mut().enumerate() {
            *mean = self.mean(t, i / lanes, i % lanes);
        }
    }

    fn play(&mut self, t: u64, arms: &[usize], means: &mut [f64], settled: &mut [bool]) {
        let lanes = self.playing.len();
        for (lane, &arm) in arms.iter().enumerate() {
            means[lane] = self.mean(t, arm, lane);
            settled[lane] = self.playing[lane] == arm;
            self.playing[lane] = arm;
            self.last[arm * lanes + lane] = t;
        }
    }

    fn is_settled(&self, arm: usize) -> bool {
        self.playing[0] == arm
    }

    fn keep(&mut self, arm: usize, t: u64) {
        self.last[arm] = t;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(from: f64, to: f64) -> Curve {
        Curve::Power { from, to, exponent: 1.0 }
    }

    /// Plays a sequence in one lane; answers the losses.
    fn losses(model: &RecoveringArms, arms: &[usize]) -> Vec<f64> {
        let mut recovery = model.reaction(1);
        let play = |(t, &arm): (u64, &usize)| {
            let (mut mean, mut settled) = ([0.0], [false]);
            let mut all = vec![0.0; model.kept.len()];
            recovery.all(t, &mut all);
            recovery.play(t, &[arm], &mut mean, &mut settled);
            assert_eq!(all[arm], mean[0]);
            assert!(!settled[0] || mean[0] == model.kept[arm]);
            1.0 - mean[0]
        };
        (1..).zip(arms).map(play).collect()
    }

    #[test]
    fn losses_by_hand() {
        let blocked = Curve::Table(vec![1.0, 1.0, 1.0, 0.25]);
        let model = RecoveringArms::new(&[line(1.0, 0.0), blocked], 4);
        let found = losses(&model, &[0, 0, 1, 0, 1, 1, 1, 1, 0, 1]);
        // Arm 0 after ∞, 1, 2, 5 rounds; arm 1 after ∞, 2, 1, 1, 1, 2.
        let known = [0.0, 0.75, 0.25, 0.5, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0];
        assert_eq!(found, known);
    }

    #[test]
    fn best_sequences_agree_with_enumeration() {
        let curves = [line(0.9, 0.1), Curve::Table(vec![1.0, 1.0, 0.2]), Curve::Constant(0.5)];
        let model = RecoveringArms::new(&curves, 3);
        for t in 1..=8u32 {
            let sequences = (0..3usize.pow(t)).map(|code| {
                let arms: Vec<usize> = (0..t).map(|i| code / 3usize.pow(i) % 3).collect();
                losses(&model, &arms).into_iter().sum::<f64>()
            });
            let known = sequences.fold(f64::INFINITY, f64::min);
            let found = model.best_sequence(u64::from(t)) + f64::from(t) * (1.0 - model.reference);
            assert!((found - known).abs() < 1e-12, "{t}: {found} {known}");
        }
        // Arms 0, 1 and 2 in turn: each has recovered, 0.1 + 0.2 + 0.5 = 0.8 in three rounds.
        assert!((model.best_cycle() + 1.0 - model.reference - 0.8 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn sizes_that_cannot_be_solved_are_refused() {
        let model = Recovering {
            curves: vec![Curve::Constant(0.5); 10],
            recovery: 5,
            noise: RewardLaw::Bernoulli,
        };
        let error = model.check().unwrap_err();
        assert!(error.path == "recovery" && error.message.contains("9765625"), "{error}");
        assert!(Recovering { recovery: 3, ..model }.check().is_ok());
    }
}
