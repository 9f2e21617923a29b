//! Published numbers on our distributions: a panel for each metric, a row for each initializer,
//! every run a dot, the runs of two scopes on lines of their own.

use super::{
    Drawn, Figure,
    axis::{self, Axis, LABEL_SIZE, TICK_SIZE},
    curves::{Sample, key},
    font,
    palette::{FAINT, INK, Look, WHITE},
    scene::{Anchor, Rect, Scene, Shape, Stroke, WIDTH, point},
    swarm,
};

/// A panel.
#[derive(Clone, Debug)]
pub struct Panel {
    /// What it shows, with its unit.
    pub title: String,
    /// Its rows, of which all panels have the same.
    pub rows: Vec<Row>,
}

/// A row of a panel.
#[derive(Clone, Debug)]
pub struct Row {
    /// Whose numbers they are.
    pub label: String,
    /// The published number.
    pub published: f64,
    /// The numbers of our runs under each scope.
    pub runs: [Vec<f64>; 2],
}

/// Height of a row: a line of dots for each scope.
const ROW: f64 = 31.0;
/// Panels side by side.
const COLUMNS: usize = 2;
const GAP: f64 = 18.0;
const DOT: f64 = 0.8;
const SHAPES: [Shape; 2] = [Shape::Circle, Shape::Square];

/// The panels, two side by side; `scopes` names the two kinds of runs.
#[must_use]
pub fn figure(panels: &[Panel], scopes: [&str; 2]) -> Figure {
    let mut scene = Scene::default();
    let labels = panels
        .iter()
        .flat_map(|panel| &panel.rows)
        .map(|row| row.label.as_str());
    let widest = labels
        .map(|label| font::width(label, LABEL_SIZE))
        .fold(0.0, f64::max);
    let left = widest + 12.0;
    let names = scopes.map(|scope| format!("a run, {scope}"));
    let entries = [
        (
            Sample::Symbol(SHAPES[0], colour(0), false),
            names[0].as_str(),
        ),
        (
            Sample::Symbol(SHAPES[1], colour(1), false),
            names[1].as_str(),
        ),
        (Sample::Symbol(Shape::Diamond, INK, true), "published"),
    ];
    let mut top = 8.0 + key(&mut scene, point(left, 2.0), &entries);
    let columns = COLUMNS as f64;
    let width = (WIDTH - left - 10.0 - GAP * (columns - 1.0)) / columns;
    let mut drawn = Vec::new();
    for chunk in panels.chunks(COLUMNS) {
        let head = font::LEADING * LABEL_SIZE + 4.0;
        let rows = chunk
            .iter()
            .map(|panel| panel.rows.len())
            .max()
            .unwrap_or(0);
        let height = ROW * rows as f64;
        for (column, panel) in chunk.iter().enumerate() {
            let area = Rect {
                x: left + column as f64 * (width + GAP),
                y: top + head,
                width,
                height,
            };
            draw(&mut scene, area, panel, column == 0, &mut drawn);
        }
        top += head + height + axis::BELOW - 8.0;
    }
    scene.height = top.ceil();
    Figure {
        name: "published",
        title: "Published numbers among our runs".to_owned(),
        caption: format!(
            "Every run is a dot, {} above and {} below in each row; the diamond and the line through the row are the published number. Accuracies in percent, an axis for each panel.",
            scopes[0], scopes[1]
        ),
        drawn,
        scene,
    }
}

fn colour(scope: usize) -> (u8, u8, u8) {
    Look::of(scope).colour
}

fn draw(scene: &mut Scene, area: Rect, panel: &Panel, labelled: bool, drawn: &mut Vec<Drawn>) {
    let values = panel.rows.iter().flat_map(|row| {
        let runs = row.runs.iter().flatten().copied();
        runs.chain([row.published])
    });
    let axis = Axis::around(values, (area.x, area.right()));
    axis::horizontal(scene, area, &axis, &axis.ticks(34.0, 0.0), "");
    let title = point(area.x, area.y - 4.0);
    scene.text(title, Anchor::Start, LABEL_SIZE, INK, panel.title.as_str());
    for (i, row) in panel.rows.iter().enumerate() {
        let y = area.y + ROW * i as f64;
        if i > 0 {
            let ends = [point(area.x, y), point(area.right(), y)];
            scene.line(&ends, Stroke::solid(FAINT, 0.6));
        }
        if labelled {
            let at = point(area.x - 8.0, y + ROW / 2.0);
            let label = std::slice::from_ref(&row.label);
            scene.paragraph(at, Anchor::End, LABEL_SIZE, INK, label);
        }
        let lines = [y + 0.26 * ROW, y + 0.74 * ROW];
        for (scope, runs) in row.runs.iter().enumerate() {
            let places: Vec<f64> = runs.iter().map(|value| axis.at(*value)).collect();
            let aside = swarm::offsets(&places, 2.2 * DOT, 0.22 * ROW);
            for (x, aside) in places.iter().zip(aside) {
                let at = point(*x, lines[scope] + aside);
                scene.symbol(at, SHAPES[scope], DOT, colour(scope));
            }
        }
        let x = axis.at(row.published);
        let ends = [point(x, y + 2.0), point(x, y + ROW - 2.0)];
        scene.line(&ends, Stroke::solid(WHITE, 2.4));
        scene.line(&ends, Stroke::solid(INK, 0.9));
        scene.hollow(point(x, y + ROW / 2.0), Shape::Diamond, 3.2, INK);
        drawn.push(Drawn {
            panel: panel.title.clone(),
            label: row.label.clone(),
            x: None,
            value: row.published,
            interval: None,
        });
    }
    if panel
        .rows
        .iter()
        .all(|row| row.runs.iter().all(Vec::is_empty))
    {
        let at = point(area.x + 4.0, area.y + TICK_SIZE);
        scene.text(at, Anchor::Start, TICK_SIZE, INK, "no run");
    }
}
