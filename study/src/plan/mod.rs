//! What is to be run: settings that were checked, and the identity of every run.

use std::collections::BTreeSet;

use engine::{
    NUMERICS_VERSION,
    init::{Initializer, InitializerError},
    input_path::InputPath,
    optim::Adam,
    train::{Shuffle, TrainConfig},
};
use kernels::Isa;
use sha2::{Digest, Sha256};

use crate::hex;

mod declared;
mod names;
mod settings;
mod variant;

pub(crate) use declared::Declared;
pub use names::{did_you_mean, hidden_text, parse_hidden, parse_initializers, scope_named};
pub use settings::Settings;
pub use variant::{RunKey, Variant, labels};

/// The protocol of a study: all that its runs have in common, the data set included.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// What the data set is called, for people.
    pub dataset: String,
    /// Checksum of the data set's files.
    pub checksum: String,
    /// Passes over the training examples.
    pub epochs: usize,
    /// How often the training examples are shuffled.
    pub shuffle: Shuffle,
    /// How the first layer reads its input.
    pub input: InputPath,
    /// The instruction set it trains on: results differ between them in the last digits.
    pub isa: Isa,
}

/// Why a request makes no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A text that names no initializer.
    #[error("--initializers: {0}{hint}", hint = names::did_you_mean(.0))]
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
    /// A learning rate that is 0 or infinite as training has it.
    #[error("--learning-rate {0:?} is not a positive finite number in single precision")]
    LearningRate(f64),
}

/// Bytes that a worker may need.
const LARGEST_WORKER: f64 = 8e9;

/// What is said of a setting that a folder's sweep varies.
pub const VARIED: &str = "varied";

/// Every setting that a run's result depends on beside initializer and seed, in the order of its
/// identity.
pub(crate) const SETTINGS: [&str; 12] = [
    "dataset_sha256",
    "hidden",
    "activation",
    "init_scope",
    "epochs",
    "batch_size",
    "shuffle",
    "optimizer",
    "learning_rate",
    "input",
    "isa",
    "numerics_version",
];

/// The optimizer as a setting: all of it but the learning rate, which is one of its own.
pub(crate) fn optimizer_text(adam: Adam) -> String {
    let Adam {
        learning_rate: _,
        beta1,
        beta2,
        epsilon,
    } = adam;
    format!("adam(beta1={beta1:?},beta2={beta2:?},epsilon={epsilon:?})")
}

/// The identity of the run of some [`SETTINGS`], each with its one value, of an initializer in its
/// canonical form, and of a seed.
pub(crate) fn identity<'s>(
    settings: impl IntoIterator<Item = (&'s str, &'s str)>,
    initializer: &str,
    seed: u64,
) -> String {
    RunIds::of(settings, initializer).under(seed)
}

impl Protocol {
    /// How a run of a variant trains.
    #[must_use]
    pub fn config(&self, variant: &Variant) -> TrainConfig {
        TrainConfig {
            hidden: variant.hidden.clone(),
            activation: variant.activation,
            epochs: self.epochs,
            batch_size: variant.batch_size,
            adam: Adam {
                learning_rate: variant.learning_rate,
                ..Adam::default()
            },
            init_scope: variant.init_scope,
            shuffle: self.shuffle,
            input: self.input,
        }
    }

    /// What a folder is held to: every setting that the results depend on, by name, and as a JSON
    /// array those in which `variants` differ.
    #[must_use]
    pub fn declaration(&self, variants: &[Variant]) -> Vec<(&'static str, String)> {
        let mut declared: Vec<(&str, BTreeSet<String>)> = Vec::new();
        for variant in variants {
            for (place, (name, value)) in self.settings(variant).into_iter().enumerate() {
                match declared.get_mut(place) {
                    Some((_, values)) => {
                        values.insert(value);
                    }
                    None => declared.push((name, BTreeSet::from([value]))),
                }
            }
        }
        let text = |(name, values)| (name, Declared::Values(values).to_text());
        declared.into_iter().map(text).collect()
    }

    /// The [`SETTINGS`] of a variant, by name. The data set counts by its content, whatever it is
    /// called.
    fn settings(&self, variant: &Variant) -> Vec<(&'static str, String)> {
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
        } = &self.config(variant);
        let values = [
            self.checksum.clone(),
            hidden_text(hidden),
            activation.name().to_owned(),
            init_scope.name().to_owned(),
            epochs.to_string(),
            batch_size.to_string(),
            shuffle.name().to_owned(),
            optimizer_text(*adam),
            format!("{:?}", adam.learning_rate),
            input.name().to_owned(),
            self.isa.numerics().to_owned(),
            NUMERICS_VERSION.to_string(),
        ];
        SETTINGS.into_iter().zip(values).collect()
    }

    /// The identity of a run: the SHA-256 of everything its result depends on, its first 20 hex
    /// digits.
    #[must_use]
    pub fn run_id(&self, run: RunKey<'_>) -> String {
        self.run_ids(run.variant).under(run.seed)
    }

    /// The identities of a variant's runs, for those who want many.
    #[must_use]
    pub fn run_ids(&self, variant: &Variant) -> RunIds {
        let settings = self.settings(variant);
        let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
        RunIds::of(settings, &variant.initializer.canonical())
    }
}

