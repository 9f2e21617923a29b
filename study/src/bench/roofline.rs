//! The roofline picture (Williams, Waterman & Patterson 2009) as SVG: each kernel a dot at its
//! operations per byte and the GFLOP/s it reached warm, under what the multiply-adds and each
//! cache allow.

use std::{f64::consts::PI, fmt::Write as _};

use super::{
    Report,
    figure::{Figure, Kind},
    labels::{Point, Rect, place},
    roofs::Roofs,
};

const WIDTH: f64 = 1280.0;
const HEIGHT: f64 = 880.0;
/// Where the axes' inside is.
const PLOT: Rect = Rect {
    x: 84.0,
    y: 96.0,
    width: WIDTH - 84.0 - 36.0,
    height: HEIGHT - 96.0 - 76.0,
};
/// Of the labels; a letter of a monospaced font is 0.6 of it wide.
const FONT: f64 = 11.0;
const LETTER: f64 = 0.61 * FONT;
/// Dash patterns of the levels, the nearest first, that grey keeps apart.
const DASHES: [&str; 4] = ["none", "9 4", "4 4", "1.5 4"];

/// What tells a picture of these from others.
const MARK: &str = "<!-- initstudy bench -->";

/// Whether a file that begins so is such a picture.
#[must_use]
pub fn is_own(start: &[u8]) -> bool {
    let text = String::from_utf8_lossy(start);
    text.starts_with("<svg") && text.contains(MARK)
}

/// The picture. Kernels that do no arithmetic are not in it.
#[must_use]
pub fn render(report: &Report) -> String {
    let figures: Vec<&Figure> = report
        .figures
        .iter()
        .filter(|figure| figure.is_warm() && figure.flops > 0.0)
        .collect();
    let scale = Scale::new(&figures, &report.roofs);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         width=\"{WIDTH}\" height=\"{HEIGHT}\" font-family=\"'DejaVu Sans Mono', Menlo, Consolas, \
         monospace\" font-size=\"{FONT}\" fill=\"#222\">\n{MARK}\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    svg += &heading(report);
    svg += &axes(&scale);
    let mut obstacles = Vec::new();
    svg += &roofs(&scale, &report.roofs, &mut obstacles);
    svg += &dots(&scale, &figures, &obstacles);
    svg + "</svg>\n"
}

/// Both axes are logarithmic.
struct Scale {
    x: (f64, f64),
    y: (f64, f64),
}

impl Scale {
    fn new(figures: &[&Figure], roofs: &Roofs) -> Self {
        let mut x = (1.0_f64, 1.0_f64);
        let mut y = (roofs.fma_gflops, roofs.fma_gflops);
        for figure in figures {
            x = (x.0.min(figure.intensity), x.1.max(figure.intensity));
            y = (y.0.min(figure.gflops), y.1.max(figure.gflops));
        }
        // Room for labels on all sides, and most above the peak, where they crowd.
        Self {
            x: ((x.0 / 2.5).log10(), (x.1 * 4.0).log10()),
            y: ((y.0 / 2.5).log10(), (y.1 * 5.0).log10()),
        }
    }

    fn x(&self, intensity: f64) -> f64 {
        PLOT.x + PLOT.width * (intensity.log10() - self.x.0) / (self.x.1 - self.x.0)
    }

    fn y(&self, gflops: f64) -> f64 {
        let share = (gflops.log10() - self.y.0) / (self.y.1 - self.y.0);
        PLOT.y + PLOT.height * (1.0 - share)
    }

    fn point(&self, figure: &Figure) -> Point {
        Point {
            x: self.x(figure.intensity),
            y: self.y(figure.gflops),
        }
    }
}

