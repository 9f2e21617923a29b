//! The tables of an analysis, for people: every number with as many digits as its spread lets mean
//! something. Programs read the JSON or the CSV, which round nothing.

use comfy_table::Table;

use super::{
    content::extent_words,
    reasons,
    terminal::{align_left, align_right_after, p_value, plain_table},
};
use crate::{
    comparison::{Analysis, Comparison, Design, Settings, verdict_name},
    stats::{Interval, Undefined},
};

/// All tables of one metric.
#[must_use]
pub fn tables(analysis: &Analysis, settings: &Settings) -> String {
    let places = Places::of(analysis);
    let mut text = format!("{}\n\n{}\n", analysis.metric, groups(analysis, places));
    text += &reasons::lines(
        analysis
            .summaries
            .iter()
            .map(|s| (s.group.clone(), reasons::of_group(s))),
    );
    if !analysis.comparisons.is_empty() {
        text += &format!("\n{}\n", comparison_title(analysis, settings));
        text += &format!("{}\n", differences(analysis, places));
        text += &format!(
            "\nEffects and diagnostics of the pairs\n{}\n",
            effects(analysis)
        );
        let named = |c: &Comparison| {
            (
                format!("{} − {}", c.a, c.b),
                reasons::of_pair(c, analysis, settings),
            )
        };
        text += &reasons::lines(analysis.comparisons.iter().map(named));
        text += &format!("\nAll groups together\n{}\n", omnibus(analysis));
    }
    text
}

/// Decimal places for values of a metric.
#[derive(Clone, Copy)]
struct Places(usize);

impl Places {
    /// Three significant digits of the smallest spread of a group.
    fn of(analysis: &Analysis) -> Self {
        let spreads = analysis
            .summaries
            .iter()
            .filter_map(|s| s.values.as_ref().ok()?.sd);
        let smallest = spreads.filter(|sd| *sd > 0.0).fold(f64::INFINITY, f64::min);
        if smallest.is_finite() {
            Self((2.0 - smallest.log10().floor()).clamp(0.0, 12.0) as usize)
        } else {
            // Without any spread, five digits of the smallest value.
            let values = analysis
                .summaries
                .iter()
                .filter_map(|s| s.values.as_ref().ok());
            let smallest = values
                .map(|values| values.mean.abs())
                .filter(|mean| *mean > 0.0)
                .fold(1.0, f64::min);
            Self((4.0 - smallest.log10().floor()).clamp(4.0, 12.0) as usize)
        }
    }

    fn value(self, value: f64) -> String {
        if value.abs() >= 1e9 || (value != 0.0 && value.abs() < 1e-9) {
            format!("{value:.4e}")
        } else {
            format!("{value:.*}", self.0)
        }
    }

    fn signed(self, value: f64) -> String {
        let sign = if value >= 0.0 { "+" } else { "" };
        format!("{sign}{}", self.value(value))
    }

    fn interval(self, interval: Interval) -> String {
        format!(
            "{} to {}",
            self.value(interval.low),
            self.value(interval.high)
        )
    }
}

fn groups(analysis: &Analysis, places: Places) -> Table {
    let mut table = plain_table();
    table.set_header([
        "group",
        "n",
        "missing",
        "mean",
        "t interval",
        "BCa interval",
        "sd",
        "median",
        "IQM",
        "min",
        "max",
        "",
        "normal p",
    ]);
    for summary in &analysis.summaries {
        let values = summary.values.as_ref().ok();
        let value = |of: fn(&crate::stats::describe::Summary) -> f64| {
            values.map(|v| places.value(of(v))).unwrap_or_default()
        };
        let interval =
            |interval: Option<Interval>| interval.map(|i| places.interval(i)).unwrap_or_default();
        let letters = summary.letters.as_ref().ok().cloned().flatten();
        table.add_row([
            summary.group.clone(),
            values.map_or(0, |v| v.n).to_string(),
            summary.missing.to_string(),
            value(|v| v.mean),
            interval(summary.interval.ok()),
            interval(summary.bootstrap.as_ref().ok().map(|b| b.interval)),
            values
                .and_then(|v| v.sd)
                .map(|sd| places.value(sd))
                .unwrap_or_default(),
            value(|v| v.median),
            value(|v| v.iqm),
            value(|v| v.min),
            value(|v| v.max),
            letters.unwrap_or_default(),
            summary
                .normality
                .as_ref()
                .map(|t| p_value(t.p))
                .unwrap_or_default(),
        ]);
    }
    align_right_after(&mut table, 1);
    align_left(&mut table, 11);
    table
}

fn comparison_title(analysis: &Analysis, settings: &Settings) -> String {
    let level = settings.level() * 100.0;
    let design = match settings.design() {
        Design::Paired => "pair by pair",
        Design::Independent => "independent samples",
    };
    let margin = analysis.margin.map_or(String::new(), |margin| {
        format!("; equivalence within ±{margin} by two one-sided tests")
    });
    let adjustment = if settings.test.is_simultaneous() {
        "which adjusts".to_owned()
    } else {
        settings.adjustment.words()
    };
    let method = analysis
        .comparisons
        .first()
        .map_or("", |comparison| comparison.interval_method);
    let extent = extent_words(settings);
    format!(
        "a − b, {design}: {level} % {method} intervals, {extent}; {} test, {adjustment}, α = {}{margin}",
        settings.test.name(),
        settings.alpha
    )
}

