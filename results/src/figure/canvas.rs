//! A page to draw on in fractions of a unit, over a plotters backend whose pixels are finer.

use std::sync::OnceLock;

use plotters::backend::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontFamily, FontStyle, FontTransform, IntoFont, RGBColor, ShapeStyle, TextStyle,
    register_font,
};

use super::FigureError;
use super::style::{Colour, Point, Stroke, dashed, thinned};

/// The font: DejaVu Sans where it is drawn here, else a similar one that the reader of the SVG has.
const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

/// Least distance of a polyline's points in pixels; closer ones make thick lines ragged.
const LEAST_PIXELS: f64 = 3.0;

/// How a text is set.
#[derive(Clone, Copy)]
pub(super) struct Lettering {
    /// Size in units.
    pub(super) size: f64,
    /// Whether it is bold.
    pub(super) bold: bool,
    /// Whether it runs upwards.
    pub(super) upwards: bool,
    /// Which part of it is at the given x.
    pub(super) horizontal: HPos,
    /// Its colour.
    pub(super) colour: Colour,
}

/// The page.
pub(super) struct Canvas<B: DrawingBackend> {
    backend: B,
    /// Pixels per unit.
    scale: f64,
    /// How far below the given height the backend must be told to centre a text, in its sizes.
    sinking: f64,
    /// Where the origin of what is drawn lies, in units.
    origin: Point,
}

impl<B: DrawingBackend> Canvas<B> {
    /// A white page of `scale` pixels per unit, whose backend centres texts too high by `sinking`
    /// times their size.
    pub(super) fn new(mut backend: B, scale: f64, sinking: f64) -> Result<Self, FigureError> {
        register()?;
        backend.ensure_prepared().map_err(failed)?;
        let (width, height) = backend.get_size();
        let corner = (width as i32, height as i32);
        let white = ShapeStyle::from(RGBColor(255, 255, 255)).filled();
        backend.draw_rect((0, 0), corner, &white, true).map_err(failed)?;
        Ok(Self { backend, scale, sinking, origin: (0.0, 0.0) })
    }

    /// Draws from now on with this origin.
    pub(super) fn move_to(&mut self, origin: Point) {
        self.origin = origin;
    }

    /// Draws a line through the points.
    pub(super) fn polyline(&mut self, line: &[Point], stroke: Stroke) -> Result<(), FigureError> {
        let width = (stroke.width * self.scale).round().max(1.0) as u32;
        let style = colour(stroke.colour).stroke_width(width);
        let line = thinned(line, LEAST_PIXELS / self.scale);
        for part in dashed(&line, stroke.dashes) {
            let pixels: Vec<_> = part.into_iter().map(|point| self.pixel(point)).collect();
            self.backend.draw_path(pixels, &style).map_err(failed)?;
        }
        Ok(())
    }

    /// Fills a polygon, letting what is under it through.
    pub(super) fn polygon(
        &mut self,
        corners: &[Point],
        fill: Colour,
        opacity: f64,
    ) -> Result<(), FigureError> {
        let style = ShapeStyle::from(colour(fill).mix(opacity)).filled();
        let pixels: Vec<_> = corners.iter().map(|corner| self.pixel(*corner)).collect();
        self.backend.fill_polygon(pixels, &style).map_err(failed)
    }

    /// Writes a text whose middle is at the given height.
    pub(super) fn text(
        &mut self,
        text: &str,
        (x, y): Point,
        lettering: Lettering,
    ) -> Result<(), FigureError> {
        let style = self.style(lettering);
        let shift = self.sinking * lettering.size;
        let at = if lettering.upwards { (x + shift, y) } else { (x, y + shift) };
        self.backend.draw_text(&printable(text), &style, self.pixel(at)).map_err(failed)
    }

    /// The text, shortened with an ellipsis to at most `width` units.
    pub(super) fn fitted(
        &self,
        text: &str,
        width: f64,
        lettering: Lettering,
    ) -> Result<String, FigureError> {
        let text = printable(text);
        if self.width(&text, lettering)? <= width {
            return Ok(text);
        }
        let chars: Vec<char> = text.chars().collect();
        let cut = |count: usize| chars[..count].iter().chain(['…'].iter()).collect::<String>();
        let (mut fits, mut exceeds) = (0, chars.len());
        while exceeds - fits > 1 {
            let middle = fits.midpoint(exceeds);
            if self.width(&cut(middle), lettering)? <= width {
                fits = middle;
            } else {
                exceeds = middle;
            }
        }
        Ok(cut(fits))
    }

    /// How wide the text is, in units.
    pub(super) fn width(&self, text: &str, lettering: Lettering) -> Result<f64, FigureError> {
        let level = Lettering { upwards: false, ..lettering };
        let ((left, _), (right, _)) =
            self.style(level).font.layout_box(text).map_err(|error| failed_text(text, &error))?;
        Ok(f64::from(right - left) / self.scale)
    }

    /// Ends the page.
    pub(super) fn finish(mut self) -> Result<(), FigureError> {
        self.backend.present().map_err(failed)
    }

    /// The plotters style of a text.
    fn style(&self, lettering: Lettering) -> TextStyle<'static> {
        let style = if lettering.bold { FontStyle::Bold } else { FontStyle::Normal };
        let turn = if lettering.upwards { FontTransform::Rotate270 } else { FontTransform::None };
        let font = (FontFamily::Name(FAMILY), lettering.size * self.scale, style).into_font();
        let color = colour(lettering.colour).to_backend_color();
        let pos = Pos::new(lettering.horizontal, VPos::Center);
        TextStyle { font: font.transform(turn), color, pos }
    }

    /// The pixel nearest to the point.
    fn pixel(&self, (x, y): Point) -> (i32, i32) {
        let (left, top) = self.origin;
        (((left + x) * self.scale).round() as i32, ((top + y) * self.scale).round() as i32)
    }
}

/// The colour as plotters has it.
fn colour((red, green, blue): Colour) -> RGBColor {
    RGBColor(red, green, blue)
}

/// The text with spaces for control characters, which neither SVG nor the font knows.
fn printable(text: &str) -> String {
    let is_odd = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if is_odd(c) { ' ' } else { c }).collect()
}

/// Makes the embedded font known to plotters, once.
fn register() -> Result<(), FigureError> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let known = *REGISTERED.get_or_init(|| {
        register_font(FAMILY, FontStyle::Normal, dejavu::sans::regular()).is_ok()
            && register_font(FAMILY, FontStyle::Bold, dejavu::sans::bold()).is_ok()
    });
    if known { Ok(()) } else { Err(FigureError::Font) }
}

/// The error of a backend.
fn failed(error: impl std::fmt::Display) -> FigureError {
    FigureError::Drawing(error.to_string())
}

/// The error of measuring a text.
fn failed_text(text: &str, error: &dyn std::fmt::Display) -> FigureError {
    FigureError::Drawing(format!("text {text:?}: {error}"))
}
