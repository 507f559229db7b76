//! The ledger of a bandit whose rewards depend on what was played.

use crate::environment::{Block, Quantity};
use crate::notion::{BLIND_REGRET, CYCLE_REGRET, Notion, POLICY_REGRET, PULLS, SWITCHES, WARM_UP};

/// Keeps the policy regrets of a bandit whose means depend on the lane's own past, for a block of
/// lanes.
///
/// Everything is kept as *gaps*: a reference reward per round minus the mean of the arm played.
/// Rounds in which the arm's mean has *settled* (it stays while the arm is kept) are counted by
/// arm, and all others summed; so long runs are exact, and whether they are entered round by round
/// or at once changes no bit.
#[derive(Clone, Debug)]
pub struct PolicyLedger {
    lanes: usize,
    keeps_blind: bool,
    keeps_switches: bool,
    /// The reference reward of a round, and each arm's mean once it has settled.
    reference: f64,
    settled_means: Vec<f64>,
    /// Gaps of the rounds that had not settled, `[lane]`; numbers of those that had, and of all,
    /// `[arm][lane]`.
    gaps: Vec<f64>,
    settled: Vec<f64>,
    pulls: Vec<f64>,
    /// Sums of the means that each arm would have had in every round, `[arm][lane]`, and of those
    /// played, `[lane]`.
    arm_means: Vec<f64>,
    played_means: Vec<f64>,
    previous: Vec<usize>,
    switches: Vec<f64>,
}

/// What the comparators of a reactive bandit gain, as gaps to the ledger's reference.
pub trait Comparators {
    /// The least sum of gaps of any `t` actions.
    fn best_sequence(&self, t: u64) -> f64;
    /// The least mean gap of a round in the long run, where [`CYCLE_REGRET`] is kept.
    fn best_cycle(&self) -> f64 {
        0.0
    }
    /// The sum of gaps of the reference arm, played in rounds 1 to `t`, where [`WARM_UP`] is kept.
    fn warm_up(&self, t: u64) -> f64 {
        let _ = t;
        0.0
    }
}

impl PolicyLedger {
    /// The notions that need nothing but the means.
    pub const NOTIONS: [Notion; 3] = [BLIND_REGRET, SWITCHES, PULLS];

    /// An empty ledger; `reference` is the reward from which gaps are measured, `settled_means`
    /// have one entry for each arm.
    pub fn new(reference: f64, settled_means: &[f64], block: &Block) -> Self {
        let (lanes, arms) = (block.lanes(), settled_means.len());
        let keeps_blind = block.records(BLIND_REGRET);
        Self {
            lanes,
            keeps_blind,
            keeps_switches: block.records(SWITCHES),
            reference,
            settled_means: settled_means.to_vec(),
            gaps: vec![0.0; lanes],
            settled: vec![0.0; arms * lanes],
            pulls: vec![0.0; arms * lanes],
            arm_means: vec![0.0; if keeps_blind { arms * lanes } else { 0 }],
            played_means: vec![0.0; lanes],
            previous: Vec::with_capacity(lanes),
            switches: vec![0.0; lanes],
        }
    }

    /// Whether [`PolicyLedger::all_means`] must be called before every round.
    pub fn needs_all_means(&self) -> bool {
        self.keeps_blind
    }

    /// Enters the means that every arm has in a round, were it played, `[arm][lane]`.
    pub fn all_means(&mut self, means: &[f64]) {
        for (sum, mean) in self.arm_means.iter_mut().zip(means) {
            *sum += mean;
        }
    }

    /// Enters a round: the arms played, their means, and whether these have settled; one of each
    /// for every lane.
    #[inline]
    pub fn round(&mut self, arms: &[usize], means: &[f64], settled: &[bool]) {
        let lanes = self.lanes;
        for lane in 0..lanes {
            let i = arms[lane] * lanes + lane;
            self.pulls[i] += 1.0;
            let (settles, gap) = (f64::from(u8::from(settled[lane])), self.reference - means[lane]);
            self.settled[i] += settles;
            self.gaps[lane] += if settled[lane] { 0.0 } else { gap };
        }
        if self.keeps_blind {
            for (sum, mean) in self.played_means.iter_mut().zip(means) {
                *sum += mean;
            }
        }
        if self.keeps_switches {
            for ((count, arm), previous) in self.switches.iter_mut().zip(arms).zip(&self.previous) {
                *count += f64::from(u8::from(arm != previous));
            }
            self.previous.clear();
            self.previous.extend_from_slice(arms);
        }
    }

