//! A small dense network with one output, trained one sample at a time.
//!
//! Weights, activations and gradients are f32; what is summed over many samples or weights (errors,
//! distances, design matrices) is f64. Layers are stored `[input][output]`, so that forward pass, gradient and
//! step all run along the outputs of a layer. Where features are shared, the first layer has a block
//! of weights for each arm, and a sample touches one block: the disjoint encoding without its zeros.
//! Gradients are kept by their factors (a layer's inputs and the derivatives by its outputs) and
//! written out flat on demand. The derivative of the ReLU at 0 is 0.
//!
//! Written here and not taken from a library: a library's matrix products fuse multiplications and
//! additions where the processor can, which gives other bits on other machines, and this project's
//! results do not depend on the machine.

use regret_engine::random::{Stream, normal};
use regret_engine::registry::ParameterError;

use super::kernels32::{add_outer, add_scaled, affine, dot};

/// A dense layer's place within the flat parameters.
#[derive(Clone, Copy, Debug)]
struct Layer {
    inputs: usize,
    outputs: usize,
    /// Blocks of `inputs × outputs` weights, then `outputs` biases.
    blocks: usize,
    start: usize,
}

impl Layer {
    fn block(&self, block: usize) -> std::ops::Range<usize> {
        let size = self.inputs * self.outputs;
        let start = self.start + if self.blocks == 1 { 0 } else { block * size };
        start..start + size
    }

    fn biases(&self) -> std::ops::Range<usize> {
        let start = self.start + self.blocks * self.inputs * self.outputs;
        start..start + self.outputs
    }
}

/// A network with ReLU units.
#[derive(Clone, Debug)]
pub struct Network {
    layers: Vec<Layer>,
    weights: Vec<f32>,
    initial: Vec<f32>,
    /// Inputs of each layer, and derivatives of the output by each layer's sums.
    inputs: Vec<Vec<f32>>,
    deltas: Vec<Vec<f32>>,
    block: usize,
}

/// Weights that a network may have: half a gibibyte with the initial ones.
const MOST_WEIGHTS: usize = 1 << 26;

impl Network {
    /// A network of `blocks × inputs` features and the given hidden layers, all weights 0 until
    /// [`Network::initialise`].
    ///
    /// # Errors
    /// A network that does not fit into memory.
    pub fn new(blocks: usize, inputs: usize, hidden: &[usize]) -> Result<Self, ParameterError> {
        let mut layers = Vec::new();
        let (mut start, mut fan_in, mut blocks) = (0usize, inputs, blocks);
        for &outputs in hidden.iter().chain([&1]) {
            layers.push(Layer { inputs: fan_in, outputs, blocks, start });
            start = start.saturating_add((blocks * fan_in).saturating_mul(outputs) + outputs);
            (fan_in, blocks) = (outputs, 1);
        }
        if start > MOST_WEIGHTS {
            let message = format!(
                "the network would have {start} weights: at most {MOST_WEIGHTS}; take narrower layers"
            );
            return Err(ParameterError { path: "network.hidden".to_owned(), message });
        }
        Ok(Self {
            inputs: layers.iter().map(|layer| vec![0.0; layer.inputs]).collect(),
            deltas: layers.iter().map(|layer| vec![0.0; layer.outputs]).collect(),
            layers,
            weights: vec![0.0; start],
            initial: vec![0.0; start],
            block: 0,
        })
    }

    /// Draws the weights: N(0, 2/inputs) in hidden layers, N(0, 1/inputs) in the last; biases 0.
    pub fn initialise(&mut self, rng: &mut Stream) {
        let last = self.layers.len() - 1;
        for (index, layer) in self.layers.iter().enumerate() {
            let variance = if index == last { 1.0 } else { 2.0 } / layer.inputs as f64;
            let biases = layer.biases();
            for weight in &mut self.weights[layer.start..biases.start] {
                *weight = (variance.sqrt() * normal(rng)) as f32;
            }
            self.weights[biases].fill(0.0);
        }
        self.initial.copy_from_slice(&self.weights);
    }

