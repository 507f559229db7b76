//! The last m actions of every lane, and the tallies that they make.

use std::sync::Arc;

use regret_engine::vectorised;

use super::{Tallying, Weights};
use crate::support::reactive::Reaction;

/// The windows of a block of lanes: O(m + K) numbers for each.
pub struct Windows {
    rule: Arc<Tallying>,
    lanes: usize,
    /// The arms played in the last m rounds, `[t mod m][lane]`.
    ring: Vec<u16>,
    /// The arm played last and for how many rounds, at most m, it was kept, `[lane]`.
    last: Vec<usize>,
    kept: Vec<usize>,
    tallies: Tallies,
}

/// No action yet. The arms are fewer.
const NONE: u16 = u16::MAX;

/// The most arms that a window can tell apart.
pub const MOST_ARMS: usize = NONE as usize;

/// What is kept besides the actions.
enum Tallies {
    /// Plays in the window, `[arm][lane]`, and the mean at every count, `[arm][0 to m]`.
    Counts { counts: Vec<u32>, means: Vec<f64> },
    /// Σ ratio^j over the plays in the window, `[arm][lane]`. Rounding in it dies out by the ratio,
    /// and the sums are exact again whenever one arm fills the window.
    Geometric { sums: Vec<f64>, ratio: f64, expired: f64 },
    /// Nothing: tallies are added up from the window in every round, `[lane]`.
    Listed { sums: Vec<f64> },
}

impl Windows {
    /// Empty windows.
    pub fn new(rule: Arc<Tallying>, lanes: usize) -> Self {
        let (arms, memory) = (rule.arms(), rule.memory);
        let tallies = match rule.weights {
            Weights::Unweighted => Tallies::Counts {
                counts: vec![0; arms * lanes],
                means: (0..arms)
                    .flat_map(|arm| (0..=memory).map(move |count| (arm, count as f64)))
                    .map(|(arm, count)| rule.mean(arm, count))
                    .collect(),
            },
            Weights::Geometric(ratio) => Tallies::Geometric {
                sums: vec![0.0; arms * lanes],
                ratio,
                expired: rule.rows[0][memory - 1] * ratio,
            },
            Weights::List(_) | Weights::PerArm(_) => Tallies::Listed { sums: vec![0.0; lanes] },
        };
        Self {
            lanes,
            ring: vec![NONE; memory * lanes],
            last: vec![usize::MAX; lanes],
            kept: vec![0; lanes],
            tallies,
            rule,
        }
    }

    /// Where round `t` is in the ring: in the place of round t − m, which leaves the window.
    fn place(&self, t: u64) -> usize {
        ((t - 1) % self.rule.memory as u64) as usize
    }

    /// The tally of an arm in the window as it stands, were it played in round `t`.
    fn listed(&self, t: u64, arm: usize, lane: usize) -> f64 {
        let (place, memory) = (self.place(t), self.rule.memory);
        let mut tally = 0.0;
        for (ago, weight) in self.rule.rows[arm].iter().enumerate() {
            let round = (place + memory - ago) % memory;
            let played = ago == 0 || self.ring[round * self.lanes + lane] == arm as u16;
            tally += if played { *weight } else { 0.0 };
        }
        tally
    }
}

impl Reaction for Windows {
    fn all(&mut self, t: u64, means: &mut [f64]) {
        let (lanes, memory) = (self.lanes, self.rule.memory);
        let leaving = &self.ring[self.place(t) * lanes..][..lanes];
        for (arm, row) in means.chunks_exact_mut(lanes).enumerate() {
            for (lane, mean) in row.iter_mut().enumerate() {
                let (i, leaves) = (arm * lanes + lane, leaving[lane] == arm as u16);
                *mean = match &self.tallies {
                    Tallies::Counts { counts, means } => {
                        let count = counts[i] as usize + 1 - usize::from(leaves);
                        means[arm * (memory + 1) + count]
                    }
                    Tallies::Geometric { sums, ratio, expired } => {
                        let left = if leaves { *expired } else { 0.0 };
                        self.rule.mean(arm, sums[i] * ratio - left + 1.0)
                    }
                    Tallies::Listed { .. } => self.rule.mean(arm, self.listed(t, arm, lane)),
                };
            }
        }
    }

