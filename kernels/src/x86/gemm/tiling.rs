//! The choice of tiles: those that suit a core's registers and units. No result tells which were taken.

use super::{
    avx512::{ONE_UNIT_ROWS, PAIRED_ROWS, TWO_UNITS_ROWS},
    half::{HALF_COLS, HALF_ROWS},
    tile::most_rows,
};

/// Which tiles a product is made of.
///
/// That one of AVX-512 exists is proof that the CPU has all that [`Isa::Avx512`](crate::Isa::Avx512)
/// stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::x86) struct Tiling(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Avx2,
    Avx512(Units),
}

/// How many multiply-adds of sixteen lanes a core is taken to begin in a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::x86) enum Units {
    One,
    Two,
}

impl Tiling {
    pub(in crate::x86) const AVX2: Self = Self(Kind::Avx2);

    /// # Safety
    /// The CPU has all that [`Isa::Avx512`](crate::Isa::Avx512) stands for.
    pub(in crate::x86) unsafe fn avx512(units: Units) -> Self {
        Self(Kind::Avx512(units))
    }

    /// Whether tiles are those of AVX-512.
    pub(super) fn is_wide(self) -> bool {
        self != Self::AVX2
    }

    /// Whether multiply-adds are so fast that loads are what a tile waits for.
    pub(super) fn has_two_units(self) -> bool {
        self.0 == Kind::Avx512(Units::Two)
    }

    /// Whether tiles are those for a core that begins one multiply-add of sixteen lanes a cycle.
    pub(super) fn has_one_unit(self) -> bool {
        self.0 == Kind::Avx512(Units::One)
    }

    /// Whether pairs of rows share a vector for the last of so many columns. With two units the broadcasts
    /// that it takes for a pair cost more than lanes that idle.
    pub(super) fn pairs_rows(self, cols: usize) -> bool {
        !self.has_two_units() && HALF_COLS.contains(&cols)
    }

    /// Most rows of a tile of so many columns.
    pub(super) fn most_rows(self, cols: usize) -> usize {
        match (self.0, self.pairs_rows(cols)) {
            (Kind::Avx2, false) => most_rows(cols),
            (Kind::Avx2, true) => HALF_ROWS,
            (Kind::Avx512(Units::One), false) => ONE_UNIT_ROWS,
            (Kind::Avx512(Units::One), true) => PAIRED_ROWS,
            (Kind::Avx512(Units::Two), _) => TWO_UNITS_ROWS,
        }
    }

    /// Those of AVX-512, if this CPU runs them.
    #[cfg(test)]
    pub(super) fn wide_here() -> Vec<Self> {
        if !crate::Isa::Avx512.is_available() {
            eprintln!("no AVX-512 here, so its tiles are NOT checked");
            return vec![];
        }
        // SAFETY: the CPU was asked.
        [Units::One, Units::Two]
            .map(|units| unsafe { Self::avx512(units) })
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Epilogue, Isa, MatMut, MatRef,
        buffer::CACHE_LINE,
        x86::gemm::{gemm, gemm_rows},
    };

    /// Numbers whose products and sums round: from the start of a cache line, or off it and to the end of their
    /// memory, so that AddressSanitizer sees what reads past them.
    struct Numbers(Vec<f32>, usize);

    impl Numbers {
        fn new(len: usize, from_line: bool) -> Self {
            let mut state = 5_u32;
            let mut next = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            };
            let mut numbers = vec![0.0; len + CACHE_LINE + 1];
            let line = numbers.as_ptr().align_offset(64);
            let start = if from_line { line } else { line + 1 };
            numbers.truncate(start + len);
            numbers.shrink_to_fit();
            numbers[start..].fill_with(&mut next);
            Self(numbers, start)
        }

