//! Bandits whose means depend on what the lane itself has played.

use std::ops::RangeInclusive;
use std::sync::Arc;

use regret_engine::environment::{Block, Environment, Problem, Quantity};
use regret_engine::ledgers::{Comparators, PolicyLedger};
use regret_engine::notion::{Notion, PULLS};
use regret_engine::protocol::{Buffers, Scalars};
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{ArmSums, Arms, Level};
use regret_engine::random::{noise_word, normal_quantile, open_unit, unit};
use regret_engine::registry::ParameterError;
use regret_engine::vectorised;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arms::keys;
use super::process::ArmRun;
use super::successes::{Substream, Successes, SummedSubstream, threshold};
use super::tally::Curve;

/// How a reward, in [0, 1], lies around its mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RewardLaw {
    /// 1 with the mean as probability, else 0; one draw for each round.
    #[default]
    Bernoulli,
    /// The same law, but the sum of a stretch of rounds with one mean is drawn at once: other
    /// numbers than those of `bernoulli`, and faster where an arm is kept for long.
    Summed,
    /// The mean itself.
    Deterministic,
    /// Normal around the mean with this standard deviation ≥ 0, clipped to [0, 1]; regrets are of
    /// the means before clipping.
    Gaussian(f64),
}

impl RewardLaw {
    fn reward(self, mean: f64, word: u64) -> f64 {
        match self {
            Self::Bernoulli | Self::Summed => f64::from(u8::from(unit(word) < mean)),
            Self::Deterministic => mean,
            Self::Gaussian(deviation) => {
                (mean + deviation * normal_quantile(open_unit(word))).clamp(0.0, 1.0)
            }
        }
    }

    /// The reward of an arm of settled mean: the same that [`RewardLaw::run`] gives.
    fn settled_reward(self, key: u64, t: u64, arm: usize, mean: f64) -> f64 {
        match self {
            Self::Summed => f64::from(u8::from(SummedSubstream::new(key, arm, mean).succeeds(t))),
            _ => self.reward(mean, noise_word(key, t, arm)),
        }
    }

    /// Plays an arm of settled mean.
    fn run(self, key: u64, mean: f64, run: ArmRun, sums: &mut ArmSums) -> u64 {
        match self {
            Self::Bernoulli => {
                return Substream::new(key, run.arm, threshold(mean)).run(run, sums);
            }
            Self::Summed => return SummedSubstream::new(key, run.arm, mean).run(run, sums),
            Self::Deterministic | Self::Gaussian(_) => {}
        }
        for t in run.first..=run.last {
            sums.enter(self.reward(mean, noise_word(key, t, run.arm)));
            if !sums.above(run.level) {
                return t;
            }
        }
        run.last
    }
}

/// There must be curves, at most `most`, and each must be valid.
///
/// # Errors
/// The number of curves, or the first number of one that cannot be.
pub fn check_curves(curves: &[Curve], most: usize) -> Result<(), ParameterError> {
    let (arms, rule) = (curves.len(), format!("must be from 1 to {most} arms"));
    ParameterError::unless((1..=most).contains(&arms), "curves", arms, &rule)?;
    let check = |(arm, curve): (usize, &Curve)| curve.check(&format!("curves[{arm}]"));
    curves.iter().enumerate().try_for_each(check)
}

/// A deviation must be a number that is not negative.
///
/// # Errors
/// The deviation.
pub fn check_noise(law: RewardLaw) -> Result<(), ParameterError> {
    let RewardLaw::Gaussian(deviation) = law else { return Ok(()) };
    let valid = deviation >= 0.0 && deviation.is_finite();
    let rule = "must be a number that is not negative";
    ParameterError::unless(valid, "noise.gaussian", deviation, rule)
}

/// What a block of lanes remembers of its play, and what that does to the means.
///
/// The mean of an arm *settles* when it is sure to stay for as long as the arm is kept.
pub trait Reaction: Send + 'static {
    /// Writes the mean reward that every arm would have in round `t`, `[arm][lane]`; changes
    /// nothing.
    fn all(&mut self, t: u64, means: &mut [f64]);

    /// Plays the arms of round `t`: writes their means and whether these have settled, one for
    /// each lane, and remembers.
    fn play(&mut self, t: u64, arms: &[usize], means: &mut [f64], settled: &mut [bool]);

    /// Whether, in the one lane of this block, the arm has settled and would be played on.
    fn is_settled(&self, arm: usize) -> bool;

    /// Remembers that the one lane kept its arm, which had settled, up to round `t`.
    fn keep(&mut self, arm: usize, t: u64);
}

/// A bandit that reacts, validated.
pub trait ReactiveModel: Send + Sync + 'static {
    /// What remembers.
    type Reaction: Reaction;

    /// The facts that bounds depend on.
    fn arms(&self) -> Arms;

    /// The mean of every arm once it has settled.
    fn settled_means(&self) -> &[f64];

    /// The reward from which the ledger measures gaps.
    fn reference(&self) -> f64;

    /// The regrets that can be kept against its comparators, the default first.
    fn regrets(&self) -> Vec<Notion>;

    /// The memory of a block of lanes, before round 1.
    fn reaction(&self, lanes: usize) -> Self::Reaction;
}

