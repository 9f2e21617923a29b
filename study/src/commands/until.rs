//! `sweep --until decided`: seeds in blocks, a look after each, and on with what is open.

use std::{path::Path, sync::atomic::AtomicBool};

use super::method;
use crate::{
    cli::SweepArgs,
    export::{sequential::sequential_rows, write_rows},
    failure::Failure,
    limits,
    looks::Looks,
    plan::Variant,
    progress::Progress,
    report,
    sequential::{SMALLEST_LOOK, default_looks},
    store::Store,
    sweep::{Sweep, SweepEnd},
};

/// When to stop.
pub(super) struct Until {
    looks: Looks,
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
        let metric = method::metric(&args.until.metric)?;
        let looks = Looks::new(metric, variants.to_vec(), &looks, margin, args.until.alpha)
            .map_err(|why| Failure::usage(format!("--until decided cannot look so: {why}")))?;
        Ok(Some(Self { looks }))
    }

    /// Seeds at the last look.
    pub(super) fn most_seeds(&self) -> u32 {
        let last = self.looks.planned().last().copied().unwrap_or(0);
        u32::try_from(last).unwrap_or(u32::MAX)
    }

    /// Keeps how this sweep looks in its folder, or refuses to look otherwise than before.
    pub(super) fn fix(&self, folder: &Path, store: &mut Store) -> Result<(), Failure> {
        Ok(store.fix_looks(folder, &self.looks.facts())?)
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
        while let Some((seeds, open)) = self.looks.next() {
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
            self.looks.look(&store.runs()?);
        }
        Ok(end)
    }

    /// The table of decisions, and sequential.csv in the folder.
    pub(super) fn publish(&self, folder: &Path) -> Result<String, Failure> {
        let rows = sequential_rows(&self.looks);
        write_rows(&folder.join("sequential.csv"), rows).map_err(|error| {
            Failure::internal(format!(
                "cannot write sequential.csv in {}: {error}; the runs are kept in the store, the same command writes the file",
                folder.display()
            ))
        })?;
        Ok(report::sequential::table(&self.looks))
    }
}
