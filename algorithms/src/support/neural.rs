//! What neural bandits share: a network that predicts rewards, trained with each sample.

use regret_engine::protocols::contextual::{ArmFeatures, Layout, Size};
use regret_engine::random::Stream;
use regret_engine::registry::ParameterError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kernels32::{add_scaled, move_towards, squared_distance};
use super::logistic::sigmoid;
use super::network::Network;

/// The network and how it is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkParameters {
    /// The units of each hidden layer, ReLU.
    pub hidden: Vec<usize>,
    /// The learning rate η > 0 of the one step of each sample.
    pub rate: f64,
    /// `sgd` or `adam`. Adam keeps the moments of the weights that a sample touches (with shared
    /// features, of its arm's block), β = (0.9, 0.999), ε = 10⁻⁸.
    pub optimiser: Optimiser,
    /// Weights are kept within this distance of their initial values; by default anywhere.
    pub radius: Option<f64>,
}

/// How weights follow gradients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Optimiser {
    /// Against the gradient.
    #[default]
    Sgd,
    /// Kingma and Ba, 2015.
    Adam,
}

impl Default for NetworkParameters {
    fn default() -> Self {
        Self { hidden: vec![100], rate: 0.02, optimiser: Optimiser::Sgd, radius: None }
    }
}

impl NetworkParameters {
    /// The default with another rate.
    pub fn with_rate(rate: f64) -> Self {
        Self { rate, ..Self::default() }
    }

    /// Checks the values.
    ///
    /// # Errors
    /// The first that cannot be.
    pub fn check(&self) -> Result<(), ParameterError> {
        let positive = |path: &str, value: f64| {
            let valid = value > 0.0 && value.is_finite();
            ParameterError::unless(valid, path, value, "must be a positive number")
        };
        ParameterError::unless(
            (1..=8).contains(&self.hidden.len()),
            "network.hidden",
            format!("{} layers", self.hidden.len()),
            "must have 1 to 8 layers",
        )?;
        for (index, &units) in self.hidden.iter().enumerate() {
            let path = format!("network.hidden[{index}]");
            let rule = "must be from 1 to 65536";
            ParameterError::unless((1..=1 << 16).contains(&units), &path, units, rule)?;
        }
        positive("network.rate", self.rate)?;
        self.radius.map_or(Ok(()), |radius| positive("network.radius", radius))
    }
}

/// The loss of a sample with output f and label y.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// (y − f)²; the prediction is f.
    Squared,
    /// The log loss of y under σ(f), which is the prediction; y in [0, 1].
    Logistic,
}

impl Loss {
    fn prediction(self, output: f64) -> f64 {
        match self {
            Self::Squared => output,
            Self::Logistic => sigmoid(output),
        }
    }

    /// The derivative by the output.
    fn slope(self, output: f64, label: f64) -> f64 {
        match self {
            Self::Squared => 2.0 * (output - label),
            Self::Logistic => sigmoid(output) - label.clamp(0.0, 1.0),
        }
    }
}

/// The perturbation of outputs, f + (c / m^¼) Σ ε_j (θ_j − θ_j⁰) with independent signs ε_j, m the width of the
/// last hidden layer. Over the signs the squared loss has mean (y − f)² + (c²/√m) ‖θ − θ⁰‖².
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Perturbation {
    /// None.
    None,
    /// The mean over the signs: for the squared loss exact, a pull towards the initial weights; for the log
    /// loss to second order, with its curvature ¼ at most.
    Expected,
    /// The average over this many draws of signs, anew for every sample.
    Sampled(u32),
}

/// A sampled perturbation needs 1 to 1000 draws.
///
/// # Errors
/// The number of draws.
pub fn check_draws(perturbation: Perturbation) -> Result<(), ParameterError> {
    let Perturbation::Sampled(draws) = perturbation else { return Ok(()) };
    let rule = "must be from 1 to 1000";
    ParameterError::unless((1..=1000).contains(&draws), "perturbation", draws, rule)
}

/// Adam's constants.
const BETA: (f32, f32) = (0.9, 0.999);
const EPSILON: f32 = 1e-8;

/// A network that learns from each sample.
pub struct NeuralModel {
    parameters: NetworkParameters,
    loss: Loss,
    perturbation: Perturbation,
    /// c / m^¼.
    scale: f64,
    size: Size,
    network: Network,
    ready: bool,
    /// The gradient of perturbed losses and of Adam, first and second moments: flat, where needed.
    gradient: Vec<f32>,
    moments: [Vec<f32>; 2],
    /// Adam's steps of every block.
    steps: Vec<i32>,
    predictions: Vec<f64>,
}

