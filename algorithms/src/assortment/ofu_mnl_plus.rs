//! OFU-MNL+: optimism with an online estimate, in constant memory.
//!
//! Source: Lee, Oh, "Nearly minimax optimal regret for multinomial logistic bandit", NeurIPS 2024,
//! Algorithm 1; the step is online mirror descent with the Hessian of the last loss.
//! Setting: N items with features, |x| ≤ 1, |θ*| ≤ B = 1.
//! Guarantee: regret Õ(d √(T/K)) with equal revenues, Õ(d √T) else; constants not usable.
//! Deviation: the width β_t is of order √d ln t ln K in the paper; here it is
//! `scale` √d ln(1 + t) ln(1 + K). `variant: repo` does what a public implementation does instead:
//! steps of twice the length, no projection, the width of round 1 throughout, and the K greatest
//! utilities instead of the best set (the same with equal revenues).

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::mnl::attraction;
use regret_engine::protocols::Assortment;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::choices::{Derivatives, Features};
use crate::support::epochs::Chooser;
use crate::support::spd::{Spd, dot};

/// Parameters of OFU-MNL+.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OfuMnlPlus {
    /// `paper`, or `repo` for what a public implementation does.
    pub variant: Variant,
    /// The scale of the width, not negative.
    pub scale: f64,
    /// The bound B > 0 on the norm of θ*.
    pub bound: f64,
}

/// Whose version is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// The paper's.
    #[default]
    Paper,
    /// That of a public implementation.
    Repo,
}

impl Default for OfuMnlPlus {
    fn default() -> Self {
        Self { variant: Variant::Paper, scale: 1.0, bound: 1.0 }
    }
}

impl Algorithm for OfuMnlPlus {
    type Protocol = Assortment;
    type Learner = OfuLearner;

    const NAME: &'static str = "ofu_mnl_plus";
    const SUMMARY: &'static str = "optimism around an estimate that is updated online";
    const SOURCE: &'static str =
        "Lee, Oh, Nearly minimax optimal regret for multinomial logistic bandit, 2024, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = (0.0..=1e6).contains(&self.scale);
        ParameterError::unless(valid, "scale", self.scale, "must be from 0 to 1e6")?;
        let valid = (1e-6..=30.0).contains(&self.bound);
        ParameterError::unless(valid, "bound", self.bound, "must be from 1e-6 to 30")
    }

    fn learner(&self, setting: &Setting<Assortment>) -> Result<OfuLearner, ParameterError> {
        let features = Features::new(setting)?;
        let (d, capacity) = (features.dimension, setting.shape.capacity);
        let eta = (self.bound + 1.0) + 0.5 * math::ln(capacity as f64 + 1.0);
        let lambda = 84.0 * std::f64::consts::SQRT_2 * eta * d as f64;
        let mut learner = OfuLearner {
            spec: self.clone(),
            lambda,
            descent: Descent::new(d, capacity, eta),
            capacity: capacity as f64,
            factor: Spd::new(d),
            values: vec![0.0; setting.items()],
            ones: vec![1.0; setting.items()],
            scratch: vec![0.0; d],
            rows: Vec::with_capacity(capacity * d),
            chooser: Chooser::new(&setting.shape),
            features,
        };
        learner.reset();
        Ok(learner)
    }
}

/// OFU-MNL+ of one replication.
pub struct OfuLearner {
    spec: OfuMnlPlus,
    lambda: f64,
    capacity: f64,
    features: Features,
    descent: Descent,
    /// Of H.
    factor: Spd,
    values: Vec<f64>,
    ones: Vec<f64>,
    scratch: Vec<f64>,
    /// The features of a set.
    rows: Vec<f64>,
    chooser: Chooser,
}

impl Learner<Assortment> for OfuLearner {
    fn act(&mut self, round: Round<'_, Assortment>) -> &[usize] {
        let (offer, d) = (round.context, self.features.dimension);
        let repo = self.spec.variant == Variant::Repo;
        let t = if repo { 1.0 } else { round.t as f64 };
        let beta =
            self.spec.scale * (d as f64).sqrt() * math::ln(1.0 + t) * math::ln(1.0 + self.capacity);
        for (value, row) in self.values.iter_mut().zip(self.features.of(offer).chunks_exact(d)) {
            let utility = dot(row, &self.descent.theta);
            *value = attraction(utility + beta * self.factor.norm(row, &mut self.scratch));
        }
        let revenues = if repo { &self.ones[..] } else { offer.revenues };
        self.chooser.choose(revenues, offer, &mut self.values);
        &self.chooser.set
    }

    fn update(&mut self, outcome: Outcome<'_, Assortment>) {
        let d = self.features.dimension;
        let rows = self.features.of(outcome.context);
        self.rows.clear();
        for &item in outcome.action {
            self.rows.extend_from_slice(&rows[item * d..(item + 1) * d]);
        }
        let bought = outcome.feedback.map(|purchase| purchase.position);
        let bound = match self.spec.variant {
            Variant::Paper => Some(self.spec.bound),
            Variant::Repo => None,
        };
        self.descent.step(&self.rows, bought, bound);
        self.factor.factorise(&self.descent.h);
    }

