//! Cover's universal portfolio, exactly for few assets.
//!
//! Source: Cover, "Universal portfolios", 1991; Cover, Ordentlich,
//! "Universal portfolios with side information", 1996, for the Dirichlet(½) prior; Blum, Kalai,
//! "Universal portfolios with and without transaction costs", 1999, for the bound.
//! Guarantee, tested: (m − 1) ln (t + 1) under the uniform prior, ((m − 1)/2) ln (t + 1) + ln 2 under
//! Dirichlet(½), with the integrals computed exactly.
//! Deviation: `tilt`, which is ours, has no guarantee but at 1: log-wealth is only 1-exp-concave.

mod nodes;

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::notion::LOG_WEALTH_REGRET;
use regret_engine::protocols::Portfolio;
use regret_engine::protocols::portfolio::MarketFacts;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::simplex::uniform;
use regret_engine::vectorised;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use nodes::Nodes;

/// The mean of all constant portfolios, each weighed by the wealth that it has reached:
/// ∫ b S_t(b) dμ / ∫ S_t(b) dμ. As a combiner of an ensemble it is the combinatorial strategy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Universal {
    /// The prior μ: `uniform` or `jeffreys` (Dirichlet(½)); by default `uniform`.
    pub prior: PortfolioPrior,
    /// How integrals are computed: `auto`; `{quadrature: n}`, n nodes an axis, exact for up to three
    /// assets; `{grid: n}`, the portfolios whose shares are multiples of 1/n, all of the same weight,
    /// as Cover's tables (m ≤ 3); `{sampled: n}`, n portfolios drawn from the prior. By default `auto`:
    /// exact for up to three assets, else 10000 samples.
    pub integral: Integral,
    /// The power κ to which wealth is raised as a weight, from 0 to 1000; null for 1, Cover's rule.
    pub tilt: Option<f64>,
}

/// The prior of [`Universal`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PortfolioPrior {
    /// Uniform on the simplex.
    #[default]
    Uniform,
    /// Dirichlet(½), Jeffreys's prior.
    Jeffreys,
}

/// How [`Universal`] integrates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Integral {
    /// As suits the number of assets.
    #[default]
    Auto,
    /// So many nodes an axis.
    Quadrature(usize),
    /// So many steps an axis.
    Grid(usize),
    /// So many portfolios drawn.
    Sampled(usize),
}

/// The most portfolios that are kept.
const MOST: usize = 1 << 24;
/// Those drawn by default.
const SAMPLES: usize = 10_000;

impl Universal {
    fn kappa(&self) -> f64 {
        self.tilt.unwrap_or(1.0)
    }

    /// What `auto` means. A factor S_t is about a normal density of deviation 1/√t at its narrowest,
    /// which nodes at a quarter of that (half, for three assets) integrate to rounding.
    fn integral(&self, setting: &Setting<Portfolio>) -> Integral {
        let root = (setting.horizon as f64).sqrt().ceil() as usize;
        match (self.integral, setting.assets()) {
            (Integral::Auto, 1 | 2) => Integral::Quadrature((8 * root).clamp(64, 1 << 16)),
            (Integral::Auto, 3) => Integral::Quadrature((2 * root).clamp(64, 1 << 11)),
            (Integral::Auto, _) => Integral::Sampled(SAMPLES),
            (given, _) => given,
        }
    }

    /// Whether the integrals are exact, up to rounding.
    fn is_exact(&self, setting: &Setting<Portfolio>) -> bool {
        let needed = (2.0 * (setting.horizon as f64).sqrt()).max(64.0);
        matches!(self.integral(setting), Integral::Quadrature(nodes) if nodes as f64 >= needed)
    }
}

impl Algorithm for Universal {
    type Protocol = Portfolio;
    type Learner = UniversalLearner;

    const NAME: &'static str = "universal";
    const SUMMARY: &'static str = "all constant portfolios, weighed by their wealth (Cover)";
    const SOURCE: &'static str = "Cover, Universal portfolios, 1991";

