//! How the verdicts settled: each pair's adjusted p against the number of seeds.

use super::{
    Drawn, Figure, Shown,
    axis::{self, Axis, LABEL_SIZE},
    curves::{Curve, Frame, Place, each, legend, together},
    font,
    palette::{DISTINCT, INK},
    scene::{Anchor, Rect, Scene, WIDTH, point},
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
    let shown = Shown::of(analysis, metric, DISTINCT);
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
            curves.push(Curve { label, places });
        }
    }
    if curves.is_empty() {
        return undrawn("no pair has a test at two numbers of seeds");
    }
    let frame = frame(&curves, settings);
    let mut scene = Scene::default();
    if curves.len() > DISTINCT {
        let name = "adjusted p by number of seeds";
        scene.text(point(4.0, 12.0), Anchor::Start, LABEL_SIZE, INK, name);
        scene.height = 18.0 + each(&mut scene, 18.0, &frame, &curves);
    } else {
        draw_together(&mut scene, &frame, &curves);
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
        level: Some(settings.alpha),
    }
}

fn draw_together(scene: &mut Scene, frame: &Frame, curves: &[Curve]) {
    const HEIGHT: f64 = 190.0;
    let labels: Vec<&str> = curves.iter().map(|curve| curve.label.as_str()).collect();
    let top = 4.0 + legend(scene, 4.0, &labels) + 6.0 + font::LEADING * LABEL_SIZE + 4.0;
    let left = frame.beside(HEIGHT);
    let area = Rect {
        x: left,
        y: top,
        width: WIDTH - left - 10.0,
        height: HEIGHT,
    };
    let at = point(area.x, area.y - 6.0);
    scene.text(at, Anchor::Start, LABEL_SIZE, INK, "adjusted p");
    together(scene, area, frame, curves);
    scene.height = top + HEIGHT + axis::BELOW;
}

fn caption(analysis: &Analysis, shown: &Shown, settings: &Settings, seeds: &[usize]) -> String {
    let most = seeds.last().copied().unwrap_or(0);
    let which = match shown.reference {
        None => String::new(),
        Some(reference) => format!(
            " of each group against {}, the best mean",
            analysis.summaries[reference].group
        ),
    };
    format!(
        "Adjusted p{which} had the study ended at the first n of its {most} seeds, by {} with adjustment by {} for all {} pairs; the dashed line is α = {}, and p under {} is drawn there. It describes these seeds: a study may not stop where its p happens to be small.",
        settings.test.name(),
        settings.adjustment_name(),
        analysis.comparisons.len(),
        settings.alpha,
        "10⁻⁶"
    )
}
