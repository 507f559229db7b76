//! Two quantities compared that do not belong together replication by replication.

use regret_engine::math;

use super::error::StatisticsError;
use super::sampling::Sampling;
use super::student::{upper_quantile, upper_tail};
use super::summary::Summary;

/// The difference of the means of two independent samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Unpaired {
    /// The first mean minus the second.
    pub difference: f64,
    /// Its standard error; `None` if a sample has one value.
    pub standard_error: Option<f64>,
    /// The interval of the difference at the coverage asked for; `None` if it is the whole line.
    pub interval: Option<(f64, f64)>,
    /// P-value of "the means are the same", two-sided.
    pub p: f64,
}

impl Unpaired {
    /// Compares `a` and `b` with an interval of coverage 1 − `alpha`.
    ///
    /// For numbers of replications fixed in advance, Welch's test: Welch, "The generalization of
    /// 'Student's' problem when several different population variances are involved", Biometrika
    /// 34, 1947. For numbers found by looking, the two confidence sequences at `alpha`/2 each
    /// together (a union bound), and the p-value at which they meet. If neither sample varies, only
    /// their order is evidence: the p-value is that of the permutation test.
    ///
    /// # Errors
    /// Samples that are empty or not finite.
    pub fn of(
        a: &[f64],
        b: &[f64],
        sampling: Sampling,
        alpha: f64,
    ) -> Result<Self, StatisticsError> {
        let (a, b) = (Summary::of(a)?, Summary::of(b)?);
        let difference = a.mean - b.mean;
        let (Some(first), Some(second)) = (a.standard_error, b.standard_error) else {
            return Ok(Self { difference, standard_error: None, interval: None, p: 1.0 });
        };
        let standard_error = (first * first + second * second).sqrt();
        if standard_error <= 0.0 {
            let p = if difference == 0.0 { 1.0 } else { separated(a.count, b.count) };
            let interval = Some((difference, difference));
            return Ok(Self { difference, standard_error: Some(0.0), interval, p });
        }
        let (margin, p) = match sampling {
            Sampling::Fixed => {
                let freedom = freedom([(first, a.count), (second, b.count)]);
                let t = (difference / standard_error).abs();
                let margin = standard_error * upper_quantile(0.5 * alpha, freedom);
                (Some(margin), 2.0 * upper_tail(t, freedom))
            }
            Sampling::Sequential => {
                let margin = |alpha: f64| together([(first, a.count), (second, b.count)], alpha);
                (margin(alpha), level_reached(difference.abs(), margin))
            }
        };
        let interval = margin.map(|margin| (difference - margin, difference + margin));
        Ok(Self { difference, standard_error: Some(standard_error), interval, p })
    }
}

/// The degrees of freedom of Welch and Satterthwaite, from standard errors and counts.
fn freedom(samples: [(f64, usize); 2]) -> f64 {
    let total: f64 = samples.iter().map(|(error, _)| error * error).sum();
    // Each part as a share of the whole, so that small errors do not underflow.
    let parts = samples.iter().map(|&(error, count)| {
        let share = error * error / total;
        share * share / (count - 1) as f64
    });
    1.0 / parts.sum::<f64>()
}

/// The margins of two confidence sequences, added.
fn together(samples: [(f64, usize); 2], alpha: f64) -> Option<f64> {
    let margin = |(error, count)| Some(error * Sampling::Sequential.factor(count, 0.5 * alpha)?);
    Some(margin(samples[0])? + margin(samples[1])?)
}

/// The least level at which the margin is below the distance, 1 if it is so at none.
fn level_reached(distance: f64, margin: impl Fn(f64) -> Option<f64>) -> f64 {
    let reached = |alpha: f64| margin(alpha).is_some_and(|margin| margin < distance);
    // On a logarithmic scale, to far below what any table shows.
    let (mut low, mut high) = (math::ln(1e-300), 0.0);
    if !reached(math::exp(-1e-9)) {
        return 1.0;
    }
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if reached(math::exp(middle)) { high = middle } else { low = middle }
    }
    math::exp(high)
}

