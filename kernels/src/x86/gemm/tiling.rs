//! Which tiles a product is made of: those that suit a core's registers and units. No result tells which.

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

/// How many multiply-adds of sixteen lanes a core begins in a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::x86) enum Units {
    One,
    Two,
}

impl Tiling {
    pub(in crate::x86) const AVX2: Self = Self(Kind::Avx2);

    /// # Safety
    /// The CPU has all that [`Isa::Avx512`](crate::Isa::Avx512) stands for.
    pub(in crate::x86) const unsafe fn avx512(units: Units) -> Self {
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

    /// All that this CPU runs.
    #[cfg(test)]
    pub(super) fn all_here() -> Vec<Self> {
        let mut all = vec![Self::AVX2];
        if crate::Isa::Avx512.is_available() {
            // SAFETY: the CPU was asked.
            all.extend([Units::One, Units::Two].map(|units| unsafe { Self::avx512(units) }));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Epilogue, Isa, MatMut, MatRef,
        buffer::LINE,
        x86::gemm::{gemm, gemm_rows},
    };

    /// Numbers whose products and sums round: from the start of a cache line, or to the end of their memory, so
    /// that AddressSanitizer sees what reads past them.
    struct Numbers(Vec<f32>, usize);

    impl Numbers {
        fn new(len: usize, from_line: bool) -> Self {
            let mut state = 5_u32;
            let mut next = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            };
            let mut numbers = vec![0.0; len + LINE];
            let start = if from_line {
                numbers.as_ptr().align_offset(64)
            } else {
                LINE
            };
            numbers[start..][..len].fill_with(&mut next);
            numbers.truncate(start + len);
            Self(numbers, start)
        }

        fn get(&mut self) -> &mut [f32] {
            &mut self.0[self.1..]
        }
    }

    #[test]
    fn all_tilings_have_the_same_bits() {
        if !Isa::Avx2.is_available() {
            return;
        }
        // Heights and widths around those of tiles, packed panels, C by columns from turned tiles.
        let ms = [1, 11, 12, 13, 25, 40];
        let ns = [1, 2, 10, 12, 13, 16, 33, 100, 520];
        for (m, n) in ms.into_iter().flat_map(|m| ns.map(|n| (m, n))) {
            for (k, from_line) in [
                (9, true),
                (16, false),
                (37, false),
                (140, true),
                (140, false),
            ] {
                let (mut a, mut b) = (
                    Numbers::new(m * k, from_line),
                    Numbers::new(k * n, from_line),
                );
                let (a, b) = (&*a.get(), MatRef::new(b.get(), k, n));
                let mut bias = Numbers::new(n, false);
                let bias = &*bias.get();
                let epilogues = [
                    Epilogue::Store,
                    Epilogue::Add,
                    Epilogue::Bias(bias),
                    Epilogue::BiasRelu(bias),
                ];
                for a in [MatRef::new(a, m, k), MatRef::new(a, k, m).t()] {
                    for epilogue in epilogues {
                        let bits = Tiling::all_here().into_iter().map(|tiling| {
                            let mut c = Numbers::new(m * n, false);
                            let to = MatMut::new(c.get(), m, n);
                            // SAFETY: AVX2 was seen, and FMA with it.
                            unsafe { gemm(a, b, to, epilogue, tiling) };
                            c.0.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
                        });
                        let bits: Vec<_> = bits.collect();
                        assert!(
                            bits.iter().all(|of_tiling| *of_tiling == bits[0]),
                            "{m}×{n}×{k}, from a line: {from_line}, A {} apart, {epilogue:?}",
                            a.row_stride()
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
        for (m, n) in [1, 12, 13, 32]
            .into_iter()
            .flat_map(|m| [4, 16, 100, 130].map(|n| (m, n)))
        {
            // Every third row, the last among them, fewer and more than are asked for ahead.
            for k in [1, 10, 16, 17, 150] {
                let rows: Vec<u32> = (0..k as u32).map(|p| 3 * p).collect();
                let all = 3 * (k - 1) + 1;
                let (mut a, mut b) = (Numbers::new(m * k, false), Numbers::new(all * n, false));
                let (a, b) = (MatRef::new(a.get(), k, m).t(), MatRef::new(b.get(), all, n));
                let gathered: Vec<f32> = rows
                    .iter()
                    .flat_map(|&p| b.row(p as usize).to_vec())
                    .collect();
                let mut expected = vec![0.0; m * n];
                // SAFETY: AVX2 was seen, and FMA with it.
                unsafe {
                    gemm(
                        a,
                        MatRef::new(&gathered, k, n),
                        MatMut::new(&mut expected, m, n),
                        Epilogue::Store,
                        Tiling::AVX2,
                    );
                }
                for tiling in Tiling::all_here() {
                    let mut c = vec![f32::NAN; m * n];
                    let to = MatMut::new(&mut c, m, n);
                    // SAFETY: as above.
                    unsafe { gemm_rows(a, b, &rows, to, Epilogue::Store, tiling) };
                    assert_eq!(c, expected, "{m}×{n}×{k}, {tiling:?}");
                }
            }
        }
    }
}
