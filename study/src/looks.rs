//! How a sequential sweep looks at its runs, as its store keeps it, and its looks: the sweep makes
//! them as its runs come, a report again from the runs that are there.

use std::collections::HashSet;

use crate::{
    comparison::Group,
    metric::Metric,
    plan::{Variant, labels},
    record::RunRecord,
    sequential::Monitor,
    stats::{Undefined, sequential::Verdict},
    status,
    store::{Store, StoreError},
};

/// The rule of a sequential sweep, and the looks that were made by it.
#[derive(Clone, Debug)]
pub struct Looks {
    /// What is compared.
    pub metric: Metric,
    /// The probability of a wrong verdict of either kind, over all pairs and looks.
    pub alpha: f64,
    variants: Vec<Variant>,
    monitor: Monitor,
    made: usize,
}

impl Looks {
    /// None made yet.
    ///
    /// # Errors
    /// If looks, margin or α are out of range.
    pub fn new(
        metric: Metric,
        variants: Vec<Variant>,
        seeds: &[usize],
        margin: f64,
        alpha: f64,
    ) -> Result<Self, Undefined> {
        Ok(Self {
            metric,
            alpha,
            monitor: Monitor::new(variants.len(), seeds, margin, alpha)?,
            variants,
            made: 0,
        })
    }

    /// Those of a store's sweep, as far as its runs go: none where it was not sequential, and the
    /// reason where the store does not say how it looked.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn of_store(
        store: &Store,
        runs: &[RunRecord],
    ) -> Result<Option<Result<Self, String>>, StoreError> {
        let sessions = store.environment()?;
        let mut facts = Vec::new();
        for name in ["metric", "looks", "margin", "alpha", "initializers"] {
            facts.push(store.fact_of_looks(name)?);
        }
        let is_sequential = sessions.iter().any(|s| s.fact("until").is_some());
        if !is_sequential && facts.iter().all(Option::is_none) {
            return Ok(None);
        }
        let [
            Some(metric),
            Some(seeds),
            Some(margin),
            Some(alpha),
            Some(initializers),
        ] = &facts[..]
        else {
            let why =
                "the store does not say its looks, margin and alpha; an earlier version wrote it";
            return Ok(Some(Err(why.to_owned())));
        };
        // Labels alone do not tell which runs are meant.
        let requests = sessions.iter().rev().filter_map(status::request);
        let mut variants = requests.map(|request| request.settings.variants());
        let variants = variants.find(|variants| labels(variants).join(",") == *initializers);
        let seeds: Result<Vec<usize>, _> = seeds.split(',').map(str::parse).collect();
        let (Some(metric), Some(variants), Ok(seeds), Ok(margin), Ok(alpha)) = (
            Metric::named(metric),
            variants,
            seeds,
            margin.parse(),
            alpha.parse(),
        ) else {
            let why = "what the store says of its looks cannot be read; the same sweep again tells its verdicts";
            return Ok(Some(Err(why.to_owned())));
        };
        let looks = Self::new(metric, variants, &seeds, margin, alpha);
        Ok(Some(looks.map_err(|why| why.to_string()).map(
            |mut looks| {
                looks.catch_up(runs);
                looks
            },
        )))
    }

    /// What the store keeps of them, by name.
    #[must_use]
    pub fn facts(&self) -> [(&'static str, String); 5] {
        let seeds = self.planned().iter().map(ToString::to_string);
        let seeds: Vec<String> = seeds.collect();
        [
            ("metric", self.metric.name().to_owned()),
            ("looks", seeds.join(",")),
            ("margin", self.monitor.margin().to_string()),
            ("alpha", self.alpha.to_string()),
            // α is divided by the number of their pairs.
            ("initializers", labels(&self.variants).join(",")),
        ]
    }

    /// What the looks decided.
    #[must_use]
    pub fn monitor(&self) -> &Monitor {
        &self.monitor
    }

    /// Seeds at each look that was planned.
    #[must_use]
    pub fn planned(&self) -> &[usize] {
        self.monitor.looks()
    }

    /// Seeds at each look that was made.
    #[must_use]
    pub fn made(&self) -> &[usize] {
        &self.planned()[..self.made]
    }

    /// Pairs, decided and open.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.variants.len() * self.variants.len().saturating_sub(1) / 2
    }

    /// Pairs that have a verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        let of_kind = self.monitor.decisions().filter(|d| d.verdict == verdict);
        of_kind.count()
    }

    /// Seeds of the look that comes next and the variants that it wants runs of; none after the
    /// last, or where every pair is decided.
    #[must_use]
    pub fn next(&self) -> Option<(usize, Vec<Variant>)> {
        let seeds = *self.planned().get(self.made)?;
        let open = self.monitor.open_groups();
        let open: Vec<Variant> = open.into_iter().map(|i| self.variants[i].clone()).collect();
        (!open.is_empty()).then_some((seeds, open))
    }

    /// Whether there are runs of seeds past the last look, which was made.
    #[must_use]
    pub fn are_exceeded_by(&self, runs: &[RunRecord]) -> bool {
        let last = self.made().last().copied().unwrap_or(0) as u64;
        self.next().is_none() && runs.iter().any(|run| run.seed >= last)
    }

    /// Makes the next look, at runs that hold all that it wants; other runs do not matter.
    pub fn look(&mut self, runs: &[RunRecord]) {
        let Some((seeds, _)) = self.next() else {
            return;
        };
        let group = |(variant, label): (&Variant, String)| {
            let seen: Vec<&RunRecord> = runs
                .iter()
                .filter(|run| run.variant == *variant && run.seed < seeds as u64)
                .collect();
            self.metric.group(label, &seen)
        };
        let groups = self.variants.iter().zip(labels(&self.variants)).map(group);
        let groups: Vec<Group> = groups.collect();
        self.monitor.look(self.made, &groups);
        self.made += 1;
    }

    /// Makes every look that has all of its runs.
    fn catch_up(&mut self, runs: &[RunRecord]) {
        while let Some((seeds, open)) = self.next() {
            let has_all = |variant: &Variant| {
                let there = runs.iter().filter(|run| {
                    run.is_result() && run.variant == *variant && run.seed < seeds as u64
                });
                there.map(|run| run.seed).collect::<HashSet<_>>().len() == seeds
            };
            if !open.iter().all(has_all) {
                break;
            }
            self.look(runs);
        }
    }
}
