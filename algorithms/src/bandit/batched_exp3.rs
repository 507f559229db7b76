//! Mini-batched EXP3: one draw is played for a whole batch, and its mean loss is learned from.
//!
//! Source: Arora, Dekel, Tewari, "Online bandit learning against an adaptive adversary: from regret
//! to policy regret", ICML 2012, Section 3 (the reduction, here of EXP3 as in `exp3`).
//! Setting: K arms, rewards in [0, 1] that may depend on the last m actions; known horizon T.
//! Guarantee: policy regret O((K ln K)^{1/3} m T^{2/3}) (there, Theorem 2, for τ of the order
//! T^{1/3}); tested, against an oblivious adversary: expected regret ≤ τ (ln K/η + η K t/(2τ)) + τ
//! (derived: whole batches are rounds of EXP3 on losses in [0, 1], the last one loses at most τ).

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Run, RunLearner, Setting};
use regret_engine::math;
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{ArmSums, Arms};
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::exp3::{check_rate, tuned_rate};
use crate::support::batches::Batches;
use crate::support::bounds::adversarial;
use crate::support::exponential::ExponentialWeights;

/// Parameters of mini-batched EXP3.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BatchedExp3 {
    /// Rounds τ ≥ 1 of a batch, at most the horizon; by default T^{1/3}, rounded.
    pub batch: Option<u64>,
    /// Learning rate η > 0, for mean losses in [0, 1]; by default √(2 ln K / (K ⌈T/τ⌉)).
    pub eta: Option<f64>,
}

impl BatchedExp3 {
    fn batch(&self, setting: &Setting<Bandit>) -> Result<u64, ParameterError> {
        batch_length(self.batch, setting.horizon)
    }

    fn eta(&self, setting: &Setting<Bandit>, batch: u64) -> f64 {
        let batches = setting.horizon.div_ceil(batch) as f64;
        self.eta.unwrap_or_else(|| tuned_rate(setting.arms() as f64, batches))
    }
}

/// τ, by default T^{1/3}.
///
/// # Errors
/// A batch that is longer than the horizon.
pub(super) fn batch_length(batch: Option<u64>, horizon: u64) -> Result<u64, ParameterError> {
    let length = batch.unwrap_or_else(|| math::cbrt(horizon as f64).round().max(1.0) as u64);
    let rule = format!("must be at most the horizon, {horizon}");
    ParameterError::unless(length <= horizon, "batch", length, &rule)?;
    Ok(length)
}

/// A batch that is given must have a round.
pub(super) fn check_batch(batch: Option<u64>) -> Result<(), ParameterError> {
    batch.map_or(Ok(()), |batch| {
        ParameterError::unless(batch >= 1, "batch", batch, "must be at least 1")
    })
}

impl Algorithm for BatchedExp3 {
    type Protocol = Bandit;
    type Learner = BatchedExp3Learner;

    const NAME: &'static str = "batched_exp3";
    const SUMMARY: &'static str = "EXP3 that plays a draw for a batch and learns its mean loss";
    const SOURCE: &'static str = "Arora, Dekel, Tewari, Online bandit learning against an adaptive \
                                  adversary: from regret to policy regret, 2012, Section 3";

    fn check(&self) -> Result<(), ParameterError> {
        check_batch(self.batch)?;
        check_rate(self.eta)
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let batch = self.batch(setting)?;
        Ok(BatchedExp3Learner {
            weights: ExponentialWeights::new(self.eta(setting, batch), setting.arms()),
            batches: Batches::new(batch),
            probability: 0.0,
            hold: 1,
        })
    }

    fn runs(&self, setting: &Setting<Bandit>) -> Option<Box<dyn RunLearner<Bandit>>> {
        boxed_runs(self, setting)
    }

    fn bounds(&self, setting: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let Ok(batch) = self.batch(setting) else { return Vec::new() };
        let (eta, count, length) = (self.eta(setting, batch), setting.arms() as f64, batch as f64);
        let curve = move |t: f64| match eta {
            0.0 => 0.0,
            _ => length * math::ln(count) / eta + 0.5 * eta * count * t + length,
        };
        adversarial(
            arms,
            "τ (ln K/η + η K t/(2τ)) + τ",
            "derived from Bubeck, Cesa-Bianchi 2012, Theorem 3.1",
            "rewards in [0, 1], oblivious adversary",
            curve,
        )
    }
}

/// Mini-batched EXP3 of one replication.
pub struct BatchedExp3Learner {
    weights: ExponentialWeights,
    batches: Batches,
    /// That of the present batch's arm.
    probability: f64,
    hold: u64,
}

impl Learner<Bandit> for BatchedExp3Learner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        if self.batches.begins(round.t) {
            if let Some(mean) = self.batches.mean() {
                self.weights.add(self.batches.arm(), (1.0 - mean) / self.probability);
            }
            let (arm, probability) = self.weights.sample(round.rng.uniform());
            self.probability = probability;
            self.batches.open(round.t, arm);
        }
        self.hold = self.batches.left(round.t);
        self.batches.arm()
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        self.batches.enter(&outcome);
    }

    fn reset(&mut self) {
        self.weights.reset();
        self.batches.open(1, 0);
    }

    fn hold(&self) -> u64 {
        self.hold
    }
}

impl RunLearner<Bandit> for BatchedExp3Learner {
    fn run(&mut self, t: u64) -> Run<Bandit> {
        self.batches.run(t)
    }

    fn absorb(&mut self, _: u64, sums: &ArmSums) {
        self.batches.absorb(sums);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandit::tests::{assert_bounds, bounds, play};

    #[test]
    fn estimates_by_hand() {
        let spec = BatchedExp3 { batch: Some(2), eta: Some(0.5) };
        // Rewards 0.25 and 0.75 in the first batch: mean loss 0.5, over the probability 1/2.
        let (learner, played) = play(&spec, 2, 10, 3, |t, _| if t == 1 { 0.25 } else { 0.75 });
        assert_eq!(played[0], played[1]);
        let mut p = [0.0; 2];
        learner.weights.probabilities(&mut p);
        let weight = (-0.5f64).exp();
        assert!((p[played[0]] - weight / (1.0 + weight)).abs() < 1e-15);
    }

    #[test]
    fn batches_of_one_round_are_exp3() {
        use crate::bandit::Exp3;
        use crate::bandit::tests::uneven;
        let (_, batched) = play(&BatchedExp3 { batch: Some(1), eta: None }, 3, 500, 500, uneven);
        let (_, plain) = play(&Exp3::default(), 3, 500, 500, uneven);
        assert_eq!(batched, plain);
    }

    #[test]
    fn defaults_and_bounds_by_hand() {
        assert_eq!(batch_length(None, 20_000), Ok(27));
        assert_eq!(batch_length(Some(11), 10).unwrap_err().path, "batch");
        // τ = 10, 100 batches: η = √(2 ln 3/300) = 0.085581.
        let spec = BatchedExp3::default();
        // 10 ln 3/η + 1.5 η t + 10 with t = 100.
        assert_bounds(&bounds(&spec, &[0.5, 0.6, 0.25], 1000), 100, &[151.208_403; 2]);
    }
}
