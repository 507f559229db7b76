//! Lays a figure out: title, axes, bands, lines, bounds and the legend beside them.

use plotters::backend::DrawingBackend;
use plotters::style::text_anchor::HPos;

use super::axes::{Axis, Tick};
use super::canvas::{Canvas, Lettering};
use super::style::{self, Colour, Frame, Point, Stroke};
use super::{Figure, FigureError, Scale};

/// Width of the page, in units (CSS pixels).
pub(super) const WIDTH: f64 = 1040.0;
/// Least height of the page.
const LEAST_HEIGHT: f64 = 540.0;
/// Width of the legend's column, right of the plot.
const LEGEND: f64 = 310.0;
/// Height of one entry of the legend.
const ENTRY: f64 = 20.0;
/// Space above the plot.
const TOP: f64 = 46.0;
/// Space below the plot.
const BOTTOM: f64 = 58.0;
/// Opacity of the bands.
const BAND: f64 = 0.16;

/// Size of titles of axes, ticks and the legend.
const TEXT: Lettering = Lettering {
    size: 14.5,
    bold: false,
    upwards: false,
    horizontal: HPos::Center,
    colour: style::INK,
};

/// One entry of the legend; `note` says why a curve isn't drawn.
struct Entry<'a> {
    label: &'a str,
    note: &'static str,
    stroke: Stroke,
    banded: bool,
    drawn: bool,
}

/// A figure with its axes.
pub(super) struct Plot<'a> {
    figure: &'a Figure,
    x: Axis,
    y: Axis,
    frame: Frame,
}

/// Height of the figure's page: enough for the legend.
pub(super) fn height(figure: &Figure) -> f64 {
    let lines = figure.lines.len() + figure.bounds.len() + usize::from(figure.bands.is_some());
    let entries = lines as f64;
    LEAST_HEIGHT.max(TOP + BOTTOM + entries * ENTRY)
}

impl<'a> Plot<'a> {
    /// Chooses the axes.
    pub(super) fn new(figure: &'a Figure) -> Self {
        let frame =
            Frame { left: 84.0, top: TOP, right: WIDTH - LEGEND, bottom: height(figure) - BOTTOM };
        let (x, y) = match figure.scale {
            Scale::Linear => (Axis::linear(rounds(figure), 0.0), linear_y(figure)),
            Scale::LogLog => (logarithmic_x(figure), logarithmic_y(figure)),
            Scale::LogLinear => (logarithmic_x(figure), linear_y(figure)),
        };
        Self { figure, x, y, frame }
    }

