//! Hedge: exponential weights on cumulative losses.
//!
//! Source: Freund, Schapire, "A decision-theoretic generalization of on-line learning and an
//! application to boosting", J. Comput. Syst. Sci. 55, 1997; rates: Cesa-Bianchi, Lugosi,
//! "Prediction, learning, and games", 2006, Theorems 2.2 and 2.3, Section 2.3.
//! Setting: K experts, losses in [0, 1].
//! Guarantee, tested: regret ≤ ln K/η + η t/8 at a fixed η, so √(T ln K/2) when tuned;
//! √(t ln K) anytime, at η_t = 2 √(ln K/t), which is ln K/η_t + Σ η_s/8 (rates that fall cost no
//! more mix loss than the last one throughout: de Rooij, van Erven, Grünwald, Koolen 2014, Lemma 2).
//! Deviation: `doubling` forgets all losses at rounds 1, 2, 4, 8, …; weights are multiplied round by
//! round, and computed anew from the losses every 1024 rounds.

use regret_engine::bound::Bound;
use regret_engine::learner::{LaneLearner, Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocol::{Nothing, Vectors};
use regret_engine::protocols::Experts;
use regret_engine::protocols::bandit::Arms;
use regret_engine::random::Streams;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::vectorised;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::bounds::full_information;
use crate::support::lanes;

/// Parameters of Hedge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Hedge {
    /// `tuned` for √(8 ln K/T), `anytime` for 2 √(ln K/t), `doubling` for √(8 ln K/n) in epochs of
    /// n = 1, 2, 4, … rounds, or a number η > 0.
    pub rate: Rate,
}

/// The learning rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected `tuned`, `anytime`, `doubling` or a number")]
pub enum Rate {
    /// By a rule.
    Rule(Rule),
    /// The same η in every round.
    Fixed(f64),
}

/// A rule for the learning rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// √(8 ln K/T).
    Tuned,
    /// 2 √(ln K/t).
    Anytime,
    /// √(8 ln K/n) in an epoch of n rounds, all losses forgotten at its begin.
    Doubling,
}

impl Rate {
    /// The rate of round `t`.
    #[inline]
    fn at(self, t: u64, experts: usize, horizon: u64) -> f64 {
        let ln_experts = math::ln(experts as f64);
        match self {
            Self::Fixed(eta) => eta,
            Self::Rule(Rule::Tuned) => (8.0 * ln_experts / horizon as f64).sqrt(),
            Self::Rule(Rule::Anytime) => 2.0 * (ln_experts / t as f64).sqrt(),
            Self::Rule(Rule::Doubling) => (8.0 * ln_experts / epoch(t) as f64).sqrt(),
        }
    }

    /// Whether all losses are forgotten before round `t`.
    fn restarts(self, t: u64) -> bool {
        self == Self::Rule(Rule::Doubling) && t == epoch(t)
    }
}

/// The first round, and the length, of the epoch of round `t`.
fn epoch(t: u64) -> u64 {
    1 << t.max(1).ilog2()
}

impl Default for Hedge {
    fn default() -> Self {
        Self { rate: Rate::Rule(Rule::Tuned) }
    }
}

impl Algorithm for Hedge {
    type Protocol = Experts;
    type Learner = HedgeLearner;

    const NAME: &'static str = "hedge";
    const SUMMARY: &'static str = "exponential weights on cumulative losses";
    const SOURCE: &'static str = "Freund, Schapire, A decision-theoretic generalization of \
                                  on-line learning, 1997; Cesa-Bianchi, Lugosi 2006, Chapter 2";

    fn check(&self) -> Result<(), ParameterError> {
        match self.rate {
            Rate::Rule(_) => Ok(()),
            Rate::Fixed(eta) => {
                let valid = eta > 0.0 && eta.is_finite();
                ParameterError::unless(valid, "rate", eta, "must be a positive number")
            }
        }
    }

    fn learner(&self, setting: &Setting<Experts>) -> Result<HedgeLearner, ParameterError> {
        let state = State::new(self.rate, setting, 1);
        Ok(HedgeLearner { state, played: vec![0.0; setting.experts()] })
    }

