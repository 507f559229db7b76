//! Several figures on one page, two beside each other, on common axes.

use plotters::backend::DrawingBackend;

use super::canvas::Canvas;
use super::plot::Plot;
use super::{Categories, Drawing, Figure, FigureError, page};

/// Figures of one kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Facet {
    /// Curves, all of one scale.
    Curves(Vec<Figure>),
    /// Marks.
    Categories(Vec<Categories>),
}

/// A page of figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Facets(pub Facet);

/// Figures beside each other.
const COLUMNS: usize = 2;

impl Facets {
    /// The page as an SVG document, which scales with the page and needs nothing else.
    ///
    /// # Errors
    /// The embedded font or the drawing library fails.
    pub fn svg(&self) -> Result<String, FigureError> {
        self.as_svg()
    }

    /// The page as a PNG image, two pixels for each of the SVG's.
    ///
    /// # Errors
    /// As [`Facets::svg`].
    pub fn png(&self) -> Result<Vec<u8>, FigureError> {
        self.as_png()
    }

    /// The sizes of the figures.
    fn sizes(&self) -> Vec<(f64, f64)> {
        match &self.0 {
            Facet::Curves(figures) => figures.iter().map(Drawing::size).collect(),
            Facet::Categories(figures) => figures.iter().map(Drawing::size).collect(),
        }
    }

    /// Where each figure begins, and the size of the page.
    fn places(&self) -> (Vec<(f64, f64)>, (f64, f64)) {
        let sizes = self.sizes();
        let (mut places, mut top) = (Vec::new(), 0.0);
        for row in sizes.chunks(COLUMNS) {
            places.extend((0..row.len()).map(|column| (column as f64 * page::WIDTH, top)));
            top += row.iter().map(|(_, height)| *height).fold(0.0, f64::max);
        }
        let columns = sizes.len().clamp(1, COLUMNS);
        (places, (columns as f64 * page::WIDTH, if top > 0.0 { top } else { 1.0 }))
    }
}

impl Drawing for Facets {
    fn size(&self) -> (f64, f64) {
        self.places().1
    }

    fn draw<B: DrawingBackend>(&self, page: &mut Canvas<B>) -> Result<(), FigureError> {
        let (places, _) = self.places();
        match &self.0 {
            Facet::Curves(figures) => {
                let Some(first) = figures.first() else { return Ok(()) };
                // The axes are those of a figure with all curves.
                let lines = figures.iter().flat_map(|figure| figure.lines.clone()).collect();
                let bounds = figures.iter().flat_map(|figure| figure.bounds.clone()).collect();
                let all = Figure { lines, bounds, ..first.clone() };
                let axes = Plot::new(&all);
                for (figure, place) in figures.iter().zip(places) {
                    page.move_to(place);
                    Plot::on_axes_of(figure, &axes).draw(page)?;
                }
            }
            Facet::Categories(figures) => {
                let axis = Categories::axis(figures.iter());
                for (figure, place) in figures.iter().zip(places) {
                    page.move_to(place);
                    figure.draw_on(page, &axis)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::{Line, Scale};

    fn figure(title: &str, high: f64) -> Figure {
        Figure {
            title: title.into(),
            x_title: "x".into(),
            y_title: "y".into(),
            lines: vec![Line {
                label: "a".into(),
                x: vec![1.0, 2.0],
                mean: vec![0.0, high],
                low: vec![],
                high: vec![],
            }],
            bounds: vec![],
            scale: Scale::Linear,
            bands: None,
            are_points: true,
        }
    }

    #[test]
    fn figures_share_a_page_and_their_axes() {
        let curves = vec![figure("one", 3.0), figure("two", 90.0), figure("three", 1.0)];
        let page = Facets(Facet::Curves(curves.clone()));
        let svg = page.svg().expect("drawn");
        assert!(svg.starts_with("<svg width=\"2080\" height=\"1080\""), "{svg:.60}");
        // The tick of 80 stands beside every one of them.
        assert_eq!(svg.matches("\n80\n").count(), 3);
        assert!(["one", "two", "three"].iter().all(|title| svg.contains(title)));
        // One alone is the figure itself.
        let one = Facets(Facet::Curves(curves[..1].to_vec()));
        assert_eq!(one.svg(), curves[0].svg());
        assert_eq!(one.png(), curves[0].png());
        assert!(Facets(Facet::Curves(vec![])).svg().is_ok());
        assert!(Facets(Facet::Categories(vec![])).png().is_ok());
    }
}
