//! Contextual problems: features and means for each (replication, round), whatever is played.

use regret_engine::environment::{Block, Environment, Problem, Quantity};
use regret_engine::ledgers::ContextualLedger;
use regret_engine::notion::{LINEAR_REGRET, Notion, PULLS};
use regret_engine::protocol::Scalars;
use regret_engine::protocols::Contextual;
use regret_engine::protocols::bandit::argmax;
use regret_engine::protocols::contextual::{ArmFeatures, Facts, Features, Layout, Size};
use regret_engine::registry::Faces;

use super::least_squares::LeastSquares;

/// The contexts and rewards of a block of lanes. Rounds may be asked for in any order and again, so
/// that the referee can look at all of them.
pub trait ContextSource: Send + 'static {
    /// Writes the features of a lane's round, and the mean reward of every arm.
    fn show(&mut self, t: u64, lane: usize, features: &mut [f64], means: &mut [f64]);

    /// The reward of an arm in that round, in which its mean is `mean`.
    fn reward(&self, t: u64, lane: usize, arm: usize, mean: f64) -> f64;
}

/// A validated description of a contextual problem.
pub trait ContextualModel: Clone + Send + Sync + 'static {
    /// The contexts and rewards of a block of lanes.
    type Source: ContextSource;

    /// The sizes.
    fn size(&self) -> Size;

    /// The facts that bounds depend on.
    fn facts(&self) -> Facts;

    /// The source of a block of lanes.
    fn source(&self, block: &Block) -> Self::Source;

    /// The longest horizon that can be played, if there is one.
    fn longest_horizon(&self) -> Option<u64> {
        None
    }
}

/// The protocols that [`faces`] offers.
pub const PROTOCOLS: &[&str] = &["contextual"];

/// A contextual model in its protocol.
pub fn faces<M: ContextualModel>(model: M) -> Faces {
    Faces::new().with::<Contextual>(ContextualProblem(model))
}

/// A contextual model with its referee.
struct ContextualProblem<M>(M);

impl<M: ContextualModel> Problem<Contextual> for ContextualProblem<M> {
    fn shape(&self) -> Size {
        self.0.size()
    }

    fn instance(&self, _: u64) -> Facts {
        self.0.facts()
    }

    fn notions(&self) -> Vec<Notion> {
        ContextualLedger::NOTIONS.to_vec()
    }

    fn components(&self, notion: Notion) -> u32 {
        if notion == PULLS { self.shape().arms as u32 } else { 0 }
    }

    fn longest_horizon(&self) -> Option<u64> {
        self.0.longest_horizon()
    }

    fn build(&self, block: &Block) -> Box<dyn Environment<Contextual>> {
        let size = self.shape();
        let mut source = self.0.source(block);
        let linear = block.records(LINEAR_REGRET).then(|| {
            (0..block.lanes()).map(|lane| best_linear(&mut source, &size, block, lane)).collect()
        });
        Box::new(Game {
            source,
            size,
            means: vec![0.0; size.arms * block.lanes()],
            linear_arms: vec![0; block.lanes()],
            linear,
            ledger: ContextualLedger::new(size.arms, block),
        })
    }
}

/// The parameters of the best linear predictor of a lane: least squares of the means of all arms
/// in all rounds on their features, one vector, or one for each arm where the features are shared.
fn best_linear<S: ContextSource>(
    source: &mut S,
    size: &Size,
    block: &Block,
    lane: usize,
) -> Vec<f64> {
    let (mut features, mut means) = (vec![0.0; size.numbers()], vec![0.0; size.arms]);
    let shared = size.layout == Layout::Shared;
    let mut fit = LeastSquares::new(size.features, if shared { size.arms } else { 1 });
    let rounds = if size.layout == Layout::Fixed { 1 } else { block.horizon };
    for t in 1..=rounds {
        source.show(t, lane, &mut features, &mut means);
        if shared {
            fit.add(&features, &means);
        } else {
            for (row, mean) in features.chunks_exact(size.features).zip(&means) {
                fit.add(row, std::slice::from_ref(mean));
            }
        }
    }
    fit.solve()
}

