//! What is compared: a variant is an initializer with the settings that a sweep may vary.

use engine::{
    activation::Activation,
    init::{InitScope, Initializer},
};

use super::hidden_text;

/// One cell of a sweep's grid. Its runs differ by nothing but their seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// The initializer under study.
    pub initializer: Initializer,
    /// Width of each hidden layer, input side first; none makes a linear classifier.
    pub hidden: Vec<usize>,
    /// The activation of the hidden layers.
    pub activation: Activation,
    /// Adam's α.
    pub learning_rate: f64,
    /// Examples per step, at least 1.
    pub batch_size: usize,
    /// Which layers the initializer is given to.
    pub init_scope: InitScope,
}

/// One run of a sweep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunKey<'a> {
    /// The cell.
    pub variant: &'a Variant,
    /// The seed.
    pub seed: u64,
}

impl Variant {
    /// The settings beside the initializer, by name: those that a grid may vary.
    #[must_use]
    pub fn settings(&self) -> [(&'static str, String); 5] {
        [
            ("hidden", hidden_text(&self.hidden)),
            ("activation", self.activation.name().to_owned()),
            ("learning_rate", format!("{:?}", self.learning_rate)),
            ("batch_size", self.batch_size.to_string()),
            ("init_scope", self.init_scope.name().to_owned()),
        ]
    }

    /// The order of files and tables: by initializer (in the order of [`Initializer::NAMES`], then
    /// by parameter), then by each setting.
    #[must_use]
    pub fn sort_key(&self) -> impl Ord + use<> {
        let name = self.initializer.name();
        let rank = Initializer::NAMES.iter().position(|n| *n == name);
        (
            (rank, self.initializer.canonical()),
            self.hidden.clone(),
            self.activation.name(),
            // Positive numbers and their bits have one order.
            self.learning_rate.to_bits(),
            self.batch_size,
            self.init_scope.name(),
        )
    }
}

/// What to call each of some variants: its initializer, and the settings in which not all of them
/// agree, as in `he_normal, hidden 128,64, learning_rate 0.01`.
#[must_use]
pub fn labels(variants: &[Variant]) -> Vec<String> {
    let settings: Vec<_> = variants.iter().map(Variant::settings).collect();
    let differs = |index: usize| settings.iter().any(|s| s[index] != settings[0][index]);
    let differing: Vec<usize> = (0..5).filter(|&index| differs(index)).collect();
    let label = |(variant, settings): (&Variant, &[(&str, String); 5])| {
        let mut label = variant.initializer.to_string();
        for &index in &differing {
            let (name, value) = &settings[index];
            label += &format!(", {name} {value}");
        }
        label
    };
    variants.iter().zip(&settings).map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_names_what_differs_and_nothing_else() {
        let plain = Variant {
            initializer: Initializer::HeNormal,
            hidden: vec![128],
            activation: Activation::Relu,
            learning_rate: 0.001,
            batch_size: 32,
            init_scope: InitScope::Hidden,
        };
        let glorot = Variant {
            initializer: Initializer::GlorotUniform,
            ..plain.clone()
        };
        assert_eq!(
            labels(&[plain.clone(), glorot]),
            ["he_normal", "glorot_uniform"]
        );
        let deep = Variant {
            hidden: vec![128, 64],
            learning_rate: 0.01,
            ..plain.clone()
        };
        assert_eq!(
            labels(&[plain, deep]),
            [
                "he_normal, hidden 128, learning_rate 0.001",
                "he_normal, hidden 128,64, learning_rate 0.01"
            ]
        );
        assert!(labels(&[]).is_empty());
    }
}
