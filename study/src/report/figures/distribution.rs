//! The distribution over seeds: a row for each group, every run a dot, mean and interval below.

use super::{
    Drawn, Figure,
    axis::{self, Axis, LABEL_SIZE, TICK_SIZE},
    beyond::{self, Beyond, Window},
    curves::{Sample, key},
    font,
    palette::{BLUE, DISTINCT, FAINT, GREY, INK, Look, WHITE},
    scene::{Anchor, Point, Rect, Rgb, Scene, Shape, Stroke, WIDTH, point},
    swarm, words,
};
use crate::{
    comparison::{Analysis, Group, Settings, Summary},
    metric::Metric,
    report::content::{counted, coverage},
};

/// Room that rows share, and the least and the most that one takes.
const ROWS: f64 = 600.0;
const ROW: (f64, f64) = (34.0, 66.0);
/// Of a row's height: below this the mean and its interval, above it the dots.
const DOTS: f64 = 0.74;
/// The largest radius of a dot, and the least.
const RADIUS: (f64, f64) = (2.0, 0.6);
/// The widest that labels get.
const LABELS: f64 = 170.0;

/// Rows of every group; one without a value says so.
pub(super) fn figure(
    groups: &[Group],
    analysis: &Analysis,
    settings: &Settings,
    metric: Metric,
) -> Result<Figure, String> {
    let rows: Vec<(&Group, &Summary)> = groups.iter().zip(&analysis.summaries).collect();
    if rows.iter().all(|(group, _)| group.values.is_empty()) {
        return Err(format!(
            "The distribution over seeds is not drawn: no run has a value of {}.",
            metric.name()
        ));
    }
    let labels: Vec<Vec<String>> = rows
        .iter()
        .map(|(group, _)| font::wrap(&group.label, LABEL_SIZE, LABELS))
        .collect();
    let widths = labels.iter().flatten();
    let left = 14.0
        + widths
            .map(|line| font::width(line, LABEL_SIZE))
            .fold(80.0, f64::max);
    let lines = labels.iter().map(Vec::len).max().unwrap_or(1) as f64;
    let height = (ROWS / rows.len() as f64)
        .clamp(ROW.0, ROW.1)
        .max(font::LEADING * (lines * LABEL_SIZE + TICK_SIZE) + 6.0);
    let mut scene = Scene::default();
    let mean = Sample::Symbol(Shape::Diamond, INK, false);
    let what = format!("mean, {} t interval", coverage(settings.level()));
    let top = 10.0 + key(&mut scene, point(left, 2.0), &[(mean, &what)]);
    let area = Rect {
        x: left,
        y: top,
        width: WIDTH - left - 16.0,
        height: height * rows.len() as f64,
    };
    let window = window(groups, metric);
    let beyond: Vec<Vec<Beyond>> = groups
        .iter()
        .map(|group| beyond(group, window, metric))
        .collect();
    let inner = beyond::inner(area, beyond.iter().flatten());
    let ends = rows.iter().flat_map(|(group, summary)| {
        let mean = summary.values.as_ref().ok().map(|values| values.mean);
        let mean = mean.filter(|mean| window.has(*mean));
        let interval = summary.interval.as_ref().ok().filter(|_| mean.is_some());
        let ends = interval.map(|interval| [interval.low, interval.high]);
        let values = group.values.iter().copied().chain(mean);
        let shown = values.chain(ends.into_iter().flatten());
        shown.filter(|value| window.has(*value))
    });
    let axis = Axis::around(ends, (inner.x, inner.right())).named_by(metric.factor());
    let ticks = axis.ticks_side_by_side();
    let name = format!("{} ({})", words(metric), metric.unit());
    axis::horizontal(&mut scene, inner, &axis, &ticks, &name);
    let within: Vec<Vec<f64>> = groups
        .iter()
        .map(|group| {
            let values = group.values.iter().filter(|value| window.has(**value));
            values.map(|value| axis.at(*value)).collect()
        })
        .collect();
    let radius = radius(&within, DOTS * height / 2.0 - 2.0);
    let mut drawn = Vec::new();
    for (i, ((group, summary), label)) in rows.iter().zip(&labels).enumerate() {
        let row = Rect {
            y: area.y + height * i as f64,
            height,
            ..area
        };
        if i > 0 {
            let ends = [point(4.0, row.y), point(row.right(), row.y)];
            scene.line(&ends, Stroke::solid(FAINT, 0.6));
        }
        draw_label(&mut scene, row, group, label);
        let colour = if rows.len() <= DISTINCT {
            Look::of(i).colour
        } else {
            BLUE
        };
        for beyond in &beyond[i] {
            let middle = row.y + row.height * DOTS / 2.0;
            beyond::draw(&mut scene, area, middle, beyond, colour);
        }
        draw_dots(&mut scene, row, &within[i], group, radius, colour);
        drawn.extend(draw_mean(&mut scene, row, &axis, summary, window));
    }
    scene.height = (area.bottom() + axis::BELOW).ceil();
    Ok(Figure {
        name: "distribution",
        title: format!("Distribution of {} over seeds", words(metric)),
        caption: caption(groups, analysis, settings, metric, window),
        drawn,
        scene,
    })
}

/// So many times a group's usual range lie on the axis to either side of the best group.
const REACH: f64 = 30.0;

/// What lies on the axis: all, unless some values are so far off that the rest could not be read.
fn window(groups: &[Group], metric: Metric) -> Window {
    let range = |group: &Group| {
        let (low, high) = axis::extent(group.values.iter().copied());
        high - low
    };
    let with_values = || groups.iter().filter(|group| !group.values.is_empty());
    let usual = beyond::middle(with_values().map(range).filter(|range| *range > 0.0));
    let medians = with_values().filter_map(|group| beyond::middle(group.values.iter().copied()));
    let best = if metric == Metric::TestLoss {
        medians.fold(f64::INFINITY, f64::min)
    } else {
        medians.fold(f64::NEG_INFINITY, f64::max)
    };
    Window::around(best, REACH * usual.unwrap_or(0.0))
}

