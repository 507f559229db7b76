//! Locks of a run folder, by which processes exclude each other.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use super::StoreError;

/// Whoever only looks whether a lock is held, holds it for a moment.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(20);

/// Takes a lock for one process alone; `root` is named if another holds it.
pub(super) fn exclusive(path: &Path, root: &Path) -> Result<File, StoreError> {
    taken(path, root, File::try_lock)
}

/// Takes a lock together with others.
pub(super) fn shared(path: &Path, root: &Path) -> Result<File, StoreError> {
    taken(path, root, File::try_lock_shared)
}

/// Whether a process holds a lock for itself alone.
pub(super) fn is_held(path: &Path) -> Result<bool, StoreError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file.map_err(StoreError::io(path))?,
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(StoreError::io(path)(error)),
    }
}

fn taken(
    path: &Path,
    root: &Path,
    lock: fn(&File) -> Result<(), TryLockError>,
) -> Result<File, StoreError> {
    // Network file systems give shared locks to readers and exclusive ones to writers only.
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let file = file.map_err(StoreError::io(path))?;
    for attempt in 1.. {
        match lock(&file) {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if attempt < TRIES => sleep(PAUSE),
            Err(TryLockError::WouldBlock) => break,
            Err(TryLockError::Error(error)) => return Err(StoreError::io(path)(error)),
        }
    }
    Err(StoreError::Locked(root.to_owned()))
}
