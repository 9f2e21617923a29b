//! Learning curves: the mean over seeds by epoch, with its t interval.

use std::collections::BTreeSet;

use super::{
    Drawn, Figure,
    axis::{Axis, LABEL_SIZE, TICK_SIZE},
    curves::{Curve, Frame, Place, each, legend, together},
    font,
    palette::{DISTINCT, INK},
    percent, plural,
    scene::{Anchor, Rect, Scene, WIDTH, point},
};
use crate::{
    comparison::Settings,
    metric::{Metric, by_variant},
    record::{EpochRecord, RunRecord, Status},
    stats::{describe, mean::t_interval},
};

/// Which of an epoch's numbers are drawn.
struct Half {
    name: &'static str,
    of: fn(&EpochRecord) -> f64,
}

/// Training and validation, as the metric is an accuracy or a loss.
fn halves(metric: Metric) -> [Half; 2] {
    let half = |name, of| Half { name, of };
    match metric {
        Metric::TestLoss => [
            half("training loss (nats)", |epoch| epoch.train_loss),
            half("validation loss (nats)", |epoch| epoch.val_loss),
        ],
        _ => [
            half("training accuracy", |epoch| epoch.train_accuracy),
            half("validation accuracy", |epoch| epoch.val_accuracy),
        ],
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
    let what = if metric == Metric::TestLoss {
        "loss"
    } else {
        "accuracy"
    };
    let caption = caption(what, alone, runs, &curves[1], settings);
    let mut scene = Scene::default();
    if alone {
        let name = format!("{} by epoch", halves(metric)[1].name);
        scene.text(point(4.0, 12.0), Anchor::Start, LABEL_SIZE, INK, name);
        let height = each(&mut scene, 18.0, &frame(&curves[1], None), &curves[1]);
        scene.height = (18.0 + height).ceil();
        drawn.retain(|drawn| drawn.panel == halves(metric)[1].name);
    } else {
        side_by_side(&mut scene, &halves(metric), &curves.map(aside));
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
        let mut places = Vec::new();
        for epoch in 0..epochs.unwrap_or(0) {
            let values: Vec<f64> = finished
                .iter()
                .filter_map(|run| run.epochs.get(epoch).map(half.of))
                .filter(|value| value.is_finite())
                .collect();
            if values.is_empty() {
                continue;
            }
            let value = describe::mean(&values);
            let interval = t_interval(&values, settings.level()).ok();
            let x = (epoch + 1) as f64;
            places.push(Place {
                x,
                y: value,
                band: interval.map(|interval| (interval.low, interval.high)),
            });
            drawn.push(Drawn {
                panel: half.name.to_owned(),
                label: label.clone(),
                x: Some(x),
                value,
                interval,
            });
        }
        if !places.is_empty() {
            curves.push(Curve {
                label: label.clone(),
                places,
            });
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

fn frame(curves: &[Curve], level: Option<(f64, &'static str)>) -> Frame {
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
        level,
    }
}

/// The two halves beside each other; below each the same curves less their mean, where there are
/// several to tell apart.
fn side_by_side(scene: &mut Scene, halves: &[Half; 2], curves: &[Vec<Curve>; 2]) {
    const GAP: f64 = 18.0;
    let labels: Vec<&str> = curves[1].iter().map(|curve| curve.label.as_str()).collect();
    let mut bottom = 4.0 + legend(scene, 4.0, &labels);
    let less_mean = [0, 1].map(|i| less_mean(&curves[i]));
    let epochs = curves[1].iter().map(|curve| curve.places.len()).max();
    let apart = curves[1].len() > 1 && epochs > Some(1);
    let mut rows = vec![(curves, 150.0, "")];
    if apart {
        rows.push((&less_mean, 88.0, ", less the mean of all"));
    }
    let beside = [0, 1].map(|i| {
        let of = |&(curves, height, _): &(&[Vec<Curve>; 2], f64, &str)| {
            frame(&curves[i], None).beside(height)
        };
        rows.iter().map(of).fold(0.0, f64::max)
    });
    let width = (WIDTH - beside[0] - beside[1] - GAP - 8.0) / 2.0;
    let lefts = [beside[0], beside[0] + width + GAP + beside[1]];
    let last = rows.len() - 1;
    for (row, (curves, height, what)) in rows.into_iter().enumerate() {
        let top = bottom + font::LEADING * LABEL_SIZE + 10.0;
        for (i, half) in halves.iter().enumerate() {
            let area = Rect {
                x: lefts[i],
                y: top,
                width,
                height,
            };
            let at = point(area.x, area.y - 6.0);
            let name = format!("{}{what}", half.name);
            scene.text(at, Anchor::Start, LABEL_SIZE, INK, name);
            let mut frame = frame(&curves[i], (row > 0).then_some((0.0, "")));
            if row < last {
                frame.x_name.clear();
            }
            together(scene, area, &frame, &curves[i]);
        }
        bottom = top + height + if row < last { 12.0 } else { super::axis::BELOW };
    }
    scene.height = bottom.ceil();
}

/// The curves less their mean at each epoch, intervals with them.
fn less_mean(curves: &[Curve]) -> Vec<Curve> {
    let mean = |x: f64| {
        let at = curves.iter().flat_map(|curve| &curve.places);
        let values: Vec<f64> = at.filter(|place| place.x == x).map(|p| p.y).collect();
        describe::mean(&values)
    };
    let mut shifted = curves.to_vec();
    for curve in &mut shifted {
        for place in &mut curve.places {
            let mean = mean(place.x);
            place.y -= mean;
            place.band = place.band.map(|(low, high)| (low - mean, high - mean));
        }
    }
    shifted
}

fn caption(
    what: &str,
    alone: bool,
    runs: &[RunRecord],
    curves: &[Curve],
    settings: &Settings,
) -> String {
    let results = runs.iter().filter(|run| run.is_result());
    let seeds: BTreeSet<u64> = results.map(|run| run.seed).collect();
    let diverged = runs.iter().filter_map(|run| run.status.diverged_epoch());
    let diverged = diverged.count();
    let seeds = plural(seeds.len(), "seed");
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
        let level = percent(settings.level());
        format!("; bands are {level} t intervals of the mean.")
    } else {
        "; there are no intervals, which need two runs that differ.".to_owned()
    };
    if !alone && curves.len() > 1 && curves.iter().any(|curve| curve.places.len() > 1) {
        caption += " Below, the same less the mean of all groups.";
    }
    if diverged > 0 {
        caption += &format!(" {} left out.", plural(diverged, "diverged run"));
    }
    caption
}
