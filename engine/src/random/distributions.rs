//! Draws from the distributions that learners and environments share.
//!
//! They are written here, on [`crate::math`], because a distribution crate draws through the
//! platform's `libm`, and the same spec must give the same bytes on every platform.

use super::Stream;
use crate::math;

/// A standard normal number: the quantile function at one uniform number.
#[inline]
pub fn normal(stream: &mut Stream) -> f64 {
    normal_quantile(stream.open_uniform())
}

/// An exponential number of mean 1.
#[inline]
pub fn exponential(stream: &mut Stream) -> f64 {
    -math::ln(stream.open_uniform())
}

/// A Gamma number of the given shape (> 0) and scale 1: Marsaglia and Tsang, "A simple method for
/// generating gamma variables", 2000; shapes below 1 through `Gamma(a + 1) U^{1/a}`.
pub fn gamma(shape: f64, stream: &mut Stream) -> f64 {
    if shape < 1.0 {
        let boost = math::exp(math::ln(stream.open_uniform()) / shape);
        return gamma(shape + 1.0, stream) * boost;
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = normal(stream);
        let v = 1.0 + c * x;
        if v <= 0.0 {
            continue;
        }
        let v = v * v * v;
        let u = stream.open_uniform();
        if math::ln(u) < 0.5 * x * x + d - d * v + d * math::ln(v) {
            return d * v;
        }
    }
}

/// An index drawn from `probabilities` (which sum to one), by the place of one uniform number `u`
/// in their running sum. `usize::MAX`, which the engine reports as "could not decide", when they
/// are not numbers or do not reach `u`.
#[inline]
pub fn sample_index(probabilities: &[f64], u: f64) -> usize {
    let mut cumulative = 0.0;
    let mut last_positive = usize::MAX;
    for (index, &p) in probabilities.iter().enumerate() {
        cumulative += p;
        if p > 0.0 {
            last_positive = index;
        }
        if u < cumulative {
            return index;
        }
    }
    // The sum may stay below 1 by rounding; anything more is the learner's fault.
    if cumulative > 1.0 - 1e-9 { last_positive } else { usize::MAX }
}

/// The quantile function of the standard normal law: Wichura, Algorithm AS 241 (PPND16), relative
/// error about 1e-16. `p` in `(0, 1)`.
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * polynomial(&CENTRE_NUMERATOR, r) / polynomial(&CENTRE_DENOMINATOR, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = (-math::ln(tail)).sqrt();
    let magnitude = if r <= 5.0 {
        let r = r - 1.6;
        polynomial(&MIDDLE_NUMERATOR, r) / polynomial(&MIDDLE_DENOMINATOR, r)
    } else {
        let r = r - 5.0;
        polynomial(&FAR_NUMERATOR, r) / polynomial(&FAR_DENOMINATOR, r)
    };
    if q < 0.0 { -magnitude } else { magnitude }
}

#[inline(always)]
fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, &c| sum * x + c)
}

const CENTRE_NUMERATOR: [f64; 8] = [
    3.387_132_872_796_366_5,
    1.331_416_678_917_843_8e2,
    1.971_590_950_306_551_3e3,
    1.373_169_376_550_946e4,
    4.592_195_393_154_987e4,
    6.726_577_092_700_87e4,
    3.343_057_558_358_813e4,
    2.509_080_928_730_122_7e3,
];
const CENTRE_DENOMINATOR: [f64; 8] = [
    1.0,
    4.231_333_070_160_091e1,
    6.871_870_074_920_579e2,
    5.394_196_021_424_751e3,
    2.121_379_430_158_659_7e4,
    3.930_789_580_009_271e4,
    2.872_908_573_572_194_3e4,
    5.226_495_278_852_854e3,
];
const MIDDLE_NUMERATOR: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    2.417_807_251_774_506e-1,
    2.272_384_498_926_918_4e-2,
    7.745_450_142_783_414e-4,
];
const MIDDLE_DENOMINATOR: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    6.897_673_349_851e-1,
    1.481_039_764_274_800_8e-1,
    1.519_866_656_361_645_7e-2,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const FAR_NUMERATOR: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    2.965_605_718_285_048_7e-1,
    2.653_218_952_657_612_4e-2,
    1.242_660_947_388_078_4e-3,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const FAR_DENOMINATOR: [f64; 8] = [
    1.0,
    5.998_322_065_558_88e-1,
    1.369_298_809_227_358e-1,
    1.487_536_129_085_061_5e-2,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_7e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, Gamma, Normal};

    use super::*;
    use crate::random::Role;

    /// Kolmogorov's distance of `n` draws from a law; P(√n D > 1.95) < 0.001.
    fn assert_follows(mut draws: Vec<f64>, cdf: impl Fn(f64) -> f64) {
        draws.sort_by(f64::total_cmp);
        let n = draws.len() as f64;
        let distance = draws.iter().enumerate().fold(0.0f64, |d, (i, &x)| {
            d.max((cdf(x) - i as f64 / n).abs()).max((cdf(x) - (i + 1) as f64 / n).abs())
        });
        assert!(distance * n.sqrt() < 1.95, "distance {distance}");
    }

    #[test]
    fn quantile_inverts_the_normal_law() {
        let law = Normal::standard();
        for p in [1e-15, 1e-9, 0.001, 0.0749, 0.0751, 0.3, 0.5, 0.8, 0.9251, 1.0 - 1e-9] {
            let x = normal_quantile(p);
            assert!((law.cdf(x) - p).abs() < 1e-9 * p.min(1.0 - p) + 1e-16, "{p}");
        }
        // Known values to fifteen digits.
        assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-14);
        assert!((normal_quantile(1e-10) + 6.361_340_902_404_056).abs() < 1e-12);
    }

    #[test]
    fn draws_follow_their_laws() {
        let mut stream = Stream::new(1, 0, Role::Learner);
        let mut draws = |f: &dyn Fn(&mut Stream) -> f64| -> Vec<f64> {
            (0..20_000).map(|_| f(&mut stream)).collect()
        };
        assert_follows(draws(&normal), |x| Normal::standard().cdf(x));
        assert_follows(draws(&exponential), |x| 1.0 - (-x).exp());
        for shape in [0.3, 1.0, 1.7, 40.0] {
            let law = Gamma::new(shape, 1.0).expect("valid shape");
            assert_follows(draws(&|s| gamma(shape, s)), |x| law.cdf(x));
        }
    }

    #[test]
    fn sampling_walks_the_running_sum() {
        let p = [0.2, 0.0, 0.5, 0.3];
        assert_eq!(sample_index(&p, 0.0), 0);
        assert_eq!(sample_index(&p, 0.2), 2);
        assert_eq!(sample_index(&p, 0.699_999), 2);
        assert_eq!(sample_index(&p, 0.999_999_999_999), 3);
        assert_eq!(sample_index(&[0.5, f64::NAN], 0.7), usize::MAX);
        assert_eq!(sample_index(&[0.3, 0.3], 0.7), usize::MAX);
    }
}
