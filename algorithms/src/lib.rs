//! The algorithms of Regretlab, one file each, in one folder per protocol.
//!
//! Every file has the same order: what the algorithm does and its source, the struct of its
//! parameters, its registration, the learner, its form for many lanes if it has one, tests.
//! Adding an algorithm: such a file and a line in [`registry`].

pub mod bandit;
pub mod experts;
pub mod support;

use regret_engine::registry::{AlgorithmEntry, algorithm};

/// Every algorithm, in the order in which they are listed to users.
pub fn registry() -> Vec<AlgorithmEntry> {
    vec![
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
        algorithm::<bandit::DiscountedUcb>(),
        algorithm::<bandit::SlidingWindowUcb>(),
        // Experts.
    ]
}

/// The algorithm of that name.
pub fn find(name: &str) -> Option<AlgorithmEntry> {
    registry().into_iter().find(|entry| entry.name == name)
}
