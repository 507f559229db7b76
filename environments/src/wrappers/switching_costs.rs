//! A price on every change of the action, around any bandit or experts environment.

use std::ops::RangeInclusive;
use std::sync::Arc;

use regret_engine::bound::Bound;
use regret_engine::environment::{Block, Environment, Problem, Quantity};
use regret_engine::notion::{Notion, SWITCHES, SWITCHING_REGRET};
use regret_engine::protocol::{Boundary, Buffers, Protocol};
use regret_engine::protocols::{Bandit, Experts};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError, PreparedEnvironment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Inner, inner, within};

/// Another environment, in which every switch has a price. The learner does not see it: the regret
/// with switching costs is the inner environment's first regret plus the price of the switches.
/// Experts pay for the probability that they move, half the L1 distance of two distributions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchingCosts {
    /// The environment: its name with its parameters.
    pub of: Inner,
    /// The price λ ≥ 0 of a switch, in units of reward.
    #[serde(default = "one")]
    pub cost: f64,
}

const fn one() -> f64 {
    1.0
}

/// A price must be a number that is not negative.
pub(super) fn check_cost(cost: f64, path: &str) -> Result<(), ParameterError> {
    let valid = cost >= 0.0 && cost.is_finite();
    ParameterError::unless(valid, path, cost, "must be a number that is not negative")
}

impl EnvironmentModel for SwitchingCosts {
    const NAME: &'static str = "switching_costs";
    const SUMMARY: &'static str = "another environment, with a price on every switch";
    const SOURCE: &'static str = "Cesa-Bianchi, Dekel, Shamir, Online learning with switching costs \
                                  and other adaptive adversaries, 2013 (setting)";
    const EXAMPLE: &'static str =
        r#"{"cost": 2.5, "of": {"bernoulli": {"means": [0.5, 0.25, 0.6]}}}"#;
    const PROTOCOLS: &'static [&'static str] = &["bandit", "experts"];

    fn check(&self) -> Result<(), ParameterError> {
        check_cost(self.cost, "cost")?;
        inner(&self.of).map(|_| ())
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        let model = inner(&self.of)?;
        let prepared = model.prepare().map_err(|error| within(model.name(), error))?;
        let mut faces = Faces::new();
        if let Some(problem) = priced::<Bandit>(&prepared, self.cost) {
            faces = faces.with::<Bandit>(problem);
        }
        if let Some(problem) = priced::<Experts>(&prepared, self.cost) {
            faces = faces.with::<Experts>(problem);
        }
        Ok(match prepared.fingerprint() {
            Some(fingerprint) => faces.fingerprint(fingerprint),
            None => faces,
        })
    }
}

/// An environment's problem in a protocol, with a price, if it keeps switches.
fn priced<P: Protocol>(environment: &PreparedEnvironment, cost: f64) -> Option<Priced<P>> {
    let inner = environment.face::<P>()?;
    let notions = inner.notions();
    let first = *notions.first().filter(|_| notions.contains(&SWITCHES))?;
    Some(Priced { inner, first, cost })
}

/// A problem with a price on switches.
struct Priced<P: Protocol> {
    inner: Arc<dyn Problem<P>>,
    /// The regret that the price is added to.
    first: Notion,
    cost: f64,
}

impl<P: Protocol> Problem<P> for Priced<P> {
    fn shape(&self) -> P::Shape {
        self.inner.shape()
    }

    fn instance(&self, horizon: u64) -> P::Instance {
        self.inner.instance(horizon)
    }

    fn notions(&self) -> Vec<Notion> {
        let mut notions = self.inner.notions();
        notions.retain(|&notion| notion != SWITCHING_REGRET);
        notions.insert(0, SWITCHING_REGRET);
        notions
    }

    fn components(&self, notion: Notion) -> u32 {
        self.inner.components(notion)
    }

    fn longest_horizon(&self) -> Option<u64> {
        self.inner.longest_horizon()
    }

    fn lower_bounds(&self, horizon: u64) -> Vec<Bound> {
        self.inner.lower_bounds(horizon)
    }

    fn build(&self, block: &Block) -> Box<dyn Environment<P>> {
        let mut notions = block.notions.clone();
        if block.records(SWITCHING_REGRET) {
            notions.retain(|&notion| notion != SWITCHING_REGRET);
            for needed in [self.first, SWITCHES] {
                if !notions.contains(&needed) {
                    notions.push(needed);
                }
            }
        }
        Box::new(PricedGame {
            inner: self.inner.build(&Block { notions, ..block.clone() }),
            first: self.first,
            cost: self.cost,
            switches: vec![0.0; block.lanes()],
        })
    }
}

struct PricedGame<P: Protocol> {
    inner: Box<dyn Environment<P>>,
    first: Notion,
    cost: f64,
    switches: Vec<f64>,
}

impl<P: Protocol> Environment<P> for PricedGame<P> {
    fn observe(&mut self, t: u64, contexts: &mut P::Contexts) {
        self.inner.observe(t, contexts);
    }

    fn respond(&mut self, t: u64, actions: &P::Actions, feedbacks: &mut P::Feedbacks) {
        self.inner.respond(t, actions, feedbacks);
    }

    fn run(
        &mut self,
        rounds: RangeInclusive<u64>,
        buffers: &mut Buffers<P>,
        boundary: &Boundary<P>,
        sums: &mut P::Sums,
    ) -> u64 {
        self.inner.run(rounds, buffers, boundary, sums)
    }

    fn record(&mut self, t: u64, quantity: Quantity, values: &mut [f64]) {
        if quantity.notion != SWITCHING_REGRET {
            self.inner.record(t, quantity, values);
            return;
        }
        let plain = |notion| Quantity { notion, component: None };
        self.inner.record(t, plain(self.first), values);
        self.inner.record(t, plain(SWITCHES), &mut self.switches);
        for (value, switches) in values.iter_mut().zip(&self.switches) {
            *value += self.cost * switches;
        }
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::notion::PSEUDO_REGRET;
    use regret_engine::protocol::Scalars;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_price_is_added_to_the_first_regret() {
        let model: SwitchingCosts = serde_json::from_value(
            json!({"cost": 3.0, "of": {"bernoulli": {"means": [0.5, 0.25]}}}),
        )
        .expect("valid");
        let problem = model.problem::<Bandit>().expect("a bandit");
        assert_eq!(problem.notions()[0], SWITCHING_REGRET);
        let notions = vec![SWITCHING_REGRET, PSEUDO_REGRET];
        let block = Block { seed: 1, replications: 0..2, horizon: 4, notions };
        let mut environment = problem.build(&block);
        for (t, arms) in [(1, [0, 1]), (2, [1, 1]), (3, [1, 1]), (4, [0, 1])] {
            let mut rewards = Scalars(vec![0.0; 2]);
            environment.respond(t, &Scalars(arms.to_vec()), &mut rewards);
        }
        let mut value = |notion| {
            let mut values = [f64::NAN; 2];
            environment.record(4, Quantity { notion, component: None }, &mut values);
            values
        };
        // Two pulls of the worse arm and two switches; four pulls and none.
        assert_eq!(value(PSEUDO_REGRET), [0.5, 1.0]);
        assert_eq!(value(SWITCHING_REGRET), [6.5, 1.0]);
    }

    #[test]
    fn impossible_prices_are_refused() {
        let of = Inner::from([("fair_coin".to_owned(), json!({}))]);
        let model = SwitchingCosts { of, cost: -1.0 };
        assert_eq!(model.check().unwrap_err().path, "cost");
        assert!(SwitchingCosts { cost: 0.0, ..model }.check().is_ok());
    }
}
