//! Claims from the spec to the verdict: known laws pass, their opposites fail, and what the data do
//! not tell stays undecided.

use std::process::Command;
use std::sync::atomic::AtomicBool;

use regret_experiments::spec::{self, Experiment};
use regret_experiments::{adaptive, claims, publish};
use regret_results::claims::{Judged, Verdict};
use regret_results::store::RunFolder;

mod support;
use support::{Quiet, options};

/// Arm 0 has gap 0.1: `fixed_arm` has a regret of exactly 0.1 t, `uniform` one of 0.05 t in
/// expectation, with a standard deviation of 0.05 √t in each replication.
const SPEC: &str = "\
horizon: 1000
replications: 100
environments:
- bernoulli: {means: [0.5, 0.6], label: easy}
- bernoulli: {means: [0.5, 0.6], label: late, delay: {fixed: 100}}
learners:
- uniform
- ucb1: {label: cautious}
- ucb1: {alpha: 0.5, label: bold, on: [easy]}
- fixed_arm: {arm: 0, on: [easy]}
sweep: {horizon: [100, 1000]}
";

fn judge(claims: &str) -> Vec<Judged> {
    let text = format!("{SPEC}claims:\n{claims}");
    let mut experiment = spec::read("spec.yaml", "x", &text, &[]).expect("a valid spec");
    let temporary = tempfile::tempdir().expect("a folder");
    let folder = RunFolder::open(temporary.path()).expect("opens");
    play(&mut experiment, &folder)
}

fn play(experiment: &mut Experiment, folder: &RunFolder) -> Vec<Judged> {
    let stop = AtomicBool::new(false);
    let outcome = adaptive::run(experiment, folder, options(1), &Quiet, &stop).expect("plays");
    claims::judge(experiment, folder, &outcome).expect("judges")
}

#[test]
fn known_laws_pass_and_their_opposites_fail() {
    let claims = [
        // Whole lines: one replication is as good as many.
        ("exponent: {of: fixed_arm, between: [0.999, 1.001]}", 2, Verdict::Pass),
        ("exponent: {of: uniform, on: easy, between: [0.95, 1.05]}", 2, Verdict::Pass),
        ("exponent: {of: uniform, on: easy, at_most: 0.9}", 2, Verdict::Fail),
        (
            "exponent: {of: uniform, on: easy, over: horizon, between: [0.95, 1.05]}",
            1,
            Verdict::Pass,
        ),
        // Slope of t in ln t over (√T, T): about (T − √T)/(ln T − ln √T) times 0.1, 28 at T = 1000.
        ("log_slope: {of: fixed_arm, horizon: 1000, between: [20, 35]}", 1, Verdict::Pass),
        // 50 with a standard error of 1.58/√100 = 0.16; six of them.
        ("value: {of: uniform, on: easy, horizon: 1000, between: [49, 51]}", 1, Verdict::Pass),
        ("value: {of: uniform, on: easy, horizon: 1000, at_least: 51}", 1, Verdict::Fail),
        // Half of the pulls, 500 with a standard error of 1.6.
        (
            "value: {of: uniform, on: easy, horizon: 1000, notion: pulls, component: 0, \
             between: [490, 510]}",
            1,
            Verdict::Pass,
        ),
        ("value: {of: fixed_arm, notion: switches, at_most: 0}", 2, Verdict::Pass),
        ("below: {of: uniform, than: fixed_arm, p: 0.001}", 2, Verdict::Pass),
        ("below: {of: fixed_arm, than: uniform}", 2, Verdict::Fail),
        ("ratio: {of: uniform, to: fixed_arm, between: [0.47, 0.53]}", 2, Verdict::Pass),
        ("ratio: {of: uniform, to: fixed_arm, at_least: 0.6}", 2, Verdict::Fail),
        (
            "difference: {of: fixed_arm, to: uniform, horizon: 1000, between: [49, 51]}",
            1,
            Verdict::Pass,
        ),
        ("ordering: {of: [bold, uniform, fixed_arm], horizon: 1000}", 1, Verdict::Pass),
        ("ordering: {of: [bold, fixed_arm, uniform], horizon: 1000}", 1, Verdict::Fail),
        ("monotone: {of: uniform, in: horizon, direction: increasing}", 2, Verdict::Pass),
        ("monotone: {of: uniform, in: horizon, direction: decreasing}", 2, Verdict::Fail),
        ("under_bound: {of: cautious, on: easy}", 2, Verdict::Pass),
        ("under_bound: {of: fixed_arm, bound: t Δ}", 2, Verdict::Pass),
        // On the limit: undecided whatever the number, or nearly.
        ("value: {of: uniform, on: easy, horizon: 1000, at_most: 50}", 1, Verdict::Undecided),
        ("below: {of: cautious, than: bold, on: easy}", 2, Verdict::Fail),
    ];
    let text: String = claims.iter().map(|(claim, ..)| format!("- {claim}\n")).collect();
    let judged = judge(&text);
    let mut judged = judged.iter();
    for (claim, count, verdict) in claims {
        for _ in 0..count {
            let one = judged.next().expect("a judgement for each claim");
            assert_eq!(one.judgement.verdict, verdict, "{claim}: {one:?}");
        }
    }
    assert_eq!(judged.next(), None);
}

