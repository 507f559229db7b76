//! A learner that cannot go on stops its own cell, with learner, replication and round named;
//! other cells go on, and what is said and kept does not depend on threads or lanes.

use std::path::Path;
use std::sync::Once;
use std::sync::atomic::AtomicBool;

use regret_engine::checkpoints::Checkpoints;
use regret_engine::delay::Delay;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::bandit::NO_ARM;
use regret_engine::protocols::{Bandit, Experts};
use regret_engine::random::{Role, Stream};
use regret_engine::registry::{Algorithm, Form, ParameterError, algorithm};
use regret_experiments::cell::{Cell, Common, ReadyEnvironment, Recorded};
use regret_experiments::publish::load;
use regret_experiments::run::{Options, Outcome as RunOutcome, run};
use regret_results::store::RunFolder;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::shared::{Quiet, options};
use crate::support::{files, printed, regret, said};

/// What goes wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Fault {
    #[default]
    Nan,
    ArmOutOfRange,
    Excess,
    Negative,
    Panic,
}

/// In every round something goes wrong with this probability.
const PROBABILITY: f64 = 1e-4;
const HORIZON: u64 = 100;
/// Two whole blocks and a part of a third.
const REPLICATIONS: u64 = 130;

/// Whether it does, by one uniform draw.
fn goes_wrong(rng: &mut Stream) -> bool {
    rng.uniform() < PROBABILITY
}

/// A seed with which something goes wrong first in the second block, so that there is something
/// before it and something after it; the replication and the round.
fn expected() -> (u64, u64, u64) {
    let first = |seed| {
        let round = |replication| {
            let mut stream = Stream::new(seed, replication, Role::Learner);
            (1..=HORIZON).find(|_| goes_wrong(&mut stream)).map(|t| (seed, replication, t))
        };
        (0..REPLICATIONS)
            .find_map(round)
            .filter(|(_, replication, _)| (64..128).contains(replication))
    };
    (1..1000).find_map(first).expect("one in three seeds is such")
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct FaultyBandit {
    fault: Fault,
}

impl Algorithm for FaultyBandit {
    type Protocol = Bandit;
    type Learner = Self;
    const NAME: &'static str = "faulty_bandit";
    const SUMMARY: &'static str = "goes wrong";
    const SOURCE: &'static str = "this test";

    fn learner(&self, _: &Setting<Bandit>) -> Result<Self, ParameterError> {
        Ok(self.clone())
    }
}

impl Learner<Bandit> for FaultyBandit {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        match (goes_wrong(round.rng), self.fault) {
            (false, _) => 0,
            (true, Fault::ArmOutOfRange) => 7,
            (true, Fault::Panic) => panic!("{PANIC} {}", round.t),
            (true, _) => NO_ARM,
        }
    }

    fn update(&mut self, _: Outcome<'_, Bandit>) {}

    fn reset(&mut self) {}
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct FaultyExpert {
    fault: Fault,
    #[serde(skip)]
    probabilities: [f64; 2],
}

impl Algorithm for FaultyExpert {
    type Protocol = Experts;
    type Learner = Self;
    const NAME: &'static str = "faulty_expert";
    const SUMMARY: &'static str = "goes wrong";
    const SOURCE: &'static str = "this test";

    fn learner(&self, _: &Setting<Experts>) -> Result<Self, ParameterError> {
        Ok(self.clone())
    }
}

impl Learner<Experts> for FaultyExpert {
    fn act(&mut self, round: Round<'_, Experts>) -> &[f64] {
        self.probabilities = match (goes_wrong(round.rng), self.fault) {
            (false, _) => [0.25, 0.75],
            (true, Fault::Excess) => [0.5, 0.6],
            (true, Fault::Negative) => [1.5, -0.5],
            (true, _) => [0.5, f64::NAN],
        };
        &self.probabilities
    }

    fn update(&mut self, _: Outcome<'_, Experts>) {}

    fn reset(&mut self) {}
}

/// How the panics of this test begin.
const PANIC: &str = "a learner panics in round";

/// Keeps the panics of this test out of the log.
fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let ours = panic.payload().downcast_ref::<String>();
            if !ours.is_some_and(|message| message.starts_with(PANIC)) {
                usual(panic);
            }
        }));
    });
}

/// Cells that go wrong, each between two that do not.
fn cells(seed: u64) -> Vec<Cell> {
    let entry = regret_environments::find("bernoulli").expect("registered");
    let model = (entry.parse)(json!({"means": [0.5, 0.25]})).expect("valid");
    let ready = ReadyEnvironment::new(model.as_ref(), entry.protocols, None, Delay::None);
    let ready = ready.expect("no files");
    let common = Common {
        seed,
        horizon: HORIZON,
        replications: REPLICATIONS,
        checkpoints: Checkpoints::Linear { count: 4 },
        record: Recorded::Default,
    };
    let registered = |name| regret_algorithms::find(name).expect("registered");
    let learners = [
        (registered("ucb1"), json!({})),
        (algorithm::<FaultyBandit>(), json!({"fault": "nan"})),
        (algorithm::<FaultyBandit>(), json!({"fault": "arm_out_of_range"})),
        (algorithm::<FaultyBandit>(), json!({"fault": "panic"})),
        (registered("hedge"), json!({})),
        (algorithm::<FaultyExpert>(), json!({"fault": "nan"})),
        (algorithm::<FaultyExpert>(), json!({"fault": "excess"})),
        (algorithm::<FaultyExpert>(), json!({"fault": "negative"})),
        (registered("exp3"), json!({})),
    ];
    let cell = |(entry, parameters): (_, _)| {
        let entry: regret_engine::registry::AlgorithmEntry = entry;
        let algorithm = (entry.parse)(parameters).expect("valid");
        Cell::new(&ready, algorithm.as_ref(), None, &common).expect("fits")
    };
    learners.into_iter().map(cell).collect()
}

