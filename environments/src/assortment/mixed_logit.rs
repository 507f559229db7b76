//! Mixed logit customers: several classes, each with a multinomial logit model of its own.

use regret_engine::mnl::{self, routes};
use regret_engine::protocols::assortment::{Customers, Market};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::market::{self, Display, Shop, ShopProblem, Shopping};

/// Customers of several classes; one of class c, met with probability w_c, chooses by a multinomial
/// logit model with the attractions of her class.
///
/// The best set is exact, by enumeration: the problem is NP-hard from two classes on (Bront,
/// Méndez-Díaz, Vulcano 2009), so that there may be at most 2^20 feasible sets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MixedLogit {
    /// The attractions of every item in each class, `[class][item]`, from 1e-12 to 1e12; buying
    /// nothing has 1.
    pub classes: Vec<Vec<f64>>,
    /// The weight of each class, positive; equal if not given. They are divided by their sum.
    #[serde(default)]
    pub weights: Option<Vec<f64>>,
    /// The revenue of every item, ≥ 0; 1 for all if not given.
    #[serde(default)]
    pub revenues: Option<Vec<f64>>,
    /// The greatest number of items in a set, K.
    pub capacity: usize,
}

/// The most feasible sets that are looked at.
const MOST_SETS: u64 = 1 << 20;

impl EnvironmentModel for MixedLogit {
    const NAME: &'static str = "mixed_logit";
    const SUMMARY: &'static str = "several classes of multinomial logit customers";
    const SOURCE: &'static str = "Rusmevichientong, Shmoys, Tong, Topaloglu, Assortment optimization under the multinomial \
         logit model with random choice parameters, 2014";
    const EXAMPLE: &'static str = r#"{"classes": [[0.6, 1.0, 0.5, 0.8], [0.1, 0.2, 2.0, 0.3]],
        "weights": [0.7, 0.3], "revenues": [0.9, 0.4, 0.8, 0.7], "capacity": 2}"#;
    const PROTOCOLS: &'static [&'static str] = &["assortment"];

    fn check(&self) -> Result<(), ParameterError> {
        let none = self.classes.is_empty();
        ParameterError::unless(!none, "classes", "[]", "must have at least one class")?;
        let items = self.classes[0].len();
        for (class, attractions) in self.classes.iter().enumerate() {
            let path = format!("classes[{class}]");
            market::check_attractions(attractions, &path)?;
            let rule = format!("must have one entry for each of the {items} items");
            let entries = format!("{} entries", attractions.len());
            ParameterError::unless(attractions.len() == items, &path, entries, &rule)?;
        }
        if let Some(revenues) = &self.revenues {
            market::check_revenues(revenues, items)?;
        }
        if let Some(weights) = &self.weights {
            let count = self.classes.len();
            let rule = format!("must have one entry for each of the {count} classes");
            let entries = format!("{} entries", weights.len());
            ParameterError::unless(weights.len() == count, "weights", entries, &rule)?;
            for (class, &weight) in weights.iter().enumerate() {
                let (path, rule) = (format!("weights[{class}]"), "must be positive and finite");
                let valid = weight > 0.0 && weight.is_finite();
                ParameterError::unless(valid, &path, weight, rule)?;
            }
        }
        market::check_capacity(items, self.capacity)?;
        let sets = routes::sets(items, self.capacity);
        let rule = format!(
            "allows {} sets of {items} items; the best can be found among at most {MOST_SETS}",
            sets.map_or("over 2^64".to_owned(), |count| count.to_string())
        );
        let few = sets.is_some_and(|count| count <= MOST_SETS);
        ParameterError::unless(few, "capacity", self.capacity, &rule)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        let mut mixture = Mixture {
            revenues: self.revenues.clone().unwrap_or_else(|| vec![1.0; self.classes[0].len()]),
            weights: self.weights(),
            model: self.clone(),
            best: 0.0,
        };
        let mut shop = MixedShop(mixture.clone());
        let mut probabilities = vec![0.0; self.capacity];
        let value = |set: &[usize]| shop.choices(set, &mut probabilities[..set.len()]);
        mixture.best = routes::by_enumeration(self.classes[0].len(), self.capacity, value).0;
        Ok(Faces::new().with(ShopProblem(mixture)))
    }
}

