//! Theory against simulation, through the public library alone.
//!
//! - [`bounds`]: over the whole registry, no learner breaks a bound that it claims and none beats a
//!   lower bound. A new algorithm or environment is covered without a new test.
//! - [`episodic`]: regrets in episodic MDPs measured by another program, and exact adversaries.
//! - [`lai_robbins`]: the slope in ln T of every algorithm that claims Lai and Robbins's constant.
//! - [`reference`]: regrets measured by another program.
//! - [`simple_regret`]: errors of sequential halving that are known exactly.
//! - [`universal`]: what holds for every learner, or for every learner of a kind.
//! - [`memory`]: environments that remember, against known values and another program.
//! - [`two_experts`]: exact values of the game with two experts.
//!
//! Seeds are fixed. Where the mean of replications is compared with an expectation, the margin is
//! counted in standard errors; the count is stated where it is used.

mod bounds;
mod episodic;
mod lai_robbins;
mod memory;
mod reference;
mod simple_regret;
mod support;
mod two_experts;
mod universal;
