//! What can be recorded of a run, by its exact name.
//!
//! A number is never called just "regret": the same play has a pseudo-regret, a realised regret,
//! a regret in hindsight, …, and they differ. A [`Notion`] is such a name with its definition; the
//! environments' referees fill it, the results crate only carries it.
//!
//! Sign convention, everywhere: **regret = what the comparator gained minus what the learner
//! gained** (for losses: the learner's loss minus the comparator's). Positive is bad for the
//! learner.

/// A recorded quantity: its key in specs and files, its title on figures, its definition.
///
/// Two notions are equal when their keys are. New protocols add constants of their own; nothing
/// else changes.
#[derive(Clone, Copy, Debug)]
pub struct Notion {
    /// The key in specs, Parquet files and summaries: lower-case words joined by `_`.
    pub key: &'static str,
    /// The title on an axis, such as "pseudo-regret".
    pub title: &'static str,
    /// The definition, in one sentence.
    pub definition: &'static str,
    /// Whether it is a regret: it is plotted, its growth is fitted, theory's bounds may be drawn
    /// beside it.
    pub is_regret: bool,
    /// Whether its curve is drawn by default, with bands.
    pub is_plotted: bool,
    /// Whether it is recorded at the horizon only, and not at every checkpoint.
    pub at_horizon: bool,
}

impl Notion {
    /// A regret.
    pub const fn regret(key: &'static str, title: &'static str, definition: &'static str) -> Self {
        Self { is_regret: true, is_plotted: true, ..Self::quantity(key, title, definition) }
    }

    /// A quantity that is no regret, recorded at every checkpoint and not drawn by default.
    pub const fn quantity(
        key: &'static str,
        title: &'static str,
        definition: &'static str,
    ) -> Self {
        Self { key, title, definition, is_regret: false, is_plotted: false, at_horizon: false }
    }

    /// The same, drawn by default.
    #[must_use]
    pub const fn plotted(self) -> Self {
        Self { is_plotted: true, ..self }
    }

    /// The same, recorded at the horizon only.
    #[must_use]
    pub const fn at_horizon(self) -> Self {
        Self { at_horizon: true, ..self }
    }
}

