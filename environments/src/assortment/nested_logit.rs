//! Nested logit customers, whose best set is found exactly nest by nest.

use regret_engine::math;
use regret_engine::mnl::TIE;
use regret_engine::protocols::assortment::{Customers, Market};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::market::{self, Display, Shop, ShopProblem, Shopping};

/// Customers who choose a nest of items, or nothing, and then an item of the nest: nest k with
/// probability V_k^γ_k/(1 + Σ_l V_l^γ_l), where V_k = Σ v over the items of k that are offered, and
/// item i of it with probability v_i/V_k. With all γ = 1 this is the multinomial logit model.
///
/// The best set is exact: Dinkelbach's iteration on `Σ_k V_k^γ_k (R_k − z)`, where R_k is the
/// expected revenue within nest k; for a given z every subset of a nest is looked at, and the places
/// are divided among nests by dynamic programming.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NestedLogit {
    /// The attraction v of every item, from 1e-12 to 1e12; buying nothing has 1.
    pub attractions: Vec<f64>,
    /// The revenue of every item, ≥ 0; 1 for all if not given.
    #[serde(default)]
    pub revenues: Option<Vec<f64>>,
    /// The nest of every item, from 0; at most 16 items in a nest.
    pub nests: Vec<usize>,
    /// The dissimilarity γ of every nest, in (0, 1].
    pub dissimilarities: Vec<f64>,
    /// The greatest number of items in a set, K.
    pub capacity: usize,
}

/// The largest nest, of which all 2^16 subsets are looked at.
const LARGEST_NEST: usize = 16;

impl EnvironmentModel for NestedLogit {
    const NAME: &'static str = "nested_logit";
    const SUMMARY: &'static str = "customers who choose a nest of items first, then an item of it";
    const SOURCE: &'static str = "Davis, Gallego, Topaloglu, Assortment optimization under variants of the nested logit \
         model, 2014";
    const EXAMPLE: &'static str = r#"{"attractions": [0.6, 1.0, 0.5, 0.8, 0.7],
        "revenues": [0.9, 0.4, 0.8, 0.7, 0.65], "nests": [0, 0, 1, 1, 1],
        "dissimilarities": [0.5, 0.8], "capacity": 3}"#;
    const PROTOCOLS: &'static [&'static str] = &["assortment"];

    fn check(&self) -> Result<(), ParameterError> {
        let items = self.attractions.len();
        market::check_attractions(&self.attractions, "attractions")?;
        if let Some(revenues) = &self.revenues {
            market::check_revenues(revenues, items)?;
        }
        market::check_capacity(items, self.capacity)?;
        for (nest, &gamma) in self.dissimilarities.iter().enumerate() {
            let path = format!("dissimilarities[{nest}]");
            let rule = "must be above 0, at most 1";
            ParameterError::unless(gamma > 0.0 && gamma <= 1.0, &path, gamma, rule)?;
        }
        let rule = format!("must have one entry for each of the {items} items");
        let entries = format!("{} entries", self.nests.len());
        ParameterError::unless(self.nests.len() == items, "nests", entries, &rule)?;
        let nests = self.dissimilarities.len();
        let rule = format!("must be below the number of dissimilarities, which is {nests}");
        for (item, &nest) in self.nests.iter().enumerate() {
            ParameterError::unless(nest < nests, &format!("nests[{item}]"), nest, &rule)?;
        }
        let size = |nest| self.nests.iter().filter(|&&other| other == nest).count();
        let largest = (0..nests).map(size).max().unwrap_or_default();
        let rule = format!("must have at most {LARGEST_NEST} items in a nest");
        let value = format!("(a nest of {largest} items)");
        ParameterError::unless(largest <= LARGEST_NEST, "nests", value, &rule)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        let best = self.best();
        Ok(Faces::new().with(ShopProblem(Nested { model: self.clone(), best })))
    }
}

impl NestedLogit {
    fn revenues(&self) -> Vec<f64> {
        self.revenues.clone().unwrap_or_else(|| vec![1.0; self.attractions.len()])
    }

