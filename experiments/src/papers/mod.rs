//! Papers: their specs and what they state, found, run and judged.
//!
//! A paper is a folder with a `paper.yaml` ([`Metadata`]) and the specs that it lists. Those in
//! `papers/` are part of the command ([`library`]); a folder of one's own is read like them.
//! [`reproduce()`] runs a paper's specs at a scale, judges their claims and writes a report;
//! [`state`] tells what was done before.

pub mod library;
mod metadata;
mod reproduce;
pub mod state;

pub use metadata::Metadata;
pub use reproduce::{Finished, ReproduceError, Reproduction, SpecOutcome, Wanted, reproduce};

use sha2::{Digest, Sha256};

use crate::cell::NUMBERS_VERSION;
use crate::spec::source::{Problem, Problems};
use library::Folder;

/// A paper whose folder is complete. Its specs are not read yet.
#[derive(Clone, Debug)]
pub struct Paper {
    /// The folder's name.
    pub slug: String,
    /// What is known of it.
    pub metadata: Metadata,
    /// Its specs, in the order of `paper.yaml`.
    pub specs: Vec<SpecText>,
}

/// A spec of a paper.
#[derive(Clone, Debug)]
pub struct SpecText {
    /// The file's name without ending.
    pub name: String,
    /// Which of the paper's results it is.
    pub about: String,
    /// What diagnostics call the file.
    pub file: String,
    /// The text.
    pub text: String,
}

impl Paper {
    /// Reads a folder.
    ///
    /// # Errors
    /// What is wrong with its `paper.yaml`; a spec that one of folder and `paper.yaml` has and the
    /// other has not.
    pub fn read(folder: &Folder) -> Result<Self, Problems> {
        let (metadata, tree) = Metadata::read(&folder.path(METADATA), &folder.metadata)?;
        let mut problems = Vec::new();
        let mut specs = Vec::new();
        let listed = tree.place("specs");
        for (name, about) in &metadata.specs {
            match folder.specs.iter().find(|(stem, _)| stem == name) {
                Some((_, text)) => specs.push(SpecText {
                    name: name.clone(),
                    about: about.clone(),
                    file: folder.path(&format!("{name}.yaml")),
                    text: text.clone(),
                }),
                None => {
                    let problem = Problem::new(listed, format!("there is no file {name}.yaml"));
                    problems
                        .push(problem.nearest(name, folder.specs.iter().map(|(stem, _)| &**stem)));
                }
            }
        }
        let unlisted = |name: &&String| metadata.specs.iter().all(|(listed, _)| listed != *name);
        for name in folder.specs.iter().map(|(stem, _)| stem).filter(unlisted) {
            let message = format!("the spec {name}.yaml is not listed here");
            let help = "say which of the paper's results it is, so that the report can";
            problems.push(Problem::new(listed, message).help(help));
        }
        if problems.is_empty() {
            return Ok(Self { slug: folder.slug.clone(), metadata, specs });
        }
        Err(Problems(problems))
    }

    /// A hash of everything that its numbers depend on but data.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(NUMBERS_VERSION.to_string());
        for spec in &self.specs {
            for text in [&spec.name, &spec.text] {
                hash.update((text.len() as u64).to_le_bytes());
                hash.update(text);
            }
        }
        hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The file that says what a paper is.
const METADATA: &str = "paper.yaml";

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "title: A\nauthors: [B]\nyear: 1985\nsource: a journal\nsummary: s\n\
                        deviations: []\nspecs:\n  one: the first\n  two: the second\n";

    fn folder(specs: &[&str]) -> Folder {
        let specs = specs.iter().map(|name| ((*name).to_owned(), format!("# {name}"))).collect();
        Folder { slug: "a".into(), shown: "papers/a".into(), metadata: TEXT.into(), specs }
    }

    #[test]
    fn specs_are_those_that_the_metadata_lists() {
        let paper = Paper::read(&folder(&["two", "one"])).expect("complete");
        let names: Vec<&str> = paper.specs.iter().map(|spec| &*spec.name).collect();
        assert_eq!(names, ["one", "two"]);
        assert_eq!((&*paper.specs[1].text, &*paper.specs[1].file), ("# two", "papers/a/two.yaml"));
        for (specs, message) in [
            (&["one", "tow"][..], "there is no file two.yaml"),
            (&["one", "two", "three"], "the spec three.yaml is not listed"),
        ] {
            let Problems(problems) = Paper::read(&folder(specs)).expect_err(message);
            assert!(problems[0].message().contains(message), "{problems:?}");
            assert_eq!(problems[0].span().location(), ("papers/a/paper.yaml".into(), 8, 3));
        }
    }

    #[test]
    fn a_fingerprint_is_that_of_names_and_texts() {
        let paper = Paper::read(&folder(&["one", "two"])).expect("complete");
        assert_eq!(paper.fingerprint(), paper.clone().fingerprint());
        let mut other = paper.clone();
        other.specs[0].text += " ";
        assert_ne!(paper.fingerprint(), other.fingerprint());
        let mut other = paper.clone();
        other.specs[0].text.insert(0, 'x');
        other.specs[0].name.pop();
        assert_ne!(paper.fingerprint(), other.fingerprint());
    }
}
