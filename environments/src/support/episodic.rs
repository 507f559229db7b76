//! Tabular episodic processes with losses from a family.
//!
//! An environment gives an [`Instance`]: transitions and a base loss m(h, s, a) in `[0, 1]`. A
//! [`Losses`] family makes of it the losses of every episode. All noise is looked up by (replication,
//! episode, place), so every learner meets the same luck: at step h word 2h picks the action, word
//! 2h + 1 the successor, and word 2H + pair draws that pair's loss.

use std::sync::Arc;

use regret_engine::environment::{Block, Environment, Problem, Quantity};
use regret_engine::ledgers::EpisodicLedger;
use regret_engine::math;
use regret_engine::mdp::{Layout, Transitions};
use regret_engine::notion::Notion;
use regret_engine::protocols::episodic::{
    Episodes, Episodic, Features, LossFacts, Oracle, Revealed, Revelation, Tables, World,
};
use regret_engine::protocols::{EpisodicAggregate, EpisodicBandit, EpisodicFull};
use regret_engine::random::{ARM_GAMMA, GAMMA, mix, noise_word, unit};
use regret_engine::registry::{Faces, ParameterError};
use regret_engine::vectorised;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arms::keys;

/// How the losses of episode k = 0, …, K − 1 come from the base loss m.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Losses {
    /// m in every episode.
    #[default]
    Const,
    /// 1 with probability m, else 0, independently.
    Bern,
    /// ½ m in 16 episodes, ½ m + ½ in the next 16, and so on.
    Sca,
    /// m in the first ⌊0.6 K⌋ episodes, then 1 − m.
    Flip60,
    /// m + 0.4 sin(π k/K + s A + a), clipped to `[0, 1]`.
    Drift,
    /// Adaptive: 1 for the action to which the policy played gives the highest probability (the
    /// lowest such action in a tie), 0 for the others.
    GreedyKiller,
}

impl Losses {
    /// Whether they do not depend on the play.
    fn oblivious(self) -> bool {
        self != Self::GreedyKiller
    }

    /// Whether the means are the same in every episode.
    fn stochastic(self) -> bool {
        matches!(self, Self::Const | Self::Bern)
    }

    /// Whether the means of episode `t`, counted from 1, differ from those of the one before.
    fn changes(self, t: u64, episodes: u64) -> bool {
        match self {
            Self::Const | Self::Bern => t == 1,
            Self::Sca => (t - 1).is_multiple_of(16),
            Self::Flip60 => t == 1 || t - 1 == first_of_flip(episodes),
            Self::Drift | Self::GreedyKiller => true,
        }
    }

    /// Writes the means of episode `t`, counted from 1; those of an adaptive family are not known.
    fn write(self, t: u64, episodes: u64, layout: &Layout, base: &[f64], means: &mut [f64]) {
        let k = t - 1;
        let each = |means: &mut [f64], of: &dyn Fn(f64) -> f64| {
            means.iter_mut().zip(base).for_each(|(mean, &m)| *mean = of(m));
        };
        match self {
            Self::Const | Self::Bern | Self::GreedyKiller => means.copy_from_slice(base),
            Self::Sca => {
                let raised = if (k / 16) % 2 == 1 { 0.5 } else { 0.0 };
                each(means, &|m| 0.5 * m + raised);
            }
            Self::Flip60 if k < first_of_flip(episodes) => means.copy_from_slice(base),
            Self::Flip60 => each(means, &|m| 1.0 - m),
            Self::Drift => {
                let phase = std::f64::consts::PI * k as f64 / episodes as f64;
                for h in 0..layout.steps() {
                    let pairs = layout.pairs_of(h);
                    let places = means[pairs.clone()].iter_mut().zip(&base[pairs]);
                    for (j, (mean, m)) in places.enumerate() {
                        *mean = (m + 0.4 * math::sin(phase + j as f64)).clamp(0.0, 1.0);
                    }
                }
            }
        }
    }
}

/// The first episode, from 0, after the flip: ⌊0.6 K⌋.
fn first_of_flip(episodes: u64) -> u64 {
    (u128::from(episodes) * 6 / 10) as u64
}

