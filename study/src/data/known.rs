//! Data sets known by checksum: looked for in folders, else downloaded, and in
//! any case verified. What is known is a value, so that tests can know others.

use std::path::{Path, PathBuf};

use engine::idx::{IdxError, IdxFault};

use super::download::{self, Timeouts};
use super::files::{self, Found};
use super::{DataError, LoadedDataset, checksum};
use crate::output::note;

/// Where the public can download MNIST: PyTorch's copy, and that of the
/// Common Visual Data Foundation.
pub const MNIST_MIRRORS: [&str; 2] = [
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
];

/// A data set that can be told from any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownDataset {
    /// What users call it; also its folder in the cache.
    pub name: String,
    /// Its files, in the order of [`engine::raw::FILE_NAMES`].
    pub files: [KnownFile; 4],
}

/// What is known of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// Size when decompressed, in bytes.
    pub bytes: u64,
    /// SHA-256 of the decompressed bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// Where to look for a known data set, and how to get it otherwise.
#[derive(Clone, Debug)]
pub struct Places {
    /// Folders to look in, in this order.
    pub folders: Vec<PathBuf>,
    /// Looked in last, in a folder of the data set's name, and downloaded into.
    pub cache: Option<PathBuf>,
    /// Base addresses to download from, in this order.
    pub mirrors: Vec<String>,
    /// How long to wait for a mirror.
    pub timeouts: Timeouts,
    /// No notices and no progress bar on standard error.
    pub quiet: bool,
    /// Download nothing.
    pub offline: bool,
}

/// MNIST: the decompressed files as LeCun, Cortes and Burges published them.
pub fn mnist() -> KnownDataset {
    let file = |bytes, sha256: &str| KnownFile {
        bytes,
        sha256: sha256.to_owned(),
    };
    KnownDataset {
        name: "mnist".to_owned(),
        files: [
            file(
                47_040_016,
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            ),
            file(
                60_008,
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ),
            file(
                7_840_016,
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            ),
            file(
                10_008,
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
        ],
    }
}

/// Loads a known data set from the first folder that holds all its files, else
/// from the cache, after downloading what the cache lacks.
///
/// A folder without some of the files is passed over with a notice; one that is
/// not there is an error, for it was named, and so is a file that is there and is
/// not the right one, wherever it is.
///
/// # Errors
/// [`DataError`].
pub fn load(known: &KnownDataset, places: &Places) -> Result<LoadedDataset, DataError> {
    for folder in &places.folders {
        files::check_folder(folder)?;
        match files::complete(files::find(folder)?) {
            Ok(paths) => return read_verified(known, &paths),
            Err(found) => {
                verify_present(known, &found)?;
                if !places.quiet {
                    let (name, missing) = (&known.name, files::missing(&found).join(", "));
                    note(&format!(
                        "{name} is not in {} (no {missing}); looking on",
                        folder.display()
                    ));
                }
            }
        }
    }
    let Some(cache) = &places.cache else {
        return Err(DataError::NoCache {
            dataset: known.name.clone(),
        });
    };
    let folder = cache.join(&known.name);
    let paths = match files::complete(files::find(&folder)?) {
        Ok(paths) => paths,
        Err(_) if places.offline => {
            return Err(DataError::NotHere {
                dataset: known.name.clone(),
                cache: folder,
            });
        }
        Err(found) => download::complete(known, &folder, found, places)?,
    };
    read_verified(known, &paths)
}

fn read_verified(known: &KnownDataset, paths: &[PathBuf; 4]) -> Result<LoadedDataset, DataError> {
    let loaded = LoadedDataset::identify(files::read(&known.name, paths)?);
    for ((file, path), want) in loaded.files.iter().zip(paths).zip(&known.files) {
        check(&known.name, path, want, file.sha256.clone())?;
    }
    Ok(loaded)
}

/// Verifies what an incomplete folder does hold: whoever named the folder should
/// hear of a damaged file in it.
fn verify_present(known: &KnownDataset, found: &Found) -> Result<(), DataError> {
    for (path, want) in found.iter().zip(&known.files) {
        let Some(path) = path else { continue };
        let reader = files::open(path).map_err(|source| DataError::Look {
            path: path.clone(),
            source,
        })?;
        // One byte more than known, so that a longer file differs.
        let got = checksum::of_stream(reader, want.bytes + 1).map_err(|error| IdxError {
            file: path.display().to_string(),
            fault: IdxFault::Read(error),
        })?;
        check(&known.name, path, want, got)?;
    }
    Ok(())
}

fn check(dataset: &str, path: &Path, want: &KnownFile, got: String) -> Result<(), DataError> {
    if got == want.sha256 {
        return Ok(());
    }
    Err(DataError::Checksum {
        path: path.to_owned(),
        dataset: dataset.to_owned(),
        want: want.sha256.clone(),
        got,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sizes_known_of_mnist_are_those_of_its_images_and_labels() {
        let sizes = mnist().files.map(|file| file.bytes);
        assert_eq!(
            sizes,
            [16 + 60_000 * 784, 8 + 60_000, 16 + 10_000 * 784, 8 + 10_000]
        );
    }
}
