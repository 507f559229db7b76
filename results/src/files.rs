//! Writing files so that a reader, or a machine that loses power, meets the old content or the new
//! but never a part of either.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// Distinguishes the temporary files of one process.
static SERIAL: AtomicU64 = AtomicU64::new(0);

/// Makes `bytes` the content of the file at `path`, whose directory must exist.
///
/// A temporary file beside it is written, synchronised and renamed over it, then the directory is
/// synchronised. When any of this fails the temporary file is removed and `path` is as before
/// (unless only the last step failed: then the new content is in place, but may not survive a loss
/// of power).
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary_beside(path)?;
    let written = write_synchronised(&temporary, bytes)
        .and_then(|()| fs::rename(&temporary, path))
        .map_err(|error| at(path, &error));
    if written.is_err() {
        // The first error is the one to report; the file may not even have been created.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    synchronise_directory(directory_of(path)).map_err(|error| at(path, &error))
}

/// A hidden name beside `path` that no other writer uses.
fn temporary_beside(path: &Path) -> io::Result<PathBuf> {
    let Some(name) = path.file_name() else {
        return Err(at(path, &io::Error::new(io::ErrorKind::InvalidInput, "not a file's path")));
    };
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}-{serial}.tmp", process::id()));
    Ok(path.with_file_name(hidden))
}

/// Writes a new file and waits until it is on the disk.
fn write_synchronised(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The directory of `path`; of a bare name the current one.
fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Waits until the directory's entries are on the disk, where directories can be opened.
fn synchronise_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

/// The error, naming the file.
fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_replaced_and_nothing_is_left_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report.html");
        write_atomically(&path, b"a long first content").unwrap();
        write_atomically(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failure_names_the_file_and_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("taken");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), b"x").unwrap();
        let error = write_atomically(&path, b"content").unwrap_err();
        assert!(error.to_string().contains("taken"), "{error}");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_directory_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let error = write_atomically(&directory.path().join("no/file"), b"").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(write_atomically(Path::new("/"), b"").is_err());
    }

    #[test]
    fn writers_of_one_file_leave_one_whole_content() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("shared");
        std::thread::scope(|scope| {
            for byte in b'a'..b'i' {
                let path = &path;
                scope.spawn(move || write_atomically(path, &[byte; 10_000]).unwrap());
            }
        });
        let content = fs::read(&path).unwrap();
        assert!(content.len() == 10_000 && content.iter().all(|byte| *byte == content[0]));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
