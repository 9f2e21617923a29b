//! How the verdicts settled: each pair's adjusted p against the number of seeds.

use super::{
    Drawn, Figure,
    axis::{self, Axis, LABEL_SIZE, TICK_SIZE},
    curves::{Curve, Frame, Place, each, legend, together},
    font, method,
    pairs::Shown,
    palette::{DISTINCT, INK},
    plural,
    scene::{Anchor, Point, Rect, Scene, WIDTH, point},
};
use crate::{
    comparison::{Analysis, Group, Settings, settling},
    metric::Metric,
};

/// Smaller p are drawn here: what decides lies above.
const LEAST: f64 = 1e-6;

/// The pairs that have a test at two numbers of seeds or more.
pub(super) fn figure(
    groups: &[Group],
    analysis: &Analysis,
    settings: &Settings,
    metric: Metric,
) -> Result<Figure, String> {
    let undrawn = |why: &str| Err(format!("How p settles with the seeds is not drawn: {why}."));
    if analysis.comparisons.is_empty() {
        return undrawn("there is no pair of groups");
    }
    if analysis.comparisons.iter().all(|c| c.p_adjusted.is_none()) {
        return undrawn("no pair has a test");
    }
    let settling = settling(groups, settings);
    let shown = Shown::of(analysis, settings, metric, DISTINCT);
    let mut curves = Vec::new();
    let mut drawn = Vec::new();
    for pair in &settling.pairs {
        let Some(exchanged) = shown.has((pair.first, pair.second)) else {
            continue;
        };
        let (a, b) = if exchanged {
            (&pair.b, &pair.a)
        } else {
            (&pair.a, &pair.b)
        };
        let label = format!("{a} − {b}");
        let known = settling.seeds.iter().zip(&pair.p_adjusted);
        let known: Vec<(f64, f64)> = known
            .filter_map(|(n, p)| Some((*n as f64, (*p)?)))
            .collect();
        drawn.extend(known.iter().map(|&(n, p)| Drawn {
            panel: "settling".to_owned(),
            label: label.clone(),
            x: Some(n),
            value: p,
            interval: None,
        }));
        let places: Vec<Place> = known
            .into_iter()
            .map(|(x, p)| Place {
                x,
                y: p.max(LEAST),
                band: None,
            })
            .collect();
        if places.len() > 1 {
            // What all are shown against is named once.
            let label = match &shown.reference {
                Some(_) => a.clone(),
                None => label,
            };
            curves.push(Curve { label, places });
        }
    }
    if curves.is_empty() {
        return undrawn("no pair has a test at two numbers of seeds");
    }
    let frame = frame(&curves, settings);
    let name = match &shown.reference {
        Some(reference) => format!("adjusted p of the difference from {}", reference.label),
        None => "adjusted p".to_owned(),
    };
    let name = font::wrap(&name, LABEL_SIZE, WIDTH - 8.0);
    let mut scene = Scene::default();
    if curves.len() > DISTINCT {
        let top = heading(&mut scene, point(4.0, 12.0), &name) + 6.0;
        scene.height = top + each(&mut scene, top, &frame, &curves);
    } else {
        draw_together(&mut scene, &frame, &curves, &name);
    }
    scene.height = scene.height.ceil();
    Ok(Figure {
        name: "settling",
        title: "How the verdicts settle: p by number of seeds".to_owned(),
        caption: caption(analysis, &shown, settings, &settling.seeds),
        drawn,
        scene,
    })
}

fn frame(curves: &[Curve], settings: &Settings) -> Frame {
    let places = || curves.iter().flat_map(|curve| &curve.places);
    let least = places().map(|place| place.y).fold(settings.alpha, f64::min);
    let first = places().map(|place| place.x).fold(f64::INFINITY, f64::min);
    let last = places().map(|place| place.x).fold(0.0, f64::max);
    Frame {
        x: Axis::logarithmic,
        x_range: (first * 0.95, last * 1.06),
        x_name: "seeds, the first n".to_owned(),
        x_least: 1.0,
        y: Axis::logarithmic,
        y_range: ((least / 1.5).max(LEAST), 1.15),
        x_room: font::width(&format!("{last:.0}"), TICK_SIZE) + 6.0,
        level: Some((settings.alpha, "α")),
    }
}

/// Lines from a first base line on; gives the last.
fn heading(scene: &mut Scene, first: Point, lines: &[String]) -> f64 {
    let mut y = first.y;
    for (i, line) in lines.iter().enumerate() {
        y = first.y + font::LEADING * LABEL_SIZE * i as f64;
        scene.text(
            point(first.x, y),
            Anchor::Start,
            LABEL_SIZE,
            INK,
            line.as_str(),
        );
    }
    y
}

fn draw_together(scene: &mut Scene, frame: &Frame, curves: &[Curve], name: &[String]) {
    const HEIGHT: f64 = 190.0;
    let labels: Vec<&str> = curves.iter().map(|curve| curve.label.as_str()).collect();
    let below = 4.0 + legend(scene, 4.0, &labels) + 4.0 + font::LEADING * LABEL_SIZE;
    let top = heading(scene, point(4.0, below), name) + 6.0;
    let left = frame.beside(HEIGHT);
    let area = Rect {
        x: left,
        y: top,
        width: WIDTH - left - 12.0,
        height: HEIGHT,
    };
    together(scene, area, frame, curves);
    scene.height = top + HEIGHT + axis::BELOW;
}

fn caption(analysis: &Analysis, shown: &Shown, settings: &Settings, seeds: &[usize]) -> String {
    let most = seeds.last().copied().unwrap_or(0);
    let which = match &shown.reference {
        None => String::new(),
        Some(reference) => format!(
            " of each group against {}, {},",
            reference.label, reference.what
        ),
    };
    format!(
        "p{which} had the study ended at the first n of its {most} seeds ({}, over {} compared); the dashed line is α = {}, and p under {LEAST} is drawn there. It describes these seeds: a study may not stop where its p happens to be small.",
        method(settings),
        plural(analysis.comparisons.len(), "pair"),
        settings.alpha,
    )
}
