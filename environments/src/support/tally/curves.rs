//! Loss curves: what an arm's exposure does to its loss.

use regret_engine::math;
use regret_engine::registry::ParameterError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The mean loss of an arm as a function of its exposure f = y/W in (0, 1]: the tally y, the play
/// itself included, over the greatest possible one. Losses are in [0, 1].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Curve {
    /// The same loss at every exposure.
    Constant(f64),
    /// from + (to − from) f^exponent.
    Power {
        /// The loss at exposure 0.
        from: f64,
        /// The loss at exposure 1.
        to: f64,
        /// The exponent, positive; 1 by default.
        #[serde(default = "one")]
        exponent: f64,
    },
    /// from + (to − from) (1 − e^(−rate f))/(1 − e^(−rate)): most of the way is gone early.
    Decay {
        /// The loss at exposure 0.
        from: f64,
        /// The loss at exposure 1.
        to: f64,
        /// How fast, positive.
        rate: f64,
    },
    /// The loss `fresh` up to the exposure `at`, then a straight line up to `sated` at exposure 1.
    Satiation {
        /// The loss before.
        fresh: f64,
        /// The loss at exposure 1.
        sated: f64,
        /// The exposure from which on the loss changes, in [0, 1).
        at: f64,
    },
    /// A straight line from `fresh` at exposure 0 to `tired` at the exposure `at`, and another to
    /// `recovered` at exposure 1.
    Fatigue {
        /// The loss at exposure 0.
        fresh: f64,
        /// The loss at the turning point.
        tired: f64,
        /// The loss at exposure 1.
        recovered: f64,
        /// The turning point, in (0, 1).
        at: f64,
    },
    /// n losses, at the exposures 1/n, 2/n, … 1, with straight lines between: for unweighted
    /// tallies with memory n, the loss at each tally. Below 1/n, the first.
    Table(Vec<f64>),
}

const fn one() -> f64 {
    1.0
}

impl Curve {
    /// Checks that every loss is in [0, 1] and every other number in its range.
    ///
    /// # Errors
    /// The first number that is not, with its place below `path`.
    pub fn check(&self, path: &str) -> Result<(), ParameterError> {
        let loss = |name: &str, value: f64| {
            let valid = (0.0..=1.0).contains(&value);
            ParameterError::unless(valid, &format!("{path}.{name}"), value, LOSS_RULE)
        };
        let positive = |name: &str, value: f64| {
            let valid = value > 0.0 && value.is_finite();
            let path = format!("{path}.{name}");
            ParameterError::unless(valid, &path, value, "must be a positive number")
        };
        match self {
            Self::Constant(value) => loss("constant", *value),
            Self::Power { from, to, exponent } => {
                loss("power.from", *from)?;
                loss("power.to", *to)?;
                positive("power.exponent", *exponent)
            }
            Self::Decay { from, to, rate } => {
                loss("decay.from", *from)?;
                loss("decay.to", *to)?;
                positive("decay.rate", *rate)
            }
            Self::Satiation { fresh, sated, at } => {
                loss("satiation.fresh", *fresh)?;
                loss("satiation.sated", *sated)?;
                let (valid, path) = ((0.0..1.0).contains(at), format!("{path}.satiation.at"));
                ParameterError::unless(valid, &path, at, "must be at least 0 and below 1")
            }
            Self::Fatigue { fresh, tired, recovered, at } => {
                loss("fatigue.fresh", *fresh)?;
                loss("fatigue.tired", *tired)?;
                loss("fatigue.recovered", *recovered)?;
                let (valid, path) = (*at > 0.0 && *at < 1.0, format!("{path}.fatigue.at"));
                ParameterError::unless(valid, &path, at, "must be between 0 and 1")
            }
            Self::Table(losses) => {
                let (some, path) = (!losses.is_empty(), format!("{path}.table"));
                ParameterError::unless(some, &path, "[]", "must have at least one loss")?;
                for (index, loss) in losses.iter().enumerate() {
                    let path = format!("{path}[{index}]");
                    ParameterError::unless((0.0..=1.0).contains(loss), &path, loss, LOSS_RULE)?;
                }
                Ok(())
            }
        }
    }

