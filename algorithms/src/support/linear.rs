//! Linear models of the arms: one ridge regression for all, or one for each.

use regret_engine::protocols::contextual::{ArmFeatures, Layout, Size};
use regret_engine::registry::ParameterError;

use super::kernels::{dot, padded};
use super::ridge::Ridge;

/// Ridge regressions that predict every arm, with the widths xᵀV⁻¹x of their predictions.
///
/// Shared features stand for the disjoint encoding in R^{K d}, in which V is block-diagonal: one
/// parameter for all arms is then one regression for each arm in R^d. In a fixed decision set,
/// predictions and widths are kept and moved along with each sample, which costs O(K d) in place of
/// O(K d²) in every round; they are computed anew whenever V⁻¹ is.
#[derive(Clone, Debug)]
pub struct LinearModel {
    size: Size,
    ridges: Vec<Ridge>,
    predictions: Vec<f64>,
    widths: Vec<f64>,
    /// The padded rows of a fixed decision set, as far as they are known.
    fixed: Vec<f64>,
    known: bool,
}

/// Numbers that a learner may keep: one gibibyte.
const MOST_NUMBERS: usize = 1 << 27;

impl LinearModel {
    /// A model with one regression for all arms, or with one for each if `disjoint` or if the features
    /// are shared. λ > 0.
    ///
    /// # Errors
    /// A model that does not fit into memory.
    pub fn new(size: Size, disjoint: bool, lambda: f64) -> Result<Self, ParameterError> {
        let count = if disjoint || size.layout == Layout::Shared { size.arms } else { 1 };
        let numbers = count.saturating_mul(Ridge::numbers(size.features));
        if numbers > MOST_NUMBERS {
            let message = format!(
                "{count} models of {} features need {numbers} numbers: at most {MOST_NUMBERS} \
                 (1 GiB) are kept; take fewer features, or arms",
                size.features
            );
            return Err(ParameterError { path: String::new(), message });
        }
        let rows = if size.layout == Layout::Fixed { size.arms * padded(size.features) } else { 0 };
        Ok(Self {
            size,
            ridges: vec![Ridge::new(size.features, lambda); count],
            predictions: vec![0.0; size.arms],
            widths: vec![0.0; size.arms],
            fixed: vec![0.0; rows],
            known: false,
        })
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.ridges.iter_mut().for_each(Ridge::reset);
        self.known = false;
    }

    /// Predicts every arm of a context, with widths.
    pub fn look(&mut self, context: ArmFeatures<'_>) {
        if self.size.layout != Layout::Fixed {
            for arm in 0..self.size.arms {
                self.look_at(arm, context.row(arm));
            }
        } else if !self.known {
            let width = padded(self.size.features);
            for arm in 0..self.size.arms {
                let row = context.row(arm);
                self.fixed[arm * width..][..row.len()].copy_from_slice(row);
                self.look_at(arm, row);
            }
            self.known = true;
        }
    }

    /// Predicts every arm of a context, without widths.
    pub fn look_at_predictions(&mut self, context: ArmFeatures<'_>) {
        for arm in 0..self.size.arms {
            let place = self.place(arm);
            self.predictions[arm] = self.ridges[place].predict(context.row(arm));
        }
    }

    fn look_at(&mut self, arm: usize, row: &[f64]) {
        let place = self.place(arm);
        let (prediction, width) = self.ridges[place].predict_with_width(row);
        self.predictions[arm] = prediction;
        self.widths[arm] = width;
    }

    /// The predictions of the last look.
    pub fn predictions(&self) -> &[f64] {
        &self.predictions
    }

    /// xᵀV⁻¹x of every arm at the last look.
    pub fn widths(&self) -> &[f64] {
        &self.widths
    }

    /// The squared width of an arm with these features as the samples stand now.
    pub fn width(&mut self, arm: usize, row: &[f64]) -> f64 {
        let place = self.place(arm);
        self.ridges[place].predict_with_width(row).1
    }

    /// Adds a sample: the features and the reward of an arm.
    pub fn learn(&mut self, arm: usize, row: &[f64], reward: f64) {
        let place = self.place(arm);
        let arms = if self.ridges.len() == 1 { 0..self.size.arms } else { arm..arm + 1 };
        let step = self.ridges[place].add(row, reward);
        if !self.known {
            return;
        }
        let (width, renewed) = (padded(self.size.features), step.renewed);
        let share = 1.0 / (1.0 + step.width);
        for other in arms.clone().filter(|_| !renewed) {
            let cross = dot(&self.fixed[other * width..][..width], step.direction);
            self.predictions[other] += cross * step.surprise * share;
            self.widths[other] = (self.widths[other] - cross * cross * share).max(0.0);
        }
        for other in arms.filter(|_| renewed) {
            let d = self.size.features;
            let (prediction, square) =
                self.ridges[place].predict_with_width(&self.fixed[other * width..][..d]);
            (self.predictions[other], self.widths[other]) = (prediction, square);
        }
    }

