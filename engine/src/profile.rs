//! Where a round's time goes.
//!
//! Environment and learner are wrapped so that each of their calls is timed; the loop that plays
//! them is the one that always does. What reading the clock costs is measured and taken off.

use std::ops::{Range, RangeInclusive};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::bound::Bound;
use crate::environment::{Block, Environment, Problem, Quantity};
use crate::learner::{LaneLearner, Learner, Outcome, Round, Run, RunLearner};
use crate::notion::Notion;
use crate::protocol::{Action, Boundary, Buffers, Protocol};
use crate::random::Streams;
use crate::simulation::{Budget, Fault, Plan, Player, play_block};

/// What some rounds cost, summed over lanes. Times in nanoseconds, never negative.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// Rounds played.
    pub rounds: u64,
    /// How often the learner was asked.
    pub decisions: u64,
    /// The learner's choices (of a run: and for how long they stay).
    pub decision: f64,
    /// The learner's learning from feedback.
    pub update: f64,
    /// The environment: contexts, noise, feedback, the referee's books.
    pub environment: f64,
    /// Values at checkpoints.
    pub recording: f64,
    /// All the rest: the loop, the checks of actions.
    pub others: f64,
}

impl Profile {
    /// The whole time in nanoseconds.
    pub fn total(&self) -> f64 {
        self.decision + self.update + self.environment + self.recording + self.others
    }
}

/// Profiles a block as [`play_block`] would play it, for at most about `budget`.
///
/// # Errors
/// The first action that cannot be played.
pub fn profile_block<P: Protocol>(
    problem: &dyn Problem<P>,
    player: Player<'_, P>,
    plan: &Plan,
    replications: Range<u64>,
    budget: Duration,
) -> Result<Profile, Fault> {
    let clock = Arc::new(Clock::default());
    let timed = TimedProblem { problem, clock: clock.clone() };
    let watch = Budget::new(budget);
    let result = match player {
        Player::Lanes(learner) => {
            let mut learner = TimedLanes { learner, clock: clock.clone() };
            play_block(&timed, Player::Lanes(&mut learner), plan, replications, &watch)
        }
        Player::Runs(learner) => {
            let mut learner = TimedRuns { learner, clock: clock.clone() };
            play_block(&timed, Player::Runs(&mut learner), plan, replications, &watch)
        }
    };
    let total = watch.elapsed().as_nanos() as f64;
    match result {
        Ok(_) | Err(Fault::Stopped { .. }) => Ok(clock.profile(total, watch.rounds())),
        Err(fault) => Err(fault),
    }
}

/// Nanoseconds and calls of one kind.
#[derive(Default)]
struct Counter {
    nanoseconds: AtomicU64,
    calls: AtomicU64,
}

impl Counter {
    #[inline]
    fn time<T>(&self, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = work();
        self.nanoseconds.fetch_add(start.elapsed().as_nanos() as u64, Relaxed);
        self.calls.fetch_add(1, Relaxed);
        result
    }

    /// The time without that of the clock itself, of which a call of `empty` nanoseconds passes
    /// between the two readings.
    fn net(&self, empty: f64) -> f64 {
        let (time, calls) = (self.nanoseconds.load(Relaxed), self.calls.load(Relaxed));
        (time as f64 - calls as f64 * empty).max(0.0)
    }
}

#[derive(Default)]
struct Clock {
    decision: Counter,
    /// How often a learner was asked, summed over lanes.
    decisions: AtomicU64,
    update: Counter,
    environment: Counter,
    recording: Counter,
}

impl Clock {
    fn profile(&self, total: f64, rounds: u64) -> Profile {
        let (within, around) = cost_of_the_clock();
        let counters = [&self.decision, &self.update, &self.environment, &self.recording];
        let calls: u64 = counters.iter().map(|counter| counter.calls.load(Relaxed)).sum();
        let [decision, update, environment, recording] = counters.map(|c| c.net(within));
        let known = decision + update + environment + recording;
        let others = (total - calls as f64 * around - known).max(0.0);
        let decisions = self.decisions.load(Relaxed);
        Profile { rounds, decisions, decision, update, environment, recording, others }
    }
}

