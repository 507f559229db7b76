//! A confidence sequence for quantities without a known range: Student's t with a normal mixture.
//!
//! After n replications with t = √n (mean − μ)/s, the likelihood ratio of the effect size
//! (mean − μ)/σ being N(0, ρ²) against its being 0, for normal values of unknown variance, is
//!
//! ```text
//! M_n(μ) = (1 + nρ²)^{−1/2} ( (1 + t²/ν) / (1 + t²/(ν (1 + nρ²))) )^{n/2},   ν = n − 1,
//! ```
//!
//! a martingale of the scale-free data, so that P(some n: M_n(μ) ≥ 1/α) ≤ α (Ville). The interval
//! is {μ: M_n(μ) < 1/α}. For values that are not normal it is an asymptotic confidence sequence: as
//! n grows it is the one of Waudby-Smith et al., mean ± s √(2 (nρ² + 1)/(n²ρ²) ln(√(nρ² + 1)/α)),
//! which holds for independent values with a finite variance, started late enough.
//!
//! Source: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, "Time-uniform central limit theory and
//! asymptotic confidence sequences", Annals of Statistics 52(6), 2024 (the normal mixture); Wang,
//! Ramdas, "Anytime-valid t-tests and confidence sequences for Gaussian means with unknown
//! variance", arXiv 2310.03722 (the t form: a test martingale of the scale-free data, by a normal
//! mixture in place of the flat one of Lai, "On confidence sequences", Annals of Statistics 4, 1976).
//! Assumptions: independent replications with the same law and a finite variance; exact for normal
//! values, asymptotic for others.

use regret_engine::math;

/// ρ², for which the 95 % interval is narrowest at about 256 replications: (−2 ln α + ln(1 − 2 ln
/// α))/256 with α = 0.05. It must not depend on the data; from 64 to 10 000 replications the width
/// is within 15 % of what any ρ gives there.
const RHO_SQUARED: f64 = 7.936_156_4 / 256.0;

/// How many standard errors the interval extends to each side after `count` replications, so that
/// all of these intervals hold together with probability 1 − `alpha`; `None` while it is the whole
/// line.
pub fn factor(count: usize, alpha: f64) -> Option<f64> {
    if count < 2 {
        return None;
    }
    let (n, freedom) = (count as f64, (count - 1) as f64);
    let mixed = 1.0 + n * RHO_SQUARED;
    // M_n < 1/α, solved for t²/ν, with k = (√(1 + nρ²)/α)^{2/n}.
    let excess = math::exp_m1((math::ln(mixed) - 2.0 * math::ln(alpha)) / n);
    let rest = 1.0 - (1.0 + excess) / mixed;
    let factor = (freedom * excess / rest).sqrt();
    (rest > 0.0 && factor.is_finite()).then_some(factor)
}

