//! Parts of the operands of a product: as tiles read them, as they are packed, and how a range is cut.

use std::ops::Range;

use super::{
    avx512::WIDE_COLS,
    pack::Lines,
    plan::{PANEL, TRIPLE},
    tile::{Left, Order, Right},
};
use crate::MatRef;

/// Packs rows and terms of A as a strip's tiles will read them.
#[target_feature(enable = "avx2,fma")]
pub(super) fn pack_rows(
    a: MatRef<'_>,
    rows: Range<usize>,
    terms: &Range<usize>,
    most: usize,
    to: &mut [f32],
) {
    let mut done = 0;
    for height in heights(rows.len(), most) {
        let first = rows.start + done;
        columns_of(a.t(), terms.clone(), first..first + height)
            .interleave(&mut to[done * terms.len()..], height);
        done += height;
    }
}

/// A from (i, k) on.
pub(super) fn left_of(a: MatRef<'_>, i: usize, k: usize) -> Left<'_> {
    Left {
        data: &a.data()[i * a.row_stride() + k * a.col_stride()..],
        row_stride: a.row_stride(),
        order: if a.col_stride() == 1 {
            Order::Rows
        } else {
            Order::Terms(a.col_stride())
        },
    }
}

/// The terms and columns of a B whose rows are contiguous, where they lie.
pub(super) fn rows_of(b: MatRef<'_>, terms: Range<usize>, columns: Range<usize>) -> Right<'_> {
    Right {
        data: &b.data()[terms.start * b.row_stride() + columns.start..],
        stride: b.row_stride(),
        next_panel: PANEL,
        picked: None,
        padded: columns.len().is_multiple_of(8),
    }
}

/// Packed panels of B, which have `depth` rows.
pub(super) fn packed(data: &[f32], depth: usize) -> Right<'_> {
    Right {
        data,
        stride: PANEL,
        next_panel: depth * PANEL,
        picked: None,
        padded: true,
    }
}

/// The terms and columns of B, to be packed.
pub(super) fn columns_of(b: MatRef<'_>, terms: Range<usize>, columns: Range<usize>) -> Lines<'_> {
    Lines {
        data: &b.data()[terms.start * b.row_stride() + columns.start * b.col_stride()..],
        line_stride: b.col_stride(),
        k_stride: b.row_stride(),
        lines: columns.len(),
        k: terms.len(),
    }
}

/// Columns in strips of `width`, which is [`PANEL`] or more, and what they leave: a panel if one holds it, else a
/// narrower strip or, if `splits_rest`, panels. Where strips have three vectors, what is at most a vector takes a strip
/// with it, so that the two are cut in two panels.
pub(super) fn strips(
    columns: Range<usize>,
    width: usize,
    splits_rest: bool,
) -> impl Iterator<Item = Range<usize>> {
    let n = columns.len();
    let left = if width == TRIPLE {
        match n % TRIPLE {
            left @ 1..=8 if n > TRIPLE => left + TRIPLE,
            left => left,
        }
    } else {
        // A division would be two percent of the smallest products.
        const { assert!(PANEL.is_power_of_two() && WIDE_COLS.is_power_of_two()) };
        n & (width - 1)
    };
    let is_strip = PANEL < left && left < width && !splits_rest;
    let left = if is_strip { 0 } else { left };
    let first_left = columns.end - left;
    steps(columns.start..first_left, width).chain(panels_of(first_left..columns.end))
}

/// Columns in panels, of which the last may be narrower.
pub(super) fn panels_of(columns: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    steps(columns, PANEL)
}

/// A range in parts of `length`, of which the last may be shorter.
pub(super) fn steps(range: Range<usize>, length: usize) -> impl Iterator<Item = Range<usize>> {
    let end = range.end;
    range
        .step_by(length)
        .map(move |start| start..end.min(start + length))
}

/// 0 to `total` in as few parts of at most `most` as will do, as equal as they can be.
pub(super) fn split(total: usize, most: usize) -> impl Iterator<Item = Range<usize>> + Clone {
    heights(total, most).scan(0, |end, height| {
        let start = *end;
        *end += height;
        Some(start..*end)
    })
}

/// The heights into which `rows` are cut: as few tiles of at most `most` rows as will do, as equal
/// as they can be, the higher ones first. A last tile of one row would leave the FMA units waiting
/// for each other's results.
fn heights(rows: usize, most: usize) -> impl Iterator<Item = usize> + Clone {
    let (tiles, height, higher) = equal_parts(rows, most);
    (0..tiles).map(move |tile| height + usize::from(tile < higher))
}

/// How many parts of at most `most` make up `total`, the length of each, and how many are one
/// longer.
pub(super) fn equal_parts(total: usize, most: usize) -> (usize, usize, usize) {
    if total <= most {
        // Three divisions would be a tenth of a small product.
        return (1, total, 0);
    }
    let parts = total.div_ceil(most);
    (parts, total / parts, total % parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_are_all_columns_and_none_of_three_vectors_leaves_a_single_one() {
        let cases = [
            (PANEL, false),
            (TRIPLE, false),
            (WIDE_COLS, false),
            (WIDE_COLS, true),
        ];
        for (width, splits_rest) in cases {
            for n in 0..=200 {
                let strips: Vec<_> = strips(5..5 + n, width, splits_rest).collect();
                let mut next = 5;
                for (i, strip) in strips.iter().enumerate() {
                    assert_eq!(strip.start, next, "{n} in {width}");
                    let is_last = i + 1 == strips.len();
                    let len = strip.len();
                    assert!(len > 0 && len <= width && (is_last || len.is_multiple_of(8)));
                    assert!(width != TRIPLE || n <= 8 || len > 8, "{n}: {strips:?}");
                    next = strip.end;
                }
                assert_eq!(next, 5 + n);
                let rest = strips.last().map_or(0, Range::len);
                if splits_rest {
                    assert!(rest == width || rest <= PANEL, "{n} in {width}");
                    assert_eq!(strips.len(), n / width + (n % width).div_ceil(PANEL));
                } else if width != TRIPLE {
                    assert_eq!(strips.len(), n.div_ceil(width), "{n} in {width}");
                }
                let full = strips.iter().filter(|strip| strip.len() == width).count();
                assert!(
                    full + usize::from(width == TRIPLE) >= n / width,
                    "{n} in {width}"
                );
            }
        }
    }
}
