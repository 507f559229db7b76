//! From a YAML spec to a run: the `regret` command and what it is made of.
//!
//! The path of one number: [`spec`] (YAML with positions) → [`cell`] (one environment, one
//! learner, everything that determines their numbers) → [`run`] (blocks of replications on all
//! cores, kept as parts; [`adaptive`] adds blocks until comparisons are decided) → [`claims`] →
//! [`publish`] (summary, figures, report). Each step can be called alone. [`shards`] splits a run
//! over machines, [`merge`] puts it together, [`status`] says how far it is.

pub mod adaptive;
pub mod cell;
pub mod claims;
pub mod cli;
pub mod estimate;
pub mod merge;
pub mod pace;
pub mod papers;
pub mod plot;
pub mod publish;
pub mod run;
pub mod shards;
pub mod spec;
pub mod status;
pub mod verify;

/// The Rust of the documents, compiled and run by `cargo test`.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../../README.md")]
    struct Readme;

    #[doc = include_str!("../../CONTRIBUTING.md")]
    struct Contributing;

    #[doc = include_str!("../../docs/regret.md")]
    struct Regret;

    #[doc = include_str!("../../docs/randomness.md")]
    struct Randomness;
}
