//! Widths of a network's predictions: its gradient measured by what was seen of gradients.

use regret_engine::registry::ParameterError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kernels32::{add_square_to_inverse, weighted_square};
use super::network::Network;
use super::ridge::Ridge;

/// What is kept of the design matrix λI + Σ g gᵀ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Design {
    /// Its diagonal.
    #[default]
    Diagonal,
    /// All of it: for networks of at most 4096 weights.
    Full,
}

/// The width gᵀ U⁻¹ g of a gradient g, U = λI + Σ g gᵀ over the samples entered or its diagonal; in f64.
pub enum GradientWidth {
    /// The inverse of the diagonal, the squared derivatives, and λ.
    Diagonal {
        /// 1/U.
        inverse: Vec<f64>,
        /// δ² of a layer.
        squares: Vec<f64>,
        /// λ.
        lambda: f64,
    },
    /// The whole matrix, and a flat gradient.
    Full {
        /// V = U.
        matrix: Box<Ridge>,
        /// g in f32 and f64.
        flat: (Vec<f32>, Vec<f64>),
    },
}

/// Weights of a network whose whole matrix is kept.
const MOST_WEIGHTS: usize = 4096;

impl GradientWidth {
    /// No sample yet; λ > 0.
    ///
    /// # Errors
    /// A network that is too large for the whole matrix.
    pub fn new(design: Design, network: &Network, lambda: f64) -> Result<Self, ParameterError> {
        let count = network.count();
        match design {
            Design::Diagonal => {
                let most = network.factors().map(|(_, _, deltas)| deltas.len()).max();
                let squares = vec![0.0; most.unwrap_or_default()];
                Ok(Self::Diagonal { inverse: vec![1.0 / lambda; count], squares, lambda })
            }
            Design::Full if count > MOST_WEIGHTS => {
                let rule = format!(
                    "the network has {count} weights, and the whole matrix is kept for at most \
                     {MOST_WEIGHTS}: take `diagonal`, or a narrower network"
                );
                Err(ParameterError { path: "design".to_owned(), message: rule })
            }
            Design::Full => Ok(Self::Full {
                matrix: Box::new(Ridge::new(count, lambda)),
                flat: (vec![0.0; count], vec![0.0; count]),
            }),
        }
    }

    /// Forgets every sample.
    pub fn reset(&mut self) {
        match self {
            Self::Diagonal { inverse, lambda, .. } => inverse.fill(1.0 / *lambda),
            Self::Full { matrix, .. } => matrix.reset(),
        }
    }

    /// gᵀ U⁻¹ g for the gradient of the network's last backward pass.
    pub fn width(&mut self, network: &Network) -> f64 {
        match self {
            Self::Diagonal { inverse, squares, .. } => {
                let mut sum = 0.0;
                for (range, inputs, deltas) in network.factors() {
                    let squares = squared(deltas, squares);
                    sum += weighted_square(&inverse[range], inputs, squares);
                }
                sum
            }
            Self::Full { matrix, flat } => matrix.predict_with_width(flatten(network, flat)).1,
        }
    }

    /// Enters the gradient of the network's last backward pass.
    pub fn add(&mut self, network: &Network) {
        match self {
            Self::Diagonal { inverse, squares, .. } => {
                for (range, inputs, deltas) in network.factors() {
                    let squares = squared(deltas, squares);
                    add_square_to_inverse(&mut inverse[range], inputs, squares);
                }
            }
            Self::Full { matrix, flat } => {
                matrix.add(flatten(network, flat), 0.0);
            }
        }
    }
}

fn squared<'a>(deltas: &[f32], squares: &'a mut [f64]) -> &'a [f64] {
    for (square, &delta) in squares.iter_mut().zip(deltas) {
        *square = f64::from(delta) * f64::from(delta);
    }
    &squares[..deltas.len()]
}

fn flatten<'a>(network: &Network, flat: &'a mut (Vec<f32>, Vec<f64>)) -> &'a [f64] {
    flat.0.fill(0.0);
    network.add_gradient(&mut flat.0, 1.0);
    for (wide, &narrow) in flat.1.iter_mut().zip(&flat.0) {
        *wide = f64::from(narrow);
    }
    &flat.1
}

#[cfg(test)]
mod tests {
    use super::super::network::tests::tiny;
    use super::*;

    /// λ = 0.1, ν = 0.5 on the page's tiny network.
    #[test]
    fn widths_by_hand() {
        let (lambda, nu) = (0.1, 0.5);
        let mut network = tiny();
        let mut diagonal = GradientWidth::new(Design::Diagonal, &network, lambda).expect("fits");
        let mut full = GradientWidth::new(Design::Full, &network, lambda).expect("fits");
        let xs = [[0.8, -0.6], [0.6, 0.8]];
        let mut sigma = |width: &mut GradientWidth, x: &[f64; 2], enter: bool| {
            network.forward(0, x);
            network.backward();
            let sigma = (lambda * nu * width.width(&network)).sqrt();
            if enter {
                width.add(&network);
            }
            sigma
        };
        for (x, expected) in xs.iter().zip([2.574_150, 1.242_980]) {
            assert!((sigma(&mut diagonal, x, false) - expected).abs() < 1e-6);
            assert!((sigma(&mut full, x, false) - expected).abs() < 1e-6);
        }
        sigma(&mut diagonal, &xs[0], true);
        for (x, expected) in xs.iter().zip([0.605_003, 0.478_227]) {
            assert!((sigma(&mut diagonal, x, false) - expected).abs() < 1e-6);
        }
        // Whole: after g with ‖g‖² = w, the width w/λ becomes (w/λ)/(1 + w/λ).
        let before = sigma(&mut full, &xs[0], true).powi(2) / (lambda * nu);
        let after = sigma(&mut full, &xs[0], false).powi(2) / (lambda * nu);
        assert!((after - before / (1.0 + before)).abs() < 1e-9);
        diagonal.reset();
        assert!((sigma(&mut diagonal, &xs[0], false) - 2.574_150).abs() < 1e-6);
    }
}
