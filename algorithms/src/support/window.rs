//! For how many rounds an index policy looks ahead.

/// The number of rounds that the next run may last: it doubles as long as runs last as long as
/// they may, and shrinks where they do not. It decides how often a learner is asked, never what
/// it plays.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    rounds: f64,
}

/// Looking further ahead than this is never needed.
const LONGEST: f64 = 1e12;

/// How often a run is sought at a time: a shorter one is easier to be sure of.
const TRIES: u32 = 2;

impl Window {
    /// Before the first run.
    pub fn new() -> Self {
        Self { rounds: 1.0 }
    }

    /// Rounds and level of a run by a leader of this mean: `level(rounds)` is what its mean has to
    /// stay at or above for that many rounds. One round, which needs no level, if the mean is
    /// below it.
    pub fn open(&mut self, mean: f64, level: impl Fn(f64) -> f64) -> (u64, f64) {
        for _ in 0..TRIES {
            if self.rounds < 2.0 {
                break;
            }
            let level = level(self.rounds);
            if mean >= level {
                return (self.rounds as u64, level);
            }
            self.rounds = (0.25 * self.rounds).floor().max(1.0);
        }
        (1, f64::NAN)
    }

    /// Learns how many rounds the run lasted.
    pub fn close(&mut self, played: f64) {
        self.rounds = (2.0 * played).min(LONGEST);
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::new()
    }
}
