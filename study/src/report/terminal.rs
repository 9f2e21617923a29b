//! The tables that a sweep prints.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use engine::{init::InitScope, train::Shuffle};

use super::content::counted;
use crate::{
    comparison::{Analysis, Comparison, Settings, Summary, verdict_name},
    metric::Metric,
    plan::{Protocol, Variant},
};

/// The metrics of the paper's Table 1, and the heads of their columns.
const COLUMNS: [(Metric, &str); 5] = [
    (Metric::TrainAccuracyFirst, "train start"),
    (Metric::TrainAccuracyLast, "train end"),
    (Metric::ValAccuracyFirst, "validation start"),
    (Metric::ValAccuracyLast, "validation end"),
    (Metric::TestAccuracy, "test"),
];

/// The two tables of a sweep: accuracies of each initializer, differences of each pair.
#[must_use]
pub fn sweep(
    protocol: &Protocol,
    variants: &[Variant],
    analyses: &[Analysis],
    settings: &Settings,
) -> String {
    let level = settings.level() * 100.0;
    let mut text = format!("{}\n\n", protocol_line(protocol, variants));
    text += &format!("Accuracy in percent: mean ± half-width of its {level} % t interval\n");
    text += &format!("{}\n", accuracy_table(analyses));
    let of_test = of_metric(analyses, Metric::TestAccuracy);
    let comparisons = of_test.map_or(&[][..], |analysis| &analysis.comparisons);
    if !comparisons.is_empty() {
        let margin = settings.margin.map_or(String::new(), |margin| {
            format!(", equivalent within ±{}", 100.0 * margin)
        });
        text += &format!(
            "\nTest accuracy, a − b in percentage points, paired by seed: {level} % t interval, paired t test, Holm's adjustment{margin}\n{}\n",
            difference_table(comparisons)
        );
    }
    text
}

fn of_metric(analyses: &[Analysis], metric: Metric) -> Option<&Analysis> {
    analyses
        .iter()
        .find(|analysis| analysis.metric == metric.name())
}

/// The settings that the runs of a sweep share, and the values of those that they do not.
#[must_use]
pub fn protocol_line(protocol: &Protocol, variants: &[Variant]) -> String {
    let each = |of: fn(&Variant) -> String| {
        let mut values: Vec<String> = Vec::new();
        for value in variants.iter().map(of) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values.join(" or ")
    };
    let network = each(network);
    let scope = each(|variant| {
        match variant.init_scope {
            InitScope::Hidden => {
                "initializer in the hidden layers, glorot_uniform in the output layer"
            }
            InitScope::All => "initializer in every layer",
        }
        .to_owned()
    });
    let batch = each(|variant| variant.batch_size.to_string());
    let rate = each(|variant| short(variant.learning_rate));
    let (epochs, input) = (counted(protocol.epochs, "epoch"), protocol.input.name());
    let shuffle = match protocol.shuffle {
        Shuffle::EachEpoch => "shuffled each epoch",
        Shuffle::Once => "shuffled once",
    };
    format!(
        "Data set {}; {network}; {scope}; {epochs} {shuffle}, batch {batch}, Adam {rate}; {input} input, {}",
        protocol.dataset, protocol.isa
    )
}

/// A setting in few signs: very large and very small ones by a power of ten.
fn short(value: f64) -> String {
    if (1e-4..1e6).contains(&value) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

fn network(variant: &Variant) -> String {
    let activation = variant.activation.name();
    let hidden: Vec<String> = variant
        .hidden
        .iter()
        .map(|width| format!("{width} {activation}"))
        .collect();
    if hidden.is_empty() {
        "no hidden layer".to_owned()
    } else {
        hidden.join(", ")
    }
}

fn accuracy_table(analyses: &[Analysis]) -> Table {
    let mut table = plain_table();
    let heads = COLUMNS.iter().map(|(_, head)| *head);
    table.set_header(
        ["initializer", "n"]
            .into_iter()
            .chain(heads)
            .chain(["diverged"]),
    );
    let of_test = of_metric(analyses, Metric::TestAccuracy);
    for summary in of_test.map_or(&[][..], |analysis| &analysis.summaries) {
        let n = summary.values.as_ref().map_or(0, |values| values.n);
        let mut row = vec![summary.group.clone(), n.to_string()];
        row.extend(COLUMNS.iter().map(|(metric, _)| {
            let found = of_metric(analyses, *metric)
                .and_then(|a| a.summaries.iter().find(|s| s.group == summary.group));
            found.map(percent_with_interval).unwrap_or_default()
        }));
        row.push(summary.missing.to_string());
        table.add_row(row);
    }
    align_right_after(&mut table, 1);
    table
}

fn difference_table(comparisons: &[Comparison]) -> Table {
    let mut table = plain_table();
    table.set_header(["a", "b", "n", "a − b", "interval", "p", "p adjusted", ""]);
    for comparison in comparisons {
        let difference = comparison.difference;
        let difference = difference.map(|d| format!("{:+.3}", 100.0 * d));
        let interval = comparison.interval.map(|interval| {
            let (low, high) = (100.0 * interval.low, 100.0 * interval.high);
            format!("{low:+.3} to {high:+.3}")
        });
        let reason = comparison.test.as_ref().err().map(ToString::to_string);
        table.add_row([
            comparison.a.clone(),
            comparison.b.clone(),
            comparison.n().to_string(),
            difference.unwrap_or_default(),
            interval.unwrap_or_default(),
            comparison.p().map(p_value).unwrap_or_default(),
            comparison.p_adjusted.map(p_value).unwrap_or_default(),
            comparison
                .verdict
                .map_or(reason.unwrap_or_default(), |v| verdict_name(v).to_owned()),
        ]);
    }
    align_right_after(&mut table, 2);
    align_left(&mut table, 7);
    table
}

fn percent_with_interval(summary: &Summary) -> String {
    match (&summary.values, &summary.interval) {
        (Ok(values), Ok(interval)) => {
            let half = (interval.high - interval.low) / 2.0;
            format!("{:.2} ± {:.2}", 100.0 * values.mean, 100.0 * half)
        }
        (Ok(values), Err(_)) => format!("{:.2}", 100.0 * values.mean),
        (Err(_), _) => String::new(),
    }
}

/// Three digits where they say something, powers of ten where they do not.
pub(super) fn p_value(p: f64) -> String {
    if p < 0.001 {
        format!("{p:.1e}")
    } else {
        format!("{p:.3}")
    }
}

pub(super) fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table
}

pub(super) fn align_right_after(table: &mut Table, first: usize) {
    for column in table.column_iter_mut().skip(first) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

pub(super) fn align_left(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_cell_alignment(CellAlignment::Left);
    }
}
