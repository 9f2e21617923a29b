//! Learning curves: the mean over seeds by epoch, with its t interval.

use std::collections::BTreeSet;

use super::{
    Drawn, Figure,
    axis::{Axis, LABEL_SIZE, TICK_SIZE},
    curves::{Curve, Frame, Place, each, legend, together},
    font,
    less_mean::{LESS_MEAN, less_mean},
    palette::{DISTINCT, INK},
    scene::{Anchor, Rect, Scene, WIDTH, point},
};
use crate::{
    comparison::Settings,
    metric::{Metric, by_variant},
    record::{EpochRecord, RunRecord, Status},
    report::content::{counted, coverage},
    stats::{describe, mean::t_interval},
};

/// Which of an epoch's numbers are drawn.
pub(super) struct Half {
    pub(super) name: &'static str,
    /// What a heading says of the unit besides, of values and of differences.
    units: [&'static str; 2],
    pub(super) of: fn(&EpochRecord) -> f64,
}

/// Training and validation, as the metric is an accuracy or a loss.
pub(super) fn halves(metric: Metric) -> [Half; 2] {
    let half = |name, of| Half {
        name,
        units: if metric.is_loss() {
            ["", ""]
        } else {
            [" (%)", " (points)"]
        },
        of,
    };
    if metric.is_loss() {
        [
            half("training loss (nats)", |epoch| epoch.train_loss),
            half("validation loss (nats)", |epoch| epoch.val_loss),
        ]
    } else {
        [
            half("training accuracy", |epoch| epoch.train_accuracy),
            half("validation accuracy", |epoch| epoch.val_accuracy),
        ]
    }
}

/// The curves of every group that has a run which did not diverge.
pub(super) fn figure(
    runs: &[RunRecord],
    settings: &Settings,
    metric: Metric,
) -> Result<Figure, String> {
    let groups = by_variant(runs);
    let mut drawn = Vec::new();
    let curves = halves(metric).map(|half| curves(&groups, settings, &half, &mut drawn));
    if curves[1].is_empty() {
        return Err(
            "The learning curves are not drawn: no run finished without diverging.".to_owned(),
        );
    }
    let alone = curves[1].len() > DISTINCT;
    let what = if metric.is_loss() { "loss" } else { "accuracy" };
    let (less_mean, shared) = match alone {
        true => ([Vec::new(), Vec::new()], 0),
        false => less_mean(&groups, settings, metric, &mut drawn),
    };
    let caption = caption(what, alone, runs, &curves[1], settings, shared);
    let mut scene = Scene::default();
    if alone {
        let half = &halves(metric)[1];
        let name = format!("{}{} by epoch", half.name, half.units[0]);
        scene.text(point(4.0, 12.0), Anchor::Start, LABEL_SIZE, INK, name);
        let height = each(
            &mut scene,
            18.0,
            &frame(&curves[1], None, metric),
            &curves[1],
        );
        scene.height = (18.0 + height).ceil();
        drawn.retain(|drawn| drawn.panel == halves(metric)[1].name);
    } else {
        side_by_side(&mut scene, metric, &curves.map(aside), &less_mean);
    }
    let title = format!("Learning curves: {what} by epoch");
    Ok(Figure {
        name: "learning_curves",
        title,
        caption,
        drawn,
        scene,
    })
}

fn curves(
    groups: &[(String, Vec<&RunRecord>)],
    settings: &Settings,
    half: &Half,
    drawn: &mut Vec<Drawn>,
) -> Vec<Curve> {
    let mut curves = Vec::new();
    for (label, runs) in groups {
        let finished = runs.iter().filter(|run| run.status == Status::Ok);
        let finished: Vec<&&RunRecord> = finished.collect();
        let epochs = finished.iter().map(|run| run.epochs.len()).max();
        let mut curve = Curve {
            label: label.clone(),
            places: Vec::new(),
        };
        for epoch in 0..epochs.unwrap_or(0) {
            let values: Vec<f64> = finished
                .iter()
                .filter_map(|run| run.epochs.get(epoch).map(half.of))
                .filter(|value| value.is_finite())
                .collect();
            if !values.is_empty() {
                curve.add(half.name.to_owned(), epoch, &values, settings, drawn);
            }
        }
        if !curve.places.is_empty() {
            curves.push(curve);
        }
    }
    curves
}

/// Of a single epoch the values stand beside each other.
fn aside(mut curves: Vec<Curve>) -> Vec<Curve> {
    if curves.iter().all(|curve| curve.places.len() == 1) {
        let count = curves.len() as f64;
        for (i, curve) in curves.iter_mut().enumerate() {
            let part = (i as f64 + 0.5) / count - 0.5;
            curve.places[0].x += 0.5 * part;
        }
    }
    curves
}

fn frame(curves: &[Curve], level: Option<(f64, &'static str)>, metric: Metric) -> Frame {
    let places = || curves.iter().flat_map(|curve| &curve.places);
    let last = places().map(|place| place.x).fold(1.0, f64::max);
    let ends = places().flat_map(|place| {
        let (low, high) = place.band.unwrap_or((place.y, place.y));
        [low, high, place.y]
    });
    Frame {
        x: Axis::linear,
        x_range: if last >= 2.0 {
            (1.0 - 0.03 * (last - 1.0), last + 0.03 * (last - 1.0))
        } else {
            (0.5, 1.5)
        },
        x_name: "epoch".to_owned(),
        x_least: 1.0,
        x_room: font::width(&format!("{last:.0}"), TICK_SIZE) + 11.0,
        y: Axis::linear,
        y_range: Axis::around(ends, (0.0, 1.0)).ends(),
        y_factor: metric.factor(),
        level,
    }
}

/// The two halves beside each other; below each the same curves less their mean, where there are
/// any.
fn side_by_side(
    scene: &mut Scene,
    metric: Metric,
    curves: &[Vec<Curve>; 2],
    less_mean: &[Vec<Curve>; 2],
) {
    const GAP: f64 = 18.0;
    let labels: Vec<&str> = curves[1].iter().map(|curve| curve.label.as_str()).collect();
    let mut bottom = 4.0 + legend(scene, 4.0, &labels);
    let mut rows = vec![(curves, 150.0, "")];
    if !less_mean[1].is_empty() {
        rows.push((less_mean, 88.0, LESS_MEAN));
    }
    let beside = [0, 1].map(|i| {
        let of = |&(curves, height, _): &(&[Vec<Curve>; 2], f64, &str)| {
            frame(&curves[i], None, metric).beside(height)
        };
        rows.iter().map(of).fold(0.0, f64::max)
    });
    let width = (WIDTH - beside[0] - beside[1] - GAP - 8.0) / 2.0;
    let lefts = [beside[0], beside[0] + width + GAP + beside[1]];
    let last = rows.len() - 1;
    for (row, (curves, height, what)) in rows.into_iter().enumerate() {
        let top = bottom + font::LEADING * LABEL_SIZE + 10.0;
        for (i, half) in halves(metric).iter().enumerate() {
            let area = Rect {
                x: lefts[i],
                y: top,
                width,
                height,
            };
            let at = point(area.x, area.y - 6.0);
            let name = format!("{}{}{what}", half.name, half.units[row]);
            scene.text(at, Anchor::Start, LABEL_SIZE, INK, name);
            let mut frame = frame(&curves[i], (row > 0).then_some((0.0, "")), metric);
            if row < last {
                frame.x_name.clear();
            }
            together(scene, area, &frame, &curves[i]);
        }
        bottom = top + height + if row < last { 12.0 } else { super::axis::BELOW };
    }
    scene.height = bottom.ceil();
}

impl Curve {
    /// The mean of an epoch's values, with its interval.
    pub(super) fn add(
        &mut self,
        panel: String,
        epoch: usize,
        values: &[f64],
        settings: &Settings,
        drawn: &mut Vec<Drawn>,
    ) {
        let value = describe::mean(values);
        let interval = t_interval(values, settings.level()).ok();
        let x = (epoch + 1) as f64;
        self.places.push(Place {
            x,
            y: value,
            band: interval.map(|interval| (interval.low, interval.high)),
        });
        drawn.push(Drawn {
            panel,
            label: self.label.clone(),
            x: Some(x),
            value,
            interval,
        });
    }
}

fn caption(
    what: &str,
    alone: bool,
    runs: &[RunRecord],
    curves: &[Curve],
    settings: &Settings,
    shared: usize,
) -> String {
    let results = runs.iter().filter(|run| run.is_result());
    let seeds: BTreeSet<u64> = results.map(|run| run.seed).collect();
    let diverged = runs.iter().filter_map(|run| run.status.diverged_epoch());
    let diverged = diverged.count();
    let seeds = counted(seeds.len(), "seed");
    let mut caption = if alone {
        format!(
            "Mean validation {what} over {seeds} after each epoch, a panel for each group and the others pale behind it"
        )
    } else {
        format!(
            "Mean {what} over {seeds} by epoch, in training over the epoch's batches and in validation after it"
        )
    };
    let mut places = curves.iter().flat_map(|curve| &curve.places);
    caption += &if places.any(|place| place.band.is_some()) {
        let level = coverage(settings.level());
        format!("; bands are {level} t intervals of the mean.")
    } else {
        "; there are no intervals, which need two runs that differ.".to_owned()
    };
    if shared > 0 {
        caption += &format!(
            " Below, each run less the mean of all groups at its seed, over the {} that all groups have: means of these differences, their t intervals at the same level.",
            counted(shared, "seed")
        );
    }
    if diverged > 0 {
        caption += &format!(" {} left out.", counted(diverged, "diverged run"));
    }
    caption
}