fn differences(analysis: &Analysis, places: Places) -> Table {
    let equivalence = analysis.comparisons.iter().any(|c| c.equivalence.is_some());
    let mut table = plain_table();
    let mut header = vec![
        "a",
        "b",
        "n",
        "a − b",
        "interval",
        "statistic",
        "p",
        "p adjusted",
    ];
    if equivalence {
        header.push("p equivalence");
    }
    header.push("verdict");
    table.set_header(header.clone());
    for c in &analysis.comparisons {
        let test = c.test.as_ref().ok();
        let p = |p: Option<f64>| p.map(p_value).unwrap_or_default();
        let interval = c
            .interval
            .map(|i| format!("{} to {}", places.signed(i.low), places.signed(i.high)));
        let mut row = vec![
            c.a.clone(),
            c.b.clone(),
            c.n().to_string(),
            c.difference.map(|d| places.signed(d)).unwrap_or_default(),
            interval.unwrap_or_default(),
            test.map(|t| statistic(t.statistic)).unwrap_or_default(),
            p(c.p()),
            p(c.p_adjusted),
        ];
        if equivalence {
            row.push(p(c.p_equivalence_adjusted));
        }
        row.push(c.verdict.map(verdict_name).unwrap_or_default().to_owned());
        table.add_row(row);
    }
    align_right_after(&mut table, 2);
    align_left(&mut table, header.len() - 1);
    table
}

fn effects(analysis: &Analysis) -> Table {
    let pairing = analysis.comparisons.iter().any(|c| c.pairing.is_some());
    let mut table = plain_table();
    let mut header = vec![
        "a",
        "b",
        "Hedges g",
        "interval",
        "P(a > b)",
        "interval",
        "variances p",
    ];
    if pairing {
        header.extend(["correlation", "variance ratio", "equivalent seeds"]);
    }
    let aso = analysis.comparisons.iter().any(|c| c.aso.is_some());
    if aso {
        header.extend(["ε_min a over b", "b over a"]);
    }
    table.set_header(header);
    for c in &analysis.comparisons {
        let number =
            |value: Result<f64, Undefined>| value.map(|v| format!("{v:.3}")).unwrap_or_default();
        let interval = |interval: Result<Interval, Undefined>| {
            interval
                .map(|i| format!("{:.3} to {:.3}", i.low, i.high))
                .unwrap_or_default()
        };
        let mut row = vec![
            c.a.clone(),
            c.b.clone(),
            number(c.effect_size),
            interval(c.effect_interval),
            number(c.prob_superiority),
            interval(c.prob_interval),
            c.spread.as_ref().map(|t| p_value(t.p)).unwrap_or_default(),
        ];
        if pairing {
            let benefit = c.pairing.as_ref().and_then(|p| p.as_ref().ok());
            let of = |value: Option<f64>, places: usize| {
                value.map(|v| format!("{v:.places$}")).unwrap_or_default()
            };
            row.push(of(benefit.map(|b| b.correlation), 3));
            row.push(of(benefit.map(|b| b.variance_ratio), 3));
            row.push(of(benefit.and_then(|b| b.equivalent_seeds), 0));
        }
        if aso {
            let order = c.aso.as_ref().and_then(|a| a.as_ref().ok());
            let both = order.map(|order| [order.eps_min, order.eps_min_reverse]);
            row.extend(both.map_or([const { String::new() }; 2], |both| {
                both.map(|e| format!("{e:.3}"))
            }));
        }
        table.add_row(row);
    }
    align_right_after(&mut table, 2);
    table
}

fn omnibus(analysis: &Analysis) -> Table {
    let mut table = plain_table();
    table.set_header(["test", "groups", "n", "statistic", "df", "p", ""]);
    for omnibus in &analysis.omnibus {
        let result = omnibus.result.as_ref().ok();
        let df = result.map(|t| match (t.df, t.df_error) {
            (Some(df), Some(error)) => format!("{}, {}", short(df), short(error)),
            (Some(df), None) => short(df),
            _ => String::new(),
        });
        let reason = omnibus.result.as_ref().err().map(ToString::to_string);
        table.add_row([
            omnibus.name.to_owned(),
            omnibus.groups.to_string(),
            omnibus.n.to_string(),
            result.map(|t| statistic(t.statistic)).unwrap_or_default(),
            df.unwrap_or_default(),
            result.map(|t| p_value(t.p)).unwrap_or_default(),
            reason.unwrap_or_default(),
        ]);
    }
    align_right_after(&mut table, 1);
    align_left(&mut table, 6);
    table
}

/// A statistic to four places; a mean difference or a sum of ranks by its size.
fn statistic(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-3 {
        format!("{value:.3e}")
    } else if value.abs() >= 1e5 {
        format!("{value:.1}")
    } else {
        format!("{value:.4}")
    }
}

fn short(df: f64) -> String {
    if df.fract() == 0.0 {
        format!("{df:.0}")
    } else {
        format!("{df:.2}")
    }
}
