//! What is to be run: settings that were checked, and the identity of every run.

use std::num::NonZeroUsize;

use engine::{
    NUMERICS_VERSION,
    dataset::Dataset,
    init::{InitScope, Initializer, InitializerError},
    optim::Adam,
    train::{Shuffle, TrainConfig},
    workspace::InputPath,
};
use kernels::Isa;
use sha2::{Digest, Sha256};

/// How every run of a sweep trains, before the data set is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Width of each hidden layer, input side first.
    pub hidden: Vec<NonZeroUsize>,
    /// Passes over the training examples.
    pub epochs: NonZeroUsize,
    /// Examples per step.
    pub batch_size: NonZeroUsize,
    /// Adam's α.
    pub learning_rate: f64,
    /// Which layers the initializer under study is given to.
    pub init_scope: InitScope,
    /// How often the training examples are shuffled.
    pub shuffle: Shuffle,
    /// How the first layer reads its input; by the data's density where it is not said.
    pub input: Option<InputPath>,
}

/// The protocol of a study: all that its runs have in common, the data set included.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// Name of the data set.
    pub dataset: String,
    /// Checksum of the data set's files.
    pub checksum: String,
    /// How a run trains.
    pub config: TrainConfig,
    /// The instruction set it trains on: results differ between them in the last digits.
    pub isa: Isa,
}

/// Why a request makes no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A text that names no initializer.
    #[error("--initializers: {0}")]
    Initializer(#[from] InitializerError),
    /// The same initializer twice.
    #[error("--initializers names {0} twice; once is enough")]
    Repeated(Initializer),
    /// A hidden layer that is no positive number.
    #[error("--hidden {text:?}: {part:?} is no layer width; write widths from 1 up, as in 128,64")]
    Hidden {
        /// What was written.
        text: String,
        /// The part at fault.
        part: String,
    },
    /// A network that no memory holds.
    #[error(
        "a network of {parameters:.1e} weights is past the limit of {LARGEST_NETWORK:.0e}; use narrower --hidden layers"
    )]
    TooLarge {
        /// Its weights.
        parameters: f64,
    },
    /// A learning rate that trains nothing.
    #[error("--learning-rate {0} is not a positive finite number")]
    LearningRate(f64),
}

/// Weights of the largest network: with Adam's state and a gradient 1.6 GB a worker.
const LARGEST_NETWORK: f64 = 1e8;

/// Reads a list of initializers, `he_normal,random_normal(stddev=0.1)`.
///
/// # Errors
/// If one is unknown or named twice, or there is none.
pub fn parse_initializers(text: &str) -> Result<Vec<Initializer>, PlanError> {
    let mut initializers = Vec::new();
    for part in split_outside_parentheses(text) {
        let initializer = part.parse()?;
        if initializers.contains(&initializer) {
            return Err(PlanError::Repeated(initializer));
        }
        initializers.push(initializer);
    }
    Ok(initializers)
}

/// The parts of a list at the commas that no parenthesis encloses.
fn split_outside_parentheses(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    text.split(move |c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth <= 0
    })
}

/// Reads the widths of the hidden layers, `128,64`; `none` makes a linear classifier.
///
/// # Errors
/// If a part is no number from 1 up.
pub fn parse_hidden(text: &str) -> Result<Vec<NonZeroUsize>, PlanError> {
    if text.trim() == "none" {
        return Ok(Vec::new());
    }
    let width = |part: &str| {
        part.trim().parse().map_err(|_| PlanError::Hidden {
            text: text.to_owned(),
            part: part.to_owned(),
        })
    };
    text.split(',').map(width).collect()
}

impl Settings {
    /// Checks what can be checked before the data set is known.
    ///
    /// # Errors
    /// If the learning rate is no positive finite number.
    pub fn check(&self) -> Result<(), PlanError> {
        if self.learning_rate.is_finite() && self.learning_rate > 0.0 {
            Ok(())
        } else {
            Err(PlanError::LearningRate(self.learning_rate))
        }
    }

