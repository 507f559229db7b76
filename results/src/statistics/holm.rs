//! Holm's correction of a family of p-values.

/// The adjusted p-values: those at most α are rejected together with probability at most α of any
/// false rejection, whatever their dependence. `family` is the number of comparisons made, at least
/// that of `p`: those that are not listed count as undecided.
///
/// Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
/// Statistics 6, 1979.
pub fn holm(p: &[f64], family: usize) -> Vec<f64> {
    let family = family.max(p.len());
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![1.0; p.len()];
    let mut largest: f64 = 0.0;
    for (rank, &index) in order.iter().enumerate() {
        largest = largest.max((family - rank) as f64 * p[index]).min(1.0);
        adjusted[index] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;

    #[test]
    fn a_family_of_four_by_hand() {
        // Sorted 0.005, 0.01, 0.03, 0.04, times 4, 3, 2, 1, made increasing.
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005], 4);
        for (found, expected) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((found - expected).abs() < 1e-15, "{adjusted:?}");
        }
        assert_eq!(holm(&[0.01], 6), [0.06]);
        assert_eq!(holm(&[0.5, 0.6], 2), [1.0, 1.0]);
        assert!(holm(&[], 0).is_empty());
    }

    #[test]
    fn it_is_the_closure_of_bonferroni() {
        // Second route: a hypothesis is rejected at α if every intersection that contains it is,
        // by Bonferroni's test; its adjusted p-value is the largest |I| min p over those I.
        let mut stream = Stream::new(11, 0, Role::Learner);
        for _ in 0..200 {
            let p: Vec<f64> = (0..6).map(|_| stream.uniform().powi(3)).collect();
            let closed = (0..p.len()).map(|one| {
                let with = (1u32..64).filter(|set| set >> one & 1 == 1);
                with.map(|set| {
                    let members = (0..p.len()).filter(|i| set >> i & 1 == 1);
                    let least = members.map(|i| p[i]).fold(1.0, f64::min);
                    f64::from(set.count_ones()) * least
                })
                .fold(0.0, f64::max)
                .min(1.0)
            });
            for (closed, found) in closed.zip(holm(&p, p.len())) {
                assert!((closed - found).abs() < 1e-12);
            }
        }
    }
}
