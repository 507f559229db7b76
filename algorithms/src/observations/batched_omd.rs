//! Batched mirror descent: an action for a whole batch, an estimate from few reads, few switches.
//!
//! Source: Cheng, Zhou, Ji, "Understanding the role of feedback in online learning with switching
//! costs", ICML 2023 (the framework); the sampler that seldom switches: Geulen, Vöcking, Winkler,
//! "Regret minimization for online buffering problems using the weighted majority algorithm", COLT
//! 2010 (the shrinking dartboard). Constants are derived.
//! Setting: K actions, losses in [0, 1] fixed in advance, known horizon T, a budget of reads, a
//! price λ on switches.
//! Guarantee, tested (derived: the second-order bound of exponential weights, of estimates scaled
//! to at most one batch of ⌈T/N⌉ rounds): with n = t N/T + 1 batches begun by round t, the loss part
//! of expected regret is at most ⌈T/N⌉ (ln K/η + η V n/2 + 1) with V = 1 for full reads and V = K
//! for single ones; the dartboard switches at most η n times, independent draws n times.
//! Deviation: batches differ in length by at most one round (the rest of T/N is spread), and an
//! estimate counts by its batch's length.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Run, RunLearner, Setting};
use regret_engine::math;
use regret_engine::notion::{HINDSIGHT_REGRET, SWITCHING_REGRET};
use regret_engine::protocol::NoSums;
use regret_engine::protocols::Observations;
use regret_engine::protocols::bandit::Arms;
use regret_engine::protocols::observations::{Choice, Watched};
use regret_engine::random::sample_index;
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bandit::tsallis_inf as tsallis;
use crate::support::log_weights::normalise;

/// Parameters of batched mirror descent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BatchedOmd {
    /// What is read of a batch.
    pub estimator: Estimator,
    /// Batches N, from 1 to T; by default what the budget allows: ⌊B/K⌋ with full reads (⌊B/(K − 1)⌋
    /// where the action's own is free), B with random ones, and with those of the action played
    /// (T² K ln K/2)^{1/3}, or B if that is less.
    pub batches: Option<u64>,
    /// Learning rate η > 0; by default √(2 ln K/N) with full reads, √(2 ln K/(K N)) otherwise.
    pub eta: Option<f64>,
    /// How a batch's action is drawn; by default by the dartboard where that may be.
    pub sampler: Option<Sampler>,
    /// What keeps the distribution from the corners.
    pub regulariser: Regulariser,
}

/// What is read in one round, drawn from the batch, to estimate the batch's mean losses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Estimator {
    /// `random` or `played`, whichever has the lower bound with the budget.
    #[default]
    Auto,
    /// All losses.
    Full,
    /// The loss of an action drawn uniformly, times K.
    Random,
    /// The loss of the action played, over its probability.
    Played,
}

/// How a batch's action is drawn from its distribution p.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sampler {
    /// The last action is kept with probability e^(−η ℓ) for its last estimate ℓ, else one is drawn
    /// from p: the law is p, the switches few. Not for estimates that depend on the action played.
    Dartboard,
    /// Drawn from p for every batch.
    Independent,
}

/// The regulariser of mirror descent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Regulariser {
    /// Negative entropy: p ∝ e^(−η L).
    #[default]
    Entropy,
    /// ½-Tsallis entropy: p = 4 (η (L − x))^(−2). Only with independent draws.
    Tsallis,
}

/// What parameters and setting come to.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Plan {
    estimator: Estimator,
    batches: u64,
    eta: f64,
    sampler: Sampler,
}

