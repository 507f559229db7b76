//! Every paper of `papers/` is part of the command, its `paper.yaml` is complete, its claims say what
//! they put to the test, and its specs are valid at every scale.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use regret_experiments::claims::judge;
use regret_experiments::papers::{Paper, library};
use regret_experiments::run::run;
use regret_experiments::spec;
use regret_experiments::spec::occasion::{Occasion, Scale};
use regret_results::claims::Verdict;
use regret_results::store::RunFolder;

use support::{Quiet, options};

mod support;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("papers")
}

fn papers() -> Vec<Paper> {
    let read = |folder| Paper::read(folder).unwrap_or_else(|problems| panic!("{problems}"));
    library::built_in().iter().map(read).collect()
}

#[test]
fn the_command_has_every_paper() {
    let shown = |folder: &library::Folder| format!("papers/{}", folder.slug);
    let found: Vec<library::Folder> = library::in_directory(&root())
        .expect("readable")
        .into_iter()
        .map(|folder| library::Folder { shown: shown(&folder), ..folder })
        .collect();
    assert_eq!(library::built_in(), found);
    let folders = fs::read_dir(root()).expect("readable").map(|entry| entry.expect("readable"));
    let folders: BTreeSet<String> =
        folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let slugs: BTreeSet<String> = papers().into_iter().map(|paper| paper.slug).collect();
    assert_eq!(slugs, folders, "a folder without paper.yaml is no paper");
}

#[test]
fn specs_are_valid_at_every_scale_and_claims_say_what_is_stated() {
    let data = env::var_os("REGRET_DATA").map(PathBuf::from);
    for paper in papers() {
        for spec in &paper.specs {
            let files = spec::files_of_data(&spec.file, &spec.text);
            let files = files.unwrap_or_else(|problems| panic!("{problems}"));
            let has = |file: &String| data.as_ref().is_some_and(|data| data.join(file).is_file());
            if let Some(missing) = files.iter().find(|file| !has(file)) {
                eprintln!("skipped: {} needs {missing}; set REGRET_DATA to its folder", spec.file);
                continue;
            }
            let mut scales = vec![None];
            scales.extend(Scale::ALL.map(Some));
            for scale in scales {
                let occasion = Occasion { scale, data: data.as_deref(), settings: &[] };
                let read = spec::read_for(&spec.file, &spec.name, &spec.text, &occasion);
                let experiment = read.unwrap_or_else(|problems| panic!("{scale:?}: {problems}"));
                assert!(!experiment.claims.is_empty(), "{} claims nothing", spec.file);
                for claim in &experiment.claims {
                    let complete = claim.states.is_some() && claim.source.is_some();
                    assert!(
                        complete,
                        "{}: `{}` needs states and source",
                        spec.file, claim.statement
                    );
                }
            }
        }
    }
}

/// The wealth that a literature states for recorded markets, to the digits of its table. With `REGRET_DATA` set
/// to the folder that holds `portfolio/djia.csv.gz` they are played.
#[test]
fn recorded_markets_give_the_wealth_of_the_literature() {
    let Some(data) = env::var_os("REGRET_DATA").map(PathBuf::from) else {
        eprintln!("SKIPPED: REGRET_DATA is not set, so the recorded markets are not played");
        return;
    };
    let papers = papers();
    let named = |paper: &&Paper| paper.slug == "online-portfolio-selection";
    let paper = papers.iter().find(named).expect("the paper");
    for name in ["djia", "msci", "cover-pairs"] {
        let spec = paper.specs.iter().find(|spec| spec.name == name).expect("its spec");
        let occasion = Occasion { scale: None, data: Some(&data), settings: &[] };
        let read = spec::read_for(&spec.file, &spec.name, &spec.text, &occasion);
        let experiment = read.unwrap_or_else(|problems| panic!("{problems}"));
        let folder = tempfile::tempdir().expect("a folder");
        let folder = RunFolder::open(folder.path()).expect("opens");
        let stop = AtomicBool::new(false);
        let outcome = run(&experiment.cells, &folder, options(2), &Quiet, &stop).expect("plays");
        for claim in judge(&experiment, &folder, &outcome).expect("judges") {
            let measured = claim.judgement.measured;
            assert_eq!(claim.judgement.verdict, Verdict::Pass, "{}: {measured:?}", claim.claim);
        }
    }
}
