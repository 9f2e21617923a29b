//! The font that figures carry, Ubuntu Light: how wide a text is in it, and its pixels. No font of
//! the system is asked. plotters' own text would drop each letter's bearing and stand too high.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, Glyph, GlyphId, PxScale, ScaleFont, point};
use plotters_backend::{
    BackendColor, BackendCoord, BackendTextStyle, FontFamily,
    text_anchor::{HPos, Pos, VPos},
};

use super::scene::{Anchor, Rgb};

/// What an SVG asks for: the font itself, or what a reader has in its stead.
pub(super) const FAMILY: &str = "Ubuntu, Helvetica, Arial, sans-serif";
/// Height over the base line that letters take, in font sizes.
pub(super) const ASCENT: f64 = 0.78;
/// Depth below it.
pub(super) const DESCENT: f64 = 0.22;
/// From base line to base line.
pub(super) const LEADING: f64 = 1.2;
/// From the middle of a line of text down to its base line.
pub(super) const MIDDLE: f64 = 0.33;
/// A reader's sans-serif may be so much wider: DejaVu Sans, the widest in common use, is.
const SLACK: f64 = 1.22;
/// plotters' SVG writes a font size divided by this.
const PLOTTERS: f64 = 1.24;
/// Where plotters' SVG puts the base line of text that hangs from its point, in font sizes.
const HANGING: f64 = 0.76;
/// Size of a raised minus, in a minus, and how much higher it begins, in font sizes.
const RAISED: (f32, f32) = (0.6, 0.35);

static FONT: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    FontRef::try_from_slice(epaint_default_fonts::UBUNTU_LIGHT)
        .expect("the crate's font is a font, as the tests see")
});

/// Width of a text, with room for a reader's wider font.
pub(super) fn width(text: &str, size: f64) -> f64 {
    SLACK * advance(text, size)
}

/// Lines of a text that are no wider than `limit`: broken at a space or before a parenthesis;
/// within a word only where that is not enough.
pub(super) fn wrap(text: &str, size: f64, limit: f64) -> Vec<String> {
    let fits = |line: &str| width(line.trim_end(), size) <= limit;
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        if !line.is_empty() && !fits(&format!("{line}{piece}")) {
            lines.push(std::mem::take(&mut line));
        }
        for letter in piece.chars() {
            if !line.is_empty() && !fits(&format!("{line}{letter}")) {
                lines.push(std::mem::take(&mut line));
            }
            line.push(letter);
        }
    }
    lines.push(line);
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines
}

/// A text cut where a line may end.
fn pieces(text: &str) -> Vec<&str> {
    let mut cuts = vec![0];
    for (place, letter) in text.char_indices() {
        match letter {
            ' ' => cuts.push(place + 1),
            '(' => cuts.push(place),
            _ => {}
        }
    }
    cuts.push(text.len());
    cuts.windows(2).map(|cut| &text[cut[0]..cut[1]]).collect()
}

fn scale(size: f64) -> PxScale {
    // ab_glyph's scale is the height from ascent to descent, a font size is an em.
    let em = f64::from(FONT.units_per_em().unwrap_or(1000.0));
    PxScale::from((size * f64::from(FONT.height_unscaled()) / em) as f32)
}

fn advance(text: &str, size: f64) -> f64 {
    let last = glyphs(text, size).last();
    last.map_or(0.0, |glyph| {
        f64::from(glyph.position.x + FONT.as_scaled(glyph.scale).h_advance(glyph.id))
    })
}

/// The glyphs of a text on one line, from x = 0, the base line at y = 0.
fn glyphs(text: &str, size: f64) -> impl Iterator<Item = Glyph> {
    let font = FONT.as_scaled(scale(size));
    let mut x = 0.0;
    let mut previous: Option<GlyphId> = None;
    text.chars().map(move |letter| {
        // The font has raised digits but no raised minus.
        let (letter, share, up) = match letter {
            '⁻' => ('−', RAISED.0, RAISED.1 * size as f32),
            letter => (letter, 1.0, 0.0),
        };
        let id = font.glyph_id(letter);
        x += previous.map_or(0.0, |previous| font.kern(previous, id));
        let scale = PxScale::from(share * font.scale().x);
        let glyph = id.with_scale_and_position(scale, point(x, -up));
        x += FONT.as_scaled(scale).h_advance(id);
        previous = Some(id);
        glyph
    })
}

/// A text as plotters' backends want to hear of it.
pub(super) struct Style {
    pub(super) anchor: Anchor,
    pub(super) size: f64,
    pub(super) colour: Rgb,
}

impl Style {
    /// The point that plotters is to be given for text whose base line is at `y`.
    pub(super) fn hung(&self, y: f64) -> f64 {
        y - HANGING * self.size
    }
}

impl BackendTextStyle for Style {
    type FontError = std::convert::Infallible;

    fn color(&self) -> BackendColor {
        BackendColor {
            alpha: 1.0,
            rgb: self.colour,
        }
    }

    fn size(&self) -> f64 {
        PLOTTERS * self.size
    }

    fn anchor(&self) -> Pos {
        let h_pos = match self.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        Pos::new(h_pos, VPos::Top)
    }

    fn family(&self) -> FontFamily<'_> {
        FontFamily::Name(FAMILY)
    }

    fn layout_box(&self, text: &str) -> Result<(BackendCoord, BackendCoord), Self::FontError> {
        let width = advance(text, self.size).round() as i32;
        Ok(((0, 0), (width, self.size.round() as i32)))
    }

    fn draw<E, DrawFunc: FnMut(i32, i32, BackendColor) -> Result<(), E>>(
        &self,
        text: &str,
        pos: BackendCoord,
        mut draw: DrawFunc,
    ) -> Result<Result<(), E>, Self::FontError> {
        let base = pos.1 + (HANGING * self.size).round() as i32;
        for glyph in glyphs(text, self.size) {
            let Some(outline) = FONT.outline_glyph(glyph) else {
                continue;
            };
            let bounds = outline.px_bounds();
            let (left, top) = (bounds.min.x as i32, bounds.min.y as i32);
            let mut pixels = Vec::new();
            outline.draw(|x, y, coverage| pixels.push((x as i32, y as i32, coverage)));
            for (x, y, coverage) in pixels {
                let colour = BackendColor {
                    alpha: f64::from(coverage.min(1.0)),
                    rgb: self.colour,
                };
                if let Err(error) = draw(pos.0 + left + x, base + top + y, colour) {
                    return Ok(Err(error));
                }
            }
        }
        Ok(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_of_ten_has_a_glyph_for_every_letter() {
        let text = "≤\u{a0}3.5×10⁻⁰¹²³⁴⁵⁶⁷⁸⁹";
        assert!(glyphs(text, 7.5).all(|glyph| glyph.id != GlyphId(0)));
    }
}
