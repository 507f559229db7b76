//! The best constant rebalanced portfolio in hindsight, with a certificate.

use super::{Quadratic, dot, uniform};
use crate::math;

/// Maximises `F(b) = Σ_t p_t ln(b·x_t)` over the simplex, for positive weights p (1 for a history of
/// rounds: log-wealth).
///
/// With `G_i(b) = Σ_t p_t x_ti/(b·x_t) / Σ_t p_t`, an answer certifies itself: concavity gives
/// `F* − F(b) ≤ Σ p · ln max_i G_i(b)`, since Σ_i b*_i G_i ≥ exp of the mean of ln(b*·x/b·x). From
/// scratch, multiplicative steps `b_i ← b_i G_i` (Cover, "An algorithm for maximizing expected log
/// investment return", 1984) come first; then Newton steps through [`Quadratic`], halved until F
/// grows enough (Armijo). F is self-concordant, so these converge from anywhere.
#[derive(Clone, Debug)]
pub struct BestConstant {
    weights: Vec<f64>,
    value: f64,
    gap: f64,
    /// G and Hessian (negated, mean of gg' with g = x/(b·x)) at `weights`.
    gradient: Vec<f64>,
    hessian: Vec<f64>,
    target: Vec<f64>,
    linear: Vec<f64>,
    quadratic: Quadratic,
}

/// The certificate at which the search ends, in units of log-wealth, where rounding allows it.
const GAP: f64 = 1e-10;
/// Multiplicative steps from scratch.
const MULTIPLICATIVE: usize = 50;
/// Newton steps at most; some ten are taken.
const NEWTON: usize = 100;
/// Halvings of a step at most.
const HALVINGS: usize = 40;
/// What is added to the Hessian's diagonal, relative to its mean: where the history says nothing
/// about a direction, nothing moves.
const RIDGE: f64 = 1e-10;

/// Rows of price relatives, `[row][asset]`, and their weights (all 1 if none are given).
#[derive(Clone, Copy)]
struct Rows<'a> {
    relatives: &'a [f64],
    weights: Option<&'a [f64]>,
    assets: usize,
}

impl<'a> Rows<'a> {
    fn each(self) -> impl Iterator<Item = (f64, &'a [f64])> {
        let rows = self.relatives.chunks_exact(self.assets).enumerate();
        rows.map(move |(t, row)| (self.weights.map_or(1.0, |weights| weights[t]), row))
    }

    fn total(self) -> f64 {
        let count = self.relatives.len() / self.assets;
        self.weights.map_or(count as f64, |weights| weights.iter().sum())
    }
}

impl BestConstant {
    /// The uniform portfolio, for no rounds at all.
    pub fn new(assets: usize) -> Self {
        Self {
            weights: uniform(assets),
            value: 0.0,
            gap: 0.0,
            gradient: vec![1.0; assets],
            hessian: vec![0.0; assets * assets],
            target: vec![0.0; assets],
            linear: vec![0.0; assets],
            quadratic: Quadratic::new(assets),
        }
    }

    /// The portfolio found.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Its value F: for a history, its log-wealth.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The certificate: no point of the simplex has a value more than this above [`Self::value`].
    pub fn gap(&self) -> f64 {
        self.gap
    }

    /// Forgets the answer.
    pub fn reset(&mut self) {
        let equal = 1.0 / self.weights.len() as f64;
        self.weights.fill(equal);
        (self.value, self.gap) = (0.0, 0.0);
    }

    /// Takes another search's answer as the start of this one's.
    pub fn start_from(&mut self, other: &Self) {
        self.weights.copy_from_slice(&other.weights);
        (self.value, self.gap) = (other.value, other.gap);
    }

    /// Solves for rows of positive price relatives, `[row][asset]`, from scratch.
    pub fn solve(&mut self, relatives: &[f64], weights: Option<&[f64]>) {
        self.reset();
        self.search(relatives, weights, MULTIPLICATIVE);
    }

    /// Solves from the present answer, that of a history a little shorter.
    pub fn improve(&mut self, relatives: &[f64], weights: Option<&[f64]>) {
        self.search(relatives, weights, 0);
    }

    fn search(&mut self, relatives: &[f64], weights: Option<&[f64]>, multiplicative: usize) {
        let rows = Rows { relatives, weights, assets: self.weights.len() };
        if relatives.is_empty() || self.weights.len() == 1 {
            (self.value, self.gap) = (rows.each().map(|(p, row)| p * math::ln(row[0])).sum(), 0.0);
            return;
        }
        let enough = GAP.max(rows.total() * 4e-16);
        self.differentiate(rows);
        for _ in 0..multiplicative {
            if self.gap <= enough {
                return;
            }
            self.weights.iter_mut().zip(&self.gradient).for_each(|(b, g)| *b *= g);
            let sum: f64 = self.weights.iter().sum();
            self.weights.iter_mut().for_each(|b| *b /= sum);
            self.differentiate(rows);
        }
        for _ in 0..NEWTON {
            if self.gap <= enough || !self.newton_step(rows) {
                return;
            }
        }
    }

    /// Value, gradient and certificate at `weights`.
    fn differentiate(&mut self, rows: Rows<'_>) {
        self.gradient.fill(0.0);
        let mut value = 0.0;
        for (p, row) in rows.each() {
            let wealth = dot(&self.weights, row);
            value += p * math::ln(wealth);
            let scale = p / wealth;
            self.gradient.iter_mut().zip(row).for_each(|(g, x)| *g += scale * x);
        }
        let total = rows.total();
        self.gradient.iter_mut().for_each(|g| *g /= total);
        let most = self.gradient.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        self.value = value;
        // Σ b_i G_i = 1, so the greatest is at least 1 up to rounding.
        self.gap = (total * math::ln(most)).max(0.0);
    }

