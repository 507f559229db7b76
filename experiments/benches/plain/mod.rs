//! Plain hand-written loops, as a careful researcher writes them: one replication, one file-local
//! loop, no engine. They answer the pseudo-regret so that nothing is optimised away.

use rand_distr::{Beta, Distribution};
use regret_engine::learner::{Learner, Outcome, Round};
use regret_engine::protocols::{Bandit, Experts};
use regret_engine::random::{Role, Stream};

use super::MEANS;

const K: usize = MEANS.len();
const BEST: f64 = 0.6;

fn streams() -> (Stream, Stream) {
    (Stream::new(1, 0, Role::Noise), Stream::new(1, 0, Role::Learner))
}

fn pull(arm: usize, noise: &mut Stream) -> f64 {
    if noise.uniform() < MEANS[arm] { 1.0 } else { 0.0 }
}

fn argmax(values: &[f64; K]) -> usize {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = index;
        }
    }
    best
}

pub(crate) fn ucb1(horizon: u64) -> f64 {
    let (mut noise, _) = streams();
    let (mut pulls, mut sums, mut regret) = ([0.0; K], [0.0; K], 0.0);
    for t in 1..=horizon {
        let arm = if t <= K as u64 {
            t as usize - 1
        } else {
            let log = 2.0 * (t as f64).ln();
            let mut index = [0.0; K];
            for a in 0..K {
                index[a] = sums[a] / pulls[a] + f64::sqrt(log / pulls[a]);
            }
            argmax(&index)
        };
        pulls[arm] += 1.0;
        sums[arm] += pull(arm, &mut noise);
        regret += BEST - MEANS[arm];
    }
    regret
}

/// The index by 24 steps of bisection, as textbooks have it.
pub(crate) fn kl_ucb(horizon: u64) -> f64 {
    let kl = |p: f64, q: f64| {
        let term = |p: f64, q: f64| if p > 0.0 { p * (p / q).ln() } else { 0.0 };
        term(p, q) + term(1.0 - p, 1.0 - q)
    };
    let (mut noise, _) = streams();
    let (mut pulls, mut sums, mut regret) = ([0.0; K], [0.0; K], 0.0);
    for t in 1..=horizon {
        let arm = if t <= K as u64 {
            t as usize - 1
        } else {
            let log = (t as f64).ln();
            let mut index = [0.0; K];
            for a in 0..K {
                let mean = sums[a] / pulls[a];
                let (mut low, mut high) = (mean, 1.0);
                for _ in 0..24 {
                    let middle = 0.5 * (low + high);
                    if pulls[a] * kl(mean, middle) > log { high = middle } else { low = middle }
                }
                index[a] = low;
            }
            argmax(&index)
        };
        pulls[arm] += 1.0;
        sums[arm] += pull(arm, &mut noise);
        regret += BEST - MEANS[arm];
    }
    regret
}

/// The normaliser by Newton's method from the paper's Algorithm 2, warm-started.
pub(crate) fn tsallis_inf(horizon: u64) -> f64 {
    let (mut noise, mut own) = streams();
    let (mut losses, mut x, mut regret) = ([0.0f64; K], 0.0f64, 0.0);
    for t in 1..=horizon {
        let eta = 2.0 / (t as f64).sqrt();
        let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
        x = if x < least { x } else { least - 2.0 / eta };
        let mut p = [0.0; K];
        loop {
            for a in 0..K {
                p[a] = 4.0 / (eta * (losses[a] - x)).powi(2);
            }
            let sum: f64 = p.iter().sum();
            if (sum - 1.0).abs() < 1e-9 {
                break;
            }
            let slope: f64 = p.iter().map(|p| p.powf(1.5)).sum();
            let next = x - (sum - 1.0) / (eta * slope);
            x = if next < least { next } else { 0.5 * (x + least) };
        }
        let mut left = own.uniform();
        let mut arm = 0;
        while arm < K - 1 && left >= p[arm] {
            left -= p[arm];
            arm += 1;
        }
        losses[arm] += (1.0 - pull(arm, &mut noise)) / p[arm];
        regret += BEST - MEANS[arm];
    }
    regret
}

