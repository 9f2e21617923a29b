//! The rows of summary.csv and comparisons.csv, and an analysis as one JSON object of the same.
//! `docs/compare.md` says what each name means.

use serde::Serialize;
use serde_json::{Value, json};

use super::row::Row;
use crate::{
    comparison::{Analysis, Comparison, Crossed, Design, Omnibus, Settings, Summary, verdict_name},
    stats::{
        Undefined,
        crossed::{CrossedBootstrap, Source},
    },
};

/// What groups and missing runs are called in the files at hand.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// A group.
    pub group: &'static str,
    /// The number of runs without a value.
    pub missing: &'static str,
}

impl Words {
    /// In a sweep's folder, groups are initializers and runs without a value have diverged.
    pub const SWEEP: Self = Self {
        group: "initializer",
        missing: "n_diverged",
    };
    /// In anybody's table.
    pub const TABLE: Self = Self {
        group: "group",
        missing: "n_missing",
    };
}

/// A row for each group.
#[must_use]
pub fn summary_rows(analysis: &Analysis, settings: &Settings, words: Words) -> Vec<Row> {
    let row = |summary| summary_row(&analysis.metric, summary, settings, words);
    analysis.summaries.iter().map(row).collect()
}

/// A row for each comparison.
#[must_use]
pub fn comparison_rows(analysis: &Analysis, settings: &Settings) -> Vec<Row> {
    let row = |comparison| comparison_row(analysis, comparison, settings);
    analysis.comparisons.iter().map(row).collect()
}

/// A row for each test of all groups.
#[must_use]
pub fn omnibus_rows(analysis: &Analysis) -> Vec<Row> {
    let row = |omnibus| omnibus_row(&analysis.metric, omnibus);
    analysis.omnibus.iter().map(row).collect()
}

/// A row for each difference in test accuracy over new seeds and images.
#[must_use]
pub fn crossed_rows(crossed: &[Crossed]) -> Vec<Row> {
    let row = |c: &Crossed| {
        let result = c.result.as_ref().ok();
        let source = |of: fn(&CrossedBootstrap) -> Source| result.map(of);
        let (seeds, images, both) = (
            source(|r| r.seeds),
            source(|r| r.images),
            source(|r| r.both),
        );
        let row = Row::default()
            .with("metric", "test_accuracy")
            .with("a", c.a.as_str())
            .with("b", c.b.as_str())
            .with("n", c.n)
            .with("difference", result.map(|r| r.difference))
            .with("seeds_low", seeds.map(|s| s.interval.low))
            .with("seeds_high", seeds.map(|s| s.interval.high))
            .with("images_low", images.map(|s| s.interval.low))
            .with("images_high", images.map(|s| s.interval.high))
            .with("both_low", both.map(|s| s.interval.low))
            .with("both_high", both.map(|s| s.interval.high))
            .with("ci_level", both.map(|s| s.interval.level))
            .with("seeds_standard_error", seeds.map(|s| s.standard_error))
            .with("images_standard_error", images.map(|s| s.standard_error))
            .with("both_standard_error", both.map(|s| s.standard_error))
            .note_unless("difference", &c.result);
        match c.caution() {
            Some(reason) => row.note("intervals", reason),
            None => row,
        }
    };
    crossed.iter().map(row).collect()
}

/// Everything as one JSON object.
#[must_use]
pub fn to_json(analysis: &Analysis, settings: &Settings, words: Words) -> Value {
    let control = settings.control.map(|i| &analysis.summaries[i].group);
    json!({
        "initstudy": env!("CARGO_PKG_VERSION"),
        "metric": analysis.metric,
        "settings": {
            "test": settings.test.name(),
            "paired": settings.design() == Design::Paired,
            "adjustment": settings.adjustment_name(),
            "control": control,
            "margin": analysis.margin,
            "alpha": settings.alpha,
            "resamples": settings.resampling.resamples,
            "resampling_seed": settings.resampling.seed,
        },
        "groups": values(&summary_rows(analysis, settings, words)),
        "comparisons": values(&comparison_rows(analysis, settings)),
        "omnibus": values(&omnibus_rows(analysis)),
    })
}

