//! Axes: the range shown, where a value falls in it, and the ticks with their labels.
//!
//! Elementary functions are those of [`regret_engine::math`], so that a figure has the same bytes on
//! every platform.

use regret_engine::math;

use crate::decimal::{decade, log10, power_of_ten};

/// About how many labelled ticks a linear axis has.
const TICKS: f64 = 6.0;

/// Superscript digits, 0 to 9.
const SUPERSCRIPTS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];

/// Suffixes of thousands, from the largest.
const SUFFIXES: [(f64, &str); 4] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];

/// One axis; `low < high`, both finite, both positive on a logarithmic one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    logarithmic: bool,
}

/// A tick; those without a label only have a faint grid line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    /// Where it is.
    pub(super) value: f64,
    /// What stands beside it.
    pub(super) label: Option<String>,
}

impl Axis {
    /// A linear axis that shows these finite values, and 0; a little wider if they are all 0.
    pub(super) fn linear(values: impl Iterator<Item = f64>, padding: f64) -> Self {
        let (low, high) = range(values.chain([0.0])).unwrap_or((0.0, 0.0));
        let width = high / 2.0 - low / 2.0;
        if width <= f64::MIN_POSITIVE {
            return Self { low: 0.0, high: 1.0, logarithmic: false };
        }
        let extended = |end: f64, by: f64| if end == 0.0 { end } else { end + by };
        let (limit, pad) = (f64::MAX / 4.0, 2.0 * width.min(f64::MAX / 16.0) * padding);
        Self {
            low: extended(low, -pad).max(-limit),
            high: extended(high, pad).min(limit),
            logarithmic: false,
        }
    }

    /// A logarithmic axis that shows these positive finite values; from 1 to 10 if there are none.
    pub(super) fn logarithmic(values: impl Iterator<Item = f64>, padding: f64) -> Self {
        let (low, high) = range(values).unwrap_or((1.0, 10.0));
        let (low, high) = (low.clamp(1e-300, 1e300), high.clamp(1e-300, 1e300));
        // Over less than a factor of two hardly any tick would have a label.
        let widening = (2.0 * low / high).max(1.0).sqrt();
        let (low, high) = (low / widening, high * widening);
        let factor = math::pow(high / low, padding).min(1e6);
        Self { low: low / factor, high: high * factor, logarithmic: true }
    }

    /// Where `value` falls: 0 at the low end, 1 at the high end; `None` if it has no place.
    pub(super) fn place(&self, value: f64) -> Option<f64> {
        if !value.is_finite() || (self.logarithmic && value <= 0.0) {
            return None;
        }
        let place = if self.logarithmic {
            math::ln(value / self.low) / math::ln(self.high / self.low)
        } else {
            (value - self.low) / (self.high - self.low)
        };
        // Far outside, only the side matters; huge numbers would lose the precision of the rest.
        Some(place.clamp(-1e3, 1e3))
    }

    /// The high end.
    pub(super) fn high(&self) -> f64 {
        self.high
    }

    /// The low end.
    pub(super) fn low(&self) -> f64 {
        self.low
    }

    /// The ticks from low to high.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        let ticks = if self.logarithmic { self.decades() } else { self.steps() };
        let slack = 1e-9;
        let inside = |tick: &Tick| {
            self.place(tick.value).is_some_and(|place| (-slack..=1.0 + slack).contains(&place))
        };
        ticks.into_iter().filter(inside).collect()
    }

    /// Multiples of 1, 2 or 5 times a power of ten.
    fn steps(&self) -> Vec<Tick> {
        let step = round_step((self.high - self.low) / TICKS);
        let largest = self.high.abs().max(self.low.abs());
        let (first, last) = ((self.low / step).ceil() as i64, (self.high / step).floor() as i64);
        let tick = |i: i64| {
            let value = i as f64 * step;
            Tick { value, label: Some(plain_label(value, step, largest)) }
        };
        (first..=last).map(tick).collect()
    }

    /// Powers of ten, and between them unlabelled (over less than two decades, partly labelled)
    /// multiples.
    fn decades(&self) -> Vec<Tick> {
        let first = decade(self.low);
        let last = decade(self.high) + 1;
        let decades = log10(self.high / self.low);
        let stride = ((decades / 8.0).ceil() as i32).max(1);
        let multiples = if decades <= 6.0 { 1..=9 } else { 1..=1 };
        let label = |exponent: i32, multiple: i32| match multiple {
            1 => (exponent.rem_euclid(stride) == 0).then(|| power_label(exponent)),
            2 | 5 if decades < 1.7 => Some(multiple_label(multiple, exponent)),
            3 | 4 | 6 | 7 | 8 if decades < 0.5 => Some(multiple_label(multiple, exponent)),
            _ => None,
        };
        let tick = |exponent: i32, multiple: i32| Tick {
            value: f64::from(multiple) * power_of_ten(exponent),
            label: label(exponent, multiple),
        };
        (first..=last)
            .flat_map(|exponent| multiples.clone().map(move |multiple| (exponent, multiple)))
            .map(|(exponent, multiple)| tick(exponent, multiple))
            .collect()
    }
}