impl NeuralModel {
    /// A network for a setting; `c` scales the perturbation.
    ///
    /// # Errors
    /// A network that does not fit into memory.
    pub fn new(
        parameters: &NetworkParameters,
        loss: Loss,
        perturbation: Perturbation,
        c: f64,
        size: Size,
    ) -> Result<Self, ParameterError> {
        let blocks = if size.layout == Layout::Shared { size.arms } else { 1 };
        let network = Network::new(blocks, size.features, &parameters.hidden)?;
        let adam = parameters.optimiser == Optimiser::Adam;
        let sampled = matches!(perturbation, Perturbation::Sampled(_));
        let flat = |needed: bool| vec![0.0; if needed { network.count() } else { 0 }];
        let width = parameters.hidden.last().copied().unwrap_or(1) as f64;
        Ok(Self {
            parameters: parameters.clone(),
            loss,
            perturbation,
            scale: c / width.sqrt().sqrt(),
            size,
            gradient: flat(adam || sampled),
            moments: [flat(adam), flat(adam)],
            steps: vec![0; blocks],
            predictions: vec![0.0; size.arms],
            network,
            ready: false,
        })
    }

    /// Forgets everything: weights are drawn anew before the next prediction.
    pub fn reset(&mut self) {
        self.ready = false;
    }

    /// The network.
    pub fn network(&mut self) -> &mut Network {
        &mut self.network
    }

    /// Draws the weights before the first prediction of a replication.
    pub fn prepare(&mut self, rng: &mut Stream) {
        if !self.ready {
            self.network.initialise(rng);
            self.moments.iter_mut().for_each(|moments| moments.fill(0.0));
            self.steps.fill(0);
            self.ready = true;
        }
    }

    /// Predicts every arm of a context.
    pub fn look(&mut self, context: ArmFeatures<'_>) -> &[f64] {
        for arm in 0..self.size.arms {
            self.predictions[arm] = self.predict(arm, context.row(arm));
        }
        &self.predictions
    }

    /// Predicts one arm, whose gradient can be asked of the network then.
    pub fn predict(&mut self, arm: usize, row: &[f64]) -> f64 {
        let output = self.network.forward(self.block(arm), row);
        self.loss.prediction(output)
    }

    fn block(&self, arm: usize) -> usize {
        if self.size.layout == Layout::Shared { arm } else { 0 }
    }

    /// Takes one step with the label of an arm.
    pub fn learn(&mut self, arm: usize, row: &[f64], label: f64, rng: &mut Stream) {
        let block = self.block(arm);
        let output = self.network.forward(block, row);
        self.network.backward();
        let slope = self.loss.slope(output, label);
        match self.perturbation {
            Perturbation::Sampled(draws) => self.perturbed(output, label, draws, rng),
            _ if self.parameters.optimiser == Optimiser::Adam => {
                self.clear_touched();
                self.network.add_gradient(&mut self.gradient, slope as f32);
            }
            _ => {
                self.network.step((-self.parameters.rate * slope) as f32);
                self.pull();
                return self.project();
            }
        }
        match self.parameters.optimiser {
            Optimiser::Adam => self.adam(block),
            Optimiser::Sgd => {
                let (weights, _) = self.network.weights_mut();
                add_scaled(weights, &self.gradient, -self.parameters.rate as f32);
            }
        }
        self.pull();
        self.project();
    }

    /// The gradient of the loss averaged over draws of signs: each adds its slope times (∇f + scale · ε).
    fn perturbed(&mut self, output: f64, label: f64, draws: u32, rng: &mut Stream) {
        self.gradient.fill(0.0);
        let mut mean_slope = 0.0;
        let share = 1.0 / f64::from(draws);
        for _ in 0..draws {
            let seed = rng.word();
            let (weights, initial) = self.network.weights_mut();
            let shift = self.scale * signed_sum(weights, initial, seed);
            let slope = share * self.loss.slope(output + shift, label);
            mean_slope += slope;
            add_signs(&mut self.gradient, (slope * self.scale) as f32, seed);
        }
        self.network.add_gradient(&mut self.gradient, mean_slope as f32);
    }

    /// The expected perturbation's step: 2 (c²/√m) (θ − θ⁰), or ¼ in place of 2 for the log loss.
    fn pull(&mut self) {
        if self.perturbation != Perturbation::Expected {
            return;
        }
        let curvature = match self.loss {
            Loss::Squared => 2.0,
            Loss::Logistic => 0.25,
        };
        let share = self.parameters.rate * curvature * self.scale * self.scale;
        let (weights, initial) = self.network.weights_mut();
        move_towards(weights, initial, share.min(1.0) as f32);
    }

