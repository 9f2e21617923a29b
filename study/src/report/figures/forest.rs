//! A forest plot: the difference of each pair with its interval, its verdict by shape.

use super::{
    Drawn, Figure,
    axis::{self, Axis, LABEL_SIZE, TICK_SIZE},
    beyond::{self, Beyond, Window},
    curves::{Sample, key},
    font,
    pairs::{Row, Shown, row},
    palette::{BLUE, GREY, INK, SHADE, VERMILION},
    scene::{Anchor, Rect, Rgb, Scene, Shape, Stroke, WIDTH, point},
    words,
};
use crate::{
    comparison::{Analysis, Comparison, Design, Settings, verdict_name},
    metric::Metric,
    report::content::{counted, coverage, extent_words, p_value},
    stats::sequential::Verdict,
};

/// So many pairs are all shown: those of seven groups.
const MOST: usize = 21;

/// The pairs that have a difference; `missing` gets a sentence on the others.
pub(super) fn figure(
    analysis: &Analysis,
    settings: &Settings,
    metric: Metric,
    missing: &mut Vec<String>,
) -> Result<Figure, String> {
    if analysis.comparisons.is_empty() {
        return Err("The forest plot is not drawn: there is no pair of groups.".to_owned());
    }
    let shown = Shown::of(analysis, settings, metric, MOST);
    let wanted = analysis
        .comparisons
        .iter()
        .filter_map(|c| Some((c, shown.has((c.first, c.second))?)));
    let (rows, without): (Vec<_>, Vec<_>) = wanted
        .map(|(c, exchanged)| {
            let row = row(c, exchanged, shown.reference.is_some());
            row.ok_or_else(|| format!("{} − {}", c.a, c.b))
        })
        .partition(Result::is_ok);
    let rows: Vec<Row> = rows.into_iter().flatten().collect();
    let without: Vec<String> = without.into_iter().filter_map(Result::err).collect();
    if rows.is_empty() {
        return Err(
            "The forest plot is not drawn: no two groups have values to compare.".to_owned(),
        );
    }
    if !without.is_empty() {
        missing.push(format!(
            "The forest plot leaves out {}: there are no values to compare.",
            without.join(", ")
        ));
    }
    let (scene, drawn) = draw(&rows, &shown, settings, metric);
    Ok(Figure {
        name: "forest",
        title: format!("Differences in {}", words(metric)),
        caption: caption(analysis, &rows, &shown, settings, metric),
        drawn,
        scene,
    })
}

fn any_equivalent(rows: &[Row]) -> bool {
    let equivalent = Some(Verdict::Equivalent);
    rows.iter().any(|row| row.verdict == equivalent)
}

/// Shape, colour, whether hollow.
fn look(verdict: Option<Verdict>) -> (Shape, Rgb, bool) {
    match verdict {
        Some(Verdict::Different) => (Shape::Circle, VERMILION, false),
        Some(Verdict::Equivalent) => (Shape::Square, BLUE, false),
        Some(Verdict::Undecided) => (Shape::Diamond, INK, true),
        None => (Shape::Cross, GREY, false),
    }
}