    fn lanes(
        &self,
        setting: &Setting<Experts>,
        lanes: usize,
    ) -> Option<Box<dyn LaneLearner<Experts>>> {
        Some(Box::new(HedgeLanes(State::new(self.rate, setting, lanes))))
    }

    fn bounds(&self, setting: &Setting<Experts>, arms: &Arms) -> Vec<Bound> {
        let ln_experts = math::ln(setting.experts() as f64);
        let fixed = |eta: f64| {
            let curve =
                move |t: f64| if eta > 0.0 { ln_experts / eta + eta * t / 8.0 } else { 0.0 };
            let source = "Cesa-Bianchi, Lugosi 2006, Theorem 2.2";
            full_information(arms, "ln K/η + η t/8", source, "losses in [0, 1]", curve)
        };
        match self.rate {
            Rate::Fixed(eta) => fixed(eta),
            Rate::Rule(Rule::Tuned) => fixed(self.rate.at(1, setting.experts(), setting.horizon)),
            Rate::Rule(Rule::Anytime) => full_information(
                arms,
                "√(t ln K)",
                "derived from de Rooij, van Erven, Grünwald, Koolen 2014, Lemma 2",
                "losses in [0, 1]",
                move |t| (t * ln_experts).sqrt(),
            ),
            Rate::Rule(Rule::Doubling) => full_information(
                arms,
                "Σ √(n ln K/2) over the epochs n = 1, 2, 4, … ≤ t",
                "Cesa-Bianchi, Lugosi 2006, Section 2.3",
                "losses in [0, 1]",
                move |t| {
                    let epochs = (0..=(t as u64).max(1).ilog2()).map(|m| (1u64 << m) as f64);
                    epochs.map(|n| (0.5 * n * ln_experts).sqrt()).sum()
                },
            ),
        }
    }
}

/// Rounds after which all weights are computed anew from the losses, a power of two. In between a
/// weight is multiplied by e^{−η l}, each time with a relative error below 5.6·10⁻¹⁶: 2 ulp of `exp`
/// and a rounding, less than 6·10⁻¹³ until the next renewal.
const RENEWAL: u64 = 1 << 10;

/// Weights are computed anew, the leader's being 1, when their sum leaves this range. A weight that
/// had vanished beside the leader's is then below 1e-240 of them all.
const SUMS: std::ops::Range<f64> = 1e-60..1e60;

/// e^{−η l} for a loss l, at a rate η.
#[derive(Clone, Copy)]
struct Shrink {
    eta: f64,
    /// e^{−η}.
    unit: f64,
}

impl Shrink {
    fn at(eta: f64) -> Self {
        Self { eta, unit: math::exp(-eta) }
    }

    /// For a loss of 0 or 1.
    #[inline(always)]
    fn binary(self, loss: f64) -> f64 {
        if loss == 1.0 { self.unit } else { 1.0 }
    }

    /// For any loss; the same number where it is 0 or 1.
    #[inline(always)]
    fn any(self, loss: f64) -> f64 {
        math::exp(-self.eta * loss)
    }
}

#[inline(always)]
fn is_binary(loss: f64) -> bool {
    loss == 0.0 || loss == 1.0
}

/// Whether all weights are computed anew before round `t`, whatever their sum.
fn renews(rate: Rate, t: u64) -> bool {
    t % RENEWAL == 1 || rate == Rate::Rule(Rule::Anytime) || rate.restarts(t)
}

/// Hedge of some replications, one lane each.
struct State {
    rate: Rate,
    horizon: u64,
    shrink: Shrink,
    /// Cumulative losses, and weights ∝ e^{−η L}, `[expert][lane]`.
    losses: Vec<f64>,
    weights: Vec<f64>,
    row: Vec<f64>,
}

impl State {
    fn new(rate: Rate, setting: &Setting<Experts>, lanes: usize) -> Self {
        let (experts, horizon) = (setting.experts(), setting.horizon);
        Self {
            rate,
            horizon,
            shrink: Shrink::at(rate.at(1, experts, horizon)),
            losses: vec![0.0; experts * lanes],
            weights: vec![1.0; experts * lanes],
            row: vec![0.0; lanes],
        }
    }