    fn check(&self) -> Result<(), ParameterError> {
        let (path, count) = match self.integral {
            Integral::Auto => ("", 1),
            Integral::Quadrature(count) => ("integral.quadrature", count),
            Integral::Grid(count) => ("integral.grid", count),
            Integral::Sampled(count) => ("integral.sampled", count),
        };
        let rule = format!("must be from 1 to {MOST}");
        ParameterError::unless((1..=MOST).contains(&count), path, count, &rule)?;
        let kappa = self.kappa();
        ParameterError::unless(
            (0.0..=1e3).contains(&kappa),
            "tilt",
            kappa,
            "must be from 0 to 1000",
        )
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let assets = setting.assets();
        let nodes = Nodes::new(assets, self.prior, self.integral(setting))?;
        let count = nodes.count();
        let mut learner = UniversalLearner {
            kappa: self.kappa(),
            log_wealth: vec![0.0; count],
            factors: vec![1.0; count],
            growth: vec![0.0; count],
            scales: nodes.weights().to_vec(),
            pending: 0,
            is_ready: false,
            weights: uniform(assets),
            nodes,
        };
        learner.reset();
        Ok(learner)
    }

    fn bounds(&self, setting: &Setting<Portfolio>, facts: &MarketFacts) -> Vec<Bound> {
        if facts.costs || self.kappa() != 1.0 || !self.is_exact(setting) {
            return Vec::new();
        }
        let free = setting.assets() as f64 - 1.0;
        let conditions = "no costs; exact integrals; on every market";
        let bound = match self.prior {
            PortfolioPrior::Uniform => Bound::upper(
                LOG_WEALTH_REGRET,
                "(m − 1) ln (t + 1)",
                "Blum, Kalai 1999",
                conditions,
                move |t| free * math::ln(t + 1.0),
            ),
            PortfolioPrior::Jeffreys => Bound::upper(
                LOG_WEALTH_REGRET,
                "((m − 1)/2) ln (t + 1) + ln 2",
                "Cover, Ordentlich 1996",
                conditions,
                move |t| 0.5 * free * math::ln(t + 1.0) + std::f64::consts::LN_2,
            ),
        };
        vec![bound]
    }
}

/// Rounds whose growth is multiplied up before its logarithm is taken: with relatives of at least
/// 1e-12 the product stays above 1e-192.
const STRETCH: u32 = 16;

/// The universal portfolio of one replication.
pub struct UniversalLearner {
    kappa: f64,
    nodes: Nodes,
    /// ln S at the last stretch's end, by node; the growth since then; room for a round's growth.
    log_wealth: Vec<f64>,
    factors: Vec<f64>,
    growth: Vec<f64>,
    /// Prior weight times (S by the greatest S)^κ at the last stretch's end.
    scales: Vec<f64>,
    pending: u32,
    /// Whether samples are drawn.
    is_ready: bool,
    weights: Vec<f64>,
}

vectorised! {
    /// `growth[n] = Σ_i x_i b_i[n]`, then `factors[n] *= growth[n]`.
    fn grow(factors: &mut [f64], growth: &mut [f64], portfolios: &[f64], relatives: &[f64]) {
        growth.fill(0.0);
        for (row, x) in portfolios.chunks_exact(factors.len()).zip(relatives) {
            for (sum, b) in growth.iter_mut().zip(row) {
                *sum += x * b;
            }
        }
        for (factor, growth) in factors.iter_mut().zip(growth) {
            *factor *= *growth;
        }
    }
}

vectorised! {
    /// `ends[n] = starts[n] + ln(factors[n])`.
    fn add_logarithms(logs: &mut [f64], factors: &[f64]) {
        for (log, factor) in logs.iter_mut().zip(factors) {
            *log += math::ln(*factor);
        }
    }
}