fn draw(rows: &[Row], shown: &Shown, settings: &Settings, metric: Metric) -> (Scene, Vec<Drawn>) {
    const P: f64 = 62.0;
    let mut scene = Scene::default();
    let widths = rows.iter().flat_map(|row| &row.lines);
    let left = 14.0
        + widths
            .map(|line| font::width(line, LABEL_SIZE))
            .fold(60.0, f64::max);
    let margin = settings
        .margin
        .map(|margin| format!("equivalence margin ±{}", metric.margin_words(margin)));
    let top = 6.0 + legend(&mut scene, rows, margin.as_deref());
    if rows.iter().any(|row| row.p.is_some()) {
        let head = point(WIDTH - 8.0, top + 10.0);
        let head_text = if any_equivalent(rows) {
            "adjusted p; of equivalence where equivalent"
        } else {
            "adjusted p"
        };
        scene.text(head, Anchor::End, TICK_SIZE, GREY, head_text);
    }
    let heights: Vec<f64> = rows
        .iter()
        .map(|row| font::LEADING * LABEL_SIZE * row.lines.len() as f64 + 7.0)
        .collect();
    let area = Rect {
        x: left,
        y: top + 16.0,
        width: WIDTH - left - P,
        height: heights.iter().sum::<f64>() + 4.0,
    };
    let margin = settings.margin.unwrap_or(0.0);
    let window = window(rows, margin);
    let beyond: Vec<Option<Beyond>> = rows.iter().map(|row| beyond(row, window, metric)).collect();
    let outer = area;
    let area = beyond::inner(area, beyond.iter().flatten());
    let on_axis = rows.iter().filter(|row| window.has(row.difference));
    let ends = on_axis.flat_map(|row| {
        let interval = row.interval.map(|i| [i.low, i.high]);
        interval.into_iter().flatten().chain([row.difference])
    });
    let ends = ends.chain([-margin, 0.0, margin]);
    let axis = Axis::around(ends, (area.x, area.right())).named_by(metric.factor());
    if settings.margin.is_some() {
        let (low, high) = (axis.at(-margin), axis.at(margin));
        let band = Rect {
            x: low,
            width: high - low,
            ..area
        };
        scene.rect(band, SHADE);
        for x in [low, high] {
            let edge = Stroke {
                colour: GREY,
                width: 0.6,
                dash: &[2.0, 2.0],
            };
            scene.line(&[point(x, area.y), point(x, area.bottom())], edge);
        }
    }
    axis::horizontal(&mut scene, area, &axis, &axis.ticks_side_by_side(), "");
    let mut name = format!("difference in {}", words(metric));
    if let Some(reference) = &shown.reference {
        name += &format!(" from {}", reference.label);
    }
    name += &format!(" ({})", metric.difference_unit());
    let below = name_below(&mut scene, area, &name);
    let zero = axis.at(0.0);
    let line = [point(zero, area.y), point(zero, area.bottom())];
    scene.line(&line, Stroke::solid(INK, 0.8));
    let mut y = area.y + 2.0;
    let mut drawn = Vec::new();
    for ((row, height), beyond) in rows.iter().zip(heights).zip(&beyond) {
        let middle = y + height / 2.0;
        draw_names(&mut scene, left, middle, row);
        match beyond {
            Some(beyond) => {
                beyond::draw(&mut scene, outer, middle, beyond, look(row.verdict).1);
            }
            None => draw_difference(&mut scene, &axis, middle, row),
        }
        drawn.push(Drawn {
            panel: "forest".to_owned(),
            label: row.label.clone(),
            x: None,
            value: row.difference,
            interval: row.interval,
        });
        y += height;
    }
    scene.height = (area.bottom() + below).ceil();
    (scene, drawn)
}

/// The axis's name under the middle of the plot, or as near to it as its length allows; gives the
/// height of both.
fn name_below(scene: &mut Scene, area: Rect, name: &str) -> f64 {
    let lines = font::wrap(name, LABEL_SIZE, WIDTH - 16.0);
    for (i, line) in lines.iter().enumerate() {
        let half = font::width(line, LABEL_SIZE) / 2.0;
        let middle = area.x + area.width / 2.0;
        let middle = middle.min(WIDTH - 8.0 - half).max(8.0 + half);
        let y = area.bottom() + axis::BELOW - 5.0 + font::LEADING * LABEL_SIZE * i as f64;
        scene.text(
            point(middle, y),
            Anchor::Middle,
            LABEL_SIZE,
            INK,
            line.as_str(),
        );
    }
    axis::BELOW + font::LEADING * LABEL_SIZE * (lines.len() as f64 - 1.0)
}

/// So many times the usual half of an interval lie on the axis to either side of zero.
const REACH: f64 = 80.0;

/// What lies on the axis: all, unless some differences are so large that the rest could not be
/// read.
fn window(rows: &[Row], margin: f64) -> Window {
    let halves = rows.iter().filter_map(|row| {
        let interval = row.interval?;
        Some((interval.high - interval.low) / 2.0)
    });
    let reach = beyond::middle(halves).map_or(0.0, |half| (REACH * half).max(margin));
    let window = Window::around(0.0, reach);
    // Where none is small there is nothing to make room for.
    if rows.iter().any(|row| window.has(row.difference)) {
        window
    } else {
        Window::around(0.0, 0.0)
    }
}