    /// The protocol of these settings on a data set.
    ///
    /// # Errors
    /// If the network would be too large.
    pub fn on(&self, dataset: &Dataset, checksum: &str, isa: Isa) -> Result<Protocol, PlanError> {
        let hidden: Vec<usize> = self.hidden.iter().map(|width| width.get()).collect();
        let widths = [&[dataset.features()], &hidden[..], &[dataset.classes()]].concat();
        let parameters = widths
            .windows(2)
            .map(|w| (w[0] as f64 + 1.0) * w[1] as f64)
            .sum();
        if parameters > LARGEST_NETWORK {
            return Err(PlanError::TooLarge { parameters });
        }
        let by_density = || InputPath::for_density(dataset.density());
        Ok(Protocol {
            dataset: dataset.name().to_owned(),
            checksum: checksum.to_owned(),
            config: TrainConfig {
                hidden,
                epochs: self.epochs.get(),
                batch_size: self.batch_size.get(),
                adam: Adam {
                    learning_rate: self.learning_rate,
                    ..Adam::default()
                },
                init_scope: self.init_scope,
                shuffle: self.shuffle,
                input: self.input.unwrap_or_else(by_density),
            },
            isa,
        })
    }
}

impl Protocol {
    /// Every setting that the results depend on, by name: what a folder is held to, and what goes
    /// into a run's identity.
    #[must_use]
    pub fn declaration(&self) -> Vec<(&'static str, String)> {
        let config = &self.config;
        let Adam {
            learning_rate,
            beta1,
            beta2,
            epsilon,
        } = config.adam;
        vec![
            ("dataset", self.dataset.clone()),
            ("dataset_sha256", self.checksum.clone()),
            ("hidden", hidden_text(&config.hidden)),
            ("activation", ACTIVATION.to_owned()),
            ("init_scope", config.init_scope.name().to_owned()),
            ("epochs", config.epochs.to_string()),
            ("batch_size", config.batch_size.to_string()),
            (
                "optimizer",
                format!("adam(beta1={beta1},beta2={beta2},epsilon={epsilon})"),
            ),
            ("learning_rate", learning_rate.to_string()),
            ("input", config.input.name().to_owned()),
            ("isa", self.isa.name().to_owned()),
            ("numerics_version", NUMERICS_VERSION.to_string()),
        ]
    }

    /// The identity of a run: the SHA-256 of everything its result depends on, its first 20 hex
    /// digits.
    #[must_use]
    pub fn run_id(&self, initializer: Initializer, seed: u64) -> String {
        let mut hash = Sha256::new();
        for (name, value) in self.declaration() {
            hash.update(format!("{name}={value}\n"));
        }
        hash.update(format!(
            "initializer={}\nseed={seed}\n",
            initializer.canonical()
        ));
        let digest = hash.finalize();
        digest
            .iter()
            .take(10)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// The activation of the hidden layers.
pub const ACTIVATION: &str = "relu";

/// Hidden widths as a file holds them: `128,64`, or `none`.
#[must_use]
pub fn hidden_text(hidden: &[usize]) -> String {
    if hidden.is_empty() {
        return "none".to_owned();
    }
    let widths: Vec<String> = hidden.iter().map(usize::to_string).collect();
    widths.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_split_at_its_own_commas_only() {
        let parts: Vec<_> = split_outside_parentheses("a,b(x=1,y=2),c").collect();
        assert_eq!(parts, ["a", "b(x=1,y=2)", "c"]);
    }

    #[test]
    fn a_default_written_out_repeats_the_name() {
        let error = parse_initializers("random_normal,random_normal(stddev=0.05)").unwrap_err();
        assert!(matches!(error, PlanError::Repeated(_)), "{error}");
    }

    #[test]
    fn widths_start_at_one() {
        assert_eq!(parse_hidden("128, 64").unwrap().len(), 2);
        assert!(parse_hidden("none").unwrap().is_empty());
        for text in ["", "0", "128,", "128,x", "-1"] {
            assert!(parse_hidden(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_run_is_its_settings_its_initializer_and_its_seed() {
        let protocol = Protocol {
            dataset: "d".into(),
            checksum: "c".into(),
            config: TrainConfig {
                hidden: vec![128],
                epochs: 5,
                batch_size: 32,
                adam: Adam::default(),
                init_scope: InitScope::Hidden,
                shuffle: Shuffle::EachEpoch,
                input: InputPath::Sparse,
            },
            isa: Isa::Portable,
        };
        let normal = Initializer::RandomNormal { stddev: 0.05 };
        let id = protocol.run_id(normal, 3);
        // Frozen: a stored run keeps its identity for as long as its result stands.
        assert_eq!(id, "9d11f17c39499e9bb160");
        assert_ne!(id, protocol.run_id(normal, 4));
        assert_ne!(id, protocol.run_id(Initializer::HeNormal, 3));
        let mut other = protocol.clone();
        other.config.batch_size = 64;
        assert_ne!(id, other.run_id(normal, 3));
    }
}
