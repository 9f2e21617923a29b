//! The figures of a sweep, for print: 7 inches wide, on white, readable in grey. Each is laid out
//! once as a list of marks and then written as SVG, its text as text, or as PNG; neither needs a
//! font of the system. What the statistics say is taken from them: only the means by epoch are
//! taken here.

mod axis;
mod beyond;
mod curves;
mod distribution;
mod font;
mod forest;
mod learning;
mod less_mean;
mod pairs;
mod palette;
pub mod published;
mod ranks;
mod render;
mod scene;
mod settling;
mod swarm;

pub use scene::{Anchor, Mark, Point, Rect, Rgb, Scene, Shape, Stroke, WIDTH};

use super::content::Picture;
use crate::{
    comparison::{Analysis, CriticalDifference, Settings},
    metric::Metric,
    record::RunRecord,
    stats::Interval,
};

/// More groups than this, each with a row or panel of its own, are no figure but a roll of paper.
const MOST_GROUPS: usize = 100;

/// More dots than this, one for each run, hide one another and take minutes to place.
const MOST_DOTS: usize = 50_000;

/// A figure.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Its file's stem: `learning_curves`, `distribution`, `forest`, `settling` or
    /// `critical_difference`.
    pub name: &'static str,
    /// Its title, for the page around it; within the figure it is not drawn.
    pub title: String,
    /// What is drawn, of how many, at which level, by which method.
    pub caption: String,
    /// Every mean, difference, p or rank that it shows, before it became a place.
    pub drawn: Vec<Drawn>,
    /// The drawing.
    pub scene: Scene,
}

/// A number that a figure shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// The panel that shows it.
    pub panel: String,
    /// Whose it is: a group, or a pair as `a − b`.
    pub label: String,
    /// The epoch or the number of seeds, where it is one of a curve.
    pub x: Option<f64>,
    /// The number.
    pub value: f64,
    /// Its interval.
    pub interval: Option<Interval>,
}

impl Figure {
    /// The figure as an SVG document.
    #[must_use]
    pub fn svg(&self) -> String {
        render::svg(&self.scene, &self.title, &self.caption)
    }

    /// The figure as a document takes it.
    #[must_use]
    pub fn picture(&self) -> Picture {
        Picture {
            name: self.name.to_owned(),
            title: self.title.clone(),
            caption: self.caption.clone(),
            svg: self.svg(),
        }
    }

    /// The figure as a PNG file of 216 pixels an inch.
    ///
    /// # Errors
    /// What the encoder says, which memory alone can make it say.
    pub fn png(&self) -> Result<Vec<u8>, png::EncodingError> {
        render::png(&self.scene)
    }
}

/// Every figure of a metric that these runs allow, and a sentence each on what could not be drawn
/// and why. `analysis` is that of `metric` by `settings`.
#[must_use]
pub fn of_sweep(
    runs: &[RunRecord],
    analysis: &Analysis,
    settings: &Settings,
    metric: Metric,
) -> (Vec<Figure>, Vec<String>) {
    let groups = metric.groups(runs);
    let mut missing = Vec::new();
    let mut figures = Vec::new();
    let few_groups = check_most("groups", groups.len(), MOST_GROUPS);
    let dots = groups.iter().map(|group| group.values.len()).sum();
    let few_dots = few_groups
        .clone()
        .and_then(|()| check_most("dots", dots, MOST_DOTS));
    let undrawn = |what: &'static str| move |why| format!("{what} not drawn: {why}");
    for figure in [
        few_groups
            .map_err(undrawn("The learning curves are"))
            .and_then(|()| learning::figure(runs, settings, metric)),
        few_dots
            .map_err(undrawn("The distribution over seeds is"))
            .and_then(|()| distribution::figure(&groups, analysis, settings, metric)),
        forest::figure(analysis, settings, metric, &mut missing),
        settling::figure(&groups, analysis, settings, metric),
    ] {
        match figure {
            Ok(figure) => figures.push(figure),
            Err(why) => missing.push(why),
        }
    }
    (figures, missing)
}

/// Refuses what would be drawn in a picture that nobody could look at.
fn check_most(what: &str, count: usize, most: usize) -> Result<(), String> {
    if count <= most {
        return Ok(());
    }
    Err(format!(
        "{count} {what} are more than the {most} that a figure can show; summary.csv has their numbers."
    ))
}

/// The critical-difference diagram (Demšar 2006).
#[must_use]
pub fn critical_difference(diagram: &CriticalDifference) -> Figure {
    ranks::figure(diagram)
}

/// A metric in words.
fn words(metric: Metric) -> &'static str {
    match metric {
        Metric::TrainAccuracyFirst => "training accuracy, first epoch",
        Metric::TrainAccuracyLast => "training accuracy, last epoch",
        Metric::ValAccuracyFirst => "validation accuracy, first epoch",
        Metric::ValAccuracyLast => "validation accuracy, last epoch",
        Metric::TestAccuracy => "test accuracy",
        Metric::TestLoss => "test loss",
    }
}

/// The test and what adjusts its p-values.
fn method(settings: &Settings) -> String {
    let test = settings.test.name();
    if settings.test.is_simultaneous() {
        format!("{test} test, which adjusts")
    } else {
        format!("{test} test, {}", settings.adjustment.words())
    }
}