impl BatchedOmd {
    fn plan(&self, setting: &Setting<Observations>) -> Result<Plan, ParameterError> {
        let Watched { actions, free, budget, .. } = setting.shape;
        let (count, horizon) = (actions as f64, setting.horizon);
        // Where reading the action played alone is best without a budget: T √(2 K ln K/N) + N.
        let best = math::cbrt(horizon as f64 * horizon as f64 * count * math::ln(count) / 2.0);
        let estimator = match self.estimator {
            Estimator::Auto => {
                let enough = if free { 4.0 / 9.0 * best } else { best };
                if (budget as f64) < enough { Estimator::Played } else { Estimator::Random }
            }
            estimator => estimator,
        };
        let price = match estimator {
            Estimator::Full => actions as u64 - u64::from(free),
            Estimator::Played => u64::from(!free),
            Estimator::Random | Estimator::Auto => 1,
        };
        let affordable = budget.checked_div(price).unwrap_or(u64::MAX).min(horizon);
        let most = match estimator {
            Estimator::Played => affordable.min(best.round().max(1.0) as u64),
            _ => affordable,
        };
        let rule = format!(
            "must be from 1 to {affordable}: {price} of {budget} reads for each, in {horizon} rounds"
        );
        let batches = self.batches.unwrap_or(most);
        let valid = (1..=affordable).contains(&batches);
        ParameterError::unless(valid, "batches", batches, &rule)?;
        let reads = if estimator == Estimator::Full { 1.0 } else { count };
        let tuned = (2.0 * math::ln(count) / (reads * batches as f64)).sqrt();
        let depends = estimator == Estimator::Played || self.regulariser == Regulariser::Tsallis;
        let suited = if depends { Sampler::Independent } else { Sampler::Dartboard };
        let sampler = self.sampler.unwrap_or(suited);
        let rule = "must be `independent` where estimates depend on the action played, or weights \
                    are not exponential";
        let valid = sampler == Sampler::Independent || !depends;
        ParameterError::unless(valid, "sampler", "dartboard", rule)?;
        Ok(Plan { estimator, batches, eta: self.eta.unwrap_or(tuned), sampler })
    }
}

impl Algorithm for BatchedOmd {
    type Protocol = Observations;
    type Learner = BatchedOmdLearner;

    const NAME: &'static str = "batched_omd";
    const SUMMARY: &'static str = "mirror descent in batches: few reads, few switches";
    const SOURCE: &'static str = "Cheng, Zhou, Ji, Understanding the role of feedback in online \
                                  learning with switching costs, 2023; Geulen, Vöcking, Winkler 2010";

    fn check(&self) -> Result<(), ParameterError> {
        self.eta.map_or(Ok(()), |eta| {
            let valid = eta > 0.0 && eta.is_finite();
            ParameterError::unless(valid, "eta", eta, "must be a positive number")
        })
    }

    fn learner(&self, setting: &Setting<Observations>) -> Result<Self::Learner, ParameterError> {
        let plan = self.plan(setting)?;
        let actions = setting.shape.actions;
        let mut learner = BatchedOmdLearner {
            plan,
            regulariser: self.regulariser,
            horizon: setting.horizon,
            losses: vec![0.0; actions],
            estimate: vec![0.0; actions],
            probabilities: vec![0.0; actions],
            normaliser: 0.0,
            batch: 0,
            end: 0,
            reading: 0,
            action: 0,
            reads: vec![false; actions],
            played: vec![0.0; setting.pending],
            hold: 1,
        };
        learner.reset();
        Ok(learner)
    }

    fn runs(&self, setting: &Setting<Observations>) -> Option<Box<dyn RunLearner<Observations>>> {
        boxed_runs(self, setting)
    }

    fn bounds(&self, setting: &Setting<Observations>, arms: &Arms) -> Vec<Bound> {
        let Ok(plan) = self.plan(setting) else { return Vec::new() };
        let entropic = self.regulariser == Regulariser::Entropy && plan.eta > 0.0;
        if !(arms.oblivious && arms.in_unit_interval() && entropic) {
            return Vec::new();
        }
        let (count, eta) = (setting.shape.actions as f64, plan.eta);
        let (batches, horizon) = (plan.batches as f64, setting.horizon as f64);
        let length = (horizon / batches).ceil();
        let variance = if plan.estimator == Estimator::Full { 1.0 } else { count };
        let begun = move |t: f64| t * batches / horizon + 1.0;
        let losses =
            move |t: f64| length * (math::ln(count) / eta + eta * variance * begun(t) / 2.0 + 1.0);
        let switches = if plan.sampler == Sampler::Dartboard { eta } else { 1.0 };
        let price = setting.shape.switch_cost.0 * switches;
        let source = "derived; Cheng, Zhou, Ji 2023";
        let conditions = "losses in [0, 1], fixed in advance";
        vec![
            Bound::upper(
                HINDSIGHT_REGRET,
                "⌈T/N⌉ (ln K/η + η V n/2 + 1), n = t N/T + 1",
                source,
                conditions,
                losses,
            ),
            Bound::upper(
                SWITCHING_REGRET,
                "⌈T/N⌉ (ln K/η + η V n/2 + 1) + λ s n, s = η or 1, n = t N/T + 1",
                source,
                conditions,
                move |t| losses(t) + price * begun(t),
            ),
        ]
    }
}