    /// The greatest expected revenue of a set.
    fn best(&self) -> f64 {
        let revenues = self.revenues();
        let tables: Vec<Table> =
            (0..self.dissimilarities.len()).map(|nest| Table::new(self, &revenues, nest)).collect();
        let mut z = 0.0;
        loop {
            let Part { revenue, weight } = divide(&tables, self.capacity, z);
            let better = revenue / (1.0 + weight);
            if better <= z * (1.0 + TIE) {
                return z.max(better);
            }
            z = better;
        }
    }
}

/// What some items of a nest, or of several, are worth: `Σ V^γ R`, `Σ V^γ`.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    revenue: f64,
    weight: f64,
}

impl Part {
    fn score(self, z: f64) -> f64 {
        self.revenue - z * self.weight
    }

    fn with(self, other: Self) -> Self {
        Self { revenue: self.revenue + other.revenue, weight: self.weight + other.weight }
    }
}

/// The subsets of a nest, by their number of items.
struct Table(Vec<Vec<Part>>);

impl Table {
    fn new(model: &NestedLogit, revenues: &[f64], nest: usize) -> Self {
        let items: Vec<usize> =
            (0..model.nests.len()).filter(|&item| model.nests[item] == nest).collect();
        let gamma = model.dissimilarities[nest];
        let mut by_size = vec![Vec::new(); items.len() + 1];
        for subset in 0u32..1 << items.len() {
            let chosen = items.iter().enumerate().filter(|&(bit, _)| subset >> bit & 1 == 1);
            let (mut sales, mut attraction) = (0.0, 0.0);
            for (_, &item) in chosen {
                sales += revenues[item] * model.attractions[item];
                attraction += model.attractions[item];
            }
            let part = if subset == 0 {
                Part::default()
            } else {
                let weight = math::pow(attraction, gamma);
                Part { revenue: weight * (sales / attraction), weight }
            };
            by_size[subset.count_ones() as usize].push(part);
        }
        Self(by_size)
    }

    /// The best subset of each size.
    fn best(&self, z: f64) -> Vec<Part> {
        let of_size = |parts: &Vec<Part>| {
            parts.iter().copied().fold(Part { revenue: f64::NEG_INFINITY, weight: 0.0 }, |a, b| {
                if b.score(z) > a.score(z) { b } else { a }
            })
        };
        self.0.iter().map(of_size).collect()
    }
}

/// The best way to divide `capacity` places among the nests.
fn divide(tables: &[Table], capacity: usize, z: f64) -> Part {
    // The best so far for each number of places.
    let mut best = vec![Part::default(); capacity + 1];
    for table in tables {
        let parts = table.best(z);
        for places in (0..=capacity).rev() {
            let ways = parts.iter().take(places + 1).enumerate();
            let candidates = ways.map(|(size, &part)| best[places - size].with(part));
            best[places] = candidates
                .reduce(|a, b| if b.score(z) > a.score(z) { b } else { a })
                .unwrap_or_default();
        }
    }
    best[capacity]
}

/// The model with the revenue of its best set.
#[derive(Clone)]
struct Nested {
    model: NestedLogit,
    best: f64,
}

impl Shopping for Nested {
    type Shop = NestedShop;

    fn market(&self) -> Market {
        let (items, capacity) = (self.model.attractions.len(), self.model.capacity);
        Market { items, capacity, features: 0, partition: None, fixed: true }
    }

    fn customers(&self) -> Customers {
        let greatest_revenue = self.model.revenues().into_iter().fold(0.0, f64::max);
        Customers { multinomial: false, market: None, greatest_revenue }
    }

    fn shop(&self, _: u64, _: u64) -> NestedShop {
        NestedShop {
            revenues: self.model.revenues(),
            sums: vec![0.0; self.model.dissimilarities.len()],
            problem: self.clone(),
        }
    }
}

/// The market of one replication.
struct NestedShop {
    problem: Nested,
    revenues: Vec<f64>,
    /// V of each nest.
    sums: Vec<f64>,
}

impl Shop for NestedShop {
    fn open(&mut self, _: u64, display: Display<'_>) {
        display.revenues.copy_from_slice(&self.revenues);
    }

