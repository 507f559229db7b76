//! Powers of ten and decimal logarithms with the same bits on every platform.

use regret_engine::math;

/// The decimal logarithm, to within a few roundings.
pub(crate) fn log10(x: f64) -> f64 {
    math::ln(x) / std::f64::consts::LN_10
}

/// 10^exponent, as the decimal literal reads.
pub(crate) fn power_of_ten(exponent: i32) -> f64 {
    // Reading a decimal is exact on every platform; a literal of this form is always a number.
    format!("1e{exponent}").parse().unwrap_or(f64::INFINITY)
}

/// The exponent of the largest power of ten that is at most `x`, which is above 0; of numbers that
/// are not, the least exponent.
pub(crate) fn decade(x: f64) -> i32 {
    const LEAST: i32 = -324;
    // The logarithm may be off by a rounding, and that of a subnormal number is that of 0.
    let mut exponent = log10(x).clamp(-308.0, 308.0).floor() as i32 + 1;
    while exponent > LEAST && power_of_ten(exponent) > x {
        exponent -= 1;
    }
    exponent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decades_of_powers_of_ten_and_of_their_neighbours_are_exact() {
        for exponent in -300..=300 {
            let power = power_of_ten(exponent);
            assert_eq!(decade(power), exponent);
            assert_eq!(decade(power.next_down()), exponent - 1);
            assert_eq!(decade(9.5 * power), exponent);
            assert!((log10(power) - f64::from(exponent)).abs() < 1e-12);
        }
        assert_eq!([1e-308, 3e-320, f64::MAX].map(decade), [-308, -320, 308]);
        assert_eq!([0.0, -1.0].map(decade), [-324, -324]);
    }
}
