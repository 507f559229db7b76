//! Lays a figure of curves out: axes, bands, lines, bounds.

use plotters::backend::DrawingBackend;

use super::axes::Axis;
use super::canvas::Canvas;
use super::page::{self, BAND, Entry};
use super::style::{self, Colour, Frame, Point, Stroke};
use super::{Figure, FigureError, Scale};

/// Radius of a marked value.
const DOT: f64 = 3.2;

/// A figure with its axes.
pub(super) struct Plot<'a> {
    figure: &'a Figure,
    x: Axis,
    y: Axis,
    frame: Frame,
}

/// Lines of the figure's legend.
pub(super) fn legend_lines(figure: &Figure) -> usize {
    figure.lines.len() + figure.bounds.len() + usize::from(figure.bands.is_some())
}

impl<'a> Plot<'a> {
    /// Chooses the axes.
    pub(super) fn new(figure: &'a Figure) -> Self {
        let frame = page::frame(legend_lines(figure));
        let (x, y) = match figure.scale {
            Scale::Linear => (Axis::linear(rounds(figure), 0.0), linear_y(figure)),
            Scale::LogLog => (logarithmic_x(figure), logarithmic_y(figure)),
            Scale::LogLinear => (logarithmic_x(figure), linear_y(figure)),
        };
        Self { figure, x, y, frame }
    }

    /// With the axes of another, such as that of all curves of several figures.
    pub(super) fn on_axes_of(figure: &'a Figure, other: &Plot<'_>) -> Self {
        Self { figure, x: other.x, y: other.y, frame: page::frame(legend_lines(figure)) }
    }

    /// Draws everything.
    pub(super) fn draw<B: DrawingBackend>(&self, page: &mut Canvas<B>) -> Result<(), FigureError> {
        page::x_axis(page, self.frame, &self.x)?;
        page::y_axis(page, self.frame, &self.y)?;
        page::outline(page, self.frame)?;
        let figure = self.figure;
        page::titles(page, self.frame, [&figure.title, &figure.x_title, &figure.y_title])?;
        let (mut entries, mut bounds) = (Vec::new(), Vec::new());
        for line in 0..self.figure.lines.len() {
            self.draw_band(page, line)?;
        }
        for (index, bound) in self.figure.bounds.iter().enumerate() {
            let stroke = Stroke::of_bound(index);
            let drawn = self.draw_line(page, &bound.x, &bound.values, stroke)?;
            let note = if drawn { "" } else { " (off scale)" };
            bounds.push(Entry { label: &bound.label, note, stroke, banded: false, drawn });
        }
        for (index, line) in self.figure.lines.iter().enumerate() {
            let stroke = Stroke::of_line(index);
            let drawn = self.draw_line(page, &line.x, &line.mean, stroke)?;
            if self.figure.are_points {
                self.draw_points(page, line, stroke.colour)?;
            }
            let note = if drawn { "" } else { self.reason(line) };
            let banded = line.has_band();
            entries.push(Entry { label: &line.label, note, stroke, banded, drawn });
        }
        entries.extend(bounds);
        let bands = figure.bands.map(|kind| format!("band: {}", kind.title()));
        page::legend(page, self.frame, &entries, bands.as_deref())
    }

