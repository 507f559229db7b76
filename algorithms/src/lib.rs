//! The algorithms of Regretlab, one file each, in one folder per protocol.
//!
//! Every file has the same order: what the algorithm does and its source, the struct of its
//! parameters, its registration, the learner, its form for many lanes if it has one, tests.
//! A guarantee marked as tested is one that `experiments/tests/theory` holds the algorithm to.
//! Adding an algorithm: such a file and a line in [`registry`].

pub mod assortment;
pub mod bandit;
pub mod contextual;
pub mod episodic;
pub mod experts;
pub mod exploration;
pub mod observations;
pub mod offline_assortment;
pub mod portfolio;
pub mod support;

use regret_engine::registry::{AlgorithmEntry, algorithm};

/// Every algorithm, in the order in which they are listed to users.
pub fn registry() -> Vec<AlgorithmEntry> {
    let mut entries = vec![
        // Bandit.
        algorithm::<bandit::Uniform>(),
        algorithm::<bandit::FixedArm>(),
        algorithm::<bandit::Greedy>(),
        algorithm::<bandit::EpsilonGreedy>(),
        algorithm::<bandit::ExploreThenCommit>(),
        algorithm::<bandit::SuccessiveElimination>(),
        algorithm::<bandit::Ucb1>(),
        algorithm::<bandit::Ucb2>(),
        algorithm::<bandit::UcbV>(),
        algorithm::<bandit::UcbTuned>(),
        algorithm::<bandit::Moss>(),
        algorithm::<bandit::KlUcb>(),
        algorithm::<bandit::KlUcbPlusPlus>(),
        algorithm::<bandit::KlUcbSwitch>(),
        algorithm::<bandit::Imed>(),
        algorithm::<bandit::ThompsonBeta>(),
        algorithm::<bandit::ThompsonGaussian>(),
        algorithm::<bandit::BayesUcb>(),
        algorithm::<bandit::Exp3>(),
        algorithm::<bandit::Exp3Ix>(),
        algorithm::<bandit::Exp3P>(),
        algorithm::<bandit::Exp3PlusPlus>(),
        algorithm::<bandit::TsallisInf>(),
        algorithm::<bandit::TsallisSwitch>(),
        algorithm::<bandit::LogBarrier>(),
        algorithm::<bandit::Exp3S>(),
        algorithm::<bandit::DiscountedUcb>(),
        algorithm::<bandit::SlidingWindowUcb>(),
        algorithm::<bandit::DiscountedThompson>(),
        algorithm::<bandit::Rexp3>(),
        algorithm::<bandit::ReoElimination>(),
        algorithm::<bandit::OptimisticTallying>(),
        algorithm::<bandit::BatchedExp3>(),
        algorithm::<bandit::BatchedUcb>(),
        // Experts.
        algorithm::<experts::Hedge>(),
        algorithm::<experts::FollowTheLeader>(),
        algorithm::<experts::Ftpl>(),
        algorithm::<experts::AdaHedge>(),
        algorithm::<experts::AdaNormalHedge>(),
        algorithm::<experts::Squint>(),
        algorithm::<experts::FixedShare>(),
        algorithm::<experts::Cover>(),
        // Pure exploration.
        algorithm::<exploration::UniformExploration>(),
        algorithm::<exploration::SuccessiveRejects>(),
        algorithm::<exploration::SequentialHalving>(),
        algorithm::<exploration::DoublingSequentialHalving>(),
        algorithm::<exploration::BracketingSequentialHalving>(),
        algorithm::<exploration::BracketingUcb>(),
        algorithm::<exploration::UcbE>(),
        algorithm::<exploration::TopTwoThompson>(),
        algorithm::<exploration::Lucb>(),
        // Contextual.
        algorithm::<contextual::UniformPolicy>(),
        algorithm::<contextual::ConstantArm>(),
        algorithm::<contextual::LinearPolicy>(),
        algorithm::<contextual::LinearEpsilonGreedy>(),
        algorithm::<contextual::LinUcb>(),
        algorithm::<contextual::Oful>(),
        algorithm::<contextual::DsOful>(),
        algorithm::<contextual::SupLinUcb>(),
        algorithm::<contextual::Lsw>(),
        algorithm::<contextual::LinTs>(),
        algorithm::<contextual::GlmUcb>(),
        algorithm::<contextual::LogisticTs>(),
        algorithm::<contextual::SquareCb>(),
        algorithm::<contextual::FastCb>(),
        algorithm::<contextual::NeuralEpsilonGreedy>(),
        algorithm::<contextual::NeuSquareCb>(),
        algorithm::<contextual::NeuFastCb>(),
        algorithm::<contextual::NeuralUcb>(),
        algorithm::<contextual::NeuralTs>(),
        algorithm::<experts::LazyFtpl>(),
        // Observation budgets.
        algorithm::<observations::Unobserving>(),
        algorithm::<observations::BatchedOmd>(),
        // Assortment.
        algorithm::<assortment::RandomAssortment>(),
        algorithm::<assortment::FixedAssortment>(),
        algorithm::<assortment::MnlGreedy>(),
        algorithm::<assortment::MnlExploreThenExploit>(),
        algorithm::<assortment::MnlUcb>(),
        algorithm::<assortment::MnlTsBeta>(),
        algorithm::<assortment::MnlTsCorr>(),
        algorithm::<assortment::AssortmentUcb1>(),
        algorithm::<assortment::UcbMnl>(),
        algorithm::<assortment::TsMnl>(),
        algorithm::<assortment::OfuMnlPlus>(),
        // Offline assortment.
        algorithm::<offline_assortment::OfflineMle>(),
        algorithm::<offline_assortment::ObservedBest>(),
        algorithm::<offline_assortment::ItemLcb>(),
        algorithm::<offline_assortment::RankBreaking>(),
        algorithm::<offline_assortment::Pasta>(),
        // Episodic.
        algorithm::<episodic::UniformActions>(),
        algorithm::<episodic::BestPolicy>(),
        algorithm::<episodic::PolicyHedge>(),
        algorithm::<episodic::PolicyOptimisation>(),
        algorithm::<episodic::OReps>(),
        algorithm::<episodic::ORepsBandit>(),
        algorithm::<episodic::UobReps>(),
        algorithm::<episodic::DilatedBonus>(),
        algorithm::<episodic::LinearDilatedBonus>(),
        algorithm::<episodic::LogBarrierPolicy>(),
        algorithm::<episodic::MagnitudeReducedPolicy>(),
        algorithm::<episodic::Exp2Policies>(),
        algorithm::<episodic::Ucbvi>(),
        algorithm::<episodic::OptimisticQLearning>(),
        algorithm::<episodic::Psrl>(),
    ];
    entries.extend(portfolio::registry());
    entries
}

/// The algorithm of that name.
pub fn find(name: &str) -> Option<AlgorithmEntry> {
    registry().into_iter().find(|entry| entry.name == name)
}
