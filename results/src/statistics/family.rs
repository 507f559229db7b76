//! A family of comparisons: several samples against one of them, with Holm's correction.

use super::error::StatisticsError;
use super::holm::holm;
use super::paired::Paired;
use super::sampling::Sampling;
use super::summary::Summary;

/// One sample against the baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Index of the sample.
    pub sample: usize,
    /// The sample minus the baseline.
    pub paired: Paired,
    /// Holm's adjusted p-value of "the means are the same", two-sided.
    pub adjusted: f64,
}

/// The comparisons of a family.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// Index of the sample that the others are compared with.
    pub baseline: usize,
    /// Number of comparisons that the correction counts.
    pub size: usize,
    /// One for each other sample, in their order.
    pub comparisons: Vec<Comparison>,
}

impl Family {
    /// Compares samples of the same replications with `baseline`, or with the one of least mean.
    ///
    /// A baseline named in advance makes a family of K − 1 comparisons. The best is chosen by the
    /// data, so that any of the K (K − 1)/2 pairs might have been compared: the correction counts
    /// them all. Intervals have coverage 1 − `alpha` each.
    ///
    /// # Errors
    /// Samples that are empty, of different lengths or not finite.
    pub fn of(
        samples: &[&[f64]],
        baseline: Option<usize>,
        sampling: Sampling,
        alpha: f64,
    ) -> Result<Self, StatisticsError> {
        let pairs = samples.len() * samples.len().saturating_sub(1) / 2;
        let (baseline, size) = match baseline {
            Some(baseline) => (baseline, samples.len().saturating_sub(1)),
            None => (best(samples)?, pairs),
        };
        let reference = samples.get(baseline).ok_or(StatisticsError::Empty)?;
        let others = (0..samples.len()).filter(|&sample| sample != baseline);
        let paired = others
            .map(|sample| Ok((sample, Paired::of(samples[sample], reference, sampling, alpha)?)))
            .collect::<Result<Vec<_>, StatisticsError>>()?;
        let p: Vec<f64> = paired.iter().map(|(_, paired)| paired.p).collect();
        let comparisons = (paired.into_iter().zip(holm(&p, size)))
            .map(|((sample, paired), adjusted)| Comparison { sample, paired, adjusted })
            .collect();
        Ok(Self { baseline, size, comparisons })
    }

    /// Whether every comparison is decided at level `alpha`.
    pub fn is_separated(&self, alpha: f64) -> bool {
        self.comparisons.iter().all(|comparison| comparison.adjusted <= alpha)
    }
}

/// The sample of least mean, the first of those.
fn best(samples: &[&[f64]]) -> Result<usize, StatisticsError> {
    let mut best: Option<(usize, f64)> = None;
    for (index, sample) in samples.iter().enumerate() {
        let mean = Summary::of(sample)?.mean;
        if best.is_none_or(|(_, least)| mean < least) {
            best = Some((index, mean));
        }
    }
    best.map(|(index, _)| index).ok_or(StatisticsError::Empty)
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream, exponential, normal};

    use super::*;

    const SAMPLES: [&[f64]; 3] =
        [&[5.0, 6.0, 7.5, 8.0], &[1.0, 2.5, 3.0, 4.0], &[1.5, 2.0, 3.5, 4.5]];

    fn family(baseline: Option<usize>) -> Family {
        Family::of(&SAMPLES, baseline, Sampling::Fixed, 0.05).expect("samples")
    }

    #[test]
    fn the_best_counts_all_pairs_and_a_named_baseline_its_own() {
        let best = family(None);
        assert_eq!((best.baseline, best.size), (1, 3));
        let p = |a: usize, b: usize| {
            Paired::of(SAMPLES[a], SAMPLES[b], Sampling::Fixed, 0.05).expect("samples").p
        };
        assert_eq!(best.comparisons[0].sample, 0);
        assert!((best.comparisons[0].adjusted - 3.0 * p(0, 1)).abs() < 1e-15);
        assert!((best.comparisons[1].adjusted - (2.0 * p(2, 1)).min(1.0)).abs() < 1e-15);
        let named = family(Some(0));
        assert_eq!((named.baseline, named.size), (0, 2));
        assert!(named.comparisons.iter().all(|c| c.paired.difference.mean < 0.0));
        assert!(named.is_separated(0.05) && !best.is_separated(0.05));
    }

    #[test]
    fn one_sample_has_nothing_to_be_compared_with() {
        let one = Family::of(&SAMPLES[..1], None, Sampling::Fixed, 0.05).expect("a sample");
        assert!(one.comparisons.is_empty() && one.is_separated(0.0));
        assert_eq!(Family::of(&[], None, Sampling::Fixed, 0.05), Err(StatisticsError::Empty));
    }

    #[test]
    fn equal_learners_are_told_apart_no_more_often_than_they_may() {
        // Six samples of the same law: whichever is best, any rejection is false.
        const TRIALS: u32 = 3000;
        let mut stream = Stream::new(14, 0, Role::Learner);
        let mut false_alarms = 0;
        for _ in 0..TRIALS {
            let samples: Vec<Vec<f64>> =
                (0..6).map(|_| (0..20).map(|_| normal(&mut stream)).collect()).collect();
            let views: Vec<&[f64]> = samples.iter().map(Vec::as_slice).collect();
            let family = Family::of(&views, None, Sampling::Fixed, 0.05).expect("samples");
            false_alarms += u32::from(family.comparisons.iter().any(|c| c.adjusted <= 0.05));
        }
        // At most 5 %: 150 with a standard deviation of 12; four of them.
        assert!(false_alarms <= 198, "{false_alarms}");
        // Counting the five comparisons shown alone would give about twice as many.
        assert!(false_alarms > 60, "{false_alarms}");
    }

    #[test]
    fn looking_until_they_are_told_apart_is_allowed_for() {
        // Four samples of the same skewed law, compared after every 64 values: whoever stops at
        // the first difference is wrong at most as often as the level says.
        const TRIALS: u32 = 500;
        let mut stream = Stream::new(16, 0, Role::Learner);
        let mut false_alarms = 0;
        for _ in 0..TRIALS {
            let mut samples: [Vec<f64>; 4] = Default::default();
            let told_apart = (1..=16).any(|_| {
                for sample in &mut samples {
                    sample.extend((0..64).map(|_| exponential(&mut stream)));
                }
                let views = samples.each_ref().map(Vec::as_slice);
                let family = Family::of(&views, None, Sampling::Sequential, 0.05);
                family.expect("samples").comparisons.iter().any(|c| c.adjusted <= 0.05)
            });
            false_alarms += u32::from(told_apart);
        }
        // At most 5 %: 25 with a standard deviation of 4.9; four of them.
        assert!(false_alarms <= 44, "{false_alarms}");
    }
}