pub(crate) fn epsilon_greedy(horizon: u64) -> f64 {
    let (mut noise, mut own) = streams();
    let (mut pulls, mut means, mut regret) = ([0.0; K], [0.0; K], 0.0);
    for t in 1..=horizon {
        let arm = if t <= K as u64 {
            t as usize - 1
        } else if own.uniform() < 0.1 {
            own.index(K)
        } else {
            argmax(&means)
        };
        pulls[arm] += 1.0;
        means[arm] += (pull(arm, &mut noise) - means[arm]) / pulls[arm];
        regret += BEST - MEANS[arm];
    }
    regret
}

pub(crate) fn exp3(horizon: u64) -> f64 {
    let (mut noise, mut own) = streams();
    let eta = (2.0 * (K as f64).ln() / (K as f64 * horizon as f64)).sqrt();
    let (mut losses, mut regret) = ([0.0f64; K], 0.0);
    for _ in 0..horizon {
        let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
        let weights = losses.map(|loss| (-eta * (loss - least)).exp());
        let total: f64 = weights.iter().sum();
        let mut left = own.uniform() * total;
        let mut arm = 0;
        while arm < K - 1 && left >= weights[arm] {
            left -= weights[arm];
            arm += 1;
        }
        losses[arm] += (1.0 - pull(arm, &mut noise)) * total / weights[arm];
        regret += BEST - MEANS[arm];
    }
    regret
}

pub(crate) fn thompson_beta(horizon: u64) -> f64 {
    let (mut noise, mut own) = streams();
    let (mut successes, mut failures, mut regret) = ([0.0; K], [0.0; K], 0.0);
    for _ in 0..horizon {
        let mut draws = [0.0; K];
        for a in 0..K {
            let law = Beta::new(1.0 + successes[a], 1.0 + failures[a]).expect("positive");
            draws[a] = law.sample(&mut own);
        }
        let arm = argmax(&draws);
        let reward = pull(arm, &mut noise);
        successes[arm] += reward;
        failures[arm] += 1.0 - reward;
        regret += BEST - MEANS[arm];
    }
    regret
}

pub(crate) fn hedge(horizon: u64) -> f64 {
    let (mut noise, _) = streams();
    let eta = (8.0 * (K as f64).ln() / horizon as f64).sqrt();
    let (mut losses, mut regret) = ([0.0f64; K], 0.0);
    for _ in 0..horizon {
        let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
        let weights = losses.map(|loss| (-eta * (loss - least)).exp());
        let total: f64 = weights.iter().sum();
        for a in 0..K {
            regret += weights[a] / total * (BEST - MEANS[a]);
            losses[a] += 1.0 - pull(a, &mut noise);
        }
    }
    regret
}

/// The loop that the engine's is compared with for a learner of the library.
pub(crate) fn drive_bandit(mut learner: impl Learner<Bandit>, horizon: u64) -> f64 {
    let (mut noise, mut own) = streams();
    let mut pulls = [0.0; K];
    for t in 1..=horizon {
        let action = learner.act(Round { t, slot: 0, context: (), rng: &mut own });
        let feedback = pull(action, &mut noise);
        pulls[action] += 1.0;
        let rng = &mut own;
        learner.update(Outcome { t, slot: 0, context: (), action, feedback, rng });
    }
    pulls.iter().zip(MEANS).map(|(pulls, mean)| pulls * (BEST - mean)).sum()
}

/// The same for experts.
pub(crate) fn drive_experts(mut learner: impl Learner<Experts>, horizon: u64) -> f64 {
    let (mut noise, mut own) = streams();
    let (mut losses, mut totals, mut paid) = ([0.0; K], [0.0; K], 0.0);
    let mut action = [0.0; K];
    for t in 1..=horizon {
        let played = learner.act(Round { t, slot: 0, context: (), rng: &mut own });
        action.copy_from_slice(played);
        for a in 0..K {
            losses[a] = 1.0 - pull(a, &mut noise);
            totals[a] += losses[a];
            paid += action[a] * losses[a];
        }
        let (feedback, rng) = (&losses[..], &mut own);
        learner.update(Outcome { t, slot: 0, context: (), action: &action, feedback, rng });
    }
    paid - totals.iter().copied().fold(f64::INFINITY, f64::min)
}
