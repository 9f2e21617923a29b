//! From what a user calls a data set to the data set: parse, find, load, and say
//! by checksum what it was.
//!
//! `mnist` is found in a folder or downloaded ([`known`]), `synthetic` is made by
//! the engine, `idx:FOLDER` is any data set in MNIST's layout of four files.

mod checksum;
mod download;
mod error;
mod files;
pub mod known;

use std::env;
use std::fmt;
use std::path::PathBuf;

use engine::raw::RawDataset;
use engine::synthetic;
use etcetera::BaseStrategy;

use crate::nearest::nearest;

pub use checksum::FileChecksum;
pub use download::Timeouts;
pub use error::{DataError, MirrorFault};
pub use known::{KnownDataset, KnownFile, Places};

/// Names a folder where data sets are looked for, after `--data-dir`.
pub const DATA_DIR_VARIABLE: &str = "INITSTUDY_DATA_DIR";

/// Which data set a study uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataSource {
    /// The MNIST database of handwritten digits, verified by checksum.
    Mnist,
    /// The digits the engine generates.
    Synthetic,
    /// The four files in this folder, whatever they hold.
    Idx(PathBuf),
}

impl DataSource {
    /// Understands `mnist`, `synthetic` and `idx:FOLDER`.
    ///
    /// # Errors
    /// [`DataError::UnknownDataset`] for anything else, with the nearest name;
    /// [`DataError::NoFolder`] for `idx:` without a folder.
    pub fn parse(text: &str) -> Result<Self, DataError> {
        match text {
            "mnist" => Ok(Self::Mnist),
            "synthetic" => Ok(Self::Synthetic),
            "idx:" | "idx" => Err(DataError::NoFolder),
            _ => match text.strip_prefix("idx:") {
                Some(folder) => Ok(Self::Idx(PathBuf::from(folder))),
                None => Err(DataError::UnknownDataset {
                    text: text.to_owned(),
                    suggestion: suggestion(text),
                }),
            },
        }
    }
}

impl fmt::Display for DataSource {
    /// As [`DataSource::parse`] understands it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mnist => out.write_str("mnist"),
            Self::Synthetic => out.write_str("synthetic"),
            Self::Idx(folder) => write!(out, "idx:{}", folder.display()),
        }
    }
}

/// What the user may have meant, if that can be guessed.
fn suggestion(text: &str) -> Option<String> {
    if PathBuf::from(text).is_dir() {
        return Some(format!("idx:{text}"));
    }
    nearest(text, ["mnist", "synthetic"]).map(str::to_owned)
}

/// Where to look, and how to behave meanwhile.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// The folder to look in first (`--data-dir`).
    pub data_dir: Option<PathBuf>,
    /// Base addresses to download from (`--mirror`); empty means the public ones.
    pub mirrors: Vec<String>,
    /// No notices and no progress bar on standard error.
    pub quiet: bool,
    /// Download nothing.
    pub offline: bool,
}

/// A data set, and what identifies it.
#[derive(Clone, Debug)]
pub struct LoadedDataset {
    /// The images and labels.
    pub data: RawDataset,
    /// SHA-256 of each of the four files, decompressed, in the order of
    /// [`engine::raw::FILE_NAMES`]. Of `synthetic`, the files it would be.
    pub files: [FileChecksum; 4],
    /// One SHA-256 for all: of the lines `sha256sum` prints for the four files,
    /// named as in [`FileChecksum::file`].
    pub checksum: String,
}

impl LoadedDataset {
    /// Identifies `data` by its checksums.
    pub fn identify(data: RawDataset) -> Self {
        let files = checksum::of_files(&data);
        let checksum = checksum::combined(&files);
        Self {
            data,
            files,
            checksum,
        }
    }
}

/// Loads a data set: `mnist` from `data_dir`, the folder named by
/// [`DATA_DIR_VARIABLE`], or the user's cache folder, and if it is in none of
/// them from a mirror into the cache; `idx:FOLDER` from its folder only.
///
/// # Errors
/// [`DataError`], one sentence that says what is wrong, where, and what to do.
pub fn load(source: &DataSource, options: &LoadOptions) -> Result<LoadedDataset, DataError> {
    match source {
        DataSource::Synthetic => Ok(LoadedDataset::identify(synthetic::generate())),
        DataSource::Idx(folder) => load_idx(folder.clone()),
        DataSource::Mnist => {
            let variable = env::var_os(DATA_DIR_VARIABLE).filter(|value| !value.is_empty());
            let folders = options
                .data_dir
                .iter()
                .cloned()
                .chain(variable.map(PathBuf::from));
            let public = || known::MNIST_MIRRORS.map(str::to_owned).to_vec();
            known::load(
                &known::mnist(),
                &Places {
                    folders: folders.collect(),
                    cache: cache_folder(),
                    mirrors: if options.mirrors.is_empty() {
                        public()
                    } else {
                        options.mirrors.clone()
                    },
                    timeouts: Timeouts::default(),
                    quiet: options.quiet,
                    offline: options.offline,
                },
            )
        }
    }
}

/// Where downloaded data sets are kept: `initstudy` in the user's cache folder.
/// `None` for a user without a home folder.
fn cache_folder() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.cache_dir().join("initstudy"))
}

fn load_idx(folder: PathBuf) -> Result<LoadedDataset, DataError> {
    let paths =
        files::complete(files::find(&folder)?).map_err(|found| DataError::MissingFiles {
            folder: folder.clone(),
            missing: files::missing(&found),
        })?;
    // The last part only: a study belongs to what its data are, not to where
    // they lay.
    let resolved = folder.canonicalize().unwrap_or(folder);
    let last = resolved.file_name().unwrap_or(resolved.as_os_str());
    let name = format!("idx:{}", last.to_string_lossy());
    files::read(&name, &paths).map(LoadedDataset::identify)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_kinds_of_data_set_are_parsed_and_print_as_they_were() {
        for text in ["mnist", "synthetic", "idx:some/folder"] {
            assert_eq!(DataSource::parse(text).expect("known").to_string(), text);
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest_one() {
        let message = |text| DataSource::parse(text).expect_err("unknown").to_string();
        assert_eq!(
            message("MNST"),
            "unknown data set \"MNST\": use mnist, synthetic or idx:FOLDER; \
             did you mean \"mnist\"?"
        );
        assert!(message("syntetic").ends_with("did you mean \"synthetic\"?"));
        assert!(message("src").ends_with("did you mean \"idx:src\"?"));
        assert!(message("cifar").ends_with("use mnist, synthetic or idx:FOLDER"));
        assert!(message("").ends_with("use mnist, synthetic or idx:FOLDER"));
    }

    #[test]
    fn idx_without_a_folder_is_refused() {
        assert!(matches!(
            DataSource::parse("idx:"),
            Err(DataError::NoFolder)
        ));
    }
}
