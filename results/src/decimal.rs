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

/// The exponent of the largest power of ten that is at most `x`, which is above 0.
pub(crate) fn decade(x: f64) -> i32 {
    let guess = log10(x).floor() as i32;
    // The logarithm of a power of ten may be off by a rounding.
    let fits = |exponent: &i32| power_of_ten(*exponent) <= x;
    [guess + 1, guess].into_iter().find(fits).unwrap_or(guess - 1)
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
    }
}