vectorised! {
    /// `scales[n] = prior[n] exp(κ (logs[n] − greatest))`.
    fn exponentials(scales: &mut [f64], prior: &[f64], logs: &[f64], kappa: f64, greatest: f64) {
        for ((scale, prior), log) in scales.iter_mut().zip(prior).zip(logs) {
            *scale = prior * math::exp(kappa * (log - greatest));
        }
    }
}

vectorised! {
    /// `out[n] = scales[n] factors[n]^κ`.
    fn powers(out: &mut [f64], scales: &[f64], factors: &[f64], kappa: f64) {
        for ((out, scale), factor) in out.iter_mut().zip(scales).zip(factors) {
            *out = scale * math::exp(kappa * math::ln(*factor));
        }
    }
}

vectorised! {
    /// `out[n] = a[n] b[n]`.
    fn products(out: &mut [f64], a: &[f64], b: &[f64]) {
        for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
            *out = a * b;
        }
    }
}

vectorised! {
    /// `out[i] = Σ_n w[n] b_i[n]`, in eight interleaved sums.
    fn weigh(out: &mut [f64], weights: &[f64], portfolios: &[f64]) {
        for (out, row) in out.iter_mut().zip(portfolios.chunks_exact(weights.len())) {
            let mut sums = [0.0; 8];
            let (parts, others) = (weights.chunks_exact(8), row.chunks_exact(8));
            let mut rest = 0.0;
            for (w, b) in parts.remainder().iter().zip(others.remainder()) {
                rest += w * b;
            }
            for (w, b) in parts.zip(others) {
                for i in 0..8 {
                    sums[i] += w[i] * b[i];
                }
            }
            let halves = [sums[0] + sums[4], sums[1] + sums[5], sums[2] + sums[6], sums[3] + sums[7]];
            *out = (halves[0] + halves[2]) + (halves[1] + halves[3]) + rest;
        }
    }
}

impl UniversalLearner {
    /// Takes the logarithms of a stretch's growth.
    fn fold(&mut self) {
        add_logarithms(&mut self.log_wealth, &self.factors);
        self.factors.fill(1.0);
        self.pending = 0;
        let greatest = self.log_wealth.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (prior, logs) = (self.nodes.weights(), &self.log_wealth);
        exponentials(&mut self.scales, prior, logs, self.kappa, greatest);
    }

    /// The mean of the portfolios, into `weights`.
    fn decide(&mut self) {
        if self.kappa == 1.0 {
            products(&mut self.growth, &self.scales, &self.factors);
        } else {
            powers(&mut self.growth, &self.scales, &self.factors, self.kappa);
        }
        weigh(&mut self.weights, &self.growth, self.nodes.portfolios());
        let total: f64 = self.weights.iter().sum();
        self.weights.iter_mut().for_each(|weight| *weight /= total);
    }
}

impl Learner<Portfolio> for UniversalLearner {
    fn act(&mut self, round: Round<'_, Portfolio>) -> &[f64] {
        if !self.is_ready {
            self.nodes.draw(round.rng);
            self.is_ready = true;
            self.decide();
        }
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Portfolio>) {
        let portfolios = self.nodes.portfolios();
        grow(&mut self.factors, &mut self.growth, portfolios, outcome.feedback);
        self.pending += 1;
        if self.pending == STRETCH {
            self.fold();
        }
        self.decide();
    }

