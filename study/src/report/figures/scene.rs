//! A drawing as a list of marks, in points (1/72 inch) from the left upper corner. Knows nothing of
//! what it shows, nor of SVG or pixels.

use super::font;

/// Width of every figure: 7 inches.
pub const WIDTH: f64 = 504.0;

/// A place on the drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// An upright rectangle, from its left upper corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left side.
    pub x: f64,
    /// Upper side.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// Red, green, blue.
pub type Rgb = (u8, u8, u8);

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Its colour.
    pub colour: Rgb,
    /// Its width.
    pub width: f64,
    /// Lengths of dashes and gaps in turn; a whole line when empty.
    pub dash: &'static [f64],
}

/// The shape of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A disc.
    Circle,
    /// A square.
    Square,
    /// A square on its corner.
    Diamond,
    /// A triangle, its point up.
    Up,
    /// A triangle, its point down.
    Down,
    /// A triangle, its point left.
    Left,
    /// A triangle, its point right.
    Right,
    /// A plus.
    Plus,
    /// A diagonal cross.
    Cross,
}

/// Where text stands with regard to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// It begins there.
    Start,
    /// It has its middle there.
    Middle,
    /// It ends there.
    End,
}

/// One thing drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// A line through points.
    Line {
        /// The points.
        points: Vec<Point>,
        /// How it is drawn.
        stroke: Stroke,
    },
    /// A filled polygon.
    Area {
        /// Its corners.
        points: Vec<Point>,
        /// Its colour.
        colour: Rgb,
        /// From 0, invisible, to 1.
        opacity: f64,
    },
    /// A symbol at a value.
    Symbol {
        /// Its centre.
        at: Point,
        /// Its shape.
        shape: Shape,
        /// Half its width, about.
        radius: f64,
        /// Its colour.
        colour: Rgb,
        /// Whether only its outline is drawn, on white.
        hollow: bool,
    },
    /// A line of text.
    Text {
        /// Where it is anchored, on its base line.
        at: Point,
        /// How.
        anchor: Anchor,
        /// Font size.
        size: f64,
        /// Its colour.
        colour: Rgb,
        /// The text.
        text: String,
    },
}

/// A drawing, [`WIDTH`] wide on white.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// Its height.
    pub height: f64,
    /// What is drawn, the lowest first.
    pub marks: Vec<Mark>,
}

/// The point at x and y.
pub(super) fn point(x: f64, y: f64) -> Point {
    Point { x, y }
}

impl Rect {
    /// Right side.
    #[must_use]
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// Lower side.
    #[must_use]
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// Whether two share an area.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }
}

impl Stroke {
    /// A whole line.
    pub(super) fn solid(colour: Rgb, width: f64) -> Self {
        Self {
            colour,
            width,
            dash: &[],
        }
    }
}

impl Scene {
    pub(super) fn line(&mut self, points: &[Point], stroke: Stroke) {
        self.marks.push(Mark::Line {
            points: points.to_vec(),
            stroke,
        });
    }

    pub(super) fn area(&mut self, points: Vec<Point>, colour: Rgb, opacity: f64) {
        self.marks.push(Mark::Area {
            points,
            colour,
            opacity,
        });
    }

    /// A filled rectangle.
    pub(super) fn rect(&mut self, rect: Rect, colour: Rgb) {
        let (right, bottom) = (rect.right(), rect.bottom());
        let corners = vec![
            point(rect.x, rect.y),
            point(right, rect.y),
            point(right, bottom),
            point(rect.x, bottom),
        ];
        self.area(corners, colour, 1.0);
    }

    pub(super) fn symbol(&mut self, at: Point, shape: Shape, radius: f64, colour: Rgb) {
        self.marks.push(Mark::Symbol {
            at,
            shape,
            radius,
            colour,
            hollow: false,
        });
    }

    pub(super) fn hollow(&mut self, at: Point, shape: Shape, radius: f64, colour: Rgb) {
        self.marks.push(Mark::Symbol {
            at,
            shape,
            radius,
            colour,
            hollow: true,
        });
    }

    pub(super) fn text(
        &mut self,
        at: Point,
        anchor: Anchor,
        size: f64,
        colour: Rgb,
        text: impl Into<String>,
    ) {
        self.marks.push(Mark::Text {
            at,
            anchor,
            size,
            colour,
            // XML has no place for control characters.
            text: text.into().replace(char::is_control, " "),
        });
    }

    /// Lines of text, centred as a whole on the point's height.
    pub(super) fn paragraph(
        &mut self,
        at: Point,
        anchor: Anchor,
        size: f64,
        colour: Rgb,
        lines: &[String],
    ) {
        let leading = font::LEADING * size;
        let first = at.y + font::MIDDLE * size - leading * (lines.len() as f64 - 1.0) / 2.0;
        for (i, line) in lines.iter().enumerate() {
            let at = point(at.x, first + leading * i as f64);
            self.text(at, anchor, size, colour, line.as_str());
        }
    }

    /// Every text and the place it may take, in any font that a reader may have.
    #[must_use]
    pub fn label_boxes(&self) -> Vec<(&str, Rect)> {
        self.marks
            .iter()
            .filter_map(|mark| {
                let Mark::Text {
                    at,
                    anchor,
                    size,
                    text,
                    ..
                } = mark
                else {
                    return None;
                };
                let width = font::width(text, *size);
                let before = match anchor {
                    Anchor::Start => 0.0,
                    Anchor::Middle => width / 2.0,
                    Anchor::End => width,
                };
                let place = Rect {
                    x: at.x - before,
                    y: at.y - font::ASCENT * size,
                    width,
                    height: (font::ASCENT + font::DESCENT) * size,
                };
                Some((text.as_str(), place))
            })
            .collect()
    }
}