fn heading(report: &Report) -> String {
    let cpu = report.machine.cpu.as_deref().unwrap_or("unknown CPU");
    let title = format!(
        "Kernels of initstudy ({}) under the roofs of one core",
        report.isa
    );
    let place = format!(
        "{cpu}; warm caches, best of {} rounds; first layer on {}",
        report.rounds, report.dataset
    );
    let (left, mut svg) = (PLOT.x, String::new());
    let _ = writeln!(
        svg,
        "<text x=\"{left}\" y=\"34\" font-size=\"19\">{}</text>\n\
         <text x=\"{left}\" y=\"54\" font-size=\"12\" fill=\"#555\">{}</text>",
        escape(&title),
        escape(&place)
    );
    let legend = [
        (Shape::Circle, false, "dense product"),
        (Shape::Square, false, "sparse product"),
        (Shape::Triangle, false, "element-wise"),
        (Shape::Circle, true, "hollow: too noisy to trust"),
    ];
    let mut x = left + 5.0;
    for (shape, hollow, name) in legend {
        svg += &shape.draw(Point { x, y: 76.0 }, hollow, "");
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"80\" font-size=\"12\">{name}</text>",
            x + 11.0
        );
        x += 40.0 + 7.4 * name.len() as f64;
    }
    svg
}

/// Ticks at the powers of ten, lines at 2 and 5 times them, and the axes' names.
fn axes(scale: &Scale) -> String {
    let mut svg = String::new();
    let (right, bottom) = (PLOT.x + PLOT.width, PLOT.y + PLOT.height);
    for value in ticks(scale.x) {
        let x = scale.x(value);
        let _ = writeln!(
            svg,
            "<path d=\"M{x:.1} {:.1}V{bottom:.1}\" stroke=\"#eee\"/>\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"12\">{value}</text>",
            PLOT.y,
            bottom + 19.0
        );
    }
    for value in ticks(scale.y) {
        let y = scale.y(value);
        let _ = writeln!(
            svg,
            "<path d=\"M{:.1} {y:.1}H{right:.1}\" stroke=\"#eee\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" font-size=\"12\">{value}</text>",
            PLOT.x,
            PLOT.x - 8.0,
            y + 4.0
        );
    }
    let _ = writeln!(
        svg,
        "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"none\" stroke=\"#888\"/>\n\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"13\">floating-point operations per byte read or written</text>\n\
         <text transform=\"translate(26 {:.1}) rotate(-90)\" text-anchor=\"middle\" font-size=\"13\">GFLOP/s</text>",
        PLOT.x,
        PLOT.y,
        PLOT.width,
        PLOT.height,
        PLOT.x + PLOT.width / 2.0,
        bottom + 46.0,
        PLOT.y + PLOT.height / 2.0
    );
    svg
}

/// 1, 2 and 5 times the powers of ten between two logarithms.
fn ticks((low, high): (f64, f64)) -> Vec<f64> {
    let exponents = low.floor() as i32..=high.ceil() as i32;
    exponents
        .flat_map(|exponent| [1.0, 2.0, 5.0].map(|digit| (digit, exponent)))
        // As text and back, so that 0.05 is not 0.05000000000000001.
        .filter_map(|(digit, exponent)| format!("{digit}e{exponent}").parse().ok())
        .filter(|value: &f64| (low..=high).contains(&value.log10()))
        .collect()
}

