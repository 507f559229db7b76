//! The environments of Regretlab, one file each.
//!
//! Most of them are *reward processes*: a reward for each (replication, round, arm), fixed before
//! anything is played. Such a process is one file ([`support::process`]) and serves every protocol
//! that can be made of it: a bandit reveals the reward of the arm played, experts see all losses
//! `1 − reward`. What reacts to the learner implements the engine's environment directly.
//!
//! Adding an environment: a file in the folder of its protocol and a line in [`registry`].

pub mod assortment;
pub mod bandit;
pub mod contextual;
pub mod episodic;
pub mod experts;
pub mod offline_assortment;
pub mod portfolio;
pub mod support;
pub mod wrappers;

use regret_engine::registry::{EnvironmentEntry, environment};

/// Every environment, in the order in which they are listed to users.
pub fn registry() -> Vec<EnvironmentEntry> {
    vec![
        environment::<bandit::Bernoulli>(),
        environment::<bandit::Gaussian>(),
        environment::<bandit::TruncatedExponential>(),
        environment::<bandit::BetaArms>(),
        environment::<bandit::UniformArms>(),
        environment::<bandit::Poisson>(),
        environment::<bandit::StudentT>(),
        environment::<bandit::Pareto>(),
        environment::<bandit::Bayesian>(),
        environment::<bandit::PolynomialGaps>(),
        environment::<bandit::Piecewise>(),
        environment::<bandit::PiecewiseRandom>(),
        environment::<bandit::Sinusoidal>(),
        environment::<bandit::RandomWalk>(),
        environment::<bandit::StochasticallyConstrained>(),
        environment::<bandit::Corrupted>(),
        environment::<bandit::LossSequence>(),
        environment::<bandit::Replay>(),
        environment::<bandit::QuasiRandom>(),
        environment::<bandit::MultiScaleWalk>(),
        environment::<bandit::WeightedTallying>(),
        environment::<bandit::Rested>(),
        environment::<bandit::Recovering>(),
        environment::<experts::FairCoin>(),
        environment::<experts::BestResponse>(),
        environment::<experts::LeaderKiller>(),
        environment::<experts::MinimaxTwo>(),
        environment::<experts::Comb>(),
        environment::<contextual::LinearContextual>(),
        environment::<contextual::MisspecifiedLinear>(),
        environment::<contextual::GeneralisedLinear>(),
        environment::<contextual::NonlinearContextual>(),
        environment::<contextual::Xor>(),
        environment::<contextual::Classification>(),
        environment::<wrappers::SwitchingCosts>(),
        environment::<wrappers::ObservationBudget>(),
        environment::<assortment::Mnl>(),
        environment::<assortment::MnlRandom>(),
        environment::<assortment::MnlContextual>(),
        environment::<assortment::NestedLogit>(),
        environment::<assortment::MixedLogit>(),
        environment::<offline_assortment::ChoiceLogModel>(),
        environment::<offline_assortment::ChoiceLogRandom>(),
        // Episodic.
        environment::<episodic::Lay>(),
        environment::<episodic::Lin>(),
        environment::<episodic::RandomMdp>(),
        environment::<episodic::GridWorld>(),
        environment::<episodic::RiverSwim>(),
        environment::<episodic::DeepSea>(),
        environment::<episodic::CombinationLock>(),
        environment::<episodic::Tabular>(),
        environment::<portfolio::CyclicMarket>(),
        environment::<portfolio::GeometricBrownian>(),
        environment::<portfolio::RegimeMarket>(),
        environment::<portfolio::MeanRevertingMarket>(),
        environment::<portfolio::MarketTable>(),
    ]
}

/// The environment of that name.
pub fn find(name: &str) -> Option<EnvironmentEntry> {
    registry().into_iter().find(|entry| entry.name == name)
}
