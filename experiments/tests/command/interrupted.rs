//! Killed at any instant, a run loses nothing that was finished, counts nothing twice, and ends in
//! the same bytes.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use regret_engine::random::{Role, Stream};

use crate::support::{SHORT, assert_same_files, assert_succeeds, parts, regret, run, said};

/// Kills that must come in time, and the most for one folder before its run is left to end.
const KILLS: u32 = 24;
const KILLS_FOR_A_FOLDER: u32 = 6;
const SIGKILL: i32 = 9;

/// When to interrupt a run.
enum Moment {
    /// So long after its start.
    After(Duration),
    /// As soon as its folder has so many parts, while others are being played or written.
    Parts(usize),
    /// As soon as figures are drawn.
    Figures,
}

impl Moment {
    /// Waits for it; returns early if the run has ended.
    fn wait(&self, child: &mut Child, out: &Path) {
        let start = Instant::now();
        let reached = || match self {
            Self::After(time) => start.elapsed() >= *time,
            Self::Parts(count) => parts_now(out) >= *count,
            Self::Figures => out.join("figures").is_dir(),
        };
        while !reached() && child.try_wait().expect("a child").is_none() {
            sleep(Duration::from_micros(200));
        }
    }
}

/// The number of whole parts; files that come and go meanwhile do not matter.
fn parts_now(out: &Path) -> usize {
    let Ok(cells) = std::fs::read_dir(out.join("parts")) else { return 0 };
    let listed = cells.flatten().filter_map(|cell| std::fs::read_dir(cell.path()).ok());
    let names = listed.flatten().flatten().map(|entry| entry.file_name());
    names.filter(|name| name.to_string_lossy().ends_with(".parquet")).count()
}

fn start(root: &Path, out: &str) -> Child {
    let mut command = regret(root);
    command.args(["run", "spec.yaml", "--quiet", "--out", out]);
    command.stderr(Stdio::piped()).spawn().expect("starts")
}

/// How long the run takes only decides when it is killed; what is asserted holds at any speed.
#[test]
fn killed_runs_resume_to_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let begin = Instant::now();
    assert_succeeds(&run(root, SHORT, "undisturbed", &[]));
    let length = begin.elapsed();
    let all = parts(&root.join("undisturbed")).len();
    let mut draws = Stream::new(1, 0, Role::Learner);
    let (mut kills, mut in_part, mut in_publishing) = (0, 0, 0);
    for round in 0..10 * KILLS {
        if kills >= KILLS {
            break;
        }
        let name = format!("killed-{round}");
        let out = root.join(&name);
        for attempt in 0..KILLS_FOR_A_FOLDER {
            let moment = match attempt {
                1 => Moment::Parts(parts_now(&out) + 1),
                3 => Moment::Figures,
                _ => Moment::After(length.mul_f64(0.6 * draws.uniform())),
            };
            let mut child = start(root, &name);
            moment.wait(&mut child, &out);
            child.kill().expect("a child");
            if child.wait().expect("ends").signal() != Some(SIGKILL) {
                break;
            }
            kills += 1;
            in_part += u32::from((1..all).contains(&parts_now(&out)));
            in_publishing += u32::from(parts_now(&out) == all);
        }
        assert_succeeds(&run(root, SHORT, &name, &[]));
        assert_same_files(&out, &root.join("undisturbed"));
        std::fs::remove_dir_all(&out).expect("removable");
    }
    assert!(kills >= KILLS, "only {kills} of the kills came in time");
    assert!(in_part > 0 && in_publishing > 0, "{in_part} in play, {in_publishing} in publishing");
}

#[test]
fn a_polite_stop_says_how_to_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SHORT, "undisturbed", &[]));
    for signal in ["INT", "TERM"] {
        let mut stopped = None;
        // A run that ended before the signal came is tried again.
        for attempt in 0..20 {
            let name = format!("{signal}-{attempt}");
            let mut child = start(root, &name);
            Moment::Parts(1).wait(&mut child, &root.join(&name));
            let send = format!("kill -{signal} {}", child.id());
            assert!(Command::new("sh").args(["-c", &send]).status().expect("runs").success());
            let output = child.wait_with_output().expect("ends");
            if !output.status.success() {
                stopped = Some((name, output));
                break;
            }
        }
        let (name, output) = stopped.expect("20 runs ended before they could be stopped");
        assert_eq!(output.status.code(), Some(130), "{}", said(&output));
        assert!(said(&output).contains("the same command goes on from there"), "{}", said(&output));
        assert!(!root.join(&name).join("report.html").exists());
        let resumed = run(root, SHORT, &name, &["--threads", "1"]);
        assert_succeeds(&resumed);
        assert_same_files(&root.join(&name), &root.join("undisturbed"));
    }
}

/// While results are published nothing waits: the first request ends the process, and the same
/// command publishes.
#[test]
fn an_interrupt_while_publishing_is_heard_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    // Hardly anything to play, and many figures to draw.
    let environments: String =
        (1..=40).map(|i| format!("- bernoulli: {{means: [0.5, 0.{i:02}5]}}\n")).collect();
    let spec = format!(
        "horizon: 50\nreplications: 3\nenvironments:\n{environments}learners: [ucb1, moss]\n"
    );
    assert_succeeds(&run(root, &spec, "undisturbed", &[]));
    let mut stopped = None;
    for attempt in 0..20 {
        let name = format!("published-{attempt}");
        let mut child = start(root, &name);
        Moment::Figures.wait(&mut child, &root.join(&name));
        let send = format!("kill -INT {}", child.id());
        assert!(Command::new("sh").args(["-c", &send]).status().expect("runs").success());
        let output = child.wait_with_output().expect("ends");
        if !output.status.success() {
            stopped = Some((name, output));
            break;
        }
    }
    let (name, output) = stopped.expect("20 runs ended before they could be stopped");
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    assert!(said(&output).contains("the same command goes on from there"), "{}", said(&output));
    assert!(!root.join(&name).join("manifest.json").exists(), "it left before the end");
    assert_succeeds(&run(root, &spec, &name, &[]));
    assert_same_files(&root.join(&name), &root.join("undisturbed"));
}
