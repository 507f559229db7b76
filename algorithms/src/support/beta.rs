//! The Beta law: draws for Thompson sampling, quantiles for Bayes-UCB.

use regret_engine::math;
use regret_engine::random::{GAMMA, Stream, mix, open_unit};
use regret_engine::special::incomplete_beta;

/// A Beta(a, b) law with a, b ≥ 1, ready to be drawn from.
///
/// Cheng, "Generating beta variates with nonintegral shape parameters", CACM 21, 1978, algorithm BB;
/// the quantile function where a or b is 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BetaLaw {
    /// The smaller and the larger parameter.
    pub low: f64,
    /// See [`BetaLaw::low`].
    pub high: f64,
    /// Cheng's β = √((α − 2) / (2ab − α)) with α = a + b; 1/`high` if `low` is 1.
    pub scale: f64,
    /// Cheng's γ = `low` + 1/β.
    pub gamma: f64,
    /// 1 if `low` is the parameter a, else −1.
    pub side: f64,
}

impl BetaLaw {
    /// The law of Beta(a, b).
    #[inline(always)]
    pub fn new(a: f64, b: f64) -> Self {
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        let sum = low + high;
        let cheng = ((sum - 2.0) / (2.0 * low * high - sum)).sqrt();
        let scale = if low > 1.0 { cheng } else { 1.0 / high };
        Self { low, high, scale, gamma: low + 1.0 / scale, side: if a < b { 1.0 } else { -1.0 } }
    }

    /// One attempt at a draw, from two words: a number in [0, 1], or one below 0 if this attempt is
    /// rejected. Without branches, so that attempts of many lanes vectorise.
    #[inline(always)]
    pub fn attempt(self, first: u64, second: u64) -> f64 {
        let (u, v) = (open_unit(first), open_unit(second));
        let Self { low, high, scale, gamma, side } = self;
        let rejects = low > 1.0;
        let logit = scale * math::ln(if rejects { u / (1.0 - u) } else { u });
        let power = math::exp(logit.min(700.0));
        let w = low * power;
        let sum = low + high;
        // The constant is ln 4, as in Cheng's step 2.
        let r = gamma * logit - 1.386_294_361_119_890_6;
        let accepted = r + sum * math::ln(sum / (high + w)) >= math::ln(u * u * v);
        let cheng = if accepted { w / (high + w) } else { -1.0 };
        // With low = 1, `power` is u^{1/high}: 1 − u^{1/b} has the law Beta(1, b).
        let x = if rejects { cheng } else { 1.0 - power };
        if side > 0.0 || x < 0.0 { x } else { 1.0 - x }
    }

    /// A draw with the words that belong to (`base`, `arm`): any number of attempts for one arm
    /// leaves the other arms' words as they are.
    #[inline]
    pub fn draw(self, base: u64, arm: usize) -> f64 {
        let mut attempt = 0;
        loop {
            let (first, second) = words(base, arm, attempt);
            let x = self.attempt(first, second);
            if x >= 0.0 {
                return x;
            }
            attempt += 1;
        }
    }

    /// A draw from a stream.
    pub fn sample(self, stream: &mut Stream) -> f64 {
        self.draw(stream.word(), 0)
    }
}

/// The two words of an attempt: SplitMix64 from a place of its own.
#[inline(always)]
pub fn words(base: u64, arm: usize, attempt: u64) -> (u64, u64) {
    let place = ((arm as u64) << 16).wrapping_add(2 * attempt);
    let state = base.wrapping_add(place.wrapping_mul(GAMMA));
    (mix(state.wrapping_add(GAMMA)), mix(state.wrapping_add(GAMMA.wrapping_mul(2))))
}

/// The quantile of Beta(a, b) at 1 − `tail`, to about 1e-12: Newton's steps kept within bisection.
pub fn upper_quantile(a: f64, b: f64, tail: f64) -> f64 {
    let ln_beta = math::ln_gamma(a) + math::ln_gamma(b) - math::ln_gamma(a + b);
    let (mut low, mut high) = (0.0, 1.0);
    let mean = a / (a + b);
    let deviation = (mean * (1.0 - mean) / (a + b + 1.0)).sqrt();
    let mut x = (mean + 2.0 * deviation).min(0.5 * (1.0 + mean));
    for _ in 0..100 {
        // P(X > x) falls with x.
        let excess = incomplete_beta(b, a, 1.0 - x) - tail;
        if excess > 0.0 {
            low = x
        } else {
            high = x
        }
        let density = math::exp((a - 1.0) * math::ln(x) + (b - 1.0) * math::ln_1p(-x) - ln_beta);
        let newton = x + excess / density;
        let inside = newton > low && newton < high;
        let next = if inside { newton } else { 0.5 * (low + high) };
        if (next - x).abs() <= 1e-13 {
            return next;
        }
        x = next;
    }
    x
}

#[cfg(test)]
mod tests {
    use regret_engine::random::Role;
    use statrs::distribution::{Beta, ContinuousCDF};

    use super::*;

    #[test]
    fn draws_follow_the_law() {
        let mut stream = Stream::new(4, 0, Role::Learner);
        for (a, b) in [(1.0, 1.0), (1.0, 7.0), (5.0, 1.0), (2.0, 3.0), (40.5, 2.25), (300.0, 900.0)]
        {
            let law = BetaLaw::new(a, b);
            let mut draws: Vec<f64> = (0..20_000).map(|_| law.sample(&mut stream)).collect();
            draws.sort_by(f64::total_cmp);
            let cdf = Beta::new(a, b).expect("valid");
            let n = draws.len() as f64;
            let distance = draws
                .iter()
                .enumerate()
                .fold(0.0f64, |d, (i, &x)| d.max((cdf.cdf(x) - (i as f64 + 0.5) / n).abs()));
            // Kolmogorov: P(√n D > 1.95) < 0.001.
            assert!(distance * n.sqrt() < 1.95, "Beta({a}, {b}): {distance}");
        }
    }

    #[test]
    fn attempts_are_rarely_rejected() {
        for (a, b) in [(2.0, 2.0), (3.0, 90.0), (500.0, 600.0)] {
            let law = BetaLaw::new(a, b);
            let rejected = (0..10_000u64).filter(|&i| {
                let (first, second) = words(i.wrapping_mul(0x1234_5678_9ABC_DEF1), 0, 0);
                law.attempt(first, second) < 0.0
            });
            // Cheng: at most 1.41 attempts for a draw on average, so a share of 0.29.
            assert!(rejected.count() < 3200);
        }
    }

    #[test]
    fn quantiles_invert() {
        for (a, b) in [(1.0, 1.0), (2.0, 5.0), (1.5, 3.0), (50.0, 30.0), (2000.0, 3000.0)] {
            for tail in [0.5, 0.1, 1e-3, 1e-6] {
                let x = upper_quantile(a, b, tail);
                let back = incomplete_beta(b, a, 1.0 - x);
                assert!((back - tail).abs() < 1e-6 * tail + 1e-12, "{a} {b} {tail}: {x} {back}");
            }
        }
        // Beta(1, b): 1 − tail^{1/b}.
        let known = 1.0 - 0.01f64.powf(1.0 / 3.0);
        assert!((upper_quantile(1.0, 3.0, 0.01) - known).abs() < 1e-10);
    }
}
