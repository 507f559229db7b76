//! Arms in an order of which the beginning is drawn at random.

use regret_engine::random::Stream;

/// An order of the arms, and where each arm stands in it.
#[derive(Clone, Debug)]
pub struct Order {
    arms: Vec<u32>,
    places: Vec<u32>,
}

impl Order {
    /// The arms by their numbers.
    pub fn new(arms: usize) -> Self {
        let numbers: Vec<u32> = (0..arms as u32).collect();
        Self { places: numbers.clone(), arms: numbers }
    }

    /// Puts the arms back in the order of their numbers.
    pub fn reset(&mut self) {
        for table in [&mut self.arms, &mut self.places] {
            (0..).zip(table).for_each(|(number, entry)| *entry = number);
        }
    }

    /// Draws who stands at the first `count` places, uniformly without replacement (the first steps of
    /// Fisher and Yates's shuffle).
    pub fn draw(&mut self, count: usize, rng: &mut Stream) {
        for place in 0..count.min(self.arms.len()) {
            let other = place + rng.index(self.arms.len() - place);
            self.arms.swap(place, other);
            for moved in [place, other] {
                self.places[self.arms[moved] as usize] = moved as u32;
            }
        }
    }

    /// The arm at a place.
    pub fn arm(&self, place: usize) -> usize {
        self.arms[place] as usize
    }

    /// The place of an arm.
    pub fn place(&self, arm: usize) -> usize {
        self.places[arm] as usize
    }

    /// The number of arms.
    pub fn count(&self) -> usize {
        self.arms.len()
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::Role;

    use super::*;

    #[test]
    fn every_arm_is_drawn_equally_often() {
        let mut counts = [0.0; 5];
        for replication in 0..4000 {
            let mut order = Order::new(5);
            order.draw(2, &mut Stream::new(1, replication, Role::Learner));
            assert!((0..5).all(|arm| order.arm(order.place(arm)) == arm));
            (0..2).for_each(|place| counts[order.arm(place)] += 1.0);
            order.reset();
            assert!((0..5).all(|arm| order.arm(arm) == arm && order.place(arm) == arm));
        }
        // 1600 expected each, with a standard deviation of √(4000 · 0.4 · 0.6) = 31.
        assert!(counts.iter().all(|count| (count - 1600.0f64).abs() < 5.0 * 31.0), "{counts:?}");
    }
}