fn play(cells: &[Cell], folder: &RunFolder, options: Options) -> RunOutcome {
    run(cells, folder, options, &Quiet, &AtomicBool::new(false)).expect("a folder")
}

fn reasons(outcome: &RunOutcome) -> Vec<(usize, String)> {
    outcome.stopped.iter().map(|stopped| (stopped.cell, stopped.fault.to_string())).collect()
}

#[test]
fn only_the_faulty_cells_stop_and_say_where() {
    hush();
    let (seed, replication, t) = expected();
    let cells = cells(seed);
    let at = format!("replication {replication}, round {t}: ");
    let expected: Vec<(usize, String)> = [
        (1, "it could not decide: its indices or probabilities are not numbers".to_owned()),
        (2, "it played arm 7, but arms are 0 to 1".to_owned()),
        (3, format!("it panicked: {PANIC} {t}")),
        (
            5,
            "component 1 of its action is NaN; it must be a number that is not negative".to_owned(),
        ),
        (6, "its probabilities sum to 1.1; they must sum to 1 within 1e-9".to_owned()),
        (
            7,
            "component 1 of its action is -0.5; it must be a number that is not negative"
                .to_owned(),
        ),
    ]
    .map(|(cell, reason)| (cell, format!("{at}{reason}")))
    .into();
    let mut first = None;
    for (threads, lanes) in [(1, 0), (2, 0), (2, 1), (1, 64), (2, usize::MAX)] {
        let temporary = tempfile::tempdir().expect("a folder");
        let folder = RunFolder::open(temporary.path()).expect("opens");
        let options = Options { lanes, ..options(threads) };
        let outcome = play(&cells, &folder, options);
        assert_eq!(reasons(&outcome), expected, "{threads} threads, {lanes} lanes");
        assert!(!outcome.interrupted);
        assert_others_are_whole(&cells, &folder, &outcome);
        // The same again on what is there.
        assert_eq!(reasons(&play(&cells, &folder, options)), expected);
        let kept = files(temporary.path());
        assert!(*first.get_or_insert(kept.clone()) == kept, "{threads} threads, {lanes} lanes");
        assert_eq!(parts_of(&cells[1], temporary.path()), ["0-64"]);
    }
}

fn assert_others_are_whole(cells: &[Cell], folder: &RunFolder, outcome: &RunOutcome) {
    for (index, cell) in cells.iter().enumerate().filter(|(index, _)| !outcome.has_stopped(*index))
    {
        let loaded = load(cell, folder).expect("readable").expect("whole");
        let played = cell.game.play(&cell.plan, Form::Plain).expect("plays");
        assert!(loaded == played, "cell {index}");
    }
}

/// The replications of the parts of a cell.
fn parts_of(cell: &Cell, root: &Path) -> Vec<String> {
    let names = files(&root.join("parts").join(&cell.id)).into_keys();
    names.map(|name| name.rsplit_once('-').expect("a part").0.to_owned()).collect()
}

/// Rewards of 1e200 overflow the estimates of EXP3; sums of 1e308 overflow themselves.
#[test]
fn the_command_names_stopped_cells_and_publishes_the_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let spec = "horizon: 100\nreplications: 70\nenvironments:\n\
                - gaussian: {means: [1e200, 0], deviation: 1, label: large}\n\
                - gaussian: {means: [1e308, 0], deviation: 1, label: too large}\n\
                learners:\n- exp3: {label: overflows, on: [large]}\n- fixed_arm\n\
                - fixed_arm: {arm: 1, label: the worst}\n";
    std::fs::write(root.join("spec.yaml"), spec).expect("writable");
    let run = || regret(root).args(["run", "spec.yaml", "--out", "out"]).output().expect("runs");
    let first = run();
    assert_eq!(first.status.code(), Some(3), "{}", said(&first));
    let stopped: Vec<String> = said(&first).lines().map(str::to_owned).collect();
    assert_eq!(stopped.len(), 2, "{stopped:?}");
    assert!(
        stopped[0].starts_with("stopped: learner `overflows` on `large`: replication 0, round "),
        "{stopped:?}"
    );
    // 1e308 a round, which is more than there are numbers for after two rounds.
    assert_eq!(
        stopped[1],
        "stopped: learner `the worst` on `too large`: replication 0, round 2: its pseudo-regret is inf"
    );
    let table = printed(&first);
    assert!(table.contains("fixed_arm") && table.contains("the worst"), "{table}");
    assert!(!table.contains("overflows"), "{table}");
    let report = std::fs::read_to_string(root.join("out/report.html")).expect("there");
    assert!(report.contains("failed: replication 0, round 2: its pseudo-regret is inf"));
    assert!(report.contains("The cell of overflows on large stopped: replication 0, round "));
    let before = files(&root.join("out"));
    let again = run();
    assert_eq!(
        (again.status.code(), said(&again).lines().count()),
        (Some(3), 3),
        "{}",
        said(&again)
    );
    assert!(files(&root.join("out")) == before);
}
