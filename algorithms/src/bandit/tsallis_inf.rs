//! Tsallis-INF: follow the regularised leader with ½-Tsallis entropy; optimal in both worlds.
//!
//! Source: Zimmert, Seldin, "Tsallis-INF: an optimal algorithm for stochastic and adversarial
//! bandits", JMLR 22, 2021, Algorithm 1 and Section 3.
//! Setting: K arms, rewards in [0, 1]. No tuning, no horizon.
//! Guarantee, tested: with importance-weighted estimates, expected regret ≤ 4 √(K t) + 1
//! against an oblivious adversary (Theorem 1); Σ (4 ln t + O(1))/Δ for stochastic rewards.

use regret_engine::bound::Bound;
use regret_engine::learner::{LaneLearner, Learner, Outcome, Round, Setting};
use regret_engine::protocol::{Nothing, Scalars};
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{Arms, NO_ARM};
use regret_engine::random::{Streams, sample_index};
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::vectorised;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::bounds::adversarial;
use crate::support::lanes;

/// Parameters of Tsallis-INF.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TsallisInf {
    /// Whether estimates have reduced variance (rate 4/√t instead of 2/√t).
    pub reduced_variance: bool,
}

impl Algorithm for TsallisInf {
    type Protocol = Bandit;
    type Learner = TsallisInfLearner;

    const NAME: &'static str = "tsallis_inf";
    const SUMMARY: &'static str =
        "FTRL with ½-Tsallis entropy, for both stochastic and adversarial";
    const SOURCE: &'static str = "Zimmert, Seldin, Tsallis-INF: an optimal algorithm for \
                                  stochastic and adversarial bandits, 2021, Algorithm 1";

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let arms = setting.arms();
        Ok(TsallisInfLearner {
            reduced_variance: self.reduced_variance,
            losses: vec![0.0; arms],
            normaliser: FIRST_NORMALISER,
            played: vec![0.0; arms * setting.pending],
            rates: vec![0.0; setting.pending],
        })
    }

    fn lanes(
        &self,
        setting: &Setting<Bandit>,
        lanes: usize,
    ) -> Option<Box<dyn LaneLearner<Bandit>>> {
        Some(Box::new(TsallisInfLanes::new(self.reduced_variance, setting.arms(), lanes)))
    }

    fn bounds(&self, setting: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let count = setting.arms() as f64;
        if self.reduced_variance {
            return Vec::new();
        }
        adversarial(
            arms,
            "4 √(K t) + 1",
            "Zimmert, Seldin 2021, Theorem 1",
            "rewards in [0, 1], oblivious adversary, importance-weighted estimates",
            move |t| 4.0 * (count * t).sqrt() + 1.0,
        )
    }
}

/// Tsallis-INF of one replication.
pub struct TsallisInfLearner {
    reduced_variance: bool,
    /// Cumulative loss estimates.
    losses: Vec<f64>,
    /// The normaliser x of the last round.
    normaliser: f64,
    /// The probabilities of every pending decision, `[slot][arm]`, and their rates.
    played: Vec<f64>,
    rates: Vec<f64>,
}

/// η_t: 2/√t, or 4/√t with reduced variance.
#[inline(always)]
fn rate(t: u64, reduced_variance: bool) -> f64 {
    (if reduced_variance { 4.0 } else { 2.0 }) / (t as f64).sqrt()
}

/// How far from 1 the probabilities may sum before they are divided by their sum.
const TOLERANCE: f64 = 1e-10;

/// Steps after which the search for the normaliser is given up: it takes two or three from the
/// last round's.
const MOST_STEPS: u32 = 100;

/// The next guess at the normaliser x < min L with Σ 4 (η (L_a − x))^{−2} = 1, from the sum at x
/// and the sum of p^{3/2}: a Newton step on (Σ p)^{−1/2}, which is concave in x and nearly linear.
/// A step beyond min L, where that has no meaning, goes half the way there.
#[inline(always)]
fn step(x: f64, least: f64, eta: f64, sum: f64, cubes: f64) -> f64 {
    let next = x - 2.0 * sum * (sum.sqrt() - 1.0) / (eta * cubes);
    if next < least { next } else { 0.5 * (x + least) }
}