    fn reset(&mut self) {
        self.descent.reset(self.lambda);
        self.factor.factorise(&self.descent.h);
    }
}

/// The online estimate.
struct Descent {
    eta: f64,
    theta: Vec<f64>,
    /// λI plus the Hessians of all losses, each at the estimate after it.
    h: Vec<f64>,
    derivatives: Derivatives,
    /// H/η + G.
    metric: Vec<f64>,
    shifted: Vec<f64>,
    factor: Spd,
    step: Vec<f64>,
}

impl Descent {
    fn new(d: usize, capacity: usize, eta: f64) -> Self {
        Self {
            eta,
            theta: vec![0.0; d],
            h: vec![0.0; d * d],
            derivatives: Derivatives::new(d, capacity),
            metric: vec![0.0; d * d],
            shifted: vec![0.0; d * d],
            factor: Spd::new(d),
            step: vec![0.0; d],
        }
    }

    fn reset(&mut self, lambda: f64) {
        let d = self.theta.len();
        self.theta.fill(0.0);
        self.h.fill(0.0);
        (0..d).for_each(|i| self.h[i * d + i] = lambda);
    }

    /// Learns a choice. With a bound, θ is projected on the ball of that radius; without, the step
    /// is taken twice as long.
    fn step(&mut self, rows: &[f64], bought: Option<usize>, bound: Option<f64>) {
        self.derivatives.clear();
        self.derivatives.add(rows, bought, &self.theta, 1.0);
        for ((m, h), g) in self.metric.iter_mut().zip(&self.h).zip(&self.derivatives.hessian) {
            *m = h / self.eta + g;
        }
        self.step.copy_from_slice(&self.derivatives.gradient);
        self.factor.factorise(&self.metric);
        self.factor.solve(&mut self.step);
        let scale = if bound.is_some() { 1.0 } else { 2.0 };
        for (theta, step) in self.theta.iter_mut().zip(&self.step) {
            *theta -= scale * step;
        }
        if let Some(bound) = bound {
            self.project(bound);
        }
        self.derivatives.clear();
        self.derivatives.add(rows, bought, &self.theta, 1.0);
        for (h, g) in self.h.iter_mut().zip(&self.derivatives.hessian) {
            *h += g;
        }
    }

    /// The point of the ball that is nearest to θ in the metric M: θ(μ) = (M + μI)⁻¹Mθ for the
    /// multiplier μ ≥ 0 with |θ(μ)| = B, by bisection.
    fn project(&mut self, bound: f64) {
        if dot(&self.theta, &self.theta) <= bound * bound {
            return;
        }
        let d = self.theta.len();
        for (image, row) in self.step.iter_mut().zip(self.metric.chunks_exact(d)) {
            *image = dot(row, &self.theta);
        }
        // |θ(μ)| ≤ |Mθ|/μ.
        let (mut low, mut high) = (0.0, dot(&self.step, &self.step).sqrt() / bound);
        for _ in 0..100 {
            let mu = 0.5 * (low + high);
            self.shifted.copy_from_slice(&self.metric);
            (0..d).for_each(|i| self.shifted[i * d + i] += mu);
            self.factor.factorise(&self.shifted);
            self.theta.copy_from_slice(&self.step);
            self.factor.solve(&mut self.theta);
            if dot(&self.theta, &self.theta) > bound * bound { low = mu } else { high = mu }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ETA: f64 = 2.549_306_144_334_055;

    fn first(bound: Option<f64>, lambda: f64) -> Descent {
        let mut descent = Descent::new(2, 2, ETA);
        descent.reset(lambda);
        descent.step(&[1.0, 0.0, 0.0, 1.0], Some(0), bound);
        descent
    }

    #[test]
    fn the_first_step_by_hand() {
        // η = 2 + ln 3/2, λ = 84 √2 η 2.
        let lambda = 605.684_238;
        let theta = first(Some(1.0), lambda).theta;
        assert!((theta[0] - 0.002_802_70).abs() < 1e-8 && (theta[1] + 0.001_400_37).abs() < 1e-8);
        let theta = first(None, lambda).theta;
        assert!((theta[0] - 0.005_605_41).abs() < 1e-8 && (theta[1] + 0.002_800_74).abs() < 1e-8);
    }

    #[test]
    fn the_projection_is_the_nearest_point() {
        // A small λ makes a step that leaves a small ball.
        let free = first(Some(1e3), 1.0);
        let ball = first(Some(0.25), 1.0);
        assert!(dot(&free.theta, &free.theta).sqrt() > 0.5);
        assert!((dot(&ball.theta, &ball.theta).sqrt() - 0.25).abs() < 1e-12);
        let distance = |theta: &[f64]| {
            let gap = [theta[0] - free.theta[0], theta[1] - free.theta[1]];
            let rows = free.metric.chunks_exact(2);
            rows.zip(&gap).map(|(row, g)| dot(row, &gap) * g).sum::<f64>()
        };
        let nearest = distance(&ball.theta);
        for step in 0..1000 {
            let angle = f64::from(step) * std::f64::consts::TAU / 1000.0;
            assert!(nearest <= distance(&[0.25 * angle.cos(), 0.25 * angle.sin()]) + 1e-12);
        }
    }
}
