//! The parts that all pages have: a frame with its grid, titles, and the legend beside it.

use plotters::backend::DrawingBackend;
use plotters::style::text_anchor::HPos;

use super::FigureError;
use super::axes::{Axis, Tick};
use super::canvas::{Canvas, Lettering};
use super::style::{self, Colour, Frame, Stroke};

/// Width of a page, in units (CSS pixels).
pub(super) const WIDTH: f64 = 1040.0;
/// Least height of a page.
const LEAST_HEIGHT: f64 = 540.0;
/// Width of the legend's column, right of the plot.
const LEGEND: f64 = 310.0;
/// Height of one entry of the legend.
const ENTRY: f64 = 20.0;
/// Space above the plot.
const TOP: f64 = 46.0;
/// Space below the plot.
const BOTTOM: f64 = 58.0;
/// Opacity of bands.
pub(super) const BAND: f64 = 0.16;

/// Size of titles of axes, ticks and the legend.
pub(super) const TEXT: Lettering = Lettering {
    size: 14.5,
    bold: false,
    upwards: false,
    horizontal: HPos::Center,
    colour: style::INK,
};

/// One entry of the legend; `note` says why a curve isn't drawn.
pub(super) struct Entry<'a> {
    pub(super) label: &'a str,
    pub(super) note: &'static str,
    pub(super) stroke: Stroke,
    pub(super) banded: bool,
    pub(super) drawn: bool,
}

/// Height of a page with so many lines in its legend.
pub(super) fn height(lines: usize) -> f64 {
    LEAST_HEIGHT.max(TOP + BOTTOM + lines as f64 * ENTRY)
}

/// The frame of a page with so many lines in its legend.
pub(super) fn frame(lines: usize) -> Frame {
    Frame { left: 84.0, top: TOP, right: WIDTH - LEGEND, bottom: height(lines) - BOTTOM }
}

/// Draws the grid of a horizontal axis with the labels of its ticks.
pub(super) fn x_axis<B: DrawingBackend>(
    page: &mut Canvas<B>,
    Frame { left, top, right, bottom }: Frame,
    axis: &Axis,
) -> Result<(), FigureError> {
    for Tick { value, label } in by_weight(axis.ticks()) {
        let Some(place) = axis.place(value) else { continue };
        let x = left + place.clamp(0.0, 1.0) * (right - left);
        page.polyline(&[(x, top), (x, bottom)], Stroke::hairline(grid(label.is_some())))?;
        if let Some(label) = label {
            page.polyline(&[(x, bottom), (x, bottom + 5.0)], FRAME)?;
            page.text(&label, (x, bottom + 15.0), TEXT)?;
        }
    }
    Ok(())
}

/// Draws the grid of a vertical axis with the labels of its ticks.
pub(super) fn y_axis<B: DrawingBackend>(
    page: &mut Canvas<B>,
    Frame { left, top, right, bottom }: Frame,
    axis: &Axis,
) -> Result<(), FigureError> {
    for Tick { value, label } in by_weight(axis.ticks()) {
        let Some(place) = axis.place(value) else { continue };
        let y = bottom - place.clamp(0.0, 1.0) * (bottom - top);
        page.polyline(&[(left, y), (right, y)], Stroke::hairline(grid(label.is_some())))?;
        if let Some(label) = label {
            page.polyline(&[(left - 5.0, y), (left, y)], FRAME)?;
            let lettering = Lettering { horizontal: HPos::Right, ..TEXT };
            page.text(&label, (left - 9.0, y), lettering)?;
        }
    }
    Ok(())
}

/// Draws the frame.
pub(super) fn outline<B: DrawingBackend>(
    page: &mut Canvas<B>,
    Frame { left, top, right, bottom }: Frame,
) -> Result<(), FigureError> {
    let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
    corners.windows(2).try_for_each(|side| page.polyline(side, FRAME))
}

/// Writes the titles of the page and of its axes.
pub(super) fn titles<B: DrawingBackend>(
    page: &mut Canvas<B>,
    Frame { left, top, right, bottom }: Frame,
    [title, x_title, y_title]: [&str; 3],
) -> Result<(), FigureError> {
    let bold = Lettering { size: 18.0, bold: true, horizontal: HPos::Left, ..TEXT };
    let fitted = page.fitted(title, WIDTH - left - 20.0, bold)?;
    page.text(&fitted, (left, top - 22.0), bold)?;
    let fitted = page.fitted(x_title, right - left, TEXT)?;
    page.text(&fitted, (left.midpoint(right), bottom + 40.0), TEXT)?;
    let upwards = Lettering { upwards: true, ..TEXT };
    let fitted = page.fitted(y_title, bottom - top, upwards)?;
    page.text(&fitted, (20.0, top.midpoint(bottom)), upwards)
}

/// Writes the legend right of the plot, and a note below it.
pub(super) fn legend<B: DrawingBackend>(
    page: &mut Canvas<B>,
    frame: Frame,
    entries: &[Entry],
    note: Option<&str>,
) -> Result<(), FigureError> {
    let lettering = Lettering { size: 14.0, horizontal: HPos::Left, ..TEXT };
    let left = frame.right + 16.0;
    for (index, entry) in entries.iter().enumerate() {
        let y = frame.top + (index as f64 + 0.5) * ENTRY;
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
    let Some(note) = note else { return Ok(()) };
    let soft = Lettering { colour: style::BOUND, size: 13.0, ..lettering };
    let y = frame.top + (entries.len() as f64 + 0.5) * ENTRY;
    let note = page.fitted(note, LEGEND - 26.0, soft)?;
    page.text(&note, (left, y), soft)
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
