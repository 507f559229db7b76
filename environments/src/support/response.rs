//! Rewards around a mean, drawn from one word.

use regret_engine::math;
use regret_engine::random::{normal_quantile, open_unit, unit};

/// How a score becomes a mean and a reward.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Response {
    /// The score is the mean; normal noise of this standard deviation.
    Gaussian(f64),
    /// The mean is 1 / (1 + e^−score); rewards 0 and 1.
    Logistic,
    /// The mean is e^score; Poisson counts.
    Poisson,
    /// The score is the mean and the reward.
    Exact,
}

impl Response {
    /// The mean reward at a score.
    #[inline]
    pub fn mean(self, score: f64) -> f64 {
        match self {
            Self::Gaussian(_) | Self::Exact => score,
            Self::Logistic => 1.0 / (1.0 + math::exp(-score)),
            Self::Poisson => math::exp(score),
        }
    }

    /// A reward of that mean.
    #[inline]
    pub fn draw(self, mean: f64, word: u64) -> f64 {
        match self {
            Self::Gaussian(deviation) => mean + deviation * normal_quantile(open_unit(word)),
            Self::Logistic => f64::from(u8::from(unit(word) < mean)),
            Self::Poisson => poisson(mean, word),
            Self::Exact => mean,
        }
    }
}

/// A Poisson count by inversion: the least n whose distribution function exceeds the word's uniform
/// number. For means up to 500.
pub fn poisson(mean: f64, word: u64) -> f64 {
    let u = unit(word);
    let mut probability = math::exp(-mean);
    let mut cumulative = probability;
    let mut n = 0.0;
    while u >= cumulative && n < 10_000.0 {
        n += 1.0;
        probability *= mean / n;
        cumulative += probability;
        if probability < 1e-300 && n > mean {
            break;
        }
    }
    n
}
