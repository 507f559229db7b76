//! Sinusoidally drifting Bernoulli arms.

use std::f64::consts::TAU;

use regret_engine::environment::Block;
use regret_engine::math;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::piecewise::spread;
use crate::support::checks;
use crate::support::drift::{BernoulliNoise, Drift, Drifting};
use crate::support::process::{self, RewardModel};

/// Bernoulli rewards of mean `centre_a + amplitude · sin(2π (t − 1)/period + phase_a)` at round t.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sinusoidal {
    /// The centre of every arm's mean.
    pub centres: Vec<f64>,
    /// Amplitude ≥ 0; centre ± amplitude must stay within [0, 1].
    pub amplitude: f64,
    /// Period in rounds, positive.
    pub period: f64,
    /// The phase of every arm in radians; by default spread evenly, 2π a/K.
    #[serde(default)]
    pub phases: Option<Vec<f64>>,
}

impl Sinusoidal {
    fn phase(&self, arm: usize) -> f64 {
        let even = TAU * arm as f64 / self.centres.len() as f64;
        self.phases.as_ref().map_or(even, |phases| phases[arm])
    }

    fn write(&self, t: u64, means: &mut [f64]) {
        let angle = TAU * (t - 1) as f64 / self.period;
        for (arm, (mean, centre)) in means.iter_mut().zip(&self.centres).enumerate() {
            let wave = self.amplitude * math::sin(angle + self.phase(arm));
            *mean = (centre + wave).clamp(0.0, 1.0);
        }
    }
}

impl EnvironmentModel for Sinusoidal {
    const NAME: &'static str = "sinusoidal";
    const SUMMARY: &'static str = "0/1 rewards whose means follow sine waves";
    const SOURCE: &'static str = "Besbes, Gur, Zeevi, Stochastic multi-armed-bandit problem with \
                                  non-stationary rewards, 2014 (setting)";
    const EXAMPLE: &'static str =
        r#"{"centres": [0.5, 0.5, 0.4], "amplitude": 0.3, "period": 100}"#;
    const PROTOCOLS: &'static [&'static str] = process::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        let valid = self.amplitude >= 0.0 && self.amplitude <= 0.5;
        ParameterError::unless(valid, "amplitude", self.amplitude, "must be from 0 to 0.5")?;
        let rule = format!("± the amplitude {} must stay within [0, 1]", self.amplitude);
        let (low, high) = (self.amplitude, 1.0 - self.amplitude);
        checks::each(&self.centres, "centres", &rule, |centre| (low..=high).contains(&centre))?;
        let valid = self.period > 0.0 && self.period.is_finite();
        ParameterError::unless(valid, "period", self.period, "must be a positive number")?;
        self.phases.as_ref().map_or(Ok(()), |phases| {
            checks::same_length(&self.centres, phases, "phases")?;
            checks::finite(phases, "phases")
        })
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::faces(self.clone()))
    }
}

impl RewardModel for Sinusoidal {
    type Process = Drifting<Wave, BernoulliNoise>;

    fn arms(&self, _: u64) -> Arms {
        Arms {
            count: self.centres.len(),
            means: None,
            range: Some((0.0, 1.0)),
            law: Law::Arbitrary,
            oblivious: true,
        }
    }

    fn process(&self, block: &Block) -> Self::Process {
        let mut drift = Wave { row: vec![0.0; self.centres.len()], model: self.clone() };
        let mut means = vec![0.0; self.centres.len() * block.lanes()];
        drift.advance(1, &mut means, block.lanes());
        Drifting::new(drift, BernoulliNoise, means, block)
    }
}

/// The wave of the means.
pub struct Wave {
    model: Sinusoidal,
    row: Vec<f64>,
}

impl Drift for Wave {
    fn changes(&self, _: u64) -> bool {
        true
    }

    fn advance(&mut self, t: u64, means: &mut [f64], lanes: usize) {
        self.model.write(t, &mut self.row);
        spread(&self.row, lanes, means);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::process::tests::assert_process;

    #[test]
    fn means_by_hand() {
        let model = Sinusoidal {
            centres: vec![0.5, 0.25],
            amplitude: 0.25,
            period: 4.0,
            phases: Some(vec![0.0, TAU / 4.0]),
        };
        let history = assert_process(&model, 5);
        for (t, (first, second)) in
            [(0.5, 0.5), (0.75, 0.25), (0.5, 0.0), (0.25, 0.25), (0.5, 0.5)].into_iter().enumerate()
        {
            assert!(
                (history[t][0] - first).abs() < 1e-12 && (history[t][3] - second).abs() < 1e-12
            );
        }
        assert_eq!(Sinusoidal { amplitude: 0.3, ..model }.check().unwrap_err().path, "centres[1]");
    }
}