    fn play(&mut self, t: u64, arms: &[usize], means: &mut [f64], settled: &mut [bool]) {
        let (lanes, memory, place) = (self.lanes, self.rule.memory, self.place(t));
        for (lane, &arm) in arms.iter().enumerate() {
            let kept = if self.last[lane] == arm { self.kept[lane] + 1 } else { 1 };
            self.kept[lane] = kept.min(memory);
            self.last[lane] = arm;
            settled[lane] = kept >= memory;
        }
        let row = &mut self.ring[place * lanes..][..lanes];
        match &mut self.tallies {
            Tallies::Counts { counts, means: table } => {
                for (lane, &arm) in arms.iter().enumerate() {
                    let leaving = usize::from(std::mem::replace(&mut row[lane], arm as u16));
                    if leaving != usize::from(NONE) {
                        counts[leaving * lanes + lane] -= 1;
                    }
                    let count = &mut counts[arm * lanes + lane];
                    *count += 1;
                    means[lane] = table[arm * (memory + 1) + *count as usize];
                }
            }
            Tallies::Geometric { sums, ratio, expired } => {
                scale(sums, *ratio);
                for (lane, &arm) in arms.iter().enumerate() {
                    let leaving = usize::from(std::mem::replace(&mut row[lane], arm as u16));
                    if leaving != usize::from(NONE) {
                        sums[leaving * lanes + lane] -= *expired;
                    }
                    sums[arm * lanes + lane] += 1.0;
                    if settled[lane] {
                        sums.iter_mut().skip(lane).step_by(lanes).for_each(|sum| *sum = 0.0);
                        sums[arm * lanes + lane] = self.rule.totals[arm];
                    }
                    means[lane] = self.rule.mean(arm, sums[arm * lanes + lane]);
                }
            }
            Tallies::Listed { sums } => {
                for (slot, &arm) in row.iter_mut().zip(arms) {
                    *slot = arm as u16;
                }
                sums.fill(0.0);
                for ago in 0..memory {
                    let row = &self.ring[(place + memory - ago) % memory * lanes..][..lanes];
                    if matches!(self.rule.weights, Weights::List(_)) {
                        add_where_equal(sums, self.rule.rows[0][ago], row, arms);
                        continue;
                    }
                    for (lane, &arm) in arms.iter().enumerate() {
                        let weight = self.rule.rows[arm][ago];
                        sums[lane] += if row[lane] == arm as u16 { weight } else { 0.0 };
                    }
                }
                for (lane, &arm) in arms.iter().enumerate() {
                    means[lane] = self.rule.mean(arm, sums[lane]);
                }
            }
        }
    }

    fn is_settled(&self, arm: usize) -> bool {
        self.last[0] == arm && self.kept[0] >= self.rule.memory
    }

    /// The window is full of the arm already.
    fn keep(&mut self, _: usize, _: u64) {}
}

vectorised! {
    fn scale(sums: &mut [f64], ratio: f64) {
        for sum in sums {
            *sum *= ratio;
        }
    }
}

