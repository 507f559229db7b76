//! Writes the list of the files in `papers/`, so that the command has them wherever it is installed.

use std::env;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=papers");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("papers");
    let mut files = Vec::new();
    for paper in sorted(&root)?.into_iter().filter(|path| path.is_dir()) {
        files.extend(sorted(&paper)?.into_iter().filter(|path| has_ending(path, "yaml")));
    }
    let mut list = "&[\n".to_owned();
    for path in files {
        let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
        let file = path.file_name().unwrap_or_default();
        writeln!(list, "    ({folder:?}, {file:?}, include_str!({path:?})),")?;
    }
    list += "]\n";
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("papers.rs"), list)?;
    Ok(())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut paths = paths.collect::<Result<Vec<PathBuf>, std::io::Error>>()?;
    paths.sort();
    Ok(paths)
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found == ending)
}
