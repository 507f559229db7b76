//! Figures as SVG or PNG: curves with their bands and theory's bounds, marks by category, several of
//! them on one page.
//!
//! The same figure always gives the same bytes, on every machine: text is measured and drawn with
//! an embedded font, and nothing depends on time or place.

mod axes;
mod canvas;
mod categories;
mod facets;
mod page;
mod plot;
mod style;

pub use categories::{Categories, Mark, Marks};
pub use facets::{Facet, Facets};

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use thiserror::Error;

use self::canvas::Canvas;
use self::plot::Plot;
use crate::statistics::{Band, BandKind, Curve};

/// Units of the SVG's coordinates per CSS pixel: curves are smooth although plotters has whole
/// coordinates only.
const SVG_SCALE: u32 = 10;
/// Pixels of the PNG per CSS pixel.
const PNG_SCALE: u32 = 2;
/// plotters centres the whole height of a text in a bitmap, ascenders included; this share of its
/// size lower, the letters are centred.
const PNG_SINKING: f64 = 0.14;
/// Samples per pixel of the PNG in each direction, averaged.
const SAMPLES: u32 = 2;

/// Why a figure can't be drawn.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FigureError {
    /// The embedded font can't be read.
    #[error("the embedded font of figures is damaged")]
    Font,
    /// Drawing failed.
    #[error("cannot draw the figure: {0}")]
    Drawing(String),
    /// The image can't be encoded.
    #[error("cannot encode the figure as PNG: {0}")]
    Encoding(String),
}

/// How both axes run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Linear axes from 0.
    Linear,
    /// Logarithmic axes; what isn't positive is left out.
    LogLog,
    /// A logarithmic axis of rounds (or of a parameter), a linear one of values from 0.
    LogLinear,
}

/// A figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Title above the plot.
    pub title: String,
    /// Title of the horizontal axis.
    pub x_title: String,
    /// Title of the vertical axis.
    pub y_title: String,
    /// The curves; the axes are chosen for them.
    pub lines: Vec<Line>,
    /// Bounds drawn as far as they fall into the plot.
    pub bounds: Vec<BoundLine>,
    /// The axes.
    pub scale: Scale,
    /// What the bands are, which the legend says; `None` if no line has one.
    pub bands: Option<BandKind>,
    /// Whether every value is marked: there are few, with nothing measured between them.
    pub are_points: bool,
}

/// One curve. Where a value isn't finite the curve is interrupted.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its name in the legend.
    pub label: String,
    /// Rounds, or values of a parameter, increasing.
    pub x: Vec<f64>,
    /// The mean at each of them.
    pub mean: Vec<f64>,
    /// Lower end of the band at each of them; empty for no band.
    pub low: Vec<f64>,
    /// Upper end of the band at each of them; empty for no band.
    pub high: Vec<f64>,
}

/// A bound of theory.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundLine {
    /// Its name in the legend.
    pub label: String,
    /// Rounds, or values of a parameter, increasing.
    pub x: Vec<f64>,
    /// Its value at each of them.
    pub values: Vec<f64>,
}

impl Line {
    /// The means of a curve with a band, if there is one.
    pub fn of(label: impl Into<String>, curve: &Curve, band: Option<&Band>) -> Self {
        Self {
            label: label.into(),
            x: curve.checkpoints.iter().map(|&t| t as f64).collect(),
            mean: curve.points.iter().map(|point| point.mean).collect(),
            low: band.map(|band| band.low.clone()).unwrap_or_default(),
            high: band.map(|band| band.high.clone()).unwrap_or_default(),
        }
    }

    /// The line with every value divided by what `scale` says of its x; those for which that is not
    /// above 0 are left out.
    #[must_use]
    pub fn over(self, scale: fn(f64) -> f64) -> Self {
        let kept: Vec<(usize, f64)> = (self.x.iter().map(|&x| scale(x)).enumerate())
            .filter(|&(_, divisor)| divisor > 0.0)
            .collect();
        let divided = |values: &[f64]| {
            let value = |&(index, divisor): &(usize, f64)| Some(values.get(index)? / divisor);
            kept.iter().filter_map(value).collect()
        };
        Self {
            mean: divided(&self.mean),
            low: divided(&self.low),
            high: divided(&self.high),
            x: kept.iter().map(|&(index, _)| self.x[index]).collect(),
            label: self.label,
        }
    }