/// Where to seek the normaliser from: the last one, unless an estimate fell below it (rewards above
/// 1); then where the least estimate alone would have probability 1.
#[inline(always)]
fn first_guess(last: f64, least: f64, eta: f64) -> f64 {
    if last < least { last } else { least - 2.0 / eta }
}

/// The term 2 / (η (L_a − x)), whose square is the probability.
#[inline(always)]
fn root(loss: f64, x: f64, eta: f64) -> f64 {
    2.0 / (eta * (loss - x))
}

/// Writes p_a = 4 (η (L_a − x))^{−2}, divided by their sum; answers x, which it seeks from that of
/// the last round.
pub(crate) fn distribution(losses: &[f64], eta: f64, last: f64, out: &mut [f64]) -> f64 {
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let mut x = first_guess(last, least, eta);
    for _ in 0..MOST_STEPS {
        let (mut sum, mut cubes) = (0.0, 0.0);
        for (p, &loss) in out.iter_mut().zip(losses) {
            let root = root(loss, x, eta);
            *p = root * root;
            sum += *p;
            cubes += *p * root;
        }
        if (sum - 1.0).abs() <= TOLERANCE {
            out.iter_mut().for_each(|p| *p /= sum);
            break;
        }
        x = step(x, least, eta, sum, cubes);
    }
    x
}

impl Learner<Bandit> for TsallisInfLearner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        let arms = self.losses.len();
        let eta = rate(round.t, self.reduced_variance);
        self.rates[round.slot] = eta;
        let played = &mut self.played[round.slot * arms..][..arms];
        self.normaliser = distribution(&self.losses, eta, self.normaliser, played);
        sample_index(played, round.rng.uniform())
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        let arms = self.losses.len();
        let played = &self.played[outcome.slot * arms..][..arms];
        let loss = 1.0 - outcome.feedback;
        if !self.reduced_variance {
            self.losses[outcome.action] += loss / played[outcome.action];
            return;
        }
        let eta = self.rates[outcome.slot];
        for (arm, (total, &p)) in self.losses.iter_mut().zip(played).enumerate() {
            *total += reduced(loss, p, eta, arm == outcome.action);
        }
    }

    fn reset(&mut self) {
        self.losses.fill(0.0);
        self.normaliser = FIRST_NORMALISER;
        self.played.fill(0.0);
        self.rates.fill(0.0);
    }
}

/// A normaliser to start from, below the loss estimates, which are 0 before round 1.
pub(crate) const FIRST_NORMALISER: f64 = -1.0;

/// The estimate with reduced variance: 1[played] (l − B)/p + B, B = ½ where p ≥ η².
#[inline(always)]
fn reduced(loss: f64, p: f64, eta: f64, played: bool) -> f64 {
    let base = if p >= eta * eta { 0.5 } else { 0.0 };
    base + if played { (loss - base) / p } else { 0.0 }
}

/// Tsallis-INF of many replications abreast.
struct TsallisInfLanes {
    reduced_variance: bool,
    /// Loss estimates and probabilities, `[arm][lane]`.
    losses: Vec<f64>,
    played: Vec<f64>,
    /// All below `[lane]`.
    normalisers: Vec<f64>,
    search: Search,
    uniforms: Vec<f64>,
    sums: Vec<f64>,
}

/// What the search for the normalisers keeps of every lane.
struct Search {
    least: Vec<f64>,
    sums: Vec<f64>,
    cubes: Vec<f64>,
}

impl TsallisInfLanes {
    fn new(reduced_variance: bool, arms: usize, lanes: usize) -> Self {
        let row = vec![0.0; lanes];
        Self {
            reduced_variance,
            losses: vec![0.0; arms * lanes],
            played: vec![0.0; arms * lanes],
            normalisers: vec![FIRST_NORMALISER; lanes],
            search: Search { least: row.clone(), sums: row.clone(), cubes: row.clone() },
            uniforms: row.clone(),
            sums: row,
        }
    }
}