/// What an environment is made of.
pub struct Instance {
    /// Where actions lead.
    pub transitions: Transitions,
    /// The base losses, in `[0, 1]`, a table over pairs.
    pub base: Vec<f64>,
    /// Whether states, transitions and base losses are the same at every step.
    pub stationary: bool,
}

/// The choices that all tabular environments offer.
#[derive(Clone, Copy, Debug)]
pub struct Choices {
    /// How losses come about.
    pub losses: Losses,
    /// Whether each loss is drawn as 0 or 1 with its mean.
    pub bernoulli: bool,
    /// Whether learners are told the transitions.
    pub known: bool,
}

/// The protocols that [`faces`] offers.
pub const PROTOCOLS: &[&str] = &["episodic_bandit", "episodic_full", "episodic_aggregate"];

/// An instance in all episodic protocols.
///
/// # Errors
/// A base loss outside `[0, 1]`.
pub fn faces(instance: Instance, choices: Choices) -> Result<Faces, ParameterError> {
    Ok(faces_of(EpisodicProblem::new(instance, choices)?))
}

/// An instance whose values are linear in features, which learners are told.
///
/// # Errors
/// A base loss outside `[0, 1]`.
pub fn linear_faces(
    instance: Instance,
    features: Features,
    choices: Choices,
) -> Result<Faces, ParameterError> {
    let mut problem = EpisodicProblem::new(instance, choices)?;
    problem.world.features = Some(Arc::new(features));
    Ok(faces_of(problem))
}

fn faces_of(problem: EpisodicProblem) -> Faces {
    Faces::new()
        .with::<EpisodicBandit>(problem.clone())
        .with::<EpisodicFull>(problem.clone())
        .with::<EpisodicAggregate>(problem)
}

/// The layout of an environment's sizes.
///
/// # Errors
/// Sizes that are zero or too large, at `path`.
pub fn layout(widths: &[usize], actions: usize, path: &str) -> Result<Layout, ParameterError> {
    Layout::new(widths, actions)
        .map_err(|error| ParameterError { path: path.to_owned(), message: error.to_string() })
}

/// The transitions with these probabilities.
///
/// # Errors
/// What is wrong with them, at `path`.
pub fn transitions(
    layout: Layout,
    start: usize,
    probabilities: Vec<f64>,
    path: &str,
) -> Result<Transitions, ParameterError> {
    Transitions::new(layout, start, probabilities)
        .map_err(|error| ParameterError { path: path.to_owned(), message: error.to_string() })
}

/// A table over entries with the weights of `weight(h, s, a, s′)`, every row divided by its sum.
pub fn normalised(
    layout: &Layout,
    mut weight: impl FnMut(usize, usize, usize, usize) -> f64,
) -> Vec<f64> {
    let mut table = Vec::with_capacity(layout.entries());
    for h in 0..layout.steps() {
        let next = layout.width(h + 1);
        for (s, a) in states_and_actions(layout, h) {
            let first = table.len();
            table.extend((0..next).map(|successor| weight(h, s, a, successor)));
            let sum: f64 = table[first..].iter().sum();
            table[first..].iter_mut().for_each(|p| *p /= sum);
        }
    }
    table
}

/// A table over pairs.
pub fn pairs(layout: &Layout, mut loss: impl FnMut(usize, usize, usize) -> f64) -> Vec<f64> {
    let mut table = Vec::with_capacity(layout.pairs());
    for h in 0..layout.steps() {
        table.extend(states_and_actions(layout, h).map(|(s, a)| loss(h, s, a)));
    }
    table
}

fn states_and_actions(layout: &Layout, h: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
    let actions = layout.actions();
    (0..layout.width(h)).flat_map(move |s| (0..actions).map(move |a| (s, a)))
}

/// An instance with its losses, shared by all blocks.
#[derive(Clone)]
struct EpisodicProblem {
    transitions: Arc<Transitions>,
    base: Arc<[f64]>,
    losses: Losses,
    bernoulli: bool,
    world: World,
}

