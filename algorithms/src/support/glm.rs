//! Generalised linear models fitted to all samples so far.

use regret_engine::math;
use regret_engine::registry::ParameterError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A canonical link's inverse, μ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// 1 / (1 + e^−z).
    #[default]
    Logistic,
    /// e^z.
    Poisson,
}

impl Link {
    fn mean(self, z: f64) -> f64 {
        match self {
            Self::Logistic => 1.0 / (1.0 + math::exp(-z)),
            Self::Poisson => math::exp(z.min(700.0)),
        }
    }

    /// Derivative at the score whose mean this is.
    fn slope(self, mean: f64) -> f64 {
        match self {
            Self::Logistic => mean * (1.0 - mean),
            Self::Poisson => mean,
        }
    }

    /// The loss whose derivative is μ(z) − y.
    fn loss(self, z: f64, y: f64) -> f64 {
        match self {
            Self::Logistic => {
                let size = z.abs();
                0.5 * (z + size) - y * z + math::ln_1p(math::exp(-size))
            }
            Self::Poisson => self.mean(z) - y * z,
        }
    }
}

/// The θ with Σ (y − μ(⟨x, θ⟩)) x = λ θ, by Newton's method from the last one.
#[derive(Clone, Debug)]
pub struct Glm {
    link: Link,
    lambda: f64,
    theta: Vec<f64>,
    features: Vec<f64>,
    labels: Vec<f64>,
    fitted: usize,
    gradient: Vec<f64>,
    hessian: Vec<f64>,
    trial: Vec<f64>,
}

/// Numbers that the samples may take: one gibibyte.
const MOST_NUMBERS: usize = 1 << 27;
/// A fit ends when no component of the gradient exceeds this.
const TOLERANCE: f64 = 1e-8;
/// Newton steps of a fit, and halvings of a step. The loss is convex: steps that do not lower it are
/// halved.
const STEPS: usize = 50;
const HALVINGS: usize = 30;

impl Glm {
    /// No sample yet; room for `samples` of them.
    ///
    /// # Errors
    /// More samples than fit into memory.
    pub fn new(link: Link, d: usize, lambda: f64, samples: usize) -> Result<Self, ParameterError> {
        let numbers = samples.saturating_mul(d + 1);
        if numbers > MOST_NUMBERS {
            let message = format!(
                "{samples} samples of {d} features need {numbers} numbers: at most {MOST_NUMBERS} \
                 (1 GiB) are kept; take a shorter horizon"
            );
            return Err(ParameterError { path: String::new(), message });
        }
        Ok(Self {
            link,
            lambda,
            theta: vec![0.0; d],
            features: Vec::with_capacity(samples * d),
            labels: Vec::with_capacity(samples),
            fitted: 0,
            gradient: vec![0.0; d],
            hessian: vec![0.0; d * d],
            trial: vec![0.0; d],
        })
    }

    /// Forgets every sample.
    pub fn reset(&mut self) {
        self.theta.fill(0.0);
        self.features.clear();
        self.labels.clear();
        self.fitted = 0;
    }

    /// μ(⟨x, θ⟩).
    pub fn mean(&self, x: &[f64]) -> f64 {
        self.link.mean(score(x, &self.theta))
    }

    /// Adds a sample, and fits if there are `share` more samples than at the last fit.
    pub fn learn(&mut self, x: &[f64], y: f64, share: f64) {
        let y = if self.link == Link::Logistic { y.clamp(0.0, 1.0) } else { y.max(0.0) };
        self.features.extend_from_slice(x);
        self.labels.push(y);
        if self.labels.len() as f64 > (1.0 + share) * self.fitted as f64 {
            self.fit();
            self.fitted = self.labels.len();
        }
    }

    /// The regularised loss at a parameter.
    fn loss(&self, theta: &[f64]) -> f64 {
        let samples = self.features.chunks_exact(theta.len()).zip(&self.labels);
        let loss: f64 = samples.map(|(x, &y)| self.link.loss(score(x, theta), y)).sum();
        loss + 0.5 * self.lambda * score(theta, theta)
    }