    /// Back into the ball around the initial weights.
    fn project(&mut self) {
        let Some(radius) = self.parameters.radius else { return };
        let (weights, initial) = self.network.weights_mut();
        let distance = squared_distance(weights, initial).sqrt();
        if distance > radius {
            move_towards(weights, initial, (1.0 - radius / distance) as f32);
        }
    }

    fn clear_touched(&mut self) {
        for (range, _, _) in self.network.factors() {
            self.gradient[range].fill(0.0);
        }
    }

    fn adam(&mut self, block: usize) {
        self.steps[block] = self.steps[block].saturating_add(1);
        let steps = self.steps[block].min(100_000);
        let first_bias = 1.0 - f64::from(BETA.0).powi(steps);
        let second_bias = 1.0 - f64::from(BETA.1).powi(steps);
        let rate = (self.parameters.rate / first_bias) as f32;
        let second = (1.0 / second_bias) as f32;
        let ranges: [Option<std::ops::Range<usize>>; 18] = {
            let mut factors = self.network.factors();
            std::array::from_fn(|_| factors.next().map(|(range, _, _)| range))
        };
        let [means, squares] = &mut self.moments;
        let (weights, _) = self.network.weights_mut();
        for range in ranges.into_iter().flatten() {
            for index in range {
                let g = self.gradient[index];
                means[index] = BETA.0 * means[index] + (1.0 - BETA.0) * g;
                squares[index] = BETA.1 * squares[index] + (1.0 - BETA.1) * g * g;
                let deviation = (squares[index] * second).sqrt() + EPSILON;
                weights[index] -= rate * means[index] / deviation;
            }
        }
    }
}

/// Σ ε_j (a_j − b_j) with the signs of a seed.
fn signed_sum(a: &[f32], b: &[f32], seed: u64) -> f64 {
    let mut rng = Stream::from_state(seed);
    let mut sum = 0.0;
    for (a, b) in a.chunks(64).zip(b.chunks(64)) {
        let mut word = rng.word();
        for (a, b) in a.iter().zip(b) {
            sum += signed(f64::from(a - b), word);
            word >>= 1;
        }
    }
    sum
}

/// y_j += scale · ε_j with the signs of a seed.
fn add_signs(y: &mut [f32], scale: f32, seed: u64) {
    let mut rng = Stream::from_state(seed);
    for y in y.chunks_mut(64) {
        let mut word = rng.word();
        for y in y.iter_mut() {
            *y += signed(f64::from(scale), word) as f32;
            word >>= 1;
        }
    }
}

