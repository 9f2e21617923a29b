//! Values of a study file, and what is wrong with them by line and column.

use std::fmt;

use engine::{
    init::{Initializer, InitializerError},
    optim::is_learning_rate,
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    data::DataSource,
    nearest::nearest,
    place::Place,
    plan::{PlanError, did_you_mean, parse_hidden, parse_initializers},
};

/// A value and where it stands.
pub(super) type Item<'t> = Spanned<DeValue<'t>>;

/// What is wrong with a study file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct StudyFileError {
    /// Where.
    pub place: Place,
    /// What.
    pub message: String,
}

impl StudyFileError {
    /// A fault that the parser found.
    pub(super) fn of_toml(text: &str, error: &toml::de::Error) -> Self {
        Self {
            place: Place::of(text, error.span().map_or(0, |span| span.start)),
            message: error.message().replace('\n', " "),
        }
    }
}

/// Reads the value of one key.
pub(super) struct Reader<'t> {
    /// The whole file.
    pub text: &'t str,
    /// The key.
    pub key: &'t str,
}

impl Reader<'_> {
    fn fault(&self, at: usize, message: impl fmt::Display) -> StudyFileError {
        StudyFileError {
            place: Place::of(self.text, at),
            message: message.to_string(),
        }
    }

    fn bad(&self, item: &Item<'_>, wanted: impl fmt::Display) -> StudyFileError {
        let written = &self.text[item.span()];
        let message = format!("{} {written} is not {wanted}", self.key);
        self.fault(item.span().start, message)
    }

    /// The fault of a key that is none.
    pub fn unknown_key(&self, at: usize, known: &[&str]) -> StudyFileError {
        let help = match nearest(self.key, known.iter().copied()) {
            Some(nearest) => format!("did you mean {nearest:?}?"),
            None => format!("the keys are {}", known.join(", ")),
        };
        self.fault(at, format!("there is no key {:?}; {help}", self.key))
    }

    /// A text.
    pub fn string<'i>(&self, item: &'i Item<'_>) -> Result<&'i str, StudyFileError> {
        match item.get_ref() {
            DeValue::String(text) => Ok(text),
            _ => Err(self.bad(item, "a text in quotes")),
        }
    }

    /// A data set, as [`DataSource`] understands it.
    pub fn dataset<'i>(&self, item: &'i Item<'_>) -> Result<&'i str, StudyFileError> {
        let text = self.string(item)?;
        match DataSource::parse(text) {
            Ok(_) => Ok(text),
            Err(why) => Err(self.fault(item.span().start, why)),
        }
    }

    /// A whole number from 1 to `most`.
    pub fn count(&self, item: &Item<'_>, most: u32) -> Result<u32, StudyFileError> {
        let number = match item.get_ref() {
            DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        number
            .filter(|number| (1..=most).contains(number))
            .ok_or_else(|| self.bad(item, format!("a whole number from 1 to {most}")))
    }

    /// A positive finite number.
    pub fn positive(&self, item: &Item<'_>) -> Result<f64, StudyFileError> {
        let is_positive = |number: f64| number.is_finite() && number > 0.0;
        self.number(item, is_positive, "a positive finite number")
    }

    /// A learning rate: positive and finite in single precision, too.
    pub fn learning_rate(&self, item: &Item<'_>) -> Result<f64, StudyFileError> {
        let wanted = "a positive finite number in single precision";
        self.number(item, is_learning_rate, wanted)
    }

    fn number(
        &self,
        item: &Item<'_>,
        is_allowed: impl Fn(f64) -> bool,
        wanted: &str,
    ) -> Result<f64, StudyFileError> {
        let number: Option<f64> = match item.get_ref() {
            DeValue::Float(number) => number.as_str().parse().ok(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok(),
            _ => None,
        };
        number
            .filter(|&number| is_allowed(number))
            .ok_or_else(|| self.bad(item, wanted))
    }

    /// One of some names.
    pub fn named<T: Copy>(
        &self,
        item: &Item<'_>,
        known: &[(&str, T)],
    ) -> Result<T, StudyFileError> {
        let name = self.string(item)?;
        let found = known.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            let message = format!("{} {name:?} is unknown; {}", self.key, help(name, &names));
            self.fault(item.span().start, message)
        })
    }

    /// One value, or a list of one or more, none twice.
    pub fn list<T: PartialEq>(
        &self,
        item: &Item<'_>,
        read: impl Fn(&Item<'_>) -> Result<T, StudyFileError>,
    ) -> Result<Vec<T>, StudyFileError> {
        let DeValue::Array(items) = item.get_ref() else {
            return Ok(vec![read(item)?]);
        };
        let mut values = Vec::new();
        for item in items.iter() {
            let value = read(item)?;
            if values.contains(&value) {
                let written = &self.text[item.span()];
                let message = format!("{} has {written} twice; once is enough", self.key);
                return Err(self.fault(item.span().start, message));
            }
            values.push(value);
        }
        if values.is_empty() {
            let message = format!("{} is an empty list; leave it out or name some", self.key);
            return Err(self.fault(item.span().start, message));
        }
        Ok(values)
    }

    /// Networks: `"128,64"`, `"none"` or a width, or a list of them. A list of widths could be one
    /// network or many.
    pub fn hidden(&self, item: &Item<'_>) -> Result<Vec<Vec<usize>>, StudyFileError> {
        if let DeValue::Array(items) = item.get_ref()
            && let Some(number) = items.iter().find(|item| !item.get_ref().is_str())
        {
            let message = "hidden is a list of networks, each in quotes: [\"128,64\"] is one of two layers, [\"128\", \"64\"] are two of one layer";
            return Err(self.fault(number.span().start, message));
        }
        self.list(item, |item| {
            if item.get_ref().is_integer() {
                return Ok(vec![self.count(item, u32::MAX)? as usize]);
            }
            parse_hidden(self.string(item)?).map_err(|error| {
                let message = match &error {
                    PlanError::Hidden { text, part } => format!(
                        "hidden {text:?}: {part:?} is no layer width; write widths from 1 up, as in \"128,64\", or \"none\""
                    ),
                    _ => error.to_string(),
                };
                self.fault(item.span().start, message)
            })
        })
    }

    /// Initializers: a list of names with parameters, or of tables; or a text as the flag takes it.
    pub fn initializers(&self, item: &Item<'_>) -> Result<Vec<Initializer>, StudyFileError> {
        if let DeValue::String(text) = item.get_ref() {
            return parse_initializers(text).map_err(|error| match &error {
                PlanError::Initializer(why) => self.fault(item.span().start, explained(why)),
                _ => self.fault(
                    item.span().start,
                    error.to_string().trim_start_matches("--"),
                ),
            });
        }
        self.list(item, |item| {
            let text = match item.get_ref() {
                DeValue::Table(table) => self.initializer_text(item, table)?,
                _ => self.string(item)?.to_owned(),
            };
            let parsed = text.parse();
            parsed.map_err(|why| self.fault(item.span().start, explained(&why)))
        })
    }

    /// `{ name = "random_normal", stddev = 0.1 }` as `random_normal(stddev=0.1)`.
    fn initializer_text(
        &self,
        item: &Item<'_>,
        table: &DeTable<'_>,
    ) -> Result<String, StudyFileError> {
        let mut name = None;
        let mut parameters = Vec::new();
        for (key, value) in table {
            if key.get_ref() == "name" {
                name = Some(self.string(value)?);
            } else {
                let written = match value.get_ref() {
                    DeValue::String(text) => text,
                    _ => &self.text[value.span()],
                };
                parameters.push(format!("{}={written}", key.get_ref()));
            }
        }
        let name = name.ok_or_else(|| {
            let message =
                "an initializer needs a name, as in { name = \"random_normal\", stddev = 0.1 }";
            self.fault(item.span().start, message)
        })?;
        if parameters.is_empty() {
            return Ok(name.to_owned());
        }
        Ok(format!("{name}({})", parameters.join(",")))
    }
}

fn explained(why: &InitializerError) -> String {
    format!("{why}{}", did_you_mean(why))
}

fn help(name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(nearest) => format!("did you mean {nearest:?}?"),
        None => format!("use one of {}", known.join(", ")),
    }
}
