//! Which loops suit a product: decided by its shape and strides, never by its values.

use super::{avx512::WIDE_COLS, source::BSource, tile::most_rows, tiling::Tiling};
use crate::MatRef;
pub(super) use crate::gemm::PANEL;

/// The shape of the loops around the tiles.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Most terms of a block.
    pub(super) terms: usize,
    /// Most rows of a block.
    pub(super) rows: usize,
    /// Whether A is packed in blocks of rows, as it cannot be read where it lies.
    pub(super) pack_a: bool,
    /// How strips get at B in a nest of blocks; the others pack it.
    pub(super) b: BSource,
    pub(super) nest: Nest,
    /// Columns of a strip: [`PANEL`], [`TRIPLE`] or [`WIDE_COLS`].
    pub(super) strip_cols: usize,
    /// Whether what whole strips leave is cut in panels where one does not hold it.
    pub(super) splits_rest: bool,
}

/// The order of the loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nest {
    /// Blocks of terms, of rows, strips.
    Blocks,
    /// Blocks of rows, of terms, strips: B is packed once.
    Tall,
    /// Both factors are packed in blocks.
    Large,
}

/// Columns of a strip of three vectors, whose tiles are four rows high: for rows that tiles of six do not
/// share without some of five or four, which have too few sums for the FMA units.
pub(super) const TRIPLE: usize = 24;
/// Rows up to which that was no slower on Emerald Rapids; it was not measured elsewhere.
const MOST_ROWS_IN_TRIPLES: usize = 44;
// Tiles of four rows share them only if they are one block.
const _: () = assert!(
    MOST_ROWS_IN_TRIPLES * DEEP <= A_BLOCK
        && MOST_ROWS_IN_TRIPLES < LARGE_SIDE
        && MOST_ROWS_IN_TRIPLES < TALL_LEAST_ROWS
);
/// Terms from which on a product is cut into blocks of at most half as many. A panel of B less deep
/// streams from L2 as fast as the tiles take it; blocks that fit L1 were slower, because each more
/// of them reads and writes C once more.
pub(super) const DEEP: usize = 1024;
/// Floats of A that pass along a panel of B before the next does: 4 MB, of L3.
const A_BLOCK: usize = 1 << 20;
/// The same on AVX-512: 512 KB, half of Zen 4's L2.
const WIDE_A_BLOCK: usize = 1 << 17;
/// Terms and rows of a packed block of A: 172 KB, of a 256 KB L2.
const PACKED_TERMS: usize = 256;
const PACKED_ROWS: usize = 168;

/// Rows, columns and terms from which on packing a factor costs little beside the product, and
/// multiply-adds from which on it pays: operands that L2 does not hold.
const LARGE_SIDE: usize = 256;
const LARGE: usize = 1 << 27;
/// Rows of a packed block of A in a large product: 144 KB at 512 terms, of a 256 KB L2.
const LARGE_ROWS: usize = 72;
/// Floats of A, 1 MB, from which on it passes once: twice what an L2 of 512 KB holds.
const TALL_A: usize = 1 << 18;
/// Rows of A from which on they pay for packing all of B ahead.
const TALL_LEAST_ROWS: usize = 192;
/// Most floats of such a B, 4 MB, which L3 holds meanwhile.
const TALL_B: usize = 1 << 20;
/// Rows of A that pass along all of B before the next do: 96 KB at 512 terms, and whole tiles.
const TALL_ROWS: usize = 48;

/// Most terms of a block of k where A can be read where it lies.
pub(super) fn most_terms(k: usize) -> usize {
    if k < DEEP { k } else { DEEP / 2 }
}