    /// The number of weights, p.
    pub fn count(&self) -> usize {
        self.weights.len()
    }

    /// The weights: for each layer its blocks, `[input][output]`, and its biases.
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// The weights, to be changed, and those of the start.
    pub fn weights_mut(&mut self) -> (&mut [f32], &[f32]) {
        (&mut self.weights, &self.initial)
    }

    /// The output for features in a block.
    pub fn forward(&mut self, block: usize, x: &[f64]) -> f64 {
        self.block = block;
        for (slot, &x) in self.inputs[0].iter_mut().zip(x) {
            *slot = x as f32;
        }
        let last = self.layers.len() - 1;
        for index in 0..last {
            let layer = self.layers[index];
            let (before, after) = self.inputs.split_at_mut(index + 1);
            let (weights, biases) =
                (&self.weights[layer.block(block)], &self.weights[layer.biases()]);
            affine(&before[index], weights, biases, &mut after[0]);
            after[0].iter_mut().for_each(|unit| *unit = if *unit > 0.0 { *unit } else { 0.0 });
        }
        let layer = self.layers[last];
        let weights = &self.weights[layer.block(block)];
        f64::from(dot(&self.inputs[last], weights) + self.weights[layer.biases().start])
    }

    /// The gradient of the output of the last forward pass, kept by its factors.
    pub fn backward(&mut self) {
        let last = self.layers.len() - 1;
        self.deltas[last][0] = 1.0;
        for index in (0..last).rev() {
            let layer = self.layers[index + 1];
            let weights = &self.weights[layer.block(self.block)];
            let (before, after) = self.deltas.split_at_mut(index + 1);
            let units = before[index].iter_mut().zip(&self.inputs[index + 1]);
            for ((delta, &unit), row) in units.zip(weights.chunks_exact(layer.outputs)) {
                let value = if layer.outputs == 1 { row[0] } else { dot(row, &after[0]) };
                *delta = if unit > 0.0 { value } else { 0.0 };
            }
        }
    }

    /// Adds `scale` times the gradient of the last backward pass to a flat vector, such as the weights'.
    pub fn add_gradient(&self, flat: &mut [f32], scale: f32) {
        for ((layer, inputs), deltas) in self.layers.iter().zip(&self.inputs).zip(&self.deltas) {
            add_outer(&mut flat[layer.block(self.block)], inputs, deltas, scale);
            add_scaled(&mut flat[layer.biases()], deltas, scale);
        }
    }

    /// Moves the weights by `scale` times the gradient of the last backward pass.
    pub fn step(&mut self, scale: f32) {
        for ((layer, inputs), deltas) in self.layers.iter().zip(&self.inputs).zip(&self.deltas) {
            add_outer(&mut self.weights[layer.block(self.block)], inputs, deltas, scale);
            add_scaled(&mut self.weights[layer.biases()], deltas, scale);
        }
    }