/// Least and largest of the values, if there are any.
fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((value.min(low), value.max(high))),
    })
}

/// About `step`: 1, 2 or 5 times a power of ten.
fn round_step(step: f64) -> f64 {
    let power = power_of_ten(decade(step));
    let limits = [(1.5, 1.0), (3.2, 2.0), (7.0, 5.0)];
    let multiple = limits.into_iter().find(|(limit, _)| step / power <= *limit);
    multiple.map_or(10.0, |(_, multiple)| multiple) * power
}

/// The label of a multiple of `step` on an axis on which no value is beyond `largest`.
fn plain_label(value: f64, step: f64, largest: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e15).contains(&largest) {
        return scientific_label(value, step, largest);
    }
    let unit =
        SUFFIXES.iter().find(|(unit, _)| largest >= 10.0 * unit || largest >= 1e6_f64.max(*unit));
    let (unit, suffix) = unit.copied().unwrap_or((1.0, ""));
    format!("{}{suffix}", decimal(value / unit, step / unit))
}

/// With as many decimals as multiples of `step` need, and a true minus sign.
fn decimal(value: f64, step: f64) -> String {
    let decimals = (-log10(step) - 1e-9).ceil().clamp(0.0, 12.0) as usize;
    format!("{value:.decimals$}").replace('-', "−")
}

/// Such as 2.5×10⁻⁷, all labels of an axis with the same exponent.
fn scientific_label(value: f64, step: f64, largest: f64) -> String {
    let exponent = decade(largest * (1.0 + 1e-9));
    let power = power_of_ten(exponent);
    format!("{}×{}", decimal(value / power, step / power), power_label(exponent))
}

/// Such as 10⁴.
fn power_label(exponent: i32) -> String {
    let sign = if exponent < 0 { "⁻" } else { "" };
    let digits = exponent.unsigned_abs().to_string();
    let raised = digits.bytes().map(|digit| SUPERSCRIPTS[usize::from(digit - b'0')]);
    format!("10{sign}{}", raised.collect::<String>())
}

/// Such as 5×10⁴, or 50 where that is as short.
fn multiple_label(multiple: i32, exponent: i32) -> String {
    match exponent {
        0..=3 => (multiple * 10_i32.pow(exponent.unsigned_abs())).to_string(),
        -3..=-1 => decimal(f64::from(multiple) * power_of_ten(exponent), power_of_ten(exponent)),
        _ => format!("{multiple}×{}", power_label(exponent)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: Axis) -> Vec<String> {
        axis.ticks().into_iter().filter_map(|tick| tick.label).collect()
    }

    #[test]
    fn linear_labels_are_short() {
        let of = |values: &[f64]| labels(Axis::linear(values.iter().copied(), 0.0));
        assert_eq!(of(&[100_000.0]), ["0", "20k", "40k", "60k", "80k", "100k"]);
        assert_eq!(of(&[1000.0]), ["0", "200", "400", "600", "800", "1000"]);
        assert_eq!(of(&[2_500_000.0]), ["0", "0.5M", "1.0M", "1.5M", "2.0M", "2.5M"]);
        assert_eq!(of(&[-1.0, 1.5]), ["−1.0", "−0.5", "0", "0.5", "1.0", "1.5"]);
        assert_eq!(of(&[2e-7]), ["0", "0.5×10⁻⁷", "1.0×10⁻⁷", "1.5×10⁻⁷", "2.0×10⁻⁷"]);
    }

    #[test]
    fn decades_are_labelled_as_powers() {
        let of = |values: &[f64]| labels(Axis::logarithmic(values.iter().copied(), 0.0));
        assert_eq!(of(&[1.0, 1e5]), ["10⁰", "10¹", "10²", "10³", "10⁴", "10⁵"]);
        assert_eq!(of(&[1e-3, 0.1]), ["10⁻³", "10⁻²", "10⁻¹"]);
        assert_eq!(of(&[20.0, 100.0]), ["20", "50", "10²"]);
        assert!(of(&[1e-200, 1e200]).len() < 12);
    }

    #[test]
    fn places_run_from_0_to_1() {
        let axis = Axis::logarithmic([1.0, 100.0].into_iter(), 0.0);
        assert!((axis.place(10.0).unwrap() - 0.5).abs() < 1e-12);
        assert_eq!(axis.place(0.0), None);
        assert_eq!(Axis::linear([4.0].into_iter(), 0.0).place(1.0), Some(0.25));
    }

    #[test]
    fn extreme_ranges_have_ticks_and_few() {
        for values in [[0.0, 0.0], [f64::MIN, f64::MAX], [1e-320, 1e-310], [1e15, 1e15 + 1.0]] {
            for axis in [
                Axis::linear(values.into_iter(), 0.05),
                Axis::logarithmic(values.into_iter().filter(|v| *v > 0.0), 0.05),
            ] {
                let ticks = axis.ticks();
                assert!((1..100).contains(&ticks.len()), "{values:?}: {}", ticks.len());
                assert!(ticks.iter().all(|tick| tick.value.is_finite()));
            }
        }
    }
}
