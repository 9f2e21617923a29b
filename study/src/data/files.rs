//! The four IDX files of a data set in a folder: finding them under the names
//! they go by, raw or compressed, and reading them. Knows no checksum.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use engine::idx::{read_images, read_labels};
use engine::raw::{FILE_NAMES, LabelledImages, RawDataset};
use flate2::bufread::MultiGzDecoder;

use super::DataError;

/// The first two bytes of a gzip file (RFC 1952).
pub(super) const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// What a folder holds of the four files, in the order of [`FILE_NAMES`].
pub(super) type Found = [Option<PathBuf>; 4];

/// The four paths; or what was found, when that is not all four.
pub(super) fn complete(found: Found) -> Result<[PathBuf; 4], Found> {
    match found {
        [Some(a), Some(b), Some(c), Some(d)] => Ok([a, b, c, d]),
        _ => Err(found),
    }
}

/// The standard names of what was not found.
pub(super) fn missing(found: &Found) -> Vec<&'static str> {
    let named = FILE_NAMES.into_iter().zip(found);
    named
        .filter(|(_, path)| path.is_none())
        .map(|(name, _)| name)
        .collect()
}

/// That a folder that somebody named is one.
///
/// # Errors
/// [`DataError::Look`] where it is not there or the system forbids to look, [`DataError::NotAFolder`]
/// where something else is.
pub(super) fn check_folder(folder: &Path) -> Result<(), DataError> {
    match fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(DataError::NotAFolder {
            path: folder.to_owned(),
        }),
        Err(source) => Err(DataError::Look {
            path: folder.to_owned(),
            source,
        }),
    }
}

/// Looks for the four files in `folder`, which need not exist.
///
/// # Errors
/// [`DataError::Look`] where the system forbids to look.
pub(super) fn find(folder: &Path) -> Result<Found, DataError> {
    let mut found = Found::default();
    for (place, name) in found.iter_mut().zip(FILE_NAMES) {
        for spelling in spellings(name) {
            let path = folder.join(spelling);
            if is_file(&path)? {
                *place = Some(path);
                break;
            }
        }
    }
    Ok(found)
}

/// The names a file goes by: `train-images-idx3-ubyte` and
/// `train-images.idx3-ubyte` are both common, compressed or not.
fn spellings(name: &str) -> [String; 4] {
    let dotted = name.replace("-idx", ".idx");
    [
        name.to_owned(),
        format!("{name}.gz"),
        dotted.clone(),
        format!("{dotted}.gz"),
    ]
}

fn is_file(path: &Path) -> Result<bool, DataError> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.is_file()),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(false),
            _ => Err(DataError::Look {
                path: path.to_owned(),
                source: error,
            }),
        },
    }
}

/// Opens a file for its decompressed bytes. What is in it decides whether it is
/// compressed, not its name.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    let compressed = file.fill_buf()?.starts_with(&GZIP_MAGIC);
    Ok(if compressed {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    })
}

/// Reads the four files, given in the order of [`FILE_NAMES`], as the data set
/// `name`.
///
/// # Errors
/// [`DataError::Look`] for a file that does not open, [`DataError::Idx`] for a faulty one, [`DataError::Unfit`] for files that do
/// not belong together.
pub(super) fn read(name: &str, paths: &[PathBuf; 4]) -> Result<RawDataset, DataError> {
    let [train_images, train_labels, test_images, test_labels] = paths;
    let train = read_part(train_images, train_labels)?;
    let test = read_part(test_images, test_labels)?;
    RawDataset::new(name, train, test).map_err(|source| DataError::Unfit {
        folder: train_images.parent().unwrap_or(train_images).to_owned(),
        source,
    })
}

fn read_part(images: &Path, labels: &Path) -> Result<LabelledImages, DataError> {
    let opened = |path: &Path| match open(path) {
        Ok(reader) => Ok((reader, path.display().to_string())),
        Err(source) => Err(DataError::Look {
            path: path.to_owned(),
            source,
        }),
    };
    let (reader, file) = opened(labels)?;
    let labels = read_labels(reader, &file)?;
    let (reader, file) = opened(images)?;
    Ok(LabelledImages {
        images: read_images(reader, &file)?,
        labels,
    })
}