impl LaneLearner<Bandit> for TsallisInfLanes {
    fn act(&mut self, t: u64, _: &Nothing, actions: &mut Scalars<usize>, streams: &mut Streams) {
        let eta = rate(t, self.reduced_variance);
        let Self { losses, played, normalisers, search, .. } = self;
        begin(losses, eta, &mut search.least, normalisers);
        for _ in 0..MOST_STEPS {
            probabilities(losses, eta, normalisers, played, &mut search.sums, &mut search.cubes);
            if advance(search, eta, normalisers) {
                break;
            }
        }
        divide(played, &search.sums);
        streams.uniforms(&mut self.uniforms);
        if !sample(&self.played, &self.uniforms, &mut self.sums, &mut actions.0) {
            let arms = self.played.len() / self.sums.len();
            for (arm, &sum) in actions.0.iter_mut().zip(&self.sums) {
                // A sum may stay below the number by rounding, where every p is positive.
                let rounded = *arm == arms && sum > 1.0 - 1e-9;
                *arm = if sum.is_nan() {
                    NO_ARM
                } else if rounded {
                    arms - 1
                } else {
                    *arm
                };
            }
        }
    }

    fn update(
        &mut self,
        t: u64,
        _: &Nothing,
        actions: &Scalars<usize>,
        rewards: &Scalars<f64>,
        _: &mut Streams,
    ) {
        let lanes = self.normalisers.len();
        if !self.reduced_variance {
            for (lane, (&arm, reward)) in actions.0.iter().zip(&rewards.0).enumerate() {
                let i = arm * lanes + lane;
                self.losses[i] += (1.0 - reward) / self.played[i];
            }
            return;
        }
        let eta = rate(t, true);
        let rows = self.losses.chunks_exact_mut(lanes).zip(self.played.chunks_exact(lanes));
        for (arm, (losses, played)) in rows.enumerate() {
            for lane in 0..lanes {
                let (loss, chosen) = (1.0 - rewards.0[lane], actions.0[lane] == arm);
                losses[lane] += reduced(loss, played[lane], eta, chosen);
            }
        }
    }
}

vectorised! {
    /// The least estimate of every lane, and where to seek its normaliser from.
    fn begin(losses: &[f64], eta: f64, least: &mut [f64], normalisers: &mut [f64]) {
        let lanes = normalisers.len();
        let least = &mut least[..lanes];
        least.fill(f64::INFINITY);
        for row in losses.chunks_exact(lanes) {
            for (least, &loss) in least.iter_mut().zip(row) {
                *least = least.min(loss);
            }
        }
        for lane in 0..lanes {
            normalisers[lane] = first_guess(normalisers[lane], least[lane], eta);
        }
    }
}

vectorised! {
    /// One pass of [`distribution`] in every lane.
    fn probabilities(
        losses: &[f64],
        eta: f64,
        normalisers: &[f64],
        played: &mut [f64],
        sums: &mut [f64],
        cubes: &mut [f64],
    ) {
        let lanes = normalisers.len();
        let (sums, cubes) = (&mut sums[..lanes], &mut cubes[..lanes]);
        sums.fill(0.0);
        cubes.fill(0.0);
        for (played, losses) in played.chunks_exact_mut(lanes).zip(losses.chunks_exact(lanes)) {
            for lane in 0..lanes {
                let root = root(losses[lane], normalisers[lane], eta);
                let p = root * root;
                played[lane] = p;
                sums[lane] += p;
                cubes[lane] += p * root;
            }
        }
    }
}

vectorised! {
    /// Moves the normalisers of the lanes whose sums are not near enough to 1; whether all are.
    fn advance(search: &Search, eta: f64, normalisers: &mut [f64]) -> bool {
        let lanes = normalisers.len();
        let (sums, cubes) = (&search.sums[..lanes], &search.cubes[..lanes]);
        let least = &search.least[..lanes];
        let mut missing = 0u64;
        for lane in 0..lanes {
            let near = (sums[lane] - 1.0).abs() <= TOLERANCE;
            let next = step(normalisers[lane], least[lane], eta, sums[lane], cubes[lane]);
            normalisers[lane] = if near { normalisers[lane] } else { next };
            missing += u64::from(!near);
        }
        missing == 0
    }
}

