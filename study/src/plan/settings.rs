//! What was asked for: a grid of settings, checked before and after the data set is known.

use engine::{
    activation::Activation,
    dataset::Dataset,
    init::{InitScope, Initializer},
    input_path::InputPath,
    optim::is_learning_rate,
    train::Shuffle,
};
use kernels::Isa;

use super::{LARGEST_WORKER, PlanError, Protocol, Variant};

/// How the runs of a sweep train, before the data set is known. A list of more than one value is
/// varied: the sweep trains every combination.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The initializers under study.
    pub initializers: Vec<Initializer>,
    /// Widths of the hidden layers, input side first.
    pub hidden: Vec<Vec<usize>>,
    /// Activations of the hidden layers.
    pub activation: Vec<Activation>,
    /// Adam's α.
    pub learning_rate: Vec<f64>,
    /// Examples per step, at least 1.
    pub batch_size: Vec<usize>,
    /// Which layers the initializer under study is given to.
    pub init_scope: Vec<InitScope>,
    /// Passes over the training examples, at least 1.
    pub epochs: usize,
    /// How often the training examples are shuffled.
    pub shuffle: Shuffle,
    /// How the first layer reads its input; [`InputPath::auto`] where it is not said.
    pub input: Option<InputPath>,
}

impl Settings {
    /// Checks what can be checked before the data set is known.
    ///
    /// # Errors
    /// If a learning rate is no positive finite number, also in single precision, or no layer gets the initializer.
    pub fn check(&self) -> Result<(), PlanError> {
        let bad = |rate: &&f64| !is_learning_rate(**rate);
        if let Some(rate) = self.learning_rate.iter().find(bad) {
            return Err(PlanError::LearningRate(*rate));
        }
        if self.hidden.contains(&Vec::new()) && self.init_scope.contains(&InitScope::Hidden) {
            return Err(PlanError::NothingToInitialize);
        }
        Ok(())
    }

    /// How many combinations there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        let lengths = [
            self.initializers.len(),
            self.hidden.len(),
            self.activation.len(),
            self.learning_rate.len(),
            self.batch_size.len(),
            self.init_scope.len(),
        ];
        let product = |count: u64, length: usize| count.saturating_mul(length as u64);
        lengths.into_iter().fold(1, product)
    }

    /// Every combination, the initializers of one configuration next to each other.
    #[must_use]
    pub fn variants(&self) -> Vec<Variant> {
        let mut variants = Vec::new();
        for hidden in &self.hidden {
            for &activation in &self.activation {
                for &learning_rate in &self.learning_rate {
                    for &batch_size in &self.batch_size {
                        for &init_scope in &self.init_scope {
                            variants.extend(self.initializers.iter().map(|&initializer| Variant {
                                initializer,
                                hidden: hidden.clone(),
                                activation,
                                learning_rate,
                                batch_size,
                                init_scope,
                            }));
                        }
                    }
                }
            }
        }
        variants
    }

    /// The protocol of these settings on a data set.
    ///
    /// # Errors
    /// If a worker would need too much memory.
    pub fn on(&self, dataset: &Dataset, checksum: &str, isa: Isa) -> Result<Protocol, PlanError> {
        for hidden in &self.hidden {
            for &batch_size in &self.batch_size {
                check_size(dataset, hidden, batch_size)?;
            }
        }
        let auto = || InputPath::auto(isa, dataset.density());
        Ok(Protocol {
            dataset: dataset.name().to_owned(),
            checksum: checksum.to_owned(),
            epochs: self.epochs,
            shuffle: self.shuffle,
            input: self.input.unwrap_or_else(auto),
            isa,
        })
    }
}

fn check_size(dataset: &Dataset, hidden: &[usize], batch_size: usize) -> Result<(), PlanError> {
    let widths = [&[dataset.features()], hidden, &[dataset.classes()]].concat();
    let examples = dataset.train().rows.len();
    let weights: f64 = widths.windows(2).map(|w| w[0] as f64 * w[1] as f64).sum();
    let outputs: f64 = widths.iter().map(|&width| width as f64).sum();
    // Weights with Adam's two moments; each layer's output and its gradient.
    let floats = 3.0 * weights + 2.0 * batch_size.min(examples) as f64 * outputs;
    let bytes = floats * size_of::<f32>() as f64;
    if bytes > LARGEST_WORKER {
        return Err(PlanError::TooLarge { bytes });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_is_every_combination_and_one_configuration_stays_together() {
        let settings = Settings {
            initializers: vec![Initializer::HeNormal, Initializer::GlorotUniform],
            hidden: vec![vec![8], vec![]],
            activation: vec![Activation::Relu],
            learning_rate: vec![0.1, 0.2],
            batch_size: vec![32],
            init_scope: vec![InitScope::All],
            epochs: 1,
            shuffle: Shuffle::EachEpoch,
            input: None,
        };
        settings.check().unwrap();
        let variants = settings.variants();
        assert_eq!(variants.len(), 8);
        assert_eq!(settings.count(), 8);
        for (index, variant) in variants.iter().enumerate() {
            assert!(!variants[..index].contains(variant), "{variant:?} twice");
        }
        for pair in variants.chunks(2) {
            assert_eq!(pair[0].settings(), pair[1].settings());
        }
        let hidden_only = Settings {
            init_scope: vec![InitScope::All, InitScope::Hidden],
            ..settings
        };
        assert!(matches!(
            hidden_only.check(),
            Err(PlanError::NothingToInitialize)
        ));
    }
}
