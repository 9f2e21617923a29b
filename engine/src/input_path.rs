//! How the first layer reads its input, and which way suits a data set.

use kernels::Isa;

/// How the first layer reads its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputPath {
    /// Along the non-zeros only.
    Sparse,
    /// All values of the pixels that some image of the batch touches.
    Dense,
}

/// Density under which skipping zeros pays with AVX2 (benches/README.md, "Which input path").
const SPARSE_BELOW: f64 = 0.6;
/// The same with the portable kernels, whose dense product is `matrixmultiply`'s: two thirds zero, where
/// XNNPACK draws the line too. Other CPUs would want other values; see there.
const SPARSE_BELOW_PORTABLE: f64 = 1.0 / 3.0;

impl InputPath {
    /// The path for a data set of this density, the share of its pixels that are not zero, where the
    /// user has none in mind. Instruction sets that give the same bits have the same path.
    #[must_use]
    pub fn auto(isa: Isa, density: f64) -> Self {
        let sparse_below = match isa {
            Isa::Portable => SPARSE_BELOW_PORTABLE,
            Isa::Avx2 | Isa::Avx512 => SPARSE_BELOW,
        };
        if density < sparse_below {
            Self::Sparse
        } else {
            Self::Dense
        }
    }

    /// The name under which files and flags know it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sparse => "sparse",
            Self::Dense => "dense",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_depends_on_density_and_on_the_kernels() {
        for (isa, density, input) in [
            (Isa::Avx2, 0.59, InputPath::Sparse),
            (Isa::Avx2, 0.6, InputPath::Dense),
            (Isa::Portable, 0.33, InputPath::Sparse),
            (Isa::Portable, 0.34, InputPath::Dense),
        ] {
            assert_eq!(InputPath::auto(isa, density), input, "{isa} {density}");
        }
    }

    #[test]
    fn kernels_of_the_same_bits_take_the_same_path() {
        for density in (0..=100).map(|percent| f64::from(percent) / 100.0) {
            for (a, b) in Isa::ALL.into_iter().zip(Isa::ALL.into_iter().skip(1)) {
                let same = InputPath::auto(a, density) == InputPath::auto(b, density);
                assert!(same || a.numerics() != b.numerics(), "{a} {b} {density}");
            }
        }
    }
}