    /// Enters a run of `rounds` rounds in which the one lane played an arm that had settled.
    pub fn settled_run(&mut self, arm: usize, rounds: f64) {
        self.pulls[arm] += rounds;
        self.settled[arm] += rounds;
        if self.keeps_switches {
            let switched = self.previous.first().is_some_and(|&previous| previous != arm);
            self.switches[0] += f64::from(u8::from(switched));
            self.previous.clear();
            self.previous.push(arm);
        }
    }

    /// Writes a quantity after round `t`, one value for each lane.
    pub fn record(
        &self,
        t: u64,
        comparators: &impl Comparators,
        quantity: Quantity,
        values: &mut [f64],
    ) {
        let notion = quantity.notion;
        let component = quantity.component.unwrap_or_default() as usize;
        let comparator = if notion == POLICY_REGRET {
            comparators.best_sequence(t)
        } else if notion == CYCLE_REGRET {
            t as f64 * comparators.best_cycle()
        } else {
            0.0
        };
        for (lane, value) in values.iter_mut().enumerate() {
            *value = if notion == WARM_UP {
                comparators.warm_up(t)
            } else if notion == BLIND_REGRET {
                self.best_arm(lane) - self.played_means[lane]
            } else if notion == SWITCHES {
                self.switches[lane]
            } else if notion == PULLS {
                self.pulls[component * self.lanes + lane]
            } else {
                self.gap(lane) - comparator
            };
        }
    }

    fn column<'a>(&self, table: &'a [f64], lane: usize) -> impl Iterator<Item = f64> + 'a {
        table.iter().skip(lane).step_by(self.lanes).copied()
    }

    /// The sum of the gaps of all rounds.
    fn gap(&self, lane: usize) -> f64 {
        let settled = self.column(&self.settled, lane).zip(&self.settled_means);
        let settled: f64 = settled.map(|(rounds, mean)| rounds * (self.reference - mean)).sum();
        self.gaps[lane] + settled
    }

    fn best_arm(&self, lane: usize) -> f64 {
        self.column(&self.arm_means, lane).fold(f64::NEG_INFINITY, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notion::REO_REGRET;

    struct Known;

    impl Comparators for Known {
        fn best_sequence(&self, t: u64) -> f64 {
            -0.25 * t as f64 + 0.5
        }

        fn best_cycle(&self) -> f64 {
            -0.25
        }

        fn warm_up(&self, t: u64) -> f64 {
            t.min(2) as f64
        }
    }

    #[test]
    fn every_notion_by_hand() {
        // Two arms; settled means 0.5 and 0.25; reference 0.5.
        let notions =
            vec![POLICY_REGRET, REO_REGRET, CYCLE_REGRET, BLIND_REGRET, WARM_UP, SWITCHES, PULLS];
        let block = Block { seed: 1, replications: 0..1, horizon: 9, notions };
        let mut ledger = PolicyLedger::new(0.5, &[0.5, 0.25], &block);
        for (arm, all, settled) in [
            (0, [0.125, 1.0], false),
            (1, [0.25, 0.75], false),
            (1, [0.5, 0.25], true),
            (0, [0.75, 0.5], false),
        ] {
            ledger.all_means(&all);
            ledger.round(&[arm], &[all[arm]], &[settled]);
        }
        let value = |ledger: &PolicyLedger, t, notion, component| {
            let mut values = [f64::NAN];
            ledger.record(t, &Known, Quantity { notion, component }, &mut values);
            values[0]
        };
        // Gaps: 0.375 − 0.25 + 0.25 − 0.25 = 0.125.
        assert_eq!(value(&ledger, 4, REO_REGRET, None), 0.125);
        assert_eq!(value(&ledger, 4, POLICY_REGRET, None), 0.625);
        assert_eq!(value(&ledger, 4, CYCLE_REGRET, None), 1.125);
        // Arms in the past as played: 1.625 and 2.5; played 0.125 + 0.75 + 0.25 + 0.75 = 1.875.
        assert_eq!(value(&ledger, 4, BLIND_REGRET, None), 0.625);
        assert_eq!(value(&ledger, 4, WARM_UP, None), 2.0);
        assert_eq!(value(&ledger, 4, SWITCHES, None), 2.0);
        // Four more rounds of arm 1, at once: gaps 4 · 0.25.
        ledger.settled_run(1, 4.0);
        assert_eq!(value(&ledger, 8, REO_REGRET, None), 1.125);
        assert_eq!(value(&ledger, 8, PULLS, Some(1)), 6.0);
        // It is a switch, and four more are none.
        ledger.settled_run(1, 4.0);
        assert_eq!(value(&ledger, 12, SWITCHES, None), 3.0);
    }
}