impl Plan {
    /// The plan for A·B with n columns; `b` says how strips get at B.
    ///
    /// How many terms a block has depends on k and on how A lies, never on m or n: so an element's
    /// sum is the same, to the bit, in whatever part of the product it is computed. (Where the shape decides
    /// which factor is A, either is readable.)
    pub(super) fn new(a: MatRef<'_>, n: usize, b: BSource, tiling: Tiling) -> Self {
        let wide = tiling.is_wide();
        let (m, k) = (a.rows(), a.cols());
        let by_rows = a.col_stride() == 1;
        let a_readable = by_rows || a.row_stride() == 1;
        let terms = if a_readable {
            most_terms(k)
        } else {
            PACKED_TERMS
        };
        let large = m.min(n).min(k) >= LARGE_SIDE && m.saturating_mul(n).saturating_mul(k) >= LARGE;
        // With one block of terms and one strip any order reads A once. By columns, an A of many rows
        // took 1.76 times as long so (2048×16×2048, Zen 3). With one unit of AVX-512 it was not measured.
        let passes_again = k >= DEEP || n > PANEL;
        let is_tall =
            m >= TALL_LEAST_ROWS && m.saturating_mul(k) > TALL_A && k.saturating_mul(n) <= TALL_B;
        let nest = if large {
            Nest::Large
        } else if is_tall
            && passes_again
            && by_rows
            && b != BSource::PackedInParts
            && !tiling.has_one_unit()
        {
            Nest::Tall
        } else {
            Nest::Blocks
        };
        let rows = match nest {
            Nest::Large => LARGE_ROWS,
            Nest::Tall => TALL_ROWS,
            Nest::Blocks if !a_readable => PACKED_ROWS,
            Nest::Blocks => {
                let block = if wide { WIDE_A_BLOCK } else { A_BLOCK };
                // A division would be a tenth of a small product.
                if m * terms <= block { m } else { block / terms }
            }
        };
        let in_triples = a_readable
            && matches!(b, BSource::Direct | BSource::PackedByFirstTile)
            && m <= MOST_ROWS_IN_TRIPLES
            && m.is_multiple_of(most_rows(TRIPLE))
            && !m.is_multiple_of(most_rows(PANEL));
        let strip_cols = match (wide, in_triples) {
            (true, _) => WIDE_COLS,
            (false, true) => TRIPLE,
            (false, false) => PANEL,
        };
        Self {
            terms,
            rows,
            pack_a: !a_readable,
            b,
            nest,
            strip_cols,
            // Two vectors for 25 to 28 columns are a seventh more multiply-adds than one and pairs of rows.
            splits_rest: tiling.has_one_unit(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nest([m, n, k]: [usize; 3]) -> Nest {
        // A row stride of 0: the numbers do not matter.
        let row = vec![0.0; k];
        Plan::new(
            MatRef::with_strides(&row, m, k, 0, 1),
            n,
            BSource::Direct,
            Tiling::AVX2,
        )
        .nest
    }

    #[test]
    fn few_rows_that_fours_share_and_sixes_do_not_take_strips_of_three_vectors() {
        let a = [0.0; 64 * 1500];
        let plan = |[m, n, k]: [usize; 3]| {
            Plan::new(
                MatRef::new(&a[..m * k], m, k),
                n,
                BSource::Direct,
                Tiling::AVX2,
            )
        };
        for shape in [
            [32, 47, 1500],
            [28, 100, 784],
            [8, 1031, 17],
            [32, 20, 40],
            [44, 128, 32],
        ] {
            assert_eq!(plan(shape).strip_cols, TRIPLE, "{shape:?}");
        }
        for m in [1, 6, 10, 12, 24, 36, 48, 52, 64] {
            assert_eq!(plan([m, 128, 64]).strip_cols, PANEL, "{m} rows");
        }
        let rows = MatRef::new(&a[..32 * 64], 32, 64);
        let apart = MatRef::with_strides(&a, 32, 64, 130, 2);
        let strip = |a, b| Plan::new(a, 128, b, Tiling::AVX2).strip_cols;
        let by_terms = MatRef::new(&a[..32 * 64], 64, 32).t();
        assert_eq!(strip(rows, BSource::Direct), TRIPLE);
        assert_eq!(strip(by_terms, BSource::Direct), TRIPLE);
        assert_eq!(strip(apart, BSource::Direct), PANEL);
        assert_eq!(strip(rows, BSource::Packed), PANEL);
        assert_eq!(strip(rows, BSource::PackedInParts), PANEL);
        assert_eq!(strip(rows, BSource::PackedByFirstTile), TRIPLE);
        for tiling in Tiling::wide_here() {
            let plan = Plan::new(rows, 128, BSource::Direct, tiling);
            assert_eq!(plan.strip_cols, WIDE_COLS);
        }
    }

    #[test]
    fn tall_products_are_those_whose_a_would_pass_again_from_afar() {
        // The last three are shapes of tests/kernels_gemm_large.rs.
        for shape in [
            [2048, 16, 2048],
            [1000, 128, 784],
            [250, 17, 1100],
            [250, 10, 1100],
            [401, 37, 700],
        ] {
            assert_eq!(nest(shape), Nest::Tall, "{shape:?}");
        }
        for shape in [
            [32, 128, 784],
            [200, 128, 784],
            [256, 128, 784],
            [8192, 16, 256],
            [191, 16, 4096],
            [255, 16384, 1040],
        ] {
            assert_eq!(nest(shape), Nest::Blocks, "{shape:?}");
        }
        assert_eq!(nest([1024, 1024, 1024]), Nest::Large);
        let a = MatRef::new(&[0.0; 1 << 20], 1024, 1024);
        let nest = |a, b, tiling| Plan::new(a, 32, b, tiling).nest;
        assert_eq!(nest(a, BSource::Packed, Tiling::AVX2), Nest::Tall);
        assert_eq!(nest(a.t(), BSource::Direct, Tiling::AVX2), Nest::Blocks);
        assert_eq!(nest(a, BSource::PackedInParts, Tiling::AVX2), Nest::Blocks);
        for tiling in Tiling::wide_here() {
            let expected = if tiling.has_two_units() {
                Nest::Tall
            } else {
                Nest::Blocks
            };
            assert_eq!(nest(a, BSource::Direct, tiling), expected);
        }
    }
}