    fn fit(&mut self) {
        let d = self.theta.len();
        for _ in 0..STEPS {
            self.derive();
            if self.gradient.iter().all(|g| g.abs() <= TOLERANCE) {
                return;
            }
            cholesky_solve(&mut self.hessian, &mut self.gradient);
            let before = self.loss(&self.theta);
            let mut length = 1.0;
            for _ in 0..HALVINGS {
                for i in 0..d {
                    self.trial[i] = self.theta[i] - length * self.gradient[i];
                }
                if self.loss(&self.trial) <= before {
                    break;
                }
                length *= 0.5;
            }
            std::mem::swap(&mut self.theta, &mut self.trial);
        }
    }

    /// Gradient and Hessian at θ.
    fn derive(&mut self) {
        let d = self.theta.len();
        self.hessian.fill(0.0);
        for i in 0..d {
            self.gradient[i] = self.lambda * self.theta[i];
            self.hessian[i * d + i] = self.lambda;
        }
        for (x, &y) in self.features.chunks_exact(d).zip(&self.labels) {
            let mean = self.link.mean(score(x, &self.theta));
            let (error, slope) = (mean - y, self.link.slope(mean));
            for i in 0..d {
                self.gradient[i] += error * x[i];
                let weight = slope * x[i];
                for (entry, x) in self.hessian[i * d..][..=i].iter_mut().zip(x) {
                    *entry += weight * x;
                }
            }
        }
    }
}

fn score(x: &[f64], theta: &[f64]) -> f64 {
    x.iter().zip(theta).map(|(x, theta)| x * theta).sum()
}

/// Solves A v = b in place, A positive definite, its lower triangle given.
fn cholesky_solve(a: &mut [f64], b: &mut [f64]) {
    let d = b.len();
    for i in 0..d {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| a[i * d + k] * a[j * d + k]).sum();
            let value = a[i * d + j] - known;
            a[i * d + j] =
                if i == j { value.max(f64::MIN_POSITIVE).sqrt() } else { value / a[j * d + j] };
        }
        let known: f64 = (0..i).map(|k| a[i * d + k] * b[k]).sum();
        b[i] = (b[i] - known) / a[i * d + i];
    }
    for i in (0..d).rev() {
        let known: f64 = (i + 1..d).map(|k| a[k * d + i] * b[k]).sum();
        b[i] = (b[i] - known) / a[i * d + i];
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Stream, normal};

    use super::*;

    #[test]
    fn one_sample_by_hand() {
        let mut glm = Glm::new(Link::Logistic, 1, 1.0, 10).expect("fits");
        glm.learn(&[1.0], 1.0, 0.0);
        // 1 − σ(θ) = θ.
        assert!((glm.theta[0] - 0.401_058_137_5).abs() < 1e-8, "{}", glm.theta[0]);
        let mut glm = Glm::new(Link::Poisson, 1, 2.0, 10).expect("fits");
        glm.learn(&[1.0], 5.0, 0.0);
        // 5 − e^θ = 2 θ: θ = 1.0587.
        assert!((5.0 - glm.theta[0].exp() - 2.0 * glm.theta[0]).abs() < 1e-7);
    }

    #[test]
    fn the_equation_holds_after_every_fit() {
        for link in [Link::Logistic, Link::Poisson] {
            let mut glm = Glm::new(link, 3, 0.5, 200).expect("fits");
            let mut rng = Stream::from_state(9);
            for n in 0..200 {
                let x: [f64; 3] = std::array::from_fn(|_| normal(&mut rng));
                glm.learn(&x, if n % 3 == 0 { 1.0 } else { 0.0 }, 0.1);
            }
            glm.fit();
            glm.derive();
            assert!(glm.gradient.iter().all(|g| g.abs() <= TOLERANCE), "{:?}", glm.gradient);
            glm.reset();
            assert_eq!(glm.mean(&[1.0, 2.0, 3.0]), link.mean(0.0));
        }
    }
}
