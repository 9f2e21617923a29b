//! `sweep --until decided`: seeds in blocks, a look after each, and on with what is open.

use std::{path::Path, sync::atomic::AtomicBool};

use super::method;
use crate::{
    cli::SweepArgs,
    comparison::{Group, verdict_name},
    export::{row::Row, write_rows},
    failure::Failure,
    limits,
    metric::Metric,
    plan::{Variant, labels},
    progress::Progress,
    record::RunRecord,
    report,
    sequential::{Decision, Monitor, SMALLEST_LOOK, default_looks},
    store::Store,
    sweep::{Sweep, SweepEnd},
};

/// When to stop.
pub(super) struct Until {
    metric: Metric,
    alpha: f64,
    monitor: Monitor,
}

impl Until {
    /// What the flags ask for, if they do.
    pub(super) fn new(
        args: &SweepArgs,
        margin: Option<f64>,
        variants: &[Variant],
    ) -> Result<Option<Self>, Failure> {
        if args.until.until.is_none() {
            return Ok(None);
        }
        let margin = margin.ok_or_else(|| {
            Failure::usage("--until decided needs to know what counts as equivalent; give --margin")
        })?;
        if variants.len() < 2 {
            return Err(Failure::usage(
                "--until decided compares initializers; name two or more with --initializers",
            ));
        }
        let looks = if args.until.looks.is_empty() {
            default_looks(args.until.max_seeds.get())
        } else {
            args.until.looks.clone()
        };
        if let Some(small) = looks.iter().find(|&&look| look < SMALLEST_LOOK) {
            return Err(Failure::usage(format!(
                "--until decided cannot look after {small} seeds: its bounds hold from {SMALLEST_LOOK} on; raise --looks or --max-seeds"
            )));
        }
        limits::check_alpha(args.until.alpha).map_err(Failure::usage)?;
        let monitor = Monitor::new(variants.len(), &looks, margin, args.until.alpha)
            .map_err(|why| Failure::usage(format!("--until decided cannot look so: {why}")))?;
        Ok(Some(Self {
            metric: method::metric(&args.until.metric)?,
            alpha: args.until.alpha,
            monitor,
        }))
    }

    /// Seeds at the last look.
    pub(super) fn most_seeds(&self) -> u32 {
        let last = self.monitor.looks().last().copied().unwrap_or(0);
        u32::try_from(last).unwrap_or(u32::MAX)
    }

    /// Keeps how this sweep looks in its folder, or refuses to look otherwise than before.
    pub(super) fn fix(
        &self,
        variants: &[Variant],
        folder: &Path,
        store: &mut Store,
    ) -> Result<(), Failure> {
        let list = |items: Vec<String>| items.join(",");
        let looks = self.monitor.looks().iter().map(ToString::to_string);
        let declaration = [
            ("metric", self.metric.name().to_owned()),
            ("looks", list(looks.collect())),
            ("margin", self.monitor.margin().to_string()),
            ("alpha", self.alpha.to_string()),
            // α is divided by the number of their pairs.
            ("initializers", list(labels(variants))),
        ];
        Ok(store.fix_looks(folder, &declaration)?)
    }

    /// Trains and looks by turns until every pair is decided, seeds run out, or `stop` is set.
    pub(super) fn run(
        &mut self,
        sweep: &Sweep<'_>,
        store: &mut Store,
        progress: &Progress,
        stop: &AtomicBool,
    ) -> Result<SweepEnd, Failure> {
        let mut end = SweepEnd::default();
        let mut seen = 0;
        for (look, seeds) in self.monitor.looks().to_vec().into_iter().enumerate() {
            let open: Vec<Variant> = self
                .monitor
                .open_groups()
                .into_iter()
                .map(|i| sweep.variants[i].clone())
                .collect();
            if open.is_empty() {
                break;
            }
            let block = Sweep {
                variants: &open,
                seeds: seeds as u64,
                ..*sweep
            };
            let ended = block.run(store, progress, stop)?;
            // Those of earlier looks are found again, and are counted already.
            end.found += ended.found.saturating_sub(open.len() * seen);
            seen = seeds;
            end.added += ended.added;
            end.failed += ended.failed;
            end.missing = ended.missing;
            // A look is at every run of its seeds, or at none.
            if end.missing + end.failed > 0 {
                break;
            }
            let groups = self.groups(sweep, seeds, &store.runs()?);
            self.monitor.look(look, &groups);
        }
        Ok(end)
    }

    /// The sweep's groups, in its order, with the runs of the seeds below `seeds` only.
    fn groups(&self, sweep: &Sweep<'_>, seeds: usize, runs: &[RunRecord]) -> Vec<Group> {
        let group = |(variant, label): (&Variant, String)| {
            let seen: Vec<&RunRecord> = runs
                .iter()
                .filter(|run| run.variant == *variant && run.seed < seeds as u64)
                .collect();
            self.metric.group(label, &seen)
        };
        let labels = labels(sweep.variants);
        sweep.variants.iter().zip(labels).map(group).collect()
    }

    /// The table of decisions, and sequential.csv in the folder.
    pub(super) fn publish(&self, folder: &Path) -> Result<String, Failure> {
        let rows = self.monitor.decisions().map(|d| self.row(d));
        write_rows(&folder.join("sequential.csv"), rows).map_err(|error| {
            Failure::internal(format!(
                "cannot write sequential.csv in {}: {error}; the runs are kept in the store, the same command writes the file",
                folder.display()
            ))
        })?;
        Ok(report::sequential::table(self.metric.name(), &self.monitor))
    }

    fn row(&self, decision: &Decision) -> Row {
        let row = Row::default()
            .with("metric", self.metric.name())
            .with("a", decision.a.as_str())
            .with("b", decision.b.as_str())
            .with("verdict", verdict_name(decision.verdict))
            .with("look", decision.look)
            .with("looks", self.monitor.looks().len())
            .with("seeds", decision.seeds)
            .with("n", decision.n)
            .with("difference", decision.difference)
            .with("p", decision.p)
            .with("p_bound", decision.p_bound)
            .with("margin", self.monitor.margin())
            .with("p_equivalence", decision.p_equivalence)
            .with("p_equivalence_bound", decision.p_equivalence_bound);
        match decision.reason {
            Some(reason) => row.note("test", reason),
            None => row,
        }
    }
}
