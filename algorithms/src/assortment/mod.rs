//! Learners of the assortment protocol.

mod assortment_ucb1;
mod fixed_assortment;
mod mnl_explore_then_exploit;
mod mnl_greedy;
mod mnl_ts_beta;
mod mnl_ts_corr;
mod mnl_ucb;
mod ofu_mnl_plus;
mod random_assortment;
mod ts_mnl;
mod ucb_mnl;

pub use assortment_ucb1::AssortmentUcb1;
pub use fixed_assortment::FixedAssortment;
pub use mnl_explore_then_exploit::MnlExploreThenExploit;
pub use mnl_greedy::MnlGreedy;
pub use mnl_ts_beta::MnlTsBeta;
pub use mnl_ts_corr::{MnlTsCorr, Start};
pub use mnl_ucb::{Clip, MnlUcb};
pub use ofu_mnl_plus::{OfuMnlPlus, Variant};
pub use random_assortment::RandomAssortment;
pub use ts_mnl::TsMnl;
pub use ucb_mnl::UcbMnl;

#[cfg(test)]
pub(crate) mod tests {
    use regret_engine::learner::{Learner, Outcome, Round, Setting};
    use regret_engine::protocol::Protocol;
    use regret_engine::protocols::Assortment;
    use regret_engine::protocols::assortment::{Market, Offers, Purchase};
    use regret_engine::random::{Role, Stream};
    use regret_engine::registry::Algorithm;

    use crate::support::epochs::Seen;

    /// A market without features in which everything is always available.
    pub(crate) fn market(items: usize, capacity: usize) -> Market {
        Market { items, capacity, features: 0, partition: None, fixed: true }
    }

    /// One lane's offers, with revenues 1, ½, ⅓, ….
    pub(crate) fn offers(market: &Market) -> Offers {
        let mut offers = Assortment::contexts(market, 1);
        let (revenues, ..) = offers.parts(0);
        revenues.iter_mut().enumerate().for_each(|(item, r)| *r = 1.0 / (item + 1) as f64);
        offers
    }

    /// What was seen: (item, n, W).
    pub(crate) fn seen(items: usize, epochs: f64, of: &[(usize, f64, f64)]) -> Seen {
        let mut seen = Seen { lost: vec![0.0; items], bought: vec![0.0; items], epochs };
        for &(item, n, w) in of {
            (seen.lost[item], seen.bought[item]) = (n, w);
        }
        seen
    }

    /// Plays against customers who buy the item at the given place of the set; answers the sets.
    pub(crate) fn play<A: Algorithm<Protocol = Assortment>>(
        spec: &A,
        market: &Market,
        rounds: u64,
        mut buys: impl FnMut(u64, &[usize]) -> Option<usize>,
    ) -> Vec<Vec<usize>> {
        let offers = offers(market);
        let mut learner = spec.learner(&Setting::new(market.clone(), rounds)).expect("fits");
        let mut rng = Stream::new(1, 0, Role::Learner);
        let mut sets = Vec::new();
        for t in 1..=rounds {
            let context = offers.view(0);
            let set = learner.act(Round { t, slot: 0, context, rng: &mut rng }).to_vec();
            let purchase = buys(t, &set).map(|position| Purchase { item: set[position], position });
            learner.update(Outcome {
                t,
                slot: 0,
                context,
                action: &set,
                feedback: purchase,
                rng: &mut rng,
            });
            sets.push(set);
        }
        sets
    }
}
