//! The values of flags that take one of a few names.

use clap::ValueEnum;
use engine::{activation::Activation, init::InitScope, input_path::InputPath, train::Shuffle};

/// `--activation`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ActivationArg {
    /// max(z, 0).
    Relu,
    /// tanh z.
    Tanh,
    /// 1/(1 + e^−z).
    Sigmoid,
}

/// `--init-scope`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ScopeArg {
    /// The hidden layers.
    Hidden,
    /// Every layer.
    All,
}

/// `--shuffle`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ShuffleArg {
    /// Anew for each epoch.
    EachEpoch,
    /// Before the first epoch only.
    Once,
}

/// `--input`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum InputArg {
    /// By the share of zeros and the instruction set.
    Auto,
    /// Skip zeros.
    Sparse,
    /// Pass over only the pixels that are zero in a whole batch.
    Dense,
}

impl From<ActivationArg> for Activation {
    fn from(activation: ActivationArg) -> Self {
        match activation {
            ActivationArg::Relu => Self::Relu,
            ActivationArg::Tanh => Self::Tanh,
            ActivationArg::Sigmoid => Self::Sigmoid,
        }
    }
}

impl From<ScopeArg> for InitScope {
    fn from(scope: ScopeArg) -> Self {
        match scope {
            ScopeArg::Hidden => Self::Hidden,
            ScopeArg::All => Self::All,
        }
    }
}

impl From<ShuffleArg> for Shuffle {
    fn from(shuffle: ShuffleArg) -> Self {
        match shuffle {
            ShuffleArg::EachEpoch => Self::EachEpoch,
            ShuffleArg::Once => Self::Once,
        }
    }
}

impl From<InputArg> for Option<InputPath> {
    fn from(input: InputArg) -> Self {
        match input {
            InputArg::Auto => None,
            InputArg::Sparse => Some(InputPath::Sparse),
            InputArg::Dense => Some(InputPath::Dense),
        }
    }
}
