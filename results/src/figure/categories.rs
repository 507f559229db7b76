//! Marks side by side in categories: boxes of samples, or bars with their intervals.

use plotters::backend::DrawingBackend;

use super::axes::Axis;
use super::canvas::Canvas;
use super::page::{self, Entry, TEXT};
use super::style::{self, Colour, Frame, Stroke};
use super::{Drawing, FigureError};
use crate::statistics::quantile;

/// A figure of marks.
#[derive(Clone, Debug, PartialEq)]
pub struct Categories {
    /// Title above the plot.
    pub title: String,
    /// Title of the horizontal axis.
    pub x_title: String,
    /// Title of the vertical axis.
    pub y_title: String,
    /// The categories from left to right.
    pub names: Vec<String>,
    /// What stands in each of them, side by side.
    pub series: Vec<Marks>,
    /// Whether the vertical axis is logarithmic; what isn't positive is left out then.
    pub is_logarithmic: bool,
    /// What the marks are, which the legend says.
    pub note: String,
}

/// The marks of one colour.
#[derive(Clone, Debug, PartialEq)]
pub struct Marks {
    /// Its name in the legend.
    pub label: String,
    /// One for each category, where there is one.
    pub marks: Vec<Option<Mark>>,
}

/// A mark.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// Quartiles and median of a sample, whiskers to the last values within 1.5 times their distance,
    /// the values beyond, and the mean as a dot: Tukey, "Exploratory Data Analysis", 1977.
    Box {
        /// Ends of the whiskers.
        whiskers: (f64, f64),
        /// The quartiles.
        quartiles: (f64, f64),
        /// The median.
        median: f64,
        /// The mean.
        mean: f64,
        /// The values beyond the whiskers.
        outliers: Vec<f64>,
    },
    /// A value from 0 on with its interval.
    Bar {
        /// The value.
        value: f64,
        /// Its interval, if it has one.
        interval: Option<(f64, f64)>,
    },
}

impl Mark {
    /// The box of a sample of finite values; `None` for an empty one.
    pub fn of_sample(sample: &[f64]) -> Option<Self> {
        let of = |order| quantile(sample, order).ok();
        let (low, median, high) = (of(0.25)?, of(0.5)?, of(0.75)?);
        let reach = 1.5 * (high - low);
        let inside = |value: &&f64| (low - reach..=high + reach).contains(*value);
        let within = sample.iter().filter(inside);
        let whiskers =
            within.fold((low, high), |(least, most), value| (value.min(least), value.max(most)));
        let outliers = sample.iter().filter(|value| !inside(value)).copied().collect();
        let mean = sample.iter().sum::<f64>() / sample.len() as f64;
        Some(Self::Box { whiskers, quartiles: (low, high), median, mean, outliers })
    }

    /// The values that must have a place.
    fn values(&self) -> Vec<f64> {
        match self {
            Self::Box { whiskers: (low, high), mean, outliers, .. } => {
                [&[*low, *high, *mean][..], outliers].concat()
            }
            Self::Bar { value, interval } => {
                let (low, high) = interval.unwrap_or((*value, *value));
                vec![*value, low, high]
            }
        }
    }
}

impl Categories {
    /// The figure as an SVG document, which scales with the page and needs nothing else.
    ///
    /// # Errors
    /// The embedded font or the drawing library fails.
    pub fn svg(&self) -> Result<String, FigureError> {
        self.as_svg()
    }

    /// The vertical axis of several figures together.
    pub(super) fn axis<'a>(figures: impl Iterator<Item = &'a Self> + Clone) -> Axis {
        let logarithmic = figures.clone().any(|figure| figure.is_logarithmic);
        let marks = figures.flat_map(|figure| &figure.series).flat_map(|series| &series.marks);
        let values = marks.flatten().flat_map(Mark::values).filter(|value| value.is_finite());
        match logarithmic {
            true => Axis::logarithmic(values.filter(|value| *value > 0.0), 0.04),
            false => Axis::linear(values, 0.04),
        }
    }

    /// Draws it on a vertical axis.
    pub(super) fn draw_on<B: DrawingBackend>(
        &self,
        page: &mut Canvas<B>,
        axis: &Axis,
    ) -> Result<(), FigureError> {
        let frame = page::frame(self.legend_lines());
        page::y_axis(page, frame, axis)?;
        page::titles(page, frame, [&self.title, &self.x_title, &self.y_title])?;
        let width = (frame.right - frame.left) / self.names.len().max(1) as f64;
        for (index, name) in self.names.iter().enumerate() {
            let middle = frame.left + (index as f64 + 0.5) * width;
            let fitted = page.fitted(name, width - 4.0, TEXT)?;
            page.text(&fitted, (middle, frame.bottom + 15.0), TEXT)?;
        }
        // A fifth of each category stays free between it and the next.
        let slot = 0.8 * width / self.series.len().max(1) as f64;
        let pen =
            |colour, from: f64| Pen { frame, axis: *axis, colour, from, to: from + 0.9 * slot };
        let mut entries = Vec::new();
        for (place, series) in self.series.iter().enumerate() {
            let stroke = Stroke { dashes: &[], width: 8.0, ..Stroke::of_line(place) };
            for (index, mark) in series.marks.iter().enumerate() {
                let left = frame.left + (index as f64 + 0.1) * width + place as f64 * slot;
                if let Some(mark) = mark {
                    pen(stroke.colour, left).draw(page, mark)?;
                }
            }
            let drawn = series.marks.iter().any(Option::is_some);
            let note = if drawn { "" } else { " (no data)" };
            entries.push(Entry { label: &series.label, note, stroke, banded: false, drawn });
        }
        page::outline(page, frame)?;
        page::legend(page, frame, &entries, Some(&self.note))
    }

    pub(super) fn legend_lines(&self) -> usize {
        self.series.len() + 1
    }
}

