//! Contextual learners beside plain hand-written loops of the same algorithms, in the same process:
//! ratios are what counts. `cargo bench --bench contextual` prints nanoseconds a round and the ratio.
//!
//! Both sides play the same prepared contexts, d = 20 features shared by K = 10 arms, so that nothing but
//! the learner is measured. Every figure is the fastest of several turns that alternate between the
//! two, on one core.

use std::hint::black_box;
use std::time::Instant;

use regret_algorithms::contextual::{LinUcb, NeuSquareCb, NeuralEpsilonGreedy, NeuralUcb};
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Contextual;
use regret_engine::protocols::contextual::{ArmFeatures, Layout, Size};
use regret_engine::random::{Role, Stream, normal};
use regret_engine::registry::Algorithm;
use serde_json::json;

const D: usize = 20;
const K: usize = 10;
const WIDTH: usize = 100;
const ROUNDS: usize = 4096;
const TURNS: usize = 7;
const SIZE: Size = Size { arms: K, features: D, layout: Layout::Shared };

/// Contexts on the unit sphere and the rewards of all arms.
struct Data {
    contexts: Vec<[f64; D]>,
    rewards: Vec<[f64; K]>,
}

impl Data {
    fn new() -> Self {
        let mut rng = Stream::new(1, 0, Role::Noise);
        let mut unit = || {
            let mut x = [0.0; D];
            x.iter_mut().for_each(|x| *x = normal(&mut rng));
            let norm = x.iter().map(|x| x * x).sum::<f64>().sqrt();
            x.map(|x| x / norm)
        };
        let theta: Vec<[f64; D]> = (0..K).map(|_| unit()).collect();
        let contexts: Vec<[f64; D]> = (0..ROUNDS).map(|_| unit()).collect();
        let reward =
            |x: &[f64; D], arm: usize| theta[arm].iter().zip(x).map(|(a, b)| a * b).sum::<f64>();
        let rewards = contexts.iter().map(|x| std::array::from_fn(|arm| reward(x, arm))).collect();
        Self { contexts, rewards }
    }
}

fn main() {
    let data = Data::new();
    let simd = format!("one core, d = 20, K = 10, {:?}", regret_engine::simd::level());
    println!("{simd:<44} {:>9} {:>9} {:>7}", "plain", "engine", "ratio");
    compare(
        "LinUCB, disjoint",
        || lin_ucb(&data),
        || played(&LinUcb { disjoint: true, ..LinUcb::default() }, &data),
    );
    compare(
        "ε-greedy, width 100",
        || network(&data, false),
        || played(&NeuralEpsilonGreedy::default(), &data),
    );
    compare(
        "NeuralUCB, diagonal, width 100",
        || network(&data, true),
        || played(&NeuralUcb::default(), &data),
    );
    let epsilon_greedy = || played(&NeuralEpsilonGreedy::default(), &data);
    compare("ε-greedy : NeuSquareCB, expected", epsilon_greedy, || {
        played(&NeuSquareCb::default(), &data)
    });
    let sampled: Result<NeuSquareCb, _> =
        serde_json::from_value(json!({"perturbation": {"sampled": 10}}));
    if let Ok(sampled) = sampled {
        compare("ε-greedy : NeuSquareCB, 10 samples", epsilon_greedy, || played(&sampled, &data));
    }
}

/// Prints nanoseconds a round of both, and how many times faster the second is.
fn compare(name: &str, mut first: impl FnMut() -> f64, mut second: impl FnMut() -> f64) {
    let (mut a, mut b) = (f64::INFINITY, f64::INFINITY);
    let time = |play: &mut dyn FnMut() -> f64| {
        let start = Instant::now();
        black_box(play());
        start.elapsed().as_secs_f64() * 1e9 / ROUNDS as f64
    };
    for _ in 0..TURNS {
        a = a.min(time(&mut first));
        b = b.min(time(&mut second));
    }
    println!("{name:<44} {a:>9.0} {b:>9.0} {:>7.2}", a / b);
}

/// Plays an algorithm on the contexts; answers its reward.
fn played<A: Algorithm<Protocol = Contextual>>(algorithm: &A, data: &Data) -> f64 {
    let setting = Setting::new(SIZE, ROUNDS as u64);
    let Ok(mut learner) = algorithm.learner(&setting) else { return f64::NAN };
    let mut rng = Stream::new(1, 0, Role::Learner);
    let mut total = 0.0;
    for (t, (x, rewards)) in (1..).zip(data.contexts.iter().zip(&data.rewards)) {
        let context = ArmFeatures { values: x, size: SIZE };
        let action = learner.act(Round { t, slot: 0, context, rng: &mut rng });
        let feedback = rewards[action];
        total += feedback;
        learner.update(Outcome { t, slot: 0, context, action, feedback, rng: &mut rng });
    }
    total
}

