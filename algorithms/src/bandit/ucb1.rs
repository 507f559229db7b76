//! UCB1: the arm of highest mean plus a confidence width √(α ln t / n).
//!
//! Source: Auer, Cesa-Bianchi, Fischer, "Finite-time analysis of the multiarmed bandit problem",
//! Machine Learning 47, 2002, Figure 1 and Theorem 1 (α = 2).
//! Setting: K arms, rewards in [0, 1], independent between rounds.
//! Guarantee, tested: pseudo-regret ≤ Σ 8 ln t / Δ + (1 + π²/3) Σ Δ at α = 2.
//! Deviation: `t` is the round about to be played (the paper counts the rounds before it).

use std::array::from_fn;
use std::f64::consts::PI;

use regret_engine::bound::Bound;
use regret_engine::learner::{LaneLearner, Learner, Outcome, Round, Run, RunLearner, Setting};
use regret_engine::math;
use regret_engine::notion::PSEUDO_REGRET;
use regret_engine::protocol::{Nothing, Scalars};
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{ArmSums, Arms, Level, NO_ARM, argmax};
use regret_engine::random::Streams;
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use regret_engine::vectorised;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::index::MARGIN;
use crate::support::lanes::{self, Table};
use crate::support::window::Window;

/// Parameters of UCB1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ucb1 {
    /// Exploration α > 0 of the width √(α ln t / n), for rewards in [0, 1]; the paper's is 2.
    pub alpha: f64,
}

impl Default for Ucb1 {
    fn default() -> Self {
        Self { alpha: 2.0 }
    }
}

impl Algorithm for Ucb1 {
    type Protocol = Bandit;
    type Learner = Ucb1Learner;

    const NAME: &'static str = "ucb1";
    const SUMMARY: &'static str = "plays the highest mean plus width √(α ln t / n)";
    const SOURCE: &'static str = "Auer, Cesa-Bianchi, Fischer, Finite-time analysis of the \
                                  multiarmed bandit problem, 2002, Figure 1";

    fn check(&self) -> Result<(), ParameterError> {
        let rule = "must be a positive number";
        ParameterError::unless(
            self.alpha > 0.0 && self.alpha.is_finite(),
            "alpha",
            self.alpha,
            rule,
        )
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Ucb1Learner, ParameterError> {
        let zeros = vec![0.0; setting.arms()];
        let mut learner = Ucb1Learner {
            alpha: self.alpha,
            pulls: zeros.clone(),
            sums: zeros.clone(),
            means: zeros.clone(),
            widths: zeros,
            playing: 0,
            window: Window::new(),
        };
        learner.reset();
        Ok(learner)
    }

    fn runs(&self, setting: &Setting<Bandit>) -> Option<Box<dyn RunLearner<Bandit>>> {
        boxed_runs(self, setting)
    }

    fn lanes(
        &self,
        setting: &Setting<Bandit>,
        lanes: usize,
    ) -> Option<Box<dyn LaneLearner<Bandit>>> {
        Some(Box::new(Ucb1Lanes::new(self.alpha, setting.arms(), lanes)))
    }

    fn bounds(&self, _: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let Some(gaps) = arms.unit_gaps().filter(|_| self.alpha == 2.0) else {
            return Vec::new();
        };
        let inverse: f64 = gaps.iter().filter(|&&gap| gap > 0.0).map(|gap| 8.0 / gap).sum();
        let constant = (1.0 + PI * PI / 3.0) * gaps.iter().sum::<f64>();
        vec![Bound::upper(
            PSEUDO_REGRET,
            "Σ 8 ln t / Δ + (1 + π²/3) Σ Δ",
            "Auer, Cesa-Bianchi, Fischer 2002, Theorem 1",
            "rewards in [0, 1], independent, constant means, α = 2",
            move |t| inverse * math::ln(t) + constant,
        )]
    }
}

/// UCB1 of one replication.
pub struct Ucb1Learner {
    alpha: f64,
    /// Pulls of every arm that were observed; whole numbers.
    pulls: Vec<f64>,
    sums: Vec<f64>,
    means: Vec<f64>,
    /// 1/√n of every arm, infinite until its first reward has come.
    widths: Vec<f64>,
    playing: usize,
    window: Window,
}

impl Ucb1Learner {
    /// √(α ln t).
    #[inline]
    fn scale(&self, t: f64) -> f64 {
        (self.alpha * math::ln(t)).sqrt()
    }

    /// What the leader's mean must stay at or above, so that in the next rounds, as many as
    /// `pulls`, its index stays above every other's: those grow with t only.
    fn level(&self, t: f64, pulls: f64) -> f64 {
        let until = self.scale(t + pulls);
        let highest = highest_besides(&self.means, &self.widths, until, self.playing);
        let width = self.scale(t) / (self.pulls[self.playing] + pulls).sqrt();
        highest + MARGIN * (1.0 + highest.abs()) - width
    }
}

impl Learner<Bandit> for Ucb1Learner {
    #[inline]
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        self.playing = if round.t <= self.pulls.len() as u64 {
            (round.t - 1) as usize
        } else {
            let scale = self.scale(round.t as f64);
            leader(&self.means, &self.widths, scale)
        };
        self.playing
    }