    fn reset(&mut self) {
        self.log_wealth.fill(0.0);
        self.factors.fill(1.0);
        self.scales.copy_from_slice(self.nodes.weights());
        self.pending = 0;
        self.is_ready = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::tests::{
        alternating, assert_log_wealth, log_wealth, market_a, portfolios,
    };

    fn of(prior: PortfolioPrior, integral: Integral) -> Universal {
        Universal { prior, integral, tilt: None }
    }

    #[test]
    fn the_alternating_market_in_closed_form() {
        let strategy = Universal::default();
        let near = |rounds, strategy: &Universal, known: f64| {
            let found = log_wealth(strategy, &alternating(rounds)).exp();
            assert!((found - known).abs() < 1e-12, "{found} is not {known}");
        };
        near(2, &strategy, 13.0 / 12.0);
        near(4, &strategy, 1.175);
        let half = of(PortfolioPrior::Jeffreys, Integral::Auto);
        near(2, &half, 1.0625);
        near(4, &half, 1.130_859_375);
        let played = portfolios(&strategy, &alternating(2));
        assert!((played[1][0] - 4.0 / 9.0).abs() < 1e-13);
        // Over 2000 rounds: ∫ (1 + b(1−b)/2)^1000 db, whose logarithm Laplace's method gives to
        // 1/n: the integrand at ½ is 1.125^1000, its logarithm's curvature −1000/1.125.
        let laplace =
            1000.0 * 1.125f64.ln() + 0.5 * (2.0 * std::f64::consts::PI * 1.125 / 1000.0).ln();
        assert!((log_wealth(&strategy, &alternating(2000)) - laplace).abs() < 2e-3);
    }

    #[test]
    fn three_assets() {
        assert_log_wealth(&Universal::default(), &market_a(250), 0.161_673_466);
        // After one round each integral is linear: E b_i b_j with E b_i² = 1/6, E b_i b_j = 1/12 for
        // the uniform prior, 1/5 and 1/15 for Dirichlet(½).
        let rows = [vec![1.0, 2.0, 3.0], vec![1.0, 1.0, 1.0]];
        for (prior, square, cross) in [
            (PortfolioPrior::Uniform, 1.0 / 6.0, 1.0 / 12.0),
            (PortfolioPrior::Jeffreys, 0.2, 1.0 / 15.0),
        ] {
            let played = portfolios(&of(prior, Integral::Auto), &rows);
            for i in 0..3 {
                let known = (cross * 6.0 + (square - cross) * (i as f64 + 1.0)) / 2.0;
                assert!((played[1][i] - known).abs() < 1e-13, "{played:?}");
            }
        }
    }

    #[test]
    fn grids_and_samples() {
        // Cover's grid of two assets: halves of 0, ½, 1 after (1, 2): Σ b(1 + b)/Σ(1 + b) = 2.75/4.5.
        let rows = [vec![1.0, 2.0], vec![1.0, 1.0]];
        let grid = of(PortfolioPrior::Uniform, Integral::Grid(2));
        assert!((portfolios(&grid, &rows)[1][1] - 2.75 / 4.5).abs() < 1e-14);
        // 20000 samples: a factor of S deviates by less than 1 % of its mean.
        for prior in [PortfolioPrior::Uniform, PortfolioPrior::Jeffreys] {
            let exact = log_wealth(&of(prior, Integral::Auto), &market_a(250));
            let sampled = log_wealth(&of(prior, Integral::Sampled(20_000)), &market_a(250));
            assert!((exact - sampled).abs() < 0.05, "{exact} {sampled}");
        }
        assert!(of(PortfolioPrior::Uniform, Integral::Sampled(0)).check().is_err());
    }

    /// κ = 0 keeps the prior's mean; a great κ follows the best.
    #[test]
    fn tilts() {
        let rows = alternating(40);
        let tilted = |tilt| Universal { tilt: Some(tilt), ..Universal::default() };
        let flat = log_wealth(&tilted(0.0), &rows);
        assert!((flat - 20.0 * 1.125f64.ln()).abs() < 1e-12);
        assert_eq!(log_wealth(&tilted(1.0), &rows), log_wealth(&Universal::default(), &rows));
        let two = portfolios(&tilted(2.0), &[vec![1.0, 2.0], vec![1.0, 1.0]]);
        // ∫ b (1 + b)² / ∫ (1 + b)² = (17/12)/(7/3).
        assert!((two[1][1] - 17.0 / 28.0).abs() < 1e-13);
        assert!(tilted(-1.0).check().is_err());
    }
}
