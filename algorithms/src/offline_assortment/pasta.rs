//! PASTA: the set whose worst case over the parameters that the log does not rule out is best.
//!
//! Source: Dong, Mo, Qi, Shi, Fang, Tarokh, "PASTA: pessimistic assortment optimization", ICML 2023.
//! Setting: a log of multinomial logit choices with features.
//! Guarantee: sub-optimality Õ(√(d/(κ n π(S*)))), as quoted by later papers: coverage of the best set
//! is enough; constants are not usable.
//! Deviations: the region {l ≤ min l + ρ} has the radius ρ = χ²_{d, 0.95}/2 by default (the paper's
//! constant could not be had), and l a ridge penalty; where the paper alternates between set and
//! parameter, every worst case met bounds the worst cases of all sets from above, so that the search
//! ends with a certificate.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::mnl::{Solver, revenue, routes};
use regret_engine::protocols::OfflineAssortment;
use regret_engine::protocols::offline_assortment::{Certificate, Decision, LogShape};
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::offline_mle::check_ridge;
use crate::support::log_likelihood::Likelihood;
use crate::support::quantile::half_chi_squared;
use crate::support::worst_case::{Region, Worst};

/// Parameters of PASTA.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Pasta {
    /// The radius ρ ≥ 0 of the region; with 0 the decision is the as-if one. If it is not given,
    /// half the 95 % quantile of the χ² law with d degrees of freedom.
    pub radius: Option<f64>,
    /// The penalty λ, from 1e-12 to 1e6.
    pub ridge: f64,
}

impl Default for Pasta {
    fn default() -> Self {
        Self { radius: None, ridge: 1e-6 }
    }
}

/// Up to so many feasible sets all of them are kept, with upper bounds on their worst cases.
const MOST_SETS: u64 = 20_000;

/// Worst cases that are computed at most.
const MOST_ROUNDS: usize = 300;

/// A gap that counts as none.
const SETTLED: f64 = 1e-9;

impl Algorithm for Pasta {
    type Protocol = OfflineAssortment;
    type Learner = PastaLearner;

    const NAME: &'static str = "pasta";
    const SUMMARY: &'static str = "decides for the set of best worst case in a likelihood region";
    const SOURCE: &'static str =
        "Dong, Mo, Qi, Shi, Fang, Tarokh, PASTA: pessimistic assortment optimization, 2023";

    fn check(&self) -> Result<(), ParameterError> {
        check_ridge(self.ridge)?;
        self.radius.map_or(Ok(()), |radius| {
            let valid = (0.0..=1e9).contains(&radius);
            ParameterError::unless(valid, "radius", radius, "must be from 0 to 1e9")
        })
    }

    fn learner(
        &self,
        setting: &Setting<OfflineAssortment>,
    ) -> Result<PastaLearner, ParameterError> {
        let shape = &setting.shape;
        Ok(PastaLearner {
            radius: self.radius.unwrap_or_else(|| half_chi_squared(shape.dimension, 0.95)),
            ridge: self.ridge,
            sets: feasible(shape),
            shape: shape.clone(),
            chosen: Vec::with_capacity(shape.capacity),
        })
    }
}

/// All feasible sets, by size and then as words in a dictionary, if they are few.
fn feasible(shape: &LogShape) -> Option<Vec<Vec<usize>>> {
    let few = routes::sets(shape.items, shape.capacity).is_some_and(|count| count <= MOST_SETS);
    few.then(|| {
        let mut sets = Vec::new();
        routes::by_enumeration(shape.items, shape.capacity, |set| {
            sets.push(set.to_vec());
            0.0
        });
        sets
    })
}

/// PASTA of one replication.
pub struct PastaLearner {
    radius: f64,
    ridge: f64,
    shape: LogShape,
    sets: Option<Vec<Vec<usize>>>,
    chosen: Vec<usize>,
}