/// A group's runs beyond the axis, left and right of it.
fn beyond(group: &Group, window: Window, metric: Metric) -> Vec<Beyond> {
    let outside = group.values.iter().copied().filter(|v| !window.has(*v));
    let (left, right): (Vec<f64>, Vec<f64>) = outside.partition(|v| window.is_right_of(*v));
    let sides = [(true, left), (false, right)];
    let of = |(left, values): (bool, Vec<f64>)| {
        let (low, high) = axis::extent(values.iter().copied());
        let n = values.len();
        let [low, high] = [low, high].map(|value| beyond::number(metric.factor() * value));
        let text = if low == high {
            format!("{} at {low}", counted(n, "run"))
        } else {
            format!("{}, {low} to {high}", counted(n, "run"))
        };
        (n > 0).then_some(Beyond { left, text })
    };
    sides.into_iter().filter_map(of).collect()
}

/// The largest radius by which the dots of every group have room.
fn radius(places: &[Vec<f64>], room: f64) -> f64 {
    let mut radius = RADIUS.0;
    let fits = |radius: f64| {
        let fits = |places: &Vec<f64>| swarm::fits(places, 2.0 * radius, room - radius);
        places.iter().all(fits)
    };
    while radius > RADIUS.1 && !fits(radius) {
        radius -= 0.1;
    }
    radius
}

fn draw_label(scene: &mut Scene, row: Rect, group: &Group, label: &[String]) {
    let middle = row.y + row.height / 2.0;
    let shift = font::LEADING * TICK_SIZE / 2.0;
    let at = point(row.x - 8.0, middle - shift);
    scene.paragraph(at, Anchor::End, LABEL_SIZE, INK, label);
    let mut n = format!("n = {}", group.values.len());
    if group.missing > 0 {
        n += &format!(", {} diverged", group.missing);
    }
    let below = font::LEADING * LABEL_SIZE * label.len() as f64 / 2.0;
    let at = point(row.x - 8.0, middle + below);
    scene.paragraph(at, Anchor::End, TICK_SIZE, GREY, &[n]);
}

fn draw_dots(
    scene: &mut Scene,
    row: Rect,
    places: &[f64],
    group: &Group,
    radius: f64,
    colour: Rgb,
) {
    let middle = row.y + row.height * DOTS / 2.0;
    if group.values.is_empty() {
        let none = ["no value: every run diverged".to_owned()];
        let at = point(row.x + 8.0, row.y + row.height / 2.0);
        scene.paragraph(at, Anchor::Start, TICK_SIZE, GREY, &none);
        return;
    }
    let room = row.height * DOTS / 2.0 - 2.0 - radius;
    // A little apart, so that each is seen.
    let aside = swarm::offsets(places, 2.0 * radius, room);
    let dots: Vec<Point> = places
        .iter()
        .zip(aside)
        .map(|(x, aside)| point(*x, middle + aside))
        .collect();
    for dot in dots {
        scene.symbol(dot, Shape::Circle, 0.9 * radius, colour);
    }
}

fn draw_mean(
    scene: &mut Scene,
    row: Rect,
    axis: &Axis,
    summary: &Summary,
    window: Window,
) -> Option<Drawn> {
    let mean = summary.values.as_ref().ok()?.mean;
    if !window.has(mean) {
        return None;
    }
    let y = row.y + row.height * 0.87;
    let at = point(axis.at(mean), y);
    let interval = summary.interval.ok();
    if let Some(interval) = interval {
        let (low, high) = (axis.at(interval.low), axis.at(interval.high));
        let stroke = Stroke::solid(INK, 1.1);
        scene.line(&[point(low, y), point(high, y)], stroke);
        for (value, end) in [(interval.low, low), (interval.high, high)] {
            if window.has(value) {
                scene.line(&[point(end, y - 2.5), point(end, y + 2.5)], stroke);
            }
        }
    }
    scene.symbol(at, Shape::Diamond, 2.9, WHITE);
    scene.symbol(at, Shape::Diamond, 2.1, INK);
    Some(Drawn {
        panel: "distribution".to_owned(),
        label: summary.group.clone(),
        x: None,
        value: mean,
        interval,
    })
}

fn caption(
    groups: &[Group],
    analysis: &Analysis,
    settings: &Settings,
    metric: Metric,
    window: Window,
) -> String {
    let sizes = groups.iter().map(|group| group.values.len());
    let (least, most) = (sizes.clone().min().unwrap_or(0), sizes.max().unwrap_or(0));
    let n = if least == most {
        format!("n = {} each", counted(most, "seed"))
    } else {
        format!("n = {least} to {most} seeds")
    };
    let mut caption = format!(
        "Every run's {}, a dot each ({n}); below them the mean and its {} t interval.",
        words(metric),
        coverage(settings.level())
    );
    let without = analysis
        .summaries
        .iter()
        .filter(|summary| summary.values.is_ok() && summary.interval.is_err())
        .count();
    if without > 0 {
        caption += &format!(
            " {} no interval: too few values, or all equal.",
            match without {
                1 => "One group has".to_owned(),
                _ => format!("{} have", counted(without, "group")),
            }
        );
    }
    if groups
        .iter()
        .flat_map(|g| &g.values)
        .any(|v| !window.has(*v))
    {
        caption += " Runs far from the others are counted beside the axis; a mean as far off is not drawn.";
    }
    caption
}
