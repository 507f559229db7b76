//! Feature vectors looked up by (replication, round, arm).

use regret_engine::environment::Block;
use regret_engine::protocols::contextual::{Layout, Size};
use regret_engine::random::{Noise, Role, Stream, key, mix, normal};
use regret_engine::registry::ParameterError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The law of a feature vector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeatureLaw {
    /// Uniform on the unit sphere.
    #[default]
    Sphere,
    /// Independent normal components of variance 1/d.
    Gaussian,
    /// Independent components, uniform on [−1/√d, 1/√d]: the cheapest to draw, norm at most 1.
    Cube,
}

impl FeatureLaw {
    /// The bound on the norm, if there is one.
    pub fn norm(self) -> Option<f64> {
        (self != Self::Gaussian).then_some(1.0)
    }

    /// Draws a vector.
    pub fn draw(self, rng: &mut Stream, vector: &mut [f64]) {
        let scale = 1.0 / (vector.len() as f64).sqrt();
        match self {
            Self::Sphere => unit_vector(rng, vector),
            Self::Gaussian => vector.iter_mut().for_each(|x| *x = scale * normal(rng)),
            Self::Cube => {
                vector.iter_mut().for_each(|x| *x = scale * (2.0 * rng.uniform() - 1.0));
            }
        }
    }
}

/// A vector uniform on the unit sphere.
pub fn unit_vector(rng: &mut Stream, vector: &mut [f64]) {
    vector.iter_mut().for_each(|x| *x = normal(rng));
    let norm = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    vector.iter_mut().for_each(|x| *x /= norm);
}

/// The features of a block of lanes.
#[derive(Clone, Debug)]
pub struct FeatureSource {
    law: FeatureLaw,
    size: Size,
    lanes: Vec<Noise>,
}

impl FeatureSource {
    /// Features of that law and size.
    pub fn new(law: FeatureLaw, size: Size, block: &Block) -> Self {
        let lanes = block.replications.clone().map(|r| contexts(block.seed, r)).collect();
        Self { law, size, lanes }
    }

    /// Writes the features of a lane's round.
    pub fn write(&self, t: u64, lane: usize, features: &mut [f64]) {
        let t = if self.size.layout == Layout::Fixed { 0 } else { t };
        for (arm, row) in features.chunks_exact_mut(self.size.features).enumerate() {
            self.law.draw(&mut self.lanes[lane].stream(t, arm), row);
        }
    }
}

/// What contexts are drawn from: neither the rewards' noise nor the instance.
pub fn contexts(seed: u64, replication: u64) -> Noise {
    const CONTEXTS: u64 = 0x434F_4E54_4558_5453;
    Noise::from_key(mix(key(seed, replication, Role::Environment) ^ CONTEXTS))
}

/// Sizes that fit into memory.
///
/// # Errors
/// The number that is too small or too great.
pub fn check_size(size: Size) -> Result<(), ParameterError> {
    let rule = "must be from 1 to 65536";
    for (path, value) in [("arms", size.arms), ("features", size.features)] {
        ParameterError::unless((1..=1 << 16).contains(&value), path, value, rule)?;
    }
    let rule = "arms times features must be at most 16777216";
    ParameterError::unless(size.arms * size.features <= 1 << 24, "features", size.features, rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::contextual::tests::block;

    #[test]
    fn laws_have_their_second_moments() {
        let draws = 20_000;
        for law in [FeatureLaw::Sphere, FeatureLaw::Gaussian, FeatureLaw::Cube] {
            let mut rng = Stream::from_state(8);
            let mut vector = [0.0; 5];
            let (mut sum, mut square, mut product) = (0.0, 0.0, 0.0);
            for _ in 0..draws {
                law.draw(&mut rng, &mut vector);
                let norm = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
                assert!(law.norm().is_none_or(|bound| norm <= bound + 1e-12), "{law:?}");
                sum += vector[3];
                square += vector[3] * vector[3];
                product += vector[0] * vector[3];
            }
            // Second moments 1/5, and 1/15 for the cube; a component's deviation is at most √(1/5),
            // a square's at most √2/5, a product's at most 1/5: five standard errors.
            let expected = if law == FeatureLaw::Cube { 1.0 / 15.0 } else { 0.2 };
            let n = f64::from(draws);
            assert!((sum / n).abs() < 5.0 * (0.2 / n).sqrt(), "{law:?}");
            assert!((square / n - expected).abs() < 5.0 * 0.283 / n.sqrt(), "{law:?}");
            assert!((product / n).abs() < 5.0 * 0.2 / n.sqrt(), "{law:?}");
        }
    }

    #[test]
    fn fixed_sets_stay_and_others_change() {
        for layout in [Layout::Fixed, Layout::Varying, Layout::Shared] {
            let size = Size { arms: 3, features: 2, layout };
            let source = FeatureSource::new(FeatureLaw::Sphere, size, &block(2, 9));
            let row = |t, lane| {
                let mut features = vec![0.0; size.numbers()];
                source.write(t, lane, &mut features);
                features
            };
            assert_eq!(row(1, 0) == row(2, 0), layout == Layout::Fixed);
            assert_eq!(row(2, 0), row(2, 0));
            assert_ne!(row(1, 0), row(1, 1));
        }
    }

    #[test]
    fn impossible_sizes_are_refused() {
        let size = |arms, features| Size { arms, features, layout: Layout::Varying };
        assert!(check_size(size(1000, 1000)).is_ok());
        assert_eq!(check_size(size(0, 3)).expect_err("no arms").path, "arms");
        assert_eq!(check_size(size(65_536, 65_536)).expect_err("too many").path, "features");
    }
}
