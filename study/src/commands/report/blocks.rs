//! Several sweeps of the same initializers as blocks of data sets: their ranks.

use std::path::{Path, PathBuf};

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
    /// Why there are none, or why they mean little.
    pub cautions: Vec<String>,
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
    let mut data = vec![data_of(folder, &Store::open_existing(folder)?)?];
    for folder in folders {
        let store = Store::open_existing(folder)?;
        let groups = metric.groups(&store.runs()?);
        blocks.push(means(folder, &labels, &groups)?);
        data.push(data_of(folder, &store)?);
    }
    let best = if metric.is_loss() {
        Best::Smallest
    } else {
        Best::Largest
    };
    let mut cautions = repeated(&data);
    let ranks = critical_difference(&labels, &blocks, best, settings.alpha);
    if let Err(why) = &ranks {
        cautions.push(format!("no critical-difference diagram: {why}"));
    }
    Ok(Blocks {
        ranks: ranks.ok(),
        cautions,
    })
}

/// A folder's name and the checksum of its data set.
fn data_of(folder: &Path, store: &Store) -> Result<(String, String), Failure> {
    let declaration = store.declaration()?;
    let found = declaration
        .into_iter()
        .find(|(key, _)| key == "dataset_sha256");
    let checksum = found.map_or(String::new(), |(_, value)| value);
    Ok((folder.display().to_string(), checksum))
}

/// Folders that share a data set: the ranks of one are no evidence beside those of the other.
fn repeated(data: &[(String, String)]) -> Vec<String> {
    let mut cautions = Vec::new();
    for (index, (_, checksum)) in data.iter().enumerate() {
        let same: Vec<&str> = data
            .iter()
            .filter(|(_, other)| other == checksum)
            .map(|(folder, _)| folder.as_str())
            .collect();
        let first = data.iter().position(|(_, other)| other == checksum) == Some(index);
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
