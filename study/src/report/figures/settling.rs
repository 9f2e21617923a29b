//! How the verdicts settled: each pair's adjusted p against the number of seeds.

use super::{
    Drawn, Figure,
    axis::{self, Axis, LABEL_SIZE, TICK_SIZE},
    curves::{Curve, Frame, Place, each, legend, together},
    font, method,
    pairs::Shown,
    palette::{DISTINCT, INK},
    scene::{Anchor, Point, Rect, Scene, WIDTH, point},
};
use crate::{
    comparison::{Analysis, Group, Settings, Settling, SettlingPair, settling},
    metric::Metric,
    report::content::counted,
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
    let mut drawn = Vec::new();
    let difference = curves(&settling, &shown, &Panel::DIFFERENCE, &mut drawn);
    if difference.is_empty() {
        return undrawn("no pair has a test at two numbers of seeds");
    }
    let mut panels = vec![(Panel::DIFFERENCE, difference)];
    if settings.margin.is_some() {
        let equivalence = curves(&settling, &shown, &Panel::EQUIVALENCE, &mut drawn);
        if !equivalence.is_empty() {
            panels.push((Panel::EQUIVALENCE, equivalence));
        }
    }
    let mut scene = Scene::default();
    draw(&mut scene, &panels, &shown, settings);
    scene.height = scene.height.ceil();
    Ok(Figure {
        name: "settling",
        title: "How the verdicts settle: p by number of seeds".to_owned(),
        caption: caption(
            analysis,
            &shown,
            settings,
            metric,
            &settling.seeds,
            panels.len(),
        ),
        drawn,
        scene,
    })
}

/// One of the tests of every pair.
struct Panel {
    /// What drawn numbers call it.
    name: &'static str,
    /// What is tested, and what precedes the group that all pairs have in common.
    what: [&'static str; 2],
    of: fn(&SettlingPair) -> &[Option<f64>],
}

impl Panel {
    const DIFFERENCE: Self = Self {
        name: "difference",
        what: ["of the difference", "from"],
        of: |pair| &pair.p_adjusted,
    };
    const EQUIVALENCE: Self = Self {
        name: "equivalence",
        what: ["of equivalence", "to"],
        of: |pair| &pair.p_equivalence,
    };

    fn heading(&self, shown: &Shown) -> Vec<String> {
        let [what, to] = self.what;
        let name = match &shown.reference {
            Some(reference) => format!("adjusted p {what} {to} {}", reference.label),
            None => format!("adjusted p {what}"),
        };
        font::wrap(&name, LABEL_SIZE, WIDTH - 8.0)
    }
}

/// The pairs shown that have the test at two numbers of seeds or more; the others without a place,
/// so that a pair looks the same in every panel. None where none has.
fn curves(settling: &Settling, shown: &Shown, panel: &Panel, drawn: &mut Vec<Drawn>) -> Vec<Curve> {
    let mut curves = Vec::new();
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
        let known = settling.seeds.iter().zip((panel.of)(pair));
        let known: Vec<(f64, f64)> = known
            .filter_map(|(n, p)| Some((*n as f64, (*p)?)))
            .collect();
        drawn.extend(known.iter().map(|&(n, p)| Drawn {
            panel: panel.name.to_owned(),
            label: label.clone(),
            x: Some(n),
            value: p,
            interval: None,
        }));
        let place = |(x, p): (f64, f64)| Place {
            x,
            y: p.max(LEAST),
            band: None,
        };
        let places = match known.len() {
            0 | 1 => Vec::new(),
            _ => known.into_iter().map(place).collect(),
        };
        // What all are shown against is named once.
        let label = match &shown.reference {
            Some(_) => a.clone(),
            None => label,
        };
        curves.push(Curve { label, places });
    }
    if curves.iter().all(|curve| curve.places.is_empty()) {
        curves.clear();
    }
    curves
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
        y_factor: 1.0,
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

/// The panels, one below the other.
fn draw(scene: &mut Scene, panels: &[(Panel, Vec<Curve>)], shown: &Shown, settings: &Settings) {
    const HEIGHT: f64 = 165.0;
    let curves = &panels[0].1;
    let many = curves.len() > DISTINCT;
    let mut bottom = 0.0;
    if !many {
        let labels: Vec<&str> = curves.iter().map(|curve| curve.label.as_str()).collect();
        bottom = 4.0 + legend(scene, 4.0, &labels) + 4.0;
    }
    let beside = panels
        .iter()
        .map(|(_, curves)| frame(curves, settings).beside(HEIGHT));
    let left = beside.fold(0.0, f64::max);
    for (panel, curves) in panels {
        let frame = frame(curves, settings);
        let below = bottom + font::LEADING * LABEL_SIZE;
        let top = heading(scene, point(4.0, below), &panel.heading(shown)) + 6.0;
        if many {
            bottom = top + each(scene, top, &frame, curves) + 6.0;
            continue;
        }
        let area = Rect {
            x: left,
            y: top,
            width: WIDTH - left - 12.0,
            height: HEIGHT,
        };
        together(scene, area, &frame, curves);
        bottom = top + HEIGHT + axis::BELOW;
    }
    scene.height = bottom;
}

fn caption(
    analysis: &Analysis,
    shown: &Shown,
    settings: &Settings,
    metric: Metric,
    seeds: &[usize],
    panels: usize,
) -> String {
    let most = seeds.last().copied().unwrap_or(0);
    let which = match &shown.reference {
        None => String::new(),
        Some(reference) => format!(
            " of each group against {}, {},",
            reference.label, reference.what
        ),
    };
    let equivalence = match settings.margin {
        Some(margin) if panels > 1 => format!(
            " Above p of no difference, below p of equivalence within ±{} by two one-sided tests: a verdict of different or equivalent is one of them at or under α.",
            metric.margin_words(margin)
        ),
        _ => String::new(),
    };
    format!(
        "p{which} had the study ended at the first n of its {most} seeds ({}, over {} compared); the dashed line is α = {}, and p under {} is drawn there; both axes are logarithmic.{equivalence} It describes these seeds: a study may not stop where its p happens to be small.",
        method(settings),
        counted(analysis.tested(), "pair"),
        settings.alpha,
        axis::power(LEAST),
    )
}
