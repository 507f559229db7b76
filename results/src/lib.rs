//! The results of runs: the store, statistics, figures, reports.
//!
//! It knows records (curves of numbers by name) and how cells are described; it knows neither
//! algorithms nor environments.

pub mod claims;
pub mod compare;
mod decimal;
pub mod export;
pub mod figure;
pub mod files;
pub mod labels;
pub mod publish;
pub mod report;
mod slugs;
pub mod statistics;
pub mod store;
