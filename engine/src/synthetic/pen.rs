//! Inks a path on the pixels of an image, with soft edges.

use super::SIDE;
use super::handwriting::Path;

/// How wide the soft edge is, in pixels.
const EDGE: f32 = 1.25;

/// Adds the ink of `path` to the coverage (0 to 1) of each pixel, row by row.
/// Ink on ink stays ink.
pub(super) fn draw(path: &Path, coverage: &mut [f32; SIDE * SIDE]) {
    let pieces = path.points.len().saturating_sub(1) as f32;
    let [first, last] = path.radii;
    for (index, pair) in path.points.windows(2).enumerate() {
        let radius = first + (last - first) * (index as f32 / pieces);
        draw_piece(pair[0], pair[1], radius, coverage);
    }
}

fn draw_piece(from: [f32; 2], to: [f32; 2], radius: f32, coverage: &mut [f32; SIDE * SIDE]) {
    let [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    let squared_length = dx * dx + dy * dy;
    let inverse = if squared_length > 0.0 {
        1.0 / squared_length
    } else {
        0.0
    };

    let reach = radius + 0.5 * EDGE;
    let columns = pixels_within(from[0].min(to[0]) - reach, from[0].max(to[0]) + reach);
    for row in pixels_within(from[1].min(to[1]) - reach, from[1].max(to[1]) + reach) {
        let y = row as f32 + 0.5 - from[1];
        for column in columns.clone() {
            let x = column as f32 + 0.5 - from[0];
            let along = ((x * dx + y * dy) * inverse).clamp(0.0, 1.0);
            let [off_x, off_y] = [x - along * dx, y - along * dy];
            let distance = (off_x * off_x + off_y * off_y).sqrt();
            let ink = ((reach - distance) * (1.0 / EDGE)).clamp(0.0, 1.0);
            let pixel = &mut coverage[row * SIDE + column];
            *pixel = pixel.max(ink);
        }
    }
}

/// Pixels whose centre can lie between `low` and `high`, within the image.
fn pixels_within(low: f32, high: f32) -> std::ops::Range<usize> {
    // A cast of a negative number to usize gives 0.
    (low as usize)..((high + 1.0) as usize).min(SIDE)
}