    /// Draws everything.
    pub(super) fn draw<B: DrawingBackend>(&self, page: &mut Canvas<B>) -> Result<(), FigureError> {
        self.draw_axes(page)?;
        self.draw_titles(page)?;
        let (mut entries, mut bounds) = (Vec::new(), Vec::new());
        for line in 0..self.figure.lines.len() {
            self.draw_band(page, line)?;
        }
        for (index, bound) in self.figure.bounds.iter().enumerate() {
            let stroke = Stroke::of_bound(index);
            let drawn = self.draw_line(page, &bound.t, &bound.values, stroke)?;
            let note = if drawn { "" } else { " (off scale)" };
            bounds.push(Entry { label: &bound.label, note, stroke, banded: false, drawn });
        }
        for (index, line) in self.figure.lines.iter().enumerate() {
            let stroke = Stroke::of_line(index);
            let drawn = self.draw_line(page, &line.t, &line.mean, stroke)?;
            let note = if drawn { "" } else { self.reason(line) };
            let banded = line.has_band();
            entries.push(Entry { label: &line.label, note, stroke, banded, drawn });
        }
        entries.extend(bounds);
        self.draw_legend(page, &entries)
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
    fn points(&self, t: &[u64], values: &[f64]) -> Vec<Vec<Point>> {
        let places: Vec<_> = t.iter().zip(values).map(|(t, v)| self.point(*t, *v)).collect();
        let parts = places.split(Option::is_none);
        let parts = parts.map(|part| part.iter().copied().flatten().collect::<Vec<_>>());
        parts.filter(|part| !part.is_empty()).collect()
    }

    /// Where a value is on the page.
    fn point(&self, t: u64, value: f64) -> Option<Point> {
        let (x, y) = (self.x.place(t as f64)?, self.y.place(value)?);
        let frame = &self.frame;
        let across = frame.left + x * (frame.right - frame.left);
        Some((across, frame.bottom - y * (frame.bottom - frame.top)))
    }

    /// Draws a curve, a single point as a short dash; whether any of it was in the plot.
    fn draw_line<B: DrawingBackend>(
        &self,
        page: &mut Canvas<B>,
        t: &[u64],
        values: &[f64],
        stroke: Stroke,
    ) -> Result<bool, FigureError> {
        let mut drawn = false;
        for part in self.points(t, values) {
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

    /// Draws the interval around a line; on a logarithmic axis, down to the frame where its low
    /// end isn't positive.
    fn draw_band<B: DrawingBackend>(
        &self,
        page: &mut Canvas<B>,
        index: usize,
    ) -> Result<(), FigureError> {
        let line = &self.figure.lines[index];
        if self.points(&line.t, &line.mean).is_empty() {
            return Ok(());
        }
        let floor = |low: f64| match self.figure.scale {
            Scale::Linear | Scale::LogLinear => low,
            Scale::LogLog => low.max(self.y.low()),
        };
        let edges = (line.t.iter().zip(&line.low).zip(&line.high))
            .map(|((t, low), high)| Some((self.point(*t, floor(*low))?, self.point(*t, *high)?)))
            .collect::<Vec<_>>();
        for part in edges.split(Option::is_none).filter(|part| part.len() > 1) {
            let (low, high): (Vec<_>, Vec<_>) = part.iter().copied().flatten().unzip();
            let around = high.into_iter().chain(low.into_iter().rev());
            let corners: Vec<_> = around.map(|corner| self.frame.pull_in(corner)).collect();
            page.polygon(&corners, Stroke::of_line(index).colour, BAND)?;
        }
        Ok(())
    }

    /// Draws the grid, the frame and the labels of the ticks.
    fn draw_axes<B: DrawingBackend>(&self, page: &mut Canvas<B>) -> Result<(), FigureError> {
        let Frame { left, top, right, bottom } = self.frame;
        for Tick { value, label } in by_weight(self.x.ticks()) {
            let Some(place) = self.x.place(value) else { continue };
            let x = left + place.clamp(0.0, 1.0) * (right - left);
            page.polyline(&[(x, top), (x, bottom)], Stroke::hairline(grid(label.is_some())))?;
            if let Some(label) = label {
                page.polyline(&[(x, bottom), (x, bottom + 5.0)], FRAME)?;
                page.text(&label, (x, bottom + 15.0), TEXT)?;
            }
        }
        for Tick { value, label } in by_weight(self.y.ticks()) {
            let Some(place) = self.y.place(value) else { continue };
            let y = bottom - place.clamp(0.0, 1.0) * (bottom - top);
            page.polyline(&[(left, y), (right, y)], Stroke::hairline(grid(label.is_some())))?;
            if let Some(label) = label {
                page.polyline(&[(left - 5.0, y), (left, y)], FRAME)?;
                let lettering = Lettering { horizontal: HPos::Right, ..TEXT };
                page.text(&label, (left - 9.0, y), lettering)?;
            }
        }
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        corners.windows(2).try_for_each(|side| page.polyline(side, FRAME))
    }

    /// Writes the titles of the figure and of its axes.
    fn draw_titles<B: DrawingBackend>(&self, page: &mut Canvas<B>) -> Result<(), FigureError> {
        let Frame { left, top, right, bottom } = self.frame;
        let title = Lettering { size: 18.0, bold: true, horizontal: HPos::Left, ..TEXT };
        let fitted = page.fitted(&self.figure.title, WIDTH - left - 20.0, title)?;
        page.text(&fitted, (left, top - 22.0), title)?;
        let fitted = page.fitted(&self.figure.x_title, right - left, TEXT)?;
        page.text(&fitted, (left.midpoint(right), bottom + 40.0), TEXT)?;
        let upwards = Lettering { upwards: true, ..TEXT };
        let fitted = page.fitted(&self.figure.y_title, bottom - top, upwards)?;
        page.text(&fitted, (20.0, top.midpoint(bottom)), upwards)
    }

    /// Writes the legend right of the plot.
    fn draw_legend<B: DrawingBackend>(
        &self,
        page: &mut Canvas<B>,
        entries: &[Entry],
    ) -> Result<(), FigureError> {
        let lettering = Lettering { size: 14.0, horizontal: HPos::Left, ..TEXT };
        let left = self.frame.right + 16.0;
        for (index, entry) in entries.iter().enumerate() {
            let y = self.frame.top + (index as f64 + 0.5) * ENTRY;
            let colour = entry.stroke.colour;
            if entry.drawn && entry.banded {
                let (top, bottom) = (y - 6.0, y + 6.0);
                let right = left + 34.0;
                let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
                page.polygon(&corners, colour, BAND)?;
            }
            if entry.drawn {
                page.polyline(&[(left, y), (left + 34.0, y)], entry.stroke)?;
            }
            let room = LEGEND - 16.0 - 42.0 - 10.0 - page.width(entry.note, lettering)?;
            let label = page.fitted(entry.label, room, lettering)? + entry.note;
            page.text(&label, (left + 42.0, y), lettering)?;
        }
        let Some(kind) = self.figure.bands else { return Ok(()) };
        let soft = Lettering { colour: style::BOUND, size: 13.0, ..lettering };
        let y = self.frame.top + (entries.len() as f64 + 0.5) * ENTRY;
        let note = page.fitted(&format!("band: {}", kind.title()), LEGEND - 26.0, soft)?;
        page.text(&note, (left, y), soft)
    }
}

/// The look of frames and tick marks.
const FRAME: Stroke = Stroke { colour: style::FRAME, width: 1.0, dashes: &[] };

/// The ticks with the faint ones first, which the others are to cross.
fn by_weight(mut ticks: Vec<Tick>) -> Vec<Tick> {
    ticks.sort_by_key(|tick| tick.label.is_some());
    ticks
}

/// Colour of the grid line at a tick.
fn grid(labelled: bool) -> Colour {
    if labelled { style::GRID } else { style::FAINT_GRID }
}

/// Every round of the figure's lines, or of its bounds if it has no lines.
fn rounds(figure: &Figure) -> impl Iterator<Item = f64> {
    let lines = figure.lines.iter().flat_map(|line| &line.t);
    let bounds = figure.bounds.iter().filter(|_| figure.lines.is_empty());
    lines.chain(bounds.flat_map(|bound| &bound.t)).map(|t| *t as f64)
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