impl Drawing for Categories {
    fn size(&self) -> (f64, f64) {
        (page::WIDTH, page::height(self.legend_lines()))
    }

    fn draw<B: DrawingBackend>(&self, page: &mut Canvas<B>) -> Result<(), FigureError> {
        self.draw_on(page, &Self::axis(std::iter::once(self)))
    }
}

/// Draws marks between two horizontal places.
struct Pen {
    frame: Frame,
    axis: Axis,
    colour: Colour,
    from: f64,
    to: f64,
}

impl Pen {
    /// How far down a value is; one that has no place is at the low end.
    fn down(&self, value: f64) -> f64 {
        let place = self.axis.place(value).unwrap_or(0.0).clamp(0.0, 1.0);
        self.frame.bottom - place * (self.frame.bottom - self.frame.top)
    }

    fn draw<B: DrawingBackend>(
        &self,
        page: &mut Canvas<B>,
        mark: &Mark,
    ) -> Result<(), FigureError> {
        let (from, to, middle) = (self.from, self.to, self.from.midpoint(self.to));
        let thin = Stroke { width: 1.4, ..Stroke::hairline(self.colour) };
        let upright = |ends: (f64, f64)| [(middle, self.down(ends.0)), (middle, self.down(ends.1))];
        let area = |low: f64, high: f64| {
            let (low, high) = (self.down(low), self.down(high));
            [(from, low), (to, low), (to, high), (from, high)]
        };
        match mark {
            Mark::Bar { value, interval } => {
                page.polygon(&area(0.0, *value), self.colour, 0.7)?;
                let dark = Stroke::hairline(style::INK);
                interval.map_or(Ok(()), |ends| page.polyline(&upright(ends), dark))
            }
            Mark::Box { whiskers, quartiles, median, mean, outliers } => {
                page.polyline(&upright((whiskers.0, quartiles.0)), thin)?;
                page.polyline(&upright((quartiles.1, whiskers.1)), thin)?;
                let corners = area(quartiles.0, quartiles.1);
                page.polygon(&corners, self.colour, 0.25)?;
                let around: Vec<_> = corners.iter().chain(&corners[..1]).copied().collect();
                around.windows(2).try_for_each(|side| page.polyline(side, thin))?;
                let level = self.down(*median);
                let strong = Stroke { width: 2.8, ..thin };
                page.polyline(&[(from, level), (to, level)], strong)?;
                page.polygon(&style::dot((middle, self.down(*mean)), 3.0), self.colour, 1.0)?;
                outliers.iter().try_for_each(|value| {
                    page.polygon(&style::dot((middle, self.down(*value)), 1.6), self.colour, 0.6)
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_has_the_numbers_computed_by_hand() {
        // Quartiles of 0, 1, …, 8 and 100 by type 7: 2.25, 4.5, 6.75; whiskers within 6.75 of them.
        let sample: Vec<f64> = (0..9).map(f64::from).chain([100.0]).collect();
        let expected = Mark::Box {
            whiskers: (0.0, 8.0),
            quartiles: (2.25, 6.75),
            median: 4.5,
            mean: 13.6,
            outliers: vec![100.0],
        };
        assert_eq!(Mark::of_sample(&sample), Some(expected));
        assert_eq!(Mark::of_sample(&[]), None);
    }

    #[test]
    fn marks_are_drawn_on_both_axes_whatever_they_are() {
        let marks = vec![
            Mark::of_sample(&[1.0, 2.0, 4.0, 50.0]),
            None,
            Some(Mark::Bar { value: 0.0, interval: Some((-1.0, 3.0)) }),
        ];
        for is_logarithmic in [false, true] {
            let figure = Categories {
                title: "<t>".into(),
                x_title: "arm".into(),
                y_title: "y".into(),
                names: vec!["a".into(), "b & c".into(), "d".into()],
                series: vec![
                    Marks { label: "x".into(), marks: marks.clone() },
                    Marks { label: "none".into(), marks: vec![None; 3] },
                ],
                is_logarithmic,
                note: "boxes".into(),
            };
            let svg = figure.svg().expect("drawn");
            for text in ["b &amp; c", "none (no data)", "boxes", "&lt;t&gt;"] {
                assert!(svg.contains(text), "{text}");
            }
            assert!(!svg.contains("NaN") && !svg.contains("inf"));
            // A box, its mean, the bar, and 50 beyond the upper whisker (quartiles 1.75, 15.5).
            assert_eq!(svg.matches("<polygon").count(), 4);
            assert!(!figure.as_png().expect("drawn").is_empty());
        }
        let empty = Categories {
            title: String::new(),
            x_title: String::new(),
            y_title: String::new(),
            names: vec![],
            series: vec![],
            is_logarithmic: true,
            note: String::new(),
        };
        assert!(empty.svg().is_ok());
    }
}
