//! Permutation max-T within blocks (Westfall and Young 1993): all pairs of groups, adjusted
//! jointly, with the dependence between the comparisons taken from the data.

use super::describe::mean;
use super::outcome::{Undefined, bounded, check_blocks};
use super::pairwise::pairs;
use super::resample::{Draws, Resampling};
use super::t_test::Estimate;

/// One pair of the family.
#[derive(Debug, Clone, PartialEq)]
pub struct MaxT {
    /// Index of the first group.
    pub a: usize,
    /// Index of the second group.
    pub b: usize,
    /// The paired t and its adjusted p-value, or why this pair has none.
    pub outcome: Result<MaxTOutcome, Undefined>,
}

/// A paired t adjusted by the permutation distribution of the largest.
#[derive(Debug, Clone, PartialEq)]
pub struct MaxTOutcome {
    /// Paired t.
    pub statistic: f64,
    /// Step-down: against the largest |t| of the pairs no more significant than this one.
    pub p_step_down: f64,
    /// The smallest p to be had from so many resamples of so many blocks: 1/(B + 1), or, where
    /// larger, the share of all (k!)ⁿ arrangements that cannot but reach the largest |t|.
    pub smallest_p: f64,
}

/// Permutes the groups within every block and compares each paired |t| with the largest of the
/// family; p = (b + 1)/(B + 1). Controls the family-wise error exactly when all groups are
/// exchangeable within a block, and, t being studentized, nearly so when only some are.
pub fn max_t(groups: &[&[f64]], resampling: Resampling) -> Result<Vec<MaxT>, Undefined> {
    let mut draws = resampling.check(0.5)?;
    let n = check_blocks(groups, 2, 2)?;
    let all: Vec<(usize, usize)> = pairs(groups.len()).collect();
    let observed: Vec<Result<Estimate, Undefined>> = all
        .iter()
        .map(|&(a, b)| Estimate::paired(groups[a], groups[b]))
        .collect();
    let t = |e: &Estimate| e.difference / e.standard_error;
    let mut order: Vec<usize> = (0..all.len()).filter(|&i| observed[i].is_ok()).collect();
    let size = |i: usize| observed[i].as_ref().map_or(0.0, |e| t(e).abs());
    order.sort_by(|&i, &j| size(j).total_cmp(&size(i)));
    let counts = count_exceedances(groups, n, &all, &order, resampling, &mut draws);
    let share = |count: u64| bounded((count as f64 + 1.0) / (resampling.resamples as f64 + 1.0));
    // One relabelling of the groups in all blocks alike changes no largest |t| of all pairs: k! of
    // the (k!)ⁿ arrangements tie. Where a pair is left out only the mirror image is sure to.
    let arrangements: f64 = (1..=groups.len()).map(|i| i as f64).product();
    let power = n.min(i32::MAX as usize) as i32;
    let smallest_share = if order.len() == all.len() {
        arrangements.powi(1 - power)
    } else {
        (2.0 * arrangements.powi(-power)).min(1.0)
    };
    let smallest_p = smallest_share.max(1.0 / (resampling.resamples as f64 + 1.0));
    let mut p = vec![1.0; all.len()];
    let mut running = 0.0_f64;
    for (place, &i) in order.iter().enumerate() {
        running = running.max(share(counts[place]));
        p[i] = running;
    }
    Ok(all
        .iter()
        .zip(observed)
        .zip(p)
        .map(|((&(a, b), estimate), p_step_down)| MaxT {
            a,
            b,
            outcome: estimate.map(|e| MaxTOutcome {
                statistic: t(&e),
                p_step_down,
                smallest_p,
            }),
        })
        .collect())
}

/// In how many permutations the largest t² of each pair and those after it reaches the pair's own, in
/// the order given.
fn count_exceedances(
    groups: &[&[f64]],
    n: usize,
    all: &[(usize, usize)],
    order: &[usize],
    resampling: Resampling,
    draws: &mut Draws,
) -> Vec<u64> {
    let k = groups.len();
    // Block by block and centred there, which changes no difference and spares digits.
    let mut rows: Vec<f64> = Vec::with_capacity(n * k);
    for i in 0..n {
        let row: Vec<f64> = groups.iter().map(|g| g[i]).collect();
        let centre = mean(&row);
        rows.extend(row.iter().map(|v| v - centre));
    }
    let mut counts = vec![0; order.len()];
    let mut squared = vec![0.0; all.len()];
    // By what gives those of the permutations, so that one which merely relabels the groups ties to the last bit.
    squared_t(&rows, k, all, &mut squared);
    let thresholds: Vec<f64> = order.iter().map(|&i| squared[i] * (1.0 - 1e-10)).collect();
    for _ in 0..resampling.resamples {
        for row in rows.chunks_exact_mut(k) {
            draws.shuffle_front(row, k);
        }
        squared_t(&rows, k, all, &mut squared);
        let mut remaining = 0.0_f64;
        for (place, &i) in order.iter().enumerate().rev() {
            remaining = remaining.max(squared[i]);
            counts[place] += u64::from(remaining >= thresholds[place]);
        }
    }
    counts
}

/// Paired t² of every pair of columns.
fn squared_t(rows: &[f64], k: usize, all: &[(usize, usize)], out: &mut [f64]) {
    let n = (rows.len() / k) as f64;
    let mut sums = vec![(0.0, 0.0); all.len()];
    for row in rows.chunks_exact(k) {
        for ((sum, squares), &(a, b)) in sums.iter_mut().zip(all) {
            let d = row[a] - row[b];
            *sum += d;
            *squares += d * d;
        }
    }
    for (t, (sum, squares)) in out.iter_mut().zip(sums) {
        let explained = sum * sum / n;
        let error = squares - explained;
        *t = if error > 1e-12 * squares {
            (n - 1.0) * explained / error
        } else if explained > 0.0 {
            f64::INFINITY
        } else {
            0.0
        };
    }
}
