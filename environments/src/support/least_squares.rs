//! Least squares, for referees that compare with the best linear predictor.

/// Sums of squares and products of features, and of their products with one or several targets.
pub struct LeastSquares {
    features: usize,
    targets: usize,
    /// Σ x xᵀ, lower triangle, row-major.
    gram: Vec<f64>,
    /// Σ y x, `[target][feature]`.
    moments: Vec<f64>,
}

/// A pivot of at most this share of its diagonal entry is rounding: the feature depends on those
/// before it.
const DEPENDENT: f64 = 1e-10;

impl LeastSquares {
    /// No sample yet.
    pub fn new(features: usize, targets: usize) -> Self {
        Self {
            features,
            targets,
            gram: vec![0.0; features * features],
            moments: vec![0.0; features * targets],
        }
    }

    /// Adds a sample: its features, and the value of every target.
    pub fn add(&mut self, x: &[f64], y: &[f64]) {
        for (i, (row, &xi)) in self.gram.chunks_exact_mut(self.features).zip(x).enumerate() {
            if xi != 0.0 {
                for (sum, &xj) in row[..=i].iter_mut().zip(x) {
                    *sum += xi * xj;
                }
            }
        }
        for (moments, &y) in self.moments.chunks_exact_mut(self.features).zip(y) {
            for (sum, &x) in moments.iter_mut().zip(x) {
                *sum += y * x;
            }
        }
    }

    /// The coefficients of least squared error, `[target][feature]`. Features that depend on those
    /// before them get 0: of all minimisers, which predict the same on the samples, a basic one.
    pub fn solve(mut self) -> Vec<f64> {
        let d = self.features;
        let kept = self.factorise();
        for target in 0..self.targets {
            let b = &mut self.moments[target * d..][..d];
            for i in (0..d).filter(|&i| kept[i]) {
                let known: f64 = (0..i).map(|j| self.gram[i * d + j] * b[j]).sum();
                b[i] = (b[i] - known) / self.gram[i * d + i];
            }
            for i in (0..d).rev().filter(|&i| kept[i]) {
                let known: f64 = (i + 1..d).map(|j| self.gram[j * d + i] * b[j]).sum();
                b[i] = (b[i] - known) / self.gram[i * d + i];
            }
            for (b, _) in b.iter_mut().zip(&kept).filter(|(_, kept)| !**kept) {
                *b = 0.0;
            }
        }
        self.moments
    }

    /// Cholesky's factor in place, with the rows and columns of dependent features 0; answers which
    /// are kept.
    fn factorise(&mut self) -> Vec<bool> {
        let d = self.features;
        let mut kept = vec![true; d];
        for i in 0..d {
            let entry = self.gram[i * d + i];
            for j in 0..i {
                let known: f64 = (0..j).map(|k| self.gram[i * d + k] * self.gram[j * d + k]).sum();
                let value = self.gram[i * d + j] - known;
                self.gram[i * d + j] = if kept[j] { value / self.gram[j * d + j] } else { 0.0 };
            }
            let known: f64 = (0..i).map(|k| self.gram[i * d + k] * self.gram[i * d + k]).sum();
            let pivot = entry - known;
            kept[i] = pivot > DEPENDENT * entry;
            self.gram[i * d + i] = pivot.max(0.0).sqrt();
        }
        // What is not kept must not be seen by the back substitution.
        for i in (0..d).filter(|&i| !kept[i]) {
            self.moments.iter_mut().skip(i).step_by(d).for_each(|moment| *moment = 0.0);
            (0..d).for_each(|j| self.gram[i * d + j] = 0.0);
            (i..d).for_each(|j| self.gram[j * d + i] = 0.0);
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_by_hand() {
        // y = 1, 2, 4 at x = 0, 1, 2: intercept 5/6, slope 3/2; and y = 3 − x exactly.
        let mut fit = LeastSquares::new(2, 2);
        for (x, y) in [(0.0, [1.0, 3.0]), (1.0, [2.0, 2.0]), (2.0, [4.0, 1.0])] {
            fit.add(&[1.0, x], &y);
        }
        let solution = fit.solve();
        for (found, expected) in solution.iter().zip([5.0 / 6.0, 1.5, 3.0, -1.0]) {
            assert!((found - expected).abs() < 1e-12, "{solution:?}");
        }
    }

    #[test]
    fn dependent_features_predict_as_well() {
        // The second feature is twice the first, the fourth is never there.
        let mut fit = LeastSquares::new(4, 1);
        let samples = [([1.0, 2.0, 1.0, 0.0], 3.0), ([2.0, 4.0, -1.0, 0.0], 0.0)];
        samples.iter().for_each(|(x, y)| fit.add(x, &[*y]));
        let solution = fit.solve();
        for (x, y) in samples {
            let prediction: f64 = x.iter().zip(&solution).map(|(x, c)| x * c).sum();
            assert!((prediction - y).abs() < 1e-12, "{solution:?}");
        }
        assert_eq!((solution[1], solution[3]), (0.0, 0.0));
    }

    #[test]
    fn many_features_satisfy_the_normal_equations() {
        let d = 7;
        let mut fit = LeastSquares::new(d, 1);
        let sample = |n: usize| -> (Vec<f64>, f64) {
            let x = (0..d).map(|i| ((n * 37 + i * 101 + n * i * 13) % 97) as f64 / 97.0 - 0.4);
            (x.collect(), ((n * 53) % 89) as f64 / 89.0)
        };
        (0..40).for_each(|n| fit.add(&sample(n).0, &[sample(n).1]));
        let solution = fit.solve();
        for i in 0..d {
            let residual = |(x, y): (Vec<f64>, f64)| {
                x[i] * (y - x.iter().zip(&solution).map(|(x, c)| x * c).sum::<f64>())
            };
            let slope: f64 = (0..40).map(|n| residual(sample(n))).sum();
            assert!(slope.abs() < 1e-10, "{i}: {slope}");
        }
    }
}
