//! Pairs of groups as figures show them: which of many, in which direction, under which name.

use super::{axis::LABEL_SIZE, font};
use crate::{
    comparison::{Analysis, Comparison, Settings},
    metric::Metric,
    report::content::leaders,
    stats::{Interval, sequential::Verdict},
};

/// The widest that a pair's name gets.
const LABELS: f64 = 210.0;

/// Which pairs are shown: all of a small family; else those with the control or, where there is
/// none, with the group of the best mean.
pub(super) struct Shown {
    /// The group that all pairs shown have in common; none when there is none.
    pub(super) reference: Option<Reference>,
}

/// What others are shown against.
pub(super) struct Reference {
    pub(super) index: usize,
    pub(super) label: String,
    /// What it is, as in "the control".
    pub(super) what: &'static str,
}

impl Shown {
    /// All pairs, up to `most` of them.
    pub(super) fn of(
        analysis: &Analysis,
        settings: &Settings,
        metric: Metric,
        most: usize,
    ) -> Self {
        let label = |index: usize| analysis.summaries[index].group.clone();
        if let Some(index) = settings.control {
            return Self {
                reference: Some(Reference {
                    index,
                    label: label(index),
                    what: "the control",
                }),
            };
        }
        let drawable = analysis.comparisons.iter().filter(|c| c.n() > 0).count();
        if drawable <= most {
            return Self { reference: None };
        }
        let best = leaders(analysis, metric).first().copied();
        Self {
            reference: best.map(|index| Reference {
                index,
                label: label(index),
                what: "the best mean",
            }),
        }
    }

    /// Whether the pair is shown, and if so, whether with its groups exchanged.
    pub(super) fn has(&self, (first, second): (usize, usize)) -> Option<bool> {
        match &self.reference {
            None => Some(false),
            Some(reference) if second == reference.index => Some(false),
            Some(reference) if first == reference.index => Some(true),
            Some(_) => None,
        }
    }
}

/// A pair as it is drawn.
pub(super) struct Row {
    pub(super) label: String,
    pub(super) lines: Vec<String>,
    pub(super) difference: f64,
    pub(super) interval: Option<Interval>,
    /// The adjusted p that decided: of equivalence where that is the verdict, else of the difference.
    pub(super) p: Option<f64>,
    pub(super) verdict: Option<Verdict>,
}

/// `brief` leaves the second group unnamed.
pub(super) fn row(comparison: &Comparison, exchanged: bool, brief: bool) -> Option<Row> {
    let difference = comparison.difference?;
    let interval = comparison.interval.ok();
    let (a, b) = (comparison.a.as_str(), comparison.b.as_str());
    let ((a, b), difference, interval) = if exchanged {
        let turned = interval.map(|interval| Interval {
            low: -interval.high,
            high: -interval.low,
            ..interval
        });
        ((b, a), -difference, turned)
    } else {
        ((a, b), difference, interval)
    };
    Some(Row {
        label: format!("{a} − {b}"),
        lines: if brief {
            font::wrap(a, LABEL_SIZE, LABELS)
        } else {
            lines(a, b)
        },
        difference,
        interval,
        p: match comparison.verdict {
            Some(Verdict::Equivalent) => comparison.p_equivalence_adjusted,
            _ => comparison.p_adjusted,
        },
        verdict: comparison.verdict,
    })
}

/// `a − b` on a line, or on two, or as many as it takes.
fn lines(a: &str, b: &str) -> Vec<String> {
    let whole = format!("{a} − {b}");
    if font::width(&whole, LABEL_SIZE) <= LABELS {
        return vec![whole];
    }
    let mut lines = font::wrap(a, LABEL_SIZE, LABELS);
    lines.extend(font::wrap(&format!("− {b}"), LABEL_SIZE, LABELS));
    lines
}
