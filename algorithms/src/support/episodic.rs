//! What learners of the episodic protocols share.

use std::sync::Arc;

use regret_engine::bound::Bound;
use regret_engine::learner::Setting;
use regret_engine::math;
use regret_engine::mdp::{Layout, Transitions};
use regret_engine::notion::{HINDSIGHT_REGRET, PSEUDO_REGRET};
use regret_engine::protocols::Episodic;
use regret_engine::protocols::episodic::{LossFacts, Revelation};
use regret_engine::registry::ParameterError;

/// The transitions, for a learner that needs to be told them.
///
/// # Errors
/// That the environment does not tell them, and how it would.
pub fn told<R: Revelation>(
    setting: &Setting<Episodic<R>>,
) -> Result<Arc<Transitions>, ParameterError> {
    setting.shape.transitions.clone().ok_or_else(|| ParameterError {
        path: String::new(),
        message: "it needs to be told the transitions: the environment must have `known: true`"
            .to_owned(),
    })
}

/// An optional parameter must be a positive number.
///
/// # Errors
/// The parameter, its value and the rule.
pub fn positive(value: Option<f64>, path: &str) -> Result<(), ParameterError> {
    let value = value.unwrap_or(1.0);
    ParameterError::unless(
        value > 0.0 && value.is_finite(),
        path,
        value,
        "must be a positive number",
    )
}

/// A parameter must be a number that is not negative.
///
/// # Errors
/// The parameter, its value and the rule.
pub fn not_negative(value: f64, path: &str) -> Result<(), ParameterError> {
    let valid = value >= 0.0 && value.is_finite();
    ParameterError::unless(valid, path, value, "must be a number that is not negative")
}

/// A bound that holds on every sequence of losses: of the regret in hindsight, and of the
/// pseudo-regret if the losses do not depend on the play. `surely` says that it holds against
/// adaptive losses as well, the learner drawing nothing.
pub fn on_every_sequence(
    facts: &LossFacts,
    surely: bool,
    statement: &str,
    source: &'static str,
    conditions: &'static str,
    curve: impl Fn(f64) -> f64 + Clone + Send + Sync + 'static,
) -> Vec<Bound> {
    let mut bounds = Vec::new();
    if surely || facts.oblivious {
        let curve = curve.clone();
        bounds.push(Bound::upper(HINDSIGHT_REGRET, statement, source, conditions, curve));
    }
    if facts.oblivious {
        bounds.push(Bound::upper(PSEUDO_REGRET, statement, source, conditions, curve));
    }
    bounds
}

/// Writes in every state probabilities ∝ e^{−η L}.
pub fn write_exponential(losses: &[f64], eta: f64, actions: usize, policy: &mut [f64]) {
    let rows = policy.chunks_exact_mut(actions).zip(losses.chunks_exact(actions));
    for (row, losses) in rows {
        let least = losses.iter().fold(f64::INFINITY, |least, &loss| least.min(loss));
        let mut total = 0.0;
        for (weight, loss) in row.iter_mut().zip(losses) {
            *weight = math::exp(-eta * (loss - least));
            total += *weight;
        }
        row.iter_mut().for_each(|weight| *weight /= total);
    }
}

/// The most that KL(q^π ‖ q^u), summed over the steps, can be for the uniform policy's occupancy
/// q^u: the lesser of H(H + 1)/2 ln A (every step's divergence is at most that of the actions up to
/// it, by the chain rule) and Σ_h max ln 1/q^u(h, s, a) over what can be reached.
pub fn greatest_divergence(transitions: &Transitions) -> f64 {
    let layout = transitions.layout();
    let mut policy = vec![0.0; layout.pairs()];
    layout.write_uniform(&mut policy);
    let (mut marginals, mut q) = (vec![0.0; layout.states()], policy.clone());
    transitions.occupancy(&policy, &mut marginals, &mut q);
    let rarest = |h: usize| {
        let reached = q[layout.pairs_of(h)].iter().filter(|&&q| q > 0.0);
        -math::ln(reached.fold(1.0, |least: f64, &q| least.min(q)))
    };
    let steps = layout.steps() as f64;
    let by_actions = 0.5 * steps * (steps + 1.0) * math::ln(layout.actions() as f64);
    by_actions.min((0..layout.steps()).map(rarest).sum())
}

