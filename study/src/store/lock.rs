//! One writer for each folder: an advisory lock that the system drops with its process.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

use super::StoreError;

const LOCK_FILE: &str = ".lock";

/// The lock on a folder; dropping it, or dying, gives it back.
#[derive(Debug)]
pub(super) struct FolderLock {
    _file: File,
}

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
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // A holder that has not written its name yet, or not in UTF-8, stays nameless.
                let _ = file.read_to_string(&mut holder);
                let holder = holder.trim();
                return Err(StoreError::Busy {
                    folder: folder.to_owned(),
                    holder: if holder.is_empty() {
                        "another process"
                    } else {
                        holder
                    }
                    .to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(unwritable(source)),
        }
        let write_name = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            write!(file, "process {}", std::process::id())
        };
        write_name(&mut file).map_err(unwritable)?;
        Ok(Self { _file: file })
    }
}