/// The peak and the levels' slopes with their names, which `obstacles` then covers.
fn roofs(scale: &Scale, roofs: &Roofs, obstacles: &mut Vec<Rect>) -> String {
    let mut svg = String::new();
    let peak = roofs.fma_gflops;
    let (right, y) = (PLOT.x + PLOT.width, scale.y(peak));
    let fastest = roofs
        .levels
        .first()
        .map_or(f64::INFINITY, |level| level.bandwidth());
    let start = scale.x(peak / fastest).max(PLOT.x);
    let name = format!("multiply-adds {peak:.0} GFLOP/s");
    let _ = writeln!(
        svg,
        "<path class=\"roof\" d=\"M{start:.1} {y:.1}H{right:.1}\" stroke=\"#222\" stroke-width=\"1.6\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" font-size=\"12\">{name}</text>",
        right - 8.0,
        y - 6.0
    );
    let width = 7.4 * name.len() as f64;
    obstacles.push(Rect {
        x: right - 8.0 - width,
        y: y - 18.0,
        width,
        height: 17.0,
    });
    let left = 10_f64.powf(scale.x.0);
    let floor = 10_f64.powf(scale.y.0);
    // Along its own line, each farther on than the one before: two lines may be nearly one.
    let mut offset = 26.0;
    for (level, dash) in roofs.levels.iter().zip(DASHES.iter().cycle()) {
        let bandwidth = level.bandwidth();
        let from = left.max(floor / bandwidth);
        let to = peak / bandwidth;
        let (x1, y1) = (scale.x(from), scale.y(from * bandwidth));
        let (x2, y2) = (scale.x(to), scale.y(peak));
        let name = format!("{} {bandwidth:.0} GB/s", level.name);
        let angle = (y2 - y1).atan2(x2 - x1);
        let along = |distance: f64| (x1 + distance * angle.cos(), y1 + distance * angle.sin());
        let (x, y) = along(offset);
        let _ = writeln!(
            svg,
            "<path class=\"roof\" d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" stroke=\"#222\" stroke-width=\"1.3\" stroke-dasharray=\"{dash}\"/>\
             <text transform=\"translate({x:.1} {y:.1}) rotate({:.1}) translate(0 -5)\" font-size=\"12\">{}</text>",
            angle * 180.0 / PI,
            escape(&name)
        );
        for part in 0..=name.len() {
            let (x, y) = along(offset + 7.4 * part as f64);
            obstacles.push(Rect {
                x: x - 9.0,
                y: y - 14.0,
                width: 12.0,
                height: 15.0,
            });
        }
        offset += 7.4 * (name.len() + 3) as f64;
    }
    svg
}

fn dots(scale: &Scale, figures: &[&Figure], obstacles: &[Rect]) -> String {
    let points: Vec<Point> = figures.iter().map(|figure| scale.point(figure)).collect();
    let sizes: Vec<(f64, f64)> = figures
        .iter()
        .map(|figure| (LETTER * figure.name().len() as f64, FONT + 1.0))
        .collect();
    let places = place(&points, &sizes, obstacles, PLOT);
    let mut svg = String::new();
    for (&dot, label) in points.iter().zip(&places) {
        let end = label.nearest(dot);
        if (end.x - dot.x).hypot(end.y - dot.y) > 12.0 {
            let _ = writeln!(
                svg,
                "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"#999\" stroke-width=\"0.7\"/>",
                dot.x, dot.y, end.x, end.y
            );
        }
    }
    for ((figure, &dot), label) in figures.iter().zip(&points).zip(&places) {
        let title = format!(
            "{}: {:.1} GFLOP/s, {:.1} GB/s",
            figure.name(),
            figure.gflops,
            figure.gbytes_per_second
        );
        svg += &Shape::of(figure).draw(dot, figure.noisy, &title);
        // A white seam keeps the letters off the lines behind them.
        let _ = writeln!(
            svg,
            "<text class=\"label\" x=\"{:.1}\" y=\"{:.1}\" textLength=\"{:.1}\" stroke=\"white\" stroke-width=\"3\" paint-order=\"stroke\" stroke-linejoin=\"round\">{}</text>",
            label.x,
            label.y + FONT - 1.5,
            label.width,
            escape(&figure.name())
        );
    }
    svg
}

/// Kinds of kernels are told apart by the dot's shape, not by colour.
#[derive(Clone, Copy)]
enum Shape {
    Circle,
    Square,
    Triangle,
}

impl Shape {
    fn of(figure: &Figure) -> Self {
        match figure.kind() {
            Kind::DenseProduct => Self::Circle,
            Kind::SparseProduct => Self::Square,
            Kind::Elementwise => Self::Triangle,
        }
    }

    /// With a title it is a kernel's dot; a browser shows the title under the pointer.
    fn draw(self, Point { x, y }: Point, hollow: bool, title: &str) -> String {
        let outline = match self {
            Self::Circle => "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
            Self::Square => "m-3.6 -3.6h7.2v7.2h-7.2z",
            Self::Triangle => "m0 -4.6l4.4 7.8h-8.8z",
        };
        let fill = if hollow { "white" } else { "#1b5e9b" };
        let class = if title.is_empty() { "key" } else { "dot" };
        format!(
            "<path class=\"{class}\" d=\"M{x:.1} {y:.1}{outline}\" fill=\"{fill}\" stroke=\"#1b5e9b\" stroke-width=\"1.2\"><title>{}</title></path>\n",
            escape(title)
        )
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
