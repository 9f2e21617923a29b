//! A data set as training sees it: bytes as stored, what they stand for, and the split.

use std::ops::Range;

use kernels::SparseRows;

use crate::raw::{LabelledImages, RawDataset};

/// Labelled images of one file, flattened: `features` bytes each, of which b stands for b/255.
#[derive(Clone, Debug)]
pub struct Examples {
    images: SparseRows,
    labels: Vec<u8>,
}

/// Consecutive examples of a file.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// The file.
    pub examples: &'a Examples,
    /// Which of its examples.
    pub rows: Range<usize>,
}

/// A data set, split; shared and read-only.
#[derive(Clone, Debug)]
pub struct Dataset {
    name: String,
    classes: usize,
    training_file: Examples,
    train_count: usize,
    test: Examples,
}

/// Why images and labels make no data set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatasetError {
    /// The training file is too small to be split.
    #[error("{name} has {examples} training examples, too few to keep some for validation")]
    TooFew {
        /// The data set.
        name: String,
        /// What it has.
        examples: usize,
    },
    /// The test file is empty.
    #[error("{name} has no test examples, so that no accuracy can be told; give it some")]
    NoTest {
        /// The data set.
        name: String,
    },
}

/// Share of the training file, from its end, that is kept for validation.
const VALIDATION_SHARE: f64 = 0.2;

impl Examples {
    /// Takes in images of `features` bytes each, one after the other.
    ///
    /// # Panics
    /// Unless there are `features` bytes for every label, and `features` is not 0.
    #[must_use]
    pub fn new(pixels: &[u8], features: usize, labels: Vec<u8>) -> Self {
        assert_eq!(
            Some(pixels.len()),
            labels.len().checked_mul(features),
            "{} bytes are not {} images of {features}",
            pixels.len(),
            labels.len()
        );
        // A division in double precision, then rounded, as NumPy's `(bytes / 255.0).astype("float32")`.
        let levels = std::array::from_fn(|byte| (byte as f64 / 255.0) as f32);
        Self {
            images: SparseRows::from_levels(pixels, features, &levels),
            labels,
        }
    }

    /// Number of examples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Bytes of an image.
    #[must_use]
    pub fn features(&self) -> usize {
        self.images.cols()
    }

    /// The labels, in file order.
    #[must_use]
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// The images, one row each.
    #[must_use]
    pub fn images(&self) -> &SparseRows {
        &self.images
    }

    /// All examples.
    #[must_use]
    pub fn all(&self) -> Part<'_> {
        Part {
            examples: self,
            rows: 0..self.len(),
        }
    }
}

impl Dataset {
    /// Splits the training file: its last 20 % are for validation, as Keras's `validation_split`
    /// takes them, before any shuffling. Classes are counted by the largest label of both files.
    ///
    /// # Errors
    /// If a side of the split, or the test file, would be empty.
    ///
    /// # Panics
    /// If the two files' images differ in size.
    pub fn new(
        name: String,
        training_file: Examples,
        test: Examples,
    ) -> Result<Self, DatasetError> {
        assert_eq!(
            training_file.features(),
            test.features(),
            "image sizes of {name}"
        );
        let examples = training_file.len();
        let train_count = (examples as f64 * (1.0 - VALIDATION_SHARE)).floor() as usize;
        if train_count == 0 {
            return Err(DatasetError::TooFew { name, examples });
        }
        if test.is_empty() {
            return Err(DatasetError::NoTest { name });
        }
        let labels = training_file.labels.iter().chain(&test.labels);
        let classes = labels.max().map_or(0, |&label| usize::from(label) + 1);
        Ok(Self {
            name,
            classes,
            training_file,
            train_count,
            test,
        })
    }

    /// Takes in and splits a data set as it was read.
    ///
    /// # Errors
    /// If a side of the split, or the test file, would be empty.
    ///
    /// # Panics
    /// Unless images and labels are as many as [`RawDataset::new`] makes sure of.
    pub fn from_raw(raw: RawDataset) -> Result<Self, DatasetError> {
        let examples = |part: LabelledImages| {
            let features = part.images.image_size();
            Examples::new(part.images.pixels(), features, part.labels)
        };
        Self::new(raw.name, examples(raw.train), examples(raw.test))
    }

    /// What it is called in everything printed and written.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Bytes of an image.
    #[must_use]
    pub fn features(&self) -> usize {
        self.training_file.features()
    }

    /// Number of classes; labels run from 0 to one less.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Share of the training file's pixels that are not zero, 0 to 1.
    #[must_use]
    pub fn density(&self) -> f64 {
        self.training_file.images.density()
    }

    /// The examples that weights are trained on.
    #[must_use]
    pub fn train(&self) -> Part<'_> {
        Part {
            examples: &self.training_file,
            rows: 0..self.train_count,
        }
    }

    /// The examples that training is watched on.
    #[must_use]
    pub fn validation(&self) -> Part<'_> {
        Part {
            examples: &self.training_file,
            rows: self.train_count..self.training_file.len(),
        }
    }

    /// The examples that the trained network is judged on.
    #[must_use]
    pub fn test(&self) -> Part<'_> {
        self.test.all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examples(count: usize) -> Examples {
        let labels = (0..count).map(|i| (i % 7) as u8).collect();
        Examples::new(&vec![51; count * 4], 4, labels)
    }

    #[test]
    fn validation_is_the_last_fifth_of_the_training_file() {
        let data = Dataset::new("d".into(), examples(60_000), examples(10)).unwrap();
        assert_eq!(data.train().rows, 0..48_000);
        assert_eq!(data.validation().rows, 48_000..60_000);
        assert_eq!(data.test().rows, 0..10);
        assert_eq!(data.classes(), 7);
    }

    #[test]
    fn classes_are_counted_by_both_files() {
        let test = Examples::new(&[51; 4], 4, vec![9]);
        let data = Dataset::new("d".into(), examples(40), test).unwrap();
        assert_eq!(data.classes(), 10);
    }

    #[test]
    fn a_data_set_without_test_images_is_refused() {
        let error = Dataset::new("d".into(), examples(40), examples(0)).unwrap_err();
        let expected = "d has no test examples, so that no accuracy can be told; give it some";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_byte_stands_for_itself_over_255() {
        // NumPy's `(bytes / 255.0).astype("float32")` of these.
        let expected = [0.003_921_569, 0.2, 0.498_039_22, 0.996_078_43, 1.0];
        let examples = Examples::new(&[1, 51, 127, 254, 255], 5, vec![0]);
        let values = examples.images().row(0);
        assert!(values.eq(expected.into_iter().enumerate()));
    }

    #[test]
    fn one_example_is_too_few_to_split() {
        let error = Dataset::new("d".into(), examples(1), examples(1)).unwrap_err();
        assert!(error.to_string().contains("1 training examples"), "{error}");
    }
}
