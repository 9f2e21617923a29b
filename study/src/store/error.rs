//! Why a store cannot be used, each in one sentence with what to do.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use kernels::ISA_VARIABLE;
use rusqlite::ErrorCode;

use super::STORE_FILE;
use crate::output::is_wrong_place;

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder cannot be made or written to.
    #[error("cannot write to {}: {source}; {}choose another folder for the results", folder.display(), if is_out_of_room(source) { "make room or " } else { "" })]
    Unwritable {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The folder's file system has no locks, without which two sweeps could not be told apart.
    #[error("the file system of {} gives no locks to files ({source}), and a store is safe only with them; choose a folder on another for the results", folder.display())]
    NoLocks {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is no store.
    #[error("{} holds no sweep: there is no {STORE_FILE} in it; name the folder of a sweep", folder.display())]
    Missing {
        /// The folder.
        folder: PathBuf,
    },
    /// Another process writes here.
    #[error("{} is in use by {holder}; wait for it or choose another folder for the results", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
        /// Who holds it.
        holder: String,
    },
    /// The folder holds runs of another protocol.
    #[error(
        "{} holds a sweep with {key} {stored}, not {wanted}; {}choose another folder for the results",
        folder.display(),
        chosen_otherwise(key, stored)
    )]
    OtherStudy {
        /// The folder.
        folder: PathBuf,
        /// The setting that differs.
        key: String,
        /// Its value there.
        stored: String,
        /// Its value here.
        wanted: String,
    },
    /// The folder holds a file of somebody's own under a name that a sweep writes to.
    #[error("{} holds {} without a store, so that no sweep is known to have written them and this one would replace them; move them away, or choose another folder", folder.display(), names.join(", "))]
    Taken {
        /// The folder.
        folder: PathBuf,
        /// The files.
        names: Vec<&'static str>,
    },
    /// The file is no store, or one of a later version.
    #[error("{} {fault}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        fault: String,
    },
    /// SQLite failed.
    #[error("the store {} failed: {}; {} and give the same command again, which goes on from the last run that was kept", path.display(), one_line(source), remedy(path, source))]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// Whether another request would do: the caller's choice of folder is at fault.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Unwritable { source, .. } => is_wrong_place(source),
            Self::NoLocks { .. }
            | Self::Missing { .. }
            | Self::OtherStudy { .. }
            | Self::Taken { .. } => true,
            Self::Busy { .. } | Self::Unreadable { .. } | Self::Sqlite { .. } => false,
        }
    }

    /// Whether another program has the store open, and the same may be tried again.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let Self::Sqlite { source, .. } = self else {
            return matches!(self, Self::Busy { .. });
        };
        let code = source.sqlite_error_code();
        matches!(
            code,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
        )
    }

    /// Whether the store's last writer was killed in a write that is still to be undone.
    pub(super) fn was_cut_off(&self) -> bool {
        let Self::Sqlite { source, .. } = self else {
            return false;
        };
        source.sqlite_error_code() == Some(ErrorCode::ReadOnly)
    }
}

/// What somebody says, in one line: SQLite quotes whole statements.
pub(super) fn one_line(text: impl ToString) -> String {
    let text = text.to_string();
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn is_out_of_room(error: &io::Error) -> bool {
    let kinds = [
        ErrorKind::StorageFull,
        ErrorKind::QuotaExceeded,
        ErrorKind::FileTooLarge,
    ];
    kinds.contains(&error.kind())
}

/// Whether a lock was refused because there are none: ENOSYS and ENOTSUP, or ENOLCK of Linux.
pub(super) fn is_without_locks(error: &io::Error) -> bool {
    error.kind() == ErrorKind::Unsupported
        || cfg!(target_os = "linux") && error.raw_os_error() == Some(37)
}

/// What helps against a fault of SQLite, as the beginning of a sentence.
fn remedy(path: &Path, error: &rusqlite::Error) -> &'static str {
    const FOLDER: &str = "put its folder back in its place, with leave to write to it";
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "make room on its disk",
        _ if !path.exists() => FOLDER,
        Some(ErrorCode::SystemIoFailure) => {
            "look after its disk, the room on it and limits such as quotas and ulimit -f"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen) => FOLDER,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "close the other program that has it open"
        }
        _ => "mend the cause",
    }
}

/// What goes on with a folder where the setting that differs is one that the program chose.
fn chosen_otherwise(key: &str, stored: &str) -> String {
    match key {
        "input" => format!("give --input {stored} to go on with it, or "),
        "isa" if stored == "avx2" => {
            format!("set {ISA_VARIABLE}=avx2-or-better to go on with it, or ")
        }
        "isa" if stored.starts_with("portable") => {
            format!("set {ISA_VARIABLE}=portable to go on with it, or ")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_folder_that_fails_is_no_slip_of_whoever_named_it() {
        let (enoent, eio, eacces, enotdir, enospc, erofs, estale) = (2, 5, 13, 20, 28, 30, 116);
        let is_usage = |code| {
            let (folder, source) = ("s".into(), io::Error::from_raw_os_error(code));
            StoreError::Unwritable { folder, source }.is_usage()
        };
        for code in [enoent, eacces, enotdir, erofs] {
            assert!(is_usage(code), "{code}");
        }
        for code in [eio, enospc, estale] {
            assert!(!is_usage(code), "{code}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_system_without_locks_is_told_from_one_that_fails() {
        let (eio, enolck, enosys, enotsup) = (5, 37, 38, 95);
        for code in [enolck, enosys, enotsup] {
            assert!(
                is_without_locks(&io::Error::from_raw_os_error(code)),
                "{code}"
            );
        }
        assert!(!is_without_locks(&io::Error::from_raw_os_error(eio)));
    }
}
