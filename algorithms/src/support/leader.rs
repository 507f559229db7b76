//! The arm of highest empirical mean, kept up to date.

use regret_engine::protocols::bandit::argmax;

use super::index::Tally;

/// The rewards of all arms, and which has the highest mean: the lowest such arm in a tie, arms without
/// rewards last.
#[derive(Clone, Debug)]
pub struct Leader {
    tallies: Vec<Tally>,
    arm: usize,
}

impl Leader {
    /// No reward yet; arm 0 leads.
    pub fn new(arms: usize) -> Self {
        Self { tallies: vec![Tally::default(); arms], arm: 0 }
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.tallies.fill(Tally::default());
        self.arm = 0;
    }

    /// The leader.
    pub fn arm(&self) -> usize {
        self.arm
    }

    /// The number of arms.
    pub fn arms(&self) -> usize {
        self.tallies.len()
    }

    /// The rewards of every arm.
    pub fn tallies(&self) -> &[Tally] {
        &self.tallies
    }

    /// Enters a reward. All arms are looked at only when the leader falls.
    pub fn enter(&mut self, arm: usize, reward: f64) {
        let before = value(&self.tallies[arm]);
        self.tallies[arm].add(reward);
        let now = value(&self.tallies[arm]);
        if arm == self.arm {
            if now < before {
                self.arm = argmax(self.tallies.iter().map(value));
            }
            return;
        }
        let highest = value(&self.tallies[self.arm]);
        if now > highest || now == highest && arm < self.arm {
            self.arm = arm;
        }
    }
}

/// The mean; −∞ without rewards.
fn value(tally: &Tally) -> f64 {
    if tally.n > 0.0 { tally.mean } else { f64::NEG_INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leader_is_the_argmax_of_the_means() {
        let mut leader = Leader::new(5);
        for t in 0..400u64 {
            let arm = (t * 7 % 11 % 5) as usize;
            let reward = ((t * t + 3 * arm as u64) % 9) as f64 / 8.0 - 0.5;
            leader.enter(arm, reward);
            assert_eq!(leader.arm(), argmax(leader.tallies().iter().map(value)), "{t}");
        }
        leader.reset();
        assert_eq!(leader.arm(), 0);
        leader.enter(3, -1.0);
        assert_eq!(leader.arm(), 3);
    }
}