impl EpisodicProblem {
    fn new(instance: Instance, choices: Choices) -> Result<Self, ParameterError> {
        let Instance { transitions, base, stationary } = instance;
        for (place, &loss) in base.iter().enumerate() {
            let rule = "must be a loss from 0 to 1";
            let path = format!("losses of pair {place}");
            ParameterError::unless((0.0..=1.0).contains(&loss), &path, loss, rule)?;
        }
        let transitions = Arc::new(transitions);
        let base: Arc<[f64]> = base.into();
        let Choices { losses, bernoulli, known } = choices;
        let mut world = World::new(transitions.clone(), known);
        world.stationary = stationary && losses.oblivious();
        if losses.oblivious() {
            let (process, base) = (transitions.clone(), base.clone());
            world.oracle = Oracle::new(move |episodes| {
                process.best_policy(&summed(losses, episodes, process.layout(), &base))
            });
        }
        let bernoulli = bernoulli || losses == Losses::Bern;
        Ok(Self { transitions, base, losses, bernoulli, world })
    }
}

/// The sums of the means of an oblivious family over all episodes.
fn summed(losses: Losses, episodes: u64, layout: &Layout, base: &[f64]) -> Vec<f64> {
    let (mut means, mut sums) = (vec![0.0; base.len()], vec![0.0; base.len()]);
    let mut t = 1;
    while t <= episodes {
        losses.write(t, episodes, layout, base, &mut means);
        let mut stretch = 1;
        match losses {
            Losses::Const | Losses::Bern => stretch = episodes,
            Losses::Flip60 => {
                let flip = first_of_flip(episodes);
                stretch = if t <= flip { flip } else { episodes - flip };
            }
            _ => {}
        }
        sums.iter_mut().zip(&means).for_each(|(sum, mean)| *sum += stretch as f64 * mean);
        t += stretch;
    }
    sums
}

impl<R: Revelation> Problem<Episodic<R>> for EpisodicProblem {
    fn shape(&self) -> World {
        self.world.clone()
    }

    fn instance(&self, _: u64) -> LossFacts {
        LossFacts { oblivious: self.losses.oblivious(), stochastic: self.losses.stochastic() }
    }

    fn notions(&self) -> Vec<Notion> {
        EpisodicLedger::notions(self.losses.stochastic())
    }

    fn build(&self, block: &Block) -> Box<dyn Environment<Episodic<R>>> {
        let lanes = block.lanes();
        let shared = self.losses.oblivious();
        let pairs = self.transitions.layout().pairs();
        Box::new(Game {
            problem: self.clone(),
            episodes: block.horizon,
            keys: keys(block),
            means: Tables::new(pairs, if shared { 1 } else { lanes }),
            drawn: vec![0.0; pairs],
            ledger: EpisodicLedger::new(
                self.transitions.clone(),
                block,
                shared,
                shared && !self.bernoulli,
            ),
        })
    }
}

/// A block of lanes.
struct Game {
    problem: EpisodicProblem,
    episodes: u64,
    keys: Vec<u64>,
    /// The means of the episode's losses: one table for all lanes, or one for each if they depend on
    /// the play.
    means: Tables,
    /// A lane's losses as they fall.
    drawn: Vec<f64>,
    ledger: EpisodicLedger,
}

impl Game {
    /// Brings the means of the losses that all lanes share to episode `t`.
    fn advance(&mut self, t: u64) {
        let EpisodicProblem { losses, bernoulli, base, transitions, .. } = &self.problem;
        let changed = losses.changes(t, self.episodes);
        if changed {
            let means = self.means.lane_mut(0);
            losses.write(t, self.episodes, transitions.layout(), base, means);
        }
        self.ledger.means(0, self.means.lane(0), changed);
        if !bernoulli {
            self.ledger.losses(0, self.means.lane(0));
        }
    }

    /// Chooses the losses against a policy.
    fn react(&mut self, lane: usize, policy: &[f64]) {
        let actions = self.problem.transitions.layout().actions();
        kill(policy, actions, self.means.lane_mut(lane));
        self.ledger.means(lane, self.means.lane(lane), true);
        if !self.problem.bernoulli {
            self.ledger.losses(lane, self.means.lane(lane));
        }
    }
}