    /// The loss at exposure `f` in (0, 1].
    pub fn loss(&self, f: f64) -> f64 {
        let value = match self {
            Self::Constant(loss) => *loss,
            Self::Power { from, to, exponent } => from + (to - from) * power(f, *exponent),
            Self::Decay { from, to, rate } => {
                from + (to - from) * (math::exp_m1(-rate * f) / math::exp_m1(-rate))
            }
            Self::Satiation { fresh, sated, at } => {
                fresh + (sated - fresh) * ((f - at) / (1.0 - at)).max(0.0)
            }
            Self::Fatigue { fresh, tired, recovered, at } => {
                if f <= *at {
                    fresh + (tired - fresh) * (f / at)
                } else {
                    tired + (recovered - tired) * ((f - at) / (1.0 - at))
                }
            }
            Self::Table(losses) => interpolate(losses, f),
        };
        value.clamp(0.0, 1.0)
    }

    /// The least loss at exposures from `low` to 1: at an end, or where the curve turns.
    pub fn least(&self, low: f64) -> f64 {
        let ends = self.loss(low).min(self.loss(1.0));
        let at = |f: f64| if f > low { self.loss(f) } else { f64::INFINITY };
        match self {
            Self::Fatigue { at: turn, .. } => ends.min(at(*turn)),
            Self::Table(losses) => {
                let place = |index: usize| (index + 1) as f64 / losses.len() as f64;
                (0..losses.len()).fold(ends, |least, index| least.min(at(place(index))))
            }
            _ => ends,
        }
    }
}

const LOSS_RULE: &str = "must be a loss from 0 to 1";

/// f^exponent; small whole exponents by multiplication.
fn power(f: f64, exponent: f64) -> f64 {
    if exponent.fract() == 0.0 && exponent <= 16.0 {
        return (0..exponent as u32).fold(1.0, |product, _| product * f);
    }
    math::pow(f, exponent)
}

fn interpolate(losses: &[f64], f: f64) -> f64 {
    let place = (f * losses.len() as f64 - 1.0).clamp(0.0, (losses.len() - 1) as f64);
    let index = place.floor() as usize;
    let share = place - place.floor();
    let next = losses[(index + 1).min(losses.len() - 1)];
    losses[index] + (next - losses[index]) * share
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    #[test]
    fn losses_by_hand() {
        let power = Curve::Power { from: 0.9, to: 0.1, exponent: 4.0 };
        assert!(near(power.loss(0.5), 0.85) && near(power.loss(1.0), 0.1));
        let root = Curve::Power { from: 0.0, to: 1.0, exponent: 0.5 };
        assert!(near(root.loss(0.25), 0.5));
        // (1 − e^{−1})/(1 − e^{−2}) = 0.731 058 578 630 005.
        let decay = Curve::Decay { from: 1.0, to: 0.0, rate: 2.0 };
        assert!(near(decay.loss(0.5), 1.0 - 0.731_058_578_630_005));
        let satiation = Curve::Satiation { fresh: 0.2, sated: 0.8, at: 0.5 };
        assert!(near(satiation.loss(0.4), 0.2) && near(satiation.loss(0.75), 0.5));
        let fatigue = Curve::Fatigue { fresh: 0.3, tired: 0.9, recovered: 0.1, at: 0.25 };
        assert!(near(fatigue.loss(0.125), 0.6) && near(fatigue.loss(0.625), 0.5));
        let table = Curve::Table(vec![0.4, 0.2, 0.6]);
        assert!(near(table.loss(2.0 / 3.0), 0.2) && near(table.loss(0.5), 0.3));
        assert!(near(table.loss(0.1), 0.4) && near(table.loss(1.0), 0.6));
    }

    #[test]
    fn the_least_loss_of_an_interval() {
        let table = Curve::Table(vec![0.4, 0.2, 0.6, 0.5]);
        assert!(near(table.least(0.25), 0.2) && near(table.least(0.6), 0.36));
        let fatigue = Curve::Fatigue { fresh: 0.5, tired: 0.1, recovered: 0.9, at: 0.5 };
        assert!(near(fatigue.least(0.2), 0.1) && near(fatigue.least(0.75), 0.5));
        let power = Curve::Power { from: 0.2, to: 0.7, exponent: 1.0 };
        assert!(near(power.least(0.5), 0.45));
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        let path = |curve: Curve| curve.check("curves[2]").unwrap_err().path;
        assert_eq!(path(Curve::Constant(1.5)), "curves[2].constant");
        let power = Curve::Power { from: 0.5, to: -0.1, exponent: 1.0 };
        assert_eq!(path(power), "curves[2].power.to");
        assert_eq!(path(Curve::Table(vec![0.1, f64::NAN])), "curves[2].table[1]");
        let fatigue = Curve::Fatigue { fresh: 0.1, tired: 0.1, recovered: 0.1, at: 1.0 };
        assert_eq!(path(fatigue), "curves[2].fatigue.at");
        assert!(Curve::Decay { from: 0.0, to: 1.0, rate: 3.0 }.check("").is_ok());
    }
}
