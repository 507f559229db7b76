//! The folders of papers: those that are part of the command, and those of a directory.

use std::fs;
use std::path::{Path, PathBuf};

use super::METADATA;
use crate::spec::folder_name;
use crate::spec::text::read_text;

/// The files of `experiments/papers`: paper, name, text.
const BUILT_IN: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/papers.rs"));

/// The files of a paper, unread.
#[derive(Clone, Debug, PartialEq)]
pub struct Folder {
    /// The folder's name.
    pub slug: String,
    /// What diagnostics call the folder.
    pub shown: String,
    /// The text of `paper.yaml`.
    pub metadata: String,
    /// The other YAML files: name without ending, text.
    pub specs: Vec<(String, String)>,
}

impl Folder {
    /// What diagnostics call a file of the folder.
    pub fn path(&self, file: &str) -> String {
        format!("{}/{file}", self.shown)
    }
}

/// Why a directory is no library of papers.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub struct LibraryError {
    /// The directory or file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: String,
}

/// The papers that are part of the command, by name.
pub fn built_in() -> Vec<Folder> {
    let papers = BUILT_IN.chunk_by(|(a, ..), (b, ..)| a == b);
    papers
        .map(|files| {
            let slug = files[0].0.to_owned();
            let files = files.iter().map(|(_, name, text)| (*name, (*text).to_owned()));
            folder(format!("papers/{slug}"), slug, files)
        })
        .collect()
}

/// The papers of a directory: it is one itself if it has a `paper.yaml`; else its folders that have
/// one are.
///
/// # Errors
/// What cannot be read; that there is no paper.
pub fn in_directory(directory: &Path) -> Result<Vec<Folder>, LibraryError> {
    let is_paper = |path: &Path| path.join(METADATA).is_file();
    let papers = if is_paper(directory) {
        vec![directory.to_owned()]
    } else {
        let mut papers = entries(directory)?;
        papers.retain(|path| is_paper(path));
        papers
    };
    if papers.is_empty() {
        let problem = format!("neither it nor a folder in it has a {METADATA}");
        return Err(LibraryError { path: directory.to_owned(), problem });
    }
    papers.iter().map(|path| read(path)).collect()
}

fn read(paper: &Path) -> Result<Folder, LibraryError> {
    let failed = |path: &Path, problem| LibraryError { path: path.to_owned(), problem };
    // The folder's name may be hidden behind `.` or a link.
    let whole = fs::canonicalize(paper).map_err(|error| failed(paper, error.to_string()))?;
    let slug = whole.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if slug != folder_name(&slug) {
        let problem = format!("a paper's folder is named like {}", folder_name(&slug));
        return Err(failed(paper, problem));
    }
    let mut files = Vec::new();
    for path in entries(paper)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.ends_with(".yaml") {
            continue;
        }
        if name != folder_name(&name) {
            let problem = format!("a spec of a paper is named like {}", folder_name(&name));
            return Err(failed(&path, problem));
        }
        let text = read_text(&path).map_err(|problem| failed(&path, problem))?;
        files.push((name, text));
    }
    let files = files.iter().map(|(name, text)| (&**name, text.clone()));
    Ok(folder(paper.display().to_string(), slug, files))
}

fn folder<'f>(
    shown: String,
    slug: String,
    files: impl Iterator<Item = (&'f str, String)>,
) -> Folder {
    let mut found = Folder { slug, shown, metadata: String::new(), specs: Vec::new() };
    for (name, text) in files {
        match name.strip_suffix(".yaml").unwrap_or(name) {
            "paper" => found.metadata = text,
            stem => found.specs.push((stem.to_owned(), text)),
        }
    }
    found
}

/// What lies in a directory, sorted by name.
fn entries(directory: &Path) -> Result<Vec<PathBuf>, LibraryError> {
    let failed = |error: std::io::Error| LibraryError {
        path: directory.to_owned(),
        problem: error.to_string(),
    };
    let entries = fs::read_dir(directory).map_err(failed)?;
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>, _>>();
    let mut paths = paths.map_err(failed)?;
    paths.sort();
    Ok(paths)
}
