//! Environments made for the experts protocol.

mod best_response;
mod comb;
mod fair_coin;
mod leader_killer;
mod minimax_two;

pub use best_response::BestResponse;
pub use comb::Comb;
pub use fair_coin::FairCoin;
pub use leader_killer::LeaderKiller;
pub use minimax_two::MinimaxTwo;