    fn choices(&mut self, set: &[usize], probabilities: &mut [f64]) -> f64 {
        let NestedLogit { attractions, nests, dissimilarities, .. } = &self.problem.model;
        self.sums.fill(0.0);
        for &item in set {
            self.sums[nests[item]] += attractions[item];
        }
        let weight = |nest: usize| match self.sums[nest] {
            0.0 => 0.0,
            sum => math::pow(sum, dissimilarities[nest]),
        };
        let total = (0..dissimilarities.len()).fold(1.0, |total, nest| total + weight(nest));
        let mut revenue = 0.0;
        for (probability, &item) in probabilities.iter_mut().zip(set) {
            let nest = nests[item];
            *probability = attractions[item] / self.sums[nest] * (weight(nest) / total);
            revenue += self.revenues[item] * *probability;
        }
        revenue
    }

    fn best(&mut self) -> f64 {
        self.problem.best
    }

    fn revenue(&self, item: usize) -> f64 {
        self.revenues[item]
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::mnl::{Solver, routes};
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::support::market::tests::offered;

    fn drawn(stream: &mut Stream, dissimilarities: Vec<f64>, capacity: usize) -> NestedLogit {
        let mut draw = || (0..8).map(|_| 0.05 + stream.uniform()).collect::<Vec<f64>>();
        let (attractions, revenues) = (draw(), Some(draw()));
        let nests = vec![0, 1, 2, 0, 1, 0, 0, 1];
        NestedLogit { attractions, revenues, nests, dissimilarities, capacity }
    }

    #[test]
    fn the_best_set_is_that_of_enumeration() {
        let mut stream = Stream::new(1, 0, Role::Learner);
        for capacity in 1..=8 {
            for _ in 0..8 {
                let model = drawn(&mut stream, vec![0.3, 0.8, 1.0], capacity);
                let best = model.best();
                let mut shop = Nested { model, best }.shop(1, 0);
                let value = |set: &[usize]| offered(&mut shop, set).1;
                let (revenue, _) = routes::by_enumeration(8, capacity, value);
                assert!((best - revenue).abs() < 1e-12, "{best} {revenue}");
            }
        }
    }

    #[test]
    fn dissimilarities_of_one_are_the_multinomial_model() {
        let mut stream = Stream::new(2, 0, Role::Learner);
        let model = drawn(&mut stream, vec![1.0; 3], 3);
        let (revenues, attractions) = (model.revenues(), model.attractions.clone());
        let expected = Solver::new(8, 3).solve(&revenues, &attractions);
        assert!((model.best() - expected).abs() < 1e-12);
        let mut shop = Nested { best: expected, model }.shop(1, 0);
        let total = 1.0 + attractions[1] + attractions[3] + attractions[4];
        let (probabilities, _) = offered(&mut shop, &[1, 3, 4]);
        for (p, item) in probabilities.into_iter().zip([1, 3, 4]) {
            assert!((p - attractions[item] / total).abs() < 1e-15);
        }
    }

    #[test]
    fn choices_by_hand() {
        // V_0 = 4 with γ = ½ weighs 2, V_1 = 1 weighs 1: nests are chosen with 2/4 and 1/4.
        let model = NestedLogit {
            attractions: vec![3.0, 1.0, 1.0],
            revenues: Some(vec![1.0, 2.0, 4.0]),
            nests: vec![0, 0, 1],
            dissimilarities: vec![0.5, 0.5],
            capacity: 3,
        };
        let mut shop = Nested { model, best: 1.0 }.shop(1, 0);
        let (probabilities, revenue) = offered(&mut shop, &[0, 1, 2]);
        assert_eq!(probabilities, [0.375, 0.125, 0.25]);
        assert_eq!(revenue, 1.625);
    }

    #[test]
    fn impossible_nests_are_refused() {
        let mut stream = Stream::new(3, 0, Role::Learner);
        let mut place = |change: fn(&mut NestedLogit)| {
            let mut model = drawn(&mut stream, vec![0.3, 0.8, 1.0], 3);
            change(&mut model);
            model.check().expect_err("impossible").path
        };
        assert_eq!(place(|m| m.nests[2] = 3), "nests[2]");
        assert_eq!(place(|m| m.dissimilarities[1] = 0.0), "dissimilarities[1]");
        assert_eq!(
            place(|m| {
                m.nests = vec![0; 17];
                (m.attractions, m.revenues) = (vec![1.0; 17], None);
            }),
            "nests"
        );
    }
}