#[test]
fn undecided_claims_say_how_many_replications_would_decide() {
    // A hair above the mean of 50 ± 0.16.
    let judged = judge("- value: {of: uniform, on: easy, horizon: 1000, at_most: 50.2}\n");
    let judgement = &judged[0].judgement;
    assert_eq!(judgement.verdict, Verdict::Undecided, "{judgement:?}");
    let needed = judgement.needed.expect("a number");
    assert!(needed > 100, "{needed}");
    // That many do decide: the estimate supposes that mean and deviation stay as they are.
    let mean = judgement.measured.expect("a mean");
    let text = format!(
        "{SPEC}claims:\n- value: {{of: uniform, on: easy, horizon: 1000, at_most: 50.2}}\n"
    );
    let settings = [format!("replications={}", 2 * needed)];
    let mut experiment = spec::read("spec.yaml", "x", &text, &settings).expect("valid");
    let temporary = tempfile::tempdir().expect("a folder");
    let folder = RunFolder::open(temporary.path()).expect("opens");
    let again = &play(&mut experiment, &folder)[0].judgement;
    assert_eq!(again.verdict, Verdict::Pass, "{mean} {again:?}");
}

#[test]
fn a_cell_that_stops_leaves_its_claims_undecided() {
    // Rewards are 0 or 1; a panic cannot be had from a spec, so the data are taken away instead.
    let text =
        format!("{SPEC}claims:\n- value: {{of: uniform, on: easy, horizon: 100, at_most: 9}}\n");
    let experiment = spec::read("spec.yaml", "x", &text, &[]).expect("valid");
    let temporary = tempfile::tempdir().expect("a folder");
    let folder = RunFolder::open(temporary.path()).expect("opens");
    let outcome = Default::default();
    let judged = claims::judge(&experiment, &folder, &outcome).expect("judges");
    assert_eq!(judged[0].judgement.verdict, Verdict::Undecided);
    let note = judged[0].judgement.note.as_deref();
    assert_eq!(note, Some("not all replications were played"));
}

#[test]
fn claims_are_published_the_same_again_and_escaped() {
    let text = format!(
        "{SPEC}bands: simultaneous\nfigures: [over_sqrt_t]\nbounds: [cautious]\n\
         baseline: uniform\nclaims:\n- value: {{name: <b>, of: uniform, at_most: 60}}\n"
    );
    let mut experiment = spec::read("spec.yaml", "x", &text, &[]).expect("valid");
    let temporary = tempfile::tempdir().expect("a folder");
    let folder = RunFolder::open(temporary.path()).expect("opens");
    let stop = AtomicBool::new(false);
    let outcome =
        adaptive::run(&mut experiment, &folder, options(2), &Quiet, &stop).expect("plays");
    let written = || {
        let published = publish::publish(&experiment, &folder, &outcome, 1.0).expect("publishes");
        assert_eq!(published.claims.len(), 4);
        let read = |name: &str| std::fs::read(folder.root().join(name)).expect(name);
        ["claims.json", "comparisons.csv", "exponents.csv", "summary.csv", "report.html"].map(read)
    };
    let first = written();
    assert_eq!(first, written());
    let [claims, comparisons, exponents, _, report] =
        first.map(|bytes| String::from_utf8(bytes).expect("text"));
    let parsed: Vec<Judged> = serde_json::from_str(&claims).expect("claims.json reads back");
    assert_eq!(parsed[0].judgement.verdict, Verdict::Pass);
    assert!(report.contains("&lt;b&gt;: pseudo-regret") && !report.contains("<b>"));
    assert!(report.contains("band: simultaneous 95 %") && report.contains("/ √t"));
    // Four panels: three learners against `uniform` on `easy`, one on `late`, at two horizons.
    assert_eq!(comparisons.lines().count(), 1 + 2 * (3 + 1));
    // A regret of six learners at two horizons.
    assert_eq!(exponents.lines().count(), 1 + 2 * 6);
    // The bounds asked for: those of one learner, where feedback is not late.
    assert!(report.contains("cautious ≤ Σ 8 ln t") && !report.contains("fixed_arm ≤"));
}

#[test]
fn strict_runs_exit_with_status_4_when_a_claim_fails() {
    let temporary = tempfile::tempdir().expect("a folder");
    let file = temporary.path().join("x.yaml");
    let spec = "horizon: 50\nreplications: 8\nenvironments: [bernoulli: {means: [0.5, 0.6]}]\n\
                learners: [fixed_arm: {arm: 0}]\nclaims: [value: {of: fixed_arm, at_most: LIMIT}]\n";
    let status = |limit: &str, strict: &[&str]| {
        std::fs::write(&file, spec.replace("LIMIT", limit)).expect("writable");
        let out = temporary.path().join("out");
        let output = Command::new(env!("CARGO_BIN_EXE_regret"))
            .args(["run", "x.yaml", "--out"])
            .arg(&out)
            .args(strict)
            .current_dir(temporary.path())
            .output()
            .expect("starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), text)
    };
    let (code, text) = status("4.9", &["--strict"]);
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("claims: 0 pass, 1 fail, 0 undecided"), "{text}");
    assert_eq!(status("4.9", &[]).0, Some(0));
    assert_eq!(status("5.1", &["--strict"]).0, Some(0));
}
