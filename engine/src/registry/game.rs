//! An algorithm on a problem, played in the form that suits it.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::ParameterError;
use super::algorithm::Algorithm;
use super::blocks::{front, guarded, in_blocks};
use super::pairing::{CellFault, Form, Match, Suit};
use crate::bound::Bound;
use crate::delay::Delay;
use crate::environment::Problem;
use crate::learner::{Learner, Setting};
use crate::notion::Notion;
use crate::profile::{Profile, profile_block};
use crate::protocol::Protocol;
use crate::record::Record;
use crate::simulation::{Monitor, Plan, Played, Player, Unwatched, play_block};
use crate::solos::Solos;

/// An algorithm on a problem.
pub struct Game<A: Algorithm> {
    problem: Arc<dyn Problem<A::Protocol>>,
    algorithm: A,
    setting: Setting<A::Protocol>,
    delay: Delay,
}

impl<A: Algorithm> Game<A> {
    /// Pairs them for a horizon.
    ///
    /// # Errors
    /// Parameters that do not fit the problem's shape or the horizon.
    pub fn new(
        problem: Arc<dyn Problem<A::Protocol>>,
        algorithm: A,
        horizon: u64,
        delay: Delay,
    ) -> Result<Self, ParameterError> {
        let setting = Setting { shape: problem.shape(), horizon, pending: delay.pending(horizon) };
        algorithm.learner(&setting)?;
        Ok(Self { problem, algorithm, setting, delay })
    }

    /// Makes who plays some replications abreast: from decision to decision if there is one and
    /// `form` is [`Form::Suited`], else in lockstep.
    fn with_player<T>(
        &self,
        form: Form,
        seed: u64,
        replications: &Range<u64>,
        play: impl FnOnce(Player<'_, A::Protocol>) -> T,
    ) -> T {
        let width = (replications.end - replications.start) as usize;
        let at_once = self.delay == Delay::None;
        if form == Form::Suited
            && at_once
            && width == 1
            && let Some(mut runs) = self.algorithm.runs(&self.setting)
        {
            return play(Player::Runs(runs.as_mut()));
        }
        let vectorised = matches!(form, Form::Suited | Form::Lanes(_)) && at_once;
        let lanes = vectorised.then(|| self.algorithm.lanes(&self.setting, width)).flatten();
        if let Some(mut lanes) = lanes {
            return play(Player::Lanes(lanes.as_mut()));
        }
        // `new` has made this very learner, and making one depends on nothing else.
        let make = |_| self.algorithm.learner(&self.setting).ok();
        let learners: Vec<_> = replications.clone().filter_map(make).collect();
        let mut solos = self.solos(learners, seed, replications.clone());
        if form == Form::Plain {
            solos = solos.asked_always();
        }
        play(Player::Lanes(&mut solos))
    }

    fn lanes(&self) -> u64 {
        lanes_vectorised(A::Protocol::rows(&self.setting.shape))
    }

    fn has_lanes(&self) -> bool {
        self.algorithm.lanes(&self.setting, 1).is_some()
    }

    fn block(
        &self,
        plan: &Plan,
        form: Form,
        block: &Range<u64>,
        monitor: &dyn Monitor,
    ) -> Result<Played, CellFault> {
        let problem = self.problem.as_ref();
        Ok(self.with_player(form, plan.seed, block, |player| {
            play_block(problem, player, plan, block.clone(), monitor)
        })?)
    }

    fn solos(
        &self,
        learners: Vec<A::Learner>,
        seed: u64,
        replications: Range<u64>,
    ) -> Solos<A::Protocol, A::Learner> {
        Solos::with_delay(learners, &self.setting, self.delay, seed, replications)
    }

    /// One learner, reset after every replication.
    fn reset_in_between(&self, plan: &Plan, monitor: &dyn Monitor) -> Result<Record, CellFault> {
        let mut learner = self.algorithm.learner(&self.setting).ok();
        in_blocks(plan, |left| {
            let block = front(&left, 1);
            let mut solos =
                self.solos(learner.take().into_iter().collect(), plan.seed, block.clone());
            let player = Player::Lanes(&mut solos);
            let played = play_block(self.problem.as_ref(), player, plan, block, monitor)?;
            learner = solos.into_learners().pop();
            learner.iter_mut().for_each(Learner::reset);
            Ok(played.record)
        })
    }

    /// Blocks of at most `width` lanes.
    fn abreast(
        &self,
        plan: &Plan,
        form: Form,
        width: u64,
        monitor: &dyn Monitor,
    ) -> Result<Record, CellFault> {
        in_blocks(plan, |left| {
            let block = front(&left, width);
            guarded(&block, || Ok(self.block(plan, form, &block, monitor)?.record))
        })
    }

    /// From decision to decision, one replication after the other. Once decisions have turned out to
    /// be dense, and if there is a form for lanes, as many abreast as pay.
    fn by_decisions(&self, plan: &Plan, monitor: &dyn Monitor) -> Result<Record, CellFault> {
        let has_lanes = self.has_lanes();
        let (mut decisions, mut rounds) = (0u64, 0u64);
        in_blocks(plan, |left| {
            let dense = has_lanes && is_dense(decisions, rounds);
            let block = front(&left, if dense { self.lanes() } else { 1 });
            guarded(&block, || {
                let played = self.block(plan, Form::Suited, &block, monitor)?;
                if !dense {
                    decisions += played.decisions;
                    rounds = rounds.saturating_add(plan.horizon);
                }
                Ok(played.record)
            })
        })
    }
}

/// Whether there is a decision in fewer than six rounds: it costs as much as so many rounds in lanes.
fn is_dense(decisions: u64, rounds: u64) -> bool {
    decisions > rounds / 6
}

/// Lanes simulated abreast unless the caller says otherwise: a cache line where loops do not run
/// over lanes.
const LANES_SOLO: u64 = 8;

/// Where they do, enough to fill vectors and amortise the calls, but with no more than tables of
/// 32 KiB, of which a learner and a ledger have several; a multiple of what loops take at once.
fn lanes_vectorised(rows: usize) -> u64 {
    let lanes = 4096 / rows.max(1) as u64 / 16 * 16;
    lanes.clamp(16, 64)
}

impl<A: Algorithm> Match for Game<A> {
    fn play_watched(
        &self,
        plan: &Plan,
        form: Form,
        monitor: &dyn Monitor,
    ) -> Result<Record, CellFault> {
        match (form, self.suited()) {
            (Form::Reset, _) => {
                guarded(&plan.replications, || self.reset_in_between(plan, monitor))
            }
            (Form::Suited, Suit::Runs) => self.by_decisions(plan, monitor),
            (Form::Suited, Suit::Lanes) => self.abreast(plan, form, self.lanes(), monitor),
            (Form::Suited, Suit::Solo) => self.abreast(plan, form, LANES_SOLO, monitor),
            (Form::Lanes(lanes), _) => self.abreast(plan, form, lanes.max(1) as u64, monitor),
            (Form::Plain, _) => self.abreast(plan, form, 1, monitor),
        }
    }

