//! UCB-MNL: the best set for utilities raised by confidence widths.
//!
//! Source: Oh, Iyengar, "Multinomial logit contextual bandits: provable optimality and
//! practicality", AAAI 2021, Algorithm 1.
//! Setting: N items with features, |x| ≤ 1; choice probabilities of at least κ times their greatest
//! possible variance.
//! Guarantee: regret Õ(d √T/κ); its constants are not published in a usable form.
//! Deviation: the estimate has a ridge penalty λ|θ|²/2, so that it exists from the first round on.
//! Cost: a round costs a few passes over everything seen, so T rounds cost O(T² K d²).

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::mnl::attraction;
use regret_engine::protocols::Assortment;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::choices::{Features, History};
use crate::support::epochs::Chooser;
use crate::support::spd::{Spd, add_outer, dot};

/// Parameters of UCB-MNL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UcbMnl {
    /// κ > 0 of the width α = (1/2κ) √(2d ln(1 + t/d) + 2 ln t).
    pub kappa: f64,
    /// The penalty λ > 0.
    pub lambda: f64,
    /// Rounds that offer a random set first.
    pub random_rounds: u64,
}

impl Default for UcbMnl {
    fn default() -> Self {
        Self { kappa: 0.5, lambda: 1.0, random_rounds: 1 }
    }
}

/// The width α of round `t`, for d features.
pub(crate) fn width(kappa: f64, d: usize, t: u64) -> f64 {
    let (d, t) = (d as f64, t as f64);
    (2.0 * d * math::ln(1.0 + t / d) + 2.0 * math::ln(t)).sqrt() / (2.0 * kappa)
}

impl UcbMnl {
    /// Checks κ and λ, which TS-MNL has as well.
    pub(crate) fn check_positive(kappa: f64, lambda: f64) -> Result<(), ParameterError> {
        for (path, value) in [("kappa", kappa), ("lambda", lambda)] {
            let valid = (1e-9..=1e9).contains(&value);
            ParameterError::unless(valid, path, value, "must be from 1e-9 to 1e9")?;
        }
        Ok(())
    }
}

impl Algorithm for UcbMnl {
    type Protocol = Assortment;
    type Learner = UcbMnlLearner;

    const NAME: &'static str = "ucb_mnl";
    const SUMMARY: &'static str = "offers the best set for utilities raised by confidence widths";
    const SOURCE: &'static str =
        "Oh, Iyengar, Multinomial logit contextual bandits, 2021, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        Self::check_positive(self.kappa, self.lambda)
    }

    fn learner(&self, setting: &Setting<Assortment>) -> Result<UcbMnlLearner, ParameterError> {
        Ok(UcbMnlLearner { spec: self.clone(), model: Model::new(setting, self.lambda)? })
    }
}

/// What UCB-MNL and TS-MNL know: the estimate, and V = λI + Σ x xᵀ over all items offered.
pub(crate) struct Model {
    pub(crate) features: Features,
    pub(crate) history: History,
    lambda: f64,
    gram: Vec<f64>,
    pub(crate) factor: Spd,
    pub(crate) values: Vec<f64>,
    ones: Vec<f64>,
    pub(crate) scratch: Vec<f64>,
    pub(crate) chooser: Chooser,
    stale: bool,
}

impl Model {
    pub(crate) fn new(setting: &Setting<Assortment>, lambda: f64) -> Result<Self, ParameterError> {
        let features = Features::new(setting)?;
        let (d, items) = (features.dimension, setting.items());
        let mut model = Self {
            history: History::new(setting, d, lambda)?,
            lambda,
            gram: vec![0.0; d * d],
            factor: Spd::new(d),
            values: vec![0.0; items],
            ones: vec![1.0; items],
            scratch: vec![0.0; d],
            chooser: Chooser::new(&setting.shape),
            features,
            stale: true,
        };
        model.reset();
        Ok(model)
    }

    /// Brings the estimate and the factor up to date.
    pub(crate) fn refresh(&mut self) {
        if std::mem::take(&mut self.stale) {
            self.history.maximise();
            self.factor.factorise(&self.gram);
        }
    }

    /// Chooses the best set for the attractions in `values`.
    pub(crate) fn choose(&mut self, round: &Round<'_, Assortment>) {
        self.chooser.choose(round.context.revenues, round.context, &mut self.values);
    }

    /// Chooses a random set.
    pub(crate) fn choose_at_random(&mut self, round: &mut Round<'_, Assortment>) {
        self.values.iter_mut().for_each(|value| *value = round.rng.open_uniform());
        self.chooser.choose(&self.ones, round.context, &mut self.values);
    }

    pub(crate) fn learn(&mut self, outcome: &Outcome<'_, Assortment>) {
        let rows = self.features.of(outcome.context);
        let d = self.features.dimension;
        let bought = outcome.feedback.map(|purchase| purchase.position);
        self.history.add(rows, outcome.action, bought);
        for &item in outcome.action {
            add_outer(&mut self.gram, &rows[item * d..(item + 1) * d], 1.0);
        }
        self.stale = true;
    }

    pub(crate) fn reset(&mut self) {
        let d = self.features.dimension;
        self.history.reset();
        self.gram.fill(0.0);
        (0..d).for_each(|i| self.gram[i * d + i] = self.lambda);
        self.stale = true;
    }
}

/// UCB-MNL of one replication.
pub struct UcbMnlLearner {
    spec: UcbMnl,
    model: Model,
}

impl Learner<Assortment> for UcbMnlLearner {
    fn act(&mut self, mut round: Round<'_, Assortment>) -> &[usize] {
        let model = &mut self.model;
        if round.t <= self.spec.random_rounds {
            model.choose_at_random(&mut round);
            return &self.model.chooser.set;
        }
        model.refresh();
        let d = model.features.dimension;
        let alpha = width(self.spec.kappa, d, round.t);
        let rows = model.features.of(round.context).chunks_exact(d);
        for (value, row) in model.values.iter_mut().zip(rows) {
            let utility = dot(row, model.history.theta());
            *value = attraction(utility + alpha * model.factor.norm(row, &mut model.scratch));
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
    fn widths_by_hand() {
        // √(10 ln 3 + 2 ln 10) at t = 10, d = 5, κ = ½.
        assert!((width(0.5, 5, 10) - (10.986_123f64 + 4.605_170).sqrt()).abs() < 1e-6);
    }

    #[test]
    fn untried_items_are_wide() {
        // Revenues 1, ½, ⅓, ¼, one item at a time, item i never bought: with unit vectors
        // θ_i = −σ(θ_i), widths 1/√(1 + n): the first, tried once, gives way to nobody while its
        // revenue is so much greater, but not for ever.
        let spec = UcbMnl { random_rounds: 0, ..UcbMnl::default() };
        let sets = play(&spec, &market(4, 1), 400, |_, _| None);
        assert_eq!(sets[0], [0]);
        for item in 0..4 {
            assert!(sets.iter().any(|set| *set == [item]), "{item}");
        }
    }
}