/// Batched mirror descent of one replication.
pub struct BatchedOmdLearner {
    plan: Plan,
    regulariser: Regulariser,
    horizon: u64,
    /// Estimated losses of all batches, and what has come since the present one began.
    losses: Vec<f64>,
    estimate: Vec<f64>,
    probabilities: Vec<f64>,
    normaliser: f64,
    /// The present batch, from 1, its last round, and the round in which it reads.
    batch: u64,
    end: u64,
    reading: u64,
    action: usize,
    /// What it reads then.
    reads: Vec<bool>,
    /// The probability of the action, for every pending decision that reads.
    played: Vec<f64>,
    hold: u64,
}

impl BatchedOmdLearner {
    /// The last round of a batch: batches differ by at most one round.
    fn end_of(&self, batch: u64) -> u64 {
        (u128::from(batch) * u128::from(self.horizon) / u128::from(self.plan.batches)) as u64
    }

    /// How long the batch of round `t` is, as a share of the longest.
    fn share(&self, t: u64) -> f64 {
        // The first batch b with end_of(b) ≥ t: b T/N ≥ t.
        let batches = u128::from(self.plan.batches);
        let batch = (u128::from(t) * batches).div_ceil(u128::from(self.horizon)) as u64;
        let length = self.end_of(batch) - self.end_of(batch - 1);
        length as f64 / self.horizon.div_ceil(self.plan.batches) as f64
    }

    /// Writes the distribution of the next batch.
    fn distribute(&mut self) {
        let eta = self.plan.eta;
        for (loss, estimate) in self.losses.iter_mut().zip(&self.estimate) {
            *loss += estimate;
        }
        match self.regulariser {
            Regulariser::Tsallis => {
                let out = &mut self.probabilities;
                self.normaliser = tsallis::distribution(&self.losses, eta, self.normaliser, out);
            }
            Regulariser::Entropy => {
                for (p, loss) in self.probabilities.iter_mut().zip(&self.losses) {
                    *p = -eta * loss;
                }
                normalise(&mut self.probabilities);
            }
        }
    }

    fn next_batch(&mut self, round: &mut Round<'_, Observations>) {
        self.distribute();
        let keeps = match self.plan.sampler {
            Sampler::Dartboard if self.batch > 0 => {
                round.rng.uniform() < math::exp(-self.plan.eta * self.estimate[self.action])
            }
            _ => false,
        };
        if !keeps {
            self.action = sample_index(&self.probabilities, round.rng.uniform());
        }
        self.estimate.fill(0.0);
        self.batch += 1;
        self.end = self.end_of(self.batch).max(round.t);
        self.reading = round.t + round.rng.index((self.end + 1 - round.t) as usize) as u64;
        self.reads.fill(self.plan.estimator == Estimator::Full);
        match self.plan.estimator {
            Estimator::Random => {
                let action = round.rng.index(self.reads.len());
                self.reads[action] = true;
            }
            Estimator::Played if self.action < self.reads.len() => self.reads[self.action] = true,
            _ => {}
        }
    }
}

impl Learner<Observations> for BatchedOmdLearner {
    fn act(&mut self, mut round: Round<'_, Observations>) -> Choice<'_> {
        let t = round.t;
        if t > self.end {
            self.next_batch(&mut round);
        }
        // Up to the round that reads, that round, and the rest of the batch.
        self.hold = match t.cmp(&self.reading) {
            std::cmp::Ordering::Less => self.reading - t,
            std::cmp::Ordering::Equal => 1,
            std::cmp::Ordering::Greater => self.end + 1 - t,
        };
        let reads = if t == self.reading {
            self.played[round.slot] =
                self.probabilities.get(self.action).copied().unwrap_or(f64::NAN);
            &self.reads[..]
        } else {
            &[]
        };
        Choice { action: self.action, reads }
    }

    fn update(&mut self, outcome: Outcome<'_, Observations>) {
        if outcome.action.reads.is_empty() {
            return;
        }
        let share = self.share(outcome.t);
        let scale = match self.plan.estimator {
            Estimator::Full | Estimator::Auto => 1.0,
            Estimator::Random => self.losses.len() as f64,
            Estimator::Played => 1.0 / self.played[outcome.slot],
        };
        for (estimate, loss) in self.estimate.iter_mut().zip(outcome.feedback) {
            *estimate += loss.map_or(0.0, |loss| share * scale * loss);
        }
    }

    fn reset(&mut self) {
        self.losses.fill(0.0);
        self.estimate.fill(0.0);
        self.normaliser = tsallis::FIRST_NORMALISER;
        (self.batch, self.end, self.reading, self.action) = (0, 0, 0, 0);
        self.played.fill(0.0);
    }

    fn hold(&self) -> u64 {
        self.hold
    }
}

impl RunLearner<Observations> for BatchedOmdLearner {
    fn run(&mut self, _: u64) -> Run<Observations> {
        Run { rounds: self.hold, boundary: (), sums: NoSums }
    }

