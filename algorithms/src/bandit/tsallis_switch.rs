//! Tsallis-INF in blocks that grow, for bandits with switching costs.
//!
//! Source: Rouyer, Seldin, Cesa-Bianchi, "An algorithm for stochastic and adversarial bandits with
//! switching costs", ICML 2021, Algorithm 1 (Tsallis-Switch); block lengths and rates as recalled of
//! Theorem 1: a_n = (3λ/2) √(n/K), B_n = max {⌈a_n⌉, 1}, η_n = (2/(a_n + 1)) √(2/n).
//! Setting: K arms, rewards in [0, 1], a price λ on switches; no horizon.
//! Guarantee: regret with switching costs O((λ K)^{1/3} T^{2/3} + √(K T)) against an oblivious
//! adversary (Theorem 1, whose constants are not stated here).

use regret_engine::learner::{Learner, Outcome, Round, Run, RunLearner, Setting};
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::ArmSums;
use regret_engine::random::sample_index;
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tsallis_inf::{FIRST_NORMALISER, distribution};

/// Parameters of Tsallis-INF with switching costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TsallisSwitch {
    /// The price λ ≥ 0 of a switch, in units of loss.
    pub switch_cost: f64,
}

impl Default for TsallisSwitch {
    fn default() -> Self {
        Self { switch_cost: 1.0 }
    }
}

impl Algorithm for TsallisSwitch {
    type Protocol = Bandit;
    type Learner = TsallisSwitchLearner;

    const NAME: &'static str = "tsallis_switch";
    const SUMMARY: &'static str = "Tsallis-INF in blocks that grow, for priced switches";
    const SOURCE: &'static str = "Rouyer, Seldin, Cesa-Bianchi, An algorithm for stochastic and \
                                  adversarial bandits with switching costs, 2021, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = self.switch_cost >= 0.0 && self.switch_cost.is_finite();
        let rule = "must be a number that is not negative";
        ParameterError::unless(valid, "switch_cost", self.switch_cost, rule)
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let arms = setting.arms();
        Ok(TsallisSwitchLearner {
            switch_cost: self.switch_cost,
            losses: vec![0.0; arms],
            probabilities: vec![0.0; arms],
            normaliser: FIRST_NORMALISER,
            block: 0,
            start: 1,
            end: 0,
            arm: 0,
            sums: ArmSums::default(),
            hold: 1,
        })
    }

    fn runs(&self, setting: &Setting<Bandit>) -> Option<Box<dyn RunLearner<Bandit>>> {
        boxed_runs(self, setting)
    }
}

/// Tsallis-INF with switching costs, of one replication. Feedback that comes after its block has
/// ended is not used.
pub struct TsallisSwitchLearner {
    switch_cost: f64,
    /// Cumulative loss estimates.
    losses: Vec<f64>,
    probabilities: Vec<f64>,
    normaliser: f64,
    /// The present block n, from 1, its rounds and its arm.
    block: u64,
    start: u64,
    end: u64,
    arm: usize,
    /// What it has paid.
    sums: ArmSums,
    hold: u64,
}

/// The length B and the rate η of block n.
fn block(n: u64, arms: usize, switch_cost: f64) -> (u64, f64) {
    let n = n as f64;
    let a = 1.5 * switch_cost * (n / arms as f64).sqrt();
    (a.ceil().max(1.0) as u64, 2.0 / (a + 1.0) * (2.0 / n).sqrt())
}

impl Learner<Bandit> for TsallisSwitchLearner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        if round.t > self.end {
            if self.sums.pulls > 0.0 {
                let loss = self.sums.pulls - self.sums.sum;
                self.losses[self.arm] += loss / self.probabilities[self.arm];
            }
            self.block += 1;
            let (length, eta) = block(self.block, self.losses.len(), self.switch_cost);
            let out = &mut self.probabilities;
            self.normaliser = distribution(&self.losses, eta, self.normaliser, out);
            self.arm = sample_index(out, round.rng.uniform());
            (self.start, self.end) = (round.t, (round.t - 1).saturating_add(length));
            self.sums = ArmSums::default();
        }
        self.hold = self.end + 1 - round.t;
        self.arm
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        if outcome.t >= self.start {
            self.sums.enter(outcome.feedback);
        }
    }

    fn reset(&mut self) {
        self.losses.fill(0.0);
        self.normaliser = FIRST_NORMALISER;
        (self.block, self.start, self.end, self.arm) = (0, 1, 0, 0);
        self.sums = ArmSums::default();
    }

    fn hold(&self) -> u64 {
        self.hold
    }
}

impl RunLearner<Bandit> for TsallisSwitchLearner {
    fn run(&mut self, _: u64) -> Run<Bandit> {
        Run::held(self.hold, self.sums)
    }

    fn absorb(&mut self, _: u64, sums: &ArmSums) {
        self.sums = *sums;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandit::tests::play;

    #[test]
    fn blocks_by_hand() {
        // λ = 2, K = 4: a_n = 1.5 √n: 1.5, 2.12, 2.60, 3, 3.35.
        let lengths: Vec<u64> = (1..=5).map(|n| block(n, 4, 2.0).0).collect();
        assert_eq!(lengths, [2, 3, 3, 3, 4]);
        // η_4 = (2/4) √(1/2).
        assert!((block(4, 4, 2.0).1 - 0.5 * 0.5f64.sqrt()).abs() < 1e-15);
        // Without a price every round is a block, at the rate 2 √(2/n).
        assert_eq!(block(8, 3, 0.0), (1, 1.0));
    }

    #[test]
    fn a_block_is_played_whole_and_its_loss_estimated() {
        // The first block has two rounds and the second three; rewards 0.75 and 0.5 cost 0.75,
        // over the probability 1/4.
        let spec = TsallisSwitch { switch_cost: 2.0 };
        let (learner, played) = play(&spec, 4, 50, 5, |t, _| if t == 1 { 0.75 } else { 0.5 });
        assert_eq!(played[0], played[1]);
        assert!(played[2] == played[3] && played[3] == played[4]);
        assert!((learner.losses[played[0]] - 3.0).abs() < 1e-9);
    }
}
