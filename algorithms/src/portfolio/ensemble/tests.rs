use super::*;
use crate::portfolio::tests::{alternating, assert_log_wealth, log_wealth, market_a, portfolios};
use crate::portfolio::{
    BuyAndHold, FixedFraction, FollowBestAsset, FollowBestConstant, Pamr, SoftBayes,
};

fn of(components: Vec<Strategy>, combiner: impl Into<Strategy>) -> Ensemble {
    Ensemble { components, combiner: Box::new(combiner.into()) }
}

fn ucrp() -> Strategy {
    ConstantRebalanced::default().into()
}

fn single(asset: usize) -> Strategy {
    FixedFraction { asset, fraction: 1.0 }.into()
}

fn tilted(tilt: f64) -> Universal {
    Universal { tilt: Some(tilt), ..Universal::default() }
}

#[test]
fn market_a_is_reproduced() {
    let rows = market_a(250);
    let two = || vec![ucrp(), OnlineNewtonStep::default().into()];
    let three = || {
        let pamr = Pamr { epsilon: 0.99, ..Pamr::default() };
        vec![ucrp(), OnlineNewtonStep::default().into(), pamr.into()]
    };
    assert_log_wealth(&of(two(), BuyAndHold::default()), &rows, 0.229_556_628);
    assert_log_wealth(&of(two(), Universal::default()), &rows, 0.228_675_611);
    assert_log_wealth(&of(two(), tilted(2.0)), &rows, 0.229_116_129);
    assert_log_wealth(&of(two(), FollowBestAsset {}), &rows, 0.281_138_045);
    assert_log_wealth(&of(three(), BuyAndHold::default()), &rows, 0.782_700_257);
    assert_log_wealth(&of(three(), Universal::default()), &rows, 0.658_874_930);
    assert_log_wealth(&of(three(), tilted(2.0)), &rows, 0.701_182_122);
    assert_log_wealth(&of(three(), FollowBestAsset {}), &rows, 1.396_742_037);
}

/// E1: components that alternate between 1.10 and 0.95. At even n the wealth is
/// ∫ (1.045 + 0.0225 u (1 − u))^{n/2} du, which is more than the best component's.
#[test]
fn alternating_components() {
    let rows = |n: usize| -> Vec<Vec<f64>> {
        (0..n).map(|t| if t % 2 == 0 { vec![1.10, 0.95] } else { vec![0.95, 1.10] }).collect()
    };
    let ensemble = of(vec![single(0), single(1)], Universal::default());
    for (n, known) in [(2, 0.047_598_979), (20, 0.476_104_541), (2000, 48.424_103_894)] {
        assert_log_wealth(&ensemble, &rows(n), known);
        assert!(known > n as f64 / 2.0 * 1.045f64.ln());
    }
}

#[test]
fn single_assets_are_the_assets() {
    let ensemble = of(vec![single(0), single(1)], Universal::default());
    let wealth = log_wealth(&ensemble, &alternating(2)).exp();
    assert!((wealth - 13.0 / 12.0).abs() < 1e-13);
}

#[test]
fn the_mean_of_wealths_is_that() {
    let rows = market_a(120);
    let components: Vec<Strategy> = vec![
        ucrp(),
        OnlineNewtonStep::default().into(),
        Pamr::default().into(),
        SoftBayes::default().into(),
    ];
    let found = log_wealth(&of(components, BuyAndHold::default()), &rows).exp();
    let wealths = log_wealth(&ConstantRebalanced::default(), &rows).exp()
        + log_wealth(&OnlineNewtonStep::default(), &rows).exp()
        + log_wealth(&Pamr::default(), &rows).exp()
        + log_wealth(&SoftBayes::default(), &rows).exp();
    assert!((found - wealths / 4.0).abs() < 1e-12);
}

#[test]
fn a_component_twice_is_the_component() {
    let rows = market_a(100);
    let alone = log_wealth(&Pamr::default(), &rows);
    let combiners: Vec<Strategy> = vec![
        BuyAndHold::default().into(),
        Universal::default().into(),
        tilted(5.0).into(),
        ExponentiatedGradient::default().into(),
        OnlineNewtonStep::default().into(),
        SoftBayes::default().into(),
        FollowBestAsset {}.into(),
        FollowBestConstant {}.into(),
    ];
    for combiner in combiners {
        let twice = of(vec![Pamr::default().into(), Pamr::default().into()], combiner.clone());
        let found = log_wealth(&twice, &rows);
        assert!((found - alone).abs() < 1e-11, "{combiner:?}: {found} {alone}");
    }
}

/// The components of an ensemble that draw keep their draws when one is added.
#[test]
fn components_have_streams_of_their_own() {
    use crate::portfolio::Integral;
    let rows = market_a(30);
    let sampled = || Universal { integral: Integral::Sampled(10), ..Universal::default() };
    let all_on_first = || ConstantRebalanced { weights: Some(vec![1.0]) };
    let alone = portfolios(&of(vec![sampled().into()], all_on_first()), &rows);
    let combiner = ConstantRebalanced { weights: Some(vec![1.0, 0.0]) };
    let beside = portfolios(&of(vec![sampled().into(), sampled().into()], combiner), &rows);
    assert_eq!(alone, beside);
    // Two that draw do not draw the same.
    let second = ConstantRebalanced { weights: Some(vec![0.0, 1.0]) };
    let other = portfolios(&of(vec![sampled().into(), sampled().into()], second), &rows);
    assert_ne!(alone, other);
}
