//! A data set as stored: images, their labels, and the check that they fit.
//!
//! No scaling, no split into training and validation, no batches: `dataset`
//! makes those out of this.

use thiserror::Error;

use crate::idx::{self, Images};

/// Standard names of the four files of a data set in MNIST's layout: training
/// images, training labels, test images, test labels.
pub const FILE_NAMES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];

/// Images and the class of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelledImages {
    /// The images.
    pub images: Images,
    /// One class per image, counted from 0.
    pub labels: Vec<u8>,
}

/// A data set in MNIST's layout: one part to train on, one to test on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawDataset {
    /// What the user calls it, such as `mnist`.
    pub name: String,
    /// Images to train (and validate) on.
    pub train: LabelledImages,
    /// Images to test on.
    pub test: LabelledImages,
}

/// Four files that do not make a data set.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum RawDatasetError {
    /// A part without images.
    #[error(
        "{images_file} holds no images; a data set needs at least one to train and one to test"
    )]
    Empty {
        /// Standard name of the file.
        images_file: &'static str,
    },
    /// Images and labels differ in number.
    #[error(
        "{images_file} holds {images} images and {labels_file} {labels} labels; take both from the same data set"
    )]
    Unpaired {
        /// Standard name of the file of images.
        images_file: &'static str,
        /// Number of images.
        images: usize,
        /// Standard name of the file of labels.
        labels_file: &'static str,
        /// Number of labels.
        labels: usize,
    },
    /// Training and test images differ in size.
    #[error(
        "the training images have {}x{} pixels and the test images {}x{}; take both from the same data set",
        train[0], train[1], test[0], test[1]
    )]
    ImageSizes {
        /// Rows and columns of a training image.
        train: [usize; 2],
        /// Rows and columns of a test image.
        test: [usize; 2],
    },
    /// All training labels are the same.
    #[error("every label of {} is {label}, and one class leaves nothing to learn; check the file", FILE_NAMES[1])]
    OneClass {
        /// The label.
        label: u8,
    },
    /// A test label that no training label reaches.
    #[error(
        "{} holds label {label} at index {index}, but the training labels go from 0 to {highest}; take both from the same data set",
        FILE_NAMES[3]
    )]
    LabelOutOfRange {
        /// The label found.
        label: u8,
        /// Where, counted from 0.
        index: usize,
        /// The highest training label.
        highest: u8,
    },
}

/// One of the four files as it would stand on disk, without copying its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdxFile<'a> {
    /// Its standard name, one of [`FILE_NAMES`].
    pub name: &'static str,
    /// The IDX header.
    pub header: Vec<u8>,
    /// The pixels or labels that follow it.
    pub body: &'a [u8],
}

impl RawDataset {
    /// Puts the parts together once they fit each other.
    ///
    /// # Errors
    /// [`RawDatasetError`] for a part without images, images and labels of
    /// different number, training and test images of different size, training
    /// labels that are all the same, or a test label above the highest of them.
    pub fn new(
        name: impl Into<String>,
        train: LabelledImages,
        test: LabelledImages,
    ) -> Result<Self, RawDatasetError> {
        paired(&train, FILE_NAMES[0], FILE_NAMES[1])?;
        paired(&test, FILE_NAMES[2], FILE_NAMES[3])?;
        let size = |part: &LabelledImages| [part.images.rows(), part.images.cols()];
        if size(&train) != size(&test) {
            return Err(RawDatasetError::ImageSizes {
                train: size(&train),
                test: size(&test),
            });
        }
        let highest = highest_label(&train);
        if train.labels.iter().all(|&label| label == highest) {
            return Err(RawDatasetError::OneClass { label: highest });
        }
        match test.labels.iter().position(|&label| label > highest) {
            Some(index) => Err(RawDatasetError::LabelOutOfRange {
                label: test.labels[index],
                index,
                highest,
            }),
            None => Ok(Self {
                name: name.into(),
                train,
                test,
            }),
        }
    }

    /// Number of classes: the highest training label plus one.
    pub fn classes(&self) -> usize {
        usize::from(highest_label(&self.train)) + 1
    }

    /// The data set as its four IDX files, in the order of [`FILE_NAMES`].
    /// Header and body together are the decompressed file byte by byte, which
    /// is what published checksums are of.
    ///
    /// # Panics
    /// If a number of images or labels is not one of 32 bits.
    pub fn idx_files(&self) -> [IdxFile<'_>; 4] {
        let [train_images, train_labels, test_images, test_labels] = FILE_NAMES;
        [
            images_file(train_images, &self.train.images),
            labels_file(train_labels, &self.train.labels),
            images_file(test_images, &self.test.images),
            labels_file(test_labels, &self.test.labels),
        ]
    }
}

fn images_file<'a>(name: &'static str, images: &'a Images) -> IdxFile<'a> {
    IdxFile {
        name,
        header: idx::images_header(images),
        body: images.pixels(),
    }
}

fn labels_file<'a>(name: &'static str, labels: &'a [u8]) -> IdxFile<'a> {
    IdxFile {
        name,
        header: idx::labels_header(labels),
        body: labels,
    }
}

fn highest_label(part: &LabelledImages) -> u8 {
    part.labels.iter().copied().max().unwrap_or(0)
}

fn paired(
    part: &LabelledImages,
    images_file: &'static str,
    labels_file: &'static str,
) -> Result<(), RawDatasetError> {
    let (images, labels) = (part.images.count(), part.labels.len());
    if images != labels {
        return Err(RawDatasetError::Unpaired {
            images_file,
            images,
            labels_file,
            labels,
        });
    }
    if images == 0 {
        return Err(RawDatasetError::Empty { images_file });
    }
    Ok(())
}
