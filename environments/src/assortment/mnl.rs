//! Multinomial logit customers with constant attractions.

use regret_engine::mnl::{self, Solver};
use regret_engine::protocols::assortment::{Customers, Market, Partition};
use regret_engine::random::{Noise, unit};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::market::{self, Display, Shop, ShopProblem, Shopping};

/// Customers who choose by a multinomial logit model: of the set S they buy item i with probability
/// v_i/(1 + Σ_S v), else nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mnl {
    /// The attraction v of every item, from 1e-12 to 1e12; buying nothing has 1. Most theory assumes
    /// v ≤ 1.
    pub attractions: Vec<f64>,
    /// The revenue of every item, ≥ 0; 1 for all if not given. Most theory assumes at most 1.
    #[serde(default)]
    pub revenues: Option<Vec<f64>>,
    /// The greatest number of items in a set, K.
    pub capacity: usize,
    /// The probability, in (0, 1], that an item is available in a round, independently. The first
    /// item always is.
    #[serde(default = "one")]
    pub availability: f64,
    /// A partition of the items: the group of every item, from 0. Needs `limits`.
    #[serde(default)]
    pub groups: Option<Vec<usize>>,
    /// The greatest number of items of each group in a set, at least 1. Needs `groups`.
    #[serde(default)]
    pub limits: Option<Vec<usize>>,
}

const fn one() -> f64 {
    1.0
}

impl Mnl {
    /// A market without further limits, in which everything is available.
    pub fn new(attractions: Vec<f64>, revenues: Option<Vec<f64>>, capacity: usize) -> Self {
        Self { attractions, revenues, capacity, availability: 1.0, groups: None, limits: None }
    }

    fn revenues(&self) -> Vec<f64> {
        self.revenues.clone().unwrap_or_else(|| vec![1.0; self.attractions.len()])
    }

    fn partition(&self) -> Option<Partition> {
        let (groups, limits) = (self.groups.clone()?, self.limits.clone()?);
        Some(Partition { groups, limits })
    }
}

impl EnvironmentModel for Mnl {
    const NAME: &'static str = "mnl";
    const SUMMARY: &'static str = "multinomial logit customers with constant attractions";
    const SOURCE: &'static str = "Agrawal, Avadhanula, Goyal, Zeevi, MNL-bandit, 2019 (setting)";
    const EXAMPLE: &'static str = r#"{"attractions": [0.3, 1.0, 0.5, 0.5, 0.7],
        "revenues": [0.9, 0.4, 0.8, 0.7, 0.65], "capacity": 2}"#;
    const PROTOCOLS: &'static [&'static str] = &["assortment"];

    fn check(&self) -> Result<(), ParameterError> {
        let items = self.attractions.len();
        market::check_attractions(&self.attractions, "attractions")?;
        if let Some(revenues) = &self.revenues {
            market::check_revenues(revenues, items)?;
        }
        market::check_capacity(items, self.capacity)?;
        market::check_availability(self.availability)?;
        match (&self.groups, &self.limits) {
            (Some(groups), None) => {
                let rule = "needs `limits`, one for each group";
                Err(ParameterError::new("groups", format!("{groups:?}"), rule))
            }
            (None, Some(limits)) => {
                let rule = "needs `groups`, one for each item";
                Err(ParameterError::new("limits", format!("{limits:?}"), rule))
            }
            _ => self.partition().map_or(Ok(()), |parts| market::check_partition(&parts, items)),
        }
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(Faces::new().with(ShopProblem(self.clone())))
    }
}

impl Shopping for Mnl {
    type Shop = MnlShop;

    fn market(&self) -> Market {
        Market {
            items: self.attractions.len(),
            capacity: self.capacity,
            features: 0,
            partition: self.partition(),
            fixed: self.availability == 1.0,
        }
    }

    fn customers(&self) -> Customers {
        let revenues = self.revenues();
        let constant = self.availability == 1.0 && self.groups.is_none();
        Customers {
            multinomial: true,
            greatest_revenue: revenues.iter().copied().fold(0.0, f64::max),
            market: constant.then(|| (revenues, self.attractions.clone())),
        }
    }

