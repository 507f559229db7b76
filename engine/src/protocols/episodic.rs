//! Episodic Markov decision processes: play a policy for an episode, see its trajectory and losses.
//!
//! A round is an *episode*: checkpoints, delays, holds and bounds count episodes, which is what every
//! theorem of the setting counts. The action is the policy of the episode, a table of probabilities
//! over (step, state, action), so the referee evaluates it exactly. Learners that change their mind
//! within an episode from what they see in it lose nothing by that as long as steps have tables of
//! their own (every step is visited once); learners whose choice depends on the history of the
//! episode do not fit here.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::learner::Setting;
use crate::mdp::{Layout, Transitions};
use crate::protocol::{ActionProblem, LaneBuffer, NoSums, Nothing, Protocol};

/// In every episode the learner plays a policy and sees its trajectory, and of the losses what `R`
/// says.
///
/// Losses are minimised and lie in `[0, 1]` for every pair. An environment defined by rewards has the
/// losses `1 − reward`.
pub struct Episodic<R>(PhantomData<R>);

/// The losses of the visited pairs are revealed: bandit feedback.
pub type EpisodicBandit = Episodic<VisitedPairs>;
/// The losses of all pairs are revealed: full information.
pub type EpisodicFull = Episodic<AllPairs>;
/// The sum of the losses of the visited pairs is revealed: aggregate feedback.
pub type EpisodicAggregate = Episodic<Total>;

/// What of an episode's losses is revealed.
pub trait Revelation: Send + Sync + 'static {
    /// The protocol's name.
    const NAME: &'static str;
    /// The protocol in one sentence.
    const SUMMARY: &'static str;
    /// The same as a value.
    const REVEALED: Revealed;
}

/// [`Revelation`] as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revealed {
    /// The loss of every step.
    Visited,
    /// The loss of every pair.
    All,
    /// The sum over the steps.
    Total,
}

impl Revealed {
    /// How many numbers that is.
    pub fn count(self, layout: &Layout) -> usize {
        match self {
            Self::Visited => layout.steps(),
            Self::All => layout.pairs(),
            Self::Total => 1,
        }
    }
}

/// Bandit feedback: the loss of the visited pair, at every step.
#[derive(Clone, Copy, Debug)]
pub struct VisitedPairs;

impl Revelation for VisitedPairs {
    const NAME: &'static str = "episodic_bandit";
    const SUMMARY: &'static str =
        "play a policy for an episode, see the losses of the visited pairs";
    const REVEALED: Revealed = Revealed::Visited;
}

/// Full information: the loss of every pair.
#[derive(Clone, Copy, Debug)]
pub struct AllPairs;

impl Revelation for AllPairs {
    const NAME: &'static str = "episodic_full";
    const SUMMARY: &'static str = "play a policy for an episode, see the losses of all pairs";
    const REVEALED: Revealed = Revealed::All;
}

/// Aggregate feedback: the sum of the losses on the way.
#[derive(Clone, Copy, Debug)]
pub struct Total;

impl Revelation for Total {
    const NAME: &'static str = "episodic_aggregate";
    const SUMMARY: &'static str = "play a policy for an episode, see the sum of its losses";
    const REVEALED: Revealed = Revealed::Total;
}

/// What the learner knows of the process.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    /// Steps, states, actions.
    pub layout: Arc<Layout>,
    /// The state of step 0 in which every episode starts.
    pub start: usize,
    /// Whether all steps have the same states, transitions and law of the losses, so that what is
    /// learnt at one step is true of all.
    pub stationary: bool,
    /// The transitions, if they are told.
    pub transitions: Option<Arc<Transitions>>,
    /// The features in which values are linear, if there are some.
    pub features: Option<Arc<Features>>,
    /// Who knows the best policy, for the comparator as a learner.
    pub oracle: Oracle,
}

/// Features φ(h, s, a) of the pairs.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    dimension: usize,
    /// Row-major `[pair][i]`.
    values: Vec<f64>,
}

impl Features {
    /// Features of so many dimensions (at least 1), `[pair][i]`.
    pub fn new(dimension: usize, values: Vec<f64>) -> Self {
        Self { dimension, values }
    }

    /// The dimension d.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The features of a pair.
    #[inline(always)]
    pub fn of(&self, pair: usize) -> &[f64] {
        &self.values[pair * self.dimension..(pair + 1) * self.dimension]
    }
}

impl World {
    /// A process that is told (or only its sizes), without an oracle.
    pub fn new(transitions: Arc<Transitions>, known: bool) -> Self {
        Self {
            layout: Arc::new(transitions.layout().clone()),
            start: transitions.start(),
            stationary: false,
            transitions: known.then_some(transitions),
            features: None,
            oracle: Oracle::default(),
        }
    }
}

