//! From a glyph to the path of a pen: a hand that is never twice the same.
//!
//! In order: the points of the glyph jump (a careless hand), a smooth curve is
//! laid through them (Catmull and Rom 1974), a coarse random field bends the
//! plane (the elastic deformation of Simard, Steinkraus, Platt 2003, on a
//! lattice), slant, rotation and stretch follow, and the result is fitted into
//! MNIST's box and centred by its ink. Only + − × ÷ and √ are used, so that
//! every machine makes the same path.

use super::SIDE;
use super::glyphs::{Glyph, Point, Stroke};
use super::noise::Noise;

/// A stroke as the pen draws it, in pixels of the image.
pub(super) struct Path {
    /// Corners of the polyline.
    pub(super) points: Vec<Point>,
    /// Half the width of the pen at the first and at the last corner.
    pub(super) radii: [f32; 2],
}

/// Straight pieces between two points of a glyph.
const PIECES: usize = 5;

/// Cells of the elastic lattice along each axis.
const CELLS: usize = 2;

/// MNIST's digits are fitted into a box of 20 × 20 pixels.
const BOX: f32 = 20.0;

/// Writes `glyph` once.
pub(super) fn write(glyph: Glyph, noise: &mut Noise) -> Vec<Path> {
    // Most people write neatly, a few do not.
    let carelessness = if noise.chance(0.15) {
        noise.uniform(1.3, 2.1)
    } else {
        noise.uniform(0.5, 1.3)
    };

    let field = Field::random(0.075 * carelessness, noise);
    let lean = Lean::random(carelessness, noise);
    let mut strokes: Vec<Vec<Point>> = glyph
        .iter()
        .map(|&stroke| {
            let points = jump(stroke, 0.019 * carelessness, noise);
            let mut curve = smooth(&points);
            curve
                .iter_mut()
                .for_each(|point| *point = lean.apply(field.apply(*point)));
            curve
        })
        .collect();

    let radius = (1.20 + 0.30 * noise.normal()).clamp(0.60, 2.0);
    fit(&mut strokes, radius, noise);
    strokes
        .into_iter()
        .map(|points| {
            let mut end = || radius * (1.0 + 0.10 * noise.normal());
            Path {
                points,
                radii: [end(), end()],
            }
        })
        .collect()
}

/// Moves every point at random; a doubled point, which is a corner, as one.
/// Where the pen is set down and lifted is the least certain.
fn jump(stroke: Stroke, deviation: f32, noise: &mut Noise) -> Vec<Point> {
    let mut moved: Vec<Point> = Vec::with_capacity(stroke.len());
    for (index, &point) in stroke.iter().enumerate() {
        let doubled = index > 0 && stroke[index - 1] == point;
        let at_end = index == 0 || index == stroke.len() - 1;
        let deviation = if at_end { 1.5 * deviation } else { deviation };
        moved.push(if doubled {
            moved[index - 1]
        } else {
            [
                point[0] + deviation * noise.normal(),
                point[1] + deviation * noise.normal(),
            ]
        });
    }
    moved
}

/// A Catmull-Rom curve through the points, as a polyline.
fn smooth(points: &[Point]) -> Vec<Point> {
    let at = |index: usize| points[index.min(points.len() - 1)];
    let mut curve = vec![at(0)];
    for span in 0..points.len() - 1 {
        let [before, from, to, after] = [
            at(span.saturating_sub(1)),
            at(span),
            at(span + 1),
            at(span + 2),
        ];
        if from == to {
            continue;
        }
        for piece in 1..=PIECES {
            let t = piece as f32 / PIECES as f32;
            curve.push([0, 1].map(|axis| {
                let (p0, p1, p2, p3) = (before[axis], from[axis], to[axis], after[axis]);
                let linear = p2 - p0;
                let square = 2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3;
                let cube = 3.0 * (p1 - p2) + p3 - p0;
                p1 + 0.5 * t * (linear + t * (square + t * cube))
            }));
        }
    }
    curve
}