impl Learner<OfflineAssortment> for PastaLearner {
    fn act(&mut self, round: Round<'_, OfflineAssortment>) -> Decision<'_> {
        let log = round.context;
        let region = Region::new(Likelihood { log, ridge: self.ridge }, self.radius);
        let search = Search { region: &region, revenues: &log.revenues };
        let Found { set, worst, gap } = match &self.sets {
            Some(sets) => search.among(sets),
            None => search.locally(&self.shape),
        };
        self.chosen.clear();
        self.chosen.extend_from_slice(&set);
        let certificate = Certificate { value: worst.value, gap, violation: worst.violation };
        Decision { set: &self.chosen, certificate }
    }

    fn update(&mut self, _: Outcome<'_, OfflineAssortment>) {}

    fn reset(&mut self) {}
}

/// The search for the set of best worst case.
struct Search<'a> {
    region: &'a Region<'a>,
    revenues: &'a [f64],
}

/// What a search found.
struct Found {
    set: Vec<usize>,
    worst: Worst,
    /// By how much the best worst case may exceed that of the set.
    gap: f64,
}

impl Search<'_> {
    /// Among all sets: the set of greatest upper bound has its worst case computed, whose parameter
    /// then lowers the upper bounds of all, until no upper bound exceeds the best worst case.
    fn among(&self, sets: &[Vec<usize>]) -> Found {
        let centre = self.region.attractions(&self.region.centre);
        let value = |set: &Vec<usize>, v: &[f64]| revenue(self.revenues, v, set);
        let mut bounds: Vec<f64> = sets.iter().map(|set| value(set, &centre)).collect();
        let mut best = self.first(&sets[0]);
        for round in 0..MOST_ROUNDS {
            // The first of the greatest.
            let ranked = bounds.iter().copied().enumerate();
            let (index, greatest) = ranked
                .fold((0, bounds[0]), |a, b| if b.1 > a.1 + SETTLED * a.1.abs() { b } else { a });
            best.gap = (greatest - best.worst.value).max(0.0);
            if round > 0 && best.gap <= SETTLED {
                best.gap = 0.0;
                break;
            }
            let worst = self.region.worst(&sets[index]);
            let scenario = self.region.attractions(&worst.theta);
            for (bound, set) in bounds.iter_mut().zip(sets) {
                *bound = bound.min(value(set, &scenario));
            }
            bounds[index] = bounds[index].min(worst.value);
            if round == 0 || worst.value > best.worst.value {
                best = Found { set: sets[index].clone(), worst, gap: best.gap };
            }
        }
        best
    }

    fn first(&self, set: &[usize]) -> Found {
        Found { set: set.to_vec(), worst: self.region.local_worst(set), gap: f64::MAX }
    }

    /// Where there are too many sets: the set that is best in the worst of the scenarios so far, as
    /// local search finds it, until its worst case is one of them. For each scenario the best set is
    /// exact, which bounds what any set can have.
    fn locally(&self, shape: &LogShape) -> Found {
        let mut solver = Solver::new(shape.items, shape.capacity);
        let mut scenarios = vec![self.region.attractions(&self.region.centre)];
        let mut starts: Vec<Vec<usize>> = Vec::new();
        let mut bound = f64::INFINITY;
        let mut best: Option<Found> = None;
        for _ in 0..50 {
            if let Some(newest) = scenarios.last() {
                bound = bound.min(solver.solve(self.revenues, newest));
                starts.push(or_first(solver.set()));
            }
            let set = self.climb(&starts, &scenarios, shape);
            let worst = self.region.worst(&set);
            let expected = self.in_scenarios(&set, &scenarios);
            scenarios.push(self.region.attractions(&worst.theta));
            let settled = worst.value >= expected - SETTLED;
            if best.as_ref().is_none_or(|best| worst.value > best.worst.value) {
                best = Some(Found { set, worst, gap: 0.0 });
            }
            if settled {
                break;
            }
        }
        let mut found = best.unwrap_or_else(|| self.first(&[0]));
        found.gap = (bound - found.worst.value).max(0.0);
        found
    }

    /// The least revenue of a set in the scenarios.
    fn in_scenarios(&self, set: &[usize], scenarios: &[Vec<f64>]) -> f64 {
        let revenues = scenarios.iter().map(|v| revenue(self.revenues, v, set));
        revenues.fold(f64::INFINITY, f64::min)
    }

    /// Adds, drops and exchanges items of each start while that helps; answers the best end.
    fn climb(&self, starts: &[Vec<usize>], scenarios: &[Vec<f64>], shape: &LogShape) -> Vec<usize> {
        let mut best = (f64::NEG_INFINITY, vec![0]);
        for start in starts {
            let mut set = start.clone();
            let mut value = self.in_scenarios(&set, scenarios);
            loop {
                let (mut next, mut greatest) = (None, value * (1.0 + SETTLED));
                for neighbour in neighbours(&set, shape) {
                    let worth = self.in_scenarios(&neighbour, scenarios);
                    if worth > greatest {
                        (next, greatest) = (Some(neighbour), worth);
                    }
                }
                let Some(better) = next else { break };
                (set, value) = (better, greatest);
            }
            if value > best.0 {
                best = (value, set);
            }
        }
        best.1
    }
}

/// The set, or item 0 in place of the empty one.
fn or_first(set: &[usize]) -> Vec<usize> {
    if set.is_empty() { vec![0] } else { set.to_vec() }
}

