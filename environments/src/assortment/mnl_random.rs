//! Multinomial logit markets drawn anew for every replication.

use regret_engine::protocols::assortment::{Customers, Market};
use regret_engine::random::{Noise, Role, Stream};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::mnl::{MnlShop, Shelf};
use crate::support::checks;
use crate::support::market::{self, ShopProblem, Shopping};

/// Multinomial logit customers whose attractions and revenues are uniform, drawn for every
/// replication and then constant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MnlRandom {
    /// The number of items, N, up to 1048576.
    pub items: usize,
    /// The greatest number of items in a set, K.
    pub capacity: usize,
    /// Attractions are uniform between these two, from 0 to 1e12; a draw below 1e-12 becomes that.
    #[serde(default = "unit_interval")]
    pub attractions: [f64; 2],
    /// Revenues are uniform between these two, from 0 to 1e9.
    #[serde(default = "unit_interval")]
    pub revenues: [f64; 2],
}

const fn unit_interval() -> [f64; 2] {
    [0.0, 1.0]
}

impl EnvironmentModel for MnlRandom {
    const NAME: &'static str = "mnl_random";
    const SUMMARY: &'static str =
        "multinomial logit customers, attractions and revenues drawn for every replication";
    const SOURCE: &'static str =
        "Agrawal, Avadhanula, Goyal, Zeevi, Thompson sampling for the MNL-bandit, 2017 (setting)";
    const EXAMPLE: &'static str = r#"{"items": 7, "capacity": 3}"#;
    const PROTOCOLS: &'static [&'static str] = &["assortment"];

    fn check(&self) -> Result<(), ParameterError> {
        checks::arm_count(self.items, "items")?;
        market::check_capacity(self.items, self.capacity)?;
        for (path, [low, high], greatest) in
            [("attractions", self.attractions, 1e12), ("revenues", self.revenues, 1e9)]
        {
            let valid = 0.0 <= low && low <= high && high <= greatest;
            let rule = format!("must be two numbers from 0 to {greatest:e}, the second not less");
            ParameterError::unless(valid, path, format!("[{low}, {high}]"), &rule)?;
        }
        Ok(())
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(Faces::new().with(ShopProblem(self.clone())))
    }
}

impl Shopping for MnlRandom {
    type Shop = MnlShop;

    fn market(&self) -> Market {
        let Self { items, capacity, .. } = *self;
        Market { items, capacity, features: 0, partition: None, fixed: true }
    }

    fn customers(&self) -> Customers {
        Customers { multinomial: true, market: None, greatest_revenue: self.revenues[1] }
    }

    fn shop(&self, seed: u64, replication: u64) -> MnlShop {
        let mut stream = Stream::new(seed, replication, Role::Environment);
        let mut draw = |[low, high]: [f64; 2]| -> Vec<f64> {
            (0..self.items).map(|_| low + (high - low) * stream.uniform()).collect()
        };
        let attractions = draw(self.attractions).into_iter().map(|v| v.max(1e-12)).collect();
        let revenues = draw(self.revenues);
        let shelf = Shelf { availability: 1.0, noise: Noise::new(seed, replication) };
        MnlShop::new(&self.market(), revenues, attractions, shelf)
    }
}