fn values(rows: &[impl Serialize]) -> Value {
    json!(rows)
}

fn ok<T: Copy>(result: &Result<T, Undefined>) -> Option<T> {
    result.as_ref().ok().copied()
}

fn summary_row(metric: &str, summary: &Summary, settings: &Settings, words: Words) -> Row {
    let values = summary.values.as_ref().ok();
    let (interval, bootstrap) = (ok(&summary.interval), summary.bootstrap.as_ref().ok());
    let normality = summary.normality.as_ref().ok();
    let letters = summary.letters.as_ref().ok().cloned().flatten();
    let row = Row::default()
        .with("metric", metric)
        .with(words.group, summary.group.as_str())
        .with("n", values.map_or(0, |v| v.n))
        .with(words.missing, summary.missing)
        .with("mean", values.map(|v| v.mean))
        .with("sd", values.and_then(|v| v.sd))
        .with("ci_low", interval.map(|i| i.low))
        .with("ci_high", interval.map(|i| i.high))
        .with("ci_level", settings.level())
        .with("median", values.map(|v| v.median))
        .with("min", values.map(|v| v.min))
        .with("max", values.map(|v| v.max))
        .with("q1", values.map(|v| v.q1))
        .with("q3", values.map(|v| v.q3))
        .with("iqm", values.map(|v| v.iqm))
        .with("bootstrap_low", bootstrap.map(|b| b.interval.low))
        .with("bootstrap_high", bootstrap.map(|b| b.interval.high))
        .with("bootstrap_method", bootstrap.map(bootstrap_name))
        .with("shapiro_w", normality.map(|t| t.statistic))
        .with("shapiro_p", normality.map(|t| t.p))
        .with("letters", letters);
    if summary.values.is_err() {
        return row.note_unless("mean", &summary.values);
    }
    let row = row
        .note_unless("interval", &summary.interval)
        .note_unless("bootstrap", &summary.bootstrap)
        .note_unless("shapiro", &summary.normality)
        .note_unless("letters", &summary.letters);
    let row = match bootstrap.and_then(|b| b.fallback) {
        Some(reason) => row.note("percentile for BCa", reason),
        None => row,
    };
    match summary.bootstrap_caution() {
        Some(reason) => row.note("bootstrap", reason),
        None => row,
    }
}

/// The method of a bootstrap interval, as files name it.
#[must_use]
pub fn bootstrap_name(bootstrap: &crate::stats::bootstrap::Bootstrap) -> &'static str {
    match bootstrap.method {
        crate::stats::bootstrap::Method::Bca => "bca",
        crate::stats::bootstrap::Method::Percentile => "percentile",
    }
}