    /// Whether there is a band.
    fn has_band(&self) -> bool {
        !self.low.is_empty() && !self.high.is_empty()
    }
}

impl BoundLine {
    /// The bound divided like [`Line::over`].
    #[must_use]
    pub fn over(self, scale: fn(f64) -> f64) -> Self {
        let points = (self.x.into_iter().zip(self.values)).filter_map(|(x, value)| {
            let divisor = scale(x);
            (divisor > 0.0).then(|| (x, value / divisor))
        });
        let (x, values) = points.unzip();
        Self { label: self.label, x, values }
    }
}

/// What is drawn on a page.
trait Drawing {
    /// Width and height of the page, in units (CSS pixels).
    fn size(&self) -> (f64, f64);

    /// Draws it.
    fn draw<B: DrawingBackend>(&self, page: &mut Canvas<B>) -> Result<(), FigureError>;

    /// As an SVG document, which scales with the page and needs nothing else.
    fn as_svg(&self) -> Result<String, FigureError> {
        let (width, height) = pixels(self, SVG_SCALE);
        let mut svg = String::new();
        let backend = SVGBackend::with_string(&mut svg, (width, height));
        let mut page = Canvas::new(backend, f64::from(SVG_SCALE), 0.0)?;
        self.draw(&mut page)?;
        page.finish()?;
        let fine = format!("width=\"{width}\" height=\"{height}\"");
        let (width, height) = pixels(self, 1);
        Ok(svg.replacen(&fine, &format!("width=\"{width}\" height=\"{height}\""), 1))
    }

    /// As a PNG image, two pixels for each of the SVG's.
    fn as_png(&self) -> Result<Vec<u8>, FigureError> {
        let scale = PNG_SCALE * SAMPLES;
        let (width, height) = pixels(self, scale);
        let mut samples = vec![0; width as usize * height as usize * 3];
        let backend = BitMapBackend::with_buffer(&mut samples, (width, height));
        let mut page = Canvas::new(backend, f64::from(scale), PNG_SINKING)?;
        self.draw(&mut page)?;
        page.finish()?;
        let pixels = averaged(&samples, width as usize);
        encoded(&pixels, width / SAMPLES, height / SAMPLES)
    }
}

/// Width and height in pixels, that many per unit.
fn pixels(drawing: &(impl Drawing + ?Sized), scale: u32) -> (u32, u32) {
    let (width, height) = drawing.size();
    (width as u32 * scale, height.ceil() as u32 * scale)
}

impl Drawing for Figure {
    fn size(&self) -> (f64, f64) {
        (page::WIDTH, page::height(plot::legend_lines(self)))
    }

    fn draw<B: DrawingBackend>(&self, page: &mut Canvas<B>) -> Result<(), FigureError> {
        Plot::new(self).draw(page)
    }
}

impl Figure {
    /// The figure as an SVG document, which scales with the page and needs nothing else.
    ///
    /// # Errors
    /// The embedded font or the drawing library fails.
    pub fn svg(&self) -> Result<String, FigureError> {
        self.as_svg()
    }

    /// The figure as a PNG image, two pixels for each of the SVG's.
    ///
    /// # Errors
    /// As [`Figure::svg`].
    pub fn png(&self) -> Result<Vec<u8>, FigureError> {
        self.as_png()
    }
}

/// The image with every square of samples averaged to a pixel.
fn averaged(samples: &[u8], width: usize) -> Vec<u8> {
    let side = SAMPLES as usize;
    let mut pixels = Vec::with_capacity(samples.len() / (side * side));
    let mut sums = vec![0_u32; width / side * 3];
    for rows in samples.chunks_exact(width * 3 * side) {
        sums.fill(0);
        for row in rows.chunks_exact(width * 3) {
            for (sums, square) in sums.chunks_exact_mut(3).zip(row.chunks_exact(side * 3)) {
                for sample in square.chunks_exact(3) {
                    (0..3).for_each(|channel| sums[channel] += u32::from(sample[channel]));
                }
            }
        }
        pixels.extend(sums.iter().map(|sum| (sum / (SAMPLES * SAMPLES)) as u8));
    }
    pixels
}

/// The pixels, red, green and blue, as PNG.
fn encoded(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, FigureError> {
    let failed = |error: png::EncodingError| FigureError::Encoding(error.to_string());
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Default);
    encoder.set_filter(png::FilterType::NoFilter);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(pixels).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
