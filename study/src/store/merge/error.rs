//! Why stores cannot be merged.

use std::path::PathBuf;

use crate::store::StoreError;

/// Why stores cannot be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// One of them, or the one to merge into, cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A store that would be merged into itself.
    #[error("{} is both merged and merged into; name another folder for the result", folder.display())]
    Itself {
        /// The folder.
        folder: PathBuf,
    },
    /// They are of different data sets.
    #[error(
        "{} is no part of the same sweep: the labels of its test images are not those of {}, so it was trained on another data set; nothing was merged, leave one of them out",
        folder.display(), other.display()
    )]
    OtherLabels {
        /// The folder.
        folder: PathBuf,
        /// The folder it differs from.
        other: PathBuf,
    },
    /// They are of different studies.
    #[error(
        "{} is no part of the same sweep: its {key} is {value}, that of {} is {other_value}; nothing was merged, leave one of them out",
        folder.display(), other.display()
    )]
    OtherStudy {
        /// The folder.
        folder: PathBuf,
        /// What differs.
        key: String,
        /// Its value there.
        value: String,
        /// The folder it differs from.
        other: PathBuf,
        /// Its value in that one.
        other_value: String,
    },
    /// A run that was made by other settings than its study's.
    #[error(
        "{} has runs with {key} {value}, but the study is one of {key} {declared}; nothing was merged, leave it out",
        folder.display()
    )]
    Undeclared {
        /// The folder.
        folder: PathBuf,
        /// The setting.
        key: String,
        /// Its value of the runs.
        value: String,
        /// Its values of the study.
        declared: String,
    },
    /// Some runs were made under a registration and some without.
    #[error(
        "{} has a registration and {} has runs without one; nothing was merged, give the latter the same by initstudy sweep --registration, which counts its runs as earlier",
        registered.display(), unregistered.display()
    )]
    HalfRegistered {
        /// The folder with a registration.
        registered: PathBuf,
        /// The folder with runs and none.
        unregistered: PathBuf,
    },
    /// One run, two results.
    #[error(
        "run {run_id} ({initializer}, seed {seed}) has one result in {} and another in {}, by their table {table}; nothing was merged, find out which of them is wrong and leave it out",
        folder.display(), other.display()
    )]
    Conflict {
        /// The run.
        run_id: String,
        /// Its initializer.
        initializer: String,
        /// Its seed.
        seed: i64,
        /// The table whose rows differ.
        table: &'static str,
        /// The folder.
        folder: PathBuf,
        /// The folder it differs from.
        other: PathBuf,
    },
    /// Stopped from outside.
    #[error("the merge was stopped and nothing was merged; the same command does it")]
    Stopped,
}
