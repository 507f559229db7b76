//! TS-MNL: the best set for utilities with a Gaussian parameter.
//!
//! Source: Oh, Iyengar, "Thompson sampling for multinomial logit contextual bandits", NeurIPS 2019,
//! Algorithms 1 and 2.
//! Setting: N items with features, |x| ≤ 1.
//! Guarantee: Bayesian regret Õ(d √T/κ), and with optimistic sampling worst-case regret
//! Õ(d^{3/2} √T/κ); constants are not published in a usable form.
//! Deviation: as in UCB-MNL, a ridge penalty in place of a stage of exploration.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::mnl::attraction;
use regret_engine::protocols::Assortment;
use regret_engine::random::normal;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ucb_mnl::{Model, UcbMnl, width};
use crate::support::spd::dot;

/// Parameters of TS-MNL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TsMnl {
    /// Whether an item's utility is the greatest of M = ⌈1 − ln K/ln(1 − 1/(4√(eπ)))⌉ draws.
    pub optimistic: bool,
    /// κ > 0 of the scale α = (1/2κ) √(2d ln(1 + t/d) + 2 ln t).
    pub kappa: f64,
    /// The penalty λ > 0.
    pub lambda: f64,
    /// Rounds that offer a random set first.
    pub random_rounds: u64,
}

impl Default for TsMnl {
    fn default() -> Self {
        Self { optimistic: false, kappa: 0.5, lambda: 1.0, random_rounds: 1 }
    }
}

/// The number of draws of optimistic sampling.
fn draws(capacity: usize) -> usize {
    let miss = 1.0 - 1.0 / (4.0 * (std::f64::consts::E * std::f64::consts::PI).sqrt());
    (1.0 - math::ln(capacity as f64) / math::ln(miss)).ceil() as usize
}

impl Algorithm for TsMnl {
    type Protocol = Assortment;
    type Learner = TsMnlLearner;

    const NAME: &'static str = "ts_mnl";
    const SUMMARY: &'static str = "offers the best set for a parameter drawn around the estimate";
    const SOURCE: &'static str =
        "Oh, Iyengar, Thompson sampling for multinomial logit contextual bandits, 2019";

    fn check(&self) -> Result<(), ParameterError> {
        UcbMnl::check_positive(self.kappa, self.lambda)
    }

    fn learner(&self, setting: &Setting<Assortment>) -> Result<TsMnlLearner, ParameterError> {
        let model = Model::new(setting, self.lambda)?;
        let samples = if self.optimistic { draws(setting.shape.capacity) } else { 1 };
        let deviations = vec![0.0; samples * model.features.dimension];
        Ok(TsMnlLearner { spec: self.clone(), model, deviations })
    }
}

/// TS-MNL of one replication.
pub struct TsMnlLearner {
    spec: TsMnl,
    model: Model,
    /// Draws of `V^{-1/2} z`, one row each.
    deviations: Vec<f64>,
}

impl Learner<Assortment> for TsMnlLearner {
    fn act(&mut self, mut round: Round<'_, Assortment>) -> &[usize] {
        let Self { spec, model, deviations } = self;
        if round.t <= spec.random_rounds {
            model.choose_at_random(&mut round);
            return &self.model.chooser.set;
        }
        model.refresh();
        let d = model.features.dimension;
        for sample in deviations.chunks_exact_mut(d) {
            sample.iter_mut().for_each(|z| *z = normal(round.rng));
            model.factor.backward(sample);
        }
        let alpha = width(spec.kappa, d, round.t);
        let rows = model.features.of(round.context).chunks_exact(d);
        for (value, row) in model.values.iter_mut().zip(rows) {
            let raised = deviations.chunks_exact(d).map(|sample| dot(row, sample));
            let raised = raised.fold(f64::NEG_INFINITY, f64::max);
            *value = attraction(dot(row, model.history.theta()) + alpha * raised);
        }
        model.choose(&round);
        &self.model.chooser.set
    }

    fn update(&mut self, outcome: Outcome<'_, Assortment>) {
        self.model.learn(&outcome);
    }

    fn reset(&mut self) {
        self.model.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assortment::tests::{market, play};

    #[test]
    fn draws_by_hand() {
        // 1/(4 √(eπ)) = 0.085551; ln of what is left −0.089434: 1 + ln 5/0.089434 = 18.996.
        assert_eq!(draws(1), 1);
        assert_eq!(draws(5), 19);
    }

    #[test]
    fn optimistic_draws_are_wider() {
        // Nothing is ever bought. With unit vectors the first of equal widths is offered by the
        // greatest draw: all items are tried.
        for optimistic in [false, true] {
            let spec = TsMnl { optimistic, ..TsMnl::default() };
            let sets = play(&spec, &market(4, 1), 200, |_, _| None);
            for item in 0..4 {
                assert!(sets.iter().any(|set| *set == [item]), "{item}");
            }
        }
    }
}