    /// ln det V − d ln λ, of all regressions together.
    pub fn log_determinant(&self) -> f64 {
        self.ridges.iter().map(Ridge::log_determinant).sum()
    }

    /// Number of samples.
    pub fn samples(&self) -> u64 {
        self.ridges.iter().map(Ridge::samples).sum()
    }

    /// The regression of an arm.
    pub fn ridge(&self, arm: usize) -> &Ridge {
        &self.ridges[self.place(arm)]
    }

    /// How many regressions there are.
    pub fn regressions(&self) -> usize {
        self.ridges.len()
    }

    fn place(&self, arm: usize) -> usize {
        if self.ridges.len() == 1 { 0 } else { arm }
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Stream, normal};

    use super::*;

    fn vector(rng: &mut Stream, count: usize) -> Vec<f64> {
        (0..count).map(|_| normal(rng)).collect()
    }

    /// What is moved along with samples is what would be computed.
    #[test]
    fn a_fixed_set_is_predicted_as_a_varying_one() {
        let (arms, features) = (7, 5);
        for disjoint in [false, true] {
            let model = |layout| {
                LinearModel::new(Size { arms, features, layout }, disjoint, 0.7).expect("fits")
            };
            let (mut fixed, mut varying) = (model(Layout::Fixed), model(Layout::Varying));
            let mut rng = Stream::from_state(5);
            let values = vector(&mut rng, arms * features);
            let view =
                |layout| ArmFeatures { values: &values, size: Size { arms, features, layout } };
            for n in 0..2 * Ridge::SCHEDULE as usize + 77 {
                let arm = if n % 3 == 0 { n / 3 % arms } else { n % 2 };
                let row = &values[arm * features..][..features];
                fixed.look(view(Layout::Fixed));
                varying.look(view(Layout::Varying));
                for (a, b) in [
                    (fixed.predictions(), varying.predictions()),
                    (fixed.widths(), varying.widths()),
                ] {
                    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-10), "{a:?} {b:?}");
                }
                let reward = normal(&mut rng);
                fixed.learn(arm, row, reward);
                varying.learn(arm, row, reward);
            }
            assert_eq!(fixed.samples(), 2077);
        }
    }

    /// One parameter in the disjoint encoding is a parameter for each arm.
    #[test]
    fn shared_features_are_blocks() {
        let (arms, features) = (3, 2);
        let shared = Size { arms, features, layout: Layout::Shared };
        let long = Size { arms, features: arms * features, layout: Layout::Varying };
        let mut blocks = LinearModel::new(shared, false, 0.5).expect("fits");
        let mut whole = LinearModel::new(long, false, 0.5).expect("fits");
        let mut rng = Stream::from_state(6);
        for n in 0..40 {
            let x = vector(&mut rng, features);
            let mut encoded = vec![0.0; arms * arms * features];
            for arm in 0..arms {
                let start = arm * arms * features + arm * features;
                encoded[start..start + features].copy_from_slice(&x);
            }
            blocks.look(ArmFeatures { values: &x, size: shared });
            let view = ArmFeatures { values: &encoded, size: long };
            whole.look(view);
            for (a, b) in blocks.predictions().iter().zip(whole.predictions()) {
                assert!((a - b).abs() < 1e-12);
            }
            for (a, b) in blocks.widths().iter().zip(whole.widths()) {
                assert!((a - b).abs() < 1e-12);
            }
            let (arm, reward) = (n * n % arms, normal(&mut rng));
            blocks.learn(arm, &x, reward);
            whole.learn(arm, view.row(arm), reward);
            assert!((blocks.log_determinant() - whole.log_determinant()).abs() < 1e-12);
        }
        assert_eq!((blocks.regressions(), whole.regressions()), (3, 1));
    }

    #[test]
    fn models_that_do_not_fit_are_refused() {
        let size = Size { arms: 1000, features: 1000, layout: Layout::Shared };
        assert!(LinearModel::new(size, false, 1.0).expect_err("8 GB").message.contains("1 GiB"));
        let size = Size { layout: Layout::Varying, ..size };
        assert!(LinearModel::new(size, false, 1.0).is_ok());
    }
}
