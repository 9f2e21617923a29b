//! One writer for each folder: an advisory lock that the system drops with its process.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{ErrorKind, Read, Seek, Write},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::{StoreError, error::is_without_locks};
use crate::machine;

const LOCK_FILE: &str = ".lock";

/// The lock on a folder; dropping it, or dying, gives it back.
#[derive(Debug)]
pub(super) struct FolderLock {
    file: File,
}

/// How long a lock that is taken is tried again: a look at who holds it ([`holder`]) takes it for an
/// instant.
const PATIENCE: Duration = Duration::from_millis(80);
/// How long while its holder has no name: one that has only just taken the lock, on a busy machine, is
/// about to write it.
const PATIENCE_FOR_A_NAME: Duration = Duration::from_secs(2);
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

impl FolderLock {
    /// Takes the lock, or says who has it.
    pub fn acquire(folder: &Path) -> Result<Self, StoreError> {
        let unwritable = |source| StoreError::Unwritable {
            folder: folder.to_owned(),
            source,
        };
        let path = folder.join(LOCK_FILE);
        let options = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .clone();
        let mut file = options.open(path).map_err(unwritable)?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => {
                    let holder = name(&mut file);
                    let patience = if holder.is_some() {
                        PATIENCE
                    } else {
                        PATIENCE_FOR_A_NAME
                    };
                    if start.elapsed() >= patience {
                        return Err(StoreError::Busy {
                            folder: folder.to_owned(),
                            holder: or_nameless(holder),
                        });
                    }
                    thread::sleep(BETWEEN_TRIES);
                }
                Err(TryLockError::Error(source)) if is_without_locks(&source) => {
                    return Err(StoreError::NoLocks {
                        folder: folder.to_owned(),
                        source,
                    });
                }
                Err(TryLockError::Error(source)) => return Err(unwritable(source)),
            }
        }
        let write_name = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(this_process().as_bytes())
        };
        write_name(&mut file).map_err(unwritable)?;
        Ok(Self { file })
    }
}

impl Drop for FolderLock {
    /// Takes the name away with the lock, so that the next holder is not taken for this one before it
    /// has written its own. What a killed process wrote stays until then.
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
    }
}

/// What a process is called by others, on this machine or on one that shares its disk.
fn this_process() -> String {
    let process = format!("process {}", std::process::id());
    match machine::host() {
        Some(host) => format!("{process} on {host}"),
        None => process,
    }
}

/// Who holds a folder's lock now; nobody where there is none.
pub(super) fn holder(folder: &Path) -> Result<Option<String>, StoreError> {
    let unreadable = |error| StoreError::Unreadable {
        path: folder.join(LOCK_FILE),
        fault: format!("cannot be read: {error}"),
    };
    let mut file = match File::open(folder.join(LOCK_FILE)) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => Ok(Some(or_nameless(name(&mut file)))),
        Err(TryLockError::Error(error)) => Err(unreadable(error)),
    }
}

/// What the holder wrote of itself; nothing from one that has not written its name yet, or not in
/// UTF-8.
fn name(file: &mut File) -> Option<String> {
    let mut name = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut name).ok()?;
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn or_nameless(name: Option<String>) -> String {
    name.unwrap_or_else(|| "another process".to_owned())
}