/// LinUCB with a matrix for each arm, as a careful researcher writes it.
fn lin_ucb(data: &Data) -> f64 {
    let mut inverses = vec![[[0.0; D]; D]; K];
    for inverse in &mut inverses {
        (0..D).for_each(|i| inverse[i][i] = 1.0);
    }
    let (mut moments, mut thetas, mut total) = ([[0.0; D]; K], [[0.0; D]; K], 0.0);
    for (x, rewards) in data.contexts.iter().zip(&data.rewards) {
        let (mut best, mut arm) = (f64::NEG_INFINITY, 0);
        for a in 0..K {
            let (mut mean, mut width) = (0.0, 0.0);
            for i in 0..D {
                mean += thetas[a][i] * x[i];
                let mut sum = 0.0;
                for j in 0..D {
                    sum += inverses[a][i][j] * x[j];
                }
                width += x[i] * sum;
            }
            let index = mean + width.sqrt();
            if index > best {
                (best, arm) = (index, a);
            }
        }
        let reward = rewards[arm];
        total += reward;
        let inverse = &mut inverses[arm];
        let mut direction = [0.0; D];
        let mut width = 0.0;
        for i in 0..D {
            for j in 0..D {
                direction[i] += inverse[i][j] * x[j];
            }
            width += direction[i] * x[i];
        }
        for i in 0..D {
            for j in 0..D {
                inverse[i][j] -= direction[i] * direction[j] / (1.0 + width);
            }
        }
        for i in 0..D {
            moments[arm][i] += reward * x[i];
        }
        for i in 0..D {
            thetas[arm][i] = (0..D).map(|j| inverse[i][j] * moments[arm][j]).sum();
        }
    }
    total
}

/// ε-greedy, or NeuralUCB with the diagonal, on one hidden layer: weights `[input][unit]` by arm, one step
/// a round.
fn network(data: &Data, ucb: bool) -> f64 {
    let mut rng = Stream::new(1, 0, Role::Learner);
    let first = (2.0 / D as f64).sqrt();
    let mut weights = vec![[[0.0f32; WIDTH]; D]; K];
    for weight in weights.iter_mut().flatten().flatten() {
        *weight = (first * normal(&mut rng)) as f32;
    }
    let mut last = [0.0f32; WIDTH];
    last.iter_mut().for_each(|w| *w = (0.1 * normal(&mut rng)) as f32);
    let (mut bias, mut last_bias, mut total) = ([0.0f32; WIDTH], 0.0f32, 0.0);
    let mut design = vec![[[0.1f64; WIDTH]; D]; K];
    let mut design_last = ([0.1f64; WIDTH], [0.1f64; WIDTH], 0.1f64);
    for (x, rewards) in data.contexts.iter().zip(&data.rewards) {
        let x = x.map(|x| x as f32);
        let forward = |weights: &[[f32; WIDTH]; D], bias: &[f32; WIDTH], last: &[f32; WIDTH]| {
            let mut units = *bias;
            for (x, row) in x.iter().zip(weights) {
                for (unit, weight) in units.iter_mut().zip(row) {
                    *unit += x * weight;
                }
            }
            let mut output = 0.0f32;
            for (unit, weight) in units.iter_mut().zip(last) {
                *unit = unit.max(0.0);
                output += *unit * weight;
            }
            (units, output)
        };
        let explores = !ucb && rng.uniform() < 0.05;
        let mut arm = rng.index(K);
        let mut best = f64::NEG_INFINITY;
        for a in (0..K).filter(|_| !explores) {
            let (units, output) = forward(&weights[a], &bias, &last);
            let mut index = f64::from(output + last_bias);
            if ucb {
                let mut sum = 1.0 / design_last.2;
                for k in 0..WIDTH {
                    let delta = if units[k] > 0.0 { f64::from(last[k]) } else { 0.0 };
                    let unit = f64::from(units[k]);
                    sum += delta * delta / design_last.0[k] + unit * unit / design_last.1[k];
                    for j in 0..D {
                        let g = f64::from(x[j]) * delta;
                        sum += g * g / design[a][j][k];
                    }
                }
                index += (0.0001 * sum).sqrt();
            }
            if index > best {
                (best, arm) = (index, a);
            }
        }
        let reward = rewards[arm];
        total += reward;
        let (units, output) = forward(&weights[arm], &bias, &last);
        let step = (0.02 * 2.0 * (f64::from(output + last_bias) - reward)) as f32;
        for k in 0..WIDTH {
            let delta = if units[k] > 0.0 { last[k] } else { 0.0 };
            if ucb {
                let wide = f64::from(delta);
                design_last.0[k] += wide * wide;
                design_last.1[k] += f64::from(units[k]) * f64::from(units[k]);
                for j in 0..D {
                    let g = f64::from(x[j]) * wide;
                    design[arm][j][k] += g * g;
                }
            }
            for j in 0..D {
                weights[arm][j][k] -= step * x[j] * delta;
            }
            bias[k] -= step * delta;
            last[k] -= step * units[k];
        }
        design_last.2 += 1.0;
        last_bias -= step;
    }
    total
}
