//! The last rows of a sequence.

/// The last rows of numbers, in a ring.
#[derive(Clone, Debug)]
pub struct Recent {
    width: usize,
    capacity: usize,
    /// `[place][column]`.
    values: Vec<f64>,
    next: usize,
    len: usize,
}

impl Recent {
    /// Room for the last `capacity` (at least 1) rows of `width` numbers.
    pub fn new(width: usize, capacity: usize) -> Self {
        Self { width, capacity, values: vec![0.0; width * capacity], next: 0, len: 0 }
    }

    /// Adds a row, in place of the oldest if there are as many as there is room for.
    pub fn push(&mut self, row: &[f64]) {
        self.values[self.next * self.width..][..self.width].copy_from_slice(row);
        self.next = (self.next + 1) % self.capacity;
        self.len = (self.len + 1).min(self.capacity);
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the next row replaces the oldest.
    pub fn is_full(&self) -> bool {
        self.len == self.capacity
    }

    /// The row so many before the last one; 0 is the last.
    pub fn back(&self, back: usize) -> &[f64] {
        let place = (self.next + 2 * self.capacity - 1 - back) % self.capacity;
        &self.values[place * self.width..][..self.width]
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        (self.next, self.len) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_rows_stay() {
        let mut recent = Recent::new(1, 3);
        assert!(recent.is_empty());
        for value in [1.0, 2.0, 3.0, 4.0] {
            recent.push(&[value]);
        }
        assert_eq!([0, 1, 2].map(|back| recent.back(back)[0]), [4.0, 3.0, 2.0]);
        assert!(recent.is_full() && recent.len() == 3);
        recent.clear();
        recent.push(&[5.0]);
        assert_eq!((recent.len(), recent.back(0)[0]), (1, 5.0));
    }
}
