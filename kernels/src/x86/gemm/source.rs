//! How strips get at B: decided by its shape, its strides and where it begins, never by its values.

use super::{avx512::TWO_UNITS_ROWS, plan::PANEL, tile::most_rows, tiling::Tiling};
use crate::buffer::PAGE;

/// How strips get at B.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BSource {
    /// Where it lies.
    Direct,
    /// The first tile of each strip packs the panel for the others.
    PackedByFirstTile,
    /// Its rows are picked: some columns of them are packed before their tiles.
    PackedInParts,
    /// A block of it is packed before any tile.
    PackedAhead,
    /// It came packed.
    Packed,
}

/// A B whose rows are contiguous, and the rows of A that read it.
#[derive(Clone, Copy)]
pub(super) struct ByRows {
    pub(super) m: usize,
    pub(super) n: usize,
    pub(super) k: usize,
    /// Whether vectors of 64 bytes touch two cache lines.
    pub(super) cut_lines: bool,
}

/// Floats of B that stay in L1 with what else a tile touches.
const RESIDENT: usize = 4096;
/// Rows that are too few to pay for packing B: each of its panels is read by ten tiles or so, from
/// L2, where the next level's prefetcher brings it.
const FEW_ROWS: usize = 64;
/// The same for a B that a small L2 does not hold, and with AVX2, whose tiles are lower: on Zen 3,
/// 32×128×784 gains 5 % by packing, 16×512×784 loses 6, and 32×128×128, which L2 holds, 8.
const FEW_ROWS_OF_FAR: usize = 24;
/// The same for a B that cuts lines and two units of AVX-512, which a second line of each vector holds up.
const FEW_ROWS_OF_CUT: usize = 24;
/// Floats of B that an L2 of 256 KB does not hold.
const FAR: usize = 1 << 16;
/// Columns from which on two units pack a B that is far as soon as a second tile reads it: its rows are 2 KB
/// apart or more, so that a strip's lines share few sets of L1. With rows 1 KB apart, 16 of A lose 4 % by it
/// (Emerald Rapids).
const CLASHING_COLS: usize = 512;

impl BSource {
    /// Whether packing it takes a buffer.
    pub(super) fn needs_room(self) -> bool {
        matches!(
            self,
            Self::PackedByFirstTile | Self::PackedInParts | Self::PackedAhead
        )
    }

    /// The quickest for rows that can be read where they lie.
    pub(super) fn of_rows(b: ByRows, tiling: Tiling) -> Self {
        let ByRows { m, n, k, cut_lines } = b;
        let is_far = k * n > FAR;
        let is_resident = k * n.next_multiple_of(PANEL) <= RESIDENT;
        if tiling.has_two_units() {
            let clashes = n >= CLASHING_COLS && is_far && m > TWO_UNITS_ROWS;
            let few_rows = if is_resident {
                FEW_ROWS
            } else {
                FEW_ROWS_OF_CUT
            };
            let is_cut = cut_lines && n >= PANEL && m > few_rows;
            if clashes || is_cut {
                return Self::PackedByFirstTile;
            }
        }
        let few_rows = if tiling.is_wide() || (!is_far && n < PAGE) {
            FEW_ROWS
        } else if n < PAGE {
            FEW_ROWS_OF_FAR
        } else {
            // Rows a page or more apart share a few sets of L1, so that packing pays for two tiles.
            most_rows(PANEL)
        };
        if is_resident || m <= few_rows {
            Self::Direct
        } else if !tiling.is_wide() {
            Self::PackedByFirstTile
        } else if n < PAGE {
            // Two cache lines of a row are all that a tile of AVX-512 wants of it, and they come fast
            // enough as they lie, unless each is on another page.
            Self::Direct
        } else {
            Self::PackedAhead
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source([m, n, k]: [usize; 3], cut_lines: bool, tiling: Tiling) -> BSource {
        BSource::of_rows(ByRows { m, n, k, cut_lines }, tiling)
    }

    #[test]
    fn what_is_far_is_packed_for_lower_tiles_and_what_is_resident_for_none() {
        for (shape, expected) in [
            ([32, 47, 1500], BSource::PackedByFirstTile),
            ([28, 100, 784], BSource::PackedByFirstTile),
            ([8, 1031, 17], BSource::PackedByFirstTile),
            ([24, 128, 784], BSource::Direct),
            ([32, 128, 128], BSource::Direct),
            ([784, 128, 32], BSource::Direct),
        ] {
            for cut_lines in [false, true] {
                assert_eq!(
                    source(shape, cut_lines, Tiling::AVX2),
                    expected,
                    "{shape:?}"
                );
            }
        }
    }

    #[test]
    fn two_units_pack_what_cuts_lines_and_rows_that_share_sets() {
        for tiling in Tiling::wide_here() {
            let two = tiling.has_two_units();
            for (shape, aligned, cut) in [
                ([32, 128, 784], false, true),
                ([24, 128, 784], false, false),
                ([784, 128, 32], false, true),
                ([64, 128, 32], false, false),
                ([32, 10, 784], false, false),
                ([13, 512, 784], true, true),
                ([12, 512, 784], false, false),
                ([24, 512, 64], false, false),
            ] {
                for (cut_lines, packs) in [(false, aligned), (true, cut)] {
                    let expected = if packs && two {
                        BSource::PackedByFirstTile
                    } else {
                        BSource::Direct
                    };
                    assert_eq!(
                        source(shape, cut_lines, tiling),
                        expected,
                        "{shape:?}, lines cut: {cut_lines}, {tiling:?}"
                    );
                }
            }
            assert_eq!(source([65, 1024, 32], false, tiling), BSource::PackedAhead);
        }
    }
}
