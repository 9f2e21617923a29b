//! Mid-ranks, doubled so that they are integers.

/// Doubled mid-ranks (2, 4, … without ties) of `values` and the sizes of the tied runs. Neighbours tie that are no
/// further apart than what rounding may have moved both by, `rounding` giving it for each value.
pub(crate) fn doubled_midranks(
    values: &[f64],
    rounding: impl Fn(usize) -> f64,
) -> (Vec<u64>, Vec<u64>) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0; values.len()];
    let mut ties = Vec::new();
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        let ties_with_the_last = |end: usize| {
            let (last, next) = (order[end - 1], order[end]);
            values[next] - values[last] <= rounding(last) + rounding(next)
        };
        while end < order.len() && ties_with_the_last(end) {
            end += 1;
        }
        // Ranks start+1 ..= end; their mean, doubled, is start + 1 + end.
        for &i in &order[start..end] {
            ranks[i] = (start + 1 + end) as u64;
        }
        ties.push((end - start) as u64);
        start = end;
    }
    (ranks, ties)
}