vectorised! {
    fn add_where_equal(sums: &mut [f64], weight: f64, row: &[u16], arms: &[usize]) {
        for ((sum, &played), &arm) in sums.iter_mut().zip(row).zip(arms) {
            *sum += if usize::from(played) == arm { weight } else { 0.0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::super::Curve;
    use super::super::tests::line;
    use super::*;

    /// Plays sequences, one for each lane, and answers the losses, `[round][lane]`.
    fn losses(rule: &Tallying, plays: &[&[usize]]) -> Vec<Vec<f64>> {
        let mut windows = Windows::new(Arc::new(rule.clone()), plays.len());
        let mut history = Vec::new();
        for t in 0..plays[0].len() {
            let arms: Vec<usize> = plays.iter().map(|play| play[t]).collect();
            let mut all = vec![0.0; rule.arms() * plays.len()];
            windows.all(t as u64 + 1, &mut all);
            let (mut means, mut settled) = (vec![0.0; plays.len()], vec![false; plays.len()]);
            windows.play(t as u64 + 1, &arms, &mut means, &mut settled);
            for (lane, &arm) in arms.iter().enumerate() {
                // What every arm would have is what the arm played has.
                assert!((all[arm * plays.len() + lane] - means[lane]).abs() < 1e-12);
                let kept = plays[lane][..=t].iter().rev().take_while(|&&a| a == arm).count();
                assert_eq!(settled[lane], kept >= rule.memory);
            }
            history.push(means.iter().map(|mean| 1.0 - mean).collect());
        }
        history
    }

    #[test]
    fn tallies_by_hand() {
        // The curve y/W, so that the tally can be read off; weights 1, 0.5, 0.25.
        let curves = [line(0.0, 1.0), line(0.0, 1.0)];
        let play: &[usize] = &[0, 0, 1, 0, 0, 0];
        let known = [1.0, 1.5, 1.0, 1.25, 1.5, 1.75];
        for weights in [
            Weights::Geometric(0.5),
            Weights::List(vec![1.0, 0.5, 0.25]),
            Weights::PerArm(vec![vec![1.0, 0.5, 0.25]; 2]),
        ] {
            let rule = Tallying::new(3, &weights, &curves);
            let found = losses(&rule, &[play]);
            for (loss, tally) in found.iter().zip(known) {
                assert!((loss[0] * 1.75 - tally).abs() < 1e-12, "{weights:?}: {found:?}");
            }
        }
        let rule = Tallying::new(3, &Weights::Unweighted, &curves);
        let counts: Vec<f64> =
            losses(&rule, &[play]).iter().map(|loss| (loss[0] * 3.0).round()).collect();
        assert_eq!(counts, [1.0, 2.0, 1.0, 2.0, 2.0, 3.0]);
    }

    #[test]
    fn windows_agree_with_their_definition() {
        let mut stream = Stream::new(2, 0, Role::Environment);
        let curves = [line(0.1, 0.9), Curve::Table(vec![0.3, 0.8, 0.2]), line(0.6, 0.2)];
        let plays: Vec<Vec<usize>> = (0..3)
            .map(|_| {
                let mut arm = 0;
                (0..400)
                    .map(|_| {
                        // Long stays, so that windows fill.
                        arm = if stream.uniform() < 0.2 { stream.index(3) } else { arm };
                        arm
                    })
                    .collect()
            })
            .collect();
        let plays: Vec<&[usize]> = plays.iter().map(Vec::as_slice).collect();
        for memory in [1, 2, 7] {
            let row = |arm: i32| (0..memory).map(|j| 1.0 / f64::from(1 + j * arm)).collect();
            for weights in [
                Weights::Unweighted,
                Weights::Geometric(0.8),
                Weights::List(row(2)),
                Weights::PerArm(vec![row(0), row(1), row(3)]),
            ] {
                let rule = Tallying::new(memory as usize, &weights, &curves);
                for (t, found) in losses(&rule, &plays).iter().enumerate() {
                    for (play, found) in plays.iter().zip(found) {
                        let (arm, window) = (play[t], play[..=t].iter().rev());
                        let terms = window.zip(&rule.rows[arm]);
                        let tally = terms.map(|(&a, w)| if a == arm { *w } else { 0.0 }).sum();
                        let known = rule.loss(arm, tally);
                        assert!((found - known).abs() < 1e-12, "{weights:?} {memory} {t}");
                    }
                }
            }
        }
    }
}
