//! A pre-registration: what will be compared and how, said before the runs are made, recorded with
//! them, and held against what was done in the end.

use std::collections::BTreeSet;

use engine::init::Initializer;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    comparison::{Settings, Test},
    hex,
    limits::{self, FEWEST_RESAMPLES, MOST_SEEDS},
    metric::{Metric, by_variant},
    place::Place,
    plan::Variant,
    record::RunRecord,
    stats::adjust::Adjustment,
};

/// What was promised. The file is TOML with these keys and no other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// The metric that the study is about.
    pub metric: String,
    /// The initializers.
    pub initializers: Vec<String>,
    /// Seeds of each: 0 to this less one.
    pub seeds: u64,
    /// The test of each pair.
    pub test: String,
    /// The adjustment of p.
    pub adjustment: String,
    /// The group that all are compared with, if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
    /// The equivalence margin, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// Level of the tests.
    pub alpha: f64,
    /// Resamples of the tests and intervals that resample.
    pub resamples: usize,
    /// Seed of the resampling.
    pub resampling_seed: u64,
}

/// A registration as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The file's text.
    pub text: String,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// When it was recorded, UTC.
    pub time: String,
    /// Runs that were there by then.
    pub runs_before: usize,
}

/// Why a file is no registration.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// It is no TOML with the right keys.
    #[error("{place}: {message}")]
    Toml {
        /// Where it is at fault.
        place: Place,
        /// What is wrong.
        message: String,
    },
    /// A number that no flag would take.
    #[error("{0}")]
    OutOfRange(String),
    /// A name that means nothing here.
    #[error("{key} {value:?} is unknown")]
    Unknown {
        /// The key.
        key: &'static str,
        /// Its value.
        value: String,
    },
}

impl Registration {
    /// Reads a file's text.
    ///
    /// # Errors
    /// If a key is missing or unknown, or a value means nothing.
    pub fn parse(text: &str) -> Result<Self, RegistrationError> {
        let mut registration: Self = toml::from_str(text).map_err(|error| fault(text, &error))?;
        let unknown = |key, value: &str| RegistrationError::Unknown {
            key,
            value: value.to_owned(),
        };
        let Self {
            metric,
            test,
            adjustment,
            ..
        } = &registration;
        if Metric::named(metric).is_none() {
            return Err(unknown("metric", metric));
        }
        let test = Test::named(test).ok_or_else(|| unknown("test", test))?;
        if !test.is_simultaneous() && adjustment.parse::<Adjustment>().is_err() {
            return Err(unknown("adjustment", adjustment));
        }
        for name in &mut registration.initializers {
            let initializer: Initializer =
                name.parse().map_err(|_| unknown("initializer", name))?;
            *name = initializer.to_string();
        }
        let out_of_range = RegistrationError::OutOfRange;
        if registration.seeds == 0 {
            return Err(out_of_range("seeds 0 must be at least 1".to_owned()));
        }
        if registration.seeds > MOST_SEEDS.into() {
            return Err(out_of_range(format!(
                "seeds {} is too many; {MOST_SEEDS} is the most",
                registration.seeds
            )));
        }
        let (alpha, margin) = (registration.alpha, registration.margin);
        if !limits::is_alpha(alpha) {
            return Err(out_of_range(format!(
                "alpha {alpha} must lie between 0 and 0.5"
            )));
        }
        limits::check_alpha(alpha).map_err(out_of_range)?;
        if let Some(margin) = margin.filter(|margin| !(*margin > 0.0 && margin.is_finite())) {
            return Err(out_of_range(format!(
                "margin {margin} must be positive and finite"
            )));
        }
        if registration.resamples < FEWEST_RESAMPLES {
            return Err(out_of_range(format!(
                "resamples must be at least {FEWEST_RESAMPLES}"
            )));
        }
        limits::check_count("resamples", registration.resamples).map_err(out_of_range)?;
        Ok(registration)
    }

