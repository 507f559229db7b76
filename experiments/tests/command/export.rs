//! `regret export`: every number comes back from every format, bit for bit where the format can.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use regret_engine::record::Record;
use regret_results::statistics::Summary;
use regret_results::store::{CellMeta, FinishedRun};
use serde_json::Value;

use crate::support::{assert_succeeds, files, printed, regret, run, said};

/// Two cells with awkward names, parts of two blocks, and quantities with components.
const SPEC: &str = "horizon: 40\nreplications: 66\ncheckpoints: 3\nrecord: all\nenvironments:\n\
                    - bernoulli: {means: [0.5, 0.45, 0.6], label: \"../a, \\\"b\\\"\"}\n\
                    learners:\n- ucb1\n- moss: {label: \"../../x\"}\n";

fn export(root: &Path, format: &str, arguments: &[&str]) -> Output {
    let mut command = regret(root);
    command.args(["export", "out", "--format", format]).args(arguments).output().expect("runs")
}

/// The cells of `out` with their records.
fn records(root: &Path) -> Vec<(CellMeta, Record)> {
    let run = FinishedRun::open(root.join("out")).expect("a run");
    let cells = run.cells().iter().map(|listed| listed.cell.clone());
    let record = |meta: CellMeta| {
        let record = run.record(&meta).expect("readable").expect("whole");
        (meta, record)
    };
    cells.map(record).collect()
}

/// A number's place: cell, notion, component, round, replication.
type Key = (String, String, Option<u32>, u64, u64);

fn numbers(root: &Path) -> BTreeMap<Key, u64> {
    let mut numbers = BTreeMap::new();
    for (meta, record) in records(root) {
        for series in &record.series {
            for (index, value) in series.values.iter().enumerate() {
                let (row, replication) = (index / 66, index % 66);
                let t = record.checkpoints[series.first_checkpoint + row];
                let notion = series.notion.key.to_owned();
                let key = (meta.id.clone(), notion, series.component, t, replication as u64);
                numbers.insert(key, value.to_bits());
            }
        }
    }
    numbers
}

#[test]
fn csv_and_json_lines_hold_every_number() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SPEC, "out", &[]));
    let expected = numbers(root);
    let output = export(root, "csv", &[]);
    assert_succeeds(&output);
    assert_eq!(printed(&output), "1 file in out/export/csv\n");
    let mut reader =
        csv::Reader::from_path(root.join("out/export/csv/numbers.csv")).expect("there");
    let header = reader.headers().expect("a header").clone();
    let mut found = BTreeMap::new();
    for row in reader.records() {
        let row = row.expect("a row");
        let get =
            |name: &str| &row[header.iter().position(|column| column == name).expect("a column")];
        let component =
            (!get("component").is_empty()).then(|| get("component").parse().expect("n"));
        let whole = |name: &str| get(name).parse().expect("a whole number");
        let key =
            (get("cell").into(), get("notion").into(), component, whole("t"), whole("replication"));
        let value: f64 = get("value").parse().expect("a number");
        assert!(found.insert(key, value.to_bits()).is_none());
        assert_eq!(get("environment_label"), "../a, \"b\"");
        let parameters: Value = serde_json::from_str(get("environment_parameters")).expect("JSON");
        assert_eq!(parameters["means"][2], 0.6);
    }
    assert!(found == expected && found.len() > 1000);
    assert_succeeds(&export(root, "jsonl", &["--out", "lines"]));
    let text = fs::read_to_string(root.join("lines/numbers.jsonl")).expect("there");
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).expect("JSON");
        let text = |name: &str| row[name].as_str().expect("text").to_owned();
        let whole = |name: &str| row[name].as_u64().expect("a whole number");
        let component = row["component"].as_u64().map(|component| component as u32);
        let key = (text("cell"), text("notion"), component, whole("t"), whole("replication"));
        // Read from the text: the JSON reader rounds the last bit as it likes.
        let value = line.rsplit_once("\"value\":").expect("the last column").1;
        let value: f64 = value.trim_end_matches('}').parse().expect("a number");
        found.insert(key, value.to_bits());
        assert!(row["learner_parameters"].is_object());
    }
    assert!(found == expected);
}

/// The numbers of a file of NumPy's format and its shape, read as that format's description says.
fn npy(path: &Path) -> (Vec<usize>, Vec<[u8; 8]>) {
    let bytes = fs::read(path).expect("there");
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let end = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    assert!(end % 64 == 0 && bytes[end - 1] == b'\n');
    let header = std::str::from_utf8(&bytes[10..end]).expect("text");
    assert!(header.contains("'fortran_order': False"), "{header}");
    let inside = |open: char, close: char| header.split(open).nth(1)?.split(close).next();
    let sizes = inside('(', ')').expect("a shape").split(',').map(str::trim);
    let shape = sizes.filter(|size| !size.is_empty()).map(|size| size.parse().expect("a size"));
    let values = bytes[end..].chunks(8).map(|chunk| chunk.try_into().expect("8 bytes"));
    (shape.collect(), values.collect())
}

