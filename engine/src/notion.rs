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
    /// Whether it is a regret: theory's bounds may be drawn beside it and it is plotted by default.
    pub is_regret: bool,
}

impl PartialEq for Notion {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Notion {}

/// Regret of the means against the best fixed action: `max_a Σ μ_s(a) − Σ μ_s(A_s)`.
pub const PSEUDO_REGRET: Notion = Notion {
    key: "pseudo_regret",
    title: "pseudo-regret",
    definition: "expected reward of the best fixed action minus the expected rewards of the \
                 actions played: max_a Σ μ_s(a) − Σ μ_s(A_s)",
    is_regret: true,
};

/// Best fixed action's expected reward minus the rewards received: `max_a Σ μ_s(a) − Σ X_s`.
pub const REALISED_REGRET: Notion = Notion {
    key: "realised_regret",
    title: "realised regret",
    definition: "expected reward of the best fixed action minus the rewards received: \
                 max_a Σ μ_s(a) − Σ X_s",
    is_regret: true,
};

/// Best fixed action's realised reward minus the rewards received: `max_a Σ X_s(a) − Σ X_s`.
pub const HINDSIGHT_REGRET: Notion = Notion {
    key: "hindsight_regret",
    title: "regret in hindsight",
    definition: "reward that the best fixed action would have received minus the rewards \
                 received: max_a Σ X_s(a) − Σ X_s (for experts: Σ <p_s, l_s> − min_a Σ l_s(a))",
    is_regret: true,
};

/// Regret of the means against the best action of every round: `Σ max_a μ_s(a) − μ_s(A_s)`.
pub const DYNAMIC_REGRET: Notion = Notion {
    key: "dynamic_regret",
    title: "dynamic regret",
    definition: "expected reward of each round's best action minus the expected rewards of the \
                 actions played: Σ max_a μ_s(a) − μ_s(A_s)",
    is_regret: true,
};

/// Rounds in which the action differs from that of the round before.
pub const SWITCHES: Notion = Notion {
    key: "switches",
    title: "switches",
    definition: "number of rounds s ≥ 2 whose action differs from that of round s − 1 (for \
                 distributions: the sum of half their L1 distances)",
    is_regret: false,
};

/// Pulls of each arm (for experts: the probability put on each), recorded at the horizon only.
pub const PULLS: Notion = Notion {
    key: "pulls",
    title: "pulls",
    definition: "number of rounds in which the arm was played (for distributions: the sum of its \
                 probabilities), at the horizon, one component for each arm",
    is_regret: false,
};

/// Rounds in which an arm of highest mean was played.
pub const OPTIMAL_PULLS: Notion = Notion {
    key: "optimal_pulls",
    title: "optimal pulls",
    definition: "number of rounds in which an arm of that round's highest mean was played (for \
                 distributions: the sum of the probabilities of such arms)",
    is_regret: false,
};

/// Every notion, in the order of this file.
pub const ALL: &[Notion] = &[
    PSEUDO_REGRET,
    REALISED_REGRET,
    HINDSIGHT_REGRET,
    DYNAMIC_REGRET,
    SWITCHES,
    PULLS,
    OPTIMAL_PULLS,
];

/// The notion of that key.
pub fn by_key(key: &str) -> Option<Notion> {
    ALL.iter().copied().find(|notion| notion.key == key)
}
