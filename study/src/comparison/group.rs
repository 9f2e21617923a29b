//! The values of one group, and their description.

use super::Settings;
use crate::{
    parallel,
    stats::{
        Interval, TestResult, Undefined,
        bootstrap::{Bootstrap, Method, bootstrap_mean},
        describe, mean,
        normality::shapiro_wilk,
    },
};

/// One run as the statistics see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    /// What it shares with runs of other groups, a seed as a rule.
    pub pair: Option<u64>,
    /// Its value; none where it has none, as a diverged run.
    pub value: Option<f64>,
}

/// The runs of one group by one metric.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name.
    pub label: String,
    /// The finite values, in the order given.
    pub values: Vec<f64>,
    /// Runs without a finite value.
    pub missing: usize,
    /// The finite values that have a pair, by pair.
    keyed: Vec<(u64, f64)>,
}

/// One group by one metric.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The group.
    pub group: String,
    /// Runs without a finite value.
    pub missing: usize,
    /// The numbers over the others; why there are none, where there are no others.
    pub values: Result<describe::Summary, Undefined>,
    /// The t interval of the mean.
    pub interval: Result<Interval, Undefined>,
    /// The bootstrap interval of the mean, BCa or what stands in for it.
    pub bootstrap: Result<Bootstrap, Undefined>,
    /// Test of normality: a diagnostic, by which nothing is chosen.
    pub normality: Result<TestResult, Undefined>,
    /// Groups that share a letter cannot be told apart; none where only a control was compared.
    pub letters: Result<Option<String>, Undefined>,
}

/// The largest group that is bootstrapped: the cost grows with resamples × n and with n², and by
/// then the interval is Student's.
const LARGEST_BOOTSTRAP: usize = 5000;

/// Under so many values a bootstrap interval of a mean is known to be too narrow (Hesterberg 2015).
const SMALL_BOOTSTRAP: usize = 20;

impl Summary {
    /// Why not to lean on the bootstrap interval, where there is a reason.
    #[must_use]
    pub fn bootstrap_caution(&self) -> Option<&'static str> {
        let n = self.values.as_ref().ok()?.n;
        (self.bootstrap.is_ok() && n < SMALL_BOOTSTRAP)
            .then_some("under 20 values it covers less often than stated; read the t interval")
    }
}

impl Group {
    /// A group of some runs, no two of the same pair.
    #[must_use]
    pub fn new(label: String, runs: Vec<Run>) -> Self {
        let finite = |run: &Run| run.value.filter(|value| value.is_finite());
        let values: Vec<f64> = runs.iter().filter_map(finite).collect();
        let mut keyed: Vec<(u64, f64)> = runs
            .iter()
            .filter_map(|run| Some((run.pair?, finite(run)?)))
            .collect();
        keyed.sort_unstable_by_key(|(pair, _)| *pair);
        Self {
            label,
            missing: runs.len() - values.len(),
            values,
            keyed,
        }
    }

    /// The values of both groups at the pairs that both have, in order of pair.
    #[must_use]
    pub fn paired_with(&self, other: &Self) -> (Vec<f64>, Vec<f64>) {
        let mut theirs = other.keyed.iter().peekable();
        let pairs = self.keyed.iter().filter_map(|&(pair, value)| {
            while theirs.next_if(|(other, _)| *other < pair).is_some() {}
            let (_, other) = theirs.next_if(|(other, _)| *other == pair)?;
            Some((value, *other))
        });
        pairs.unzip()
    }

    /// The pairs of its finite values, ascending.
    pub(super) fn pairs(&self) -> impl Iterator<Item = u64> {
        self.keyed.iter().map(|(pair, _)| *pair)
    }

    /// The group of its finite values of pairs up to `last`, in order of pair.
    pub(super) fn up_to(&self, last: u64) -> Self {
        let end = self.keyed.partition_point(|(pair, _)| *pair <= last);
        let keyed = self.keyed[..end].to_vec();
        Self {
            label: self.label.clone(),
            values: keyed.iter().map(|(_, value)| *value).collect(),
            missing: 0,
            keyed,
        }
    }
}

/// Indices of the groups that have a value: one all of whose runs diverged must not take the tests
/// of the others with it.
pub(super) fn with_values(groups: &[Group]) -> Vec<usize> {
    (0..groups.len())
        .filter(|&i| !groups[i].values.is_empty())
        .collect()
}

/// The values of every group at the pairs that all groups with values have, in order of pair.
pub(super) fn blocks(groups: &[Group]) -> Vec<Vec<f64>> {
    let mut common: Option<Vec<u64>> = None;
    for i in with_values(groups) {
        let mut theirs = groups[i].keyed.iter().map(|(pair, _)| *pair).peekable();
        match &mut common {
            None => common = Some(theirs.collect()),
            Some(common) => common.retain(|pair| {
                while theirs.next_if(|other| other < pair).is_some() {}
                theirs.next_if_eq(pair).is_some()
            }),
        }
    }
    let common = common.unwrap_or_default();
    let of_group = |group: &Group| {
        let mut wanted = common.iter().peekable();
        let kept = group.keyed.iter().filter_map(|(pair, value)| {
            wanted.next_if_eq(&pair)?;
            Some(*value)
        });
        kept.collect()
    };
    groups.iter().map(of_group).collect()
}

pub(super) fn summaries(groups: &[Group], settings: &Settings) -> Vec<Summary> {
    parallel::map(groups, |group| Summary {
        group: group.label.clone(),
        missing: group.missing,
        values: describe::summary(&group.values),
        interval: mean::t_interval(&group.values, settings.level()),
        bootstrap: bootstrap(&group.values, settings),
        normality: shapiro_wilk(&group.values),
        letters: Ok(None),
    })
}

fn bootstrap(values: &[f64], settings: &Settings) -> Result<Bootstrap, Undefined> {
    if values.len() > LARGEST_BOOTSTRAP {
        return Err(Undefined::TooMany {
            limit: LARGEST_BOOTSTRAP,
            got: values.len(),
        });
    }
    bootstrap_mean(values, Method::Bca, settings.level(), settings.resampling)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(label: &str, runs: &[(u64, f64)]) -> Group {
        let run = |&(pair, value)| Run {
            pair: Some(pair),
            value: Some(value),
        };
        Group::new(label.to_owned(), runs.iter().map(run).collect())
    }

    #[test]
    fn runs_meet_by_pair_whatever_their_order() {
        let a = group("a", &[(3, 0.3), (1, 0.1), (2, f64::NAN), (9, 0.9)]);
        let b = group("b", &[(0, 1.0), (1, 1.1), (2, 1.2), (3, 1.3)]);
        assert_eq!(a.missing, 1);
        assert_eq!(a.paired_with(&b), (vec![0.1, 0.3], vec![1.1, 1.3]));
        assert_eq!(blocks(&[a, b]), [vec![0.1, 0.3], vec![1.1, 1.3]]);
    }
}