/// The probability that all values of one of two samples lie on one side of all of the other's, if
/// they are of one law: 2/C(m + n, m).
fn separated(m: usize, n: usize) -> f64 {
    let ln_factorial = |k: usize| math::ln_gamma(k as f64 + 1.0);
    (2.0 * math::exp(ln_factorial(m) + ln_factorial(n) - ln_factorial(m + n))).min(1.0)
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream, exponential, normal};

    use super::*;

    fn compare(a: &[f64], b: &[f64]) -> Unpaired {
        Unpaired::of(a, b, Sampling::Fixed, 0.05).expect("samples")
    }

    #[test]
    fn welchs_numbers_by_hand() {
        // Means 2.5 and 10, variances 5/3 over 4 and 48 over 3: squared error 5/12 + 16.
        let found = compare(&[1.0, 2.0, 3.0, 4.0], &[2.0, 14.0, 14.0]);
        let square: f64 = 5.0 / 12.0 + 16.0;
        assert_eq!(found.difference, -7.5);
        assert!((found.standard_error.expect("an error") - square.sqrt()).abs() < 1e-12);
        let freedom = square * square / ((5.0_f64 / 12.0).powi(2) / 3.0 + 16.0_f64.powi(2) / 2.0);
        assert!((found.p - 2.0 * upper_tail(7.5 / square.sqrt(), freedom)).abs() < 1e-12);
        let (low, high) = found.interval.expect("an interval");
        assert!((low + high + 15.0).abs() < 1e-9 && low < -7.5);
    }

    #[test]
    fn samples_that_do_not_vary_are_judged_by_their_order() {
        // C(5, 2) = 10.
        let found = compare(&[1.0, 1.0], &[2.0, 2.0, 2.0]);
        assert!((found.p - 0.2).abs() < 1e-12 && found.interval == Some((-1.0, -1.0)));
        assert_eq!(compare(&[1.0, 1.0], &[1.0, 1.0]).p, 1.0);
        assert_eq!(compare(&[1.0], &[1.0, 2.0]).interval, None);
        assert!(Unpaired::of(&[], &[1.0], Sampling::Fixed, 0.05).is_err());
    }

    #[test]
    fn p_values_are_uniform_for_different_spreads_and_sizes() {
        const TRIALS: u32 = 4000;
        let mut stream = Stream::new(20, 0, Role::Learner);
        let mut found = 0;
        for _ in 0..TRIALS {
            let a: Vec<f64> = (0..10).map(|_| normal(&mut stream)).collect();
            let b: Vec<f64> = (0..25).map(|_| 4.0 * normal(&mut stream)).collect();
            found += u32::from(compare(&a, &b).p < 0.1);
        }
        // Binomial with 400 of 4000: standard deviation 19; four of them.
        assert!((324..=476).contains(&found), "{found}");
    }

    #[test]
    fn looking_is_allowed_for_and_p_belongs_to_the_interval() {
        const TRIALS: u32 = 300;
        let mut stream = Stream::new(21, 0, Role::Learner);
        let mut false_alarms = 0;
        for _ in 0..TRIALS {
            let (mut a, mut b) = (Vec::new(), Vec::new());
            let told_apart = (1..=12).any(|_| {
                a.extend((0..64).map(|_| exponential(&mut stream)));
                b.extend((0..64).map(|_| exponential(&mut stream)));
                Unpaired::of(&a, &b, Sampling::Sequential, 0.05).expect("samples").p <= 0.05
            });
            false_alarms += u32::from(told_apart);
        }
        // At most 5 %: 15 with a standard deviation of 3.8; four of them.
        assert!(false_alarms <= 30, "{false_alarms}");
        let a: Vec<f64> = (0..200).map(|_| 0.4 + normal(&mut stream)).collect();
        let b: Vec<f64> = (0..100).map(|_| normal(&mut stream)).collect();
        let p = Unpaired::of(&a, &b, Sampling::Sequential, 0.05).expect("samples").p;
        let at = |alpha| Unpaired::of(&a, &b, Sampling::Sequential, alpha).expect("samples");
        let inside = |alpha| at(alpha).interval.is_some_and(|(low, high)| low < 0.0 && 0.0 < high);
        assert!(p < 1.0 && inside(0.99 * p) && !inside(1.01 * p), "{p}");
    }
}
