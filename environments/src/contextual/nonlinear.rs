//! Nonlinear rewards: the families on which neural bandits are tried.

use regret_engine::environment::Block;
use regret_engine::math;
use regret_engine::protocols::contextual::{Facts, Layout, Size};
use regret_engine::random::{Role, Stream, normal};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::contextual::{self, ContextualModel, dot};
use crate::support::features::{FeatureLaw, check_size, unit_vector};
use crate::support::response::Response;
use crate::support::scored::{Score, Scored};

/// Means h(x) of a nonlinear family, features on the unit sphere, normal noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NonlinearContextual {
    /// The number of arms, K.
    #[serde(default = "four")]
    pub arms: usize,
    /// The length of a feature vector, d.
    #[serde(default = "twenty")]
    pub features: usize,
    /// The function h, drawn for every replication: `quadratic`, 10 ⟨x, a⟩² with a unit vector a;
    /// `quadratic_form`, xᵀ Aᵀ A x with standard normal A; `cosine`, cos(3 ⟨x, a⟩); `kernel`, of
    /// norm 1 in the space of the Gaussian kernel of width ½ with 20 centres on the sphere;
    /// `network`, two hidden layers of 16 ReLU units with normal weights.
    #[serde(default)]
    pub family: Family,
    /// `varying` or `fixed`.
    #[serde(default)]
    pub layout: Layout,
    /// The standard deviation of the noise, ≥ 0.
    #[serde(default = "one")]
    pub deviation: f64,
}

const fn four() -> usize {
    4
}

const fn twenty() -> usize {
    20
}

const fn one() -> f64 {
    1.0
}

/// A family of functions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// 10 ⟨x, a⟩².
    #[default]
    Quadratic,
    /// xᵀ Aᵀ A x.
    QuadraticForm,
    /// cos(3 ⟨x, a⟩).
    Cosine,
    /// Σ α_i k(z_i, x).
    Kernel,
    /// W₃ relu(W₂ relu(W₁ x)).
    Network,
}

/// Centres of a function of the kernel's space, and its width.
const CENTRES: usize = 20;
const WIDTH: f64 = 0.5;
/// Hidden units of each of the two layers.
const UNITS: usize = 16;

impl EnvironmentModel for NonlinearContextual {
    const NAME: &'static str = "nonlinear_contextual";
    const SUMMARY: &'static str =
        "means nonlinear in the features: quadratic, cosine, kernel, network";
    const SOURCE: &'static str =
        "Zhou, Li, Gu, Neural contextual bandits with UCB-based exploration, 2020, Section 7.1";
    const EXAMPLE: &'static str =
        r#"{"arms": 3, "features": 4, "family": "cosine", "deviation": 0.3}"#;
    const PROTOCOLS: &'static [&'static str] = contextual::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        check_size(self.size())?;
        let form = self.family != Family::QuadraticForm || self.features <= 4096;
        let rule = "must be at most 4096 for the quadratic form";
        ParameterError::unless(form, "features", self.features, rule)?;
        let rule = "must be `varying` or `fixed`: one function serves all arms";
        ParameterError::unless(self.layout != Layout::Shared, "layout", "shared", rule)?;
        let valid = self.deviation >= 0.0 && self.deviation.is_finite();
        let rule = "must be a number that is not negative";
        ParameterError::unless(valid, "deviation", self.deviation, rule)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(contextual::faces(self.clone()))
    }
}

impl ContextualModel for NonlinearContextual {
    type Source = Scored<Functions>;

    fn size(&self) -> Size {
        Size { arms: self.arms, features: self.features, layout: self.layout }
    }

    fn facts(&self) -> Facts {
        let largest_mean = match self.family {
            Family::Quadratic => Some(10.0),
            // A function's value is at most its norm times √k(x, x) = 1.
            Family::Cosine | Family::Kernel => Some(1.0),
            Family::QuadraticForm | Family::Network => None,
        };
        Facts {
            feature_norm: Some(1.0),
            noise: Some(self.deviation),
            largest_mean,
            ..Facts::default()
        }
    }

    fn source(&self, block: &Block) -> Self::Source {
        let draw = |r| {
            let mut rng = Stream::new(block.seed, r, Role::Environment);
            Function::draw(self.family, self.features, &mut rng)
        };
        let functions = Functions(block.replications.clone().map(draw).collect());
        let response = Response::Gaussian(self.deviation);
        Scored::new(FeatureLaw::Sphere, self.size(), functions, response, block)
    }
}

/// A function for each lane.
pub struct Functions(Vec<Function>);

impl Score for Functions {
    fn score(&self, _: u64, lane: usize, _: usize, features: &[f64]) -> f64 {
        self.0[lane].at(features)
    }
}

/// A function of a family.
enum Function {
    /// The vector a.
    Quadratic(Vec<f64>),
    /// The rows of A.
    QuadraticForm(Vec<f64>),
    /// The vector a.
    Cosine(Vec<f64>),
    /// The centres, row-major, and their coefficients.
    Kernel(Vec<f64>, Vec<f64>),
    /// The weights of the three layers, row-major `[unit][input]`.
    Network([Vec<f64>; 3]),
}

