//! What the system refuses: clear words, nothing half-written believed, and the run goes on when it
//! no longer does.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::support::{
    SHORT, assert_same_files, assert_succeeds, files, parts, printed, regret, run, said,
};

/// Runs `spec.yaml` in a shell that limits the size of files, in its blocks of 512 or 1024 bytes.
/// Under the limit's signal the process dies, unless it is ignored; then writing fails as on a
/// full disk.
fn run_limited(root: &Path, blocks: usize, out: &str, ignore_signal: bool) -> Output {
    let trap = if ignore_signal { "trap '' XFSZ; " } else { "" };
    let script = format!("{trap}ulimit -c 0; ulimit -f {blocks}; exec \"$@\"");
    let mut command = Command::new("sh");
    command.current_dir(root).args(["-c", &script, "sh", env!("CARGO_BIN_EXE_regret")]);
    command.args(["run", "spec.yaml", "--quiet", "--out", out]).output().expect("runs")
}

/// Every file is as in the undisturbed run, but for those that a killed process has not finished.
fn assert_sound(root: &Path, out: &str) {
    let (found, whole) = (files(&root.join(out)), files(&root.join("undisturbed")));
    for (name, bytes) in found.iter().filter(|(name, _)| !name.ends_with(".tmp")) {
        assert!(whole[name] == *bytes, "{name}");
    }
}

#[test]
fn a_full_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    // Full blocks only, and a spec that is not short.
    let spec = SHORT.replace("replications: 130", "replications: 128");
    let spec = format!("# {}\ncheckpoints: 12\n{spec}", "long ".repeat(160));
    assert_succeeds(&run(root, &spec, "undisturbed", &[]));
    let whole = files(&root.join("undisturbed"));
    let largest = |ending: &str| {
        let of_kind = whole.iter().filter(|(name, _)| name.ends_with(ending));
        of_kind.map(|(_, bytes)| bytes.len()).max().expect("some")
    };
    // Whichever the shell's block is: one does not hold the note that the run was begun, four do, but
    // no part; and all parts fit where the table does not.
    let (part, table) = (largest(".parquet"), largest("summary.csv"));
    let all = whole.iter().filter(|(name, _)| name.ends_with(".parquet"));
    let smallest = all.map(|(_, bytes)| bytes.len()).min().expect("some");
    assert!(spec.len() > 1024 && smallest > 4 * 1024, "{} {smallest}", spec.len());
    assert!(2 * part.next_multiple_of(512) < table, "{part} {table}");
    for (blocks, refused) in [(1, "shards/"), (4, "parts/"), (part.div_ceil(512), "summary.csv")] {
        let out = format!("limited-{blocks}");
        let output = run_limited(root, blocks, &out, true);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        let said = said(&output);
        assert!(said.contains(&format!("error: {out}/{refused}")), "{said}");
        assert!(said.contains("File too large"), "{said}");
        assert!(said.contains("the same command goes on from there"), "{said}");
        let left = files(&root.join(&out));
        assert!(left.keys().all(|name| !name.ends_with(".tmp")), "{:?}", left.keys());
        assert!(!left.contains_key("report.html"));
        assert_eq!(parts(&root.join(&out)).is_empty(), refused != "summary.csv");
        assert_sound(root, &out);
        let resumed = run(root, &spec, &out, &[]);
        assert_succeeds(&resumed);
        assert_same_files(&root.join(&out), &root.join("undisturbed"));
    }
    // Where the signal is not ignored, it ends the process at any of these writes.
    let killed = run_limited(root, 1, "killed", false);
    assert!(!killed.status.success(), "{}", killed.status);
    assert_sound(root, "killed");
    assert_succeeds(&run(root, &spec, "killed", &[]));
    assert_same_files(&root.join("killed"), &root.join("undisturbed"));
}

const SMALL: &str = "horizon: 50\nreplications: 3\nenvironments: [bernoulli: {means: [0.5, 0.6]}]\n\
                     learners: [ucb1]\n";