    /// Writes the distributions of round `t`.
    fn act(&mut self, t: u64, played: &mut [f64]) {
        if self.rate.restarts(t) {
            self.losses.fill(0.0);
        }
        if renews(self.rate, t) {
            let experts = self.losses.len() / self.row.len();
            self.shrink = Shrink::at(self.rate.at(t, experts, self.horizon));
            renew(&self.losses, self.shrink, &mut self.row, &mut self.weights);
        }
        sum(&self.weights, &mut self.row);
        for lane in 0..self.row.len() {
            if !SUMS.contains(&self.row[lane]) {
                self.row[lane] =
                    renew_lane(&self.losses, self.shrink, lane, &mut self.weights, self.row.len());
            }
        }
        normalise(&self.weights, &mut self.row, played);
    }

    fn update(&mut self, losses: &[f64]) {
        shrink(losses, self.shrink, &mut self.losses, &mut self.weights);
    }
}

/// Hedge of one replication.
pub struct HedgeLearner {
    state: State,
    played: Vec<f64>,
}

impl Learner<Experts> for HedgeLearner {
    fn act(&mut self, round: Round<'_, Experts>) -> &[f64] {
        self.state.act(round.t, &mut self.played);
        &self.played
    }

    fn update(&mut self, outcome: Outcome<'_, Experts>) {
        self.state.update(outcome.feedback);
    }

    fn reset(&mut self) {
        self.state.losses.fill(0.0);
        self.state.weights.fill(1.0);
    }
}

/// Hedge of many replications abreast.
struct HedgeLanes(State);

impl LaneLearner<Experts> for HedgeLanes {
    fn act(&mut self, t: u64, _: &Nothing, actions: &mut Vectors, _: &mut Streams) {
        self.0.act(t, &mut actions.values);
    }

    fn update(&mut self, _: u64, _: &Nothing, _: &Vectors, losses: &Vectors, _: &mut Streams) {
        self.0.update(&losses.values);
    }
}

/// [`renew`] in one lane; answers the sum of its weights.
#[cold]
fn renew_lane(
    losses: &[f64],
    shrink: Shrink,
    lane: usize,
    weights: &mut [f64],
    lanes: usize,
) -> f64 {
    let column = || losses.iter().skip(lane).step_by(lanes);
    let least = column().fold(f64::INFINITY, |least, &loss| least.min(loss));
    let mut total = 0.0;
    for (weight, loss) in weights.iter_mut().skip(lane).step_by(lanes).zip(column()) {
        *weight = shrink.any(loss - least);
        total += *weight;
    }
    total
}

vectorised! {
    /// The weights of the losses, each lane's leader having 1.
    fn renew(losses: &[f64], shrink: Shrink, row: &mut [f64], weights: &mut [f64]) {
        let lanes = row.len();
        row.fill(f64::INFINITY);
        for losses in losses.chunks_exact(lanes) {
            for (least, &loss) in row.iter_mut().zip(losses) {
                *least = least.min(loss);
            }
        }
        for (weights, losses) in weights.chunks_exact_mut(lanes).zip(losses.chunks_exact(lanes)) {
            for ((weight, loss), least) in weights.iter_mut().zip(losses).zip(row.iter()) {
                *weight = shrink.any(loss - least);
            }
        }
    }
}

vectorised! {
    fn sum(weights: &[f64], row: &mut [f64]) {
        lanes::sums(weights, row);
    }
}

vectorised! {
    /// Divides the weights by their sums, which are lost.
    fn normalise(weights: &[f64], sums: &mut [f64], out: &mut [f64]) {
        for sum in sums.iter_mut() {
            *sum = 1.0 / *sum;
        }
        for (out, weights) in out.chunks_exact_mut(sums.len()).zip(weights.chunks_exact(sums.len())) {
            for ((p, weight), share) in out.iter_mut().zip(weights).zip(sums.iter()) {
                *p = weight * share;
            }
        }
    }
}