/// A reactive bandit with the comparators of its regrets.
pub struct ReactiveProblem<M> {
    model: Arc<M>,
    law: RewardLaw,
}

impl<M> ReactiveProblem<M> {
    /// The bandit in which rewards have this law around the model's means.
    pub fn new(model: M, law: RewardLaw) -> Self {
        Self { model: Arc::new(model), law }
    }
}

impl<M: ReactiveModel + Comparators> Problem<Bandit> for ReactiveProblem<M> {
    fn shape(&self) -> usize {
        self.model.settled_means().len()
    }

    fn instance(&self, _: u64) -> Arms {
        self.model.arms()
    }

    fn notions(&self) -> Vec<Notion> {
        let mut notions = self.model.regrets();
        notions.extend(PolicyLedger::NOTIONS);
        notions
    }

    fn components(&self, notion: Notion) -> u32 {
        if notion == PULLS { self.shape() as u32 } else { 0 }
    }

    fn build(&self, block: &Block) -> Box<dyn Environment<Bandit>> {
        let (model, lanes) = (self.model.clone(), block.lanes());
        let ledger = PolicyLedger::new(model.reference(), model.settled_means(), block);
        let all = if ledger.needs_all_means() { self.shape() * lanes } else { 0 };
        Box::new(ReactiveGame {
            reaction: model.reaction(lanes),
            law: self.law,
            keys: keys(block),
            ledger,
            model,
            means: vec![0.0; lanes],
            settled: vec![false; lanes],
            all: vec![0.0; all],
        })
    }
}

struct ReactiveGame<M: ReactiveModel> {
    model: Arc<M>,
    reaction: M::Reaction,
    law: RewardLaw,
    keys: Vec<u64>,
    ledger: PolicyLedger,
    /// Means of the arms played and whether they have settled, `[lane]`; of all, `[arm][lane]`.
    means: Vec<f64>,
    settled: Vec<bool>,
    all: Vec<f64>,
}

impl<M: ReactiveModel> ReactiveGame<M> {
    fn draw(&self, t: u64, arms: &[usize], rewards: &mut [f64]) {
        if self.law == RewardLaw::Bernoulli {
            draw_bernoulli(t, &self.keys, arms, &self.means, rewards);
            return;
        }
        for (lane, (reward, &arm)) in rewards.iter_mut().zip(arms).enumerate() {
            let (key, mean) = (self.keys[lane], self.means[lane]);
            *reward = if self.settled[lane] {
                self.law.settled_reward(key, t, arm, mean)
            } else {
                self.law.reward(mean, noise_word(key, t, arm))
            };
        }
    }
}

vectorised! {
    fn draw_bernoulli(t: u64, keys: &[u64], arms: &[usize], means: &[f64], rewards: &mut [f64]) {
        let lanes = keys.len();
        let (arms, means, rewards) = (&arms[..lanes], &means[..lanes], &mut rewards[..lanes]);
        for lane in 0..lanes {
            let uniform = unit(noise_word(keys[lane], t, arms[lane]));
            rewards[lane] = if uniform < means[lane] { 1.0 } else { 0.0 };
        }
    }
}

impl<M: ReactiveModel + Comparators> Environment<Bandit> for ReactiveGame<M> {
    fn respond(&mut self, t: u64, actions: &Scalars<usize>, feedbacks: &mut Scalars<f64>) {
        if self.ledger.needs_all_means() {
            self.reaction.all(t, &mut self.all);
            self.ledger.all_means(&self.all);
        }
        self.reaction.play(t, &actions.0, &mut self.means, &mut self.settled);
        self.draw(t, &actions.0, &mut feedbacks.0);
        self.ledger.round(&actions.0, &self.means, &self.settled);
    }

    /// Rounds of an arm that has settled are played at once.
    fn run(
        &mut self,
        rounds: RangeInclusive<u64>,
        buffers: &mut Buffers<Bandit>,
        level: &Level,
        sums: &mut ArmSums,
    ) -> u64 {
        let (mut t, last) = rounds.into_inner();
        let arm = buffers.actions.0[0];
        loop {
            let at_once = !self.ledger.needs_all_means() && self.reaction.is_settled(arm);
            let until = if at_once {
                let mean = self.model.settled_means()[arm];
                let run = ArmRun { arm, first: t, last, level: *level };
                let until = self.law.run(self.keys[0], mean, run, sums);
                self.reaction.keep(arm, until);
                self.ledger.settled_run(arm, (until + 1 - t) as f64);
                until
            } else {
                self.respond(t, &buffers.actions, &mut buffers.feedbacks);
                sums.enter(buffers.feedbacks.0[0]);
                t
            };
            if until == last || !sums.above(*level) {
                return until;
            }
            t = until + 1;
        }
    }

    fn record(&mut self, t: u64, quantity: Quantity, values: &mut [f64]) {
        self.ledger.record(t, self.model.as_ref(), quantity, values);
    }
}