fn comparison_row(analysis: &Analysis, comparison: &Comparison, settings: &Settings) -> Row {
    let c = comparison;
    let test = c.test.as_ref().ok();
    let interval = ok(&c.interval);
    let (effect, prob) = (ok(&c.effect_interval), ok(&c.prob_interval));
    let pairing = c.pairing.as_ref().and_then(|p| p.as_ref().ok());
    let correlation_interval = pairing.and_then(|p| p.interval);
    let normality = c.normality.as_ref().and_then(|t| t.as_ref().ok());
    let spread = c.spread.as_ref().ok();
    let tost = c.equivalence.as_ref().and_then(|t| t.as_ref().ok());
    let posterior = c.posterior.as_ref().and_then(|p| p.as_ref().ok());
    let aso = c.aso.as_ref().and_then(|a| a.as_ref().ok());
    let row = Row::default()
        .with("metric", analysis.metric.as_str())
        .with("a", c.a.as_str())
        .with("b", c.b.as_str())
        .with("n", c.n())
        .with("mean_a", c.mean_a)
        .with("mean_b", c.mean_b)
        .with("difference", c.difference)
        .with("ci_low", interval.map(|i| i.low))
        .with("ci_high", interval.map(|i| i.high))
        .with("test", test.map(|t| t.name))
        .with("statistic", test.map(|t| t.statistic))
        .with("df", test.and_then(|t| t.df))
        .with("p", c.p())
        .with("p_adjusted", c.p_adjusted)
        .with("adjustment", settings.adjustment_name())
        .with("effect_size", ok(&c.effect_size))
        .with("prob_superiority", ok(&c.prob_superiority))
        .with("correlation", pairing.map(|p| p.correlation))
        .with("verdict", c.verdict.map(verdict_name))
        .with("n_a", c.n_a)
        .with("n_b", c.n_b)
        .with("ci_level", settings.level())
        .with("ci_method", interval.map(|_| c.interval_method))
        .with("smallest_p", test.and_then(|t| t.smallest_p))
        .with("effect_size_low", effect.map(|i| i.low))
        .with("effect_size_high", effect.map(|i| i.high))
        .with("prob_superiority_low", prob.map(|i| i.low))
        .with("prob_superiority_high", prob.map(|i| i.high))
        .with("margin", analysis.margin)
        .with("p_equivalence", tost.map(|t| t.test.p))
        .with("p_equivalence_adjusted", c.p_equivalence_adjusted)
        .with("posterior_less", posterior.map(|p| p.p_less))
        .with("posterior_equivalent", posterior.map(|p| p.p_equivalent))
        .with("posterior_greater", posterior.map(|p| p.p_greater))
        .with("correlation_low", correlation_interval.map(|i| i.low))
        .with("correlation_high", correlation_interval.map(|i| i.high))
        .with("variance_ratio", pairing.map(|p| p.variance_ratio))
        .with("equivalent_seeds", pairing.and_then(|p| p.equivalent_seeds))
        .with("shapiro_p", normality.map(|t| t.p))
        .with(
            "brown_forsythe_p",
            spread
                .filter(|_| c.design == Design::Independent)
                .map(|t| t.p),
        )
        .with("variances_test", spread.map(|t| t.name))
        .with("variances_p", spread.map(|t| t.p))
        .with("aso_eps_min", aso.map(|a| a.eps_min))
        .with("aso_eps_min_reverse", aso.map(|a| a.eps_min_reverse));
    let row = row.note_unless("test", &c.test);
    let row = match (&c.interval, &c.test) {
        (Err(interval), Err(test)) if interval == test => row,
        (interval, _) => row.note_unless("interval", interval),
    };
    let row = row.note_unless("effect_size", &c.effect_size);
    let row = match &c.effect_size {
        Ok(_) => row.note_unless("effect_size interval", &c.effect_interval),
        Err(_) => row,
    };
    let row = row
        .note_unless("prob_superiority", &c.prob_interval)
        .note_unless("variances", &c.spread);
    let row = optional_note(row, "correlation", c.pairing.as_ref());
    let row = optional_note(row, "shapiro", c.normality.as_ref());
    let row = optional_note(row, "equivalence", c.equivalence.as_ref());
    let row = optional_note(row, "posterior", c.posterior.as_ref());
    optional_note(row, "aso", c.aso.as_ref())
}

fn optional_note<T>(row: Row, what: &str, result: Option<&Result<T, Undefined>>) -> Row {
    match result {
        Some(result) => row.note_unless(what, result),
        None => row,
    }
}

fn omnibus_row(metric: &str, omnibus: &Omnibus) -> Row {
    let result = omnibus.result.as_ref().ok();
    Row::default()
        .with("metric", metric)
        .with("test", omnibus.name)
        .with("groups", omnibus.groups)
        .with("n", omnibus.n)
        .with("statistic", result.map(|t| t.statistic))
        .with("df", result.and_then(|t| t.df))
        .with("df_error", result.and_then(|t| t.df_error))
        .with("p", result.map(|t| t.p))
        .note_unless("test", &omnibus.result)
}
