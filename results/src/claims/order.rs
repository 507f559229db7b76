//! Claims on the order of means: one below another, a list in order, monotone in a parameter.

use super::{Confidence, Judgement, Verdict};
use crate::statistics::{Paired, Sampling, StatisticsError};

/// Which way means go along a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Each below the next.
    Increasing,
    /// Each above the next.
    Decreasing,
}

/// Judges "the mean of a is below that of b", paired by replication: PASS if the one-sided p-value
/// is below `p`, FAIL if that of the opposite is.
///
/// # Errors
/// Samples that are empty, of different lengths or not finite.
pub fn below(
    a: &[f64],
    b: &[f64],
    p: f64,
    sampling: Sampling,
) -> Result<Judgement, StatisticsError> {
    step(a, b, p, p, sampling)
}

/// Judges "the means of the samples, each with a name, go in that direction": PASS if every step
/// passes at level `p` (so that all hold together at that level), FAIL if any step is opposite at
/// level `p` over the number of steps. The figures are those of the weakest step.
///
/// # Errors
/// Samples that are empty, of different lengths or not finite; fewer than two samples.
pub fn ordering(
    samples: &[(String, &[f64])],
    direction: Direction,
    p: f64,
    sampling: Sampling,
) -> Result<Judgement, StatisticsError> {
    let steps = samples.len().saturating_sub(1);
    let judged = samples.windows(2).map(|pair| {
        let (first, second) = match direction {
            Direction::Increasing => (&pair[0], &pair[1]),
            Direction::Decreasing => (&pair[1], &pair[0]),
        };
        let judgement = step(first.1, second.1, p, p / steps as f64, sampling)?;
        let note = Some(format!("weakest step: {} below {}", first.0, second.0));
        Ok(Judgement { note, ..judgement })
    });
    let judged: Vec<Judgement> = judged.collect::<Result<_, _>>()?;
    let worst = judged.iter().max_by(|a, b| doubt(a).total_cmp(&doubt(b)));
    let worst = worst.cloned().ok_or(StatisticsError::Empty)?;
    let undecided = || judged.iter().filter(|step| step.verdict == Verdict::Undecided);
    let needed = undecided()
        .map(|step| step.needed)
        .try_fold(0, |most, needed| needed.map(|needed: u64| needed.max(most)));
    let decided = worst.verdict != Verdict::Undecided;
    Ok(Judgement { needed: if decided { None } else { needed }, ..worst })
}

/// Failures before what is undecided, by p-value each.
fn doubt(step: &Judgement) -> f64 {
    let p = step.p.unwrap_or(1.0);
    if step.verdict == Verdict::Fail { 1.0 + p } else { p }
}

/// One below another, at a level for PASS and one for FAIL.
fn step(
    a: &[f64],
    b: &[f64],
    pass: f64,
    fail: f64,
    sampling: Sampling,
) -> Result<Judgement, StatisticsError> {
    // A one-sided test at p belongs to an interval of coverage 1 − 2p; sequences are two-sided.
    let alpha = match sampling {
        Sampling::Fixed => 2.0 * pass,
        Sampling::Sequential => pass,
    };
    let paired = Paired::of(a, b, sampling, alpha)?;
    let verdict = if paired.p_below < pass {
        Verdict::Pass
    } else if paired.p_above < fail {
        Verdict::Fail
    } else {
        Verdict::Undecided
    };
    let needed = || {
        let deviation = paired.difference.deviation.filter(|deviation| *deviation > 0.0)?;
        let needed = sampling.needed(paired.difference.mean.abs() / deviation, alpha)?;
        Some(needed.max(a.len() as u64 + 1))
    };
    Ok(Judgement {
        verdict,
        quantity: "difference".to_owned(),
        measured: Some(paired.difference.mean),
        interval: paired.interval,
        coverage: Confidence { sampling, alpha }.coverage(),
        p: Some(paired.p_below),
        replications: a.len(),
        needed: if verdict == Verdict::Undecided { needed() } else { None },
        note: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Differences of mean `mean` whose t statistic with 4 values is mean · 2/√(5/3).
    fn shifted(mean: f64) -> Vec<f64> {
        [-1.5, -0.5, 0.5, 1.5].map(|x| x + mean).to_vec()
    }

    #[test]
    fn below_is_one_sided_and_its_opposite_fails() {
        let zero = [0.0; 4];
        let judge = |mean: f64| below(&shifted(mean), &zero, 0.05, Sampling::Fixed).expect("ok");
        // One-sided 5 % with 3 degrees: t = 2.3534, a mean of 1.5191.
        assert_eq!(judge(-1.53).verdict, Verdict::Pass);
        assert_eq!(judge(-1.51).verdict, Verdict::Undecided);
        assert_eq!(judge(1.53).verdict, Verdict::Fail);
        let passed = judge(-1.53);
        assert!((passed.coverage - 0.9).abs() < 1e-12);
        assert!(passed.interval.expect("an interval").1 < 0.0);
        assert!(passed.p.expect("a p-value") < 0.05);
        // d/s = 1/1.291 = 0.7746: √n ≥ t/0.7746, n = 7 (t = 1.943, 2.646 · 0.7746 = 2.049).
        assert_eq!(judge(-1.0).needed, Some(7));
        assert_eq!(judge(0.0).needed, None);
    }

    #[test]
    fn a_list_is_as_certain_as_its_least_certain_step() {
        let (low, middle, high) = (shifted(0.0), vec![4.0, 4.5, 5.0, 4.7], vec![9.0; 4]);
        let list = |names: [(&str, &[f64]); 3], direction| {
            let named = names.map(|(name, sample)| (name.to_owned(), sample));
            ordering(&named, direction, 0.05, Sampling::Fixed).expect("samples")
        };
        let (a, b, c) = (("a", &*low), ("b", &*middle), ("c", &*high));
        let up = list([a, b, c], Direction::Increasing);
        assert_eq!(up.verdict, Verdict::Pass);
        let step = below(a.1, b.1, 0.05, Sampling::Fixed).expect("samples");
        assert_eq!((up.measured, up.p), (step.measured, step.p));
        assert_eq!(up.note.as_deref(), Some("weakest step: a below b"));
        assert_eq!(list([c, b, a], Direction::Decreasing).verdict, Verdict::Pass);
        let wrong = list([a, c, b], Direction::Increasing);
        assert_eq!(wrong.verdict, Verdict::Fail);
        assert_eq!(wrong.note.as_deref(), Some("weakest step: c below b"));
        // The same twice is undecided, whatever the number.
        let same = list([a, a, c], Direction::Increasing);
        assert_eq!((same.verdict, same.needed), (Verdict::Undecided, None));
        assert!(ordering(&[], Direction::Increasing, 0.05, Sampling::Fixed).is_err());
    }

    #[test]
    fn looking_needs_more_evidence() {
        let a: Vec<f64> = (0..128).map(|i| f64::from(i % 7) - 3.6).collect();
        let zero = vec![0.0; 128];
        let fixed = below(&a, &zero, 0.01, Sampling::Fixed).expect("samples");
        let sequential = below(&a, &zero, 0.01, Sampling::Sequential).expect("samples");
        assert_eq!((fixed.verdict, sequential.verdict), (Verdict::Pass, Verdict::Undecided));
        assert!(sequential.needed.expect("a number") > 128);
    }
}
