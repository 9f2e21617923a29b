//! Colours, dashes and shapes that tell groups apart: in colour, for colour-blind readers, in grey.

use super::scene::{Rgb, Shape, Stroke};

/// Text and axes.
pub(super) const INK: Rgb = (0x22, 0x22, 0x22);
/// Text of less weight.
pub(super) const GREY: Rgb = (0x66, 0x66, 0x66);
/// Lines in the background.
pub(super) const FAINT: Rgb = (0xe4, 0xe4, 0xe4);
/// Lines that stand behind the one of a panel.
pub(super) const PALE: Rgb = (0xbd, 0xbd, 0xbd);
/// An area in the background.
pub(super) const SHADE: Rgb = (0xee, 0xee, 0xee);
/// Paper.
pub(super) const WHITE: Rgb = (255, 255, 255);
/// Okabe and Ito's blue, for what stands alone.
pub(super) const BLUE: Rgb = (0x00, 0x72, 0xb2);

/// Okabe and Ito's vermilion.
pub(super) const VERMILION: Rgb = (0xd5, 0x5e, 0x00);

/// So many groups can be told apart in one panel; more get a panel each.
pub(super) const DISTINCT: usize = 7;

/// Okabe and Ito's colours (2008) without yellow, which white paper swallows; dark and light in
/// turn, so that neighbours differ in grey.
const COLOURS: [Rgb; DISTINCT] = [
    BLUE,
    (0xe6, 0x9f, 0x00),
    (0x00, 0x00, 0x00),
    (0x56, 0xb4, 0xe9),
    VERMILION,
    (0x00, 0x9e, 0x73),
    (0xcc, 0x79, 0xa7),
];

const DASHES: [&[f64]; DISTINCT] = [
    &[],
    &[5.0, 2.0],
    &[1.6, 1.6],
    &[7.0, 2.0, 1.6, 2.0],
    &[3.0, 2.0],
    &[9.0, 2.5],
    &[5.0, 1.6, 1.6, 1.6, 1.6, 1.6],
];

const SHAPES: [Shape; DISTINCT] = [
    Shape::Circle,
    Shape::Square,
    Shape::Up,
    Shape::Diamond,
    Shape::Down,
    Shape::Cross,
    Shape::Plus,
];

/// How a group looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) colour: Rgb,
    pub(super) dash: &'static [f64],
    pub(super) shape: Shape,
}

impl Look {
    /// Of the `index`th of at most [`DISTINCT`] groups.
    pub(super) fn of(index: usize) -> Self {
        let index = index % DISTINCT;
        Self {
            colour: COLOURS[index],
            dash: DASHES[index],
            shape: SHAPES[index],
        }
    }

    pub(super) fn stroke(&self, width: f64) -> Stroke {
        Stroke {
            colour: self.colour,
            width,
            dash: self.dash,
        }
    }
}
