//! Weighted tallying bandits: losses that depend on how often an arm was played lately.

use std::sync::{Arc, OnceLock};

use regret_engine::ledgers::Comparators;
use regret_engine::notion::{CYCLE_REGRET, Notion, POLICY_REGRET, REO_REGRET, WARM_UP};
use regret_engine::planning::{MOST_MOVES, MOST_STATES, Optimum};
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::reactive::{
    ReactiveModel, ReactiveProblem, RewardLaw, check_curves, check_noise,
};
use crate::support::tally::{Curve, Exposure, MOST_ARMS, Tallying, Weights, Windows};

/// The arm played in a round has the tally `y = Σ_j w_j 1[A_{t−j} = A_t]`, j from 0 (the play
/// itself) to min(m, t) − 1, and a loss of mean h(y/W) with W = Σ_j w_j. Only the loss is revealed,
/// as the reward 1 − loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WeightedTallying {
    /// The loss of every arm as a function h of its exposure y/W.
    pub curves: Vec<Curve>,
    /// Memory m in rounds, the present one included: from 1 to 65536.
    pub memory: u64,
    /// The weights w of the rounds of memory.
    #[serde(default)]
    pub weights: Weights,
    /// How losses lie around their means.
    #[serde(default)]
    pub noise: RewardLaw,
    /// What the learner is compared with first.
    #[serde(default)]
    pub comparator: Comparator,
}

/// The comparator of the regret that is recorded by default. Others are kept as well where they
/// can be computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparator {
    /// The repeated-exposure-optimal arm if there is one, else the best sequence.
    #[default]
    Auto,
    /// The repeated-exposure-optimal arm; it must be seen that there is one.
    Reo,
    /// The arm of least loss in a full window, which is trusted to be optimal when repeated.
    AssumedReo,
    /// The best sequence of actions, by dynamic programming over the last m − 1 of them.
    Sequence,
    /// None: the best arm with the past as it was played.
    Blind,
}

impl WeightedTallying {
    fn rule(&self) -> Tallying {
        Tallying::new(self.memory as usize, &self.weights, &self.curves)
    }
}

impl EnvironmentModel for WeightedTallying {
    const NAME: &'static str = "weighted_tallying";
    const SUMMARY: &'static str = "losses depend on how often the arm was played lately";
    const SOURCE: &'static str = "Malik, Igoe, Li, Singh, Weighted tallying bandits: overcoming \
                                  intractability via repeated exposure optimality, 2023";
    const EXAMPLE: &'static str = r#"{"memory": 4, "weights": {"geometric": 0.8},
        "curves": [{"power": {"from": 0.3, "to": 0.7}}, {"constant": 0.5},
                   {"power": {"from": 0.9, "to": 0.1, "exponent": 2}}]}"#;
    const PROTOCOLS: &'static [&'static str] = &["bandit"];

    fn check(&self) -> Result<(), ParameterError> {
        let valid = (1..=1 << 16).contains(&self.memory);
        ParameterError::unless(valid, "memory", self.memory, "must be from 1 to 65536")?;
        check_curves(&self.curves, MOST_ARMS)?;
        let arms = self.curves.len();
        self.weights.check(arms, self.memory)?;
        check_noise(self.noise)?;
        let (weights, rule) = (arms as u64 * self.memory, "arms × memory must be at most 4194304");
        ParameterError::unless(weights <= 1 << 22, "memory", weights, rule)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        let model = TallyingBandit::new(self.rule(), self.comparator)?;
        Ok(Faces::new().with::<Bandit>(ReactiveProblem::new(model, self.noise)))
    }
}

/// A tallying bandit with its comparators.
struct TallyingBandit {
    rule: Arc<Tallying>,
    saturated: Vec<f64>,
    reference: f64,
    /// The gaps of the repeated arm while its window fills, added up.
    warm_up: Vec<f64>,
    regrets: Vec<Notion>,
    /// Whether repeated exposure optimality holds or is trusted.
    repeats: bool,
    optimum: OnceLock<Optimum>,
}

impl TallyingBandit {
    fn new(rule: Tallying, comparator: Comparator) -> Result<Self, ParameterError> {
        let exposure = match comparator {
            Comparator::AssumedReo => None,
            _ => Some(rule.exposure()),
        };
        let holds = matches!(exposure, None | Some(Exposure::Optimal { .. }));
        let solvable = rule.is_solvable();
        let refusal =
            |reason: String| Err(ParameterError { path: "comparator".into(), message: reason });
        let reason = exposure.as_ref().map(Exposure::to_string).unwrap_or_default();
        let size = || {
            format!(
                "the best sequence takes a dynamic programme over {} histories of the last {} \
                 actions of {} arms; at most {MOST_STATES} histories, and {MOST_MOVES} times arms, \
                 can be",
                rule.histories(),
                rule.memory() - 1,
                rule.arms()
            )
        };
        match comparator {
            Comparator::Auto if !holds && !solvable => {
                return refusal(format!(
                    "{reason}; and {}. `comparator: assumed_reo` trusts the arm, `comparator: blind` \
                     does without",
                    size()
                ));
            }
            Comparator::Reo if !holds => return refusal(reason),
            Comparator::Sequence if !solvable => return refusal(size()),
            _ => {}
        }
        let saturated = rule.saturated();
        let reference = saturated.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let best = saturated.iter().position(|mean| *mean == reference).unwrap_or_default();
        let repeated: &[Notion] = if holds { &[REO_REGRET, WARM_UP] } else { &[] };
        let solved: &[Notion] = if solvable { &[POLICY_REGRET, CYCLE_REGRET] } else { &[] };
        let regrets = match comparator {
            Comparator::Sequence => [solved, repeated].concat(),
            Comparator::Blind => Vec::new(),
            _ => [repeated, solved].concat(),
        };
        Ok(Self {
            warm_up: rule.warm_up(best),
            rule: Arc::new(rule),
            saturated,
            reference,
            regrets,
            repeats: holds,
            optimum: OnceLock::new(),
        })
    }

    fn optimum(&self) -> &Optimum {
        self.optimum.get_or_init(|| Optimum::of(&self.rule.machine(self.reference)))
    }
}

impl ReactiveModel for TallyingBandit {
    type Reaction = Windows;

    fn arms(&self) -> Arms {
        let memory = self.rule.memory() as u64;
        Arms {
            count: self.rule.arms(),
            means: None,
            range: Some((0.0, 1.0)),
            law: Law::Tallying { memory, repeats: self.repeats },
            oblivious: false,
        }
    }

    fn settled_means(&self) -> &[f64] {
        &self.saturated
    }

    fn reference(&self) -> f64 {
        self.reference
    }

    fn regrets(&self) -> Vec<Notion> {
        self.regrets.clone()
    }

    fn reaction(&self, lanes: usize) -> Windows {
        Windows::new(self.rule.clone(), lanes)
    }
}

impl Comparators for TallyingBandit {
    fn best_sequence(&self, t: u64) -> f64 {
        self.optimum().cost(t)
    }

    fn best_cycle(&self) -> f64 {
        self.optimum().mean()
    }

    fn warm_up(&self, t: u64) -> f64 {
        self.warm_up[(self.warm_up.len() as u64 - 1).min(t) as usize]
    }
}
