//! Vector instructions chosen at run time.
//!
//! [`vectorised!`](crate::vectorised) compiles a plain loop once for each instruction set and picks
//! the widest that the processor has. The arithmetic is the same in all (Rust never contracts a
//! multiplication and an addition, and reductions keep their order), so the choice never changes a
//! bit of the result. On ARM the plain form is compiled with NEON, which every 64-bit ARM has.

use std::sync::atomic::{AtomicU8, Ordering};

/// An instruction set, narrowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// What every processor of the architecture has (SSE2, NEON).
    Plain = 1,
    /// 256-bit vectors.
    Avx2 = 2,
    /// 512-bit vectors.
    Avx512 = 3,
}

/// 0 until it is first asked for.
static LEVEL: AtomicU8 = AtomicU8::new(0);

/// The level in use: the processor's, or less if [`limit`] or the environment variable
/// `REGRET_SIMD` (`plain`, `avx2`) says so.
#[inline(always)]
pub fn level() -> Level {
    match LEVEL.load(Ordering::Relaxed) {
        1 => Level::Plain,
        2 => Level::Avx2,
        3 => Level::Avx512,
        _ => first_level(),
    }
}

/// Uses no wider level than `highest`: for tests and measurements.
pub fn limit(highest: Level) {
    LEVEL.store(detected().min(highest) as u8, Ordering::Relaxed);
}

#[cold]
fn first_level() -> Level {
    let wanted = match std::env::var("REGRET_SIMD").as_deref() {
        Ok("plain") => Level::Plain,
        Ok("avx2") => Level::Avx2,
        _ => Level::Avx512,
    };
    limit(wanted);
    detected().min(wanted)
}

/// The widest level of this processor.
pub fn detected() -> Level {
    #[cfg(target_arch = "x86_64")]
    {
        let has_avx2 = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2");
        let has_avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl");
        if has_avx2 && has_avx512 {
            return Level::Avx512;
        }
        if has_avx2 {
            return Level::Avx2;
        }
    }
    Level::Plain
}

/// Compiles a function for every [`Level`](crate::simd::Level) and dispatches at each call: one
/// call per round and block of lanes, never inside a loop over lanes. The body should be plain
/// loops over slices of equal length; functions that it calls must be `#[inline(always)]`.
#[macro_export]
macro_rules! vectorised {
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident(
        $($argument:ident: $type:ty),* $(,)?
    ) $(-> $result:ty)? $body:block) => {
        $(#[$attribute])*
        $visibility fn $name($($argument: $type),*) $(-> $result)? {
            #[inline(always)]
            fn plain($($argument: $type),*) $(-> $result)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,bmi1,bmi2")]
                fn avx512($($argument: $type),*) $(-> $result)? { plain($($argument),*) }

                #[target_feature(enable = "avx2,bmi1,bmi2")]
                fn avx2($($argument: $type),*) $(-> $result)? { plain($($argument),*) }

                match $crate::simd::level() {
                    // SAFETY: `level` answers `Avx512` only if `detected` found every feature
                    // enabled on `avx512`.
                    $crate::simd::Level::Avx512 => return unsafe { avx512($($argument),*) },
                    // SAFETY: `level` answers `Avx2` only if `detected` found every feature
                    // enabled on `avx2`.
                    $crate::simd::Level::Avx2 => return unsafe { avx2($($argument),*) },
                    $crate::simd::Level::Plain => {}
                }
            }
            plain($($argument),*)
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math;

    vectorised! {
        fn logistic(x: &[f64], y: &mut [f64]) {
            for (y, &x) in y.iter_mut().zip(x) {
                *y = math::ln(1.0 + math::exp(x)) / (1.0 + x * x).sqrt();
            }
        }
    }

    #[test]
    fn every_level_gives_the_same_bits() {
        let x: Vec<f64> = (0..1003).map(|i| f64::from(i) * 0.37 - 180.0).collect();
        let run = |level| {
            limit(level);
            let mut y = vec![0.0; x.len()];
            logistic(&x, &mut y);
            y.into_iter().map(f64::to_bits).collect::<Vec<_>>()
        };
        let plain = run(Level::Plain);
        assert_eq!(plain, run(Level::Avx2));
        assert_eq!(plain, run(Level::Avx512));
    }
}
