//! The critical-difference diagram (Demšar 2006): groups on a scale of mean ranks, a bar over
//! those that Nemenyi's test does not tell apart.

use super::{
    Drawn, Figure,
    axis::{LABEL_SIZE, TICK_SIZE},
    font,
    palette::{GREY, INK},
    scene::{Anchor, Point, Scene, Stroke, WIDTH, point},
};
use crate::{
    comparison::CriticalDifference,
    report::content::{counted, p_is},
};

/// The widest that labels get, at either side.
const LABELS: f64 = 128.0;
/// Height of the bar that shows the critical difference, and of the scale.
const BAR: f64 = 10.0;
const SCALE: f64 = 42.0;
/// From bar to bar of the cliques.
const PITCH: f64 = 6.0;

/// The diagram, rank 1, the best, at the left.
pub(super) fn figure(diagram: &CriticalDifference) -> Figure {
    let groups = &diagram.groups;
    let k = groups.len();
    let mut scene = Scene::default();
    let lines: Vec<Vec<String>> = groups
        .iter()
        .map(|group| font::wrap(&group.label, LABEL_SIZE, LABELS))
        .collect();
    let widths = lines.iter().flatten();
    let label = widths
        .map(|line| font::width(line, LABEL_SIZE))
        .fold(0.0, f64::max);
    let number = font::width("10.00", TICK_SIZE);
    let title = font::width("mean rank", LABEL_SIZE);
    let side = (4.0 + label + 6.0 + number + 10.0).max(title + 14.0);
    let (low, high) = (side, WIDTH - side);
    let at = |rank: f64| low + (rank - 1.0) / (k as f64 - 1.0) * (high - low);
    let thin = Stroke::solid(INK, 0.7);
    scale(&mut scene, k, &at);
    critical(&mut scene, diagram.difference, &at);
    let first = SCALE + 9.0;
    for (i, (from, to)) in diagram.cliques.iter().enumerate() {
        let y = first + PITCH * i as f64;
        let ends = [
            point(at(groups[*from].mean_rank) - 3.0, y),
            point(at(groups[*to].mean_rank) + 3.0, y),
        ];
        scene.line(&ends, Stroke::solid(INK, 2.6));
    }
    let top = first + PITCH * diagram.cliques.len() as f64 + 8.0;
    let mut bottom = top;
    let mut drawn = Vec::new();
    let left_half = k.div_ceil(2);
    let (left, right): (Vec<usize>, Vec<usize>) = (0..k).partition(|i| *i < left_half);
    for (order, is_left) in [(left, true), (right.into_iter().rev().collect(), false)] {
        let mut y = top;
        for i in order {
            let height = font::LEADING * LABEL_SIZE * lines[i].len() as f64 + 4.0;
            let middle = y + height / 2.0;
            let place = at(groups[i].mean_rank);
            let end = if is_left { low - 6.0 } else { high + 6.0 };
            let path = [
                point(place, SCALE),
                point(place, middle),
                point(end, middle),
            ];
            scene.line(&path, thin);
            let (sign, anchor) = if is_left {
                (-1.0, Anchor::End)
            } else {
                (1.0, Anchor::Start)
            };
            let rank = format!("{:.2}", groups[i].mean_rank);
            let beside = point(end + sign * 4.0, middle);
            scene.paragraph(beside, anchor, TICK_SIZE, GREY, &[rank]);
            let beyond = point(beside.x + sign * (number + 6.0), middle);
            scene.paragraph(beyond, anchor, LABEL_SIZE, INK, &lines[i]);
            y += height;
        }
        bottom = bottom.max(y);
    }
    drawn.extend(groups.iter().map(|group| Drawn {
        panel: "mean rank".to_owned(),
        label: group.label.clone(),
        x: None,
        value: group.mean_rank,
        interval: None,
    }));
    scene.height = (bottom + 6.0).ceil();
    Figure {
        name: "critical_difference",
        title: "Mean ranks and their critical difference".to_owned(),
        caption: caption(diagram),
        drawn,
        scene,
    }
}

/// The scale of ranks with its numbers above it.
fn scale(scene: &mut Scene, k: usize, at: &impl Fn(f64) -> f64) {
    let base = Stroke::solid(INK, 0.9);
    let ends: [Point; 2] = [point(at(1.0), SCALE), point(at(k as f64), SCALE)];
    scene.line(&ends, base);
    let apart = at(2.0) - at(1.0);
    let stride = (font::width("10", TICK_SIZE) * 1.5 / apart).ceil().max(1.0) as usize;
    for rank in 1..=k {
        let x = at(rank as f64);
        let long = (rank - 1) % stride == 0;
        let height = if long { 5.0 } else { 3.0 };
        scene.line(&[point(x, SCALE - height), point(x, SCALE)], base);
        if long {
            let over = point(x, SCALE - 8.0);
            scene.text(over, Anchor::Middle, TICK_SIZE, INK, rank.to_string());
        }
    }
    let name = ["mean rank".to_owned()];
    let left = point(ends[0].x - 10.0, SCALE - 3.0);
    scene.paragraph(left, Anchor::End, LABEL_SIZE, INK, &name);
}

/// The critical difference as a bar from rank 1; one wider than the scale is only a number.
fn critical(scene: &mut Scene, difference: f64, at: &impl Fn(f64) -> f64) {
    let name = format!("CD {difference:.2}");
    let (from, to) = (at(1.0), at(1.0 + difference));
    let stroke = Stroke::solid(INK, 1.0);
    let width = font::width(&name, TICK_SIZE);
    if to + 8.0 + width > WIDTH {
        let at = point(from, BAR + 3.0);
        scene.text(
            at,
            Anchor::Start,
            TICK_SIZE,
            INK,
            format!("{name}, beyond the scale"),
        );
        return;
    }
    scene.line(&[point(from, BAR), point(to, BAR)], stroke);
    for end in [from, to] {
        scene.line(&[point(end, BAR - 3.0), point(end, BAR + 3.0)], stroke);
    }
    let beside = point(to + 6.0, BAR);
    scene.paragraph(beside, Anchor::Start, TICK_SIZE, INK, &[name]);
}

fn caption(diagram: &CriticalDifference) -> String {
    let joined = if diagram.cliques.is_empty() {
        "no two of neighbouring rank are alike by Nemenyi's test"
    } else {
        "a bar joins those that Nemenyi's test does not tell apart"
    };
    let out_of_reach = if diagram.difference > diagram.groups.len() as f64 - 1.0 {
        " So few blocks can tell no two apart: no mean ranks differ by as much."
    } else {
        ""
    };
    format!(
        "Mean ranks over {}, 1 the best; {joined}: their ranks differ by less than the critical difference {:.2} (α = {}).{out_of_reach} Friedman's test of all: χ² = {:.2}, {}.",
        counted(diagram.blocks, "block"),
        diagram.difference,
        diagram.alpha,
        diagram.friedman.statistic,
        p_is(diagram.friedman.p)
    )
}
