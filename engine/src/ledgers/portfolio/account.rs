//! What one replication's wealth did.

use super::Costs;
use crate::math;
use crate::notion::{
    ANNUALISED_RETURN, CALMAR_RATIO, DRAWDOWN, LOG_WEALTH, MAX_DRAWDOWN, Notion, SHARPE_RATIO,
    SHARPE_RATIO_OLPS, SORTINO_RATIO, TURNOVER, VOLATILITY, WEALTH,
};
use crate::simplex::dot;

/// Rounds in a year.
const YEAR: f64 = 252.0;
/// The risk-free rate of the OLPS toolbox's Sharpe ratio.
const OLPS_RATE: f64 = 0.04;

/// Wealth, its path and its returns.
#[derive(Clone, Debug)]
pub(super) struct Account {
    log_wealth: f64,
    /// The highest log-wealth so far, 0 of the start included, and the greatest fall from one.
    peak: f64,
    deepest: f64,
    /// Rounds, mean of the returns, sum of the squares of their deviations (Welford), sum of the
    /// squares of the negative ones.
    rounds: f64,
    mean: f64,
    deviations: f64,
    downside: f64,
    turnover: f64,
    /// What the last portfolio has become, in shares of the wealth that the convention of costs
    /// divides by.
    holdings: Vec<f64>,
}

impl Account {
    pub(super) fn new(assets: usize) -> Self {
        Self {
            log_wealth: 0.0,
            peak: 0.0,
            deepest: 0.0,
            rounds: 0.0,
            mean: 0.0,
            deviations: 0.0,
            downside: 0.0,
            turnover: 0.0,
            holdings: vec![0.0; assets],
        }
    }

    pub(super) fn log_wealth(&self) -> f64 {
        self.log_wealth
    }

    /// Plays a round.
    pub(super) fn round(
        &mut self,
        portfolio: &[f64],
        relatives: &[f64],
        costs: Costs,
        keeps_holdings: bool,
    ) {
        let growth = dot(portfolio, relatives);
        let mut factor = growth;
        if keeps_holdings {
            let first = self.rounds == 0.0;
            factor *= costs.factor(portfolio, &self.holdings, first);
            if !first {
                let moved = portfolio.iter().zip(&self.holdings).map(|(b, h)| (b - h).abs());
                self.turnover += 0.5 * moved.sum::<f64>();
            }
            let divisor = match costs.convention {
                super::Convention::Exact => growth,
                super::Convention::Olps => factor,
            };
            let grown = portfolio.iter().zip(relatives);
            self.holdings.iter_mut().zip(grown).for_each(|(h, (b, x))| *h = b * x / divisor);
        }
        self.log_wealth += math::ln(factor);
        self.peak = self.peak.max(self.log_wealth);
        self.deepest = self.deepest.max(self.peak - self.log_wealth);
        self.rounds += 1.0;
        let gain = factor - 1.0;
        let deviation = gain - self.mean;
        self.mean += deviation / self.rounds;
        self.deviations += deviation * (gain - self.mean);
        self.downside += gain.min(0.0) * gain.min(0.0);
    }

    /// A notion of this account after round `t`; None if it is not one.
    pub(super) fn value(&self, t: u64, notion: Notion) -> Option<f64> {
        let (_, read) = READERS.iter().find(|(known, _)| *known == notion)?;
        Some(read(self, t as f64))
    }

    fn volatility(&self) -> f64 {
        (self.deviations / (self.rounds - 1.0).max(1.0) * YEAR).sqrt()
    }

    fn yearly_return(&self, years: f64) -> f64 {
        power(self.log_wealth, 1.0 / years) - 1.0
    }
}

/// How a notion is read off an account after round `t`.
type Reader = fn(&Account, f64) -> f64;

/// The notions of an account.
const READERS: [(Notion, Reader); 11] = [
    (LOG_WEALTH, |account, _| account.log_wealth),
    (WEALTH, |account, _| power(account.log_wealth, 1.0)),
    (ANNUALISED_RETURN, |account, t| account.yearly_return(t / YEAR)),
    (VOLATILITY, |account, _| account.volatility()),
    (SHARPE_RATIO, |account, _| ratio(account.mean * YEAR, account.volatility())),
    (SHARPE_RATIO_OLPS, |account, t| {
        let years = (t / YEAR).round().max(1.0);
        ratio(account.yearly_return(years) - OLPS_RATE, account.volatility())
    }),
    (SORTINO_RATIO, |account, _| {
        ratio(account.mean * YEAR, (account.downside / account.rounds * YEAR).sqrt())
    }),
    (CALMAR_RATIO, |account, t| ratio(account.yearly_return(t / YEAR), fall(account.deepest))),
    (DRAWDOWN, |account, _| fall(account.peak - account.log_wealth)),
    (MAX_DRAWDOWN, |account, _| fall(account.deepest)),
    (TURNOVER, |account, _| account.turnover),
];

/// `e^{log exponent}`, at most the greatest number.
fn power(log: f64, exponent: f64) -> f64 {
    math::exp(log * exponent).min(f64::MAX)
}

/// The share of wealth lost by a fall of its logarithm.
fn fall(log: f64) -> f64 {
    -math::exp_m1(-log)
}

/// 0 where nothing divides.
fn ratio(numerator: f64, denominator: f64) -> f64 {
    let value = if denominator > 0.0 { numerator / denominator } else { 0.0 };
    value.clamp(f64::MIN, f64::MAX)
}