/// The feasible sets that differ by one item added, dropped or exchanged.
fn neighbours(set: &[usize], shape: &LogShape) -> Vec<Vec<usize>> {
    let mut all = Vec::new();
    for place in 0..set.len() {
        if set.len() > 1 {
            let mut fewer = set.to_vec();
            fewer.remove(place);
            all.push(fewer);
        }
    }
    for item in (0..shape.items).filter(|item| !set.contains(item)) {
        let with = |base: &[usize]| {
            let mut more = base.to_vec();
            more.push(item);
            more.sort_unstable();
            more
        };
        if set.len() < shape.capacity {
            all.push(with(set));
        }
        for place in 0..set.len() {
            let mut fewer = set.to_vec();
            fewer.remove(place);
            all.push(with(&fewer));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use regret_engine::protocols::offline_assortment::Log;
    use regret_engine::random::Stream;

    use super::super::OfflineMle;
    use super::*;
    use crate::support::log_likelihood::tests::log;

    fn decide<A: Algorithm<Protocol = OfflineAssortment>>(
        spec: &A,
        log: &Log,
        capacity: usize,
    ) -> (Vec<usize>, Certificate) {
        let (items, dimension) = (log.revenues.len(), log.dimension);
        let shape = LogShape { items, capacity, dimension, records: 0 };
        let mut learner = spec.learner(&Setting::new(shape, 1)).expect("fits");
        let rng = &mut Stream::from_state(1);
        let decision = learner.act(Round { t: 1, slot: 0, context: log, rng });
        (decision.set.to_vec(), decision.certificate)
    }

    fn two() -> Log {
        log(&[1.0, 0.7], &[(&[0], 60.0, &[40.0]), (&[1], 1.0, &[3.0])])
    }

    #[test]
    fn the_pages_example() {
        // d = 2: ρ = −ln 0.05. Alone, as-if takes item 1 (0.525), PASTA item 0 (0.285749).
        assert_eq!(decide(&OfflineMle::default(), &two(), 1).0, [1]);
        let (set, certificate) = decide(&Pasta::default(), &two(), 1);
        assert_eq!(set, [0]);
        assert!((certificate.value - 0.285_749_2).abs() < 1e-4, "{certificate:?}");
        assert_eq!((certificate.gap, decide(&Pasta::default(), &two(), 2).0), (0.0, vec![0, 1]));
    }

    #[test]
    fn no_radius_is_as_if() {
        let spec = Pasta { radius: Some(0.0), ..Pasta::default() };
        let mut stream = Stream::from_state(4);
        for _ in 0..20 {
            let mut draw = |n: usize| (1 + stream.index(n)) as f64;
            let sets: [(&[usize], f64, [f64; 2]); 3] = [
                (&[0, 1], draw(9), [draw(9), draw(9)]),
                (&[1, 2], draw(9), [draw(9), draw(9)]),
                (&[0, 3], draw(9), [draw(9), draw(9)]),
            ];
            let entries = sets.each_ref().map(|(set, n, bought)| (*set, *n, &bought[..]));
            let log = log(&[1.0, 0.8, 0.9, 0.5], &entries);
            for capacity in 1..=4 {
                let (set, certificate) = decide(&spec, &log, capacity);
                let (expected, plug_in) = decide(&OfflineMle::default(), &log, capacity);
                assert_eq!(set, expected);
                assert!((certificate.value - plug_in.value).abs() < 1e-12);
            }
        }
    }

    /// The search over all sets finds what computing every worst case finds, and local search as
    /// well here, with a bound that holds.
    #[test]
    fn searches_agree_with_every_worst_case() {
        let mut stream = Stream::from_state(8);
        for _ in 0..6 {
            let mut draw = |n: usize| (1 + stream.index(n)) as f64;
            let sets: [(&[usize], f64, [f64; 2]); 4] = [
                (&[0, 1], draw(30), [draw(20), draw(9)]),
                (&[1, 2], draw(30), [draw(9), draw(20)]),
                (&[2, 3], draw(5), [draw(5), draw(5)]),
                (&[3, 4], draw(9), [draw(3), draw(9)]),
            ];
            let entries = sets.each_ref().map(|(set, n, bought)| (*set, *n, &bought[..]));
            let log = log(&[1.0, 0.8, 0.9, 0.5, 0.7], &entries);
            let shape = LogShape { items: 5, capacity: 2, dimension: 5, records: 0 };
            let region = Region::new(Likelihood { log: &log, ridge: 1e-6 }, 2.0);
            let search = Search { region: &region, revenues: &log.revenues };
            let all = feasible(&shape).expect("few");
            let every = all.iter().map(|set| region.worst(set).value).fold(0.0, f64::max);
            let found = search.among(&all);
            assert!((found.worst.value - every).abs() < 1e-7, "{} {every}", found.worst.value);
            let local = search.locally(&shape);
            assert!(local.worst.value <= every + 1e-7);
            assert!(local.worst.value + local.gap >= every - 1e-7);
        }
    }
}
