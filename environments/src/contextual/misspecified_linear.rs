//! A fixed decision set whose rewards are linear up to an offset of ±ζ for each arm.

use regret_engine::environment::Block;
use regret_engine::protocols::contextual::{Facts, Layout, Size};
use regret_engine::random::{Noise, Role, Stream, key};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::contextual::{self, ContextSource, ContextualModel, dot};
use crate::support::features::{check_size, unit_vector};
use crate::support::response::Response;

/// Arms and parameter uniform on the unit sphere, means ⟨x, θ⟩ ± ζ with signs drawn for each arm,
/// normal noise. All are drawn anew for every replication, until the minimal gap is in the interval
/// asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MisspecifiedLinear {
    /// The number of arms, at least 2.
    #[serde(default = "hundred")]
    pub arms: usize,
    /// The length of a feature vector, d.
    #[serde(default = "sixteen")]
    pub features: usize,
    /// The misspecification ζ ≥ 0.
    #[serde(default = "two_percent")]
    pub zeta: f64,
    /// The interval that the minimal gap (of the means, offsets included) must fall into; by default
    /// any. At least about one instance in a thousand must have such a gap.
    #[serde(default)]
    pub gap: Option<[f64; 2]>,
    /// The standard deviation of the noise, ≥ 0.
    #[serde(default = "one")]
    pub deviation: f64,
}

const fn hundred() -> usize {
    100
}

const fn sixteen() -> usize {
    16
}

const fn two_percent() -> f64 {
    0.02
}

const fn one() -> f64 {
    1.0
}

/// Instances drawn to see whether an interval of gaps can be met, and how many must.
const PROBES: u32 = 4000;
const MET: u32 = 4;

impl EnvironmentModel for MisspecifiedLinear {
    const NAME: &'static str = "misspecified_linear";
    const SUMMARY: &'static str = "a fixed decision set, means linear up to ±ζ, minimal gap given";
    const SOURCE: &'static str = "Zhang, He, Fan, Gu, On the interplay between misspecification and \
                                  sub-optimality gap in linear contextual bandits, 2023";
    const EXAMPLE: &'static str =
        r#"{"arms": 5, "features": 3, "zeta": 0.05, "gap": [0.1, 0.4], "deviation": 0.5}"#;
    const PROTOCOLS: &'static [&'static str] = contextual::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        check_size(self.size())?;
        ParameterError::unless(self.arms >= 2, "arms", self.arms, "must be at least 2")?;
        let rule = "must be a number that is not negative";
        for (path, value) in [("zeta", self.zeta), ("deviation", self.deviation)] {
            ParameterError::unless(value >= 0.0 && value.is_finite(), path, value, rule)?;
        }
        let Some([low, high]) = self.gap else { return Ok(()) };
        let valid = low >= 0.0 && low < high && high.is_finite();
        let rule = "must be two numbers, not negative and increasing";
        ParameterError::unless(valid, "gap", format!("[{low}, {high}]"), rule)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        if let Some([low, high]) = self.gap {
            let mut rng = Stream::from_state(key(0, 0, Role::Environment));
            let mut instance = self.empty();
            let mut met = 0;
            for _ in 0..PROBES {
                instance.draw(self.zeta, &mut rng);
                met += u32::from((low..=high).contains(&instance.gap()));
                if met == MET {
                    break;
                }
            }
            let rule = format!("fewer than {MET} of {PROBES} instances have such a minimal gap");
            ParameterError::unless(met == MET, "gap", format!("[{low}, {high}]"), &rule)?;
        }
        Ok(contextual::faces(self.clone()))
    }
}

impl MisspecifiedLinear {
    fn empty(&self) -> Instance {
        Instance {
            theta: vec![0.0; self.features],
            features: vec![0.0; self.arms * self.features],
            means: vec![0.0; self.arms],
        }
    }

    /// The first instance of a stream whose gap is in the interval: [`EnvironmentModel::faces`] made
    /// sure that there are enough of them.
    fn instance(&self, mut rng: Stream) -> Instance {
        let mut instance = self.empty();
        loop {
            instance.draw(self.zeta, &mut rng);
            if self.gap.is_none_or(|[low, high]| (low..=high).contains(&instance.gap())) {
                return instance;
            }
        }
    }
}

