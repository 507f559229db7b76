//! Loops over lanes whose running values stay in registers.
//!
//! Written row by row, such a loop loads and stores its running values in every row, and the
//! compiler stores what is selected under a mask, which costs some processors twenty cycles. These
//! take a block of lanes through all rows instead. To be called within
//! [`vectorised!`](regret_engine::vectorised).

use std::array::from_fn;

use regret_engine::protocols::bandit::NO_ARM;

/// Lanes of a block: four vectors of AVX2 or two of AVX-512.
const BLOCK: usize = 16;

/// A table `[arm][lane]`, stored or computed.
pub trait Table: Copy {
    /// `N` neighbouring values from place `at` on.
    fn read<const N: usize>(self, at: usize) -> [f64; N];
}

impl Table for &[f64] {
    #[inline(always)]
    fn read<const N: usize>(self, at: usize) -> [f64; N] {
        let values = &self[at..at + N];
        from_fn(|i| values[i])
    }
}

/// Calls `block` for every block of lanes, in the number of lanes that it has.
macro_rules! blocks {
    ($block:ident($($argument:expr),*) -> $out:ident) => {
        let mut first = 0;
        while first + BLOCK <= $out.len() {
            let values = $block::<BLOCK>($($argument,)* first, $out.len());
            $out[first..first + BLOCK].copy_from_slice(&values);
            first += BLOCK;
        }
        while first < $out.len() {
            let [value] = $block::<1>($($argument,)* first, $out.len());
            $out[first] = value;
            first += 1;
        }
    };
}

/// In each lane, the arm of highest value, the lowest in a tie; [`NO_ARM`] if all are NaN.
#[inline(always)]
pub fn highest(table: impl Table, arms: usize, chosen: &mut [usize]) {
    #[inline(always)]
    fn block<const N: usize>(
        table: impl Table,
        arms: usize,
        first: usize,
        lanes: usize,
    ) -> [usize; N] {
        let mut best = [f64::NEG_INFINITY; N];
        let mut chosen = [NO_ARM; N];
        for arm in 0..arms {
            let values: [f64; N] = table.read(arm * lanes + first);
            for i in 0..N {
                let better = values[i] > best[i];
                best[i] = if better { values[i] } else { best[i] };
                chosen[i] = if better { arm } else { chosen[i] };
            }
        }
        chosen
    }
    blocks!(block(table, arms) -> chosen);
}

/// In each lane, the number of arms whose cumulative weight is not above the lane's place: the arm
/// in which the place falls, the number of arms if it is above their sum.
#[inline(always)]
pub fn arms_below(weights: &[f64], places: &[f64], chosen: &mut [usize]) {
    #[inline(always)]
    fn block<const N: usize>(
        weights: &[f64],
        places: &[f64],
        first: usize,
        lanes: usize,
    ) -> [usize; N] {
        let places: [f64; N] = places.read(first);
        let mut cumulative = [0.0; N];
        let mut below = [0; N];
        for arm in 0..weights.len() / lanes {
            let weights: [f64; N] = weights.read(arm * lanes + first);
            for i in 0..N {
                cumulative[i] += weights[i];
                below[i] += usize::from(cumulative[i] <= places[i]);
            }
        }
        below
    }
    blocks!(block(weights, places) -> chosen);
}

/// In each lane, the sum of its column.
#[inline(always)]
pub fn sums(table: &[f64], sums: &mut [f64]) {
    #[inline(always)]
    fn block<const N: usize>(table: &[f64], first: usize, lanes: usize) -> [f64; N] {
        let mut sums = [0.0; N];
        for arm in 0..table.len() / lanes {
            let values: [f64; N] = table.read(arm * lanes + first);
            for i in 0..N {
                sums[i] += values[i];
            }
        }
        sums
    }
    blocks!(block(table) -> sums);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two arms more than there are lanes in a vector, in 19 lanes: a block and three.
    fn table() -> Vec<f64> {
        (0..6 * 19).map(|i| f64::from(i * 37 % 11) - 3.0).collect()
    }

    fn column(table: &[f64], lane: usize) -> impl Iterator<Item = f64> + '_ {
        table.iter().skip(lane).step_by(19).copied()
    }

    #[test]
    fn every_lane_has_what_it_has_alone() {
        let mut table = table();
        table[19 + 4] = f64::NAN;
        table.iter_mut().skip(18).step_by(19).for_each(|value| *value = f64::NAN);
        let (mut chosen, mut sum) = ([0; 19], [0.0; 19]);
        highest(&table[..], 6, &mut chosen);
        sums(&table, &mut sum);
        for lane in 0..19 {
            let best = regret_engine::protocols::bandit::argmax(column(&table, lane));
            assert_eq!(chosen[lane], best, "lane {lane}");
            let alone = column(&table, lane).fold(0.0, |sum, value| sum + value);
            assert_eq!(sum[lane].to_bits(), alone.to_bits(), "lane {lane}");
        }
        assert_eq!(chosen[18], NO_ARM);
    }

    #[test]
    fn places_fall_into_arms() {
        let weights: Vec<f64> = table().iter().map(|value| value.abs()).collect();
        let places: Vec<f64> = (0..19).map(|lane| f64::from(lane) * 1.5).collect();
        let mut chosen = [0; 19];
        arms_below(&weights, &places, &mut chosen);
        for lane in 0..19 {
            let mut sum = 0.0;
            let below = column(&weights, lane).take_while(|weight| {
                sum += weight;
                sum <= places[lane]
            });
            assert_eq!(chosen[lane], below.count(), "lane {lane}");
        }
    }
}
