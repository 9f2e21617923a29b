//! Several sweeps of the same initializers as blocks of data sets: their ranks.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use crate::{
    comparison::{Best, CriticalDifference, Group, Settings, critical_difference},
    failure::Failure,
    metric::Metric,
    stats::describe,
    store::Store,
};

/// Ranks over blocks, and what is to be said against them.
#[derive(Default)]
pub(super) struct Blocks {
    /// The ranks, where there are any.
    pub ranks: Option<CriticalDifference>,
    /// Why these mean less than they seem to.
    pub cautions: Vec<String>,
    /// Why there are none.
    pub missing: Option<String>,
}

impl Blocks {
    /// Ranks the initializers of `groups` by their means, in the sweep that the report is about and
    /// in those of the folders `others`.
    pub(super) fn rank(
        (folder, store): (&Path, &Store),
        groups: &[Group],
        others: &[PathBuf],
        settings: &Settings,
        metric: Metric,
    ) -> Result<Self, Failure> {
        if others.is_empty() {
            return Ok(Self::default());
        }
        let labels: Vec<String> = groups.iter().map(|group| group.label.clone()).collect();
        let mut means = vec![means_of(folder, &labels, groups)?];
        let mut sweeps = vec![Sweep::new(folder, store)?];
        let mut folders = vec![folder.canonicalize().ok()];
        for folder in others {
            let place = folder.canonicalize().ok();
            if place.is_some() && folders.contains(&place) {
                return Err(Failure::usage(format!(
                    "--block {} is a block of these already; name each folder once",
                    folder.display()
                )));
            }
            folders.push(place);
            let store = Store::open_existing(folder)?;
            let groups = metric.groups(&store.runs()?);
            means.push(means_of(folder, &labels, &groups)?);
            sweeps.push(Sweep::new(folder, &store)?);
        }
        let best = if metric.is_loss() {
            Best::Smallest
        } else {
            Best::Largest
        };
        let ranks = critical_difference(&labels, &means, best, settings.alpha);
        let missing = ranks.as_ref().err();
        let missing = missing.map(|why| format!("no critical-difference diagram: {why}"));
        let mut cautions = of_one_data_set(&sweeps);
        cautions.extend(of_other_protocols(&sweeps));
        Ok(Self {
            ranks: ranks.ok(),
            cautions,
            missing,
        })
    }
}

/// What tells a data set from another; every other setting is the protocol.
const DATA: &str = "dataset_sha256";

/// A sweep's folder and its settings.
struct Sweep {
    folder: String,
    settings: BTreeMap<String, String>,
}

impl Sweep {
    fn new(folder: &Path, store: &Store) -> Result<Self, Failure> {
        Ok(Self {
            folder: folder.display().to_string(),
            settings: store.declaration()?.into_iter().collect(),
        })
    }

    fn checksum(&self) -> &str {
        self.settings.get(DATA).map_or("", String::as_str)
    }
}

/// Folders of another protocol than the first: their ranks tell protocols apart as much as data.
fn of_other_protocols(sweeps: &[Sweep]) -> Vec<String> {
    let Some((first, others)) = sweeps.split_first() else {
        return Vec::new();
    };
    let caution = |other: &Sweep| {
        let keys: BTreeSet<&String> = first.settings.keys().chain(other.settings.keys()).collect();
        let value = |sweep: &Sweep, key: &String| {
            sweep
                .settings
                .get(key)
                .map_or("nothing", String::as_str)
                .to_owned()
        };
        let differing = keys
            .into_iter()
            .filter(|key| *key != DATA)
            .filter_map(|key| {
                let (here, there) = (value(first, key), value(other, key));
                (here != there).then(|| format!("{key} ({here} against {there})"))
            });
        let differing: Vec<String> = differing.collect();
        (!differing.is_empty()).then(|| {
            format!(
                "{} and {} differ in {}, so that these blocks differ by more than their data sets",
                first.folder,
                other.folder,
                differing.join(", ")
            )
        })
    };
    others.iter().filter_map(caution).collect()
}

/// Folders that share a data set: the ranks of one are no evidence beside those of the other.
fn of_one_data_set(sweeps: &[Sweep]) -> Vec<String> {
    let mut cautions = Vec::new();
    for (index, sweep) in sweeps.iter().enumerate() {
        let checksum = sweep.checksum();
        let same: Vec<&str> = sweeps
            .iter()
            .filter(|other| other.checksum() == checksum)
            .map(|other| other.folder.as_str())
            .collect();
        let first = sweeps.iter().position(|other| other.checksum() == checksum) == Some(index);
        if first && same.len() > 1 && !checksum.is_empty() {
            cautions.push(format!(
                "{} have one data set (SHA-256 {}…) and are no independent blocks, which the critical difference takes them for",
                same.join(", "),
                checksum.get(..16).unwrap_or(checksum)
            ));
        }
    }
    cautions
}

/// The mean of each initializer in one sweep.
fn means_of(folder: &Path, labels: &[String], groups: &[Group]) -> Result<Vec<f64>, Failure> {
    let mean = |label: &String| {
        let group = groups.iter().find(|group| group.label == *label);
        let values = group
            .map(|group| &group.values)
            .filter(|values| !values.is_empty());
        values.map(|values| describe::mean(values)).ok_or_else(|| {
            Failure::usage(format!(
                "--block: {} has no finished run of {label} with a value; every block must have all initializers",
                folder.display()
            ))
        })
    };
    labels.iter().map(mean).collect()
}
