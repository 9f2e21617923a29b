//! What is to be run: settings that were checked, and the identity of every run.

use std::num::NonZeroUsize;

use engine::{
    NUMERICS_VERSION,
    activation::Activation,
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
    /// Passes over the training examples, at least 1.
    pub epochs: usize,
    /// Examples per step, at least 1.
    pub batch_size: usize,
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
    /// What the data set is called, for people.
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
    /// A network and a batch that would not fit into memory.
    #[error(
        "a worker would need {:.1} GB, past the limit of {:.0} GB; use narrower --hidden layers or a smaller --batch-size",
        bytes / 1e9, LARGEST_WORKER / 1e9
    )]
    TooLarge {
        /// What a worker would need.
        bytes: f64,
    },
    /// No layer that the initializer would be given to.
    #[error(
        "--hidden none with --init-scope hidden leaves no layer to initialize; use --init-scope all"
    )]
    NothingToInitialize,
    /// A learning rate that trains nothing.
    #[error("--learning-rate {0} is not a positive finite number")]
    LearningRate(f64),
}

/// Bytes that a worker may need.
const LARGEST_WORKER: f64 = 8e9;

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
    /// If the learning rate is no positive finite number, or no layer gets the initializer.
    pub fn check(&self) -> Result<(), PlanError> {
        if !(self.learning_rate.is_finite() && self.learning_rate > 0.0) {
            return Err(PlanError::LearningRate(self.learning_rate));
        }
        if self.hidden.is_empty() && self.init_scope == InitScope::Hidden {
            return Err(PlanError::NothingToInitialize);
        }
        Ok(())
    }

    /// The protocol of these settings on a data set.
    ///
    /// # Errors
    /// If a worker would need too much memory.
    pub fn on(&self, dataset: &Dataset, checksum: &str, isa: Isa) -> Result<Protocol, PlanError> {
        let hidden: Vec<usize> = self.hidden.iter().map(|width| width.get()).collect();
        let widths = [&[dataset.features()], &hidden[..], &[dataset.classes()]].concat();
        let examples = dataset.train().rows.len();
        let weights: f64 = widths.windows(2).map(|w| w[0] as f64 * w[1] as f64).sum();
        let outputs: f64 = widths.iter().map(|&width| width as f64).sum();
        // Weights with Adam's two moments; each layer's output and its gradient.
        let floats = 3.0 * weights + 2.0 * self.batch_size.min(examples) as f64 * outputs;
        let bytes = floats * size_of::<f32>() as f64;
        if bytes > LARGEST_WORKER {
            return Err(PlanError::TooLarge { bytes });
        }
        let by_density = || InputPath::for_density(dataset.density());
        Ok(Protocol {
            dataset: dataset.name().to_owned(),
            checksum: checksum.to_owned(),
            config: TrainConfig {
                hidden,
                activation: Activation::Relu,
                epochs: self.epochs,
                batch_size: self.batch_size,
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
    /// into a run's identity. The data set counts by its content, whatever it is called.
    #[must_use]
    pub fn declaration(&self) -> Vec<(&'static str, String)> {
        // Named one by one: a setting that is added later must be thought of here.
        let TrainConfig {
            hidden,
            activation,
            epochs,
            batch_size,
            adam,
            init_scope,
            shuffle,
            input,
        } = &self.config;
        let Adam {
            learning_rate,
            beta1,
            beta2,
            epsilon,
        } = adam;
        vec![
            ("dataset_sha256", self.checksum.clone()),
            ("hidden", hidden_text(hidden)),
            ("activation", activation.name().to_owned()),
            ("init_scope", init_scope.name().to_owned()),
            ("epochs", epochs.to_string()),
            ("batch_size", batch_size.to_string()),
            ("shuffle", shuffle.name().to_owned()),
            (
                "optimizer",
                format!("adam(beta1={beta1:?},beta2={beta2:?},epsilon={epsilon:?})"),
            ),
            ("learning_rate", format!("{learning_rate:?}")),
            ("input", input.name().to_owned()),
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
                activation: Activation::Relu,
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
        assert_eq!(id, "a5c22148ac2081d82346");
        assert_ne!(id, protocol.run_id(normal, 4));
        assert_ne!(id, protocol.run_id(Initializer::HeNormal, 3));
        let renamed = Protocol {
            dataset: "e".into(),
            ..protocol.clone()
        };
        assert_eq!(id, renamed.run_id(normal, 3));
        let config = &protocol.config;
        let changes: [fn(&mut TrainConfig); 8] = [
            |c| c.hidden = vec![128, 64],
            |c| c.epochs = 6,
            |c| c.batch_size = 64,
            |c| c.adam.learning_rate = 0.002,
            |c| c.adam.epsilon = 1e-8,
            |c| c.init_scope = InitScope::All,
            |c| c.shuffle = Shuffle::Once,
            |c| c.input = InputPath::Dense,
        ];
        for change in changes {
            let mut config = config.clone();
            change(&mut config);
            let other = Protocol {
                config,
                ..protocol.clone()
            };
            assert_ne!(id, other.run_id(normal, 3), "{other:?}");
        }
    }
}
