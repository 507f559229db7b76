//! Figures of a finished run with chosen axes: what `regret plot` draws.
//!
//! A run's cells are chosen by learner and environment, split into facets by parameters, and drawn
//! in one of the [`Kind`]s: along the rounds, along a parameter, as scaling with a fitted exponent, as boxes of final
//! values, as pulls of every arm, or as the share of optimal pulls.

mod coordinate;
mod draw;
mod selection;

pub use coordinate::Coordinate;

use std::path::{Path, PathBuf};

use regret_engine::notion::Notion;
use regret_results::figure::{FigureError, Scale};
use regret_results::files::write_atomically;
use regret_results::statistics::StatisticsError;
use regret_results::statistics::growth::GrowthError;
use regret_results::store::{FinishedRun, StoreError};

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A quantity along the rounds, for each environment, horizon and seed.
    Curve,
    /// A quantity against a parameter, a line for each learner.
    Sweep,
    /// The same on logarithmic axes, with the exponent of each line.
    Scaling,
    /// Boxes of the values of all replications, by environment.
    Box,
    /// The share of the rounds in which each arm was played.
    Pulls,
    /// The share of the rounds so far in which an optimal arm was played.
    Optimal,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Curve, Self::Sweep, Self::Scaling, Self::Box, Self::Pulls, Self::Optimal];

    /// Its name.
    pub fn key(self) -> &'static str {
        match self {
            Self::Curve => "curve",
            Self::Sweep => "sweep",
            Self::Scaling => "scaling",
            Self::Box => "box",
            Self::Pulls => "pulls",
            Self::Optimal => "optimal",
        }
    }
}

/// A figure that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// What is drawn.
    pub kind: Kind,
    /// The horizontal axis of a sweep or scaling.
    pub x: Option<Coordinate>,
    /// One small figure for each value of these.
    pub facets: Vec<Coordinate>,
    /// The quantity; by default the first regret of each cell.
    pub notion: Option<Notion>,
    /// The round of the values; by default the horizon.
    pub at: Option<u64>,
    /// Only these learners, by label or name; all if it is empty.
    pub learners: Vec<String>,
    /// Only these environments, by label or name; all if it is empty.
    pub environments: Vec<String>,
    /// The axes; by default what suits the kind.
    pub scale: Option<Scale>,
}

/// Why a figure cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// A run cannot be read, or a file not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The drawing failed.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// There are no statistics.
    #[error(transparent)]
    Statistics(#[from] StatisticsError),
    /// There is no exponent.
    #[error(transparent)]
    Growth(#[from] GrowthError),
    /// What is asked for is not there.
    #[error("{0}")]
    Order(String),
}

/// What was drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// SVG and PNG.
    pub files: Vec<PathBuf>,
    /// The exponents of a scaling: learner, and the figure with its interval.
    pub exponents: Vec<(String, String)>,
    /// What is left out, and why.
    pub notes: Vec<String>,
}

/// Draws a figure and writes it below `out`.
///
/// # Errors
/// What is asked for is not there, or cannot be read, drawn or written.
pub fn plot(run: &FinishedRun, order: &Order, out: &Path) -> Result<Drawn, PlotError> {
    let mut notes = Vec::new();
    let cells = selection::select(run, order, &mut notes)?;
    let drawing = draw::facets(run, order, &cells)?;
    std::fs::create_dir_all(out).map_err(|error| StoreError::Io { path: out.to_owned(), error })?;
    let mut files = Vec::new();
    let stem = stem(order);
    for (ending, bytes) in
        [("svg", drawing.facets.svg()?.into_bytes()), ("png", drawing.facets.png()?)]
    {
        let path = out.join(format!("{stem}.{ending}"));
        write_atomically(&path, &bytes)
            .map_err(|error| StoreError::Io { path: path.clone(), error })?;
        files.push(path);
    }
    Ok(Drawn { files, exponents: drawing.exponents, notes })
}

/// The name of the files, of plain letters.
fn stem(order: &Order) -> String {
    let notion = order.notion.map(|notion| notion.key.replace('_', "-"));
    let x = order.x.as_ref().map(|x| format!("by-{}", x.slug()));
    let facets = order.facets.iter().map(|facet| format!("each-{}", facet.slug()));
    let parts = std::iter::once(order.kind.key().to_owned()).chain(notion).chain(x).chain(facets);
    parts.collect::<Vec<_>>().join("-")
}
