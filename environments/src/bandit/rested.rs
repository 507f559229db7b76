//! Rested arms: rewards that depend on how often an arm was played, ever.

use std::sync::{Arc, OnceLock};

use regret_engine::ledgers::Comparators;
use regret_engine::notion::{Notion, POLICY_REGRET};
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::reactive::{
    Reaction, ReactiveModel, ReactiveProblem, RewardLaw, check_curves, check_noise,
};
use crate::support::tally::Curve;

/// The n-th play of an arm has a loss of mean h(min(n, N)/N): it rots, ripens, or both, over the
/// first N plays, and rests while others are played. The reward is 1 − loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rested {
    /// The loss of every arm as a function h of the share n/N of its plays; at most 64 arms.
    pub curves: Vec<Curve>,
    /// The number N of plays after which an arm stays as it is, at least 1.
    pub plays: u64,
    /// How losses lie around their means.
    #[serde(default)]
    pub noise: RewardLaw,
}

/// The most steps, K³ N², of the programme that finds the best numbers of plays.
const MOST_WORK: u64 = 1 << 30;

impl EnvironmentModel for Rested {
    const NAME: &'static str = "rested";
    const SUMMARY: &'static str = "rewards change with the number of plays: rotting, ripening arms";
    const SOURCE: &'static str = "Heidari, Kearns, Roth, Tight policy regret bounds for improving \
                                  and decaying bandits, 2016 (setting)";
    const EXAMPLE: &'static str = r#"{"plays": 20, "curves": [{"power": {"from": 0.2, "to": 0.9}},
        {"constant": 0.5}, {"power": {"from": 0.8, "to": 0.3}}]}"#;
    const PROTOCOLS: &'static [&'static str] = &["bandit"];

    fn check(&self) -> Result<(), ParameterError> {
        check_curves(&self.curves, 64)?;
        check_noise(self.noise)?;
        let plays = self.plays;
        ParameterError::unless(plays >= 1, "plays", plays, "must be at least 1")?;
        let arms = self.curves.len() as u64;
        let work = arms.pow(3).saturating_mul(plays.saturating_mul(plays));
        let rule = format!(
            "the best numbers of plays take K³ N² = {work} steps; at most {MOST_WORK} can be"
        );
        ParameterError::unless(work <= MOST_WORK, "plays", plays, &rule)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        let model = RestedArms::new(&self.curves, self.plays as usize);
        Ok(Faces::new().with::<Bandit>(ReactiveProblem::new(model, self.noise)))
    }
}

/// Rested arms with their comparator.
struct RestedArms {
    /// The mean of every arm's plays 1 to N, `[arm][play]`.
    means: Arc<Vec<Vec<f64>>>,
    settled: Vec<f64>,
    reference: f64,
    best: OnceLock<BestCounts>,
}

impl RestedArms {
    fn new(curves: &[Curve], plays: usize) -> Self {
        let row = |curve: &Curve| {
            (1..=plays).map(|n| 1.0 - curve.loss(n as f64 / plays as f64)).collect()
        };
        let means: Vec<Vec<f64>> = curves.iter().map(row).collect();
        let settled: Vec<f64> = means.iter().map(|row| row[plays - 1]).collect();
        let reference = settled.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self { means: Arc::new(means), settled, reference, best: OnceLock::new() }
    }
}

/// The least sum of gaps over all ways to divide t plays among the arms.
struct BestCounts {
    /// No arm has more than N plays: by t, from 0 to K N.
    few: Vec<f64>,
    /// An arm has N plays or more: its gap after them, its gaps up to them, and by the number j of
    /// the others' plays (the least over up to j) their gaps less what the arm would lose instead.
    many: Vec<(f64, f64, Vec<f64>)>,
}

impl BestCounts {
    fn new(means: &[Vec<f64>], reference: f64) -> Self {
        let totals = |row: &Vec<f64>| {
            let gaps = row.iter().scan(0.0, |sum, mean| {
                *sum += reference - mean;
                Some(*sum)
            });
            std::iter::once(0.0).chain(gaps).collect::<Vec<f64>>()
        };
        let totals: Vec<Vec<f64>> = means.iter().map(totals).collect();
        let all: Vec<&[f64]> = totals.iter().map(Vec::as_slice).collect();
        let many = (0..totals.len()).map(|arm| {
            let mut others = all.clone();
            others.remove(arm);
            let plays = means[arm].len();
            let gap = reference - means[arm][plays - 1];
            let mut least = f64::INFINITY;
            let divided = divide(&others);
            let instead = divided.iter().enumerate().map(|(j, sum)| {
                least = least.min(sum - j as f64 * gap);
                least
            });
            (gap, totals[arm][plays], instead.collect())
        });
        Self { few: divide(&all), many: many.collect() }
    }

    fn gap(&self, t: u64, plays: u64) -> f64 {
        let few = usize::try_from(t).ok().and_then(|t| self.few.get(t));
        let mut best = few.copied().unwrap_or(f64::INFINITY);
        if let Some(left) = t.checked_sub(plays) {
            for (gap, first, instead) in &self.many {
                let others = instead.len() - 1;
                let others = usize::try_from(left).map_or(others, |left| left.min(others));
                best = best.min(first + left as f64 * gap + instead[others]);
            }
        }
        best
    }
}

