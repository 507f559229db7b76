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

/// Regret against the best sequence of actions, where rewards depend on the past.
pub const POLICY_REGRET: Notion = Notion::regret(
    "policy_regret",
    "complete policy regret",
    "greatest expected reward of any sequence of t actions, each with the rewards that \
     it would itself have led to, minus the expected rewards of the actions played",
);

/// Regret against the reward of the arm that is best when it is repeated for ever.
pub const REO_REGRET: Notion = Notion::regret(
    "reo_regret",
    "policy regret (REO)",
    "t times the mean reward of the repeated-exposure-optimal arm in a window full of \
     it, minus the expected rewards of the actions played: at least the complete policy \
     regret, and at most that plus the warm-up offset",
);

/// Regret against the best cycle of actions.
pub const CYCLE_REGRET: Notion = Notion::regret(
    "cycle_regret",
    "policy regret (best cycle)",
    "t times the greatest mean reward of a cycle of actions, minus the expected rewards \
     of the actions played",
);

/// Regret against the best fixed action, the past held as it was played.
pub const BLIND_REGRET: Notion = Notion::regret(
    "blind_regret",
    "history-blind regret",
    "max_a Σ μ_s(a) − Σ μ_s(A_s) with μ_s(a) the mean reward of action a in round s \
     after the past that was played: the ordinary regret, blind to what the action \
     played before would have changed",
);

/// What the arm that is best when repeated loses until it has been repeated.
pub const WARM_UP: Notion = Notion::quantity(
    "warm_up",
    "warm-up offset",
    "what the repeated-exposure-optimal arm, played from round 1, gains less in t rounds \
     than it would with a window already full of it; the complete policy regret is at \
     least the REO regret minus this",
);

/// Regret with a price on switches.
pub const SWITCHING_REGRET: Notion = Notion::regret(
    "switching_regret",
    "regret with switching costs",
    "regret of the losses alone, plus the price of a switch times the number of switches; the \
     comparator does not switch",
);