    /// Why a line has no point in the plot.
    fn reason(&self, line: &super::Line) -> &'static str {
        let positive = line.mean.iter().any(|mean| *mean > 0.0);
        match self.figure.scale {
            Scale::LogLog if !line.mean.is_empty() && !positive => " (≤ 0)",
            _ => " (no data)",
        }
    }

    /// The parts of a curve that have a place, as points of the page.
    fn points(&self, x: &[f64], values: &[f64]) -> Vec<Vec<Point>> {
        let places: Vec<_> = x.iter().zip(values).map(|(x, v)| self.point(*x, *v)).collect();
        let parts = places.split(Option::is_none);
        let parts = parts.map(|part| part.iter().copied().flatten().collect::<Vec<_>>());
        parts.filter(|part| !part.is_empty()).collect()
    }

    /// Where a value is on the page.
    fn point(&self, x: f64, value: f64) -> Option<Point> {
        let (x, y) = (self.x.place(x)?, self.y.place(value)?);
        let frame = &self.frame;
        let across = frame.left + x * (frame.right - frame.left);
        Some((across, frame.bottom - y * (frame.bottom - frame.top)))
    }

    /// Draws a curve, a single point as a short dash; whether any of it was in the plot.
    fn draw_line<B: DrawingBackend>(
        &self,
        page: &mut Canvas<B>,
        x: &[f64],
        values: &[f64],
        stroke: Stroke,
    ) -> Result<bool, FigureError> {
        let mut drawn = false;
        for part in self.points(x, values) {
            let part = match part[..] {
                [(x, y)] => vec![(x - 4.0, y), (x + 4.0, y)],
                _ => part,
            };
            for inside in self.frame.clip(&part) {
                drawn = true;
                page.polyline(&inside, stroke)?;
            }
        }
        Ok(drawn)
    }

    /// Marks the values of a line, and the interval of each.
    fn draw_points<B: DrawingBackend>(
        &self,
        page: &mut Canvas<B>,
        line: &super::Line,
        colour: Colour,
    ) -> Result<(), FigureError> {
        for (index, (x, mean)) in line.x.iter().zip(&line.mean).enumerate() {
            let Some((across, down)) = self.point(*x, *mean).filter(|at| self.frame.holds(*at))
            else {
                continue;
            };
            if let (Some(low), Some(high)) = (line.low.get(index), line.high.get(index)) {
                let ends = [self.floor(*low), *high].map(|end| self.point(*x, end));
                if let [Some(low), Some(high)] = ends {
                    let ends = [self.frame.pull_in(low), self.frame.pull_in(high)];
                    page.polyline(&ends, Stroke::hairline(colour))?;
                }
            }
            page.polygon(&style::dot((across, down), DOT), colour, 1.0)?;
        }
        Ok(())
    }

    /// The low end of an interval, on a logarithmic axis at least the axis' own.
    fn floor(&self, low: f64) -> f64 {
        match self.figure.scale {
            Scale::Linear | Scale::LogLinear => low,
            Scale::LogLog => low.max(self.y.low()),
        }
    }

    /// Draws the interval around a line; on a logarithmic axis, down to the frame where its low
    /// end isn't positive.
    fn draw_band<B: DrawingBackend>(
        &self,
        page: &mut Canvas<B>,
        index: usize,
    ) -> Result<(), FigureError> {
        let line = &self.figure.lines[index];
        if self.points(&line.x, &line.mean).is_empty() {
            return Ok(());
        }
        let floor = |low: f64| self.floor(low);
        let edges = (line.x.iter().zip(&line.low).zip(&line.high))
            .map(|((x, low), high)| Some((self.point(*x, floor(*low))?, self.point(*x, *high)?)))
            .collect::<Vec<_>>();
        for part in edges.split(Option::is_none).filter(|part| part.len() > 1) {
            let (low, high): (Vec<_>, Vec<_>) = part.iter().copied().flatten().unzip();
            let around = high.into_iter().chain(low.into_iter().rev());
            let corners: Vec<_> = around.map(|corner| self.frame.pull_in(corner)).collect();
            page.polygon(&corners, Stroke::of_line(index).colour, BAND)?;
        }
        Ok(())
    }
}

/// Every round of the figure's lines, or of its bounds if it has no lines.
fn rounds(figure: &Figure) -> impl Iterator<Item = f64> {
    let lines = figure.lines.iter().flat_map(|line| &line.x);
    let bounds = figure.bounds.iter().filter(|_| figure.lines.is_empty());
    let all = lines.chain(bounds.flat_map(|bound| &bound.x)).copied();
    all.filter(|x| x.is_finite())
}

/// Every finite mean, and every end of an interval.
fn values(figure: &Figure) -> impl Iterator<Item = f64> {
    let all = |line: &'_ super::Line| {
        line.mean.iter().chain(&line.low).chain(&line.high).copied().collect::<Vec<_>>()
    };
    let lines = figure.lines.iter().flat_map(all);
    let bounds = figure.bounds.iter().filter(|_| figure.lines.is_empty());
    let bounds = bounds.flat_map(|bound| bound.values.iter().copied());
    lines.chain(bounds).filter(|value| value.is_finite())
}

/// The logarithmic axis of the rounds.
fn logarithmic_x(figure: &Figure) -> Axis {
    Axis::logarithmic(rounds(figure).filter(|round| *round > 0.0), 0.0)
}

/// The linear axis of the values: bounds only get a little room above the data.
fn linear_y(figure: &Figure) -> Axis {
    let data = Axis::linear(values(figure), 0.04);
    let room = 1.3 * data.high();
    let bounds = figure.bounds.iter().filter_map(|bound| bound.values.last().copied());
    let near = bounds.filter(|value| *value > 0.0 && *value <= room);
    Axis::linear(values(figure).chain(near), 0.04)
}

/// The logarithmic axis of the values: half a decade at most below the least mean.
fn logarithmic_y(figure: &Figure) -> Axis {
    let means = figure.lines.iter().flat_map(|line| &line.mean).copied();
    let least = means.filter(|mean| *mean > 0.0).fold(f64::INFINITY, f64::min);
    let least = if least.is_finite() { least / 3.0 } else { 0.0 };
    let shown = |value: &f64| *value > 0.0 && *value >= least;
    let data = Axis::logarithmic(values(figure).filter(shown), 0.0);
    let (low, high) = (data.low() / 3.0, data.high() * 10.0);
    let near = (figure.bounds.iter().flat_map(|bound| &bound.values).copied())
        .filter(|value| (low..=high).contains(value));
    Axis::logarithmic(values(figure).filter(shown).chain(near), 0.03)
}
