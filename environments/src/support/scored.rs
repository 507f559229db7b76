//! Contexts whose rewards depend on a score of an arm's features.

use regret_engine::environment::Block;
use regret_engine::protocols::contextual::Size;
use regret_engine::random::Noise;

use super::contextual::ContextSource;
use super::features::{FeatureLaw, FeatureSource};
use super::response::Response;

/// A function of an arm's features, drawn once for every lane.
pub trait Score: Send + 'static {
    /// The score of an arm with these features in a lane's round.
    fn score(&self, t: u64, lane: usize, arm: usize, features: &[f64]) -> f64;
}

/// Random features and a score of them.
pub struct Scored<S> {
    size: Size,
    features: FeatureSource,
    score: S,
    response: Response,
    noise: Vec<Noise>,
}

impl<S: Score> Scored<S> {
    /// A source of that size.
    pub fn new(law: FeatureLaw, size: Size, score: S, response: Response, block: &Block) -> Self {
        let noise = block.replications.clone().map(|r| Noise::new(block.seed, r)).collect();
        Self { size, features: FeatureSource::new(law, size, block), score, response, noise }
    }
}

impl<S: Score> ContextSource for Scored<S> {
    fn show(&mut self, t: u64, lane: usize, features: &mut [f64], means: &mut [f64]) {
        self.features.write(t, lane, features);
        let rows = features.chunks_exact(self.size.features).cycle();
        for (arm, (mean, row)) in means.iter_mut().zip(rows).enumerate() {
            *mean = self.response.mean(self.score.score(t, lane, arm, row));
        }
    }

    fn reward(&self, t: u64, lane: usize, arm: usize, mean: f64) -> f64 {
        self.response.draw(mean, self.noise[lane].word(t, arm))
    }
}
