//! Initializers by name: `he_normal`, `random_normal(stddev=0.1)`.

use std::{fmt, str::FromStr};

use super::Initializer;

const DEFAULT_STDDEV: f64 = 0.05;
const DEFAULT_LIMIT: f64 = 0.05;

/// Why a text names no initializer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InitializerError {
    /// No initializer has this name.
    #[error("there is no initializer {name:?}; use one of {}", Initializer::NAMES.join(", "))]
    UnknownName {
        /// What was written.
        name: String,
    },
    /// The text after the name is not `(parameter=value)`.
    #[error("{text:?} is no initializer; write NAME or NAME(parameter=value)")]
    Syntax {
        /// What was written.
        text: String,
    },
    /// The initializer has no such parameter.
    #[error("{name} has no parameter {parameter:?}; it takes {expected}")]
    UnknownParameter {
        /// The initializer.
        name: &'static str,
        /// What was written.
        parameter: String,
        /// What it takes.
        expected: &'static str,
    },
    /// The parameter's value is out of range.
    #[error("{parameter}={value:?} of {name} is not a positive finite number")]
    Value {
        /// The initializer.
        name: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// What was written.
        value: String,
    },
}

impl Initializer {
    /// Every name that can be written.
    pub const NAMES: [&'static str; 6] = [
        "random_normal",
        "random_uniform",
        "glorot_uniform",
        "glorot_normal",
        "he_uniform",
        "he_normal",
    ];

    /// The name with every parameter written out, defaults too: the same for as long as the
    /// weights are, and so fit for an identity.
    #[must_use]
    pub fn canonical(self) -> String {
        let name = self.name();
        match self {
            Self::RandomNormal { stddev } => format!("{name}(stddev={stddev:?})"),
            Self::RandomUniform { limit } => format!("{name}(limit={limit:?})"),
            _ => name.to_owned(),
        }
    }

    /// The name without parameters.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RandomNormal { .. } => "random_normal",
            Self::RandomUniform { .. } => "random_uniform",
            Self::GlorotUniform => "glorot_uniform",
            Self::GlorotNormal => "glorot_normal",
            Self::HeUniform => "he_uniform",
            Self::HeNormal => "he_normal",
        }
    }
}

/// The name, with its parameter where that is not the default.
impl fmt::Display for Initializer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RandomNormal { stddev } if *stddev == DEFAULT_STDDEV => f.write_str(self.name()),
            Self::RandomUniform { limit } if *limit == DEFAULT_LIMIT => f.write_str(self.name()),
            _ => f.write_str(&self.canonical()),
        }
    }
}

impl FromStr for Initializer {
    type Err = InitializerError;

    fn from_str(text: &str) -> Result<Self, InitializerError> {
        let text = text.trim();
        let (name, parameter) = match text.split_once('(') {
            None => (text, None),
            Some((name, rest)) => {
                let parameter = rest.strip_suffix(')').and_then(|rest| rest.split_once('='));
                let syntax = || InitializerError::Syntax {
                    text: text.to_owned(),
                };
                (name.trim_end(), Some(parameter.ok_or_else(syntax)?))
            }
        };
        match name {
            "random_normal" => positive("random_normal", "stddev", parameter, DEFAULT_STDDEV)
                .map(|stddev| Self::RandomNormal { stddev }),
            "random_uniform" => positive("random_uniform", "limit", parameter, DEFAULT_LIMIT)
                .map(|limit| Self::RandomUniform { limit }),
            _ => {
                let plain = [
                    Self::GlorotUniform,
                    Self::GlorotNormal,
                    Self::HeUniform,
                    Self::HeNormal,
                ];
                let found = plain.into_iter().find(|i| i.name() == name);
                let initializer = found.ok_or_else(|| InitializerError::UnknownName {
                    name: name.to_owned(),
                })?;
                match parameter {
                    None => Ok(initializer),
                    Some((parameter, _)) => Err(InitializerError::UnknownParameter {
                        name: initializer.name(),
                        parameter: parameter.trim().to_owned(),
                        expected: "none",
                    }),
                }
            }
        }
    }
}

/// The value of the one parameter that `name` takes, or its default where none is written.
fn positive(
    name: &'static str,
    expected: &'static str,
    written: Option<(&str, &str)>,
    default: f64,
) -> Result<f64, InitializerError> {
    let Some((parameter, value)) = written else {
        return Ok(default);
    };
    let (parameter, value) = (parameter.trim(), value.trim());
    if parameter != expected {
        return Err(InitializerError::UnknownParameter {
            name,
            parameter: parameter.to_owned(),
            expected,
        });
    }
    let number = value
        .parse()
        .ok()
        .filter(|x: &f64| x.is_finite() && *x > 0.0);
    number.ok_or_else(|| InitializerError::Value {
        name,
        parameter: expected,
        value: value.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_as_it_is_written() {
        for name in Initializer::NAMES {
            let initializer: Initializer = name.parse().unwrap();
            assert_eq!(initializer.to_string(), name);
            assert_eq!(initializer.name(), name);
        }
        let other: Initializer = "random_normal( stddev = 0.1 )".parse().unwrap();
        assert_eq!(other, Initializer::RandomNormal { stddev: 0.1 });
        assert_eq!(other.to_string(), "random_normal(stddev=0.1)");
    }

    #[test]
    fn a_default_written_out_is_the_default() {
        assert_eq!(
            "random_uniform(limit=0.05)".parse(),
            "random_uniform".parse::<Initializer>()
        );
    }

    #[test]
    fn what_is_no_initializer_is_refused_and_named() {
        for (text, part) in [
            ("xavier", "xavier"),
            ("he_normal(gain=2)", "gain"),
            ("random_normal(sd=0.1)", "it takes stddev"),
            ("random_normal(stddev=-1)", "-1"),
            ("random_normal(stddev=inf)", "inf"),
            ("random_normal(stddev)", "NAME(parameter=value)"),
            ("random_normal(stddev=0.1", "NAME(parameter=value)"),
            ("", "\"\""),
        ] {
            let error = text.parse::<Initializer>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
