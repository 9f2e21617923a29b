//! Values too far off to share an axis with the others, as of an initializer with which nothing was
//! learnt: they stand beside the axis as an arrow and a number, so that the others can be read.

use super::{
    axis::TICK_SIZE,
    font,
    scene::{Anchor, Rect, Rgb, Scene, Shape, point},
};
use crate::report::content::{fixed, scientific};

/// Where an axis ends, and the room beside it for what lies beyond.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    low: f64,
    high: f64,
}

/// What lies beyond in one row.
#[derive(Clone, Debug)]
pub(super) struct Beyond {
    /// On the left, else on the right.
    pub(super) left: bool,
    /// What the arrow stands for.
    pub(super) text: String,
}

/// Room of the arrow.
const ARROW: f64 = 10.0;

impl Window {
    /// What lies within `reach` of a centre; everything where that is not positive.
    pub(super) fn around(centre: f64, reach: f64) -> Self {
        let reach = if reach > 0.0 { reach } else { f64::INFINITY };
        Self {
            low: centre - reach,
            high: centre + reach,
        }
    }

    pub(super) fn has(self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    pub(super) fn has_all(self, mut values: impl Iterator<Item = f64>) -> bool {
        values.all(|value| self.has(value))
    }

    /// Whether a value lies to its left.
    pub(super) fn is_right_of(self, value: f64) -> bool {
        value < self.low
    }
}

/// The part of an area that is left for the axis beside what lies beyond.
pub(super) fn inner<'a>(area: Rect, beyond: impl Iterator<Item = &'a Beyond>) -> Rect {
    let (mut left, mut right) = (0.0_f64, 0.0_f64);
    for beyond in beyond {
        let room = ARROW + font::width(&beyond.text, TICK_SIZE) + 6.0;
        let side = if beyond.left { &mut left } else { &mut right };
        *side = side.max(room);
    }
    Rect {
        x: area.x + left,
        width: area.width - left - right,
        ..area
    }
}

/// The arrow and its number at a side of the area.
pub(super) fn draw(scene: &mut Scene, area: Rect, y: f64, beyond: &Beyond, colour: Rgb) {
    let (edge, inward, shape, anchor) = if beyond.left {
        (area.x, 1.0, Shape::Left, Anchor::Start)
    } else {
        (area.right(), -1.0, Shape::Right, Anchor::End)
    };
    scene.symbol(point(edge + 4.0 * inward, y), shape, 2.6, colour);
    let at = point(edge + ARROW * inward, y);
    let text = [beyond.text.clone()];
    scene.paragraph(at, anchor, TICK_SIZE, super::palette::INK, &text);
}

/// A value beside an axis that has no place for it, to four digits.
pub(super) fn number(value: f64) -> String {
    if value != 0.0 && !(1e-3..1e5).contains(&value.abs()) {
        return scientific(value, 2);
    }
    let before = value.abs().max(1.0).log10().floor() as usize + 1;
    fixed(value, 4_usize.saturating_sub(before))
}

/// The middle one of some values, the upper of two; none of none.
pub(super) fn middle(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
