//! The expected rewards of a block of lanes.

/// The means of every arm in every lane, `[arm][lane]`, as they stand in the present round.
#[derive(Clone, Debug, PartialEq)]
pub struct Means {
    /// The means, row-major `[arm][lane]`.
    pub values: Vec<f64>,
    /// The highest mean of every lane.
    pub best: Vec<f64>,
}

impl Means {
    /// The same means in each of `lanes` lanes.
    pub fn shared(means: &[f64], lanes: usize) -> Self {
        let values = means.iter().flat_map(|&mean| std::iter::repeat_n(mean, lanes)).collect();
        Self::new(values, lanes)
    }

    /// Means given as `[arm][lane]`.
    pub fn new(values: Vec<f64>, lanes: usize) -> Self {
        let mut means = Self { values, best: vec![0.0; lanes] };
        means.find_best();
        means
    }

    /// Recomputes [`Means::best`] after `values` changed.
    pub fn find_best(&mut self) {
        let lanes = self.best.len();
        self.best.fill(f64::NEG_INFINITY);
        for row in self.values.chunks_exact(lanes) {
            for (best, &mean) in self.best.iter_mut().zip(row) {
                *best = if mean > *best { mean } else { *best };
            }
        }
    }

    /// Number of arms.
    pub fn arms(&self) -> usize {
        self.values.len() / self.best.len()
    }
}