/// Nanoseconds that an empty call is found to last, and that timing it takes in all.
fn cost_of_the_clock() -> (f64, f64) {
    const CALLS: u64 = 100_000;
    let counter = Counter::default();
    let start = Instant::now();
    for _ in 0..CALLS {
        counter.time(|| {});
    }
    let around = start.elapsed().as_nanos() as f64 / CALLS as f64;
    (counter.nanoseconds.into_inner() as f64 / CALLS as f64, around)
}

struct TimedProblem<'a, P: Protocol> {
    problem: &'a dyn Problem<P>,
    clock: Arc<Clock>,
}

impl<P: Protocol> Problem<P> for TimedProblem<'_, P> {
    fn shape(&self) -> P::Shape {
        self.problem.shape()
    }

    fn instance(&self, horizon: u64) -> P::Instance {
        self.problem.instance(horizon)
    }

    fn notions(&self) -> Vec<Notion> {
        self.problem.notions()
    }

    fn components(&self, notion: Notion) -> u32 {
        self.problem.components(notion)
    }

    fn longest_horizon(&self) -> Option<u64> {
        self.problem.longest_horizon()
    }

    fn lower_bounds(&self, horizon: u64) -> Vec<Bound> {
        self.problem.lower_bounds(horizon)
    }

    fn build(&self, block: &Block) -> Box<dyn Environment<P>> {
        let (environment, clock) = (self.problem.build(block), self.clock.clone());
        Box::new(TimedEnvironment { environment, clock })
    }
}

struct TimedEnvironment<P: Protocol> {
    environment: Box<dyn Environment<P>>,
    clock: Arc<Clock>,
}

impl<P: Protocol> Environment<P> for TimedEnvironment<P> {
    fn observe(&mut self, t: u64, contexts: &mut P::Contexts) {
        self.clock.environment.time(|| self.environment.observe(t, contexts));
    }

    fn respond(&mut self, t: u64, actions: &P::Actions, feedbacks: &mut P::Feedbacks) {
        self.clock.environment.time(|| self.environment.respond(t, actions, feedbacks));
    }

    fn run(
        &mut self,
        rounds: RangeInclusive<u64>,
        buffers: &mut Buffers<P>,
        boundary: &Boundary<P>,
        sums: &mut P::Sums,
    ) -> u64 {
        self.clock.environment.time(|| self.environment.run(rounds, buffers, boundary, sums))
    }

    fn record(&mut self, t: u64, quantity: Quantity, values: &mut [f64]) {
        self.clock.recording.time(|| self.environment.record(t, quantity, values));
    }
}

struct TimedLanes<'a, P: Protocol> {
    learner: &'a mut dyn LaneLearner<P>,
    clock: Arc<Clock>,
}

impl<P: Protocol> LaneLearner<P> for TimedLanes<'_, P> {
    fn act(
        &mut self,
        t: u64,
        contexts: &P::Contexts,
        actions: &mut P::Actions,
        streams: &mut Streams,
    ) {
        self.clock.decisions.fetch_add(streams.lanes() as u64, Relaxed);
        self.clock.decision.time(|| self.learner.act(t, contexts, actions, streams));
    }

    fn update(
        &mut self,
        t: u64,
        contexts: &P::Contexts,
        actions: &P::Actions,
        feedbacks: &P::Feedbacks,
        streams: &mut Streams,
    ) {
        let update = || self.learner.update(t, contexts, actions, feedbacks, streams);
        self.clock.update.time(update);
    }

    fn hold(&self) -> u64 {
        self.learner.hold()
    }
}

struct TimedRuns<'a, P: Protocol> {
    learner: &'a mut dyn RunLearner<P>,
    clock: Arc<Clock>,
}

impl<P: Protocol> Learner<P> for TimedRuns<'_, P> {
    fn act(&mut self, round: Round<'_, P>) -> Action<'_, P> {
        self.clock.decisions.fetch_add(1, Relaxed);
        self.clock.decision.time(|| self.learner.act(round))
    }

    fn update(&mut self, outcome: Outcome<'_, P>) {
        self.clock.update.time(|| self.learner.update(outcome));
    }

    fn reset(&mut self) {
        self.learner.reset();
    }
}

impl<P: Protocol> RunLearner<P> for TimedRuns<'_, P> {
    fn run(&mut self, t: u64) -> Run<P> {
        self.clock.decision.time(|| self.learner.run(t))
    }

    fn absorb(&mut self, t: u64, sums: &P::Sums) {
        self.clock.update.time(|| self.learner.absorb(t, sums));
    }
}
