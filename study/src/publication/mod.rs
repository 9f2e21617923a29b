//! The published experiment examined: its Table 1 beside the distributions that many seeds give,
//! its claims judged by them, and which of two readings of it the table speaks for.
//!
//! The paper does not say whether the initializer under study was given to every layer or to the
//! hidden one only. Both are run, as scopes, and everything is said of each.
//!
//! Pure functions from stored runs to numbers and verdicts; what renders them is in `report`.

pub mod claims;
mod judge;
pub mod likelihood;
pub mod placement;
pub mod sample;
pub mod single_run;
pub mod table;

use engine::init::InitScope;

use crate::{
    comparison::{Analysis, Group, Settings, analyze},
    metric::Metric,
    plan::Variant,
    record::RunRecord,
    stats::Undefined,
};
use claims::{Grounds, Judgement};
use likelihood::{Likelihood, RowFit};
use placement::Placement;
use sample::Sample;
use single_run::SingleRun;
use table::{TABLE, row_of};

/// The two readings of the paper, in the order of everything here.
pub const SCOPES: [InitScope; 2] = [InitScope::Hidden, InitScope::All];

/// The runs of one scope.
#[derive(Clone, Copy, Debug)]
pub struct ScopeRuns<'a> {
    /// Every run of its folder.
    pub runs: &'a [RunRecord],
    /// The paper's initializers under its protocol; runs of anything else are left out.
    pub variants: &'a [Variant],
}

/// The paper beside the runs of both scopes.
#[derive(Clone, Debug)]
pub struct Examination {
    /// Each scope, in the order of [`SCOPES`].
    pub scopes: [ScopeExamination; 2],
    /// Which of them the table speaks for.
    pub likelihood: Likelihood,
    /// How initializers were compared.
    pub settings: Settings,
    /// Equivalence margin, a fraction of 1.
    pub margin: f64,
    /// The data set of the runs.
    pub dataset: String,
}

/// The paper beside the runs of one scope.
#[derive(Clone, Debug)]
pub struct ScopeExamination {
    /// Which layers got the initializer.
    pub scope: InitScope,
    /// The runs beside each row of the table.
    pub samples: Vec<Sample>,
    /// Results in the folder that are of something else and left out.
    pub others: usize,
    /// The four initializers compared by every metric.
    pub analyses: Vec<Analysis>,
    /// Each published number in our distribution.
    pub placements: Vec<Placement>,
    /// How well each published row is predicted.
    pub fits: Vec<RowFit>,
    /// What single runs would have printed.
    pub single_run: Result<SingleRun, Undefined>,
    /// Each claim judged.
    pub judgements: Vec<Judgement>,
}

impl Examination {
    /// Of the runs of both scopes, in the order of [`SCOPES`].
    #[must_use]
    pub fn new(runs: [ScopeRuns<'_>; 2], settings: &Settings, margin: f64) -> Self {
        let settings = Settings {
            margin: Some(margin),
            ..settings.clone()
        };
        let scopes = [0, 1].map(|i| ScopeExamination::new(SCOPES[i], runs[i], &settings, margin));
        let [first, second] = &scopes;
        let likelihood = Likelihood::new(
            [&first.samples, &second.samples],
            [&first.fits, &second.fits],
        );
        let dataset = runs.iter().find_map(|scope| scope.runs.first());
        Self {
            likelihood,
            dataset: dataset.map_or(String::new(), |run| run.dataset.clone()),
            scopes,
            settings,
            margin,
        }
    }
}

impl ScopeExamination {
    fn new(scope: InitScope, runs: ScopeRuns<'_>, settings: &Settings, margin: f64) -> Self {
        let results = || runs.runs.iter().filter(|run| run.is_result());
        let wanted =
            |run: &&RunRecord| runs.variants.contains(&run.variant) && row_of(run).is_some();
        let published: Vec<RunRecord> = results().filter(wanted).cloned().collect();
        let samples = Sample::all(&published);
        let of_metric = |metric: Metric| {
            let mut groups = metric.groups(&published);
            groups.sort_by_key(|group: &Group| {
                TABLE.iter().position(|row| row.initializer == group.label)
            });
            analyze(metric.name(), &groups, settings)
        };
        let analyses: Vec<Analysis> = table::METRICS.into_iter().map(of_metric).collect();
        let single_run = SingleRun::new(&samples, settings.level(), settings.resampling);
        let mut examination = Self {
            scope,
            others: results().count() - published.len(),
            placements: Placement::all(&samples, settings.level()),
            fits: RowFit::all(&samples),
            judgements: Vec::new(),
            samples,
            single_run,
            analyses,
        };
        examination.judgements = examination.grounds(settings, margin).judge();
        examination
    }

    /// What its claims are judged from.
    #[must_use]
    pub fn grounds<'a>(&'a self, settings: &'a Settings, margin: f64) -> Grounds<'a> {
        Grounds {
            analyses: &self.analyses,
            single_run: self.single_run.as_ref().map_err(|why| *why),
            settings,
            margin,
        }
    }
}