/// The superuser may write anywhere, so the command runs as nobody then.
#[test]
fn a_folder_that_cannot_be_written() {
    const NOBODY: u32 = 65_534;
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SMALL, "out", &[]));
    let closed = root.join("closed");
    fs::create_dir(&closed).expect("writable");
    for path in [&closed, &root.join("out")] {
        fs::set_permissions(path, Permissions::from_mode(0o555)).expect("ours");
    }
    let copy = File::create(closed.join("probe")).is_ok().then(|| {
        // Nobody may not be able to reach the folder that the command was built in.
        let (built, copy) = (env!("CARGO_BIN_EXE_regret"), root.join("regret"));
        fs::hard_link(built, &copy).or_else(|_| fs::copy(built, &copy).map(drop)).expect("copies");
        fs::set_permissions(root, Permissions::from_mode(0o755)).expect("ours");
        copy
    });
    let run = |out: &str| {
        let mut command = regret(root);
        if let Some(copy) = &copy {
            command = Command::new(copy);
            command.current_dir(root).uid(NOBODY);
        }
        command.args(["run", "spec.yaml", "--out", out]).output().expect("runs")
    };
    for (out, path) in [("closed/new", "closed/new"), ("closed", "closed/parts"), ("out", "out/")] {
        let output = run(out);
        assert_eq!(output.status.code(), Some(1), "{out}: {}", said(&output));
        let expected = format!("error: {path}");
        assert!(said(&output).starts_with(&expected), "{out}: {}", said(&output));
        assert!(said(&output).contains("Permission denied"), "{out}: {}", said(&output));
        assert!(output.stdout.is_empty());
    }
    // So that the temporary folder can be removed.
    for path in [&closed, &root.join("out")] {
        fs::set_permissions(path, Permissions::from_mode(0o755)).expect("ours");
    }
}

#[test]
fn folders_that_are_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    for out in ["spec.yaml", "spec.yaml/below"] {
        let output = run(root, SMALL, out, &[]);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains("Not a directory"), "{}", said(&output));
        assert!(said(&output).starts_with(&format!("error: {out}/parts")), "{}", said(&output));
    }
}

#[test]
fn a_second_run_on_the_folder_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let held = regret_results::store::RunFolder::open(root.join("out")).expect("opens");
    let refused = run(root, SMALL, "out", &[]);
    assert_eq!(refused.status.code(), Some(1));
    let words = "out: another run is writing to this folder; wait for it, or choose another --out";
    assert!(said(&refused).contains(words), "{}", said(&refused));
    assert!(parts(&root.join("out")).is_empty());
    drop(held);
    assert_succeeds(&run(root, SMALL, "out", &[]));
}

/// A process whose reader has gone: whose standard output or error is a closed pipe.
fn run_unheard(mut command: Command, error: bool) -> Output {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    if error {
        drop(child.stderr.take());
    } else {
        drop(child.stdout.take());
    }
    child.wait_with_output().expect("ends")
}

#[test]
fn nobody_listens() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    fs::write(root.join("spec.yaml"), SMALL).expect("writable");
    let command = |arguments: &[&str]| {
        let mut command = regret(root);
        command.args(arguments);
        command
    };
    for arguments in [
        &["list"][..],
        &["describe", "ucb1"],
        &["schema"],
        &["completions", "bash"],
        &["check", "spec.yaml"],
        &["run", "spec.yaml", "--dry-run"],
        &["run", "spec.yaml", "--out", "out"],
        &["status", "out"],
        &["verify", "out"],
        &["export", "out", "--format", "jsonl"],
        &["plot", "out", "box"],
    ] {
        let output = run_unheard(command(arguments), false);
        assert_succeeds(&output);
        assert!(output.stderr.is_empty(), "{arguments:?}: {}", said(&output));
    }
    assert!(root.join("out/report.html").exists());
    // A warning of a damaged part that nobody hears is no fault of the learner.
    let part = root.join("out").join(&parts(&root.join("out"))[0]);
    fs::write(&part, "nonsense").expect("writable");
    let output = run_unheard(command(&["run", "spec.yaml", "--out", "out"]), true);
    assert_succeeds(&output);
    assert!(printed(&output).contains("played 150 rounds"), "{}", printed(&output));
    assert_ne!(fs::read(&part).expect("readable"), b"nonsense");
}

/// `/dev/full` takes nothing and `/dev/zero` never ends; both are Linux's.
#[test]
#[cfg(target_os = "linux")]
fn devices() {
    let folder = tempfile::tempdir().expect("a folder");
    let full = || Stdio::from(File::options().write(true).open("/dev/full").expect("a device"));
    let output = regret(folder.path()).arg("schema").stdout(full()).output().expect("runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("standard output: No space left"), "{}", said(&output));
    let output = regret(folder.path()).args(["check", "/dev/zero"]).output().expect("runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("/dev/zero: longer than 16 MiB"), "{}", said(&output));
}
