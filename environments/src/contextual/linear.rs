//! Linear rewards: the mean of an arm is the inner product of its features with a parameter.

use regret_engine::environment::Block;
use regret_engine::protocols::contextual::{Facts, Layout, Size};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::contextual::{self, ContextualModel};
use crate::support::features::{FeatureLaw, check_size};
use crate::support::parameters::{self, Linear};
use crate::support::response::Response;
use crate::support::scored::Scored;

/// Means ⟨x, θ⟩ and normal noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinearContextual {
    /// The number of arms, K.
    pub arms: usize,
    /// The length of a feature vector, d.
    pub features: usize,
    /// Where features come from: `fixed`, a vector for each arm for good; `varying`, new ones in
    /// every round; `shared`, one new vector in every round for all arms, each of which has a
    /// parameter of its own.
    #[serde(default)]
    pub layout: Layout,
    /// The law of a feature vector: `sphere`, `gaussian` or `cube`.
    #[serde(default)]
    pub law: FeatureLaw,
    /// The parameter θ, d numbers (K d with shared features); by default drawn for every
    /// replication, uniform on the sphere of radius `norm`.
    #[serde(default)]
    pub theta: Option<Vec<f64>>,
    /// The norm of a drawn parameter (of each arm's), > 0.
    #[serde(default = "one")]
    pub norm: f64,
    /// The standard deviation of the noise, ≥ 0.
    #[serde(default = "one")]
    pub deviation: f64,
}

const fn one() -> f64 {
    1.0
}

impl EnvironmentModel for LinearContextual {
    const NAME: &'static str = "linear_contextual";
    const SUMMARY: &'static str = "means linear in the features, normal noise";
    const SOURCE: &'static str = "Li, Chu, Langford, Schapire, A contextual-bandit approach to \
                                  personalized news article recommendation, 2010 (setting)";
    const EXAMPLE: &'static str = r#"{"arms": 4, "features": 3, "deviation": 0.5}"#;
    const PROTOCOLS: &'static [&'static str] = contextual::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        check_size(self.size())?;
        parameters::check(self.size(), self.theta.as_deref(), self.norm)?;
        let valid = self.deviation >= 0.0 && self.deviation.is_finite();
        let rule = "must be a number that is not negative";
        ParameterError::unless(valid, "deviation", self.deviation, rule)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(contextual::faces(self.clone()))
    }
}

impl ContextualModel for LinearContextual {
    type Source = Scored<Linear>;

    fn size(&self) -> Size {
        Size { arms: self.arms, features: self.features, layout: self.layout }
    }

    fn facts(&self) -> Facts {
        let (size, given) = (self.size(), self.theta.as_deref());
        let largest = Linear::largest(size, given, self.norm);
        Facts {
            feature_norm: self.law.norm(),
            parameter_norm: Some(Linear::norm(size, given, self.norm)),
            misspecification: Some(0.0),
            noise: Some(self.deviation),
            largest_mean: self.law.norm().map(|norm| norm * largest),
        }
    }

    fn source(&self, block: &Block) -> Scored<Linear> {
        let score = Linear::new(self.size(), self.theta.as_deref(), self.norm, block);
        Scored::new(self.law, self.size(), score, Response::Gaussian(self.deviation), block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::contextual::dot;
    use crate::support::contextual::tests::{average_noise, rounds};

    fn model(layout: Layout) -> LinearContextual {
        LinearContextual {
            arms: 3,
            features: 2,
            layout,
            law: FeatureLaw::Cube,
            theta: None,
            norm: 2.0,
            deviation: 0.5,
        }
    }

    #[test]
    fn means_are_inner_products() {
        let theta = vec![1.0, -2.0];
        let given = LinearContextual { theta: Some(theta.clone()), ..model(Layout::Varying) };
        for (features, means) in rounds(&given, 20) {
            for (row, mean) in features.chunks_exact(2).zip(means) {
                assert_eq!(mean, dot(row, &theta));
            }
        }
        let theta = vec![1.0, 0.0, 0.0, 1.0, -3.0, 0.5];
        let given = LinearContextual { theta: Some(theta.clone()), ..model(Layout::Shared) };
        for (x, means) in rounds(&given, 20) {
            assert_eq!(means, [x[0], x[1], -3.0 * x[0] + 0.5 * x[1]]);
        }
    }

    #[test]
    fn drawn_parameters_have_the_norm() {
        let score = Linear::new(
            model(Layout::Shared).size(),
            None,
            2.0,
            &crate::support::contextual::tests::block(2, 1),
        );
        // ⟨e1, θ⟩² + ⟨e2, θ⟩² for each arm of each lane.
        for (lane, arm) in [(0, 0), (0, 2), (1, 1)] {
            use crate::support::scored::Score;
            let components = [[1.0, 0.0], [0.0, 1.0]].map(|e| score.score(1, lane, arm, &e));
            assert!((dot(&components, &components).sqrt() - 2.0).abs() < 1e-12);
        }
        let facts = model(Layout::Shared).facts();
        assert!((facts.parameter_norm.expect("known") - 12f64.sqrt()).abs() < 1e-12);
        assert_eq!(facts.largest_mean, Some(2.0));
    }

    #[test]
    fn noise_is_centred() {
        let (mean, error) = average_noise(&model(Layout::Fixed), 3000);
        assert!(mean.abs() < 5.0 * error && (error - 0.5 / 9000f64.sqrt()).abs() < 3e-4);
    }

    #[test]
    fn impossible_parameters_are_refused() {
        let wrong = LinearContextual { theta: Some(vec![1.0]), ..model(Layout::Varying) };
        assert_eq!(
            wrong.check().expect_err("too short").message,
            "theta = 1 numbers: must have 2 numbers"
        );
        assert!(LinearContextual { norm: 0.0, ..model(Layout::Varying) }.check().is_err());
        assert!(LinearContextual { deviation: f64::NAN, ..model(Layout::Fixed) }.check().is_err());
        assert!(model(Layout::Shared).check().is_ok());
    }
}
