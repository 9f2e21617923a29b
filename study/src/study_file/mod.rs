//! A study file: a sweep's settings as TOML. Any of those that make a [`Variant`] may be a list,
//! and the sweep is of every combination.
//!
//! [`Variant`]: crate::plan::Variant

use std::path::PathBuf;

use engine::{
    activation::Activation,
    init::{InitScope, Initializer},
    input_path::InputPath,
    train::Shuffle,
};
use toml::{Spanned, de::DeTable};

mod read;

use crate::limits::MOST_SEEDS;

pub use read::StudyFileError;
use read::{Item, Reader};

/// What a study file says; what it does not say is left to flags and their defaults.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StudyFile {
    /// The data set, as `--dataset` takes it.
    pub dataset: Option<String>,
    /// Folder to look for the data set in.
    pub data_dir: Option<PathBuf>,
    /// Seeds of each variant.
    pub seeds: Option<u32>,
    /// Passes over the training examples.
    pub epochs: Option<u32>,
    /// Initializers.
    pub initializers: Option<Vec<Initializer>>,
    /// Widths of the hidden layers.
    pub hidden: Option<Vec<Vec<usize>>>,
    /// Activations of the hidden layers.
    pub activation: Option<Vec<Activation>>,
    /// Adam's α.
    pub learning_rate: Option<Vec<f64>>,
    /// Examples per step.
    pub batch_size: Option<Vec<usize>>,
    /// Which layers get the initializer.
    pub init_scope: Option<Vec<InitScope>>,
    /// How often the training examples are shuffled.
    pub shuffle: Option<Shuffle>,
    /// How the first layer reads its input; `Some(None)` is `auto`.
    pub input: Option<Option<InputPath>>,
    /// Differences within this count as equivalence.
    pub margin: Option<f64>,
    /// Runs at a time.
    pub jobs: Option<u32>,
    /// Folder for the results.
    pub out: Option<PathBuf>,
}

/// Every key, in the order of the documentation.
pub const KEYS: [&str; 15] = [
    "dataset",
    "data_dir",
    "seeds",
    "epochs",
    "initializers",
    "hidden",
    "activation",
    "learning_rate",
    "batch_size",
    "init_scope",
    "shuffle",
    "input",
    "margin",
    "jobs",
    "out",
];

impl StudyFile {
    /// Reads a file's text.
    ///
    /// # Errors
    /// The first thing that is wrong with it, by line and column: what is no TOML, a key that is
    /// unknown, a value that its key does not take.
    pub fn parse(text: &str) -> Result<Self, StudyFileError> {
        let table = DeTable::parse(text).map_err(|error| StudyFileError::of_toml(text, &error))?;
        let mut file = Self::default();
        // In the order of the file, so that its first fault is the one that is named.
        let mut entries: Vec<(&Spanned<_>, &Item<'_>)> = table.get_ref().iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, item) in entries {
            let reader = Reader {
                text,
                key: key.get_ref(),
            };
            file.take(&reader, key.span().start, item)?;
        }
        Ok(file)
    }

    fn take(
        &mut self,
        reader: &Reader<'_>,
        at: usize,
        item: &Item<'_>,
    ) -> Result<(), StudyFileError> {
        match reader.key {
            "dataset" => self.dataset = Some(reader.dataset(item)?.to_owned()),
            "data_dir" => self.data_dir = Some(reader.string(item)?.into()),
            "seeds" => self.seeds = Some(reader.count(item, MOST_SEEDS)?),
            "epochs" => self.epochs = Some(reader.count(item, 1_000_000)?),
            "initializers" => self.initializers = Some(reader.initializers(item)?),
            "hidden" => self.hidden = Some(reader.hidden(item)?),
            "activation" => {
                let known = Activation::ALL.map(|a| (a.name(), a));
                self.activation = Some(reader.list(item, |item| reader.named(item, &known))?);
            }
            "learning_rate" => {
                self.learning_rate = Some(reader.list(item, |item| reader.learning_rate(item))?);
            }
            "batch_size" => {
                let size = |item: &Item<'_>| Ok(reader.count(item, u32::MAX)? as usize);
                self.batch_size = Some(reader.list(item, size)?);
            }
            "init_scope" => {
                let known = [InitScope::Hidden, InitScope::All].map(|s| (s.name(), s));
                self.init_scope = Some(reader.list(item, |item| reader.named(item, &known))?);
            }
            "shuffle" => {
                let known = [Shuffle::EachEpoch, Shuffle::Once].map(|s| (s.name(), s));
                self.shuffle = Some(reader.named(item, &known)?);
            }
            "input" => {
                let known = [
                    ("auto", None),
                    ("sparse", Some(InputPath::Sparse)),
                    ("dense", Some(InputPath::Dense)),
                ];
                self.input = Some(reader.named(item, &known)?);
            }
            "margin" => self.margin = Some(reader.positive(item)?),
            "jobs" => self.jobs = Some(reader.count(item, 1024)?),
            "out" => self.out = Some(reader.string(item)?.into()),
            _ => return Err(reader.unknown_key(at, &KEYS)),
        }
        Ok(())
    }
}