impl PartialEq for Notion {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Notion {}

/// Regret of the means against the best fixed action: `max_a Σ μ_s(a) − Σ μ_s(A_s)`.
pub const PSEUDO_REGRET: Notion = Notion::regret(
    "pseudo_regret",
    "pseudo-regret",
    "expected reward of the best fixed action minus the expected rewards of the \
     actions played: max_a Σ μ_s(a) − Σ μ_s(A_s)",
);

/// Best fixed action's expected reward minus the rewards received: `max_a Σ μ_s(a) − Σ X_s`.
pub const REALISED_REGRET: Notion = Notion::regret(
    "realised_regret",
    "realised regret",
    "expected reward of the best fixed action minus the rewards received: \
     max_a Σ μ_s(a) − Σ X_s",
);

/// Best fixed action's realised reward minus the rewards received: `max_a Σ X_s(a) − Σ X_s`.
pub const HINDSIGHT_REGRET: Notion = Notion::regret(
    "hindsight_regret",
    "regret in hindsight",
    "reward that the best fixed action would have received minus the rewards \
     received: max_a Σ X_s(a) − Σ X_s (for experts: Σ <p_s, l_s> − min_a Σ l_s(a))",
);

/// Regret of the means against the best action of every round: `Σ max_a μ_s(a) − μ_s(A_s)`.
pub const DYNAMIC_REGRET: Notion = Notion::regret(
    "dynamic_regret",
    "dynamic regret",
    "expected reward of each round's best action minus the expected rewards of the \
     actions played: Σ max_a μ_s(a) − μ_s(A_s)",
);

/// Rounds in which the action differs from that of the round before.
pub const SWITCHES: Notion = Notion::quantity(
    "switches",
    "switches",
    "number of rounds s ≥ 2 whose action differs from that of round s − 1 (for \
     distributions: the sum of half their L1 distances)",
);

/// Pulls of each arm (for experts: the probability put on each), recorded at the horizon only.
pub const PULLS: Notion = Notion::quantity(
    "pulls",
    "pulls",
    "number of rounds in which the arm was played (for distributions: the sum of its \
     probabilities), at the horizon, one component for each arm",
)
.at_horizon();

/// Rounds in which an arm of highest mean was played.
pub const OPTIMAL_PULLS: Notion = Notion::quantity(
    "optimal_pulls",
    "optimal pulls",
    "number of rounds in which an arm of that round's highest mean was played (for \
     distributions: the sum of the probabilities of such arms)",
);

/// Best set's expected revenue minus that of the set offered: `Σ R_s(S*_s) − R_s(S_s)`.
pub const REVENUE_REGRET: Notion = Notion::regret(
    "revenue_regret",
    "expected-revenue regret",
    "expected revenue of each round's best feasible set minus that of the set offered: \
     Σ max_S R_s(S) − R_s(S_s)",
);

/// Best set's expected revenue minus the revenue received.
pub const REALISED_REVENUE_REGRET: Notion = Notion::regret(
    "realised_revenue_regret",
    "realised revenue regret",
    "expected revenue of each round's best feasible set minus the revenue received: \
     Σ max_S R_s(S) − r(I_s), where r is 0 if nothing was bought",
);

/// Rounds in which a best set was offered.
pub const OPTIMAL_OFFERS: Notion = Notion::quantity(
    "optimal_offers",
    "optimal offers",
    "number of rounds in which the set offered had that round's greatest expected revenue, \
     within 10⁻¹² of it",
);

/// Rounds in which each item was offered, recorded at the horizon only.
pub const OFFERS: Notion = Notion::quantity(
    "offers",
    "offers",
    "number of rounds in which the item was part of the set offered, at the horizon, one \
     component for each item",
)
.at_horizon();

/// Best set's expected revenue minus that of the set decided for: `max_S R(S) − R(Ŝ)`.
pub const SUBOPTIMALITY: Notion = Notion::regret(
    "suboptimality",
    "sub-optimality",
    "expected revenue of the best feasible set minus that of the set decided for: \
     max_S R(S) − R(Ŝ)",
);

/// Whether a best set was decided for.
pub const CORRECT_DECISION: Notion = Notion::quantity(
    "correct_decision",
    "correct decision",
    "1 if the set decided for has the greatest expected revenue, within 10⁻¹² of it, else 0",
)
.plotted();

/// What the learner takes its set to be worth minus what it is worth.
pub const OPTIMISM: Notion = Notion::quantity(
    "optimism",
    "optimism",
    "what the learner takes its set to be worth minus the set's expected revenue",
);

/// How far the learner's set may be from the best by its own criterion.
pub const CRITERION_GAP: Notion = Notion::quantity(
    "criterion_gap",
    "criterion gap",
    "upper bound, given by the learner, on how much a better set by its own criterion would gain",
);

/// By how much the learner had to break a constraint of its criterion.
pub const VIOLATION: Notion = Notion::quantity(
    "violation",
    "violation",
    "amount, given by the learner, by which a constraint of its criterion is broken",
);

/// Every notion, in the order of this file.
pub const ALL: &[Notion] = &[
    PSEUDO_REGRET,
    REALISED_REGRET,
    HINDSIGHT_REGRET,
    DYNAMIC_REGRET,
    SWITCHES,
    PULLS,
    OPTIMAL_PULLS,
    REVENUE_REGRET,
    REALISED_REVENUE_REGRET,
    OPTIMAL_OFFERS,
    OFFERS,
    SUBOPTIMALITY,
    CORRECT_DECISION,
    OPTIMISM,
    CRITERION_GAP,
    VIOLATION,
];

/// The notion of that key.
pub fn by_key(key: &str) -> Option<Notion> {
    ALL.iter().copied().find(|notion| notion.key == key)
}
