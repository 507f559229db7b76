//! Specs and names made to do harm: nothing leaves the run folder, nothing becomes markup, nothing
//! panics, hangs or fills the memory.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::support::{assert_succeeds, files, regret, said};

const TAIL: &str = "horizon: 50\nreplications: 3\nenvironments: [bernoulli: {means: [0.5, 0.6]}]\n\
                    learners: [ucb1]\n";

fn check(folder: &Path, name: &str, spec: impl AsRef<[u8]>) -> Output {
    fs::write(folder.join(name), spec).expect("writable");
    regret(folder).args(["check", name]).output().expect("runs")
}

/// Asserts that the command refuses with these words, without a panic.
fn assert_refuses(output: &Output, words: &str) {
    assert_eq!(output.status.code(), Some(1), "{}", output.status);
    let said = said(output);
    assert!(said.contains(words) && !said.contains("panicked"), "{words}: {said:.3000}");
    assert!(said.len() < 100_000, "{} bytes", said.len());
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("readable");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn labels_become_neither_markup_nor_paths() {
    let labels = [
        "</text></svg><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "../../../etc/passwd",
        "/absolute",
        "C:\\\\nul",
        "a\\\"b'c&d;e,f%s",
        "\u{202e}right to left \u{1f3b2} é",
        "%2e%2e%2f",
        "…………",
    ];
    let (mut environments, mut learners) = (String::new(), String::new());
    for (index, label) in labels.iter().enumerate() {
        environments += &format!("- bernoulli: {{means: [0.5, 0.{index}1], label: \"{label}\"}}\n");
        learners +=
            &format!("- ucb1: {{alpha: 1.{index}, label: \"{label}\", on: [\"{label}\"]}}\n");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let spec =
        format!("horizon: 20\nreplications: 3\nenvironments:\n{environments}learners:\n{learners}");
    let inside = root.join("inside");
    fs::create_dir(&inside).expect("writable");
    assert_succeeds(&crate::support::run(&inside, &spec, "out", &[]));
    assert_eq!(names(root), ["inside"]);
    assert_eq!(names(&inside), ["out", "spec.yaml"]);
    let files = files(&inside.join("out"));
    // Two scales, each as SVG and PNG, for every environment.
    let figures: Vec<&String> = files.keys().filter(|name| name.starts_with("figures")).collect();
    assert_eq!(figures.len(), 4 * labels.len(), "{figures:?}");
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    assert!(files.keys().all(|name| name.chars().all(plain)), "{:?}", files.keys());
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with("l") || name.ends_with("g"))
    {
        let Ok(text) = str::from_utf8(bytes) else { continue };
        let markup = ["<script", "<img", "onerror=alert(1)>"];
        assert!(markup.iter().all(|markup| !text.contains(markup)), "{name}");
    }
    let report = String::from_utf8_lossy(&files["report.html"]).into_owned();
    assert!(report.contains("&lt;img src=x onerror=alert(1)&gt;"));
}

#[test]
fn names_of_specs_stay_below_runs() {
    for (file, name) in [
        ("...yaml", "spec"),
        ("..yaml", "spec"),
        (".hidden.yaml", "hidden"),
        ("<b>x y.yaml", "-b-x-y"),
        ("ünï.yaml", "ünï"),
        ("a.b.yaml", "a.b"),
        ("$(touch x).yaml", "--touch-x-"),
        ("line\nbreak.yaml", "line-break"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        fs::write(root.join(file), TAIL).expect("writable");
        let output = regret(root).args(["run", "--quiet", file]).output().expect("runs");
        assert_succeeds(&output);
        let mut expected = [file.to_owned(), "runs".to_owned()];
        expected.sort();
        assert_eq!(names(root), expected);
        assert_eq!(names(&root.join("runs")), [name], "{file:?}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let long = format!("{}.yaml", "n".repeat(200));
    fs::write(folder.path().join(&long), TAIL).expect("writable");
    assert_succeeds(&regret(folder.path()).args(["run", "-q", &long]).output().expect("runs"));
    assert_eq!(names(&folder.path().join("runs")), ["n".repeat(60)]);
}

#[test]
fn files_that_are_no_specs() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_refuses(&check(root, "empty.yaml", ""), "there is nothing in it");
    assert_refuses(&check(root, "comment.yaml", "# nothing\n"), "there is nothing in it");
    assert_refuses(&check(root, "text.yaml", "hello\n"), "a spec is a mapping, not text");
    assert_refuses(&check(root, "list.yaml", "- 1\n"), "a spec is a mapping, not a list");
    let binary: Vec<u8> = (0..=255).cycle().skip(128).take(5000).collect();
    assert_refuses(&check(root, "binary.yaml", binary), "not text: line 1 is no UTF-8");
    assert_refuses(&check(root, "latin1.yaml", b"a: 1\nb: \xe9\n"), "not text: line 2 is no UTF-8");
    assert_refuses(&check(root, "zeros.yaml", [0; 100]), "");
    fs::create_dir(root.join("folder.yaml")).expect("writable");
    let of = |name: &str| regret(root).args(["run", name]).output().expect("runs");
    assert_refuses(&of("folder.yaml"), "folder.yaml: Is a directory");
    assert_refuses(&of("missing.yaml"), "missing.yaml: No such file");
    assert_refuses(&of("empty.yaml/x.yaml"), "empty.yaml/x.yaml: Not a directory");
    assert!(!root.join("runs").exists());
}

/// Every one of these took more than a minute, more than the memory, or ended in a panic, when the
/// command was first tried.
#[test]
fn huge_specs() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    const MILLIONS: usize = 10_000_000;
    let keys: String = (0..100_000).map(|index| format!("key{index}: {index}\n")).collect();
    assert_refuses(
        &check(root, "keys.yaml", format!("{TAIL}{keys}")),
        "100000 mistakes in the spec",
    );
    let learners = "- ubc1\n".repeat(100_000);
    let spec = TAIL.replace("[ucb1]\n", "\n") + &learners;
    assert_refuses(&check(root, "learners.yaml", spec), "100000 mistakes in the spec");
    let comment = format!("# {}\n{TAIL}", "x".repeat(MILLIONS));
    assert_succeeds(&check(root, "comment.yaml", comment));
    let key = format!("{TAIL}? {}\n: 1\n", "k".repeat(MILLIONS));
    assert_refuses(&check(root, "key.yaml", key), "unknown key `kkk");
    let name = format!("{TAIL}name: {}\n", "n".repeat(MILLIONS));
    assert_refuses(&check(root, "name.yaml", name), "this cannot be a run's name");
    let label = TAIL.replace("ucb1", &format!("ucb1: {{label: {}}}", "l".repeat(MILLIONS)));
    assert_refuses(&check(root, "label.yaml", label), "a label has at most 200 characters");
    let means = TAIL.replace("0.5", &["0.5"; 1_500_000].join(", "));
    assert_refuses(&check(root, "means.yaml", means), "a spec has at most 1000000 values");
    let line = format!("{}{TAIL}", " ".repeat(70_000) + "horizont: 1\n");
    assert_refuses(&check(root, "line.yaml", line), "");
    assert_refuses(&check(root, "deep.yaml", "[".repeat(100_000)), "recursion limit exceeded");
    assert_refuses(&check(root, "nested.yaml", "[".repeat(100)), "nest deeper than 64 levels");
    let long = format!("{TAIL}#{}", "x".repeat(17 << 20));
    assert_refuses(&check(root, "long.yaml", long), "longer than 16 MiB, which no spec is");
    let sweep = format!("{TAIL}sweep: {{seed: {{range: [1, 1e9], count: 1e9}}}}\n");
    assert_refuses(&check(root, "sweep.yaml", sweep), "`count` must be a whole number");
}

/// Parameters for which no memory would suffice, and numbers at the ends of their ranges.
#[test]
fn huge_parameters() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    for (environment, words) in [
        ("bernoulli: {means: [0.5, 0.6], delay: {fixed: 1e11}}", "`delay`"),
        ("bernoulli: {means: [0.5, 0.6], delay: {geometric: 1e9}}", "`delay`"),
        ("bernoulli: {means: [0.5, 0.6], delay: {batched: 1e11}}", "`delay`"),
        ("bernoulli: {means: [0.5, 0.6], delay: {uniform: [0, 1e11]}}", "`delay`"),
        ("fair_coin: {experts: 1e12}", "experts"),
        ("random_walk: {arms: 1e12}", "arms"),
        ("bayesian: {arms: 1e12, prior: {uniform: [0, 1]}}", "arms"),
    ] {
        let spec = format!("horizon: 1e12\nenvironments: [{environment}]\nlearners: [ucb1]\n");
        assert_refuses(&check(root, "spec.yaml", spec), words);
    }
    let window = "horizon: 1e12\nenvironments: [bernoulli: {means: [0.5, 0.6]}]\n\
                  learners: [sliding_window_ucb: {window: 1e11}]\n";
    assert_refuses(&check(root, "window.yaml", window), "must not keep more than 16777216 rounds");
    let many = TAIL.replace("replications: 3", "replications: 4294967296");
    assert_succeeds(&check(root, "many.yaml", many));
    let extreme = "seed: 18446744073709551615\nhorizon: 1\nreplications: 1\n\
                   environments: [gaussian: {means: [-1e308], deviation: 0}]\n\
                   learners: [ucb1: {alpha: 1e308}, exp3: {eta: 1e-300}]\n";
    assert_succeeds(&crate::support::run(root, extreme, "out", &["--threads", "100000"]));
    let most = u64::MAX.to_string();
    assert_succeeds(&crate::support::run(root, TAIL, "lanes", &["--lanes", &most]));
    assert_succeeds(&crate::support::run(root, TAIL, "few", &["--lanes", "1", "--threads", "1"]));
    assert!(files(&root.join("lanes")) == files(&root.join("few")));
}

#[test]
fn names_of_claims() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let claim = |name: &str| {
        let claim = format!("{TAIL}claims: [value: {{of: ucb1, at_least: 0, name: {name}}}]\n");
        check(root, "claim.yaml", claim)
    };
    assert_refuses(&claim(r#""a\e[2J""#), "a claim's name is one line, without control characters");
    assert_refuses(&claim(r#""a\nb""#), "a claim's name is one line, without control characters");
    assert_refuses(&claim("[1]"), "a claim's name is text, not a list");
    assert_refuses(&claim("\" \""), "a claim's name is text");
    let long = "n".repeat(201);
    assert_refuses(&claim(&long), "a claim's name has at most 200 characters");
    assert_succeeds(&claim("\"<b>Figure 1</b>\""));
    let spec =
        format!("{TAIL}claims: [value: {{of: ucb1, at_least: 0, name: \"<script>1</script>\"}}]\n");
    assert_succeeds(&crate::support::run(root, &spec, "out", &[]));
    let report = fs::read_to_string(root.join("out/report.html")).expect("there");
    assert!(!report.contains("<script") && report.contains("&lt;script&gt;1"));
}

/// Tables that never end, or that are small and become huge.
#[test]
fn data_that_are_no_tables() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let replay = |path: &str| {
        let spec = TAIL
            .replace("[bernoulli: {means: [0.5, 0.6]}]", &format!("[replay: {{path: {path}}}]"));
        check(root, "replay.yaml", spec)
    };
    assert_refuses(&replay("/dev/zero"), "must end in .csv, .csv.gz or .parquet");
    std::os::unix::fs::symlink("/dev/zero", root.join("zero.csv")).expect("links");
    assert_refuses(&replay("zero.csv"), "zero.csv: this is no regular file");
    fs::create_dir(root.join("folder.parquet")).expect("writable");
    assert_refuses(&replay("folder.parquet"), "folder.parquet: this is no regular file");
    // A hole of 2 GiB takes no room on the disk, and is not read to its end.
    let hole = fs::File::create(root.join("hole.csv")).expect("writable");
    hole.set_len(2 << 30).expect("a sparse file");
    assert_refuses(&replay("hole.csv"), "a table has at most 1073741824 bytes");
}
