//! A drawing as SVG and as PNG, both through plotters' backends: what one shows, the other does.

use std::f64::consts::FRAC_1_SQRT_2;

use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, DrawingBackend, DrawingErrorKind,
};
use plotters_bitmap::BitMapBackend;
use plotters_svg::SVGBackend;

use super::{
    font::Style,
    scene::{Mark, Point, Rgb, Scene, Shape, Stroke, WIDTH, point},
};

/// plotters counts in whole units: an SVG's are a tenth of a point.
const SVG_UNITS: f64 = 10.0;
/// Pixels of a PNG per point: 216 an inch.
const PIXELS: usize = 3;
/// plotters does not smooth edges: each pixel is the mean of so many squared.
const SAMPLES: usize = 3;
/// A drawing higher than this keeps its edges: smooth ones would take gigabytes.
const TALL: f64 = 3000.0;

/// Width of a hollow symbol's outline.
const RIM: f64 = 1.1;
const WHITE: Rgb = (255, 255, 255);

/// The drawing as an SVG document with a title and a description.
pub(super) fn svg(scene: &Scene, title: &str, description: &str) -> String {
    let size = (
        (WIDTH * SVG_UNITS) as u32,
        (scene.height * SVG_UNITS) as u32,
    );
    let mut text = String::new();
    let mut backend = SVGBackend::with_string(&mut text, size);
    // Writing to a string does not fail.
    let drawn = draw(scene, &mut backend, SVG_UNITS).and_then(|()| backend.present());
    drop(backend);
    debug_assert!(drawn.is_ok());
    let body = text.split_once('>').map_or("", |(_, body)| body);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{:.3}in\" height=\"{:.3}in\" viewBox=\"0 0 {} {}\">\n<title>{}</title>\n<desc>{}</desc>{body}",
        WIDTH / 72.0,
        scene.height / 72.0,
        size.0,
        size.1,
        escape(title),
        escape(description)
    )
}

/// The drawing as a PNG file.
pub(super) fn png(scene: &Scene) -> Result<Vec<u8>, png::EncodingError> {
    let (width, height) = (WIDTH as usize * PIXELS, scene.height as usize * PIXELS);
    let side = if scene.height > TALL { 1 } else { SAMPLES };
    let (wide, high) = (width * side, height * side);
    let mut samples = vec![255; wide * high * 3];
    let mut backend = BitMapBackend::with_buffer(&mut samples, (wide as u32, high as u32));
    let drawn = draw(scene, &mut backend, (PIXELS * side) as f64);
    drop(backend);
    // Nor does drawing into memory.
    debug_assert!(drawn.is_ok());
    let pixels = reduce(&samples, width, side);
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let per_metre = (72.0 * PIXELS as f64 / 0.0254).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: per_metre,
        yppu: per_metre,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(file)
}

/// Each pixel the mean of its samples, `side` squared of them.
fn reduce(samples: &[u8], width: usize, side: usize) -> Vec<u8> {
    let (stride, area) = (width * side * 3, (side * side) as u16);
    let mut pixels = Vec::with_capacity(samples.len() / usize::from(area));
    let mut columns = vec![0_u16; stride];
    for rows in samples.chunks_exact(stride * side) {
        columns.fill(0);
        for row in rows.chunks_exact(stride) {
            for (column, &sample) in columns.iter_mut().zip(row) {
                *column += u16::from(sample);
            }
        }
        for pixel in columns.chunks_exact(side * 3) {
            let (mut red, mut green, mut blue) = (0, 0, 0);
            for sample in pixel.chunks_exact(3) {
                red += sample[0];
                green += sample[1];
                blue += sample[2];
            }
            for sum in [red, green, blue] {
                pixels.push((sum / area) as u8);
            }
        }
    }
    pixels
}

/// Colour, opacity and width, as plotters wants them.
struct Paint {
    colour: Rgb,
    opacity: f64,
    width: u32,
}

impl BackendStyle for Paint {
    fn color(&self) -> BackendColor {
        BackendColor {
            alpha: self.opacity,
            rgb: self.colour,
        }
    }

    fn stroke_width(&self) -> u32 {
        self.width
    }
}

type Drawn<B> = Result<(), DrawingErrorKind<<B as DrawingBackend>::ErrorType>>;