fn beyond(row: &Row, window: Window, metric: Metric) -> Option<Beyond> {
    (!window.has(row.difference)).then(|| Beyond {
        left: window.is_right_of(row.difference),
        text: beyond::number(metric.factor() * row.difference),
    })
}

/// What stands beside a row: the pair, and its p.
fn draw_names(scene: &mut Scene, left: f64, y: f64, row: &Row) {
    scene.paragraph(
        point(left - 8.0, y),
        Anchor::End,
        LABEL_SIZE,
        INK,
        &row.lines,
    );
    if let Some(p) = row.p {
        let at = point(WIDTH - 8.0, y);
        scene.paragraph(at, Anchor::End, TICK_SIZE, INK, &[p_value(p)]);
    }
}

fn draw_difference(scene: &mut Scene, axis: &Axis, y: f64, row: &Row) {
    let (shape, colour, hollow) = look(row.verdict);
    if let Some(interval) = row.interval {
        let (low, high) = (axis.at(interval.low), axis.at(interval.high));
        let stroke = Stroke::solid(colour, 1.3);
        scene.line(&[point(low, y), point(high, y)], stroke);
        for end in [low, high] {
            scene.line(&[point(end, y - 2.5), point(end, y + 2.5)], stroke);
        }
    }
    let at = point(axis.at(row.difference), y);
    if hollow {
        scene.hollow(at, shape, 3.0, colour);
    } else {
        scene.symbol(at, shape, 3.0, colour);
    }
}

/// The verdicts that occur, and the margin.
fn legend(scene: &mut Scene, rows: &[Row], margin: Option<&str>) -> f64 {
    let verdicts = [
        Some(Verdict::Different),
        Some(Verdict::Equivalent),
        Some(Verdict::Undecided),
        None,
    ];
    let mut entries: Vec<(Sample, &str)> = verdicts
        .into_iter()
        .filter(|verdict| rows.iter().any(|row| row.verdict == *verdict))
        .map(|verdict| {
            let (shape, colour, hollow) = look(verdict);
            let name = verdict.map_or("no test", verdict_name);
            (Sample::Symbol(shape, colour, hollow), name)
        })
        .collect();
    entries.extend(margin.map(|margin| (Sample::Shade(SHADE), margin)));
    key(scene, point(8.0, 2.0), &entries)
}

fn caption(
    analysis: &Analysis,
    rows: &[Row],
    shown: &Shown,
    settings: &Settings,
    metric: Metric,
) -> String {
    let n = analysis.comparisons.iter().map(Comparison::n);
    let n = n.filter(|n| *n > 0);
    let (least, most) = (n.clone().min().unwrap_or(0), n.max().unwrap_or(0));
    let unit = match settings.design() {
        Design::Paired => "pairs of runs that share a seed",
        Design::Independent => "runs, taken as independent",
    };
    let n = if least == most {
        format!("n = {most}")
    } else {
        format!("n = {least} to {most}")
    };
    let which = match &shown.reference {
        None => String::new(),
        Some(reference) => format!(
            " of {} groups from {}, {}, out of {} compared",
            rows.len(),
            reference.label,
            reference.what,
            counted(analysis.comparisons.len(), "pair"),
        ),
    };
    let method = analysis
        .comparisons
        .first()
        .map_or("", |comparison| comparison.interval_method);
    let extent = extent_words(settings);
    let margin = settings.margin.map_or(String::new(), |margin| {
        format!(
            " The shade is the equivalence margin, ±{}.",
            metric.margin_words(margin)
        )
    });
    let p = if any_equivalent(rows) {
        " The p of a pair that is equivalent is that of equivalence, of any other that of no difference."
    } else {
        ""
    };
    let far = if window(rows, settings.margin.unwrap_or(0.0))
        .has_all(rows.iter().map(|r| r.difference))
    {
        ""
    } else {
        " Differences too large for the axis stand beside it as a number."
    };
    format!(
        "Differences{which} ({n} {unit}) with {} {method} intervals, {extent}; the shape is the verdict at α = {} ({}).{margin}{p}{far}",
        coverage(settings.level()),
        settings.alpha,
        super::method(settings)
    )
}