struct Game<S> {
    source: S,
    size: Size,
    /// The means of the present round, `[lane][arm]`.
    means: Vec<f64>,
    /// The best linear predictor of every lane, if it is recorded, and its choice in this round.
    linear: Option<Vec<Vec<f64>>>,
    linear_arms: Vec<usize>,
    ledger: ContextualLedger,
}

impl<S: ContextSource> Environment<Contextual> for Game<S> {
    fn observe(&mut self, t: u64, contexts: &mut Features) {
        if t > 1 && self.size.layout == Layout::Fixed {
            return;
        }
        for (lane, means) in self.means.chunks_exact_mut(self.size.arms).enumerate() {
            let features = contexts.lane_mut(lane);
            self.source.show(t, lane, features, means);
            if let Some(linear) = &self.linear {
                let view = ArmFeatures { values: features, size: self.size };
                self.linear_arms[lane] = greedy(&linear[lane], view);
            }
        }
    }

    fn respond(&mut self, t: u64, actions: &Scalars<usize>, feedbacks: &mut Scalars<f64>) {
        let lanes = actions.0.iter().zip(&mut feedbacks.0).enumerate();
        for ((lane, (&arm, reward)), means) in lanes.zip(self.means.chunks_exact(self.size.arms)) {
            *reward = self.source.reward(t, lane, arm, means[arm]);
            self.ledger.round(lane, means, self.linear_arms[lane], arm);
        }
    }

    fn record(&mut self, _: u64, quantity: Quantity, values: &mut [f64]) {
        self.ledger.record(quantity, values);
    }
}

/// The arm of highest prediction, the lowest in a tie.
fn greedy(parameters: &[f64], features: ArmFeatures<'_>) -> usize {
    let size = features.size;
    let block = |arm: usize| match size.layout {
        Layout::Shared => &parameters[arm * size.features..][..size.features],
        Layout::Fixed | Layout::Varying => parameters,
    };
    argmax((0..size.arms).map(|arm| dot(features.row(arm), block(arm)))).min(size.arms - 1)
}

/// The inner product, added from the left.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A block of lanes that records nothing.
    pub(crate) fn block(lanes: u64, horizon: u64) -> Block {
        Block { seed: 3, replications: 5..5 + lanes, horizon, notions: Vec::new() }
    }

    /// Rounds of a model, `(features, means)` by round, in one lane; asks backwards as well, and
    /// with other lanes, and compares.
    pub(crate) fn rounds<M: ContextualModel>(model: &M, count: u64) -> Vec<(Vec<f64>, Vec<f64>)> {
        let size = model.size();
        let mut source = model.source(&block(3, count));
        let mut alone = model.source(&Block { replications: 6..7, ..block(1, count) });
        let mut look = |t| {
            let mut pair = [(); 2].map(|()| (vec![0.0; size.numbers()], vec![0.0; size.arms]));
            source.show(t, 1, &mut pair[0].0, &mut pair[0].1);
            alone.show(t, 0, &mut pair[1].0, &mut pair[1].1);
            assert_eq!(pair[0], pair[1], "round {t}: another grouping");
            for arm in 0..size.arms {
                let mean = pair[0].1[arm];
                assert_eq!(source.reward(t, 1, arm, mean), alone.reward(t, 0, arm, mean));
            }
            pair[0].clone()
        };
        let backwards: Vec<_> = (1..=count).rev().map(&mut look).collect();
        let forwards: Vec<_> = (1..=count).map(look).collect();
        assert!(forwards.iter().eq(backwards.iter().rev()));
        forwards
    }

    /// The mean of many rewards of each arm, and its standard error, over the rounds given.
    pub(crate) fn average_noise<M: ContextualModel>(model: &M, count: u64) -> (f64, f64) {
        let size = model.size();
        let mut source = model.source(&block(1, count));
        let (mut features, mut means) = (vec![0.0; size.numbers()], vec![0.0; size.arms]);
        let mut deviations = Vec::new();
        for t in 1..=count {
            source.show(t, 0, &mut features, &mut means);
            for (arm, &mean) in means.iter().enumerate() {
                deviations.push(source.reward(t, 0, arm, mean) - mean);
            }
        }
        let n = deviations.len() as f64;
        let mean = deviations.iter().sum::<f64>() / n;
        let squares: f64 = deviations.iter().map(|x| (x - mean) * (x - mean)).sum();
        (mean, (squares / (n * (n - 1.0))).sqrt())
    }
}