impl<R: Revelation> Environment<Episodic<R>> for Game {
    fn respond(&mut self, t: u64, policies: &Tables, feedbacks: &mut Episodes) {
        let adaptive = !self.problem.losses.oblivious();
        if !adaptive {
            self.advance(t);
        }
        let whole = self.ledger.needs_losses() || R::REVEALED == Revealed::All;
        for lane in 0..self.keys.len() {
            let policy = policies.lane(lane);
            if adaptive {
                self.react(lane, policy);
            }
            let process = &self.problem.transitions;
            let layout = process.layout();
            let (states, actions, revealed) = feedbacks.lane_mut(lane);
            let key = self.keys[lane];
            walk(process, policy, key, t, states, actions);
            let means = self.means.lane(if adaptive { lane } else { 0 });
            let first = 2 * layout.steps();
            let visited = || {
                let steps = states.iter().zip(actions.iter()).enumerate();
                steps.map(|(h, (&s, &a))| layout.pair(h, s, a))
            };
            let losses = match (self.problem.bernoulli, whole) {
                (false, _) => means,
                (true, true) => {
                    draw(key, t, first, means, &mut self.drawn);
                    self.ledger.losses(lane, &self.drawn);
                    &self.drawn[..]
                }
                (true, false) => {
                    for pair in visited() {
                        self.drawn[pair] = drawn(key, t, first + pair, means[pair]);
                    }
                    &self.drawn[..]
                }
            };
            let received = visited().map(|pair| losses[pair]).sum();
            match R::REVEALED {
                Revealed::Visited => {
                    revealed
                        .iter_mut()
                        .zip(visited())
                        .for_each(|(slot, pair)| *slot = losses[pair]);
                }
                Revealed::All => revealed.copy_from_slice(losses),
                Revealed::Total => revealed[0] = received,
            }
            self.ledger.episode(lane, policy, means, losses, received);
        }
    }

    fn record(&mut self, _: u64, quantity: Quantity, values: &mut [f64]) {
        self.ledger.record(quantity, values);
    }
}

/// Plays an episode.
#[inline(always)]
fn walk(
    process: &Transitions,
    policy: &[f64],
    key: u64,
    t: u64,
    states: &mut [usize],
    actions: &mut [usize],
) {
    let layout = process.layout();
    let last = layout.steps() - 1;
    let mut s = process.start();
    for (h, (state, action)) in states.iter_mut().zip(actions).enumerate() {
        let a = pick(&policy[layout.row(h, s)], unit(noise_word(key, t, 2 * h)));
        (*state, *action) = (s, a);
        if h < last {
            s = process.next(h, s, a, unit(noise_word(key, t, 2 * h + 1)));
        }
    }
}

/// The action that a uniform number picks of a checked distribution; what rounding leaves above the
/// sum goes to the last possible action.
#[inline(always)]
fn pick(probabilities: &[f64], u: f64) -> usize {
    let (mut sum, mut passed) = (0.0, 0);
    for p in probabilities {
        sum += p;
        passed += usize::from(sum <= u);
    }
    if passed < probabilities.len() {
        return passed;
    }
    probabilities.iter().rposition(|&p| p > 0.0).unwrap_or_default()
}

#[inline(always)]
fn drawn(key: u64, t: u64, place: usize, mean: f64) -> f64 {
    f64::from(u8::from(unit(noise_word(key, t, place)) < mean))
}

vectorised! {
    /// Draws the losses of all pairs: [`drawn`] at the places `first`, `first + 1`, ….
    fn draw(key: u64, t: u64, first: usize, means: &[f64], losses: &mut [f64]) {
        let start = key.wrapping_add(t.wrapping_mul(GAMMA));
        for (pair, (loss, &mean)) in losses.iter_mut().zip(means).enumerate() {
            let place = ((first + pair) as u64).wrapping_mul(ARM_GAMMA);
            *loss = if unit(mix(start.wrapping_add(place))) < mean { 1.0 } else { 0.0 };
        }
    }
}

