//! The multinomial logit model: what algorithms, environments and referees compute of it.
//!
//! A customer who is offered the set S buys item i of it with probability `v_i / (1 + V(S))`,
//! `V(S) = Σ_{i∈S} v_i`, and nothing with the rest; `v_i ≥ 0` is the item's *attraction*, that of
//! buying nothing is 1. With revenues `r_i ≥ 0` the set is worth `R(S) = Σ_S r_i v_i / (1 + V(S))`
//! in expectation. [`Solver`] finds the best set; [`routes`] finds it in ways that share no code
//! with it.
//!
//! **One rule for ties, in all of them:** of the best sets, one with the fewest items, and of these
//! the one that comes first when sorted items are compared like words. An item whose revenue is
//! that of the best set changes nothing, and is left out. Revenues within [`TIE`] of each other
//! (relatively) count as equal.

mod optimum;
pub mod routes;

pub use optimum::Solver;

/// Relative difference below which two revenues are one: some thousand times the rounding of
/// [`revenue`].
pub const TIE: f64 = 1e-12;

/// The largest utility in absolute value that [`attraction`] tells apart.
pub const LARGEST_UTILITY: f64 = 30.0;

/// `e^u`, the attraction of an item of utility `u`, with `u` kept within ±[`LARGEST_UTILITY`]: no
/// attraction is 0 or infinite, and sums of a million of them lose nothing that is seen. NaN for
/// NaN.
#[inline(always)]
pub fn attraction(utility: f64) -> f64 {
    crate::math::exp(utility.clamp(-LARGEST_UTILITY, LARGEST_UTILITY))
}

/// The expected revenue of a set, 0 of the empty one. `set` holds indices of both slices.
#[inline]
pub fn revenue(revenues: &[f64], attractions: &[f64], set: &[usize]) -> f64 {
    let (mut sum, mut weight) = (0.0, 1.0);
    for &item in set {
        sum += revenues[item] * attractions[item];
        weight += attractions[item];
    }
    sum / weight
}

/// Writes the probabilities with which the items of a set are bought, in its order. `set` holds
/// indices of `attractions` and is as long as `probabilities`.
#[inline]
pub fn probabilities(attractions: &[f64], set: &[usize], probabilities: &mut [f64]) {
    let weight = set.iter().fold(1.0, |sum, &item| sum + attractions[item]);
    for (probability, &item) in probabilities.iter_mut().zip(set) {
        *probability = attractions[item] / weight;
    }
}
