//! Multinomial logit customers whose attractions follow from features that are shown.

use regret_engine::mnl::{self, Solver, attraction};
use regret_engine::protocols::assortment::{Customers, Market};
use regret_engine::random::{Noise, Role, Stream, normal, unit};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::checks;
use crate::support::market::{self, Display, Shop, ShopProblem, Shopping};

/// Customers who choose by a multinomial logit model with attractions exp(<x, θ*>) of the items'
/// features x; θ* is drawn for every replication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MnlContextual {
    /// The number of items, N, up to 1048576.
    pub items: usize,
    /// The greatest number of items in a set, K.
    pub capacity: usize,
    /// The number of features, d, from 1 to 4096.
    pub dimension: usize,
    /// The law of the components of features and of θ* before scaling: `normal` (standard) or
    /// `uniform` (on [−1, 1]).
    #[serde(default)]
    pub law: Components,
    /// The norm of θ*, from 0 to 30.
    #[serde(default = "one")]
    pub theta_norm: f64,
    /// The norm to which every feature vector is scaled, from 0 to 1000; utilities beyond ±30 act as
    /// ±30.
    #[serde(default = "one")]
    pub feature_norm: f64,
    /// Whether features are drawn anew in every round, and not once for a replication.
    #[serde(default = "yes")]
    pub fresh: bool,
    /// Revenues, drawn once for a replication, are uniform between these two, from 0 to 1e9.
    #[serde(default = "ones")]
    pub revenues: [f64; 2],
    /// The probability, in (0, 1], that an item is available in a round, independently. The first
    /// item always is.
    #[serde(default = "one")]
    pub availability: f64,
}

/// The law of the components of a vector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Components {
    /// Standard normal: scaled to a norm, uniform on the sphere.
    #[default]
    Normal,
    /// Uniform on [−1, 1].
    Uniform,
}

impl Components {
    /// Fills a vector and scales it to a norm.
    pub fn draw(self, vector: &mut [f64], norm: f64, stream: &mut Stream) {
        for x in vector.iter_mut() {
            *x = match self {
                Self::Normal => normal(stream),
                Self::Uniform => 2.0 * stream.uniform() - 1.0,
            };
        }
        let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
        let scale = norm / length.max(f64::MIN_POSITIVE);
        vector.iter_mut().for_each(|x| *x *= scale);
    }
}

const fn one() -> f64 {
    1.0
}

const fn yes() -> bool {
    true
}

const fn ones() -> [f64; 2] {
    [1.0, 1.0]
}

impl EnvironmentModel for MnlContextual {
    const NAME: &'static str = "mnl_contextual";
    const SUMMARY: &'static str = "multinomial logit customers, attractions from features shown";
    const SOURCE: &'static str =
        "Oh, Iyengar, Thompson sampling for multinomial logit contextual bandits, 2019 (setting)";
    const EXAMPLE: &'static str = r#"{"items": 6, "capacity": 3, "dimension": 2,
        "revenues": [0.5, 1.0], "availability": 0.8}"#;
    const PROTOCOLS: &'static [&'static str] = &["assortment"];

    fn check(&self) -> Result<(), ParameterError> {
        checks::arm_count(self.items, "items")?;
        market::check_capacity(self.items, self.capacity)?;
        market::check_availability(self.availability)?;
        let rule = "must be from 1 to 4096";
        ParameterError::unless(
            (1..=4096).contains(&self.dimension),
            "dimension",
            self.dimension,
            rule,
        )?;
        let norms =
            [("theta_norm", self.theta_norm, 30.0), ("feature_norm", self.feature_norm, 1e3)];
        for (path, norm, greatest) in norms {
            let rule = format!("must be from 0 to {greatest}");
            ParameterError::unless((0.0..=greatest).contains(&norm), path, norm, &rule)?;
        }
        let [low, high] = self.revenues;
        let valid = 0.0 <= low && low <= high && high <= 1e9;
        let rule = "must be two numbers from 0 to 1e9, the second not less";
        ParameterError::unless(valid, "revenues", format!("[{low}, {high}]"), rule)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(Faces::new().with(ShopProblem(self.clone())))
    }
}

impl Shopping for MnlContextual {
    type Shop = ContextualShop;

    fn market(&self) -> Market {
        Market {
            items: self.items,
            capacity: self.capacity,
            features: self.dimension,
            partition: None,
            fixed: !self.fresh && self.availability == 1.0,
        }
    }

    fn customers(&self) -> Customers {
        Customers { multinomial: true, market: None, greatest_revenue: self.revenues[1] }
    }

    fn shop(&self, seed: u64, replication: u64) -> ContextualShop {
        let mut stream = Stream::new(seed, replication, Role::Environment);
        let mut theta = vec![0.0; self.dimension];
        self.law.draw(&mut theta, self.theta_norm, &mut stream);
        let [low, high] = self.revenues;
        ContextualShop {
            revenues: (0..self.items).map(|_| low + (high - low) * stream.uniform()).collect(),
            attractions: vec![0.0; self.items],
            present: vec![0.0; self.items],
            solver: Solver::new(self.items, self.capacity),
            noise: Noise::new(seed, replication),
            model: self.clone(),
            theta,
        }
    }
}

/// The market of one replication.
pub struct ContextualShop {
    model: MnlContextual,
    theta: Vec<f64>,
    revenues: Vec<f64>,
    attractions: Vec<f64>,
    /// The attractions of the items available, 0 of the others.
    present: Vec<f64>,
    solver: Solver,
    noise: Noise,
}

impl Shop for ContextualShop {
    /// Item i uses the noise of "arm" i + 1: one word for its availability, which also seeds the
    /// generator of its features.
    fn open(&mut self, t: u64, display: Display<'_>) {
        let MnlContextual { dimension, law, feature_norm, availability, fresh, .. } = self.model;
        display.revenues.copy_from_slice(&self.revenues);
        let rows = display.features.chunks_exact_mut(dimension).zip(display.available);
        for (item, (row, available)) in rows.enumerate() {
            if fresh || t == 1 {
                law.draw(row, feature_norm, &mut self.noise.stream(t, item + 1));
                let utility = row.iter().zip(&self.theta).map(|(x, theta)| x * theta).sum();
                self.attractions[item] = attraction(utility);
            }
            *available = item == 0 || unit(self.noise.word(t, item + 1)) < availability;
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