#[test]
fn arrays_have_the_bits_and_their_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SPEC, "out", &[]));
    assert_succeeds(&export(root, "npy", &["--out", "arrays"]));
    let index: Value =
        serde_json::from_slice(&fs::read(root.join("arrays/index.json")).expect("there"))
            .expect("JSON");
    let records = records(root);
    assert_eq!(index.as_array().map(Vec::len), Some(2));
    for ((meta, record), entry) in records.iter().zip(index.as_array().expect("a list")) {
        assert_eq!(entry["cell"]["id"], meta.id.as_str());
        let (shape, rounds) = npy(&root.join("arrays").join(entry["t"].as_str().expect("a path")));
        assert_eq!(shape, [record.checkpoints.len()]);
        let rounds: Vec<u64> = rounds.into_iter().map(u64::from_le_bytes).collect();
        assert_eq!(rounds, record.checkpoints);
        let array = |notion: &str| {
            let path = entry["arrays"][notion]["file"].as_str().expect("a path");
            npy(&root.join("arrays").join(path))
        };
        let (shape, values) = array("pseudo_regret");
        assert_eq!(shape, [record.checkpoints.len(), 66]);
        let bits: Vec<f64> = values.into_iter().map(f64::from_le_bytes).collect();
        assert_eq!(bits, record.series[0].values);
        let (shape, values) = array("pulls");
        assert_eq!(shape, [3, 1, 66]);
        // All arms of a replication together are pulled in every round.
        let pulls: Vec<f64> = values.into_iter().map(f64::from_le_bytes).collect();
        assert!((0..66).all(|r| pulls[r] + pulls[66 + r] + pulls[132 + r] == 40.0));
    }
}

/// The records of an event file, read as its format says, checksums by the definition of CRC-32C.
fn events(bytes: &[u8]) -> Vec<Vec<u8>> {
    fn masked(bytes: &[u8]) -> u32 {
        let mut crc = u32::MAX;
        for byte in bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
            }
        }
        (!crc).rotate_right(15).wrapping_add(0xa282_ead8)
    }
    let (mut rest, mut records) = (bytes, Vec::new());
    while !rest.is_empty() {
        let length = u64::from_le_bytes(rest[..8].try_into().expect("8 bytes")) as usize;
        let crc = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().expect("4 bytes"));
        assert_eq!(crc(8), masked(&rest[..8]));
        let record = &rest[12..12 + length];
        assert_eq!(crc(12 + length), masked(record));
        records.push(record.to_vec());
        rest = &rest[16 + length..];
    }
    records
}

/// The fields of a Protocol Buffers message: number, and varint, four bytes or content.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = bytes[0];
            *bytes = &bytes[1..];
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return value;
            }
        }
    }
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let length = match tag & 7 {
            0 => {
                found.push((tag >> 3, varint(&mut bytes).to_le_bytes().to_vec()));
                continue;
            }
            2 => varint(&mut bytes) as usize,
            5 => 4,
            other => panic!("wire type {other}"),
        };
        found.push((tag >> 3, bytes[..length].to_vec()));
        bytes = &bytes[length..];
    }
    found
}

#[test]
fn event_files_hold_the_means() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_succeeds(&run(root, SPEC, "out", &[]));
    assert_succeeds(&export(root, "tensorboard", &["--out", "board"]));
    let written = files(&root.join("board"));
    let names: Vec<&String> = written.keys().collect();
    let place = "a-b-as-bandit-t-40-seed-1";
    let expected =
        ["ucb1", "x"].map(|learner| format!("{place}/{learner}/events.out.tfevents.0.regretlab"));
    assert_eq!(names, expected.iter().collect::<Vec<_>>());
    let (_, record) = &records(root)[0];
    let events = events(&written[&expected[0]]);
    assert_eq!(events.len(), 1 + record.checkpoints.len());
    assert_eq!(fields(&events[0]), [(3, b"brain.Event:2".to_vec())]);
    for (place, event) in events[1..].iter().enumerate() {
        let event = fields(event);
        assert_eq!(
            (event[0].0, &event[0].1[..]),
            (2, &record.checkpoints[place].to_le_bytes()[..])
        );
        assert_eq!(event[1].0, 5);
        let mut values = BTreeMap::new();
        for (number, value) in fields(&event[1].1) {
            let value = fields(&value);
            assert_eq!((number, value[0].0, value[1].0), (1, 1, 2));
            let tag = String::from_utf8(value[0].1.clone()).expect("text");
            let number = f32::from_le_bytes(value[1].1[..].try_into().expect("4 bytes"));
            values.insert(tag, number);
        }
        let sample = record.series[0].at(place, 66).expect("recorded");
        let summary = Summary::of(sample).expect("a sample");
        assert_eq!(values["pseudo_regret/mean"], summary.mean as f32);
        assert_eq!(values["pseudo_regret/low"], summary.low.expect("an end") as f32);
        let last = place + 1 == record.checkpoints.len();
        assert_eq!(values.contains_key("pulls_2/mean"), last);
    }
}

#[test]
fn nothing_is_written_outside_and_nothing_halfway() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let inside = root.join("inside");
    fs::create_dir(&inside).expect("writable");
    assert_succeeds(&run(&inside, SPEC, "out", &[]));
    for format in ["csv", "jsonl", "npy", "tensorboard"] {
        assert_succeeds(&export(&inside, format, &["--out", "exported"]));
    }
    let names: Vec<_> =
        fs::read_dir(root).expect("readable").map(|e| e.expect("ok").file_name()).collect();
    assert_eq!(names, ["inside"]);
    let exported = files(&inside.join("exported"));
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    assert!(exported.keys().all(|name| name.chars().all(plain)), "{:?}", exported.keys());
    // A part that is damaged ends the export: no table is left, not even the beginning of one.
    let part = crate::support::parts(&inside.join("out"))[3].clone();
    fs::write(inside.join("out").join(part), "nonsense").expect("writable");
    let refused = export(&inside, "csv", &["--out", "again"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("this part is damaged"), "{}", said(&refused));
    assert_eq!(fs::read_dir(inside.join("again")).expect("readable").count(), 0);
    let wrong = export(&inside, "xml", &[]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(said(&wrong).contains("[possible values: csv, jsonl, npy, tensorboard]"));
}
