//! Recorded tables through the command: the log-wealth of every asset, against plain sums of
//! logarithms of the numbers in the file.

use std::fmt::Write;
use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use regret_engine::random::{Role, Stream};

use crate::support::{assert_succeeds, run};

/// The entries of a table of price relatives with a header, one row for each day.
fn entries(csv: &str) -> Vec<Vec<f64>> {
    let row = |line: &str| line.split(',').map(|x| x.trim().parse().expect("a number")).collect();
    csv.lines().skip(1).map(row).collect()
}

/// Plays every asset alone, as an arm that is never left and as an expert that has all weight, and
/// compares its regret, the best asset's log-wealth less its own, with the table's.
fn assert_keeps_log_wealth(path: &Path, table: &[Vec<f64>]) {
    let assets = table[0].len();
    let wealth = |asset: usize| table.iter().map(|row| row[asset].ln()).sum::<f64>();
    let wealth: Vec<f64> = (0..assets).map(wealth).collect();
    let best = wealth.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let folder = tempfile::tempdir().expect("a folder");
    let spec = format!(
        "horizon: {}\nreplications: 2\ncheckpoints: 3\nenvironments:\n- replay:\n    path: {}\n    \
         values: price_relatives\n    normalise: none\nlearners:\n- fixed_arm\n\
         sweep: {{learners.fixed_arm.arm: {{range: [0, {}], step: 1}}}}\n",
        table.len(),
        serde_json::json!(path.to_string_lossy()),
        assets - 1
    );
    assert_succeeds(&run(folder.path(), &spec, "out", &[]));
    let mut reader = csv::Reader::from_path(folder.path().join("out/summary.csv")).expect("there");
    let header = reader.headers().expect("a header").clone();
    let column = |name: &str| header.iter().position(|column| column == name).expect("a column");
    let (parameters, notion, t, mean) =
        (column("learner_parameters"), column("notion"), column("t"), column("mean"));
    let mut found = vec![None; assets];
    for record in reader.records() {
        let record = record.expect("a row");
        if record[t] == table.len().to_string() && &record[notion] == "pseudo_regret" {
            let learner: serde_json::Value =
                serde_json::from_str(&record[parameters]).expect("JSON");
            let arm = learner["arm"].as_u64().expect("an arm") as usize;
            let regret: f64 = record[mean].parse().expect("a number");
            assert_eq!(found[arm].replace(regret), None);
        }
    }
    for (asset, regret) in found.into_iter().enumerate() {
        let (regret, known) = (regret.expect("a row for every asset"), best - wealth[asset]);
        // Sums of a few thousand logarithms, each right to within 1e-16 of a number below 1.
        assert!((regret - known).abs() < 1e-10, "asset {asset}: {regret} is not {known}");
    }
}

#[test]
fn a_table_written_here() {
    let mut draws = Stream::new(3, 0, Role::Environment);
    let mut csv = "a,b,c\n".to_owned();
    for _ in 0..97 {
        let mut relative = || 0.9 + 0.2 * draws.uniform();
        let _ = writeln!(csv, "{},{},{}", relative(), relative(), relative());
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a table.csv");
    fs::write(&path, &csv).expect("writable");
    assert_keeps_log_wealth(&path, &entries(&csv));
}

/// The market data are no part of the project. With `REGRET_DATA` set to the folder that holds
/// `portfolio/djia.csv.gz` they are played.
#[test]
fn market_data_if_regret_data_says_where() {
    let Some(data) = std::env::var_os("REGRET_DATA") else {
        eprintln!("SKIPPED: REGRET_DATA is not set, so the market data are not played");
        return;
    };
    // Assets, days and the sum of all entries, as the data's description has them.
    for (name, days, assets, sum) in
        [("djia", 507, 30, 15_205.729_746), ("msci", 1043, 24, 25_033.326_714)]
    {
        let path = Path::new(&data).join(format!("portfolio/{name}.csv.gz"));
        let packed = fs::File::open(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        let mut csv = String::new();
        GzDecoder::new(packed).read_to_string(&mut csv).expect("gzip");
        let table = entries(&csv);
        assert_eq!((table.len(), table[0].len()), (days, assets));
        let total: f64 = table.iter().flatten().sum();
        assert!((total - sum).abs() < 1e-6, "{name}: {total}");
        assert_keeps_log_wealth(&path, &table);
    }
}