/// The p-value of "the mean is 0" for this t statistic, two-sided, valid at whatever number of
/// replications one stops: the least α whose interval does not contain 0.
pub fn p_value(t: f64, count: usize) -> f64 {
    if count < 2 {
        return 1.0;
    }
    let (n, freedom) = (count as f64, (count - 1) as f64);
    let mixed = 1.0 + n * RHO_SQUARED;
    let square = t * t / freedom;
    let ratio = if square.is_finite() {
        math::ln_1p(square) - math::ln_1p(square / mixed)
    } else {
        math::ln(mixed)
    };
    math::exp(0.5 * math::ln(mixed) - 0.5 * n * ratio).min(1.0)
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream, exponential, normal};

    use super::*;

    #[test]
    fn the_factor_solves_the_martingale_for_its_threshold() {
        for (count, alpha) in [(30, 0.05), (64, 0.05), (256, 0.001), (10_000, 0.05)] {
            let factor = factor(count, alpha).expect("an interval");
            assert!((p_value(factor, count) / alpha - 1.0).abs() < 1e-9, "{count}");
            assert!(p_value(1.01 * factor, count) < alpha);
        }
        assert_eq!(factor(5, 0.05), None);
        assert_eq!(factor(1, 0.05), None);
        assert_eq!(p_value(1e9, 1), 1.0);
        // (1 + nρ²)^{−(n−1)/2} = 4.1^{−49.5}.
        assert!(p_value(f64::INFINITY, 100) < 1e-30);
    }

    #[test]
    fn the_martingale_is_the_ratio_of_integrated_likelihoods() {
        // Both likelihoods with the scale-free prior dσ/σ, integrated numerically: the effect size
        // δ over N(0, ρ²), the scale u = 1/σ over (0, ∞). With S = Σx² and m = Σx the likelihood
        // is ∝ u^{n−1} exp(−(u² S − 2 u δ m + n δ²)/2).
        let data = [0.3, 1.9, -0.4, 1.1, 0.8, 2.2, 0.1];
        let n = data.len() as f64;
        let (m, s): (f64, f64) = (data.iter().sum(), data.iter().map(|x| x * x).sum());
        let scale = |delta: f64| {
            let h = 0.002;
            (1..4000)
                .map(|i| {
                    let u = f64::from(i) * h;
                    let square = u * u * s - 2.0 * u * delta * m + n * delta * delta;
                    h * ((n - 1.0) * u.ln() - 0.5 * square).exp()
                })
                .sum::<f64>()
        };
        let h = 0.01;
        let mixed: f64 = (-200..=200)
            .map(|i| {
                let delta = f64::from(i) * h;
                let prior = (-0.5 * delta * delta / RHO_SQUARED).exp();
                h * prior / (2.0 * std::f64::consts::PI * RHO_SQUARED).sqrt() * scale(delta)
            })
            .sum();
        let mean = m / n;
        let t = mean * (n * (n - 1.0) / (s - n * mean * mean)).sqrt();
        let ratio = mixed / scale(0.0);
        assert!(ratio > 1.0, "the p-value below is not cut at 1: {ratio}");
        assert!((p_value(t, data.len()) * ratio - 1.0).abs() < 1e-6, "{ratio}");
    }

    #[test]
    fn for_many_replications_it_is_the_asymptotic_sequence() {
        for count in [20_000, 1_000_000] {
            let n = f64::from(count);
            let mixed = n * RHO_SQUARED + 1.0;
            let asymptotic = (2.0 * mixed / (n * RHO_SQUARED) * (mixed.sqrt() / 0.05).ln()).sqrt();
            let factor = factor(count as usize, 0.05).expect("an interval");
            assert!((factor / asymptotic - 1.0).abs() < 20.0 / n, "{factor} {asymptotic}");
        }
    }

    #[test]
    fn the_tuning_is_the_best_at_256_replications_and_good_around() {
        for (n, loss) in [(64.0, 1.08), (256.0, 1.001), (1000.0, 1.04), (10_000.0, 1.15)] {
            let width = |rho: f64| {
                let mixed = n * rho + 1.0;
                (2.0 * mixed / (n * rho) * (mixed.sqrt() / 0.05).ln()).sqrt()
            };
            let grid = (1..2000).map(|i| width(f64::from(i) * 1e-2 / n));
            let best = grid.fold(f64::INFINITY, f64::min);
            assert!(width(RHO_SQUARED) < loss * best, "{n}: {} {best}", width(RHO_SQUARED));
        }
        // What the documentation says of its width.
        assert!((factor(256, 0.05).expect("an interval") - 3.05).abs() < 0.05);
        assert!(factor(15, 0.05).is_none() && factor(16, 0.05).is_some());
    }

    /// How many of `trials` paths of 2048 values of mean 0 ever leave their interval at one of the
    /// looks after 64, 128, … values.
    fn misses(trials: u32, seed: u64, draw: fn(&mut Stream) -> f64) -> u32 {
        let mut stream = Stream::new(seed, 0, Role::Learner);
        let mut missed = 0;
        for _ in 0..trials {
            let (mut sum, mut squares, mut out) = (0.0, 0.0, false);
            for n in 1..=2048_usize {
                let x = draw(&mut stream);
                sum += x;
                squares += x * x;
                if n % 64 == 0 {
                    let mean = sum / n as f64;
                    let spread = (squares - sum * mean) / (n - 1) as f64;
                    let t = mean / (spread / n as f64).sqrt();
                    out |= p_value(t, n) <= 0.05;
                }
            }
            missed += u32::from(out);
        }
        missed
    }

    #[test]
    fn all_looks_together_miss_no_more_often_than_they_may() {
        // 2000 paths at 5 %: standard deviation 0.0049; four of them. Normal values, exactly
        // valid; exponential ones, skewed as regrets are, asymptotically.
        for (seed, draw) in
            [(1, normal as fn(&mut Stream) -> f64), (2, |stream| exponential(stream) - 1.0)]
        {
            let share = f64::from(misses(2000, seed, draw)) / 2000.0;
            assert!(share <= 0.05 + 0.0195, "{share}");
            // A fixed-time interval would miss far more often, and an empty one less than this.
            assert!(share > 0.003, "{share}");
        }
    }
}
