//! Files that are whole or not there.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// How the names of files end that are not whole yet.
const TEMPORARY: &str = ".tmp";

/// Writes a file so that a crash at any instant leaves either the old file or the new one: a
/// temporary file in the same folder, synced, renamed over `path`, the folder synced.
///
/// # Errors
/// The first operation that the system refuses; the temporary file is removed then.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes)?;
    file.commit()
}

/// A file that is written piece by piece and is there when it is whole, as with
/// [`write_atomically`].
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    temporary: PathBuf,
    writer: BufWriter<File>,
    is_committed: bool,
}

impl AtomicFile {
    /// Begins a file that is to be at `path`.
    ///
    /// # Errors
    /// What the system says.
    pub fn create(path: &Path) -> io::Result<Self> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let temporary = path.with_file_name(format!(".{}{TEMPORARY}", name.to_string_lossy()));
        let writer = BufWriter::new(File::create(&temporary)?);
        Ok(Self { path: path.to_owned(), temporary, writer, is_committed: false })
    }

    /// Ends it, and puts it in its place.
    ///
    /// # Errors
    /// The first operation that the system refuses; nothing is left behind then.
    pub fn commit(mut self) -> io::Result<()> {
        self.writer.flush()?;
        self.writer.get_ref().sync_all()?;
        fs::rename(&self.temporary, &self.path)?;
        self.is_committed = true;
        sync_parent(&self.path)
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if !self.is_committed {
            // The first error is the one to report; a stale temporary file is overwritten next time.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Whether a file is one that [`write_atomically`] has not finished.
pub(crate) fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') && name.ends_with(TEMPORARY)
}

/// Creates a folder, if it is not there, and makes that durable.
///
/// # Errors
/// What the system says.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path)?;
    sync_parent(path)
}

/// Makes a change in the folder that a path is in durable. Only Unix lets a folder be opened and
/// synced.
fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = parent.unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_replaced_whole_and_leave_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.txt");
        write_atomically(&path, b"one").expect("writable");
        write_atomically(&path, b"two").expect("writable");
        assert_eq!(fs::read(&path).expect("there"), b"two");
        assert_eq!(fs::read_dir(folder.path()).expect("there").count(), 1);
    }

    #[test]
    fn a_failed_write_leaves_the_folder_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let taken = folder.path().join("taken");
        fs::create_dir_all(taken.join("inside")).expect("writable");
        assert!(write_atomically(&taken, b"x").is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("there").count(), 1);
    }
}