/// A decision set with its means.
struct Instance {
    theta: Vec<f64>,
    features: Vec<f64>,
    means: Vec<f64>,
}

impl Instance {
    fn draw(&mut self, zeta: f64, rng: &mut Stream) {
        unit_vector(rng, &mut self.theta);
        let rows = self.features.chunks_exact_mut(self.theta.len());
        for (row, mean) in rows.zip(&mut self.means) {
            unit_vector(rng, row);
            let offset = if rng.uniform() < 0.5 { -zeta } else { zeta };
            *mean = dot(row, &self.theta) + offset;
        }
    }

    /// The highest mean minus the second highest.
    fn gap(&self) -> f64 {
        let (mut first, mut second) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
        for &mean in &self.means {
            if mean > first {
                (first, second) = (mean, first);
            } else if mean > second {
                second = mean;
            }
        }
        first - second
    }
}

impl ContextualModel for MisspecifiedLinear {
    type Source = Instances;

    fn size(&self) -> Size {
        Size { arms: self.arms, features: self.features, layout: Layout::Fixed }
    }

    fn facts(&self) -> Facts {
        Facts {
            feature_norm: Some(1.0),
            parameter_norm: Some(1.0),
            misspecification: Some(self.zeta),
            noise: Some(self.deviation),
            largest_mean: Some(1.0 + self.zeta),
        }
    }

    fn source(&self, block: &Block) -> Instances {
        let stream = |r| Stream::new(block.seed, r, Role::Environment);
        let replications = || block.replications.clone();
        Instances {
            instances: replications().map(|r| self.instance(stream(r))).collect(),
            response: Response::Gaussian(self.deviation),
            noise: replications().map(|r| Noise::new(block.seed, r)).collect(),
        }
    }
}

/// An instance for each lane.
pub struct Instances {
    instances: Vec<Instance>,
    response: Response,
    noise: Vec<Noise>,
}

impl ContextSource for Instances {
    fn show(&mut self, _: u64, lane: usize, features: &mut [f64], means: &mut [f64]) {
        features.copy_from_slice(&self.instances[lane].features);
        means.copy_from_slice(&self.instances[lane].means);
    }

    fn reward(&self, t: u64, lane: usize, arm: usize, mean: f64) -> f64 {
        self.response.draw(mean, self.noise[lane].word(t, arm))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::contextual::tests::{block, rounds};

    fn model(gap: Option<[f64; 2]>) -> MisspecifiedLinear {
        MisspecifiedLinear { arms: 20, features: 4, zeta: 0.05, gap, deviation: 1.0 }
    }

    #[test]
    fn means_are_linear_up_to_zeta_and_gaps_as_asked() {
        let model = model(Some([0.1, 0.12]));
        let source = model.source(&block(6, 1));
        let mut signs = 0;
        for instance in &source.instances {
            assert!((0.1..=0.12).contains(&instance.gap()));
            for (row, mean) in instance.features.chunks_exact(4).zip(&instance.means) {
                assert!((dot(row, row) - 1.0).abs() < 1e-12);
                let offset = mean - dot(row, &instance.theta);
                assert!((offset.abs() - 0.05).abs() < 1e-12);
                signs += i32::from(offset > 0.0);
            }
        }
        // 120 fair coins (a little less where the gap conditions them): deviation 5.5; five of them.
        assert!((signs - 60).abs() < 28, "{signs}");
        rounds(&model, 3);
    }

    #[test]
    fn gaps_that_do_not_occur_are_refused() {
        let error = model(Some([3.0, 4.0])).faces().err().expect("means lie in [−1.05, 1.05]");
        assert_eq!(error.path, "gap");
        assert!(error.message.contains("fewer than 4 of 4000"), "{error}");
        assert!(model(Some([0.2, 0.1])).check().is_err());
        assert!(model(None).faces().is_ok());
    }
}