/// The number, or its negative if the word's lowest bit is set.
#[inline(always)]
fn signed(value: f64, word: u64) -> f64 {
    f64::from_bits(value.to_bits() ^ (word << 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(
        parameters: NetworkParameters,
        loss: Loss,
        perturbation: Perturbation,
    ) -> (NeuralModel, Stream) {
        let size = Size { arms: 2, features: 3, layout: Layout::Shared };
        let mut model = NeuralModel::new(&parameters, loss, perturbation, 0.5, size).expect("fits");
        let mut rng = Stream::from_state(5);
        model.prepare(&mut rng);
        (model, rng)
    }

    fn small(rate: f64) -> NetworkParameters {
        NetworkParameters { hidden: vec![16], rate, ..NetworkParameters::default() }
    }

    const X: [f64; 3] = [0.5, -0.5, 1.0];

    /// δ = (0.1, −0.2, 0.3), c = 0.5, m = 16, y = 1, f = 0.4: the mean over 8 signs of (y − f̃)² is
    /// 0.36 + 0.25 · 0.14 / 4 = 0.36875.
    #[test]
    fn the_perturbation_identity() {
        let scale = 0.5 / 2.0;
        let delta = [0.1, -0.2, 0.3];
        let mean: f64 = (0..8u32)
            .map(|bits| {
                let sign = |j: u32| if bits >> j & 1 == 1 { -1.0 } else { 1.0 };
                let shift: f64 = (0..3).map(|j| sign(j) * delta[j as usize]).sum();
                (0.6 - scale * shift).powi(2) / 8.0
            })
            .sum();
        assert!((mean - 0.368_75).abs() < 1e-12);
        assert_eq!((signed(1.5, 2), signed(1.5, 3)), (1.5, -1.5));
    }

    /// Many draws of signs give the expected perturbation's step.
    #[test]
    fn sampled_perturbations_average_to_the_expected_one() {
        let after = |perturbation| {
            let (mut model, mut rng) = model(small(0.05), Loss::Squared, Perturbation::None);
            (0..20).for_each(|_| model.learn(0, &X, 1.0, &mut rng));
            model.perturbation = perturbation;
            model.gradient = vec![0.0; model.network.count()];
            // Without an error of its own the sample moves the weights by the perturbation alone.
            let label = model.predict(0, &X);
            model.learn(0, &X, label, &mut rng);
            model.network.weights().to_vec()
        };
        let (none, expected) = (after(Perturbation::None), after(Perturbation::Expected));
        let sampled = after(Perturbation::Sampled(20_000));
        let pull = squared_distance(&none, &expected).sqrt();
        // An average of 20000 draws is off by about √(p/20000) = 0.08 of the pull, p = 129 weights.
        let error = squared_distance(&sampled, &expected).sqrt();
        assert!(error < 0.25 * pull, "{error} {pull}");
    }

    #[test]
    fn losses_fall_and_labels_are_learned() {
        for (loss, optimiser, rate) in [
            (Loss::Squared, Optimiser::Sgd, 0.05),
            (Loss::Logistic, Optimiser::Sgd, 0.3),
            (Loss::Squared, Optimiser::Adam, 0.01),
            (Loss::Logistic, Optimiser::Adam, 0.02),
        ] {
            let parameters = NetworkParameters { optimiser, ..small(rate) };
            let (mut model, mut rng) = model(parameters, loss, Perturbation::None);
            for _ in 0..500 {
                model.learn(0, &X, 0.9, &mut rng);
                model.learn(1, &X, 0.2, &mut rng);
            }
            let found = [model.predict(0, &X), model.predict(1, &X)];
            let error = (found[0] - 0.9).abs().max((found[1] - 0.2).abs());
            assert!(error < 0.05, "{loss:?} {optimiser:?} {found:?}");
        }
    }

    /// A step of SGD is −2η (f − y) ∇f; Adam's first is η in every direction that has a gradient.
    #[test]
    fn first_steps_by_hand() {
        let (mut sgd, mut rng) = model(small(0.05), Loss::Squared, Perturbation::None);
        let output = sgd.predict(1, &X);
        sgd.network.backward();
        let mut expected = sgd.network.weights().to_vec();
        sgd.network.add_gradient(&mut expected, (-0.1 * (output - 3.0)) as f32);
        sgd.learn(1, &X, 3.0, &mut rng);
        assert_eq!(sgd.network.weights(), expected);
        let parameters = NetworkParameters { optimiser: Optimiser::Adam, ..small(0.05) };
        let (mut adam, mut rng) = model(parameters, Loss::Squared, Perturbation::None);
        let before = adam.network.weights().to_vec();
        adam.learn(1, &X, 3.0, &mut rng);
        let moved: Vec<f32> =
            adam.network.weights().iter().zip(&before).map(|(a, b)| (a - b).abs()).collect();
        assert!(moved.iter().all(|&m| m == 0.0 || (m - 0.05).abs() < 1e-4), "{moved:?}");
        assert!(moved.iter().filter(|&&m| m > 0.0).count() > 10);
    }

    #[test]
    fn weights_stay_in_the_ball() {
        let parameters = NetworkParameters { radius: Some(0.1), ..small(0.1) };
        let (mut model, mut rng) = model(parameters, Loss::Squared, Perturbation::None);
        let mut distance = 0.0;
        for _ in 0..50 {
            model.learn(0, &X, 5.0, &mut rng);
            let (weights, initial) = model.network.weights_mut();
            distance = squared_distance(weights, initial).sqrt();
            assert!(distance < 0.1 + 1e-6, "{distance}");
        }
        assert!(distance > 0.099);
    }

    #[test]
    fn impossible_networks_are_refused() {
        let refused = |parameters: NetworkParameters| parameters.check().expect_err("refused").path;
        let default = NetworkParameters::default;
        assert_eq!(refused(NetworkParameters { hidden: vec![], ..default() }), "network.hidden");
        assert_eq!(
            refused(NetworkParameters { hidden: vec![4, 0], ..default() }),
            "network.hidden[1]"
        );
        assert_eq!(refused(NetworkParameters::with_rate(0.0)), "network.rate");
        assert_eq!(
            refused(NetworkParameters { radius: Some(-1.0), ..default() }),
            "network.radius"
        );
    }
}
