//! The right factor of a product: as it comes, how it is packed, and its panels as tiles read them.

use std::ops::Range;

use super::{
    pack::pack_picked,
    parts::{columns_of, packed, panels_of},
    plan::{DEEP, PANEL},
    source::{BSource, ByRows},
    tile::Right,
    tiling::Tiling,
};
use crate::{MatRef, PackedB, buffer::CACHE_LINE};

/// Rows of A that are too few to pay for picking rows of B tile by tile: 8 gain nothing, 16 some 3 %.
const FEW_ROWS_OF_PICKED: usize = 12;

/// The right factor of a product.
#[derive(Clone, Copy)]
pub(super) enum Factor<'a> {
    View(MatRef<'a>),
    /// The rows of a matrix that a list names; they are contiguous.
    Rows(MatRef<'a>, &'a [u32]),
    /// For panels of `PANEL` columns only.
    Packed(&'a PackedB),
}

impl<'a> Factor<'a> {
    /// How the strips of m rows of A get at it.
    pub(super) fn source(self, m: usize, tiling: Tiling) -> BSource {
        match self {
            Self::Packed(_) => BSource::Packed,
            Self::View(b) if b.col_stride() == 1 => {
                let starts_line = b.data().as_ptr().addr().is_multiple_of(64);
                let rows = ByRows {
                    m,
                    n: b.cols(),
                    k: b.rows(),
                    cut_lines: !(starts_line && b.row_stride().is_multiple_of(CACHE_LINE)),
                };
                BSource::of_rows(rows, tiling)
            }
            Self::View(_) => BSource::PackedAhead,
            // With one unit of AVX-512 that was not measured.
            Self::Rows(..) if !tiling.has_one_unit() && m > FEW_ROWS_OF_PICKED => {
                BSource::PackedByFirstTile
            }
            Self::Rows(..) => BSource::PackedInParts,
        }
    }

    /// The most terms that a block of so many may have when other rows are picked: who makes room for
    /// them makes it once.
    pub(super) fn deepest(self, terms: usize) -> usize {
        match self {
            Self::Rows(b, _) => b.rows().min(DEEP).max(terms),
            Self::View(_) | Self::Packed(_) => terms,
        }
    }

    /// Packs terms and columns, one panel after the other, of what did not come packed.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn pack(self, terms: &Range<usize>, columns: Range<usize>, to: &mut [f32]) {
        match self {
            Self::View(b) => {
                let start = columns.start;
                for columns in panels_of(columns) {
                    let to = &mut to[(columns.start - start) * terms.len()..];
                    columns_of(b, terms.clone(), columns).interleave(to, PANEL);
                }
            }
            Self::Rows(b, rows) => pack_picked(b, &rows[terms.clone()], columns, to),
            Self::Packed(_) => unreachable!("packed twice"),
        }
    }

    /// Terms and columns as tiles read them: of what came packed, or of `panels`, which hold the block of
    /// these terms from column `first` on.
    pub(super) fn right(
        self,
        terms: &Range<usize>,
        columns: &Range<usize>,
        panels: &'a [f32],
        first: usize,
    ) -> Right<'a> {
        let (data, from, depth) = match self {
            Self::Packed(b) => {
                let depth = b.rows();
                (
                    b.panels(),
                    columns.start * depth + terms.start * PANEL,
                    depth,
                )
            }
            Self::View(_) | Self::Rows(..) => {
                (panels, (columns.start - first) * terms.len(), terms.len())
            }
        };
        packed(&data[from..], depth)
    }
}
