//! Parameters of linear scores.

use regret_engine::environment::Block;
use regret_engine::protocols::contextual::{Layout, Size};
use regret_engine::random::{Role, Stream};
use regret_engine::registry::ParameterError;

use super::contextual::dot;
use super::features::unit_vector;
use super::scored::Score;

/// The score ⟨x, θ⟩, or ⟨x, θ_a⟩ where the features are shared.
pub struct Linear {
    size: Size,
    /// `[lane][arm][feature]`, one row a lane where arms have features of their own.
    parameters: Vec<f64>,
}

impl Linear {
    /// The given parameter in every lane, or one of this norm drawn for each replication, uniform
    /// on the sphere (each θ_a by itself).
    pub fn new(size: Size, given: Option<&[f64]>, norm: f64, block: &Block) -> Self {
        let mut parameters = vec![0.0; size.dimension() * block.lanes()];
        let lanes = parameters.chunks_exact_mut(size.dimension());
        for (lane, replication) in lanes.zip(block.replications.clone()) {
            if let Some(given) = given {
                lane.copy_from_slice(given);
                continue;
            }
            let mut rng = Stream::new(block.seed, replication, Role::Environment);
            for theta in lane.chunks_exact_mut(size.features) {
                unit_vector(&mut rng, theta);
                theta.iter_mut().for_each(|x| *x *= norm);
            }
        }
        Self { size, parameters }
    }

    /// The norm of the whole parameter: the given one's, or that of the drawn ones.
    pub fn norm(size: Size, given: Option<&[f64]>, norm: f64) -> f64 {
        match given {
            Some(given) => dot(given, given).sqrt(),
            None => norm * (size.dimension() as f64 / size.features as f64).sqrt(),
        }
    }

    /// A bound on |⟨x, θ⟩| for features of norm 1.
    pub fn largest(size: Size, given: Option<&[f64]>, norm: f64) -> f64 {
        let rows = given.map(|given| given.chunks_exact(size.features));
        rows.map_or(norm, |rows| rows.fold(0.0, |largest, row| dot(row, row).sqrt().max(largest)))
    }
}

impl Score for Linear {
    fn score(&self, _: u64, lane: usize, arm: usize, features: &[f64]) -> f64 {
        let lane = &self.parameters[lane * self.size.dimension()..][..self.size.dimension()];
        match self.size.layout {
            Layout::Shared => dot(features, &lane[arm * self.size.features..]),
            Layout::Fixed | Layout::Varying => dot(features, lane),
        }
    }
}

/// A given parameter must be finite and as long as the features, or as all arms' together where
/// these are shared; the norm of a drawn one must be positive.
///
/// # Errors
/// The parameter with the rule.
pub fn check(size: Size, given: Option<&[f64]>, norm: f64) -> Result<(), ParameterError> {
    let rule = "must be a positive number";
    ParameterError::unless(norm > 0.0 && norm.is_finite(), "norm", norm, rule)?;
    let Some(given) = given else { return Ok(()) };
    let rule = format!("must have {} numbers", size.dimension());
    let count = format!("{} numbers", given.len());
    ParameterError::unless(given.len() == size.dimension(), "theta", count, &rule)?;
    let rule = "must be a finite number";
    for (index, &value) in given.iter().enumerate() {
        ParameterError::unless(value.is_finite(), &format!("theta[{index}]"), value, rule)?;
    }
    Ok(())
}
