//! The ledger of losses fixed in advance, with a price on switches.

use crate::environment::Quantity;
use crate::notion::{HINDSIGHT_REGRET, Notion, PULLS, READS, SWITCHES, SWITCHING_REGRET};

/// Sums of losses that are fixed in advance.
pub trait LossSums {
    /// The sum of an action's losses in rounds 1 to `t`, in a lane.
    fn sum(&self, lane: usize, action: usize, t: u64) -> f64;
}

/// Keeps losses, switches and reads apart for a block of lanes.
///
/// A stay with one action is entered when it ends, as the difference of two sums, so what it costs
/// to keep the books, and every bit in them, does not depend on how long stays are cut.
#[derive(Clone, Debug)]
pub struct ObservationsLedger {
    actions: usize,
    switch_cost: f64,
    /// The action that stays and the last round before its stay, `[lane]`.
    stays: Vec<Option<(usize, u64)>>,
    /// Losses paid, and rounds of every action, in stays that have ended: `[lane]`, and
    /// `[lane][action]`.
    paid: Vec<f64>,
    pulls: Vec<f64>,
    switches: Vec<f64>,
    reads: Vec<f64>,
}

impl ObservationsLedger {
    /// The notions that it keeps, the default first.
    pub const NOTIONS: [Notion; 5] = [SWITCHING_REGRET, HINDSIGHT_REGRET, SWITCHES, READS, PULLS];

    /// An empty ledger.
    pub fn new(actions: usize, switch_cost: f64, lanes: usize) -> Self {
        Self {
            actions,
            switch_cost,
            stays: vec![None; lanes],
            paid: vec![0.0; lanes],
            pulls: vec![0.0; actions * lanes],
            switches: vec![0.0; lanes],
            reads: vec![0.0; lanes],
        }
    }

    /// Enters that a lane plays an action from round `t` on.
    pub fn play(&mut self, lane: usize, t: u64, action: usize, losses: &impl LossSums) {
        match self.stays[lane] {
            Some((stays, _)) if stays == action => return,
            Some((before, since)) => {
                self.switches[lane] += 1.0;
                self.paid[lane] +=
                    losses.sum(lane, before, t - 1) - losses.sum(lane, before, since);
                self.pulls[lane * self.actions + before] += (t - 1 - since) as f64;
            }
            None => {}
        }
        self.stays[lane] = Some((action, t - 1));
    }

    /// Enters reads of a lane.
    pub fn read(&mut self, lane: usize, reads: u64) {
        self.reads[lane] += reads as f64;
    }

    /// Writes a quantity after round `t`, one value for each lane.
    pub fn record(&self, t: u64, losses: &impl LossSums, quantity: Quantity, values: &mut [f64]) {
        let notion = quantity.notion;
        for (lane, value) in values.iter_mut().enumerate() {
            *value = if notion == SWITCHES {
                self.switches[lane]
            } else if notion == READS {
                self.reads[lane]
            } else if notion == PULLS {
                let action = quantity.component.unwrap_or_default() as usize;
                let open = match self.stays[lane] {
                    Some((stays, since)) if stays == action => (t - since) as f64,
                    _ => 0.0,
                };
                self.pulls[lane * self.actions + action] + open
            } else {
                let loss = self.regret(t, lane, losses);
                let price = self.switch_cost * self.switches[lane];
                if notion == SWITCHING_REGRET { loss + price } else { loss }
            };
        }
    }

    /// The regret of the losses alone.
    fn regret(&self, t: u64, lane: usize, losses: &impl LossSums) -> f64 {
        let open = self.stays[lane].map_or(0.0, |(action, since)| {
            losses.sum(lane, action, t) - losses.sum(lane, action, since)
        });
        let best = (0..self.actions).map(|action| losses.sum(lane, action, t));
        self.paid[lane] + open - best.fold(f64::INFINITY, f64::min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Losses of two actions in five rounds.
    struct Rows([[f64; 2]; 5]);

    impl LossSums for Rows {
        fn sum(&self, _: usize, action: usize, t: u64) -> f64 {
            self.0[..t as usize].iter().map(|row| row[action]).sum()
        }
    }

    #[test]
    fn every_notion_by_hand() {
        let losses = Rows([[1.0, 0.5], [0.25, 0.0], [0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]);
        let mut ledger = ObservationsLedger::new(2, 3.0, 1);
        let value = |ledger: &ObservationsLedger, t, notion, component| {
            let mut values = [f64::NAN];
            ledger.record(t, &losses, Quantity { notion, component }, &mut values);
            values[0]
        };
        ledger.play(0, 1, 0, &losses);
        ledger.play(0, 2, 0, &losses);
        ledger.read(0, 2);
        // Paid 1.25; action 1 lost 0.5.
        assert_eq!(value(&ledger, 2, HINDSIGHT_REGRET, None), 0.75);
        assert_eq!(value(&ledger, 2, SWITCHES, None), 0.0);
        ledger.play(0, 3, 1, &losses);
        ledger.play(0, 5, 0, &losses);
        // Paid 1.25 + 1 + 0.5 + 1 = 3.75; the actions lost 2.75 and 2.
        assert_eq!(value(&ledger, 5, HINDSIGHT_REGRET, None), 1.75);
        assert_eq!(value(&ledger, 5, SWITCHES, None), 2.0);
        assert_eq!(value(&ledger, 5, SWITCHING_REGRET, None), 7.75);
        assert_eq!(value(&ledger, 5, READS, None), 2.0);
        assert_eq!(value(&ledger, 5, PULLS, Some(0)), 3.0);
        assert_eq!(value(&ledger, 5, PULLS, Some(1)), 2.0);
    }
}