vectorised! {
    fn divide(played: &mut [f64], sums: &[f64]) {
        for row in played.chunks_exact_mut(sums.len()) {
            for (p, sum) in row.iter_mut().zip(sums) {
                *p /= sum;
            }
        }
    }
}

vectorised! {
    /// In each lane, the arm in which the uniform number falls: [`sample_index`]; whether there is
    /// one in every lane, and all probabilities are numbers.
    fn sample(played: &[f64], uniforms: &[f64], sums: &mut [f64], chosen: &mut [usize]) -> bool {
        lanes::arms_below(played, uniforms, chosen);
        lanes::sums(played, sums);
        let arms = played.len() / chosen.len();
        sums.iter().zip(chosen.iter()).fold(true, |all, (&sum, &arm)| all & (arm < arms) & !sum.is_nan())
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::bandit::tests::{assert_bounds, bounds};

    #[test]
    fn distributions_by_hand() {
        let mut p = [0.0; 3];
        let x = distribution(&[0.0, 1.0, 2.0], 1.0, -1.0, &mut p);
        for (p, known) in p.into_iter().zip([0.534_814, 0.286_762, 0.178_424]) {
            assert!((p - known).abs() < 1e-6);
        }
        assert!((x + 2.734_818).abs() < 1e-6);
        let mut p = [0.0; 4];
        // From far below, from close above and from the last round's.
        for start in [-1e6, 4.999_999, -3.0, 7.0] {
            let x = distribution(&[5.0; 4], 0.5, start, &mut p);
            assert_eq!(p, [0.25; 4]);
            assert!((x - (5.0 - 8.0)).abs() < 1e-8, "{start}: {x}");
        }
        distribution(&[0.0, 1e12, 1e12, 1e-3], 1e-3, -1.0, &mut p);
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12 && p[0] > p[3] && p[1] < 1e-12);
    }

    #[test]
    fn reduced_variance_by_hand() {
        let mut learner =
            TsallisInf { reduced_variance: true }.learner(&Setting::new(2, 99)).expect("fits");
        let mut rng = Stream::new(1, 0, Role::Learner);
        // t = 64: η = 1/2, so 1/2 ≥ η² and the estimate is (l − ½)/p + ½ for the arm played.
        let action = learner.act(Round { t: 64, slot: 0, context: (), rng: &mut rng });
        let (feedback, rng) = (0.0, &mut rng);
        learner.update(Outcome { t: 64, slot: 0, context: (), action, feedback, rng });
        assert!((learner.losses[action] - 1.5).abs() < 1e-12);
        assert!((learner.losses[1 - action] - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_round_by_hand() {
        let mut learner = TsallisInf::default().learner(&Setting::new(2, 99)).expect("fits");
        let rng = &mut Stream::new(1, 0, Role::Learner);
        let action = learner.act(Round { t: 1, slot: 0, context: (), rng });
        learner.update(Outcome { t: 1, slot: 0, context: (), action, feedback: 0.5, rng });
        learner.act(Round { t: 4, slot: 0, context: (), rng });
        // Estimate 0.5/0.5 = 1 and η = 2/√4 = 1: x = −2.453327.
        assert!((learner.played[action] - 0.335_416_769).abs() < 1e-9);
        assert!((learner.played[1 - action] - 0.664_583_231).abs() < 1e-9);
    }

    #[test]
    fn bounds_by_hand() {
        let means = [0.5, 0.6, 0.25];
        assert_bounds(&bounds(&TsallisInf::default(), &means, 1000), 100, &[70.282_032; 2]);
        assert_bounds(&bounds(&TsallisInf { reduced_variance: true }, &means, 1000), 100, &[]);
    }
}
