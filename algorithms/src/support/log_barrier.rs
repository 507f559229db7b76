//! The distribution of follow the regularised leader with the log barrier.

/// Writes p_a = 1/(η (L_a − x)) with the x < min L that makes them sum to one: Newton's method
/// from x = min L − 1/η, where the sum is at least one; by convexity it stays on that side.
pub fn distribution(losses: &[f64], eta: f64, out: &mut [f64]) {
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let mut x = -1.0 / eta;
    for _ in 0..100 {
        let mut sum = 0.0;
        let mut squares = 0.0;
        for (p, loss) in out.iter_mut().zip(losses) {
            *p = 1.0 / (eta * (loss - least - x));
            sum += *p;
            squares += *p * *p;
        }
        let step = (sum - 1.0) / (eta * squares);
        if step.abs() <= 1e-14 * x.abs() || !step.is_finite() {
            break;
        }
        x -= step;
    }
    let total: f64 = out.iter().sum();
    out.iter_mut().for_each(|p| *p /= total);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distributions_by_hand() {
        // η = 1, L = (0, 3/2): 1/y + 1/(y + 3/2) = 1 where y² − y/2 = 3/2, so y = 3/2.
        let mut p = [0.0; 2];
        distribution(&[7.0, 8.5], 1.0, &mut p);
        let y = 0.25 + (0.0625f64 + 1.5).sqrt();
        assert!((p[0] - 1.0 / y).abs() < 1e-12 && (p[1] - 1.0 / (y + 1.5)).abs() < 1e-12);
        assert!((p[0] - 2.0 / 3.0).abs() < 1e-12);
        let mut p = [0.0; 4];
        distribution(&[0.0, 1e9, 1.0, 0.0], 1e-2, &mut p);
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12 && p[0] == p[3] && p[1] < 1e-6);
    }

    /// Values of an independent program; two arms that differ by g have p_0 = 2/(2 − g + √(g² + 4)).
    #[test]
    fn known_distributions() {
        let mut p = [0.0; 3];
        distribution(&[0.0, 1.0, 2.0], 1.0, &mut p);
        let known = [0.451_605_96, 0.311_107_82, 0.237_286_22];
        assert!(p.iter().zip(known).all(|(p, known)| (p - known).abs() < 1e-8), "{p:?}");
        let mut p = [0.0; 2];
        distribution(&[3.0, 3.5], 2.0, &mut p);
        assert!((p[0] - 0.618_033_988_7).abs() < 1e-10);
        // One loss of −50 on an arm of probability 0.01, η = 0.1: the barrier hardly moves.
        let eta = 0.1;
        let start = [0.01f64, 0.99].map(|p| 1.0 / (eta * p));
        distribution(&[start[0] - 50.0, start[1]], eta, &mut p);
        assert!((p[0] - 0.010_526_26).abs() < 1e-8, "{p:?}");
    }
}
