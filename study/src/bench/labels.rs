//! Places for labels beside their dots, so that no label covers another, a dot, or a line that
//! leads to one. Greedy: the first free place, going outward, is taken.

/// A point of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// An upright rectangle, from its left upper corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Radius that a dot keeps free of labels.
const DOT: f64 = 5.5;
/// Space between labels.
const GAP: f64 = 2.0;
/// Directions that are tried at each distance, the preferred ones first: right, left, above,
/// below, then the diagonals between. In sixteenths of a turn.
const DIRECTIONS: [u8; 16] = [0, 8, 12, 4, 14, 2, 10, 6, 15, 1, 13, 3, 9, 7, 11, 5];
/// Distances that are tried, in steps of 7.
const STEPS: usize = 60;

impl Point {
    fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

impl Rect {
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }

    fn holds(&self, other: &Self) -> bool {
        other.x >= self.x
            && other.y >= self.y
            && other.x + other.width <= self.x + self.width
            && other.y + other.height <= self.y + self.height
    }

    fn grown(&self, by: f64) -> Self {
        Self {
            x: self.x - by,
            y: self.y - by,
            width: self.width + 2.0 * by,
            height: self.height + 2.0 * by,
        }
    }

    /// The point of it that is nearest to `point`.
    pub(super) fn nearest(&self, point: Point) -> Point {
        Point {
            x: point.x.clamp(self.x, self.x + self.width),
            y: point.y.clamp(self.y, self.y + self.height),
        }
    }

    /// Whether the segment comes into it: its part within the rectangle's x and y is not empty.
    fn crossed_by(&self, from: Point, to: Point) -> bool {
        let mut part = (0.0_f64, 1.0_f64);
        let sides = [
            (from.x, to.x - from.x, self.x, self.width),
            (from.y, to.y - from.y, self.y, self.height),
        ];
        for (start, step, low, length) in sides {
            if step == 0.0 {
                if start < low || start > low + length {
                    return false;
                }
                continue;
            }
            let (a, b) = ((low - start) / step, (low + length - start) / step);
            part = (part.0.max(a.min(b)), part.1.min(a.max(b)));
        }
        part.0 <= part.1
    }
}

/// A place for a label of each size (width, height) beside each dot, within `area` and off the
/// `obstacles`. What finds no free place near its dot stands on it.
pub(super) fn place(
    dots: &[Point],
    sizes: &[(f64, f64)],
    obstacles: &[Rect],
    area: Rect,
) -> Vec<Rect> {
    let mut order: Vec<usize> = (0..dots.len()).collect();
    // Where it is crowded places are few: those go first.
    let neighbours = |i: usize| {
        dots.iter()
            .filter(|dot| dot.distance(dots[i]) < 120.0)
            .count()
    };
    order.sort_by_key(|&i| std::cmp::Reverse(neighbours(i)));
    let mut placed: Vec<(usize, Rect)> = Vec::new();
    for i in order {
        let free = |rect: &Rect, strict: bool| {
            let padded = rect.grown(GAP);
            let line = (dots[i], rect.nearest(dots[i]));
            // Nor may it look like the label of another dot, by its nearness or by its line.
            let mistaken = |dot: Point| {
                let nearness = rect.nearest(dot).distance(dot);
                let on_line = Rect {
                    x: dot.x,
                    y: dot.y,
                    width: 0.0,
                    height: 0.0,
                };
                dot.distance(dots[i]) > 2.0 * DOT
                    && (nearness < (3.0 * DOT).min(line.1.distance(dots[i]))
                        || on_line.grown(DOT).crossed_by(line.0, line.1))
            };
            let on_a_dot = |&dot: &Point| rect.nearest(dot).distance(dot) < DOT;
            if !area.holds(rect)
                || obstacles.iter().any(|other| padded.overlaps(other))
                || dots.iter().any(on_a_dot)
                || strict && dots.iter().any(|&dot| mistaken(dot))
            {
                return false;
            }
            placed.iter().all(|(j, other)| {
                !padded.overlaps(other)
                    && (!strict
                        || !other.crossed_by(line.0, line.1)
                            && !padded.crossed_by(dots[*j], other.nearest(dots[*j])))
            })
        };
        let found = [true, false]
            .into_iter()
            .find_map(|strict| candidates(dots[i], sizes[i]).find(|rect| free(rect, strict)));
        let (width, height) = sizes[i];
        let on_the_dot = Rect {
            x: dots[i].x,
            y: dots[i].y,
            width,
            height,
        };
        placed.push((i, found.unwrap_or(on_the_dot)));
    }
    placed.sort_by_key(|(i, _)| *i);
    placed.into_iter().map(|(_, rect)| rect).collect()
}

/// Places around a dot, outward.
fn candidates(dot: Point, (width, height): (f64, f64)) -> impl Iterator<Item = Rect> {
    (0..STEPS).flat_map(move |step| {
        let distance = 8.0 + 7.0 * step as f64;
        DIRECTIONS.into_iter().map(move |sixteenths| {
            let angle = f64::from(sixteenths) / 16.0 * std::f64::consts::TAU;
            let (sin, cos) = angle.sin_cos();
            // The label's side that faces the dot is the one at that distance.
            Rect {
                x: dot.x + distance * cos - width * (1.0 - cos) / 2.0,
                y: dot.y + distance * sin - height * (1.0 - sin) / 2.0,
                width,
                height,
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Rect = Rect {
        x: 0.0,
        y: 0.0,
        width: 1000.0,
        height: 700.0,
    };

    #[test]
    fn labels_of_forty_dots_at_one_place_do_not_overlap() {
        let dots: Vec<Point> = (0..40)
            .map(|i| Point {
                x: 500.0 + f64::from(i % 7),
                y: 350.0 + f64::from(i / 7),
            })
            .collect();
        let places = place(&dots, &[(150.0, 12.0); 40], &[], AREA);
        for (i, a) in places.iter().enumerate() {
            assert!(AREA.holds(a), "{a:?}");
            assert!(places[i + 1..].iter().all(|b| !a.overlaps(b)), "{a:?}");
        }
    }

    #[test]
    fn a_label_keeps_off_obstacles_and_stands_beside_a_lonely_dot() {
        let dot = Point { x: 100.0, y: 100.0 };
        let beside = place(&[dot], &[(50.0, 10.0)], &[], AREA)[0];
        assert_eq!((beside.x, beside.y), (108.0, 95.0));
        let moved = place(&[dot], &[(50.0, 10.0)], &[beside], AREA)[0];
        assert!(!moved.overlaps(&beside));
    }

    #[test]
    fn a_segment_crosses_what_it_comes_into() {
        let rect = Rect {
            x: 10.0,
            y: 10.0,
            width: 10.0,
            height: 10.0,
        };
        let point = |x, y| Point { x, y };
        assert!(rect.crossed_by(point(0.0, 0.0), point(30.0, 30.0)));
        assert!(rect.crossed_by(point(15.0, 0.0), point(15.0, 30.0)));
        assert!(!rect.crossed_by(point(0.0, 0.0), point(9.0, 30.0)));
        assert!(!rect.crossed_by(point(0.0, 0.0), point(5.0, 5.0)));
    }
}
