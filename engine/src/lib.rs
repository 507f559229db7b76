//! The engine of Regretlab: protocols, randomness, lanes, events, regret. It knows no algorithm
//! and no environment.
//!
//! A [`learner`] plays a [`protocol`] against an [`environment`] for T rounds, in independent
//! replications; the environment's referee keeps the regret in a ledger ([`ledgers`]). The one
//! design decision to know: replications are simulated *abreast*. Every buffer holds a block of
//! lanes, one replication each, and the loop ([`simulation`]) makes one virtual call per round and
//! block, so loops over lanes vectorise; a learner written for one replication is adapted
//! statically ([`solos`]). How replications are grouped never changes a bit of the result, because
//! every number drawn belongs to (seed, replication, role, round) alone ([`random`]).

pub mod bound;
pub mod checkpoints;
pub mod delay;
pub mod environment;
pub mod laws;
pub mod learner;
pub mod ledgers;
pub mod math;
pub mod mdp;
pub mod mnl;
pub mod notion;
pub mod planning;
pub mod prelude;
pub mod profile;
pub mod protocol;
pub mod protocols;
pub mod random;
pub mod record;
pub mod registry;
pub mod simd;
pub mod simplex;
pub mod simulation;
pub mod solos;
pub mod special;