fn draw<B: DrawingBackend>(scene: &Scene, backend: &mut B, scale: f64) -> Drawn<B> {
    let to = |p: &Point| -> BackendCoord {
        ((p.x * scale).round() as i32, (p.y * scale).round() as i32)
    };
    let filled = |colour| Paint {
        colour,
        opacity: 1.0,
        width: 1,
    };
    let corner = point(WIDTH, scene.height);
    backend.draw_rect((0, 0), to(&corner), &filled(WHITE), true)?;
    for mark in &scene.marks {
        match mark {
            Mark::Line { points, stroke } => {
                let paint = Paint {
                    colour: stroke.colour,
                    opacity: 1.0,
                    width: ((stroke.width * scale).round() as u32).max(1),
                };
                for part in dashes(points, stroke) {
                    backend.draw_path(part.iter().map(to), &paint)?;
                }
            }
            Mark::Area {
                points,
                colour,
                opacity,
            } => {
                let paint = Paint {
                    opacity: *opacity,
                    ..filled(*colour)
                };
                backend.fill_polygon(points.iter().map(to), &paint)?;
            }
            Mark::Symbol {
                at,
                shape,
                radius,
                colour,
                hollow,
            } => {
                let mut fill = |radius: f64, colour: Rgb| match shape {
                    Shape::Circle => {
                        let radius = (radius * scale).round() as u32;
                        backend.draw_circle(to(at), radius, &filled(colour), true)
                    }
                    _ => {
                        let corners = corners(*shape, *at, radius);
                        backend.fill_polygon(corners.iter().map(to), &filled(colour))
                    }
                };
                fill(*radius, *colour)?;
                if *hollow {
                    fill(radius - RIM, WHITE)?;
                }
            }
            Mark::Text {
                at,
                anchor,
                size,
                colour,
                text,
            } => {
                let style = Style {
                    anchor: *anchor,
                    size: size * scale,
                    colour: *colour,
                };
                let y = style.hung(at.y * scale).round() as i32;
                backend.draw_text(text, &style, ((at.x * scale).round() as i32, y))?;
            }
        }
    }
    Ok(())
}

/// The corners of a symbol that is no circle, all shapes of about the same area.
fn corners(shape: Shape, at: Point, radius: f64) -> Vec<Point> {
    let r = radius;
    let corners: Vec<(f64, f64)> = match shape {
        Shape::Circle => Vec::new(),
        Shape::Square => {
            let r = 0.89 * r;
            vec![(-r, -r), (r, -r), (r, r), (-r, r)]
        }
        Shape::Diamond => {
            let r = 1.25 * r;
            vec![(0.0, -r), (r, 0.0), (0.0, r), (-r, 0.0)]
        }
        Shape::Up => vec![(0.0, -1.3 * r), (1.2 * r, 0.8 * r), (-1.2 * r, 0.8 * r)],
        Shape::Down => vec![(0.0, 1.3 * r), (1.2 * r, -0.8 * r), (-1.2 * r, -0.8 * r)],
        Shape::Left => vec![(-1.3 * r, 0.0), (0.8 * r, 1.2 * r), (0.8 * r, -1.2 * r)],
        Shape::Right => vec![(1.3 * r, 0.0), (-0.8 * r, 1.2 * r), (-0.8 * r, -1.2 * r)],
        Shape::Plus => plus(1.3 * r),
        Shape::Cross => plus(1.3 * r)
            .into_iter()
            .map(|(x, y)| ((x - y) * FRAC_1_SQRT_2, (x + y) * FRAC_1_SQRT_2))
            .collect(),
    };
    corners
        .into_iter()
        .map(|(x, y)| point(at.x + x, at.y + y))
        .collect()
}

/// A plus whose arms are `r` long.
fn plus(r: f64) -> Vec<(f64, f64)> {
    let a = 0.3 * r;
    vec![
        (-a, -r),
        (a, -r),
        (a, -a),
        (r, -a),
        (r, a),
        (a, a),
        (a, r),
        (-a, r),
        (-a, a),
        (-r, a),
        (-r, -a),
        (-a, -a),
    ]
}

/// The parts of a line that its dashes leave.
fn dashes(points: &[Point], stroke: &Stroke) -> Vec<Vec<Point>> {
    if stroke.dash.is_empty() || points.len() < 2 {
        return vec![points.to_vec()];
    }
    let mut parts = Vec::new();
    let mut lengths = stroke.dash.iter().cycle();
    let mut left = lengths.next().copied().unwrap_or(f64::INFINITY);
    let mut drawn = vec![points[0]];
    let mut pen = true;
    for pair in points.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let length = (to.x - from.x).hypot(to.y - from.y);
        let mut gone = 0.0;
        while length - gone > left {
            gone += left;
            let part = gone / length;
            let end = point(
                from.x + part * (to.x - from.x),
                from.y + part * (to.y - from.y),
            );
            if pen {
                drawn.push(end);
                parts.push(std::mem::take(&mut drawn));
            } else {
                drawn = vec![end];
            }
            pen = !pen;
            left = lengths.next().copied().unwrap_or(f64::INFINITY);
        }
        left -= length - gone;
        if pen {
            drawn.push(to);
        }
    }
    if drawn.len() > 1 {
        parts.push(drawn);
    }
    parts
}

fn escape(text: &str) -> String {
    text.replace(char::is_control, " ")
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_is_the_mean_of_its_samples_channel_by_channel() {
        // 2×2 pixels; the nine samples of each are its level and up to eight more.
        let level = |x: usize, y: usize, channel: usize| 60 * channel + 20 * y + 10 * x;
        let mut samples = Vec::new();
        for y in 0..6 {
            for x in 0..6 {
                let more = y % 3 * 3 + x % 3;
                samples.extend((0..3).map(|channel| (level(x / 3, y / 3, channel) + more) as u8));
            }
        }
        let mean = |p: usize| (0..3).map(move |channel| (level(p % 2, p / 2, channel) + 4) as u8);
        assert_eq!(
            reduce(&samples, 2, 3),
            (0..4).flat_map(mean).collect::<Vec<u8>>()
        );
        assert_eq!(reduce(&samples, 6, 1), samples);
    }
}
