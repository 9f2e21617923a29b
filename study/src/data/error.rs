//! Everything that can go wrong between a name and a data set.

use std::fmt;
use std::io;
use std::path::PathBuf;

use engine::idx::IdxError;
use engine::raw::RawDatasetError;
use thiserror::Error;

/// Why there is no data set: one sentence that says what to do.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DataError {
    /// Not a name of a data set.
    #[error("unknown data set {text:?}: use mnist, synthetic or idx:FOLDER{}", did_you_mean(.suggestion))]
    UnknownDataset {
        /// What was asked for.
        text: String,
        /// What may have been meant.
        suggestion: Option<String>,
    },
    /// `idx:` alone.
    #[error("idx: needs a folder: write idx:FOLDER, where FOLDER holds the four IDX files")]
    NoFolder,
    /// A folder or a file in it cannot be looked at.
    #[error("cannot look at {}: {source}; check the path and its permissions", path.display())]
    Look {
        /// What was looked at.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Something else where a folder was named.
    #[error("{} is no folder; name one that holds the data, or none", path.display())]
    NotAFolder {
        /// What is there.
        path: PathBuf,
    },
    /// A folder without all four files.
    #[error(
        "{} does not hold {}, raw or with .gz; name a folder with all four IDX files",
        folder.display(), missing.join(", ")
    )]
    MissingFiles {
        /// The folder.
        folder: PathBuf,
        /// Standard names of what is not there.
        missing: Vec<&'static str>,
    },
    /// A file that is not what it should be.
    #[error(transparent)]
    Idx(#[from] IdxError),
    /// Four sound files that do not fit each other.
    #[error("in {}, {source}", folder.display())]
    Unfit {
        /// Where the files are.
        folder: PathBuf,
        /// Why they do not fit.
        source: RawDatasetError,
    },
    /// A file that is not the one its data set is known by.
    #[error(
        "{} is not the file {dataset} is known by: its SHA-256 is {got} instead of {want}; \
         replace or remove it, or load its folder as idx:FOLDER",
        path.display()
    )]
    Checksum {
        /// The file.
        path: PathBuf,
        /// Name of the data set.
        dataset: String,
        /// The SHA-256 of the right file, decompressed.
        want: String,
        /// The SHA-256 of this one.
        got: String,
    },
    /// No folder to download into.
    #[error(
        "{dataset} is in no folder given and there is no home folder to download it into; \
         name a folder that holds it with --data-dir, or use --dataset synthetic"
    )]
    NoCache {
        /// Name of the data set.
        dataset: String,
    },
    /// In no folder, and nothing is to be downloaded.
    #[error(
        "{dataset} is not here, neither in a folder given nor in {}, and nothing was downloaded; a \
         sweep without --dry-run downloads it, or name a folder that holds it with --data-dir",
        cache.display()
    )]
    NotHere {
        /// Name of the data set.
        dataset: String,
        /// Where it would be kept.
        cache: PathBuf,
    },
    /// The cache cannot be written.
    #[error(
        "cannot write to the cache folder {}: {source}; make room or give permission, \
         name a folder that holds the data with --data-dir, or use --dataset synthetic",
        folder.display()
    )]
    Cache {
        /// The cache folder.
        folder: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// No mirror gave a file.
    #[error(
        "cannot download {file} of {dataset}: {}; put its four files into a folder and name it \
         with --data-dir, or use --dataset synthetic",
        join(.faults)
    )]
    Download {
        /// Name of the data set.
        dataset: String,
        /// Standard name of the file.
        file: &'static str,
        /// What each mirror did instead.
        faults: Vec<MirrorFault>,
    },
}

/// What went wrong with one mirror.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirrorFault {
    /// The whole address asked.
    pub url: String,
    /// What happened, to be read after the address.
    pub fault: String,
}

impl fmt::Display for MirrorFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.url, self.fault)
    }
}

fn join(faults: &[MirrorFault]) -> String {
    match faults {
        [] => "there is no mirror to ask".to_owned(),
        _ => faults
            .iter()
            .map(MirrorFault::to_string)
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn did_you_mean(suggestion: &Option<String>) -> String {
    suggestion
        .as_ref()
        .map(|name| format!("; did you mean {name:?}?"))
        .unwrap_or_default()
}

impl DataError {
    /// Whether another request would do, rather than another try.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::UnknownDataset { .. }
                | Self::NoFolder
                | Self::Look { .. }
                | Self::NotAFolder { .. }
                | Self::MissingFiles { .. }
                | Self::Idx(_)
                | Self::Unfit { .. }
                | Self::Checksum { .. }
                | Self::NoCache { .. }
                | Self::NotHere { .. }
        )
    }
}