/// Losses that the learner has read.
pub const READS: Notion = Notion::quantity(
    "reads",
    "reads",
    "number of losses, of a round and an action, that were read from the budget",
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

/// What the recommended arm's mean lacks to the best: `max_a μ(a) − μ(J_t)`.
pub const SIMPLE_REGRET: Notion = Notion::regret(
    "simple_regret",
    "simple regret",
    "highest mean minus the mean of the arm recommended: max_a μ(a) − μ(J_t)",
);

/// Whether the recommended arm is not a best one; its mean is the probability of error.
pub const ERROR: Notion = Notion::quantity(
    "error",
    "probability of error",
    "1 if the mean of the arm recommended is below the highest, else 0",
)
.plotted();

/// Whether the recommended arm is not ε-good, for ε = 1/2, 1/4, …, 1/1024.
pub const NOT_GOOD: Notion = Notion::quantity(
    "not_good",
    "probability of not being ε-good",
    "1 if the mean of the arm recommended is more than ε below the highest, else 0; component c \
     has ε = 2^−(c+1), from 1/2 (0) to 1/1024 (9)",
);

/// Regret of the means against each context's best arm: `Σ max_a μ_s(a) − μ_s(A_s)`.
pub const CONTEXTUAL_REGRET: Notion = Notion::regret(
    "contextual_regret",
    "contextual regret",
    "expected reward of the best arm of each round's context minus the expected rewards of the \
     arms played: Σ max_a μ_s(a) − μ_s(A_s)",
);

/// Regret of the means against the greedy policy of the best linear predictor.
pub const LINEAR_REGRET: Notion = Notion::regret(
    "linear_regret",
    "regret against the best linear predictor",
    "expected reward of the policy that is greedy for the linear predictor of least squared error \
     (of all arms' means in all rounds to the horizon) minus the expected rewards of the arms \
     played: Σ μ_s(π(x_s)) − μ_s(A_s)",
);

/// The least positive gap between the means of a round's best arm and another.
pub const MINIMAL_GAP: Notion = Notion::quantity(
    "minimal_gap",
    "minimal gap",
    "least positive difference between the highest mean of a round and another mean of that \
     round, over the rounds to the horizon; 0 if there is none",
)
.at_horizon();

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

/// Log-wealth of the best constant rebalanced portfolio minus the log-wealth reached.
pub const LOG_WEALTH_REGRET: Notion = Notion::regret(
    "log_wealth_regret",
    "log-wealth regret",
    "log-wealth of the best constant rebalanced portfolio in hindsight, without costs, minus the \
     log-wealth reached, after costs: max_b Σ ln(b·x_s) − L_t",
);

/// Log-wealth of the best constant rebalanced portfolio for each side state minus that reached.
pub const SIDE_REGRET: Notion = Notion::regret(
    "side_regret",
    "side-information regret",
    "log-wealth of the best portfolios in hindsight, one for each state of the side information, \
     minus the log-wealth reached: Σ_y max_b Σ_{s: y_s = y} ln(b·x_s) − L_t",
);

/// Log-wealth of the best single asset minus the log-wealth reached.
pub const BEST_ASSET_REGRET: Notion = Notion::regret(
    "best_asset_regret",
    "best-asset regret",
    "log-wealth of the best single asset in hindsight minus the log-wealth reached: \
     max_i Σ ln x_si − L_t",
);

/// Logarithm of the wealth that 1 has become, after costs.
pub const LOG_WEALTH: Notion = Notion::quantity(
    "log_wealth",
    "log-wealth",
    "natural logarithm of what a wealth of 1 has become, after costs: L_t",
)
.plotted();

/// What 1 has become, after costs.
pub const WEALTH: Notion = Notion::quantity(
    "wealth",
    "wealth",
    "what a wealth of 1 has become, after costs: e^{L_t}, or the greatest number where that is \
     greater",
);

/// Growth a year.
pub const ANNUALISED_RETURN: Notion = Notion::quantity(
    "annualised_return",
    "annualised return",
    "growth a year of 252 rounds: e^{252 L_t / t} − 1, or the greatest number where that is greater",
);

/// Deviation of the returns, a year.
pub const VOLATILITY: Notion = Notion::quantity(
    "volatility",
    "volatility",
    "standard deviation (n − 1) of the rounds' returns r_s − 1, r_s the factor of round s after \
     costs, times √252",
);

/// Mean by deviation of the returns, a year.
pub const SHARPE_RATIO: Notion = Notion::quantity(
    "sharpe_ratio",
    "Sharpe ratio",
    "mean of the rounds' returns by their standard deviation (n − 1), times √252; no risk-free rate; \
     0 where the deviation is 0",
);

/// The Sharpe ratio as the OLPS toolbox has it.
pub const SHARPE_RATIO_OLPS: Notion = Notion::quantity(
    "sharpe_ratio_olps",
    "Sharpe ratio (OLPS)",
    "growth a year less 0.04, by the volatility; years are t/252 rounded, at least 1; 0 where the \
     volatility is 0",
);

/// Mean by downside deviation of the returns, a year.
pub const SORTINO_RATIO: Notion = Notion::quantity(
    "sortino_ratio",
    "Sortino ratio",
    "mean of the rounds' returns by the root of the mean of the squares of the negative ones, \
     times √252; 0 where there are none",
);

/// Growth a year by the greatest drawdown.
pub const CALMAR_RATIO: Notion = Notion::quantity(
    "calmar_ratio",
    "Calmar ratio",
    "annualised return by maximum drawdown; 0 where there was none",
);

/// How far wealth lies below its peak.
pub const DRAWDOWN: Notion = Notion::quantity(
    "drawdown",
    "drawdown",
    "share of its highest value so far (the start's 1 included) that wealth has lost",
)
.plotted();

/// The greatest drawdown so far.
pub const MAX_DRAWDOWN: Notion = Notion::quantity(
    "max_drawdown",
    "maximum drawdown",
    "the greatest drawdown after any of the rounds so far",
);

/// Half the distance between what was held and what was then played, summed.
pub const TURNOVER: Notion = Notion::quantity(
    "turnover",
    "turnover",
    "sum over rounds s ≥ 2 of ½ Σ_i |b_si − h_si|, h_s what the portfolio of round s − 1 had become",
);

/// The portfolio played in the round.
pub const WEIGHTS: Notion = Notion::quantity(
    "weights",
    "weights",
    "the portfolio played in the round, one component for each asset",
);

/// The best constant rebalanced portfolio in hindsight.
pub const BCRP_WEIGHTS: Notion = Notion::quantity(
    "bcrp_weights",
    "weights of the best constant portfolio",
    "the best constant rebalanced portfolio in hindsight at the horizon, one component for each asset",
)
.at_horizon();

/// How far the best constant rebalanced portfolio can be from optimal.
pub const BCRP_GAP: Notion = Notion::quantity(
    "bcrp_gap",
    "certificate of the best constant portfolio",
    "by how much, at most, another constant portfolio's log-wealth exceeds that of the one found: \
     t ln max_i (1/t) Σ x_si/(b·x_s)",
);

/// Every notion, in the order of this file.
pub const ALL: &[Notion] = &[
    PSEUDO_REGRET,
    REALISED_REGRET,
    HINDSIGHT_REGRET,
    DYNAMIC_REGRET,
    POLICY_REGRET,
    REO_REGRET,
    CYCLE_REGRET,
    BLIND_REGRET,
    WARM_UP,
    SWITCHING_REGRET,
    READS,
    SWITCHES,
    PULLS,
    OPTIMAL_PULLS,
    SIMPLE_REGRET,
    ERROR,
    NOT_GOOD,
    CONTEXTUAL_REGRET,
    LINEAR_REGRET,
    MINIMAL_GAP,
    REVENUE_REGRET,
    REALISED_REVENUE_REGRET,
    OPTIMAL_OFFERS,
    OFFERS,
    SUBOPTIMALITY,
    CORRECT_DECISION,
    OPTIMISM,
    CRITERION_GAP,
    VIOLATION,
    LOG_WEALTH_REGRET,
    SIDE_REGRET,
    BEST_ASSET_REGRET,
    LOG_WEALTH,
    WEALTH,
    ANNUALISED_RETURN,
    VOLATILITY,
    SHARPE_RATIO,
    SHARPE_RATIO_OLPS,
    SORTINO_RATIO,
    CALMAR_RATIO,
    DRAWDOWN,
    MAX_DRAWDOWN,
    TURNOVER,
    WEIGHTS,
    BCRP_WEIGHTS,
    BCRP_GAP,
];

/// The notion of that key.
pub fn by_key(key: &str) -> Option<Notion> {
    ALL.iter().copied().find(|notion| notion.key == key)
}