    /// The Hessian of −F / Σ p at `weights`, its ridge included.
    fn curve(&mut self, rows: Rows<'_>) {
        let assets = rows.assets;
        self.hessian.fill(0.0);
        for (p, row) in rows.each() {
            let wealth = dot(&self.weights, row);
            let scale = p / (wealth * wealth);
            for (i, &x) in row.iter().enumerate() {
                let factor = scale * x;
                // The lower triangle.
                let line = &mut self.hessian[i * assets..][..i + 1];
                line.iter_mut().zip(row).for_each(|(h, x)| *h += factor * x);
            }
        }
        let total = rows.total();
        let trace: f64 = (0..assets).map(|i| self.hessian[i * assets + i]).sum();
        let ridge = RIDGE * trace / assets as f64;
        for i in 0..assets {
            self.hessian[i * assets + i] += ridge;
            for j in 0..=i {
                let value = self.hessian[i * assets + j] / total;
                self.hessian[i * assets + j] = value;
                self.hessian[j * assets + i] = value;
            }
        }
    }

    /// One step; false if nothing along it is better, which rounding decides near the optimum.
    fn newton_step(&mut self, rows: Rows<'_>) -> bool {
        let assets = rows.assets;
        self.curve(rows);
        for i in 0..assets {
            let curvature = dot(&self.hessian[i * assets..][..assets], &self.weights);
            self.linear[i] = self.gradient[i] + curvature;
        }
        self.target.copy_from_slice(&self.weights);
        self.quadratic.minimise(&self.hessian, &self.linear, &mut self.target);
        if self.target.iter().any(|b| b.is_nan()) {
            return false;
        }
        self.target.iter_mut().zip(&self.weights).for_each(|(to, from)| *to -= from);
        let slope = rows.total() * dot(&self.gradient, &self.target);
        // The programme's linear part is spent: it keeps the point where the step starts.
        self.linear.copy_from_slice(&self.weights);
        let (old_value, old_gap) = (self.value, self.gap);
        let mut step = 1.0;
        for _ in 0..HALVINGS {
            let from = self.linear.iter().zip(&self.target);
            for (b, (from, direction)) in self.weights.iter_mut().zip(from) {
                *b = (from + step * direction).max(0.0);
            }
            self.differentiate(rows);
            let better = self.value >= old_value + 1e-4 * step * slope && self.value > old_value;
            // Near the optimum the value no longer tells; the certificate does.
            if better || (step == 1.0 && self.gap < 0.5 * old_gap && slope < 1e-9) {
                return true;
            }
            step *= 0.5;
        }
        self.weights.copy_from_slice(&self.linear);
        (self.value, self.gap) = (old_value, old_gap);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Role, Stream, normal};

    fn value_at(relatives: &[f64], b: &[f64]) -> f64 {
        relatives.chunks_exact(b.len()).map(|row| dot(row, b).ln()).sum()
    }

    #[test]
    fn alternation_in_closed_form() {
        let relatives = [1.0, 2.0, 1.0, 0.5].repeat(50);
        let mut best = BestConstant::new(2);
        best.solve(&relatives, None);
        assert!((best.weights()[0] - 0.5).abs() < 1e-9);
        assert!((best.value() - 50.0 * 1.125f64.ln()).abs() < 1e-10 && best.gap() <= 1e-10);
    }

    #[test]
    fn the_certificate_bounds_every_rival() {
        let mut stream = Stream::new(2, 0, Role::Environment);
        for (assets, rounds, spread) in
            [(2, 1, 0.1), (5, 3, 0.3), (3, 40, 0.02), (8, 200, 0.05), (20, 60, 1.0), (4, 9, 3.0)]
        {
            let relatives: Vec<f64> =
                (0..assets * rounds).map(|_| (spread * normal(&mut stream)).exp()).collect();
            let mut best = BestConstant::new(assets);
            best.solve(&relatives, None);
            assert!(best.gap() <= 1e-10, "{assets} {rounds}: {}", best.gap());
            assert!((value_at(&relatives, best.weights()) - best.value()).abs() < 1e-10);
            for _ in 0..200 {
                let mut rival: Vec<f64> =
                    (0..assets).map(|_| -stream.open_uniform().ln()).collect();
                let sum: f64 = rival.iter().sum();
                rival.iter_mut().for_each(|b| *b /= sum);
                assert!(value_at(&relatives, &rival) <= best.value() + best.gap() + 1e-12);
            }
            // From the answer for half of the history: the same value.
            let mut warm = BestConstant::new(assets);
            warm.solve(&relatives[..assets * rounds.div_ceil(2)], None);
            warm.improve(&relatives, None);
            assert!((warm.value() - best.value()).abs() <= 2e-10, "{assets} {rounds}");
        }
    }

    #[test]
    fn weighted_rows_are_repeated_rows() {
        let relatives = [1.2, 0.9, 0.8, 1.1];
        let mut weighted = BestConstant::new(2);
        weighted.solve(&relatives, Some(&[3.0, 2.0]));
        let mut repeated = BestConstant::new(2);
        repeated.solve(&[1.2, 0.9, 0.8, 1.1, 1.2, 0.9, 1.2, 0.9, 0.8, 1.1], None);
        assert!((weighted.value() - repeated.value()).abs() < 1e-10);
        assert!((weighted.weights()[0] - repeated.weights()[0]).abs() < 1e-6);
        let mut single = BestConstant::new(1);
        single.solve(&[2.0, 0.5, 3.0], None);
        assert!((single.value() - 3f64.ln()).abs() < 1e-14 && single.weights() == [1.0]);
    }
}