impl Function {
    fn draw(family: Family, d: usize, rng: &mut Stream) -> Self {
        let mut unit = || {
            let mut vector = vec![0.0; d];
            unit_vector(rng, &mut vector);
            vector
        };
        match family {
            Family::Quadratic => Self::Quadratic(unit()),
            Family::Cosine => Self::Cosine(unit()),
            Family::QuadraticForm => Self::QuadraticForm((0..d * d).map(|_| normal(rng)).collect()),
            Family::Kernel => {
                let centres: Vec<f64> = (0..CENTRES).flat_map(|_| unit()).collect();
                let mut weights: Vec<f64> = (0..CENTRES).map(|_| normal(rng)).collect();
                // ‖h‖² = αᵀ K α.
                let values = centres.chunks_exact(d).map(|z| kernel_sum(&centres, &weights, z));
                let square: f64 = values.zip(&weights).map(|(value, weight)| value * weight).sum();
                weights.iter_mut().for_each(|weight| *weight /= square.sqrt());
                Self::Kernel(centres, weights)
            }
            Family::Network => {
                let mut layer = |inputs: usize, units: usize| {
                    let scale = (2.0 / inputs as f64).sqrt();
                    (0..inputs * units).map(|_| scale * normal(rng)).collect::<Vec<f64>>()
                };
                // Features have norm 1, not √d: the first layer takes that into account.
                let mut first = layer(d, UNITS);
                first.iter_mut().for_each(|w| *w *= (d as f64).sqrt());
                let hidden = layer(UNITS, UNITS);
                Self::Network([first, hidden, layer(UNITS, 1)])
            }
        }
    }

    fn at(&self, x: &[f64]) -> f64 {
        match self {
            Self::Quadratic(a) => {
                let product = dot(x, a);
                10.0 * product * product
            }
            Self::QuadraticForm(rows) => {
                rows.chunks_exact(x.len()).map(|row| dot(row, x)).map(|y| y * y).sum()
            }
            // cos z = sin(z + π/2).
            Self::Cosine(a) => math::sin(3.0 * dot(x, a) + std::f64::consts::FRAC_PI_2),
            Self::Kernel(centres, weights) => kernel_sum(centres, weights, x),
            Self::Network([first, second, last]) => {
                let first = hidden(first, x);
                dot(last, &hidden(second, &first))
            }
        }
    }
}

/// Σ α_i exp(−|z_i − x|² / (2 w²)).
fn kernel_sum(centres: &[f64], weights: &[f64], x: &[f64]) -> f64 {
    let terms = centres.chunks_exact(x.len()).zip(weights).map(|(centre, weight)| {
        let square: f64 = centre.iter().zip(x).map(|(z, x)| (z - x) * (z - x)).sum();
        weight * math::exp(-square / (2.0 * WIDTH * WIDTH))
    });
    terms.sum()
}

/// relu(W x).
fn hidden(weights: &[f64], x: &[f64]) -> [f64; UNITS] {
    let mut units = [0.0; UNITS];
    for (unit, row) in units.iter_mut().zip(weights.chunks_exact(x.len())) {
        *unit = dot(row, x).max(0.0);
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::contextual::tests::rounds;

    fn model(family: Family) -> NonlinearContextual {
        NonlinearContextual {
            arms: 3,
            features: 4,
            family,
            layout: Layout::Varying,
            deviation: 1.0,
        }
    }

    #[test]
    fn functions_by_hand() {
        let x = [0.6, 0.0, -0.8];
        let a = vec![0.5, 0.5, 0.25];
        // ⟨x, a⟩ = 0.1.
        assert!((Function::Quadratic(a.clone()).at(&x) - 0.1).abs() < 1e-15);
        assert!((Function::Cosine(a.clone()).at(&x) - 0.3f64.cos()).abs() < 1e-15);
        let form = Function::QuadraticForm([a.clone(), vec![1.0, 2.0, 3.0], a].concat());
        // A x = (0.1, −1.8, 0.1).
        assert!((form.at(&x) - 3.26).abs() < 1e-14);
        let kernel = Function::Kernel(vec![0.6, 0.0, 0.8, 0.6, 0.0, -0.8], vec![2.0, -1.0]);
        // Squared distances 2.56 and 0; the width is ½.
        assert!((kernel.at(&x) - (2.0 * (-5.12f64).exp() - 1.0)).abs() < 1e-14);
    }

    #[test]
    fn a_network_by_hand() {
        let mut first = vec![0.0; UNITS * 2];
        (first[0], first[3]) = (1.0, -1.0);
        let mut second = vec![0.0; UNITS * UNITS];
        (second[0], second[1]) = (2.0, 3.0);
        let mut last = vec![0.0; UNITS];
        last[0] = 0.5;
        let network = Function::Network([first, second, last]);
        // Units relu(x₀) and relu(−x₁); then ½ relu(2 u₀ + 3 u₁).
        assert_eq!(network.at(&[1.0, 2.0]), 1.0);
        assert_eq!(network.at(&[-1.0, -2.0]), 3.0);
    }

    #[test]
    fn means_stay_within_the_facts() {
        let families = [
            Family::Quadratic,
            Family::QuadraticForm,
            Family::Cosine,
            Family::Kernel,
            Family::Network,
        ];
        for family in families {
            let largest = model(family).facts().largest_mean.unwrap_or(f64::INFINITY);
            let rounds = rounds(&model(family), 50);
            let means = rounds.iter().flat_map(|(_, means)| means);
            assert!(means.clone().all(|mean| mean.abs() <= largest + 1e-12), "{family:?}");
            assert!(means.fold(0.0, |most: f64, mean| mean.abs().max(most)) > 0.05, "{family:?}");
        }
        assert!(
            NonlinearContextual { layout: Layout::Shared, ..model(Family::Cosine) }
                .check()
                .is_err()
        );
    }
}
