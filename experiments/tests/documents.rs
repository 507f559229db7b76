//! The documents are true: their specs are valid, their console sessions print what is shown, their
//! tables are those of the registry, their links lead somewhere, their figure is the one drawn.
//!
//! With the environment variable `UPDATE_GOLDEN` set, tables and figure are written anew instead.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;

use regret_engine::notion;
use regret_experiments::cell::{Cell, NUMBERS_VERSION};
use regret_experiments::publish::{Published, publish};
use regret_experiments::run::{Options, Progress, run};
use regret_experiments::spec::{self, Experiment};
use regret_results::store::RunFolder;

/// The workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Compares a text with what the documents have at `path`, or puts it there.
fn compare(path: &Path, text: &str) {
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(path, text).expect("writable");
    }
    let path_shown = path.display();
    assert!(read(path) == text, "{path_shown} is out of date: run this with UPDATE_GOLDEN=1");
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every Markdown page: those of the root and of `docs`.
fn pages() -> Vec<(PathBuf, String)> {
    let folders = [root(), root().join("docs"), root().join("docs/protocols")];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("a folder"));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), read(&path))).collect()
}

/// The blocks of code of a page in a language.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let opening = format!("\n```{language}\n");
    let after = text.split(&opening as &str).skip(1);
    after.map(|rest| rest.split_once("\n```").expect("a closing fence").0).collect()
}

/// The exit status of `regret`, and what it printed: the standard output, then the standard error.
fn regret(arguments: &[String], folder: &Path) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regret"));
    let output = command.args(arguments).current_dir(folder).output().expect("it starts");
    let printed = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8(printed).expect("text"))
}

/// The words of a command line, in which `'` quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (index, part) in line.split('\'').enumerate() {
        let mut pieces = if index % 2 == 1 { vec![part] } else { part.split(' ').collect() };
        let first = pieces.remove(0);
        words.last_mut().expect("one").push_str(first);
        words.extend(pieces.into_iter().map(str::to_owned));
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Lines without blanks at their ends.
fn trimmed(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Whether `printed` is what is shown; a line `…` stands for any lines.
fn fits(shown: &str, printed: &str) -> bool {
    let mut rest = printed;
    for (index, part) in format!("\n{shown}\n").split("\n…\n").enumerate() {
        let part = part.trim_matches('\n');
        match rest.find(part) {
            Some(0) => rest = &rest[part.len()..],
            Some(place) if index > 0 => rest = &rest[place + part.len()..],
            _ => return false,
        }
    }
    rest.is_empty() || shown.ends_with('…')
}

/// Runs the session of a page, in a folder in which its specs lie.
fn check_session(page: &Path, text: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    for block in blocks(text, "yaml") {
        let first = block.lines().next().unwrap_or_default();
        if let Some(name) = first.strip_prefix("# ").filter(|name| name.ends_with(".yaml")) {
            fs::write(folder.path().join(name), block).expect("writable");
        }
    }
    let mut status = 0;
    for session in blocks(text, "console") {
        for step in format!("\n{session}").split("\n$ ").skip(1) {
            let (line, shown) = step.split_once('\n').unwrap_or((step, ""));
            let printed = match line.strip_prefix("regret ") {
                Some(arguments) => {
                    let (code, printed) = regret(&words(arguments), folder.path());
                    status = code;
                    printed
                }
                None if line == "echo $?" => status.to_string(),
                None => panic!("{}: `{line}` is not run by this test", page.display()),
            };
            let (shown, printed) = (trimmed(shown), trimmed(&printed));
            assert!(fits(&shown, &printed), "{}: `{line}` prints\n{printed}", page.display());
        }
    }
}

#[test]
fn sessions_print_what_is_shown() {
    for (page, text) in pages() {
        check_session(&page, &text);
    }
}

#[test]
fn tables_are_those_of_the_registry() {
    const START: &str = "<!-- regret ";
    let mut tables = 0;
    for (page, text) in pages() {
        let mut parts = text.split(START);
        let mut current = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (line, rest) = part.split_once(" -->\n").expect("a command");
            let (_, rest) = rest.split_once("<!-- end -->").expect("an end");
            let (status, printed) = regret(&words(line), &root());
            assert_eq!(status, 0, "{printed}");
            current += &format!("{START}{line} -->\n\n{printed}\n<!-- end -->{rest}");
            tables += 1;
        }
        compare(&page, &current);
    }
    let protocols: BTreeSet<&str> =
        regret_algorithms::registry().into_iter().map(|entry| entry.protocol).collect();
    assert_eq!(tables, protocols.len(), "one for each protocol");
}