    fn profile(&self, plan: &Plan, budget: Duration) -> Result<Profile, CellFault> {
        let of_block = |width: u64| {
            let block = front(&plan.replications, width);
            let problem = self.problem.as_ref();
            guarded(&block, || {
                Ok(self.with_player(Form::Suited, plan.seed, &block, |player| {
                    profile_block(problem, player, plan, block.clone(), budget)
                })?)
            })
        };
        match self.suited() {
            Suit::Lanes => of_block(self.lanes()),
            Suit::Solo => of_block(LANES_SOLO),
            Suit::Runs => {
                let runs = of_block(1)?;
                let dense = self.has_lanes() && is_dense(runs.decisions, runs.rounds);
                if dense { of_block(self.lanes()) } else { Ok(runs) }
            }
        }
    }

    fn notions(&self) -> Vec<Notion> {
        self.problem.notions()
    }

    fn components(&self, notion: Notion) -> u32 {
        self.problem.components(notion)
    }

    fn bounds(&self) -> Vec<Bound> {
        let horizon = self.setting.horizon;
        let mut bounds = self.problem.lower_bounds(horizon);
        if self.delay == Delay::None {
            bounds.extend(self.algorithm.bounds(&self.setting, &self.problem.instance(horizon)));
        }
        bounds
    }

    fn caution(&self) -> Option<String> {
        self.algorithm.caution(&self.setting, &self.problem.instance(self.setting.horizon))
    }

    fn longest_horizon(&self) -> Option<u64> {
        self.problem.longest_horizon()
    }

    fn suited(&self) -> Suit {
        if self.delay != Delay::None {
            Suit::Solo
        } else if self.algorithm.runs(&self.setting).is_some() {
            Suit::Runs
        } else if self.has_lanes() {
            Suit::Lanes
        } else {
            Suit::Solo
        }
    }
}

/// Plays a learner that is not registered: `make` is called for every lane.
///
/// # Errors
/// The first action that cannot be played.
pub fn play<P: Protocol, L: Learner<P>>(
    problem: &dyn Problem<P>,
    make: impl Fn(&Setting<P>) -> L,
    plan: &Plan,
    delay: Delay,
) -> Result<Record, CellFault> {
    let setting = Setting {
        shape: problem.shape(),
        horizon: plan.horizon,
        pending: delay.pending(plan.horizon),
    };
    in_blocks(plan, |left| {
        let block = front(&left, LANES_SOLO);
        let learners = block.clone().map(|_| make(&setting)).collect();
        let mut solos = Solos::with_delay(learners, &setting, delay, plan.seed, block.clone());
        Ok(play_block(problem, Player::Lanes(&mut solos), plan, block, &Unwatched)?.record)
    })
}