/// Answers the best fixed policy of a number of episodes, if that does not depend on the play: the
/// action of every state.
#[derive(Clone, Default)]
pub struct Oracle(Option<Arc<dyn Fn(u64) -> Vec<usize> + Send + Sync>>);

impl Oracle {
    /// The oracle that answers so.
    pub fn new(answer: impl Fn(u64) -> Vec<usize> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(answer)))
    }

    /// The best policy of episodes 1 to `episodes`.
    pub fn ask(&self, episodes: u64) -> Option<Vec<usize>> {
        self.0.as_ref().map(|answer| answer(episodes))
    }
}

impl fmt::Debug for Oracle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Oracle" } else { "no oracle" })
    }
}

impl PartialEq for Oracle {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        }
    }
}

/// What is known of the losses, for the conditions of theory's bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LossFacts {
    /// Whether they do not depend on the play.
    pub oblivious: bool,
    /// Whether their means are the same in every episode, and episodes are independent.
    pub stochastic: bool,
}

/// One table for each lane, lane by lane, so that a lane's view is a slice.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The values, row-major `[lane][place]`.
    pub values: Vec<f64>,
    /// The length of a lane's table.
    pub width: usize,
}

impl Tables {
    /// Zeros.
    pub fn new(width: usize, lanes: usize) -> Self {
        Self { values: vec![0.0; width * lanes], width }
    }

    /// A lane's table.
    #[inline(always)]
    pub fn lane(&self, lane: usize) -> &[f64] {
        &self.values[lane * self.width..(lane + 1) * self.width]
    }

    /// A lane's table, to be written.
    #[inline(always)]
    pub fn lane_mut(&mut self, lane: usize) -> &mut [f64] {
        &mut self.values[lane * self.width..(lane + 1) * self.width]
    }
}

impl LaneBuffer for Tables {
    type View<'a> = &'a [f64];
    type Scratch = ();

    #[inline(always)]
    fn read<'a>(&'a self, lane: usize, (): &'a mut ()) -> &'a [f64] {
        self.lane(lane)
    }

    #[inline(always)]
    fn write(&mut self, lane: usize, view: &[f64]) {
        self.lane_mut(lane).copy_from_slice(view);
    }
}

/// What is seen of an episode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Episode<'a> {
    /// The state visited at every step, counted within the step.
    pub states: &'a [usize],
    /// The action played at every step.
    pub actions: &'a [usize],
    /// The losses revealed: of every step, of every pair, or their sum ([`Revealed::count`]).
    pub losses: &'a [f64],
}

/// One [`Episode`] for each lane.
#[derive(Clone, Debug)]
pub struct Episodes {
    /// States, `[lane][step]`.
    pub states: Vec<usize>,
    /// Actions, `[lane][step]`.
    pub actions: Vec<usize>,
    /// The losses revealed.
    pub losses: Tables,
    steps: usize,
}

impl Episodes {
    /// Empty episodes of so many steps and revealed losses.
    pub fn new(steps: usize, losses: usize, lanes: usize) -> Self {
        let places = vec![0; steps * lanes];
        let losses = Tables::new(losses, lanes);
        Self { states: places.clone(), actions: places, losses, steps }
    }

    /// A lane's states, actions and losses, to be written.
    #[inline(always)]
    pub fn lane_mut(&mut self, lane: usize) -> (&mut [usize], &mut [usize], &mut [f64]) {
        let place = lane * self.steps..(lane + 1) * self.steps;
        let actions = &mut self.actions[place.clone()];
        (&mut self.states[place], actions, self.losses.lane_mut(lane))
    }
}

impl LaneBuffer for Episodes {
    type View<'a> = Episode<'a>;
    type Scratch = ();

    #[inline(always)]
    fn read<'a>(&'a self, lane: usize, (): &'a mut ()) -> Episode<'a> {
        let place = lane * self.steps..(lane + 1) * self.steps;
        Episode {
            states: &self.states[place.clone()],
            actions: &self.actions[place],
            losses: self.losses.lane(lane),
        }
    }

    #[inline(always)]
    fn write(&mut self, lane: usize, view: Episode<'_>) {
        let (states, actions, losses) = self.lane_mut(lane);
        states.copy_from_slice(view.states);
        actions.copy_from_slice(view.actions);
        losses.copy_from_slice(view.losses);
    }
}

impl<R: Revelation> Protocol for Episodic<R> {
    const NAME: &'static str = R::NAME;
    const SUMMARY: &'static str = R::SUMMARY;