    /// The parts of the flat parameters that the last sample touched, with the factors of their
    /// gradients: weights by inputs and deltas, biases by `[1]` and deltas.
    pub fn factors(&self) -> impl Iterator<Item = (std::ops::Range<usize>, &[f32], &[f32])> {
        let layers = self.layers.iter().zip(&self.inputs).zip(&self.deltas);
        layers.flat_map(|((layer, inputs), deltas)| {
            let weights = (layer.block(self.block), inputs.as_slice(), deltas.as_slice());
            [weights, (layer.biases(), &[1.0f32][..], deltas.as_slice())]
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The network of the page on neural regression: W1 = [[1, −1], [0.5, 0.25]] by units, b1 = (0.1, −0.2),
    /// W2 = (2, −1), b2 = 0.3.
    pub(crate) fn tiny() -> Network {
        let mut network = Network::new(1, 2, &[2]).expect("fits");
        network.weights.copy_from_slice(&[1.0, 0.5, -1.0, 0.25, 0.1, -0.2, 2.0, -1.0, 0.3]);
        network.initial.copy_from_slice(&network.weights);
        network
    }

    /// The flat gradient, by units: W1 row by row, b1, W2, b2.
    fn gradient(network: &mut Network, x: [f64; 2]) -> (f64, Vec<f32>) {
        let value = network.forward(0, &x);
        network.backward();
        let mut flat = vec![0.0; network.count()];
        network.add_gradient(&mut flat, 1.0);
        let order = [0, 2, 1, 3, 4, 5, 6, 7, 8];
        (value, order.iter().map(|&index| flat[index]).collect())
    }

    #[test]
    fn a_tiny_network_by_hand() {
        let mut network = tiny();
        for (x, output, expected) in [
            ([0.8, -0.6], 3.25, [1.6, -1.2, -0.8, 0.6, 2.0, -1.0, 1.5, 0.05, 1.0]),
            ([0.6, 0.8], 0.0, [0.0, 0.0, -0.6, -0.8, 0.0, -1.0, 0.0, 0.3, 1.0]),
        ] {
            let (value, found) = gradient(&mut network, x);
            assert!((value - output).abs() < 1e-6, "{value}");
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?}");
        }
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        for (blocks, hidden) in [(1, vec![7]), (3, vec![20]), (2, vec![9, 6]), (1, vec![5, 4, 3])] {
            let mut network = Network::new(blocks, 4, &hidden).expect("fits");
            let mut rng = Stream::from_state(8);
            network.initialise(&mut rng);
            let x = [0.3, -0.7, 0.2, 0.9];
            for block in 0..blocks {
                network.forward(block, &x);
                network.backward();
                let mut flat = vec![0.0; network.count()];
                network.add_gradient(&mut flat, 1.0);
                let mut seen = 0;
                for index in 0..network.count() {
                    let mut at = |shift: f32| {
                        let before = network.weights[index];
                        network.weights[index] = before + shift;
                        let value = network.forward(block, &x);
                        network.weights[index] = before;
                        value
                    };
                    let [up, down] = [at(1e-2), at(-1e-2)];
                    let [near_up, near_down] = [at(5e-3), at(-5e-3)];
                    let (slope, nearer) = ((up - down) / 0.02, (near_up - near_down) / 0.01);
                    // Piecewise linear in one weight: where both agree there is no kink between.
                    if (slope - nearer).abs() < 1e-4
                        && (up + down - near_up - near_down).abs() < 1e-5
                    {
                        let error = (slope - f64::from(flat[index])).abs();
                        assert!(
                            error < 1e-3,
                            "{blocks} {hidden:?} {index}: {slope} {}",
                            flat[index]
                        );
                        seen += 1;
                    }
                }
                assert!(seen * 10 > network.count() * 9, "{seen} of {}", network.count());
            }
        }
    }

    #[test]
    fn a_step_is_the_gradient_and_blocks_are_apart() {
        let mut network = Network::new(2, 3, &[8]).expect("fits");
        network.initialise(&mut Stream::from_state(1));
        let x = [1.0, -0.5, 0.25];
        network.forward(1, &x);
        network.backward();
        let mut expected = network.weights.clone();
        network.add_gradient(&mut expected, -0.1);
        network.step(-0.1);
        assert_eq!(network.weights, expected);
        // Block 0 of the first layer stayed.
        assert_eq!(network.weights[..24], network.initial[..24]);
        assert_ne!(network.weights[24..48], network.initial[24..48]);
        let touched: usize = network.factors().map(|(range, _, _)| range.len()).sum();
        assert_eq!(touched, 24 + 8 + 8 + 1);
    }

    #[test]
    fn networks_that_do_not_fit_are_refused() {
        let error = Network::new(1000, 1000, &[100]).expect_err("10⁸ weights");
        assert!(error.message.contains("at most 67108864"), "{error}");
    }
}
