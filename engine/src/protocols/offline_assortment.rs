//! Offline assortment: see a log of offers and choices once, decide for a set once.

use super::assortment::Sets;
use crate::protocol::{ActionProblem, LaneBuffer, NoSums, Nothing, Protocol};

/// The learner is shown a log of sets that were offered and of what was bought, and decides for one
/// set. There is one round.
#[derive(Clone, Copy, Debug)]
pub struct OfflineAssortment;

/// The sizes of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogShape {
    /// The number of items, N ≥ 1.
    pub items: usize,
    /// The greatest number of items of the set decided for, 1 ≤ K ≤ N.
    pub capacity: usize,
    /// The number of features of an item, d.
    pub dimension: usize,
    /// The number of records, n.
    pub records: u64,
}

impl Protocol for OfflineAssortment {
    const NAME: &'static str = "offline_assortment";
    const SUMMARY: &'static str = "see a log of offers and choices, decide for one set";

    type Shape = LogShape;
    type Instance = ();
    type Contexts = Logs;
    type Actions = Decisions;
    type Feedbacks = Nothing;
    type Sums = NoSums;

    fn contexts(shape: &LogShape, lanes: usize) -> Logs {
        Logs(vec![Log::new(shape.items, shape.dimension); lanes])
    }

    fn actions(shape: &LogShape, lanes: usize) -> Decisions {
        Decisions { sets: Sets::new(shape.capacity, lanes), certificates: vec![NONE; lanes] }
    }

    fn feedbacks(_: &LogShape, _: usize) -> Nothing {
        Nothing
    }

    fn check(
        shape: &LogShape,
        _: &Logs,
        decisions: &Decisions,
    ) -> Result<(), (usize, ActionProblem)> {
        for (lane, certificate) in decisions.certificates.iter().enumerate() {
            decisions.sets.check(lane, shape.items, shape.capacity).map_err(|p| (lane, p))?;
            let Certificate { value, gap, violation } = *certificate;
            for (index, value, low) in
                [(0, value, f64::NEG_INFINITY), (1, gap, 0.0), (2, violation, 0.0)]
            {
                if !value.is_finite() || value < low {
                    return Err((lane, ActionProblem::BadComponent { index, value }));
                }
            }
        }
        Ok(())
    }
}

/// A log, compressed: how often each choice was made of each distinct set.
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// The revenue of each item.
    pub revenues: Vec<f64>,
    /// The features of each item, row-major `[item][feature]`: unit vectors where items have nothing
    /// in common.
    pub features: Vec<f64>,
    /// The number of features, d.
    pub dimension: usize,
    /// The distinct sets, in the order in which they were first offered.
    pub sets: Vec<Logged>,
}

/// What was recorded of one set.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    /// The set, rising.
    pub items: Vec<usize>,
    /// Customers who bought nothing.
    pub nothing: f64,
    /// Customers who bought the item at each place.
    pub bought: Vec<f64>,
}

impl Logged {
    /// How often the set was offered.
    pub fn offers(&self) -> f64 {
        self.nothing + self.bought.iter().sum::<f64>()
    }
}

impl Log {
    /// An empty log.
    pub fn new(items: usize, dimension: usize) -> Self {
        Self {
            revenues: vec![0.0; items],
            features: vec![0.0; items * dimension],
            dimension,
            sets: Vec::new(),
        }
    }

    /// The features of an item.
    #[inline(always)]
    pub fn row(&self, item: usize) -> &[f64] {
        &self.features[item * self.dimension..(item + 1) * self.dimension]
    }

    /// Adds `count` records in which the item at a place of a (rising) set was bought, or nothing.
    pub fn enter(&mut self, items: &[usize], place: Option<usize>, count: f64) {
        let known = self.sets.iter().position(|logged| logged.items == items);
        let index = known.unwrap_or_else(|| {
            let bought = vec![0.0; items.len()];
            self.sets.push(Logged { items: items.to_vec(), nothing: 0.0, bought });
            self.sets.len() - 1
        });
        let logged = &mut self.sets[index];
        match place {
            Some(place) => logged.bought[place] += count,
            None => logged.nothing += count,
        }
    }
}

/// The logs of several lanes.
#[derive(Clone, Debug)]
pub struct Logs(pub Vec<Log>);

impl LaneBuffer for Logs {
    type View<'a> = &'a Log;
    type Scratch = ();

    fn read<'a>(&'a self, lane: usize, (): &'a mut ()) -> &'a Log {
        &self.0[lane]
    }

    fn write(&mut self, lane: usize, log: &Log) {
        self.0[lane].clone_from(log);
    }
}

/// What a learner says of the set that it decided for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Certificate {
    /// The revenue that it takes the set to be worth: an estimate, or a bound from below.
    pub value: f64,
    /// By how much the best value by its criterion may exceed that of its set; 0 if it found the
    /// best.
    pub gap: f64,
    /// By how much it had to break a constraint of its criterion.
    pub violation: f64,
}

const NONE: Certificate = Certificate { value: 0.0, gap: 0.0, violation: 0.0 };

impl Certificate {
    /// The certificate of a value that is exact by the learner's criterion.
    pub fn exact(value: f64) -> Self {
        Self { value, ..NONE }
    }
}

/// A decision: one lane's part of [`Decisions`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision<'a> {
    /// The set, rising.
    pub set: &'a [usize],
    /// What the learner says of it.
    pub certificate: Certificate,
}

/// Decisions of several lanes.
#[derive(Clone, Debug)]
pub struct Decisions {
    sets: Sets,
    certificates: Vec<Certificate>,
}

impl Decisions {
    /// The decision of `lane`.
    pub fn view(&self, lane: usize) -> Decision<'_> {
        Decision { set: self.sets.view(lane), certificate: self.certificates[lane] }
    }
}

impl LaneBuffer for Decisions {
    type View<'a> = Decision<'a>;
    type Scratch = ();

    fn read<'a>(&'a self, lane: usize, (): &'a mut ()) -> Decision<'a> {
        self.view(lane)
    }

    fn write(&mut self, lane: usize, decision: Decision<'_>) {
        self.sets.write(lane, decision.set);
        self.certificates[lane] = decision.certificate;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_counted_by_set_and_choice() {
        let mut log = Log::new(4, 1);
        log.enter(&[0, 2], Some(1), 1.0);
        log.enter(&[1], None, 2.0);
        log.enter(&[0, 2], None, 1.0);
        log.enter(&[0, 2], Some(1), 3.0);
        assert_eq!(log.sets.len(), 2);
        assert_eq!(log.sets[0], Logged { items: vec![0, 2], nothing: 1.0, bought: vec![0.0, 4.0] });
        assert_eq!((log.sets[0].offers(), log.sets[1].offers()), (5.0, 2.0));
    }

    #[test]
    fn decisions_that_cannot_be_are_refused() {
        let shape = LogShape { items: 3, capacity: 2, dimension: 3, records: 0 };
        let problem = |set: &[usize], certificate| {
            let mut decisions = OfflineAssortment::actions(&shape, 1);
            decisions.write(0, Decision { set, certificate });
            OfflineAssortment::check(&shape, &OfflineAssortment::contexts(&shape, 1), &decisions)
        };
        assert_eq!(problem(&[0, 2], Certificate::exact(0.5)), Ok(()));
        assert!(problem(&[], NONE).is_err());
        assert!(problem(&[0, 1, 2], NONE).is_err());
        assert!(problem(&[3], NONE).is_err());
        assert!(problem(&[0], Certificate::exact(f64::NAN)).is_err());
        assert!(problem(&[0], Certificate { gap: -1.0, ..NONE }).is_err());
    }
}
