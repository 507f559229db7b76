//! `regret verify`: numbers that are not what is computed are named, whoever changed them.

use std::fs;
use std::path::Path;
use std::process::Output;

use regret_results::store::{FinishedRun, Parts, RunFolder};

use crate::support::{SHORT, assert_succeeds, files, parts, printed, regret, run, said};

fn verify(root: &Path, arguments: &[&str]) -> Output {
    regret(root).args(["verify", "out"]).args(arguments).output().expect("runs")
}

/// Writes a part anew with one bit of one number turned, as whole as any: its checksum is right.
fn forge(out: &Path, cell: usize) {
    let run = FinishedRun::open(out).expect("a run");
    let meta = run.cells()[cell].cell.clone();
    let block = 64..128;
    let parts = Parts::of(out, &meta).expect("readable");
    let mut record = parts.read(&block).expect("readable").expect("there");
    let value = &mut record.series[0].values[5];
    *value = f64::from_bits(value.to_bits() ^ 1);
    let folder = RunFolder::open(out).expect("opens");
    folder.parts(&meta).expect("readable").remove(&block).expect("removable");
    folder.write_part(&meta, &record).expect("writable");
}

#[test]
fn a_single_forged_bit_is_found_and_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SHORT, "out", &[]));
    let before = files(&root.join("out"));
    let sound = verify(root, &["--sample", "100"]);
    assert_succeeds(&sound);
    assert_eq!(printed(&sound), "18 of 18 blocks recomputed: every bit is the same\n");
    assert!(files(&root.join("out")) == before, "verifying changes nothing");
    forge(&root.join("out"), 2);
    let forged = verify(root, &["--sample", "100"]);
    assert_eq!(forged.status.code(), Some(5), "{}", said(&forged));
    let words = said(&forged);
    assert_eq!(words.lines().count(), 1, "{words}");
    for word in ["exp3 on plain", "replications 64 to 127", "1 of ", "of replication 69 at t = 1: "]
    {
        assert!(words.contains(word), "{word}: {words}");
    }
    // A sample finds it if it is in it, and the seed decides: 6 of 18 blocks, again and again.
    let found = |seed: u32| {
        let seed = seed.to_string();
        let once = verify(root, &["--sample", "6", "--seed", &seed]);
        assert!(printed(&once).starts_with("6 of 18 blocks recomputed"), "{}", printed(&once));
        assert_eq!(
            once.status.code(),
            verify(root, &["--sample", "6", "--seed", &seed]).status.code()
        );
        once.status.code() == Some(5)
    };
    let hits = (0..12).filter(|seed| found(*seed)).count();
    assert!((1..12).contains(&hits), "{hits}");
}

#[test]
fn missing_and_damaged_parts_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SHORT, "out", &[]));
    let all = parts(&root.join("out"));
    fs::remove_file(root.join("out").join(&all[3])).expect("removable");
    fs::write(root.join("out").join(&all[9]), "nonsense").expect("writable");
    let output = verify(root, &["--sample", "18"]);
    assert_eq!(output.status.code(), Some(5));
    assert!(said(&output).contains("its part is missing"), "{}", said(&output));
    assert!(said(&output).contains("this part is damaged"), "{}", said(&output));
    assert!(printed(&output).contains("18 of 18 blocks recomputed: 2 differ"));
}

#[test]
fn runs_that_cannot_be_recomputed_say_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let refused = |words: &str| {
        let output = verify(root, &[]);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(said(&output).contains(words), "{words}: {}", said(&output));
    };
    refused("out: here is no finished run");
    let table = "a,b\n0.5,0.25\n1,0\n0,1\n";
    fs::write(root.join("table.csv"), table).expect("writable");
    let spec = "horizon: 3\nreplications: 2\nenvironments: [replay: {path: table.csv}]\n\
                learners: [ucb1]\n";
    assert_succeeds(&run(root, spec, "out", &[]));
    assert_succeeds(&verify(root, &[]));
    fs::write(root.join("table.csv"), table.replace("0.25", "0.5")).expect("writable");
    refused("the spec means other cells here");
    fs::remove_file(root.join("table.csv")).expect("removable");
    refused("table.csv: No such file");
    fs::write(root.join("table.csv"), table).expect("writable");
    let path = root.join("out/manifest.json");
    let text = fs::read_to_string(&path).expect("readable");
    let numbers = format!("\"numbers\": {}", regret_experiments::cell::NUMBERS_VERSION);
    assert!(text.contains(&numbers));
    fs::write(&path, text.replace(&numbers, "\"numbers\": 0")).expect("writable");
    refused("its numbers are of version 0");
}

/// Folders of an older form are read, those of a newer one refused, by every command, unchanged.
#[test]
fn run_folders_have_a_version() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SHORT, "out", &[]));
    let path = root.join("out/manifest.json");
    let text = fs::read_to_string(&path).expect("readable");
    let current = format!("\"schema\": {},", regret_results::store::SCHEMA);
    assert!(text.contains(&current), "{text:.200}");
    fs::write(&path, text.replacen(&current, "", 1)).expect("writable");
    assert_succeeds(&verify(root, &["--sample", "1"]));
    for newer in ["\"schema\": 99,", "\"schema\": \"x\","] {
        fs::write(&path, text.replacen(&current, newer, 1)).expect("writable");
        let before = files(&root.join("out"));
        for arguments in [
            &["run", "spec.yaml", "--out", "out"][..],
            &["run", "spec.yaml", "--out", "out", "--shard", "1/2"],
            &["verify", "out"],
            &["status", "out"],
            &["export", "out", "--format", "csv"],
            &["compare", "out", "out"],
        ] {
            let output = regret(root).args(arguments).output().expect("runs");
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", said(&output));
            let words = "it was written by another version of the program, in form ";
            assert!(said(&output).contains(words), "{arguments:?}: {}", said(&output));
            assert!(said(&output).contains("this one reads 1 to 2"), "{}", said(&output));
        }
        assert!(files(&root.join("out")) == before);
    }
    fs::write(&path, &text).expect("writable");
    // A cell's hash is the name of a folder: nothing else is taken for one.
    let id = text.split("\"id\": \"").nth(1).and_then(|rest| rest.split('"').next());
    let hostile = text.replace(id.expect("an id"), "../../../etc");
    fs::write(&path, hostile).expect("writable");
    let output = verify(root, &[]);
    assert!(said(&output).contains("`../../../etc` is no cell's hash"), "{}", said(&output));
}
