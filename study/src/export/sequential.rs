//! The rows of sequential.csv.

use super::row::Row;
use crate::{comparison::verdict_name, looks::Looks};

/// A row for each pair that a look was made at.
pub fn sequential_rows(looks: &Looks) -> impl Iterator<Item = Row> + '_ {
    looks.monitor().decisions().map(|decision| {
        let row = Row::default()
            .with("metric", looks.metric.name())
            .with("a", decision.a.as_str())
            .with("b", decision.b.as_str())
            .with("verdict", verdict_name(decision.verdict))
            .with("look", decision.look)
            .with("looks", looks.planned().len())
            .with("seeds", decision.seeds)
            .with("n", decision.n)
            .with("difference", decision.difference)
            .with("p", decision.p)
            .with("p_bound", decision.p_bound)
            .with("margin", looks.monitor().margin())
            .with("p_equivalence", decision.p_equivalence)
            .with("p_equivalence_bound", decision.p_equivalence_bound);
        match decision.reason {
            Some(reason) => row.note("test", reason),
            None => row,
        }
    })
}
