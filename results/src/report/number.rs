//! Numbers for tables: as many digits as mean something.

use crate::decimal::decade;

/// Significant digits of a number without a margin.
const DIGITS: i32 = 4;

/// A value with the ends of its interval, to the interval's second significant digit.
pub(crate) fn with_interval(value: f64, interval: Option<(f64, f64)>) -> String {
    match interval.filter(|(low, high)| low < high) {
        None => plain(value, decimals(value, DIGITS)),
        Some((low, high)) => {
            let decimals = decimals(high - low, 2);
            let [value, low, high] = [value, low, high].map(|x| plain(x, decimals));
            format!("{value} [{low}, {high}]")
        }
    }
}

/// A p-value: two significant digits, small ones as a limit.
pub(crate) fn p_value(p: f64) -> String {
    match p {
        p if p < 1e-4 => "< 0.0001".to_owned(),
        p if p < 0.0995 => format!("{p:.*}", decimals(p, 2)),
        p => format!("{p:.2}"),
    }
}

/// A value with the margin of its interval, both to the margin's second significant digit; alone,
/// if there is no margin.
pub(crate) fn with_margin(value: f64, margin: Option<f64>) -> String {
    match margin.filter(|margin| *margin > 0.0) {
        None => plain(value, decimals(value, DIGITS)),
        Some(margin) if is_extreme(value.abs().max(margin)) => {
            format!("{} ± {}", minus(&format!("{value:.3e}")), minus(&format!("{margin:.1e}")))
        }
        Some(margin) => {
            let decimals = decimals(margin, 2);
            format!("{} ± {}", plain(value, decimals), plain(margin, decimals))
        }
    }
}

/// A range, both ends with the same number of decimals.
pub(super) fn spread(low: f64, high: f64) -> String {
    let decimals = decimals(low.abs().max(high.abs()), DIGITS);
    format!("{} – {}", plain(low, decimals), plain(high, decimals))
}

/// How many decimals show that many significant digits, at most eight.
fn decimals(value: f64, digits: i32) -> usize {
    if value == 0.0 || value.fract() == 0.0 && digits == DIGITS {
        return 0;
    }
    usize::try_from(digits - 1 - decade(value.abs())).unwrap_or(0).min(8)
}

/// With this many decimals, very large and very small numbers with an exponent.
fn plain(value: f64, decimals: usize) -> String {
    let text =
        if is_extreme(value) { format!("{value:.3e}") } else { format!("{value:.decimals$}") };
    let is_zero = !text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    if is_zero { text.trim_start_matches('-').to_owned() } else { minus(&text) }
}

/// Whether a number is better read with an exponent.
fn is_extreme(value: f64) -> bool {
    let size = value.abs();
    size >= 1e12 || (size > 0.0 && size < 1e-6)
}

/// With true minus signs.
fn minus(text: &str) -> String {
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_margin_decides_the_digits() {
        assert_eq!(with_margin(1234.567, Some(12.3)), "1235 ± 12");
        assert_eq!(with_margin(1234.567, Some(0.0234)), "1234.567 ± 0.023");
        assert_eq!(with_margin(-5.0, Some(1234.0)), "−5 ± 1234");
        assert_eq!(with_margin(2e15, Some(3e13)), "2.000e15 ± 3.0e13");
    }

    #[test]
    fn without_margin_four_digits_show() {
        assert_eq!(with_margin(1234.567, None), "1235");
        assert_eq!(with_margin(0.012_345, Some(0.0)), "0.01235");
        assert_eq!(with_margin(17.0, None), "17");
        assert_eq!(with_margin(0.0, None), "0");
        assert_eq!(with_margin(-1.5e-9, None), "−1.500e−9");
    }

    #[test]
    fn intervals_decide_the_digits() {
        assert_eq!(with_interval(0.512_34, Some((0.48, 0.541))), "0.512 [0.480, 0.541]");
        assert_eq!(with_interval(0.5, None), "0.5000");
        assert_eq!(with_interval(0.5, Some((0.5, 0.5))), "0.5000");
        assert_eq!(with_interval(-120.0, Some((-150.0, 3.0))), "−120 [−150, 3]");
    }

    #[test]
    fn p_values_are_short() {
        let shown = [1.0, 0.25, 0.0312, 0.000_95, 1e-9].map(p_value);
        assert_eq!(shown, ["1.00", "0.25", "0.031", "0.00095", "< 0.0001"]);
    }

    #[test]
    fn both_ends_of_a_range_match() {
        assert_eq!(spread(-0.5, 12.25), "−0.50 – 12.25");
        assert_eq!(spread(-0.000_01, 1234.5), "0 – 1234");
    }
}