/// Writes the policy of an occupancy given by its logarithm, uniform where nothing gets.
pub fn write_policy_of_logs(layout: &Layout, logs: &[f64], policy: &mut [f64]) {
    let actions = layout.actions();
    for (row, logs) in policy.chunks_exact_mut(actions).zip(logs.chunks_exact(actions)) {
        let greatest = logs.iter().fold(f64::NEG_INFINITY, |most, &log| most.max(log));
        if greatest == f64::NEG_INFINITY {
            row.fill(1.0 / actions as f64);
            continue;
        }
        let mut total = 0.0;
        for (p, log) in row.iter_mut().zip(logs) {
            *p = math::exp(log - greatest);
            total += *p;
        }
        row.iter_mut().for_each(|p| *p /= total);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use regret_engine::learner::{Learner, Outcome, Round};
    use regret_engine::protocols::EpisodicFull;
    use regret_engine::protocols::episodic::{Episode, World};
    use regret_engine::random::{Role, Stream};
    use regret_engine::registry::Algorithm;

    use super::*;

    /// The process of the integer formulas (see the environment `lay`), with its base losses.
    pub(crate) fn lay(steps: usize, width: usize, actions: usize) -> (Arc<Transitions>, Vec<f64>) {
        let mut widths = vec![width; steps];
        widths[0] = 1;
        let layout = Layout::new(&widths, actions).expect("valid");
        let (mut table, mut base) = (Vec::new(), Vec::new());
        for h in 0..steps {
            for (s, a) in (0..widths[h]).flat_map(|s| (0..actions).map(move |a| (s, a))) {
                base.push(((3 * h + 5 * s + 7 * a) % 10) as f64 / 10.0);
                let next = if h + 1 < steps { width } else { 0 };
                let weight = |y: usize| (1 + (7 * h + 5 * s + 3 * a + 2 * y) % 11) as f64;
                let sum: f64 = (0..next).map(weight).sum();
                table.extend((0..next).map(|y| weight(y) / sum));
            }
        }
        (Arc::new(Transitions::new(layout, 0, table).expect("valid")), base)
    }

    /// The setting of a process that is told.
    pub(crate) fn setting<R: Revelation>(
        process: &Arc<Transitions>,
        episodes: u64,
    ) -> Setting<Episodic<R>> {
        Setting::new(World::new(process.clone(), true), episodes)
    }

    /// Plays K episodes with full information; answers the total expected loss and the sums of the
    /// losses.
    pub(crate) fn play_full<A>(
        algorithm: &A,
        process: &Arc<Transitions>,
        episodes: u64,
        losses: impl Fn(u64, &mut [f64]),
    ) -> (f64, Vec<f64>)
    where
        A: Algorithm<Protocol = EpisodicFull>,
    {
        let mut learner = algorithm.learner(&setting(process, episodes)).expect("fits");
        let pairs = process.layout().pairs();
        let (mut loss, mut sums, mut paid) = (vec![0.0; pairs], vec![0.0; pairs], 0.0);
        let (mut q, mut v) = (vec![0.0; pairs], vec![0.0; process.layout().states()]);
        let rng = &mut Stream::new(1, 0, Role::Learner);
        let steps = vec![0; process.layout().steps()];
        for t in 1..=episodes {
            losses(t - 1, &mut loss);
            let policy = learner.act(Round { t, slot: 0, context: (), rng }).to_vec();
            paid += process.evaluate(&policy, &loss, &mut q, &mut v);
            sums.iter_mut().zip(&loss).for_each(|(sum, loss)| *sum += loss);
            let feedback = Episode { states: &steps, actions: &steps, losses: &loss };
            learner.update(Outcome { t, slot: 0, context: (), action: &policy, feedback, rng });
        }
        (paid, sums)
    }

    /// The losses of the families `const`, `sca`, `flip60` and `drift` of K = 1024 episodes.
    pub(crate) fn family(name: &str, process: &Transitions, base: &[f64], k: u64, out: &mut [f64]) {
        let layout = process.layout();
        for h in 0..layout.steps() {
            for (j, pair) in layout.pairs_of(h).enumerate() {
                let m = base[pair];
                out[pair] = match name {
                    "const" => m,
                    "sca" => 0.5 * m + 0.5 * ((k / 16) % 2) as f64,
                    "flip60" => {
                        if k < 614 {
                            m
                        } else {
                            1.0 - m
                        }
                    }
                    _ => {
                        let wave = (std::f64::consts::PI * k as f64 / 1024.0 + j as f64).sin();
                        (m + 0.4 * wave).clamp(0.0, 1.0)
                    }
                };
            }
        }
    }

    /// Asserts the regret of 1024 episodes with full information on LAY(3, 3, 2), by family, as an
    /// independent program measured it.
    pub(crate) fn assert_regrets<A>(algorithm: &A, known: [f64; 4])
    where
        A: Algorithm<Protocol = EpisodicFull>,
    {
        let (process, base) = lay(3, 3, 2);
        for (name, known) in ["const", "sca", "flip60", "drift"].into_iter().zip(known) {
            let (paid, sums) = play_full(algorithm, &process, 1024, |k, out| {
                family(name, &process, &base, k, out)
            });
            let regret = paid - process.least_loss(&sums);
            assert!((regret - known).abs() < 1e-7, "{name}: {regret}, not {known}");
        }
    }

    #[test]
    fn divergences_of_the_reference_instance() {
        let (process, _) = lay(3, 3, 2);
        // 3·4/2 ln 2 = 4.16; rarest pairs ½, ½·min q, …: the first is less here.
        let by_actions = 6.0 * 2f64.ln();
        assert!(greatest_divergence(&process) <= by_actions);
        let (single, _) = lay(1, 1, 4);
        assert!((greatest_divergence(&single) - 4f64.ln()).abs() < 1e-12);
    }
}
