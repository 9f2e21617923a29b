//! The dense product against the naive one in double precision, on every instruction set that
//! this CPU runs.

#[path = "common/gemm_oracle.rs"]
mod gemm_oracle;

use gemm_oracle::{Layout, Matrix, difference, exact};
use kernels::{Epilogue, Isa, Kernels};

/// The instruction sets to test: all that this CPU has, or the one that `INITSTUDY_ISA` pins.
fn kernels() -> Vec<Kernels> {
    if std::env::var_os(kernels::ISA_VARIABLE).is_some() {
        return vec![Kernels::active().expect("the pinned instruction set")];
    }
    [Isa::Portable, Isa::Avx2]
        .into_iter()
        .filter_map(|isa| Kernels::get(isa).ok())
        .collect()
}

/// Numbers in [-1, 1), the same for the same seed (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn next(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }
}

const LAYOUTS: [Layout; 5] = [
    Layout::Rows { gap: 0 },
    Layout::Rows { gap: 3 },
    Layout::Columns { gap: 0 },
    Layout::Columns { gap: 5 },
    Layout::Spread,
];

/// One product of this shape, in these layouts, with this epilogue, held against the oracle.
fn check(
    kernels: Kernels,
    (m, n, k): (usize, usize, usize),
    [la, lb, lc]: [Layout; 3],
    epilogue: usize,
    numbers: &mut Numbers,
) {
    let a = Matrix::new(m, k, la, || numbers.next());
    let b = Matrix::new(k, n, lb, || numbers.next());
    let bias: Vec<f32> = (0..n).map(|_| numbers.next()).collect();
    let (epilogue, garbage) = match epilogue {
        0 => (Epilogue::Store, true),
        1 => (Epilogue::Add, false),
        2 => (Epilogue::Bias(&bias), true),
        _ => (Epilogue::BiasRelu(&bias), true),
    };
    let mut c = Matrix::new(m, n, lc, || if garbage { f32::NAN } else { numbers.next() });
    let before = c.clone();
    kernels.gemm(a.view(), b.view(), c.view_mut(), epilogue);
    for i in 0..m {
        for j in 0..n {
            let expected = exact(a.view(), b.view(), before.view().at(i, j), epilogue, i, j);
            if let Some(problem) = difference(c.view().at(i, j), expected) {
                panic!(
                    "{kernels:?} {m}×{n}×{k} {la:?}·{lb:?}→{lc:?} {epilogue:?} at ({i}, {j}): {problem}"
                );
            }
        }
    }
    assert_gaps_untouched(&before, &c);
}

/// What lies between the elements of C is as it was.
fn assert_gaps_untouched(before: &Matrix, after: &Matrix) {
    let mut inside = vec![false; after.data.len()];
    for i in 0..after.rows {
        for j in 0..after.cols {
            inside[i * after.row_stride + j * after.col_stride] = true;
        }
    }
    for (p, inside) in inside.into_iter().enumerate() {
        assert!(
            inside || before.data[p].to_bits() == after.data[p].to_bits(),
            "float {p} is outside C and was written"
        );
    }
}

#[test]
fn every_small_shape_agrees_with_the_oracle() {
    for kernels in kernels() {
        let mut numbers = Numbers(1);
        for m in 0..=40 {
            for n in 0..=40 {
                for k in 0..=40 {
                    let layouts = std::array::from_fn(|_| LAYOUTS[numbers.below(LAYOUTS.len())]);
                    let epilogue = numbers.below(4);
                    check(kernels, (m, n, k), layouts, epilogue, &mut numbers);
                }
            }
        }
    }
}

#[test]
fn every_layout_and_epilogue_agrees_with_the_oracle() {
    let shapes = [
        (1, 1, 1),
        (1, 70, 33),
        (70, 1, 33),
        (7, 10, 130),
        (13, 8, 300),
        (32, 128, 10),
        (128, 10, 32),
        (33, 37, 290),
        (200, 67, 18),
    ];
    for kernels in kernels() {
        let mut numbers = Numbers(2);
        for shape in shapes {
            for la in LAYOUTS {
                for lb in LAYOUTS {
                    for lc in LAYOUTS {
                        for epilogue in 0..4 {
                            check(kernels, shape, [la, lb, lc], epilogue, &mut numbers);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn random_large_shapes_agree_with_the_oracle() {
    for kernels in kernels() {
        let mut numbers = Numbers(3);
        for _ in 0..40 {
            let shape = (
                1 + numbers.below(400),
                1 + numbers.below(150),
                1 + numbers.below(900),
            );
            let layouts = std::array::from_fn(|_| LAYOUTS[numbers.below(LAYOUTS.len())]);
            let epilogue = numbers.below(4);
            check(kernels, shape, layouts, epilogue, &mut numbers);
        }
    }
}
