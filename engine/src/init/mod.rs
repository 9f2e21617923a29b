//! Initializers: their names, their parameters, and the weights they draw.
//!
//! Every initializer here draws weights independently from one distribution, through its quantile
//! function: weight k of a layer is the quantile of draw k of the layer's stream, whatever the
//! initializer. Biases always start at zero.

mod distribution;
mod name;

pub use name::InitializerError;

use crate::rng::Streams;
use distribution::Distribution;

/// How a layer's weights begin, with Keras's meaning of each name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initializer {
    /// Normal, mean 0, not truncated.
    RandomNormal {
        /// Standard deviation.
        stddev: f64,
    },
    /// Uniform on ±limit.
    RandomUniform {
        /// The largest magnitude.
        limit: f64,
    },
    /// Uniform, variance 2/(fan_in + fan_out) (Glorot & Bengio 2010, equation 16).
    GlorotUniform,
    /// Truncated normal of the same variance.
    GlorotNormal,
    /// Uniform, variance 2/fan_in.
    HeUniform,
    /// Truncated normal, variance 2/fan_in (He et al. 2015, equation 10).
    HeNormal,
}

impl Initializer {
    /// The distribution of the weights of a layer with `fan_in` inputs and `fan_out` outputs.
    fn distribution(self, fan_in: usize, fan_out: usize) -> Distribution {
        let average_fan = (fan_in + fan_out) as f64 / 2.0;
        match self {
            Self::RandomNormal { stddev } => Distribution::Normal { stddev },
            Self::RandomUniform { limit } => Distribution::Uniform { limit },
            Self::GlorotUniform => Distribution::uniform_with_variance(1.0 / average_fan),
            Self::GlorotNormal => Distribution::truncated_normal_with_variance(1.0 / average_fan),
            Self::HeUniform => Distribution::uniform_with_variance(2.0 / fan_in as f64),
            Self::HeNormal => Distribution::truncated_normal_with_variance(2.0 / fan_in as f64),
        }
    }

    /// Draws the `fan_in`×`fan_out` weights of layer `layer` into `weights`, row by row: as many as there is room for.
    pub fn draw<'w>(
        self,
        streams: Streams,
        layer: usize,
        fan_in: usize,
        fan_out: usize,
        weights: impl IntoIterator<Item = &'w mut f32>,
    ) {
        let distribution = self.distribution(fan_in, fan_out);
        for (weight, u) in weights.into_iter().zip(streams.weights(layer)) {
            *weight = distribution.quantile(u) as f32;
        }
    }
}

/// Which layers the initializer under study is given to; the others get Glorot uniform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum InitScope {
    /// The hidden layers; the output layer keeps Keras's default.
    #[default]
    Hidden,
    /// Every layer.
    All,
}

impl InitScope {
    /// The name under which files and flags know it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::All => "all",
        }
    }

    /// What a layer gets when `initializer` is under study.
    #[must_use]
    pub fn initializer(self, initializer: Initializer, is_output: bool) -> Initializer {
        match self {
            Self::Hidden if is_output => Initializer::GlorotUniform,
            _ => initializer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(initializer: Initializer) -> (f64, f64, f64) {
        let (fan_in, fan_out) = (784, 128);
        let mut weights = vec![0.0; fan_in * fan_out];
        initializer.draw(Streams::new(11), 0, fan_in, fan_out, &mut weights);
        let n = weights.len() as f64;
        let mean = weights.iter().map(|&w| f64::from(w)).sum::<f64>() / n;
        let variance = weights
            .iter()
            .map(|&w| (f64::from(w) - mean).powi(2))
            .sum::<f64>()
            / n;
        let largest = weights.iter().fold(0.0_f32, |a, w| a.max(w.abs()));
        (mean, variance.sqrt(), f64::from(largest))
    }

    #[test]
    fn weights_have_the_spread_that_keras_documents() {
        // Standard deviation, and the bound that no weight passes: what Keras's definitions give
        // for fan_in 784 and fan_out 128.
        let glorot = (2.0_f64 / 912.0).sqrt();
        let he = (2.0_f64 / 784.0).sqrt();
        let truncated = 2.0 / 0.879_625_661_034_239_8;
        let cases = [
            (
                Initializer::RandomNormal { stddev: 0.05 },
                0.05,
                f64::INFINITY,
            ),
            (
                Initializer::RandomUniform { limit: 0.05 },
                0.05 / 3.0_f64.sqrt(),
                0.05,
            ),
            (Initializer::GlorotUniform, glorot, glorot * 3.0_f64.sqrt()),
            (Initializer::GlorotNormal, glorot, glorot * truncated),
            (Initializer::HeUniform, he, he * 3.0_f64.sqrt()),
            (Initializer::HeNormal, he, he * truncated),
        ];
        for (initializer, stddev, bound) in cases {
            let (mean, sd, largest) = moments(initializer);
            assert!(
                mean.abs() < 4.0 * stddev / 316.0,
                "{initializer}: mean {mean}"
            );
            assert!(
                (sd / stddev - 1.0).abs() < 0.01,
                "{initializer}: sd {sd}, not {stddev}"
            );
            assert!(
                largest <= bound * (1.0 + 1e-6),
                "{initializer}: {largest} past {bound}"
            );
        }
    }

    #[test]
    fn random_normal_is_not_truncated() {
        let (_, sd, largest) = moments(Initializer::RandomNormal { stddev: 0.05 });
        assert!(largest > 3.5 * sd);
    }

    #[test]
    fn initializers_of_one_shape_share_their_draws() {
        let mut glorot = [0.0; 12];
        let mut he = [0.0; 12];
        Initializer::GlorotUniform.draw(Streams::new(2), 0, 4, 3, &mut glorot);
        Initializer::HeUniform.draw(Streams::new(2), 0, 4, 3, &mut he);
        let ratio = (7.0_f32 / 4.0).sqrt();
        for (g, h) in glorot.iter().zip(he) {
            assert!((g * ratio - h).abs() < 1e-6);
        }
    }

    #[test]
    fn the_hidden_scope_leaves_the_output_layer_to_glorot() {
        let he = Initializer::HeNormal;
        assert_eq!(
            InitScope::Hidden.initializer(he, true),
            Initializer::GlorotUniform
        );
        assert_eq!(InitScope::Hidden.initializer(he, false), he);
        assert_eq!(InitScope::All.initializer(he, true), he);
    }
}
