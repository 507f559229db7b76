//! UCB1 with every feasible set as an arm: what ignoring the structure costs.
//!
//! Source: Auer, Cesa-Bianchi, Fischer, "Finite-time analysis of the multiarmed bandit problem",
//! 2002, Theorem 1, with the sets of 1 to K items as arms.
//! Setting: few items, revenues in [0, 1]; any choice model.
//! Guarantee, tested: regret ≤ Σ (8 ln t/Δ_S) + (1 + π²/3) Σ Δ_S over the sets S that are not best.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::mnl::{self, routes};
use regret_engine::notion::REVENUE_REGRET;
use regret_engine::protocols::Assortment;
use regret_engine::protocols::assortment::{Customers, Market, Offer};
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of UCB1 over sets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AssortmentUcb1 {
    /// The width is √(α ln t/n), α > 0; the theorem has 2.
    pub alpha: f64,
}

impl Default for AssortmentUcb1 {
    fn default() -> Self {
        Self { alpha: 2.0 }
    }
}

/// The most sets that are kept as arms.
const MOST_SETS: u64 = 1 << 16;

impl Algorithm for AssortmentUcb1 {
    type Protocol = Assortment;
    type Learner = SetIndices;

    const NAME: &'static str = "assortment_ucb1";
    const SUMMARY: &'static str = "UCB1 with every feasible set as an arm";
    const SOURCE: &'static str = "Auer, Cesa-Bianchi, Fischer, Finite-time analysis of the \
                                  multiarmed bandit problem, 2002, Figure 1";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = self.alpha > 0.0 && self.alpha <= 1e6;
        ParameterError::unless(valid, "alpha", self.alpha, "must be above 0, at most 1e6")
    }

    fn learner(&self, setting: &Setting<Assortment>) -> Result<SetIndices, ParameterError> {
        let Market { items, capacity, .. } = setting.shape;
        let count = routes::sets(items, capacity);
        if count.is_none_or(|count| count > MOST_SETS) {
            let count = count.map_or("over 2^64".to_owned(), |count| count.to_string());
            let message = format!(
                "it keeps every set as an arm, but there are {count} sets of at most {capacity} of \
                 {items} items; it can keep {MOST_SETS}"
            );
            return Err(ParameterError { path: String::new(), message });
        }
        let mut sets = Vec::new();
        let partition = setting.shape.partition.as_ref();
        routes::by_enumeration(items, capacity, |set| {
            if partition.is_none_or(|parts| parts.allows(set)) {
                sets.push(set.to_vec());
            }
            0.0
        });
        let zeros = vec![0.0; sets.len()];
        Ok(SetIndices {
            alpha: self.alpha,
            pulls: zeros.clone(),
            sums: zeros,
            slots: vec![0; setting.pending],
            sets,
        })
    }

    fn bounds(&self, setting: &Setting<Assortment>, customers: &Customers) -> Vec<Bound> {
        let Some((revenues, attractions)) = &customers.market else { return Vec::new() };
        let Market { items, capacity, .. } = setting.shape;
        let few = routes::sets(items, capacity).is_some_and(|count| count <= MOST_SETS);
        if self.alpha != 2.0 || customers.greatest_revenue > 1.0 || !few {
            return Vec::new();
        }
        let mut worth = Vec::new();
        routes::by_enumeration(items, capacity, |set| {
            worth.push(mnl::revenue(revenues, attractions, set));
            0.0
        });
        let best = worth.iter().copied().fold(0.0, f64::max);
        let gaps = || worth.iter().map(|revenue| best - revenue).filter(|gap| *gap > mnl::TIE);
        let slope: f64 = gaps().map(|gap| 8.0 / gap).sum();
        let constant = (1.0 + std::f64::consts::PI.powi(2) / 3.0) * gaps().sum::<f64>();
        vec![Bound::upper(
            REVENUE_REGRET,
            "Σ 8 ln t/Δ + (1 + π²/3) ΣΔ over sets",
            "Auer, Cesa-Bianchi, Fischer 2002, Theorem 1",
            "constant attractions, revenues in [0, 1], α = 2",
            move |t| slope * math::ln(t) + constant,
        )]
    }
}

/// UCB1 over sets, of one replication.
pub struct SetIndices {
    alpha: f64,
    sets: Vec<Vec<usize>>,
    pulls: Vec<f64>,
    sums: Vec<f64>,
    /// The set of each pending decision.
    slots: Vec<usize>,
}

impl SetIndices {
    fn index(&self, arm: usize, ln_t: f64, offer: Offer<'_>) -> f64 {
        if self.sets[arm].iter().any(|&item| !offer.available[item]) {
            return f64::NEG_INFINITY;
        }
        let n = self.pulls[arm];
        if n > 0.0 { self.sums[arm] / n + (self.alpha * ln_t / n).sqrt() } else { f64::INFINITY }
    }
}

impl Learner<Assortment> for SetIndices {
    fn act(&mut self, round: Round<'_, Assortment>) -> &[usize] {
        let ln_t = math::ln(round.t as f64);
        let (mut chosen, mut greatest) = (0, f64::NEG_INFINITY);
        for arm in 0..self.sets.len() {
            let index = self.index(arm, ln_t, round.context);
            if index > greatest {
                (chosen, greatest) = (arm, index);
            }
        }
        self.slots[round.slot] = chosen;
        &self.sets[chosen]
    }

    fn update(&mut self, outcome: Outcome<'_, Assortment>) {
        let arm = self.slots[outcome.slot];
        self.pulls[arm] += 1.0;
        self.sums[arm] += outcome.feedback.map_or(0.0, |p| outcome.context.revenues[p.item]);
    }

    fn reset(&mut self) {
        self.pulls.fill(0.0);
        self.sums.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assortment::tests::{market, play};

    #[test]
    fn every_set_once_then_the_greatest_index() {
        // Revenues 1, ½, ⅓; {1} sells item 1 always, {0, 2} item 0, nothing else sells.
        let sets = play(&AssortmentUcb1::default(), &market(3, 2), 7, |_, set| {
            matches!(set, [1] | [0, 2]).then_some(0)
        });
        let first: [&[usize]; 7] = [&[0], &[1], &[2], &[0, 1], &[0, 2], &[1, 2], &[0, 2]];
        assert_eq!(sets, first);
    }

    #[test]
    fn too_many_sets_are_refused() {
        let spec = AssortmentUcb1::default();
        let error = spec.learner(&Setting::new(market(100, 10), 9)).err().expect("too many");
        assert!(error.message.contains("19415908147835 sets"), "{error}");
    }

    #[test]
    fn the_bound_by_hand() {
        // {0}: ½, {1}: ⅓ ½, both: (1 + ½)/3 = ½: gaps 0, ⅓, 0.
        let customers = Customers {
            multinomial: true,
            market: Some((vec![1.0, 0.5], vec![1.0, 0.5])),
            greatest_revenue: 1.0,
        };
        let setting = Setting::new(market(2, 2), 100);
        let bounds = AssortmentUcb1::default().bounds(&setting, &customers);
        // {1}: ¼/1.5 = ⅙, both: 1.25/2.5 = ½.
        let expected = 24.0 * 100f64.ln() + (1.0 + std::f64::consts::PI.powi(2) / 3.0) / 3.0;
        assert!((bounds[0].at(100) - expected).abs() < 1e-9);
        assert!(AssortmentUcb1 { alpha: 1.0 }.bounds(&setting, &customers).is_empty());
    }
}
