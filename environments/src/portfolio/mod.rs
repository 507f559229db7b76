//! Markets, for the portfolio protocol.

mod cyclic_market;
mod geometric_brownian;
mod market_table;
mod mean_reverting_market;
mod regime_market;

pub use cyclic_market::CyclicMarket;
pub use geometric_brownian::GeometricBrownian;
pub use market_table::{MarketOrder, MarketTable, Quotes};
pub use mean_reverting_market::MeanRevertingMarket;
pub use regime_market::RegimeMarket;