    fn shop(&self, seed: u64, replication: u64) -> MnlShop {
        let noise = Noise::new(seed, replication);
        let shelf = Shelf { availability: self.availability, noise };
        MnlShop::new(&self.market(), self.revenues(), self.attractions.clone(), shelf)
    }
}

/// Which items are available.
#[derive(Clone, Copy, Debug)]
pub struct Shelf {
    /// The probability that an item is, in a round.
    pub availability: f64,
    /// The replication's noise, of which item i uses the words of "arm" i + 1.
    pub noise: Noise,
}

/// The market of one replication.
pub struct MnlShop {
    revenues: Vec<f64>,
    attractions: Vec<f64>,
    shelf: Shelf,
    /// The attractions of the items available, 0 of the others.
    present: Vec<f64>,
    solver: Solver,
}

impl MnlShop {
    /// A market with these numbers.
    pub fn new(market: &Market, revenues: Vec<f64>, attractions: Vec<f64>, shelf: Shelf) -> Self {
        let solver = Solver::new(market.items, market.capacity);
        let solver = match &market.partition {
            Some(parts) => solver.with_groups(&parts.groups, &parts.limits),
            None => solver,
        };
        Self { present: attractions.clone(), revenues, attractions, shelf, solver }
    }
}

impl Shop for MnlShop {
    fn open(&mut self, t: u64, display: Display<'_>) {
        display.revenues.copy_from_slice(&self.revenues);
        let Shelf { availability, noise } = self.shelf;
        if availability == 1.0 {
            return;
        }
        for (item, available) in display.available.iter_mut().enumerate() {
            *available = item == 0 || unit(noise.word(t, item + 1)) < availability;
            self.present[item] = if *available { self.attractions[item] } else { 0.0 };
        }
    }

    fn choices(&mut self, set: &[usize], probabilities: &mut [f64]) -> f64 {
        mnl::probabilities(&self.attractions, set, probabilities);
        mnl::revenue(&self.revenues, &self.attractions, set)
    }

    fn best(&mut self) -> f64 {
        self.solver.solve(&self.revenues, &self.present)
    }

    fn revenue(&self, item: usize) -> f64 {
        self.revenues[item]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::market::tests::offered;

    fn small() -> Mnl {
        Mnl::new(vec![0.1, 2.0, 0.5, 0.5], Some(vec![0.9, 0.4, 0.8, 0.7]), 2)
    }

    #[test]
    fn choices_by_hand() {
        let mut shop = small().shop(1, 0);
        let (probabilities, revenue) = offered(&mut shop, &[1, 2]);
        assert_eq!(probabilities, [2.0 / 3.5, 0.5 / 3.5]);
        assert!((revenue - (0.8 + 0.4) / 3.5).abs() < 1e-15);
        assert_eq!(shop.best(), 0.375);
    }

    #[test]
    fn impossible_markets_are_refused() {
        let place = |change: fn(&mut Mnl)| {
            let mut market = small();
            change(&mut market);
            market.check().expect_err("impossible").path
        };
        assert_eq!(place(|m| m.capacity = 0), "capacity");
        assert_eq!(place(|m| m.capacity = 5), "capacity");
        assert_eq!(place(|m| m.attractions[2] = 0.0), "attractions[2]");
        assert_eq!(place(|m| m.attractions[1] = f64::INFINITY), "attractions[1]");
        assert_eq!(place(|m| m.attractions.clear()), "attractions");
        assert_eq!(place(|m| m.revenues = Some(vec![0.5, -0.1, 1.0, 1.0])), "revenues[1]");
        assert_eq!(place(|m| m.revenues = Some(vec![0.5])), "revenues");
        assert_eq!(place(|m| m.availability = 0.0), "availability");
        assert_eq!(place(|m| m.groups = Some(vec![0; 4])), "groups");
        assert_eq!(place(|m| m.limits = Some(vec![1])), "limits");
        assert_eq!(
            place(|m| (m.groups, m.limits) = (Some(vec![0, 0, 1, 0]), Some(vec![2]))),
            "groups[2]"
        );
        assert_eq!(small().check(), Ok(()));
    }
}
