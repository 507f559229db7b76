//! Ensemble: a strategy that divides wealth among strategies.
//!
//! Source: Lam, "Ensembling portfolio strategies for long-term investments", 2024, as far as it is
//! known (an ensemble is a portfolio over the components' wealths); Das, Banerjee, "Meta optimization
//! and its application to portfolio selection", 2011, for EG and ONS as combiners.
//! Guarantee: what the combiner guarantees on any market, over the components as assets: `universal`
//! is within (k − 1) ln (t + 1) of the best constant combination, `buy_and_hold` within ln k of the
//! best component, both before costs.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Portfolio;
use regret_engine::protocols::portfolio::MarketShape;
use regret_engine::random::{GAMMA, Stream, mix};
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::simplex::dot;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::strategy::within;
use super::{ConstantRebalanced, ExponentiatedGradient, OnlineNewtonStep, Strategy, Universal};

/// The components choose portfolios of the assets; the combiner, which sees by what each component's
/// wealth was multiplied as if that were an asset, divides the wealth among them. What is played is the
/// sum: components that trade with each other cost nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ensemble {
    /// The components, each a name or `{name: {parameters}}`, from 1 to 4096; by default
    /// `constant_rebalanced`, `exponentiated_gradient` and `online_newton_step`.
    pub components: Vec<Strategy>,
    /// What divides wealth among them: `buy_and_hold` is the mean of their wealths, `universal` the
    /// combinatorial strategy, `follow_best_asset` follows the leader, `ensemble` groups. By default
    /// `universal`.
    pub combiner: Box<Strategy>,
}

impl Default for Ensemble {
    fn default() -> Self {
        Self {
            components: vec![
                ConstantRebalanced::default().into(),
                ExponentiatedGradient::default().into(),
                OnlineNewtonStep::default().into(),
            ],
            combiner: Box::new(Universal::default().into()),
        }
    }
}

impl Algorithm for Ensemble {
    type Protocol = Portfolio;
    type Learner = EnsembleLearner;

    const NAME: &'static str = "ensemble";
    const SUMMARY: &'static str = "divides wealth among strategies";
    const SOURCE: &'static str = "Lam, Ensembling portfolio strategies for long-term investments, \
                                  2024 (reconstructed); Das, Banerjee 2011";

    fn check(&self) -> Result<(), ParameterError> {
        let count = self.components.len();
        let valid = (1..=4096).contains(&count);
        ParameterError::unless(valid, "components", count, "must be from 1 to 4096 strategies")?;
        for (index, component) in self.components.iter().enumerate() {
            component.check().map_err(|error| within(&format!("components[{index}]"), error))?;
        }
        self.combiner.check().map_err(|error| within("combiner", error))
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let (count, assets) = (self.components.len(), setting.assets());
        let mut components = Vec::with_capacity(count);
        for (index, component) in self.components.iter().enumerate() {
            let place = || format!("components[{index}]");
            components.push(component.learner(setting).map_err(|error| within(&place(), error))?);
        }
        let over = MarketShape { assets: count, ..setting.shape };
        let over = Setting { shape: over, ..setting.clone() };
        let combiner = self.combiner.learner(&over).map_err(|error| within("combiner", error))?;
        Ok(EnsembleLearner {
            streams: vec![Stream::from_state(0); count],
            is_seeded: false,
            components,
            combiner,
            assets,
            portfolios: vec![0.0; setting.pending * count * assets],
            shares: vec![0.0; setting.pending * count],
            factors: vec![0.0; count],
            weights: vec![0.0; assets],
        })
    }
}

/// An ensemble of one replication.
pub struct EnsembleLearner {
    components: Vec<Box<dyn Learner<Portfolio>>>,
    combiner: Box<dyn Learner<Portfolio>>,
    /// A stream for each component, made from the first number drawn, so that one more component
    /// changes none of the others.
    streams: Vec<Stream>,
    is_seeded: bool,
    assets: usize,
    /// What the components played, `[slot][component][asset]`, and their shares, `[slot][component]`.
    portfolios: Vec<f64>,
    shares: Vec<f64>,
    /// By what each component's wealth was multiplied.
    factors: Vec<f64>,
    weights: Vec<f64>,
}

impl Learner<Portfolio> for EnsembleLearner {
    fn act(&mut self, round: Round<'_, Portfolio>) -> &[f64] {
        let Round { t, slot, context, rng } = round;
        if !self.is_seeded {
            self.is_seeded = true;
            let base = rng.word();
            for (index, stream) in (1..).zip(&mut self.streams) {
                *stream = Stream::from_state(mix(base.wrapping_add(GAMMA.wrapping_mul(index))));
            }
        }
        let count = self.components.len();
        let shares = &mut self.shares[slot * count..][..count];
        shares.copy_from_slice(self.combiner.act(Round { t, slot, context, rng }));
        self.weights.fill(0.0);
        let kept = &mut self.portfolios[slot * count * self.assets..][..count * self.assets];
        let components = self.components.iter_mut().zip(&mut self.streams);
        for (((component, rng), kept), share) in
            components.zip(kept.chunks_exact_mut(self.assets)).zip(shares)
        {
            kept.copy_from_slice(component.act(Round { t, slot, context, rng }));
            self.weights.iter_mut().zip(&*kept).for_each(|(weight, part)| *weight += *share * part);
        }
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Portfolio>) {
        let Outcome { t, slot, context, feedback, rng, .. } = outcome;
        let count = self.components.len();
        let kept = &self.portfolios[slot * count * self.assets..][..count * self.assets];
        let components = self.components.iter_mut().zip(&mut self.streams);
        for (((component, rng), action), factor) in
            components.zip(kept.chunks_exact(self.assets)).zip(&mut self.factors)
        {
            *factor = dot(action, feedback);
            component.update(Outcome { t, slot, context, action, feedback, rng });
        }
        let action = &self.shares[slot * count..][..count];
        self.combiner.update(Outcome { t, slot, context, action, feedback: &self.factors, rng });
    }

    fn reset(&mut self) {
        self.components.iter_mut().for_each(|component| component.reset());
        self.combiner.reset();
        self.is_seeded = false;
    }
}

#[cfg(test)]
mod tests;
