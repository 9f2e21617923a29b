//! Learning curves of runs less the mean of all groups at their seed: what the groups of a seed have in
//! common, as its order of examples, is not in their intervals.

use std::collections::BTreeMap;

use super::{Drawn, curves::Curve, learning::halves};
use crate::{
    comparison::Settings,
    metric::Metric,
    record::{RunRecord, Status},
    stats::describe,
};

/// What follows the name of a half in the lower row.
pub(super) const LESS_MEAN: &str = ", less the mean of all";

/// By epoch, over the seeds that all groups have, and the number of those seeds. Nothing where there is
/// one group, one epoch or no such seed.
pub(super) fn less_mean(
    groups: &[(String, Vec<&RunRecord>)],
    settings: &Settings,
    metric: Metric,
    drawn: &mut Vec<Drawn>,
) -> ([Vec<Curve>; 2], usize) {
    let finished: Vec<(&String, BTreeMap<u64, &RunRecord>)> = groups
        .iter()
        .map(|(label, runs)| {
            let ok = runs.iter().filter(|run| run.status == Status::Ok);
            (label, ok.map(|run| (run.seed, *run)).collect())
        })
        .filter(|(_, runs): &(_, BTreeMap<_, _>)| !runs.is_empty())
        .collect();
    let none = ([Vec::new(), Vec::new()], 0);
    let Some((_, first)) = finished.first().filter(|_| finished.len() > 1) else {
        return none;
    };
    let shared: Vec<Vec<&RunRecord>> = first
        .keys()
        .filter_map(|seed| {
            finished
                .iter()
                .map(|(_, runs)| runs.get(seed).copied())
                .collect()
        })
        .collect();
    let epochs = shared.iter().flatten().map(|run| run.epochs.len()).max();
    if epochs < Some(2) {
        return none;
    }
    let curves = halves(metric).map(|half| {
        let mut curves: Vec<Curve> = finished
            .iter()
            .map(|(label, _)| Curve {
                label: (*label).clone(),
                places: Vec::new(),
            })
            .collect();
        for epoch in 0..epochs.unwrap_or(0) {
            let of_seeds: Vec<Vec<f64>> = shared
                .iter()
                .filter_map(|runs| {
                    let value = |run: &&RunRecord| {
                        let value = run.epochs.get(epoch).map(half.of);
                        value.filter(|value| value.is_finite())
                    };
                    let values: Vec<f64> = runs.iter().map(value).collect::<Option<_>>()?;
                    let mean = describe::mean(&values);
                    Some(values.iter().map(|value| value - mean).collect())
                })
                .collect();
            if of_seeds.is_empty() {
                continue;
            }
            for (group, curve) in curves.iter_mut().enumerate() {
                let values: Vec<f64> = of_seeds.iter().map(|seed| seed[group]).collect();
                let panel = format!("{}{LESS_MEAN}", half.name);
                curve.add(panel, epoch, &values, settings, drawn);
            }
        }
        curves
    });
    (curves, shared.len())
}
