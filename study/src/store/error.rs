//! Why a store cannot be used, each in one sentence with what to do.

use std::path::PathBuf;

use super::STORE_FILE;

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder cannot be made or written to.
    #[error("cannot write to {}: {source}; choose another folder with --out", folder.display())]
    Unwritable {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// There is no store.
    #[error("{} holds no sweep: there is no {STORE_FILE} in it; name the folder of a sweep", folder.display())]
    Missing {
        /// The folder.
        folder: PathBuf,
    },
    /// Another process writes here.
    #[error("{} is in use by {holder}; wait for it or choose another --out", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
        /// Who holds it.
        holder: String,
    },
    /// The folder holds runs of another protocol.
    #[error(
        "{} holds a sweep with {key} {stored}, not {wanted}; choose another folder with --out",
        folder.display()
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
    /// The file is no store, or one of a later version.
    #[error("{} {fault}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        fault: String,
    },
    /// SQLite failed.
    #[error("the store {} failed: {source}; mend the cause and give the same command again, which goes on from the last run that was kept", path.display())]
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
        matches!(
            self,
            Self::Unwritable { .. } | Self::Missing { .. } | Self::OtherStudy { .. }
        )
    }
}
