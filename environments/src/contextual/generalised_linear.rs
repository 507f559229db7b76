//! Generalised linear rewards: the mean is a link function of a linear score.

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

/// Means μ(⟨x, θ⟩): logistic with rewards 0 and 1, or exponential with Poisson counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GeneralisedLinear {
    /// The number of arms, K.
    pub arms: usize,
    /// The length of a feature vector, d.
    pub features: usize,
    /// `logistic`: 0/1 rewards of mean 1 / (1 + e^−⟨x, θ⟩); `poisson`: counts of mean e^⟨x, θ⟩.
    #[serde(default)]
    pub link: Link,
    /// Where features come from: `fixed`, `varying` or `shared` (a parameter for each arm).
    #[serde(default)]
    pub layout: Layout,
    /// The law of a feature vector: `sphere` or `cube`, so that means are bounded.
    #[serde(default)]
    pub law: FeatureLaw,
    /// The parameter θ, d numbers (K d with shared features); by default drawn for every
    /// replication, uniform on the sphere of radius `norm`.
    #[serde(default)]
    pub theta: Option<Vec<f64>>,
    /// The norm of a drawn parameter (of each arm's), > 0 and at most 6.
    #[serde(default = "three")]
    pub norm: f64,
}

const fn three() -> f64 {
    3.0
}

/// A link function with its law.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// 0/1 rewards.
    #[default]
    Logistic,
    /// Counts.
    Poisson,
}

impl EnvironmentModel for GeneralisedLinear {
    const NAME: &'static str = "generalised_linear";
    const SUMMARY: &'static str = "means that are a link function of a linear score";
    const SOURCE: &'static str = "Filippi, Cappé, Garivier, Szepesvári, Parametric bandits: the \
                                  generalized linear case, 2010 (setting)";
    const EXAMPLE: &'static str = r#"{"arms": 4, "features": 3, "link": "logistic"}"#;
    const PROTOCOLS: &'static [&'static str] = contextual::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        check_size(self.size())?;
        parameters::check(self.size(), self.theta.as_deref(), self.norm)?;
        let rule = "must be `sphere` or `cube`: means would be unbounded";
        ParameterError::unless(self.law.norm().is_some(), "law", "gaussian", rule)?;
        let largest = self.largest();
        let path = if self.theta.is_some() { "theta" } else { "norm" };
        ParameterError::unless(largest <= 6.0, path, largest, "its norm must be at most 6")
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(contextual::faces(self.clone()))
    }
}

impl GeneralisedLinear {
    /// The largest absolute score.
    fn largest(&self) -> f64 {
        Linear::largest(self.size(), self.theta.as_deref(), self.norm)
    }

    fn response(&self) -> Response {
        match self.link {
            Link::Logistic => Response::Logistic,
            Link::Poisson => Response::Poisson,
        }
    }
}

impl ContextualModel for GeneralisedLinear {
    type Source = Scored<Linear>;

    fn size(&self) -> Size {
        Size { arms: self.arms, features: self.features, layout: self.layout }
    }

    fn facts(&self) -> Facts {
        Facts {
            feature_norm: self.law.norm(),
            parameter_norm: Some(Linear::norm(self.size(), self.theta.as_deref(), self.norm)),
            // Not linear; a variable in [0, 1] is ½-sub-Gaussian (Hoeffding), Poisson is not.
            misspecification: None,
            noise: (self.link == Link::Logistic).then_some(0.5),
            largest_mean: Some(self.response().mean(self.largest())),
        }
    }

    fn source(&self, block: &Block) -> Scored<Linear> {
        let score = Linear::new(self.size(), self.theta.as_deref(), self.norm, block);
        Scored::new(self.law, self.size(), score, self.response(), block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::contextual::tests::{average_noise, rounds};

    fn model(link: Link) -> GeneralisedLinear {
        GeneralisedLinear {
            arms: 2,
            features: 2,
            link,
            layout: Layout::Varying,
            law: FeatureLaw::Sphere,
            theta: Some(vec![1.5, -2.0]),
            norm: 3.0,
        }
    }

    #[test]
    fn means_by_the_link() {
        for (features, means) in rounds(&model(Link::Logistic), 10) {
            let score = 1.5 * features[2] - 2.0 * features[3];
            assert!((means[1] - 1.0 / (1.0 + (-score).exp())).abs() < 1e-14);
        }
        for (features, means) in rounds(&model(Link::Poisson), 10) {
            let score = 1.5 * features[0] - 2.0 * features[1];
            assert!((means[0] / score.exp() - 1.0).abs() < 1e-14);
        }
        for link in [Link::Logistic, Link::Poisson] {
            let (mean, error) = average_noise(&model(link), 5000);
            assert!(mean.abs() < 5.0 * error, "{link:?}: {mean} ± {error}");
        }
    }

    #[test]
    fn unbounded_means_are_refused() {
        let wild = GeneralisedLinear { norm: 7.0, theta: None, ..model(Link::Poisson) };
        assert_eq!(wild.check().expect_err("too large").path, "norm");
        let gaussian = GeneralisedLinear { law: FeatureLaw::Gaussian, ..model(Link::Logistic) };
        assert_eq!(gaussian.check().expect_err("unbounded").path, "law");
    }
}
