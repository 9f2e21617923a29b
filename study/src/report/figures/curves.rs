//! Curves with bands: those of a few groups in one panel, those of many in a panel each.

use super::{
    axis::{self, Axis, LABEL_SIZE, TICK_SIZE},
    font,
    palette::{INK, Look, PALE, WHITE},
    scene::{Anchor, Point, Rect, Scene, Shape, Stroke, WIDTH, point},
};

/// A group's values along an axis.
#[derive(Clone, Debug)]
pub(super) struct Curve {
    pub(super) label: String,
    pub(super) places: Vec<Place>,
}

/// One value of a curve.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    /// Ends of its interval.
    pub(super) band: Option<(f64, f64)>,
}

/// Axes of a panel before it has a place.
pub(super) struct Frame {
    pub(super) x: fn((f64, f64), (f64, f64)) -> Axis,
    pub(super) x_range: (f64, f64),
    pub(super) x_name: String,
    /// Least distance of two values named on x.
    pub(super) x_least: f64,
    /// Room of a value named on x.
    pub(super) x_room: f64,
    pub(super) y: fn((f64, f64), (f64, f64)) -> Axis,
    pub(super) y_range: (f64, f64),
    /// What values of y are multiplied by where they are named.
    pub(super) y_factor: f64,
    /// A value of y that a line across marks, and the line's name.
    pub(super) level: Option<(f64, &'static str)>,
}

/// Room of a value named on y.
const Y_ROOM: f64 = 22.0;
/// Symbols on a curve are at least so far apart.
const SYMBOL_ROOM: f64 = 14.0;
const SYMBOL: f64 = 2.3;

impl Frame {
    fn axes(&self, area: Rect) -> (Axis, Axis) {
        let x = (self.x)(self.x_range, (area.x, area.right()));
        (x, self.y_axis((area.bottom(), area.y)))
    }

    fn y_axis(&self, places: (f64, f64)) -> Axis {
        (self.y)(self.y_range, places).named_by(self.y_factor)
    }

    /// Room left of a panel of this height for the values of y.
    pub(super) fn beside(&self, height: f64) -> f64 {
        let axis = self.y_axis((height, 0.0));
        axis::beside(&axis.ticks(Y_ROOM, 0.0)) + 2.0
    }

