//! What a user chooses about the presentation of a run.

use regret_engine::math;

use crate::figure::Scale;
use crate::statistics::{BandKind, Sampling};
use crate::store::Item;

/// What is drawn, and how means are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Presentation {
    /// The bands around curves.
    pub bands: BandKind,
    /// The figures of each panel and regret.
    pub views: Vec<View>,
    /// Which bounds are drawn.
    pub bounds: ShownBounds,
    /// Indices of the cells that those of their panel are compared with, one for each panel at the
    /// most; a panel without one is compared with its best.
    pub baselines: Vec<usize>,
    /// How the number of replications was chosen.
    pub sampling: Sampling,
}

impl Default for Presentation {
    fn default() -> Self {
        Self {
            bands: BandKind::default(),
            views: vec![View::Linear, View::Log],
            bounds: ShownBounds::default(),
            baselines: Vec::new(),
            sampling: Sampling::default(),
        }
    }
}

/// A way to draw a panel's curves of regret R_t.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// R_t on linear axes.
    Linear,
    /// R_t on logarithmic axes.
    Log,
    /// R_t/√t against a logarithmic axis of rounds: level where regret grows like √t.
    OverSqrt,
    /// R_t/ln t against a logarithmic axis of rounds: level where regret grows like ln t.
    OverLog,
}

impl View {
    /// Every view.
    pub const ALL: [Self; 4] = [Self::Linear, Self::Log, Self::OverSqrt, Self::OverLog];

    /// The name in specs.
    pub fn key(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Log => "log",
            Self::OverSqrt => "over_sqrt_t",
            Self::OverLog => "over_log_t",
        }
    }

    /// The end of its figures' file names.
    pub(crate) fn suffix(self) -> String {
        self.key().replace('_', "-")
    }

    /// Its axes.
    pub(crate) fn scale(self) -> Scale {
        match self {
            Self::Linear => Scale::Linear,
            Self::Log => Scale::LogLog,
            Self::OverSqrt | Self::OverLog => Scale::LogLinear,
        }
    }

    /// What values are divided by at round t, and how the axis says so.
    pub(crate) fn divisor(self) -> Option<(Divisor, &'static str)> {
        match self {
            Self::Linear | Self::Log => None,
            Self::OverSqrt => Some((f64::sqrt, " / √t")),
            Self::OverLog => Some((math::ln, " / ln t")),
        }
    }
}

/// What a value of round t is divided by.
type Divisor = fn(f64) -> f64;

/// Which of theory's bounds are drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ShownBounds {
    /// All; on linear axes without upper bounds far above every curve.
    #[default]
    Near,
    /// All, those off the scale named in the legend, and a table of them.
    All,
    /// None.
    None,
    /// Those of these learners and environments, by label or name, with a table of them.
    Of(Vec<String>),
}

impl ShownBounds {
    /// Whether they were asked for.
    pub(crate) fn on_request(&self) -> bool {
        matches!(self, Self::All | Self::Of(_))
    }

    /// Whether the bounds of this learner or environment are shown.
    pub(crate) fn shows(&self, owner: &Item) -> bool {
        match self {
            Self::Near | Self::All => true,
            Self::None => false,
            Self::Of(wanted) => {
                wanted.iter().any(|name| *name == owner.name || Some(name) == owner.label.as_ref())
            }
        }
    }
}