vectorised! {
    /// Enters a round's losses. Losses of 0 and 1 need no exponential.
    fn shrink(losses: &[f64], shrink: Shrink, totals: &mut [f64], weights: &mut [f64]) {
        let cells = weights.iter_mut().zip(totals).zip(losses);
        if losses.iter().fold(true, |all, &loss| all & is_binary(loss)) {
            for ((weight, total), &loss) in cells {
                *total += loss;
                *weight *= shrink.binary(loss);
            }
        } else {
            for ((weight, total), &loss) in cells {
                *total += loss;
                *weight *= shrink.any(loss);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::experts::tests::{assert_close, play};

    /// What is played after such losses, at a fixed rate.
    fn played(rate: f64, losses: &[&[f64]]) -> Vec<f64> {
        let rows = losses.iter().copied().chain([losses[0]]).collect::<Vec<_>>();
        let (played, _) = play(&Hedge { rate: Rate::Fixed(rate) }, 10, &rows);
        played[losses.len()].clone()
    }

    #[test]
    fn weights_by_hand() {
        let p = [0.307_196, 0.506_480, 0.186_324];
        assert_close(&played(0.5, &[&[1.0, 0.0, 2.0]]), &p);
        assert_close(&played(0.5, &[&[1.0, 0.0, 1.0], &[0.0, 0.0, 1.0]]), &p);
        assert_eq!(played(1e10, &[&[1e300, 0.0, 3.0]]), [0.0, 1.0, 0.0]);
        // The second, whose weight had vanished, is the leader in the end.
        let late: &[&[f64]] = &[&[0.0, 900.0], &[2000.0, 0.0]];
        assert_eq!(played(1.0, late), [0.0, 1.0]);
    }

    #[test]
    fn weights_stay_those_of_the_losses() {
        let hedge = Hedge { rate: Rate::Fixed(0.3) };
        let mut steps = hedge.learner(&Setting::new(3, 5000)).expect("fits");
        let mut rng = Stream::new(4, 0, Role::Learner);
        for t in 1..=5000 {
            let action =
                steps.act(Round { t, slot: 0, context: (), rng: &mut rng.clone() }).to_vec();
            let mut weights = [0.0; 3];
            let total = renew_lane(&steps.state.losses, steps.state.shrink, 0, &mut weights, 1);
            for (p, weight) in action.iter().zip(&weights) {
                // 6e-13 for its own weight and as much for the sum.
                assert!((p - weight / total).abs() <= 1.2e-12 * p, "round {t}");
            }
            let feedback = [0.3, 0.4, 0.5].map(|q| if rng.uniform() < q { 1.0 } else { 0.0 });
            let rng = &mut rng;
            steps.update(Outcome {
                t,
                slot: 0,
                context: (),
                action: &action,
                feedback: &feedback,
                rng,
            });
        }
    }

    #[test]
    fn a_loss_of_0_or_1_shrinks_as_any_other() {
        let shrink = Shrink::at(0.37);
        for loss in [0.0, -0.0, 1.0] {
            assert_eq!(shrink.binary(loss), shrink.any(loss));
        }
        assert!(!is_binary(f64::NAN) && !is_binary(0.5));
    }

    #[test]
    fn rates_by_hand() {
        let ln = 10f64.ln();
        let at = |rate: Rule, t| Rate::Rule(rate).at(t, 10, 10_000);
        assert!((at(Rule::Tuned, 5) - (8.0 * ln / 1e4).sqrt()).abs() < 1e-15);
        assert!((at(Rule::Anytime, 25) - 0.4 * ln.sqrt()).abs() < 1e-15);
        assert!((at(Rule::Doubling, 37) - (ln / 4.0).sqrt()).abs() < 1e-15);
        assert!(
            Rate::Rule(Rule::Doubling).restarts(64) && !Rate::Rule(Rule::Doubling).restarts(65)
        );
        assert!(!Rate::Rule(Rule::Tuned).restarts(64));
    }

    #[test]
    fn a_trace_by_hand() {
        let rate = Rate::Fixed(1.0);
        let (played, _) = play(&Hedge { rate }, 10, &[&[0.0, 1.0], &[0.5, 0.0], &[0.0, 0.0]]);
        // Behind by 1, then by 1/2.
        assert_close(&played[1], &[1.0 / (1.0 + (-1f64).exp()), 1.0 / (1.0 + 1f64.exp())]);
        assert_close(&played[2], &[1.0 / (1.0 + (-0.5f64).exp()), 1.0 / (1.0 + 0.5f64.exp())]);
    }
}