    fn absorb(&mut self, _: u64, _: &NoSums) {}

    /// A round that reads is a run of its own.
    fn learn(&mut self, last: Outcome<'_, Observations>, _: &NoSums) {
        self.update(last);
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::protocols::observations::SwitchCost;
    use regret_engine::random::{Role, Stream};

    use super::*;

    fn setting(actions: usize, budget: u64, free: bool, horizon: u64) -> Setting<Observations> {
        let switch_cost = SwitchCost(1.0);
        Setting::new(Watched { actions, free, budget, switch_cost }, horizon)
    }

    #[test]
    fn plans_by_hand() {
        let plan = |estimator, setting: &Setting<Observations>| {
            BatchedOmd { estimator, ..BatchedOmd::default() }.plan(setting).expect("fits")
        };
        // N* = (1000² · 4 ln 4/2)^{1/3} = 140.49.
        let poor = setting(4, 100, false, 1000);
        let auto = plan(Estimator::Auto, &poor);
        assert_eq!((auto.estimator, auto.batches), (Estimator::Played, 100));
        assert_eq!(plan(Estimator::Full, &poor).batches, 25);
        assert_eq!(plan(Estimator::Random, &poor).batches, 100);
        let rich = setting(4, 900, false, 1000);
        assert_eq!(plan(Estimator::Auto, &rich).batches, 900);
        assert_eq!(plan(Estimator::Played, &rich).batches, 140);
        // Extra reads: 62.4 of them are enough to read at random.
        let extra = |budget| plan(Estimator::Auto, &setting(4, budget, true, 1000));
        assert_eq!((extra(62).estimator, extra(62).batches), (Estimator::Played, 140));
        assert_eq!((extra(63).estimator, extra(63).batches), (Estimator::Random, 63));
        assert_eq!(plan(Estimator::Full, &setting(4, 90, true, 1000)).batches, 30);
        let eta = plan(Estimator::Random, &poor).eta;
        assert!((eta - (2.0 * 4f64.ln() / 400.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn what_cannot_be_afforded_is_refused() {
        let path = |spec: BatchedOmd, setting: &Setting<Observations>| {
            spec.learner(setting).err().expect("refused").path
        };
        let tight = setting(4, 10, false, 1000);
        let spec =
            BatchedOmd { batches: Some(11), estimator: Estimator::Random, ..BatchedOmd::default() };
        assert_eq!(path(spec.clone(), &tight), "batches");
        assert_eq!(
            path(
                BatchedOmd { estimator: Estimator::Full, ..spec.clone() },
                &setting(4, 3, false, 9)
            ),
            "batches"
        );
        let dartboard = Some(Sampler::Dartboard);
        let spec = BatchedOmd {
            estimator: Estimator::Played,
            sampler: dartboard,
            ..BatchedOmd::default()
        };
        assert_eq!(path(spec, &tight), "sampler");
    }

    /// Plays a learner against losses ℓ_t(i) and answers the actions and what was read.
    fn play(
        spec: &BatchedOmd,
        setting: &Setting<Observations>,
        replication: u64,
        loss: impl Fn(u64, usize) -> f64,
    ) -> (BatchedOmdLearner, Vec<usize>, u64) {
        let mut learner = spec.learner(setting).expect("fits");
        let rng = &mut Stream::new(1, replication, Role::Learner);
        let (mut played, mut reads) = (Vec::new(), 0);
        for t in 1..=setting.horizon {
            let choice = learner.act(Round { t, slot: 0, context: 0, rng });
            let wanted = choice.reads.to_vec();
            let action = choice.action;
            played.push(action);
            reads += setting.shape.price(action, &wanted);
            let feedback: Vec<Option<f64>> =
                wanted.iter().enumerate().map(|(i, &read)| read.then(|| loss(t, i))).collect();
            let action = Choice { action, reads: &wanted };
            learner.update(Outcome { t, slot: 0, context: 0, action, feedback: &feedback, rng });
        }
        (learner, played, reads)
    }

    #[test]
    fn the_dartboard_has_the_law_of_its_distribution() {
        // K = 2, e^{−η} = ½, losses (1, 0): p_2 = (1/3, 2/3), a switch with probability 1/6.
        let spec = BatchedOmd {
            estimator: Estimator::Full,
            eta: Some(2f64.ln()),
            batches: Some(2),
            ..BatchedOmd::default()
        };
        let setting = setting(2, 100, false, 2);
        let (mut first, mut switches) = (0.0, 0.0);
        let replications = 60_000;
        for replication in 0..replications {
            let (_, played, _) = play(&spec, &setting, replication, |_, i| (1 - i) as f64);
            first += f64::from(u8::from(played[1] == 0));
            switches += f64::from(u8::from(played[1] != played[0]));
        }
        for (count, p) in [(first, 1.0 / 3.0), (switches, 1.0 / 6.0)] {
            let n = replications as f64;
            let deviation: f64 = (p * (1.0 - p) / n).sqrt();
            assert!((count / n - p).abs() < 5.0 * deviation, "{count} {p}");
        }
    }

    #[test]
    fn random_reads_estimate_the_mean_of_a_batch() {
        // One batch of five rounds before the last: over the draws of (u, I) the estimate's mean
        // is the batch's, here by 40 000 replications. K ℓ in [0, 3].
        let spec =
            BatchedOmd { estimator: Estimator::Random, batches: Some(1), ..BatchedOmd::default() };
        let setting = setting(3, 100, false, 5);
        let loss = |t: u64, i: usize| ((t * 2 + i as u64 * 3) % 5) as f64 / 4.0;
        let mut sums = [0.0; 3];
        let replications = 40_000;
        for replication in 0..replications {
            let (learner, _, reads) = play(&spec, &setting, replication, loss);
            assert_eq!(reads, 1);
            sums.iter_mut().zip(&learner.estimate).for_each(|(sum, x)| *sum += x);
        }
        for (i, sum) in sums.into_iter().enumerate() {
            let mean = (1..=5).map(|t| loss(t, i)).sum::<f64>() / 5.0;
            // Variance below K: five standard errors.
            let error = (3.0 / replications as f64).sqrt();
            assert!((sum / replications as f64 - mean).abs() < 5.0 * error, "{i}");
        }
    }

    #[test]
    fn batches_cover_the_horizon_and_keep_the_budget() {
        for (estimator, free, price) in [
            (Estimator::Full, false, 3),
            (Estimator::Full, true, 2),
            (Estimator::Random, false, 1),
            (Estimator::Played, false, 1),
            (Estimator::Played, true, 0),
        ] {
            let spec = BatchedOmd { estimator, batches: Some(7), ..BatchedOmd::default() };
            let setting = setting(3, 21, free, 100);
            let (learner, _, reads) = play(&spec, &setting, 3, |t, i| (t + i as u64) as f64 % 2.0);
            assert_eq!((learner.batch, learner.end), (7, 100));
            assert_eq!(reads, 7 * price, "{estimator:?}");
            // 100/7: batches of 14 and 15 rounds; the shares of their lengths.
            assert_eq!(learner.share(14), 14.0 / 15.0);
            assert_eq!(learner.share(100), 1.0);
        }
    }

    #[test]
    fn tsallis_weights_are_those_of_tsallis_inf() {
        let spec = BatchedOmd {
            estimator: Estimator::Played,
            regulariser: Regulariser::Tsallis,
            eta: Some(1.0),
            ..BatchedOmd::default()
        };
        let mut learner = spec.learner(&setting(3, 50, false, 50)).expect("fits");
        learner.losses = vec![0.0, 1.0, 2.0];
        learner.distribute();
        for (p, known) in learner.probabilities.iter().zip([0.534_814, 0.286_762, 0.178_424]) {
            assert!((p - known).abs() < 1e-6);
        }
    }
}
