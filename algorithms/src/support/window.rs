//! For how many rounds an index policy looks ahead.

/// The number of rounds that the next run may last: it doubles as long as runs last as long as
/// they may, and shrinks where they do not. It decides how often a learner is asked, never what
/// it plays.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    rounds: f64,
    /// Decisions for which no run is sought, after one was sought in vain; how many it will be the
    /// next time.
    rest: u32,
    next_rest: u32,
}

/// Looking further ahead than this is never needed.
const LONGEST: f64 = 1e12;

/// Where leaders change in every round, most of the looking ahead is spared.
const LONGEST_REST: u32 = 32;

impl Window {
    /// Before the first run.
    pub fn new() -> Self {
        Self { rounds: 2.0, rest: 0, next_rest: 1 }
    }

    /// Rounds and level of a run by a leader of this mean: `level(rounds)` is what its mean has to
    /// stay at or above for that many rounds. One round, which needs no level, if the mean is
    /// below it.
    pub fn open(&mut self, mean: f64, level: impl Fn(f64) -> f64) -> (u64, f64) {
        if self.rest > 0 {
            self.rest -= 1;
            return (1, f64::NAN);
        }
        let level = level(self.rounds);
        if mean >= level {
            self.next_rest = 1;
            return (self.rounds as u64, level);
        }
        self.rounds = (0.25 * self.rounds).floor().max(2.0);
        self.rest = self.next_rest;
        self.next_rest = (2 * self.next_rest).min(LONGEST_REST);
        (1, f64::NAN)
    }

    /// Learns how many rounds a run lasted.
    pub fn close(&mut self, played: f64) {
        if played > 1.0 {
            self.rounds = (2.0 * played).min(LONGEST);
        }
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::new()
    }
}