impl MixedLogit {
    /// The classes' weights, which sum to one.
    fn weights(&self) -> Vec<f64> {
        let weights = self.weights.clone().unwrap_or_else(|| vec![1.0; self.classes.len()]);
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    }
}

/// The model with the revenue of its best set.
#[derive(Clone)]
struct Mixture {
    model: MixedLogit,
    revenues: Vec<f64>,
    weights: Vec<f64>,
    best: f64,
}

impl Shopping for Mixture {
    type Shop = MixedShop;

    fn market(&self) -> Market {
        let (items, capacity) = (self.revenues.len(), self.model.capacity);
        Market { items, capacity, features: 0, partition: None, fixed: true }
    }

    fn customers(&self) -> Customers {
        let greatest_revenue = self.revenues.iter().copied().fold(0.0, f64::max);
        Customers { multinomial: false, market: None, greatest_revenue }
    }

    fn shop(&self, _: u64, _: u64) -> MixedShop {
        MixedShop(self.clone())
    }
}

/// The market of one replication.
struct MixedShop(Mixture);

impl Shop for MixedShop {
    fn open(&mut self, _: u64, display: Display<'_>) {
        display.revenues.copy_from_slice(&self.0.revenues);
    }

    fn choices(&mut self, set: &[usize], probabilities: &mut [f64]) -> f64 {
        let Mixture { model, revenues, weights, .. } = &self.0;
        probabilities.fill(0.0);
        let mut revenue = 0.0;
        for (attractions, weight) in model.classes.iter().zip(weights) {
            revenue += weight * mnl::revenue(revenues, attractions, set);
            let total = set.iter().fold(1.0, |sum, &item| sum + attractions[item]);
            for (probability, &item) in probabilities.iter_mut().zip(set) {
                *probability += weight * (attractions[item] / total);
            }
        }
        revenue
    }

    fn best(&mut self) -> f64 {
        self.0.best
    }

    fn revenue(&self, item: usize) -> f64 {
        self.0.revenues[item]
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::protocols::Assortment;

    use super::*;
    use crate::support::market::tests::offered;

    fn model() -> MixedLogit {
        MixedLogit {
            classes: vec![vec![1.0, 3.0], vec![2.0, 1.0]],
            weights: Some(vec![3.0, 1.0]),
            revenues: Some(vec![1.0, 0.5]),
            capacity: 2,
        }
    }

    #[test]
    fn choices_by_hand() {
        let weights = model().weights();
        let mixture = Mixture { revenues: vec![1.0, 0.5], weights, model: model(), best: 0.0 };
        let (probabilities, revenue) = offered(&mut MixedShop(mixture), &[0, 1]);
        // ¾ (1/5, 3/5) + ¼ (2/4, 1/4).
        assert!((probabilities[0] - 0.275).abs() < 1e-15);
        assert!((probabilities[1] - 0.5125).abs() < 1e-15);
        assert!((revenue - (0.275 + 0.5 * 0.5125)).abs() < 1e-15);
    }

    #[test]
    fn the_best_set_is_known() {
        // {0}: ¾ ½ + ¼ ⅔ = 0.541667; both: 0.53125; {1}: ½ (¾ ¾ + ¼ ½) = 0.34375.
        let problem = model().problem::<Assortment>().expect("valid");
        assert_eq!(problem.shape().items, 2);
        let weights = model().weights();
        let mut shop =
            MixedShop(Mixture { revenues: vec![1.0, 0.5], weights, model: model(), best: 0.0 });
        let value = |set: &[usize]| offered(&mut shop, set).1;
        let (best, set) = routes::by_enumeration(2, 2, value);
        assert!((best - 0.541_666_666_666_666_7).abs() < 1e-15);
        assert_eq!(set, [0]);
    }

    #[test]
    fn too_many_sets_are_refused() {
        let items = 40;
        let large = MixedLogit {
            classes: vec![vec![1.0; items]],
            weights: None,
            revenues: None,
            capacity: 20,
        };
        let error = large.check().expect_err("too many");
        assert_eq!(error.path, "capacity");
        assert!(error.message.contains("at most 1048576"), "{error}");
        let ragged = MixedLogit { classes: vec![vec![1.0; 3], vec![1.0; 2]], ..model() };
        assert_eq!(ragged.check().expect_err("ragged").path, "classes[1]");
    }
}
