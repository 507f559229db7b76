//! XOR: two classes that no linear predictor tells apart.

use regret_engine::environment::Block;
use regret_engine::protocols::contextual::{Facts, Layout, Size};
use regret_engine::random::Noise;
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::contextual::{self, ContextSource, ContextualModel};
use crate::support::features::contexts;

/// Points uniform on [−1, 1]², classes 1 where x₁ x₂ > 0 and 0 elsewhere; the reward is 1 for the right
/// class. The features are shared, so that each class has a model of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Xor {
    /// Further features, uniform on [−1, 1], that have no meaning.
    #[serde(default)]
    pub distractors: usize,
}

impl EnvironmentModel for Xor {
    const NAME: &'static str = "xor";
    const SUMMARY: &'static str = "two classes by the sign of x₁ x₂, reward 1 for the right one";
    const SOURCE: &'static str = "folklore";
    const EXAMPLE: &'static str = r#"{"distractors": 1}"#;
    const PROTOCOLS: &'static [&'static str] = contextual::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        let rule = "must be at most 1000";
        ParameterError::unless(self.distractors <= 1000, "distractors", self.distractors, rule)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(contextual::faces(self.clone()))
    }
}

impl ContextualModel for Xor {
    type Source = Points;

    fn size(&self) -> Size {
        Size { arms: 2, features: 2 + self.distractors, layout: Layout::Shared }
    }

    fn facts(&self) -> Facts {
        Facts {
            feature_norm: Some((self.size().features as f64).sqrt()),
            noise: Some(0.0),
            largest_mean: Some(1.0),
            ..Facts::default()
        }
    }

    fn source(&self, block: &Block) -> Points {
        Points(block.replications.clone().map(|r| contexts(block.seed, r)).collect())
    }
}

/// Where the points of each lane come from.
pub struct Points(Vec<Noise>);

impl ContextSource for Points {
    fn show(&mut self, t: u64, lane: usize, features: &mut [f64], means: &mut [f64]) {
        let mut rng = self.0[lane].stream(t, 0);
        features.iter_mut().for_each(|x| *x = 2.0 * rng.uniform() - 1.0);
        let class = usize::from(features[0] * features[1] > 0.0);
        (means[class], means[1 - class]) = (1.0, 0.0);
    }

    fn reward(&self, _: u64, _: usize, _: usize, mean: f64) -> f64 {
        mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::contextual::tests::rounds;

    #[test]
    fn classes_are_quadrants() {
        let rounds = rounds(&Xor { distractors: 1 }, 400);
        for (x, means) in &rounds {
            let expected = if (x[0] > 0.0) == (x[1] > 0.0) { [0.0, 1.0] } else { [1.0, 0.0] };
            assert_eq!(*means, expected, "{x:?}");
        }
        let ones = rounds.iter().filter(|(_, means)| means[1] == 1.0).count();
        // Binomial (400, ½): deviation 10; five of them.
        assert!((150..=250).contains(&ones), "{ones}");
    }
}