    type Shape = World;
    type Instance = LossFacts;
    type Contexts = Nothing;
    /// The policies, tables over pairs.
    type Actions = Tables;
    type Feedbacks = Episodes;
    type Sums = NoSums;

    fn contexts(_: &World, _: usize) -> Nothing {
        Nothing
    }

    fn actions(world: &World, lanes: usize) -> Tables {
        Tables::new(world.layout.pairs(), lanes)
    }

    fn feedbacks(world: &World, lanes: usize) -> Episodes {
        Episodes::new(world.layout.steps(), R::REVEALED.count(&world.layout), lanes)
    }

    fn check(world: &World, _: &Nothing, policies: &Tables) -> Result<(), (usize, ActionProblem)> {
        let actions = world.layout.actions();
        let sound = policies.values.chunks_exact(actions).all(is_distribution);
        if sound { Ok(()) } else { Err(describe(&world.layout, policies)) }
    }
}

/// How far from 1 the probabilities of a state's actions may sum.
pub const SUM_TOLERANCE: f64 = 1e-9;

/// Whether the numbers are not negative and sum to one.
#[inline(always)]
fn is_distribution(row: &[f64]) -> bool {
    let (mut sum, mut least) = (0.0, 0.0f64);
    for &p in row {
        sum += p;
        least = if p < least { p } else { least };
    }
    (sum - 1.0).abs() <= SUM_TOLERANCE && least >= 0.0
}

/// The first lane whose policy has a state without a distribution, and which.
#[cold]
fn describe(layout: &Layout, policies: &Tables) -> (usize, ActionProblem) {
    let mut rows = policies.values.chunks_exact(layout.actions()).enumerate();
    let Some((index, row)) = rows.find(|(_, row)| !is_distribution(row)) else {
        return (0, ActionProblem::Undecided);
    };
    let (lane, state) = (index / layout.states(), index % layout.states());
    if row.iter().any(|p| p.is_nan()) {
        return (lane, ActionProblem::Undecided);
    }
    let (step, s) = layout.step_and_state(state);
    let problem = match row.iter().position(|&p| p < 0.0) {
        Some(action) => format!("gives action {action} the probability {}", row[action]),
        None => format!("sums to {}", row.iter().sum::<f64>()),
    };
    let sentence = format!(
        "its policy at step {step}, state {s}, {problem}; it must be a distribution within 1e-9"
    );
    (lane, ActionProblem::Refused(sentence))
}

impl<R: Revelation> Setting<Episodic<R>> {
    /// The sizes of the process.
    pub fn layout(&self) -> &Layout {
        &self.shape.layout
    }

    /// The number of episodes, K.
    pub fn episodes(&self) -> u64 {
        self.horizon
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> World {
        let layout = Layout::new(&[1, 2], 2).expect("valid");
        let process = Transitions::new(layout, 0, vec![1.0, 0.0, 0.5, 0.5]).expect("valid");
        World::new(Arc::new(process), false)
    }

    fn check(values: &[f64]) -> Result<(), (usize, ActionProblem)> {
        let policies = Tables { values: values.to_vec(), width: 6 };
        EpisodicBandit::check(&world(), &Nothing, &policies)
    }

    #[test]
    fn only_policies_pass() {
        let sound = [0.5, 0.5, 0.25, 0.75, 1.0, 0.0];
        assert_eq!(check(&sound), Ok(()));
        let mut two = [sound, sound].concat();
        two[10] = 0.5;
        let problem = "its policy at step 1, state 1, sums to 0.5; it must be a distribution within \
                       1e-9";
        assert_eq!(check(&two), Err((1, ActionProblem::Refused(problem.to_owned()))));
        two[10] = f64::NAN;
        assert_eq!(check(&two), Err((1, ActionProblem::Undecided)));
        two[3] = -0.25;
        let problem = "its policy at step 1, state 0, gives action 1 the probability -0.25; it must \
                       be a distribution within 1e-9";
        assert_eq!(check(&two), Err((0, ActionProblem::Refused(problem.to_owned()))));
    }

    #[test]
    fn feedback_has_the_size_that_is_revealed() {
        let count = |revealed: Revealed| revealed.count(&world().layout);
        let counts = [Revealed::Visited, Revealed::All, Revealed::Total].map(count);
        assert_eq!(counts, [2, 6, 1]);
        let mut episodes = EpisodicFull::feedbacks(&world(), 2);
        let losses = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
        let seen = Episode { states: &[0, 1], actions: &[1, 0], losses: &losses };
        episodes.write(1, seen);
        assert_eq!(episodes.read(1, &mut ()), seen);
        assert_eq!(episodes.read(0, &mut ()).losses, [0.0; 6]);
    }
}