#[test]
fn specs_are_valid() {
    let mut specs = 0;
    for (page, text) in pages() {
        for block in blocks(&text, "yaml") {
            if block.contains("environments:") && block.contains("learners:") {
                let name = page.display().to_string();
                if let Err(problems) = spec::read(&name, "a", block, &[]) {
                    panic!("{problems}\n{block}");
                }
                specs += 1;
            }
        }
    }
    assert!(specs >= 3, "{specs}");
}

#[test]
fn every_notion_is_explained() {
    let page = read(&root().join("docs/regret.md"));
    for notion in notion::ALL {
        assert!(page.contains(&format!("## {} ", notion.title)), "{}", notion.title);
        assert!(page.contains(&format!("`{}`", notion.key)), "{}", notion.key);
    }
}

#[test]
fn links_lead_somewhere() {
    let mut links = 0;
    for (page, text) in pages() {
        for part in text.split("](").skip(1) {
            let target = part.split(')').next().unwrap_or_default();
            let path = target.split('#').next().unwrap_or_default();
            if path.is_empty() || path.starts_with("https://") {
                continue;
            }
            let folder = page.parent().expect("a folder");
            assert!(folder.join(path).exists(), "{}: {target}", page.display());
            links += 1;
        }
    }
    assert!(links > 20, "{links}");
}

#[test]
fn the_readme_and_the_ci_run_the_same_tests() {
    let command = "\ncargo test --workspace --locked\n";
    for file in ["README.md", ".ci/run"] {
        assert!(read(&root().join(file)).contains(command), "{file}");
    }
}

#[test]
fn the_change_log_has_the_version_of_the_numbers() {
    let stated = format!("(`NUMBERS_VERSION`, in every `manifest.json`) is {NUMBERS_VERSION}.");
    assert!(read(&root().join("CHANGELOG.md")).contains(&stated), "{stated}");
}

/// A small market, one row a day: two assets that move apart.
#[test]
fn the_market_is_played_as_bandit_and_as_experts() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = folder.path().join("relatives.csv");
    let day = |t: u32| format!("{},{}\n", 1.0 + 0.001 * f64::from(t % 3), 1.0 - 0.001);
    fs::write(&table, (0..40).fold("a,b\n".to_owned(), |text, t| text + &day(t))).expect("writes");
    let path = root().join("experiments/specs/market.yaml");
    let settings =
        [format!("environments.market.path={}", table.display()), "horizon=40".to_owned()];
    let experiment = spec::read("market.yaml", "market", &read(&path), &settings);
    let experiment = experiment.unwrap_or_else(|problems| panic!("{problems}"));
    let mut protocols: Vec<&str> = experiment.cells.iter().map(|cell| cell.protocol).collect();
    protocols.dedup();
    assert_eq!(protocols, ["bandit", "experts"]);
    let published = play(&experiment, &folder.path().join("run"));
    assert_eq!(published.rows.len(), experiment.cells.len());
}

/// The figure of the README is the one that the quick start draws: its third environment alone.
#[test]
fn the_figure_is_the_one_drawn() {
    let text = read(&root().join("experiments/specs/quick-start.yaml"));
    let mut experiment = spec::read("quick-start.yaml", "quick-start", &text, &[]).expect("valid");
    let adversarial = |cell: &Cell| cell.environment.name == "stochastically_constrained";
    experiment.cells.retain(adversarial);
    let folder = tempfile::tempdir().expect("a folder");
    play(&experiment, folder.path());
    let name = "figures/constrained-adversary-pseudo-regret-linear.svg";
    compare(&root().join("docs").join(name), &read(&folder.path().join(name)));
}

/// Plays an experiment of which no cell stops, and publishes it.
fn play(experiment: &Experiment, folder: &Path) -> Published {
    let folder = RunFolder::open(folder).expect("opens");
    let stop = AtomicBool::new(false);
    let outcome = run(&experiment.cells, &folder, Options::default(), &Silent, &stop);
    let outcome = outcome.expect("plays");
    assert!(outcome.stopped.is_empty(), "{:?}", outcome.stopped);
    publish(experiment, &folder, &outcome, 1.0).expect("publishes")
}

/// Says nothing.
struct Silent;

impl Progress for Silent {
    fn begin(&self, _: usize, _: u64, _: usize) {}
    fn played(&self, _: u64) {}
    fn finished(&self, _: &Cell, _: &std::ops::Range<u64>) {}
    fn warn(&self, _: &str) {}
}
