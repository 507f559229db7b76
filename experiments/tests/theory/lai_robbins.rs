//! Lai and Robbins's constant: the slope of the regret in ln T.
//!
//! A learner that claims the constant C = Σ Δ/kl(μ, μ*) has R_T/ln T → C and, being consistent, no
//! smaller slope in the end. The slope measured is that of the last decade, (R_T − R_{T/10})/ln 10
//! at T = 10⁵, either run told its own horizon. It is not C yet. What it is instead is known exactly
//! for two rules if the best arm, which is played nearly always, counts as known: the expected pulls
//! of another arm are then a first passage of a binomial walk ([`Rule::pulls`]).
//!
//! - IMED plays an arm while n kl(m, μ*) + ln n ≤ ln T: 0.75 C here. Nothing that claims the constant
//!   charges more for pulls: KL-UCB-switch and kl-UCB++ charge ln n as well, the posteriors of
//!   Thompson sampling and Bayes-UCB, with their mass of about e^{−n kl}/√n, half of it.
//! - KL-UCB plays an arm while n kl(m, u) ≤ ln T, where u is the best arm's own index, which has yet
//!   to come down to μ*: 1.2 C here. Only an index that falls back on Pinsker's 2 Δ² (KL-UCB-switch,
//!   beyond its first pulls) plays it longer, kl/(2 Δ²) times, here at most 1.1.
//!
//! So every claimant must lie between the two, the upper one widened by Pinsker's factor, and IMED
//! and KL-UCB at theirs: within four standard errors of the mean over replications, each of which
//! meets the same luck in both runs.

use std::collections::BTreeSet;

use regret_engine::bound::Side;
use regret_engine::delay::Delay;
use regret_engine::notion::PSEUDO_REGRET;
use serde_json::json;

use crate::support::{Estimate, algorithm, algorithms_of, at_horizon, environment, game};

/// Standard errors by which the mean slope may leave the margin.
const ERRORS: f64 = 4.0;

/// Algorithms that must claim the constant on Bernoulli arms.
const OPTIMAL: [&str; 6] =
    ["kl_ucb", "kl_ucb_plus_plus", "kl_ucb_switch", "imed", "thompson_beta", "bayes_ucb"];

/// T over the shorter horizon.
const SPAN: f64 = 10.0;

/// Rounds and replications. Bayes-UCB computes quantiles of Beta laws in every round and takes a
/// hundred times as long as the others.
fn effort(name: &str) -> (u64, u64) {
    if name == "bayes_ucb" { (10_000, 16) } else { (100_000, 256) }
}

#[test]
fn slopes_are_those_of_lai_and_robbins() {
    let mut claimed = BTreeSet::new();
    for means in [&[0.3, 0.75][..], &[0.2, 0.7, 0.3]] {
        let arms = environment("bernoulli", json!({"means": means}));
        let pinsker = means.iter().filter(|&&mean| mean < best(means)).map(|&mean| {
            let gap = best(means) - mean;
            kl(mean, best(means)) / (2.0 * gap * gap)
        });
        let pinsker = pinsker.fold(1.0, f64::max);
        for name in algorithms_of("bandit") {
            let (horizon, replications) = effort(name);
            let learner = algorithm(name, json!({}));
            let pair = |horizon| game(&arms, learner.as_ref(), horizon, Delay::None);
            let bounds = pair(horizon).bounds();
            let Some(claim) = bounds.iter().find(|b| b.side == Side::AsymptoticUpper) else {
                continue;
            };
            claimed.insert(name);
            let constant = claim.at(horizon) / (horizon as f64).ln();
            assert!((constant / lai_robbins(means) - 1.0).abs() < 1e-9, "{name}: {constant}");

            let regrets = |horizon: u64| {
                let game = pair(horizon);
                at_horizon(game.as_ref(), 23, horizon, replications, PSEUDO_REGRET)
            };
            let pairs = regrets(horizon).into_iter().zip(regrets(horizon / SPAN as u64));
            let slopes: Vec<f64> = pairs.map(|(late, early)| (late - early) / SPAN.ln()).collect();
            let slope = Estimate::of(&slopes);
            let [imed, kl_ucb] = [Rule::Imed, Rule::KlUcb].map(|r| r.slope(means, horizon as f64));
            let (low, high) = match name {
                "imed" => (imed, imed),
                "kl_ucb" => (kl_ucb, kl_ucb),
                _ => (imed, kl_ucb * pinsker),
            };
            let allowance = ERRORS * slope.error;
            assert!(
                slope.mean >= low - allowance && slope.mean <= high + allowance,
                "{name} on {means:?}: {slope:?}, not in {low} to {high}"
            );
        }
    }
    assert!(OPTIMAL.iter().all(|name| claimed.contains(name)), "{claimed:?}");
}

fn kl(p: f64, q: f64) -> f64 {
    let term = |p: f64, q: f64| if p > 0.0 { p * (p / q).ln() } else { 0.0 };
    term(p, q) + term(1.0 - p, 1.0 - q)
}

/// Σ Δ f(μ) over the arms that are not best.
fn over_gaps(means: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let best = best(means);
    let others = means.iter().filter(|&&mean| mean < best);
    others.map(|&mean| (best - mean) * f(mean)).sum()
}

fn best(means: &[f64]) -> f64 {
    means.iter().copied().fold(0.0, f64::max)
}

fn lai_robbins(means: &[f64]) -> f64 {
    over_gaps(means, |mean| 1.0 / kl(mean, best(means)))
}

/// How an arm is valued beside the best arm, whose rewards are as good as known.
#[derive(Clone, Copy)]
enum Rule {
    /// n kl(m, μ*) + ln n.
    Imed,
    /// n kl(m, u).
    KlUcb,
}

impl Rule {
    /// E of the arm's pulls until it is worth more than ln T: the probability that no pull before
    /// was enough, summed, by the law of the number of successes among those that were not.
    fn pulls(self, mean: f64, best: f64, horizon: f64) -> f64 {
        const MOST: usize = 500;
        let rival = match self {
            Self::Imed => best,
            Self::KlUcb => upper(best, horizon),
        };
        let mut law = vec![1.0];
        let mut pulls = 0.0;
        for n in 1..=MOST {
            pulls += law.iter().sum::<f64>();
            let mut next = vec![0.0; n + 1];
            for (successes, p) in law.iter().enumerate() {
                next[successes] += p * (1.0 - mean);
                next[successes + 1] += p * mean;
            }
            let n = n as f64;
            let charge = if matches!(self, Self::Imed) { n.ln() } else { 0.0 };
            for (successes, p) in next.iter_mut().enumerate() {
                let m = successes as f64 / n;
                let refuted = if m < rival { n * kl(m, rival) } else { 0.0 };
                *p = if refuted + charge > horizon.ln() { 0.0 } else { *p };
            }
            law = next;
        }
        assert!(law.iter().sum::<f64>() < 1e-9, "more than {MOST} pulls");
        pulls
    }

    /// The slope of the regret in ln T over the decades up to `horizon`.
    fn slope(self, means: &[f64], horizon: f64) -> f64 {
        let best = best(means);
        let pulls = |horizon| over_gaps(means, |mean| self.pulls(mean, best, horizon));
        (pulls(horizon) - pulls(horizon / SPAN)) / SPAN.ln()
    }
}

/// The best arm's KL-UCB index after about T pulls: T kl(μ*, u) = ln T.
fn upper(best: f64, horizon: f64) -> f64 {
    let (mut low, mut high) = (best, 1.0 - 1e-9);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if horizon * kl(best, middle) < horizon.ln() { low = middle } else { high = middle }
    }
    low
}