    #[inline]
    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        let arm = outcome.action;
        self.pulls[arm] += 1.0;
        self.sums[arm] += outcome.feedback;
        self.means[arm] = self.sums[arm] / self.pulls[arm];
        self.widths[arm] = 1.0 / self.pulls[arm].sqrt();
    }

    fn reset(&mut self) {
        self.pulls.fill(0.0);
        self.sums.fill(0.0);
        self.means.fill(0.0);
        self.widths.fill(f64::INFINITY);
        self.window = Window::new();
    }
}

impl RunLearner<Bandit> for Ucb1Learner {
    fn run(&mut self, t: u64) -> Run<Bandit> {
        let arm = self.playing;
        let sums = ArmSums { pulls: self.pulls[arm], sum: self.sums[arm], squares: 0.0 };
        if t <= self.pulls.len() as u64 {
            return Run::held(1, sums);
        }
        let mut window = self.window;
        let (rounds, level) = window.open(self.means[arm], |pulls| self.level(t as f64, pulls));
        self.window = window;
        Run { rounds, boundary: Level(level), sums }
    }

    fn absorb(&mut self, _: u64, sums: &ArmSums) {
        let arm = self.playing;
        self.window.close(sums.pulls - self.pulls[arm]);
        self.pulls[arm] = sums.pulls;
        self.sums[arm] = sums.sum;
        self.means[arm] = sums.sum / sums.pulls;
        self.widths[arm] = 1.0 / sums.pulls.sqrt();
    }
}

/// UCB1 of many replications abreast.
struct Ucb1Lanes {
    alpha: f64,
    arms: u64,
    /// All `[arm][lane]`, as in [`Ucb1Learner`].
    pulls: Vec<f64>,
    sums: Vec<f64>,
    means: Vec<f64>,
    widths: Vec<f64>,
    n: Vec<f64>,
    sum: Vec<f64>,
}

impl Ucb1Lanes {
    fn new(alpha: f64, arms: usize, lanes: usize) -> Self {
        let table = vec![0.0; arms * lanes];
        let row = vec![0.0; lanes];
        Self {
            alpha,
            arms: arms as u64,
            pulls: table.clone(),
            sums: table.clone(),
            means: table.clone(),
            widths: table,
            n: row.clone(),
            sum: row,
        }
    }
}

impl LaneLearner<Bandit> for Ucb1Lanes {
    fn act(&mut self, t: u64, _: &Nothing, actions: &mut Scalars<usize>, _: &mut Streams) {
        if t <= self.arms {
            actions.0.fill((t - 1) as usize);
            return;
        }
        let scale = (self.alpha * math::ln(t as f64)).sqrt();
        leaders(&self.means, &self.widths, scale, &mut actions.0);
    }

    fn update(
        &mut self,
        _: u64,
        _: &Nothing,
        actions: &Scalars<usize>,
        rewards: &Scalars<f64>,
        _: &mut Streams,
    ) {
        let lanes = self.n.len();
        for (lane, (&arm, reward)) in actions.0.iter().zip(&rewards.0).enumerate() {
            let i = arm * lanes + lane;
            self.pulls[i] += 1.0;
            self.sums[i] += reward;
            self.n[lane] = self.pulls[i];
            self.sum[lane] = self.sums[i];
        }
        mean_and_width(&mut self.sum, &mut self.n);
        for (lane, &arm) in actions.0.iter().enumerate() {
            let i = arm * lanes + lane;
            self.means[i] = self.sum[lane];
            self.widths[i] = self.n[lane];
        }
    }
}

/// The highest `mean + scale · width`, −∞ if there is none. Eight maxima, so that they vectorise.
#[inline(always)]
fn highest(means: &[f64], widths: &[f64], scale: f64) -> f64 {
    let higher = |best: f64, index: f64| if index > best { index } else { best };
    let mut best = [f64::NEG_INFINITY; 8];
    let (means, last_means) = means.as_chunks::<8>();
    let (widths, last_widths) = widths.as_chunks::<8>();
    for (means, widths) in means.iter().zip(widths) {
        for i in 0..8 {
            best[i] = higher(best[i], means[i] + scale * widths[i]);
        }
    }
    let last = last_means.iter().zip(last_widths).map(|(mean, width)| mean + scale * width);
    last.chain(best).fold(f64::NEG_INFINITY, higher)
}

vectorised! {
    /// [`highest`] of all arms but one.
    fn highest_besides(means: &[f64], widths: &[f64], scale: f64, arm: usize) -> f64 {
        let before = highest(&means[..arm], &widths[..arm], scale);
        before.max(highest(&means[arm + 1..], &widths[arm + 1..], scale))
    }
}