    /// The grid and what stands along it.
    fn draw(&self, scene: &mut Scene, area: Rect, x_name: bool, beside: bool) {
        let (x, y) = self.axes(area);
        let mut ticks = y.ticks(Y_ROOM, 0.0);
        if !beside {
            for tick in &mut ticks {
                tick.label.clear();
            }
        }
        axis::vertical(scene, area, &y, &ticks);
        let name = if x_name { self.x_name.as_str() } else { "" };
        axis::horizontal(scene, area, &x, &x.ticks(self.x_room, self.x_least), name);
        if let Some((level, _)) = self.level {
            let y = y.at(level);
            let stroke = Stroke {
                colour: INK,
                width: 0.8,
                dash: &[3.0, 2.0],
            };
            scene.line(&[point(area.x, y), point(area.right(), y)], stroke);
        }
    }
}

/// All curves in one panel.
pub(super) fn together(scene: &mut Scene, area: Rect, frame: &Frame, curves: &[Curve]) {
    frame.draw(scene, area, true, true);
    let (x, y) = frame.axes(area);
    if let Some((level, name)) = frame.level
        && !name.is_empty()
    {
        let at = point(area.right() + 2.0, y.at(level) + font::MIDDLE * TICK_SIZE);
        scene.text(at, Anchor::Start, TICK_SIZE, INK, name);
    }
    for (i, curve) in curves.iter().enumerate() {
        band(scene, curve, &x, &y, Look::of(i).colour);
    }
    let with_places = |(_, curve): &(usize, &Curve)| !curve.places.is_empty();
    for (i, curve) in curves.iter().enumerate().filter(with_places) {
        let look = Look::of(i);
        let points = points(curve, &x, &y);
        scene.line(&points, look.stroke(1.2));
        let mut last = f64::NEG_INFINITY;
        for at in points {
            if at.x - last >= SYMBOL_ROOM {
                scene.symbol(at, look.shape, SYMBOL + 0.7, WHITE);
                scene.symbol(at, look.shape, SYMBOL, look.colour);
                last = at.x;
            }
        }
    }
}

/// A panel for each curve in which the others are pale; gives the height it took from `top`.
pub(super) fn each(scene: &mut Scene, top: f64, frame: &Frame, curves: &[Curve]) -> f64 {
    const COLUMNS: usize = 3;
    const HEIGHT: f64 = 72.0;
    const GAP: f64 = 12.0;
    let left = frame.beside(HEIGHT);
    let width = (WIDTH - left - 8.0 - GAP * (COLUMNS - 1) as f64) / COLUMNS as f64;
    let mut y = top;
    for (row, chunk) in curves.chunks(COLUMNS).enumerate() {
        let titles: Vec<Vec<String>> = chunk
            .iter()
            .map(|curve| font::wrap(&curve.label, TICK_SIZE, width))
            .collect();
        let lines = titles.iter().map(Vec::len).max().unwrap_or(1) as f64;
        y += lines * font::LEADING * TICK_SIZE + 5.0;
        for (column, (curve, title)) in chunk.iter().zip(&titles).enumerate() {
            let area = Rect {
                x: left + column as f64 * (width + GAP),
                y,
                width,
                height: HEIGHT,
            };
            let lowest = (row + 1) * COLUMNS + column >= curves.len();
            frame.draw(scene, area, lowest, column == 0);
            let (x, y) = frame.axes(area);
            for other in curves
                .iter()
                .filter(|other| other.label != curve.label && !other.places.is_empty())
            {
                scene.line(&points(other, &x, &y), Stroke::solid(PALE, 0.6));
            }
            let look = Look::of(0);
            band(scene, curve, &x, &y, look.colour);
            if !curve.places.is_empty() {
                scene.line(&points(curve, &x, &y), look.stroke(1.5));
            }
            for (i, line) in title.iter().rev().enumerate() {
                let above = 4.0 + font::DESCENT * TICK_SIZE + font::LEADING * TICK_SIZE * i as f64;
                let at = point(area.x, area.y - above);
                scene.text(at, Anchor::Start, TICK_SIZE, INK, line.as_str());
            }
        }
        y += HEIGHT + 20.0;
    }
    y + axis::BELOW - 20.0 - top
}

/// A legend of curves, in columns; gives its height.
pub(super) fn legend(scene: &mut Scene, left: f64, labels: &[&str]) -> f64 {
    let entries: Vec<(Sample, &str)> = labels
        .iter()
        .enumerate()
        .map(|(i, label)| (Sample::Curve(Look::of(i)), *label))
        .collect();
    key(scene, point(left, 4.0), &entries)
}

/// What a legend shows beside a label.
#[derive(Clone, Copy)]
pub(super) enum Sample {
    Curve(Look),
    Symbol(Shape, (u8, u8, u8), bool),
    Shade((u8, u8, u8)),
}

/// A legend from its left upper corner to the figure's right side; gives its height. Entries that
/// do not stand in one row stand in columns as wide as the widest.
pub(super) fn key(scene: &mut Scene, from: Point, entries: &[(Sample, &str)]) -> f64 {
    const GAP: f64 = 14.0;
    let line_height = 1.45 * LABEL_SIZE;
    let room = WIDTH - 4.0 - from.x;
    let labels: Vec<Vec<String>> = entries
        .iter()
        .map(|(sample, label)| font::wrap(label, LABEL_SIZE, room - sample.beside()))
        .collect();
    let mut columns: Vec<f64> = entries
        .iter()
        .zip(&labels)
        .map(|((sample, _), lines)| {
            let widths = lines.iter().map(|line| font::width(line, LABEL_SIZE));
            sample.beside() + widths.fold(0.0, f64::max) + GAP
        })
        .collect();
    if columns.iter().sum::<f64>() > room + GAP {
        let widest = columns.iter().copied().fold(0.0, f64::max);
        let count = ((room + GAP) / widest).floor().max(1.0) as usize;
        columns = vec![widest; count];
    }
    let rows = entries.chunks(columns.len().max(1));
    let mut y = from.y;
    for (entries, labels) in rows.zip(labels.chunks(columns.len().max(1))) {
        let mut x = from.x;
        for (((sample, _), lines), column) in entries.iter().zip(labels).zip(&columns) {
            let middle = y + line_height / 2.0;
            sample.draw(scene, point(x, middle));
            for (i, line) in lines.iter().enumerate() {
                let base = middle + font::MIDDLE * LABEL_SIZE + line_height * i as f64;
                let at = point(x + sample.beside(), base);
                scene.text(at, Anchor::Start, LABEL_SIZE, INK, line.as_str());
            }
            x += column;
        }
        let lines = labels.iter().map(Vec::len).max().unwrap_or(0);
        y += line_height * lines as f64;
    }
    y - from.y
}

impl Sample {
    fn width(self) -> f64 {
        match self {
            Self::Curve(_) => 26.0,
            Self::Symbol(..) => 10.0,
            Self::Shade(_) => 16.0,
        }
    }

    /// Where its label begins.
    fn beside(self) -> f64 {
        self.width() + 4.0
    }

    /// To the right of a point.
    fn draw(self, scene: &mut Scene, from: Point) {
        let width = self.width();
        let centre = point(from.x + width / 2.0, from.y);
        match self {
            Self::Curve(look) => {
                scene.line(&[from, point(from.x + width, from.y)], look.stroke(1.2));
                scene.symbol(centre, look.shape, SYMBOL + 0.7, WHITE);
                scene.symbol(centre, look.shape, SYMBOL, look.colour);
            }
            Self::Symbol(shape, colour, true) => scene.hollow(centre, shape, 3.0, colour),
            Self::Symbol(shape, colour, false) => scene.symbol(centre, shape, 3.0, colour),
            Self::Shade(colour) => {
                let height = 8.0;
                let y = from.y - height / 2.0;
                let rect = Rect {
                    x: from.x,
                    y,
                    width,
                    height,
                };
                scene.rect(rect, colour);
            }
        }
    }
}

fn points(curve: &Curve, x: &Axis, y: &Axis) -> Vec<Point> {
    let at = |place: &Place| point(x.at(place.x), y.at(place.y));
    curve.places.iter().map(at).collect()
}

/// The intervals as an area, where there is more than one place to span, and as bars where not.
fn band(scene: &mut Scene, curve: &Curve, x: &Axis, y: &Axis, colour: (u8, u8, u8)) {
    let ends = curve.places.iter().filter_map(|place| {
        let (low, high) = place.band?;
        let x = x.at(place.x);
        Some((point(x, y.at(low)), point(x, y.at(high))))
    });
    let (low, high): (Vec<Point>, Vec<Point>) = ends.unzip();
    if let ([low], [high]) = (low.as_slice(), high.as_slice()) {
        scene.line(&[*low, *high], Stroke::solid(colour, 1.2));
        return;
    }
    if low.len() > 1 {
        let around = low.into_iter().chain(high.into_iter().rev()).collect();
        scene.area(around, colour, 0.2);
    }
}
