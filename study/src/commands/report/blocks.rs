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
    /// Why they mean less than they seem to.
    pub cautions: Vec<String>,
    /// Why there are none.
    pub missing: Option<String>,
}

/// Ranks the initializers of `groups`, by their means, in this sweep and in those of `folders`.
pub(super) fn blocks(
    folder: &Path,
    groups: &[Group],
    folders: &[PathBuf],
    settings: &Settings,
    metric: Metric,
) -> Result<Blocks, Failure> {
    if folders.is_empty() {
        return Ok(Blocks::default());
    }
    let labels: Vec<String> = groups.iter().map(|group| group.label.clone()).collect();
    let mut blocks = vec![means(folder, &labels, groups)?];
    let mut data = vec![sweep_of(folder, &Store::open_existing(folder)?)?];
    for folder in folders {
        let store = Store::open_existing(folder)?;
        let groups = metric.groups(&store.runs()?);
        blocks.push(means(folder, &labels, &groups)?);
        data.push(sweep_of(folder, &store)?);
    }
    let best = if metric.is_loss() {
        Best::Smallest
    } else {
        Best::Largest
    };
    let mut cautions = repeated(&data);
    cautions.extend(unlike(&data));
    let ranks = critical_difference(&labels, &blocks, best, settings.alpha);
    let missing = ranks.as_ref().err();
    let missing = missing.map(|why| format!("no critical-difference diagram: {why}"));
    Ok(Blocks {
        missing,
        ranks: ranks.ok(),
        cautions,
    })
}

/// What tells a data set from another; every other setting is the protocol.
const DATA: &str = "dataset_sha256";

/// A sweep's folder and its settings.
struct Sweep {
    folder: String,
    settings: BTreeMap<String, String>,
}

impl Sweep {
    fn checksum(&self) -> &str {
        self.settings.get(DATA).map_or("", String::as_str)
    }
}

fn sweep_of(folder: &Path, store: &Store) -> Result<Sweep, Failure> {
    Ok(Sweep {
        folder: folder.display().to_string(),
        settings: store.declaration()?.into_iter().collect(),
    })
}

/// Folders of another protocol than the first: their ranks tell protocols apart as much as data.
fn unlike(sweeps: &[Sweep]) -> Vec<String> {
    let Some((first, others)) = sweeps.split_first() else {
        return Vec::new();
    };
    let unlike = |other: &Sweep| {
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
    others.iter().filter_map(unlike).collect()
}

/// Folders that share a data set: the ranks of one are no evidence beside those of the other.
fn repeated(sweeps: &[Sweep]) -> Vec<String> {
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
fn means(folder: &Path, labels: &[String], groups: &[Group]) -> Result<Vec<f64>, Failure> {
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