        fn get(&mut self) -> &mut [f32] {
            &mut self.0[self.1..]
        }
    }

    /// The bits of A·B by these tiles.
    fn product(a: MatRef<'_>, b: MatRef<'_>, epilogue: Epilogue<'_>, tiling: Tiling) -> Vec<u32> {
        let (m, n) = (a.rows(), b.cols());
        let mut c = Numbers::new(m * n, false);
        let to = MatMut::new(c.get(), m, n);
        // SAFETY: the tests begin by asking for AVX2, and FMA with it.
        unsafe { gemm(a, b, to, epilogue, tiling) };
        c.get().iter().map(|x| x.to_bits()).collect()
    }

    #[test]
    fn all_tilings_have_the_same_bits() {
        if !Isa::Avx2.is_available() {
            return;
        }
        // Heights and widths around those of tiles, panels that the first tile packs, few columns, whose
        // lanes are rows of A.
        let mut shapes = vec![];
        for (m, n) in [1, 11, 12, 13, 25, 40]
            .into_iter()
            .flat_map(|m| [1, 2, 10, 12, 13, 16, 17, 30, 33, 100, 520].map(|n| (m, n)))
        {
            shapes.extend([9, 16, 37, 140].map(|k| (m, n, k)));
        }
        // Few terms of two panels, and of what they leave.
        shapes.extend(
            [32, 47, 64]
                .iter()
                .flat_map(|&n| [1, 2, 3, 4, 10, 11, 12, 13, 16].map(|k| (13, n, k))),
        );
        // Blocks of terms, tall, large, B packed ahead.
        shapes.extend([
            (250, 20, 1100),
            (401, 37, 700),
            (513, 513, 520),
            (70, 1030, 20),
        ]);
        for (m, n, k) in shapes {
            for from_line in [true, false] {
                let mut numbers = [2 * m * k, k * n, n].map(|len| Numbers::new(len, from_line));
                let [a, b, bias] = numbers.each_mut().map(|numbers| &*numbers.get());
                let (dense, b) = (&a[..m * k], MatRef::new(b, k, n));
                let by_columns = MatRef::new(dense, k, m).t();
                let spread = MatRef::with_strides(a, m, k, 2 * k, 2);
                for (a, b, epilogue) in [
                    (MatRef::new(dense, m, k), b, Epilogue::Store),
                    (MatRef::new(dense, m, k), b, Epilogue::BiasRelu(bias)),
                    (by_columns, b, Epilogue::Store),
                    (by_columns, b, Epilogue::Add),
                    (by_columns, b, Epilogue::Bias(bias)),
                    (
                        by_columns,
                        MatRef::new(b.data(), n, k).t(),
                        Epilogue::BiasRelu(bias),
                    ),
                    (spread, b, Epilogue::Store),
                    (
                        MatRef::new(dense, m, k),
                        MatRef::new(b.data(), n, k).t(),
                        Epilogue::Store,
                    ),
                ] {
                    let expected = product(a, b, epilogue, Tiling::AVX2);
                    for tiling in Tiling::wide_here() {
                        assert!(
                            product(a, b, epilogue, tiling) == expected,
                            "{m}×{n}×{k}, from a line: {from_line}, strides of A {} {}, of B {} {}, {epilogue:?}, {tiling:?}",
                            a.row_stride(),
                            a.col_stride(),
                            b.row_stride(),
                            b.col_stride(),
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn picked_rows_are_as_if_gathered() {
        if !Isa::Avx2.is_available() {
            return;
        }
        // Fewer and more rows than are asked for ahead, strips of 17 to 31 columns, blocks of terms, tall.
        let mut shapes = vec![(13, 20, 1100), (250, 20, 1100)];
        for (m, n) in [1, 12, 13, 32]
            .into_iter()
            .flat_map(|m| [4, 16, 31, 41, 44, 47, 52, 100, 130].map(|n| (m, n)))
        {
            shapes.extend([1, 10, 16, 17, 150].map(|k| (m, n, k)));
        }
        for (m, n, k) in shapes {
            // Every third row, the last among them.
            let rows: Vec<u32> = (0..k as u32).map(|p| 3 * p).collect();
            let all = 3 * (k - 1) + 1;
            let (mut a, mut b) = (Numbers::new(m * k, false), Numbers::new(all * n, false));
            let (a, b) = (&*a.get(), MatRef::new(b.get(), all, n));
            let gathered: Vec<f32> = rows
                .iter()
                .flat_map(|&p| b.row(p as usize).to_vec())
                .collect();
            for a in [MatRef::new(a, m, k), MatRef::new(a, k, m).t()] {
                let gathered = MatRef::new(&gathered, k, n);
                let expected = product(a, gathered, Epilogue::Store, Tiling::AVX2);
                for tiling in Tiling::wide_here().into_iter().chain([Tiling::AVX2]) {
                    let mut c = vec![f32::NAN; m * n];
                    let to = MatMut::new(&mut c, m, n);
                    // SAFETY: AVX2 was seen, and FMA with it.
                    unsafe { gemm_rows(a, b, &rows, to, Epilogue::Store, tiling) };
                    let bits: Vec<_> = c.iter().map(|x| x.to_bits()).collect();
                    assert!(bits == expected, "{m}×{n}×{k}, {tiling:?}");
                }
            }
        }
    }
}