/// The identities of a variant's runs: everything but the seed is hashed already.
#[derive(Clone, Debug)]
pub struct RunIds(Sha256);

impl RunIds {
    fn of<'s>(settings: impl IntoIterator<Item = (&'s str, &'s str)>, initializer: &str) -> Self {
        let mut hash = Sha256::new();
        for (name, value) in settings {
            hash.update(format!("{name}={value}\n"));
        }
        hash.update(format!("initializer={initializer}\n"));
        Self(hash)
    }

    /// That of the run under a seed, as [`Protocol::run_id`] has it.
    #[must_use]
    pub fn under(&self, seed: u64) -> String {
        let hash = self.0.clone().chain_update(format!("seed={seed}\n"));
        hex::encode(&hash.finalize()[..10])
    }
}

#[cfg(test)]
mod tests {
    use engine::{activation::Activation, init::InitScope};

    use super::*;

    fn protocol() -> Protocol {
        Protocol {
            dataset: "d".into(),
            checksum: "c".into(),
            epochs: 5,
            shuffle: Shuffle::EachEpoch,
            input: InputPath::Sparse,
            isa: Isa::Avx2,
        }
    }

    fn variant() -> Variant {
        Variant {
            initializer: Initializer::RandomNormal { stddev: 0.05 },
            hidden: vec![128],
            activation: Activation::Relu,
            learning_rate: 0.001,
            batch_size: 32,
            init_scope: InitScope::Hidden,
        }
    }

    #[test]
    fn a_run_is_its_settings_its_initializer_and_its_seed() {
        let (protocol, variant) = (protocol(), variant());
        let id_of = |protocol: &Protocol, variant: &Variant, seed| {
            protocol.run_id(RunKey { variant, seed })
        };
        let id = id_of(&protocol, &variant, 3);
        // Frozen: a stored run keeps its identity for as long as its result stands.
        assert_eq!(id, "9f02f6d89e03bc9b049e");
        assert_ne!(id, id_of(&protocol, &variant, 4));
        let renamed = Protocol {
            dataset: "e".into(),
            ..protocol.clone()
        };
        assert_eq!(id, id_of(&renamed, &variant, 3));
        let of_variant: [fn(&mut Variant); 6] = [
            |v| v.activation = Activation::Tanh,
            |v| v.initializer = Initializer::HeNormal,
            |v| v.hidden = vec![128, 64],
            |v| v.batch_size = 64,
            |v| v.learning_rate = 0.002,
            |v| v.init_scope = InitScope::All,
        ];
        for change in of_variant {
            let mut other = variant.clone();
            change(&mut other);
            assert_ne!(id, id_of(&protocol, &other, 3), "{other:?}");
        }
        let mut settings = protocol.settings(&variant);
        let numerics = settings.iter_mut().find(|s| s.0 == "numerics_version");
        numerics.unwrap().1 = (NUMERICS_VERSION + 1).to_string();
        let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
        assert_ne!(id, identity(settings, &variant.initializer.canonical(), 3));
        let of_protocol: [fn(&mut Protocol); 5] = [
            |p| p.isa = Isa::Portable,
            |p| p.checksum = "d".into(),
            |p| p.epochs = 6,
            |p| p.shuffle = Shuffle::Once,
            |p| p.input = InputPath::Dense,
        ];
        for change in of_protocol {
            let mut other = protocol.clone();
            change(&mut other);
            assert_ne!(id, id_of(&other, &variant, 3), "{other:?}");
        }
    }

    #[test]
    fn portable_runs_say_which_product_they_were_made_by() {
        let portable = Protocol {
            isa: Isa::Portable,
            ..protocol()
        };
        let declared = portable.declaration(&[variant()]);
        let isa = ("isa", Isa::Portable.numerics().to_owned());
        assert!(declared.contains(&isa) && isa.1.starts_with("portable-"));
    }

    #[test]
    fn what_variants_differ_in_is_declared_with_all_values() {
        let one = variant();
        let other = Variant {
            initializer: Initializer::HeNormal,
            hidden: vec![64],
            ..one.clone()
        };
        let declared = protocol().declaration(&[one, other]);
        let value = |key| &declared.iter().find(|(name, _)| *name == key).unwrap().1;
        assert_eq!(Declared::parse(value("hidden")).size(), 2);
        assert_eq!(value("batch_size"), "32");
    }
}
