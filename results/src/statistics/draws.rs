//! Random numbers of the statistics: fixed, so that the same data give the same intervals.

use regret_engine::random::{GAMMA, Stream, mix};

/// Key of the signs of simultaneous bands.
pub(crate) const SIMULTANEOUS: u64 = 0x5349_4D55_4C54_414E;
/// Key of the resamples of exponents.
pub(crate) const RESAMPLES: u64 = 0x5245_5341_4D50_4C45;

/// The stream of draw number `draw` for what `key` names.
pub(crate) fn stream(key: u64, draw: u64) -> Stream {
    Stream::from_state(mix(key.wrapping_add(draw.wrapping_mul(GAMMA))))
}