/// Displacements on a lattice over the glyph, smoothly filled in between.
struct Field([[Point; CELLS + 1]; CELLS + 1]);

impl Field {
    fn random(deviation: f32, noise: &mut Noise) -> Self {
        let mut node = || [deviation * noise.normal(), deviation * noise.normal()];
        Self(std::array::from_fn(|_| std::array::from_fn(|_| node())))
    }

    fn apply(&self, point: Point) -> Point {
        let [(col, right), (row, down)] = point.map(|coordinate| {
            let place = coordinate.clamp(0.0, 1.0) * CELLS as f32;
            let cell = (place as usize).min(CELLS - 1);
            let t = place - cell as f32;
            // Without kinks at the nodes.
            (cell, t * t * (3.0 - 2.0 * t))
        });
        let mix = |from: f32, to: f32, t: f32| from + (to - from) * t;
        [0, 1].map(|axis| {
            let node = |row: usize, col: usize| self.0[row][col][axis];
            let upper = mix(node(row, col), node(row, col + 1), right);
            let lower = mix(node(row + 1, col), node(row + 1, col + 1), right);
            point[axis] + mix(upper, lower, down)
        })
    }
}

/// Slant, rotation and stretch, as one matrix.
struct Lean([[f32; 2]; 2]);

impl Lean {
    fn random(carelessness: f32, noise: &mut Noise) -> Self {
        let slant = 0.12 + 0.20 * noise.normal();
        let turn = 0.09 * carelessness * noise.normal();
        let stretch = 1.0 + 0.14 * noise.normal();
        // Sine and cosine by their series: for the angles here (below 0.7) the
        // error is below 0.0002.
        let sine = turn - turn * turn * turn / 6.0;
        let square = turn * turn;
        let cosine = 1.0 - square / 2.0 + square * square / 24.0;
        // Rotation after slant (x loses `slant` of y) after stretch of x.
        Self([
            [cosine * stretch, -cosine * slant - sine],
            [sine * stretch, cosine - sine * slant],
        ])
    }

    fn apply(&self, point: Point) -> Point {
        self.0.map(|row| row[0] * point[0] + row[1] * point[1])
    }
}

/// Scales into MNIST's box and puts the centre of the ink near the centre of
/// the image, as MNIST does.
fn fit(strokes: &mut [Vec<Point>], radius: f32, noise: &mut Noise) {
    let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
    for point in strokes.iter().flatten() {
        for axis in 0..2 {
            low[axis] = low[axis].min(point[axis]);
            high[axis] = high[axis].max(point[axis]);
        }
    }
    let extent = (high[0] - low[0]).max(high[1] - low[1]).max(0.1);
    let scale = (BOX - 2.0 * radius) * noise.uniform(0.88, 1.04) / extent;

    let centre = ink_centre(strokes);
    let middle = SIDE as f32 / 2.0;
    let target = [0, 1].map(|_| middle + 0.6 * noise.normal());
    for point in strokes.iter_mut().flatten() {
        for axis in 0..2 {
            point[axis] = (point[axis] - centre[axis]) * scale + target[axis];
        }
    }
}

/// The mean of the path, every piece weighted by its length.
fn ink_centre(strokes: &[Vec<Point>]) -> Point {
    let (mut sum, mut total) = ([0.0f32; 2], 0.0f32);
    for pair in strokes.iter().flat_map(|stroke| stroke.windows(2)) {
        let [dx, dy] = [0, 1].map(|axis| pair[1][axis] - pair[0][axis]);
        let length = (dx * dx + dy * dy).sqrt();
        total += length;
        for axis in 0..2 {
            sum[axis] += 0.5 * length * (pair[0][axis] + pair[1][axis]);
        }
    }
    // A path without length has one place only.
    if total > 0.0 {
        sum.map(|axis| axis / total)
    } else {
        strokes[0][0]
    }
}