/// The least sum of one entry of every list, by the sum of their indices.
fn divide(lists: &[&[f64]]) -> Vec<f64> {
    let mut best = vec![0.0];
    for list in lists {
        let mut next = vec![f64::INFINITY; best.len() + list.len() - 1];
        for (i, before) in best.iter().enumerate() {
            for (slot, sum) in next[i..].iter_mut().zip(*list) {
                *slot = slot.min(before + sum);
            }
        }
        best = next;
    }
    best
}

impl ReactiveModel for RestedArms {
    type Reaction = Plays;

    fn arms(&self) -> Arms {
        Arms {
            count: self.settled.len(),
            means: None,
            range: Some((0.0, 1.0)),
            law: Law::Arbitrary,
            oblivious: false,
        }
    }

    fn settled_means(&self) -> &[f64] {
        &self.settled
    }

    fn reference(&self) -> f64 {
        self.reference
    }

    fn regrets(&self) -> Vec<Notion> {
        vec![POLICY_REGRET]
    }

    fn reaction(&self, lanes: usize) -> Plays {
        Plays { means: self.means.clone(), counts: vec![0; self.settled.len() * lanes], lanes }
    }
}

impl Comparators for RestedArms {
    fn best_sequence(&self, t: u64) -> f64 {
        let best = self.best.get_or_init(|| BestCounts::new(&self.means, self.reference));
        best.gap(t, self.means[0].len() as u64)
    }
}

/// How often every arm was played, at most N times.
struct Plays {
    means: Arc<Vec<Vec<f64>>>,
    /// `[arm][lane]`.
    counts: Vec<usize>,
    lanes: usize,
}

impl Reaction for Plays {
    fn all(&mut self, _: u64, means: &mut [f64]) {
        for (i, (mean, &count)) in means.iter_mut().zip(&self.counts).enumerate() {
            let row = &self.means[i / self.lanes];
            *mean = row[count.min(row.len() - 1)];
        }
    }

    fn play(&mut self, _: u64, arms: &[usize], means: &mut [f64], settled: &mut [bool]) {
        for (lane, &arm) in arms.iter().enumerate() {
            let (row, count) = (&self.means[arm], &mut self.counts[arm * self.lanes + lane]);
            means[lane] = row[(*count).min(row.len() - 1)];
            *count = (*count + 1).min(row.len());
            settled[lane] = *count == row.len();
        }
    }

    fn is_settled(&self, arm: usize) -> bool {
        // The next play is then one of the same mean.
        self.counts[arm] == self.means[arm].len()
    }

    fn keep(&mut self, _: usize, _: u64) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(from: f64, to: f64) -> Curve {
        Curve::Power { from, to, exponent: 1.0 }
    }

    /// The least loss of `left` more rounds after so many plays, by trying all sequences.
    fn enumerate(model: &RestedArms, counts: &mut Vec<usize>, left: u32) -> f64 {
        if left == 0 {
            return 0.0;
        }
        let mut least = f64::INFINITY;
        for arm in 0..counts.len() {
            let row = &model.means[arm];
            let gap = model.reference - row[counts[arm].min(row.len() - 1)];
            counts[arm] += 1;
            least = least.min(gap + enumerate(model, counts, left - 1));
            counts[arm] -= 1;
        }
        least
    }

    #[test]
    fn best_numbers_of_plays_agree_with_enumeration() {
        let wave = Curve::Fatigue { fresh: 0.9, tired: 0.1, recovered: 0.6, at: 0.5 };
        for curves in [
            vec![line(0.2, 0.9), line(0.1, 1.0), Curve::Constant(0.5)],
            vec![line(0.9, 0.2), line(1.0, 0.1), Curve::Constant(0.5)],
            vec![wave, line(0.3, 0.8), line(0.9, 0.4)],
            vec![Curve::Constant(0.4)],
        ] {
            let model = RestedArms::new(&curves, 3);
            for t in 0..=10 {
                let known = enumerate(&model, &mut vec![0; curves.len()], t);
                let found = model.best_sequence(u64::from(t));
                assert!((found - known).abs() < 1e-12, "{curves:?} {t}: {found} {known}");
            }
        }
    }

    #[test]
    fn long_plays_end_with_the_best_arm_that_stays() {
        // Ripening to 0.1 after four plays (losses 0.7, 0.5, 0.3, 0.1), or 0.4 at once: for three
        // rounds the constant arm is best, with 0.3 a round more than the reference.
        let model = RestedArms::new(&[line(0.9, 0.1), Curve::Constant(0.4)], 4);
        let near = |t, gap: f64| (model.best_sequence(t) - gap).abs() < 1e-9;
        assert!(near(3, 0.9) && near(4, 1.2) && near(5, 1.2) && near(1_000_000_007, 1.2));
    }

    #[test]
    fn sizes_that_cannot_be_solved_are_refused() {
        let model = Rested {
            curves: vec![Curve::Constant(0.5); 10],
            plays: 2000,
            noise: RewardLaw::Bernoulli,
        };
        let error = model.check().unwrap_err();
        assert_eq!(error.path, "plays");
        assert!(error.message.contains("4000000000"), "{error}");
        assert!(Rested { plays: 1000, ..model }.check().is_ok());
    }
}