/// Loss 1 for the likeliest action of every state.
fn kill(policy: &[f64], actions: usize, losses: &mut [f64]) {
    losses.fill(0.0);
    for (row, losses) in policy.chunks_exact(actions).zip(losses.chunks_exact_mut(actions)) {
        let mut likeliest = 0;
        for (a, &p) in row.iter().enumerate() {
            if p > row[likeliest] {
                likeliest = a;
            }
        }
        losses[likeliest] = 1.0;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use regret_engine::environment::Quantity;
    use regret_engine::notion::{HINDSIGHT_REGRET, PSEUDO_REGRET, REALISED_REGRET};
    use regret_engine::registry::EnvironmentModel;

    use super::*;

    /// The problem of an environment with bandit feedback.
    pub(crate) fn problem(environment: &impl EnvironmentModel) -> Arc<dyn Problem<EpisodicBandit>> {
        environment.problem().expect("valid")
    }

    /// The transitions of an environment that tells them.
    pub(crate) fn process(environment: &impl EnvironmentModel) -> Arc<Transitions> {
        problem(environment).shape().transitions.expect("told")
    }

    fn two_steps(losses: Losses, bernoulli: bool) -> EpisodicProblem {
        let layout = Layout::new(&[1, 2], 2).expect("valid");
        let transitions = Transitions::new(layout, 0, vec![0.75, 0.25, 0.0, 1.0]).expect("valid");
        let base = vec![0.5, 0.25, 0.0, 1.0, 0.75, 0.5];
        let choices = Choices { losses, bernoulli, known: true };
        EpisodicProblem::new(Instance { transitions, base, stationary: false }, choices)
            .expect("valid")
    }

    /// The means of an episode, from 0, of K = 100.
    fn means(losses: Losses, k: u64) -> Vec<f64> {
        let problem = two_steps(losses, false);
        let mut means = vec![0.0; 6];
        losses.write(k + 1, 100, problem.transitions.layout(), &problem.base, &mut means);
        means
    }

    #[test]
    fn families_by_hand() {
        let m = [0.5, 0.25, 0.0, 1.0, 0.75, 0.5];
        assert_eq!(means(Losses::Const, 7), m);
        assert_eq!(means(Losses::Sca, 15), m.map(|m| 0.5 * m));
        assert_eq!(means(Losses::Sca, 16), m.map(|m| 0.5 * m + 0.5));
        assert_eq!(means(Losses::Flip60, 59), m);
        assert_eq!(means(Losses::Flip60, 60), m.map(|m| 1.0 - m));
        // At k = 50 the wave is sin(π/2 + j): cos j.
        let drift = means(Losses::Drift, 50);
        let expected = [0.9, 0.25 + 0.4 * 1f64.cos(), 0.4, 1.0, 0.75 + 0.4 * 2f64.cos()];
        assert!(drift.iter().zip(expected).all(|(d, e)| (d - e).abs() < 1e-15), "{drift:?}");
        let mut killed = [9.0; 6];
        kill(&[0.5, 0.5, 0.25, 0.75, 1.0, 0.0], 2, &mut killed);
        assert_eq!(killed, [1.0, 0.0, 0.0, 1.0, 1.0, 0.0]);
    }

    #[test]
    fn means_change_when_they_say_so() {
        let problem = two_steps(Losses::Const, false);
        let layout = problem.transitions.layout();
        for losses in [Losses::Const, Losses::Sca, Losses::Flip60, Losses::Drift] {
            let (mut before, mut now) = (vec![0.0; 6], vec![0.0; 6]);
            let mut sums = [0.0; 6];
            for t in 1..=101 {
                losses.write(t, 101, layout, &problem.base, &mut now);
                assert!(losses.changes(t, 101) || now == before, "{losses:?} {t}");
                before.copy_from_slice(&now);
                sums.iter_mut().zip(&now).for_each(|(sum, mean)| *sum += mean);
            }
            let closed = summed(losses, 101, layout, &problem.base);
            assert!(closed.iter().zip(sums).all(|(c, s)| (c - s).abs() < 1e-10), "{losses:?}");
        }
    }

    /// Plays a policy in some replications for some episodes; answers the environment.
    fn play(problem: &EpisodicProblem, policy: &[f64], episodes: u64) -> (Game, Episodes) {
        let notions = EpisodicLedger::notions(false);
        let block = Block { seed: 5, replications: 0..3, horizon: episodes, notions };
        let bernoulli = problem.bernoulli;
        let shared = problem.losses.oblivious();
        let mut game = Game {
            problem: problem.clone(),
            episodes,
            keys: keys(&block),
            means: Tables::new(6, if shared { 1 } else { 3 }),
            drawn: vec![0.0; 6],
            ledger: EpisodicLedger::new(
                problem.transitions.clone(),
                &block,
                shared,
                shared && !bernoulli,
            ),
        };
        let mut feedbacks = Episodes::new(2, 6, 3);
        let mut policies = Tables::new(6, 3);
        (0..3).for_each(|lane| policies.lane_mut(lane).copy_from_slice(policy));
        for t in 1..=episodes {
            Environment::<EpisodicFull>::respond(&mut game, t, &policies, &mut feedbacks);
        }
        (game, feedbacks)
    }

    fn recorded(game: &mut Game, notion: Notion) -> f64 {
        let mut values = [0.0; 3];
        let quantity = Quantity { notion, component: None };
        Environment::<EpisodicFull>::record(game, 1, quantity, &mut values);
        values.iter().sum::<f64>() / 3.0
    }

    /// Over 3 · 20000 episodes, what is received averages to what the policy is charged: the losses
    /// of an episode lie in [0, 2], so the mean of all has a standard error below 2/√60000 = 0.0082.
    #[test]
    fn walks_cost_what_dynamic_programming_says() {
        let policy = [0.25, 0.75, 0.5, 0.5, 0.125, 0.875];
        for bernoulli in [false, true] {
            let (mut game, _) = play(&two_steps(Losses::Const, bernoulli), &policy, 20_000);
            let [pseudo, realised] =
                [PSEUDO_REGRET, REALISED_REGRET].map(|n| recorded(&mut game, n) / 20_000.0);
            assert!((pseudo - realised).abs() < 5.0 * 0.0082, "{pseudo} {realised}");
        }
    }

    #[test]
    fn the_comparator_has_no_regret() {
        for losses in [Losses::Const, Losses::Sca, Losses::Flip60, Losses::Drift, Losses::Bern] {
            let problem = two_steps(losses, false);
            let actions = problem.world.oracle.ask(64).expect("oblivious");
            let mut policy = [0.0; 6];
            problem.world.layout.write_deterministic(&actions, &mut policy);
            let (mut game, _) = play(&problem, &policy, 64);
            assert!(recorded(&mut game, PSEUDO_REGRET).abs() < 1e-12, "{losses:?}");
            if losses != Losses::Bern {
                assert!(recorded(&mut game, HINDSIGHT_REGRET).abs() < 1e-12, "{losses:?}");
            }
        }
        assert_eq!(two_steps(Losses::GreedyKiller, false).world.oracle.ask(64), None);
    }

    /// A deterministic policy pays H in every episode; its opposite would have paid nothing.
    #[test]
    fn the_greedy_killer_takes_all() {
        let policy = [0.0, 1.0, 1.0, 0.0, 0.0, 1.0];
        let (mut game, feedbacks) = play(&two_steps(Losses::GreedyKiller, false), &policy, 10);
        assert_eq!(recorded(&mut game, HINDSIGHT_REGRET), 20.0);
        assert_eq!(feedbacks.losses.lane(2), policy);
    }

    #[test]
    fn draws_agree_one_by_one_and_all_at_once() {
        let means = [0.5, 0.25, 0.0, 1.0, 0.75, 0.5];
        let mut losses = [9.0; 6];
        let mut ones = 0.0;
        for t in 1..200 {
            draw(99, t, 4, &means, &mut losses);
            for (pair, &loss) in losses.iter().enumerate() {
                assert_eq!(loss, drawn(99, t, 4 + pair, means[pair]));
            }
            assert!(losses[2] == 0.0 && losses[3] == 1.0);
            ones += losses[4];
        }
        // Binomial(199, ¾): 149.25 ± 5 · 6.1.
        assert!((ones - 149.25f64).abs() < 30.5, "{ones}");
    }

    #[test]
    fn losses_outside_their_range_are_refused() {
        let layout = Layout::new(&[1], 2).expect("valid");
        let transitions = Transitions::new(layout, 0, Vec::new()).expect("valid");
        let choices = Choices { losses: Losses::Const, bernoulli: false, known: true };
        let instance = Instance { transitions, base: vec![0.5, 1.5], stationary: false };
        let error = faces(instance, choices).err().expect("refused");
        assert_eq!(error.message, "losses of pair 1 = 1.5: must be a loss from 0 to 1");
    }
}