vectorised! {
    /// The arm of highest `mean + scale · width`, the lowest in a tie.
    fn leader(means: &[f64], widths: &[f64], scale: f64) -> usize {
        let best = highest(means, widths, scale);
        let mut before = 0;
        for (means, widths) in means.as_chunks::<8>().0.iter().zip(widths.as_chunks::<8>().0) {
            let mut here = false;
            for i in 0..8 {
                here |= means[i] + scale * widths[i] == best;
            }
            if here {
                break;
            }
            before += 8;
        }
        let indices = means[before..].iter().zip(&widths[before..]).take(8);
        match argmax(indices.map(|(mean, width)| mean + scale * width)) {
            NO_ARM => NO_ARM,
            arm => before + arm,
        }
    }
}

/// The indices of a table of arms.
#[derive(Clone, Copy)]
struct Indices<'a> {
    means: &'a [f64],
    widths: &'a [f64],
    scale: f64,
}

impl Table for Indices<'_> {
    #[inline(always)]
    fn read<const N: usize>(self, at: usize) -> [f64; N] {
        let (means, widths): ([f64; N], [f64; N]) = (self.means.read(at), self.widths.read(at));
        from_fn(|i| means[i] + self.scale * widths[i])
    }
}

vectorised! {
    /// In each lane, the arm of highest `mean + scale · width`, the lowest in a tie.
    fn leaders(means: &[f64], widths: &[f64], scale: f64, chosen: &mut [usize]) {
        lanes::highest(Indices { means, widths, scale }, means.len() / chosen.len(), chosen);
    }
}

vectorised! {
    /// Turns (sum, n) into (sum / n, 1 / √n).
    fn mean_and_width(sum: &mut [f64], n: &mut [f64]) {
        for (sum, n) in sum.iter_mut().zip(n) {
            *sum /= *n;
            *n = 1.0 / n.sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::bandit::tests::{assert_bounds, assert_trace, bounds};

    /// Arm 0 has ten rewards of mean 0.5, arm 1 a mean whose width has vanished.
    const PULLS: [f64; 2] = [10.0, f64::INFINITY];

    #[test]
    fn index_by_hand() {
        // t = 100: 0.5 + √(2 ln 100/10) = 1.459705, so arm 1 wins from there on.
        for (rival, arm) in [(1.459_704_5, 0), (1.459_705_5, 1)] {
            let mut learner = Ucb1::default().learner(&Setting::new(2, 1000)).expect("fits");
            learner.means = vec![0.5, rival];
            learner.widths = PULLS.map(|n| 1.0 / n.sqrt()).to_vec();
            let rng = &mut Stream::new(1, 0, Role::Learner);
            assert_eq!(learner.act(Round { t: 100, slot: 0, context: (), rng }), arm);

            let mut lanes = Ucb1Lanes::new(2.0, 2, 1);
            lanes.means = vec![0.5, rival];
            lanes.widths = PULLS.map(|n| 1.0 / n.sqrt()).to_vec();
            let mut actions = Scalars(vec![7]);
            lanes.act(100, &Nothing, &mut actions, &mut Streams::new(1, 0..1, Role::Learner));
            assert_eq!(actions.0, [arm]);
        }
    }

    #[test]
    fn the_leader_is_the_first_of_the_highest() {
        // Up to 40 arms with few values, so that ties are many; NaN and −∞ among them.
        let mut rng = Stream::new(3, 0, Role::Learner);
        let values = [0.25, 0.5, 0.75, f64::NAN, f64::NEG_INFINITY];
        for arms in 1..=40 {
            for _ in 0..50 {
                let means: Vec<f64> = (0..arms).map(|_| values[rng.index(5)]).collect();
                let widths: Vec<f64> = (0..arms).map(|_| [0.5, 1.0][rng.index(2)]).collect();
                let indices = || means.iter().zip(&widths).map(|(mean, width)| mean + 0.5 * width);
                assert_eq!(leader(&means, &widths, 0.5), argmax(indices()), "{means:?}");
                let arm = rng.index(arms);
                let others = indices().enumerate().filter(|(other, _)| *other != arm);
                let highest = others.map(|(_, index)| index).fold(f64::NEG_INFINITY, f64::max);
                assert_eq!(highest_besides(&means, &widths, 0.5, arm), highest);
            }
        }
    }

    #[test]
    fn a_trace_by_hand() {
        assert_trace(
            &Ucb1::default(),
            "012102110210120110210211102112010121012101102102102111201101",
        );
    }

    #[test]
    fn bounds_by_hand() {
        let means = [0.5, 0.6, 0.25];
        assert_bounds(&bounds(&Ucb1::default(), &means, 1000), 100, &[475.605_088]);
        assert_bounds(&bounds(&Ucb1 { alpha: 0.5 }, &means, 1000), 100, &[]);
    }
}