    /// The file's text.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let keys = toml::to_string(self).unwrap_or_else(|error| {
            unreachable!("texts and finite numbers have a TOML form: {error}")
        });
        format!(
            "# What is promised before the sweep; `initstudy analyze` lists deviations.\n{keys}"
        )
    }

    /// What was done otherwise than promised, a sentence each. `shown` are the metrics reported.
    #[must_use]
    pub fn deviations(
        &self,
        recorded: &Recorded,
        settings: &Settings,
        control: Option<&str>,
        runs: &[RunRecord],
        shown: &[Metric],
    ) -> Vec<String> {
        let mut found = Vec::new();
        if sha256(&recorded.text) != recorded.sha256 {
            found
                .push("the registration in the store was changed after it was recorded".to_owned());
        }
        if recorded.runs_before > 0 {
            found.push(format!(
                "{} runs existed when the registration was recorded",
                recorded.runs_before
            ));
        }
        if !shown.is_empty() && !shown.iter().any(|metric| metric.name() == self.metric) {
            found.push(format!(
                "metric {} was registered and is not shown",
                self.metric
            ));
        }
        let some = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
        let number = |value: Option<f64>| some(value.map(|v| v.to_string()));
        let promises = [
            ("test", settings.test.name().to_owned(), self.test.clone()),
            (
                "adjustment",
                settings.adjustment_name().to_owned(),
                self.adjustment.clone(),
            ),
            ("alpha", settings.alpha.to_string(), self.alpha.to_string()),
            ("margin", number(settings.margin), number(self.margin)),
            (
                "control",
                some(control.map(str::to_owned)),
                some(self.control.clone()),
            ),
            (
                "resamples",
                settings.resampling.resamples.to_string(),
                self.resamples.to_string(),
            ),
            (
                "resampling seed",
                settings.resampling.seed.to_string(),
                self.resampling_seed.to_string(),
            ),
        ];
        // A margin of an accuracy is none of a loss; that the metric is another one was said above.
        let is_loss = Metric::named(&self.metric).is_some_and(Metric::is_loss);
        let has_margin = shown.is_empty() || shown.iter().any(|m| m.is_loss() == is_loss);
        for (what, done, promised) in promises {
            if done != promised && (what != "margin" || has_margin || settings.margin.is_some()) {
                found.push(format!("{what} {done}, registered {promised}"));
            }
        }
        let groups = by_variant(runs).into_iter().map(|(label, runs)| {
            let initializer = runs[0].variant.initializer.to_string();
            let seeds = runs.iter().map(|run| run.seed).collect();
            (label, initializer, seeds)
        });
        found.extend(self.deviations_of_groups(&groups.collect::<Vec<_>>()));
        found
    }

    /// What a sweep of these variants under seeds 0, 1, … would do beyond what was promised, a
    /// sentence each. What it leaves out may be there already, or be trained by another.
    #[must_use]
    pub fn excess_of_plan(&self, variants: &[Variant], seeds: u64) -> Vec<String> {
        let initializers = variants.iter().map(|v| v.initializer.to_string());
        let mut excess = self.unregistered(initializers);
        if seeds > self.seeds {
            excess.push(format!("{seeds} seeds, registered {}", self.seeds));
        }
        excess
    }

    /// Initializers that nothing was promised of.
    fn unregistered(&self, initializers: impl Iterator<Item = String>) -> Vec<String> {
        let others = initializers.filter(|name| !self.initializers.contains(name));
        let others: BTreeSet<String> = others.collect();
        others
            .iter()
            .map(|name| format!("{name} was not registered"))
            .collect()
    }

    /// Group by group: a sweep that varies more than the initializer owes each of its variants the
    /// seeds that were promised.
    fn deviations_of_groups(&self, groups: &[(String, String, Vec<u64>)]) -> Vec<String> {
        let mut found = Vec::new();
        for name in &self.initializers {
            let mut of_it = groups.iter().filter(|(_, of, _)| of == name).peekable();
            if of_it.peek().is_none() {
                found.push(format!("{name} has 0 seeds, registered {}", self.seeds));
            }
            for (label, _, seeds) in of_it {
                let promised = seeds.iter().filter(|&&seed| seed < self.seeds).count();
                if seeds.len() as u64 != self.seeds || promised as u64 != self.seeds {
                    let (n, registered) = (seeds.len(), self.seeds);
                    found.push(format!("{label} has {n} seeds, registered {registered}"));
                }
            }
        }
        found.extend(self.unregistered(groups.iter().map(|(_, name, _)| name.clone())));
        found
    }
}

/// SHA-256 of a text, in hexadecimal.
#[must_use]
pub fn sha256(text: &str) -> String {
    hex::encode(&Sha256::digest(text.as_bytes()))
}

/// A fault of the parser, its place by line and column.
fn fault(text: &str, error: &toml::de::Error) -> RegistrationError {
    RegistrationError::Toml {
        place: Place::of(text, error.span().map_or(0, |span| span.start)),
        message: error.message().replace('\n', " "),
    }
}
