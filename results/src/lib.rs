//! What becomes of records: statistics, figures, reports and the files they are kept in.

pub mod figure;
pub mod files;
pub mod labels;
pub mod report;
pub mod statistics;
