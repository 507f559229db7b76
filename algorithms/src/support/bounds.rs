//! Forms that several algorithms' bounds share.

use regret_engine::bound::{Bound, Side};
use regret_engine::math;
use regret_engine::notion::{HINDSIGHT_REGRET, PSEUDO_REGRET};
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::special::lai_robbins;

/// An expected-regret bound that holds for every sequence of losses in [0, 1] that is fixed in
/// advance: it bounds the regret in hindsight, and with it the pseudo-regret. None if the
/// environment is not of that kind.
pub fn adversarial(
    arms: &Arms,
    statement: &str,
    source: &'static str,
    conditions: &'static str,
    curve: impl Fn(f64) -> f64 + Clone + Send + Sync + 'static,
) -> Vec<Bound> {
    if !(arms.in_unit_interval() && arms.oblivious) {
        return Vec::new();
    }
    [PSEUDO_REGRET, HINDSIGHT_REGRET]
        .map(|notion| Bound::upper(notion, statement, source, conditions, curve.clone()))
        .into()
}

/// Asymptotic optimality in Lai and Robbins's sense: regret / ln t tends to Σ Δ/kl(μ, μ*).
/// `bernoulli_only` if the theorem needs Bernoulli rewards, rather than any in [0, 1].
pub fn lai_robbins_optimal(arms: &Arms, bernoulli_only: bool, source: &'static str) -> Vec<Bound> {
    let fits = if bernoulli_only { arms.law == Law::Bernoulli } else { arms.in_unit_interval() };
    let Some(means) = arms.means.as_ref().filter(|_| fits && arms.gaps().is_some()) else {
        return Vec::new();
    };
    let constant = lai_robbins(means);
    let bound = Bound::upper(
        PSEUDO_REGRET,
        format!("Σ Δ/kl(μ, μ*) ln t = {constant:.4} ln t, asymptotically"),
        source,
        "independent rewards in [0, 1] (Bernoulli for equality), constant means; asymptotic slope",
        move |t| constant * math::ln(t),
    );
    vec![bound.on(Side::AsymptoticUpper)]
}

/// A regret bound of the experts protocol that holds on every sequence of losses in [0, 1], fixed in
/// advance or not: that of a learner that draws nothing. None if losses may lie outside.
pub fn full_information(
    arms: &Arms,
    statement: &str,
    source: &'static str,
    conditions: &'static str,
    curve: impl Fn(f64) -> f64 + Clone + Send + Sync + 'static,
) -> Vec<Bound> {
    if !arms.in_unit_interval() {
        return Vec::new();
    }
    let mut bounds =
        vec![Bound::upper(HINDSIGHT_REGRET, statement, source, conditions, curve.clone())];
    if arms.oblivious {
        bounds.push(Bound::upper(PSEUDO_REGRET, statement, source, conditions, curve));
    }
    bounds
}
