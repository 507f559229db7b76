//! Elementary functions whose bits do not depend on the platform.
//!
//! The standard library's `ln`, `exp`, `powf`, … call the platform's mathematics library, which
//! differs in the last bit between systems. A simulation amplifies such a bit, so code that takes
//! part in one uses the functions of this module. [`exp`] and [`ln`] are plain arithmetic without
//! branches: the compiler vectorises loops over them, and every width gives the same bits.

/// 1.5·2^52: adding it rounds to an integer, kept in the low bits.
const MAGIC: f64 = 6_755_399_441_055_744.0;

/// `e^x` with an error of at most 2 ulp (tested), for any `x`: 0 below −708.39
/// (no subnormal results), infinite above 709.78, NaN for NaN.
///
/// Reduction `x = k ln 2 + r`, |r| ≤ ½ ln 2, with ln 2 in two parts (Cody and Waite), then the
/// Taylor polynomial of degree 13 for `e^r` and a scaling by `2^k` in two factors.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let clamped = if x > -745.2 { x } else { -745.2 };
    let clamped = if clamped < 709.8 { clamped } else { 709.8 };
    let shifted = clamped * std::f64::consts::LOG2_E + MAGIC;
    let k = shifted - MAGIC;
    let r = (clamped - k * LN2_HIGH) - k * LN2_LOW;
    let mut p = 1.0 / 6_227_020_800.0;
    p = p * r + 1.0 / 479_001_600.0;
    p = p * r + 1.0 / 39_916_800.0;
    p = p * r + 1.0 / 3_628_800.0;
    p = p * r + 1.0 / 362_880.0;
    p = p * r + 1.0 / 40_320.0;
    p = p * r + 1.0 / 5_040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    let e = 1.0 + (r + r * r * p);
    // k from the low bits of `shifted`; two factors, so that 2^1024 does not overflow early.
    let k = shifted.to_bits().wrapping_sub(MAGIC.to_bits()) as i64;
    let half = k >> 1;
    let scaled = e * power_of_two(half) * power_of_two(k - half);
    let scaled = if x >= -708.39 { scaled } else { 0.0 };
    let scaled = if x <= 709.782_712_893_384 { scaled } else { f64::INFINITY };
    if x.is_nan() { f64::NAN } else { scaled }
}

#[inline(always)]
fn power_of_two(k: i64) -> f64 {
    f64::from_bits(((k + 1023) as u64) << 52)
}

/// The natural logarithm with an error of at most 1.5 ulp (tested), for any `x`: −∞ at 0, NaN below 0 and for
/// NaN, exact at 1. Subnormal numbers count as 0.
///
/// `x = 2^k m` with m in [√½, √2), then `ln m = f − f²/2 + s (f²/2 + R(s²))`, s = f/(2+f),
/// f = m − 1, R the minimax polynomial of fdlibm's `e_log.c` (Sun Microsystems, 1993).
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const SQRT_HALF_BITS: u64 = 0x3FE6_A09E_667F_3BCD;
    let bits = x.to_bits();
    let offset = bits.wrapping_sub(SQRT_HALF_BITS);
    let k = (offset as i64) >> 52;
    let m = f64::from_bits(bits.wrapping_sub((k << 52) as u64));
    // Exact for |k| < 2^51, and unlike `as` it vectorises without AVX-512.
    let k = f64::from_bits(MAGIC.to_bits().wrapping_add(k as u64)) - MAGIC;
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w
        * (3.999_999_999_940_942e-1
            + w * (2.222_219_843_214_978_4e-1 + w * 1.531_383_769_920_937_3e-1));
    let odd = z
        * (6.666_666_666_666_735e-1
            + w * (2.857_142_874_366_239e-1
                + w * (1.818_357_216_161_805e-1 + w * 1.479_819_860_511_658_6e-1)));
    let half_square = 0.5 * f * f;
    let value =
        k * LN2_HIGH - ((half_square - (s * (half_square + (even + odd)) + k * LN2_LOW)) - f);
    let value = if x >= f64::MIN_POSITIVE { value } else { f64::NEG_INFINITY };
    let value = if x < f64::INFINITY { value } else { f64::INFINITY };
    if x >= 0.0 { value } else { f64::NAN }
}

/// `x^y`, for x ≥ 0.
#[inline]
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// The cube root.
#[inline]
pub fn cbrt(x: f64) -> f64 {
    libm::cbrt(x)
}

/// `ln(1 + x)`, accurate near 0.
#[inline]
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// `e^x − 1`, accurate near 0.
#[inline]
pub fn exp_m1(x: f64) -> f64 {
    libm::expm1(x)
}

/// The sine of an angle in radians.
#[inline]
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// The error function.
#[inline]
pub fn erf(x: f64) -> f64 {
    libm::erf(x)
}

/// `1 − erf(x)`, accurate for large `x`.
#[inline]
pub fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}

/// `ln Γ(x)` for x > 0.
#[inline]
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Role, Stream};

    fn ulps(a: f64, b: f64) -> f64 {
        (a - b).abs() / (b.abs() * f64::EPSILON)
    }

    #[test]
    fn exp_and_ln_are_within_the_stated_error_of_libm() {
        let mut stream = Stream::new(1, 0, Role::Learner);
        for _ in 0..200_000 {
            let x = (stream.uniform() - 0.5) * 1400.0;
            assert!(ulps(exp(x), libm::exp(x)) <= 2.0, "exp({x})");
            let small = (stream.uniform() - 0.5) * 2.0;
            assert!(ulps(exp(small), libm::exp(small)) <= 2.0, "exp({small})");
            let y = libm::exp(x);
            assert!(ulps(ln(y), libm::log(y)) <= 1.5, "ln({y})");
            let near = 0.5 + stream.uniform();
            assert!((ln(near) - libm::log(near)).abs() <= 2.3e-16, "ln({near})");
        }
    }

    #[test]
    fn exp_and_ln_at_the_ends() {
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(f64::NEG_INFINITY), 0.0);
        assert_eq!(exp(-1e9), 0.0);
        assert_eq!(exp(f64::INFINITY), f64::INFINITY);
        assert_eq!(exp(710.0), f64::INFINITY);
        assert!(exp(709.7).is_finite() && exp(-708.0) > 0.0);
        assert!(exp(f64::NAN).is_nan());
        assert_eq!(ln(1.0), 0.0);
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
        assert_eq!(ln(f64::INFINITY), f64::INFINITY);
        assert!(ln(-1.0).is_nan() && ln(f64::NAN).is_nan());
    }
}
