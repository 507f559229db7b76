//! Losses 0 and 1 that look random, written down without a generator.

use regret_engine::environment::Block;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::piecewise::spread;
use crate::support::checks;
use crate::support::drift::{Drift, Drifting, Noiseless};
use crate::support::process::{self, RewardModel};

/// In round t arm a loses 1 if the fractional part of t √q_a is below its share, else 0, with q the
/// prime numbers 2, 3, 5, 7, …: the same losses in every replication, anywhere. Rewards are 1 −
/// loss; they are their own means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuasiRandom {
    /// The share of rounds in which each arm loses, in [0, 1]; at most 64 arms.
    #[serde(default = "default_shares")]
    pub shares: Vec<f64>,
}

fn default_shares() -> Vec<f64> {
    vec![0.4, 0.5, 0.5, 0.5]
}

/// The most arms: beyond, the roots of the primes lie close together.
const MOST_ARMS: usize = 64;

impl EnvironmentModel for QuasiRandom {
    const NAME: &'static str = "quasi_random";
    const SUMMARY: &'static str = "losses 0 and 1 by the fractional parts of t √q, q prime";
    const SOURCE: &'static str = "folklore (Weyl's equidistribution)";
    const EXAMPLE: &'static str = r#"{"shares": [0.5, 0.4, 0.55]}"#;
    const PROTOCOLS: &'static [&'static str] = process::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        checks::probabilities(&self.shares, "shares")?;
        let (arms, rule) = (self.shares.len(), format!("must be at most {MOST_ARMS} arms"));
        ParameterError::unless(arms <= MOST_ARMS, "shares", arms, &rule)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::faces(self.clone()))
    }
}

impl RewardModel for QuasiRandom {
    type Process = Drifting<Fractions, Noiseless>;

    fn arms(&self, _: u64) -> Arms {
        Arms {
            count: self.shares.len(),
            means: None,
            range: Some((0.0, 1.0)),
            law: Law::Written,
            oblivious: true,
        }
    }

    fn process(&self, block: &Block) -> Self::Process {
        let roots = primes().zip(&self.shares).map(|(prime, &share)| (prime.sqrt(), share));
        let mut drift = Fractions { arms: roots.collect(), row: vec![0.0; self.shares.len()] };
        let mut means = vec![0.0; self.shares.len() * block.lanes()];
        drift.advance(1, &mut means, block.lanes());
        Drifting::new(drift, Noiseless, means, block)
    }
}

/// 2, 3, 5, 7, …
fn primes() -> impl Iterator<Item = f64> {
    (2u32..).filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0)).map(f64::from)
}

/// The root and the share of every arm.
pub struct Fractions {
    arms: Vec<(f64, f64)>,
    row: Vec<f64>,
}

impl Drift for Fractions {
    fn changes(&self, _: u64) -> bool {
        true
    }

    fn advance(&mut self, t: u64, means: &mut [f64], lanes: usize) {
        for (reward, (root, share)) in self.row.iter_mut().zip(&self.arms) {
            *reward = if (t as f64 * root).fract() < *share { 0.0 } else { 1.0 };
        }
        spread(&self.row, lanes, means);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::process::tests::assert_process;

    #[test]
    fn losses_by_hand() {
        assert_eq!(primes().take(6).collect::<Vec<_>>(), [2.0, 3.0, 5.0, 7.0, 11.0, 13.0]);
        let model = QuasiRandom { shares: vec![0.5, 0.4] };
        let history = assert_process(&model, 4);
        // Fractions of t √2: .414, .828, .243, .657; of t √3: .732, .464, .196, .928.
        let losses: Vec<[f64; 2]> = history.iter().map(|m| [1.0 - m[0], 1.0 - m[3]]).collect();
        assert_eq!(losses, [[1.0, 0.0], [0.0, 0.0], [1.0, 1.0], [0.0, 0.0]]);
        assert_eq!(QuasiRandom { shares: vec![0.5; 65] }.check().unwrap_err().path, "shares");
    }
}
