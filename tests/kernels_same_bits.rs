//! What AVX-512 computes has the bits of AVX2, on which it rests that both are one numerics: every
//! operation that AVX-512 may do in its own way, on numbers of every kind.
//!
//! Where several operands are NaN, which of them the result is depends on their order in the
//! instruction, and that is the compiler's: any NaN counts as any other.

#[path = "common/gemm_oracle.rs"]
mod gemm_oracle;
#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;

use gemm_oracle::{LAYOUTS, Matrix};
use kernel_inputs::{Numbers, adam_step};
use kernels::{
    AdamStep, BatchColumns, DeferredAdam, DenseBatch, Epilogue, Isa, Kernels, MatMut, MatRef,
    Moments, PackedB, SparseRows,
};

/// AVX2 and AVX-512, where the CPU has both.
fn both() -> Option<[Kernels; 2]> {
    let [Ok(narrow), Ok(wide)] = [Isa::Avx2, Isa::Avx512].map(Kernels::get) else {
        eprintln!("this CPU has no AVX-512: that its bits are those of AVX2 was NOT checked");
        return None;
    };
    Some([narrow, wide])
}

/// Which numbers a case is made of.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// In [−1, 1).
    Ordinary,
    /// Among them zeros of both signs, subnormals and what is about to become one.
    Small,
    /// Among them infinities, NaN and what is about to become one.
    Large,
}

const KINDS: [Kind; 3] = [Kind::Ordinary, Kind::Small, Kind::Large];

impl Kind {
    fn one(self, numbers: &mut Numbers) -> f32 {
        let sign = if numbers.below(2) == 0 { 1.0 } else { -1.0 };
        let magnitude = match (self, numbers.below(16)) {
            (Self::Small, 0) => 0.0,
            (Self::Small, 1..4) => f32::from_bits(numbers.below(0x0100_0000) as u32),
            (Self::Small, 4..8) => f32::from_bits(numbers.below(0x3f80_0000) as u32),
            // Seldom: a sum that met a NaN shows nothing else.
            (Self::Large, 0) if numbers.below(8) == 0 => f32::INFINITY,
            (Self::Large, 1) if numbers.below(8) == 0 => f32::NAN,
            (Self::Large, 2) => f32::MAX * numbers.unit().abs(),
            _ => numbers.unit(),
        };
        sign * magnitude
    }

    fn many(self, numbers: &mut Numbers, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.one(numbers)).collect()
    }

    /// Weights and their moments, of which the mean of squares is no less than 0.
    fn state(self, numbers: &mut Numbers, n: usize) -> [Vec<f32>; 3] {
        let [w, m, mut v] = [(); 3].map(|()| self.many(numbers, n));
        v.iter_mut().for_each(|v| *v = v.abs());
        [w, m, v]
    }
}

/// Holds what a closure makes of a copy of `before` by AVX2 and by AVX-512 against each other.
fn assert_same<const N: usize>(
    kernels: [Kernels; 2],
    before: &[Vec<f32>; N],
    context: &str,
    run: impl Fn(Kernels, &mut [Vec<f32>; N]),
) {
    let [narrow, wide] = kernels.map(|kernels| {
        let mut after = before.clone();
        run(kernels, &mut after);
        after
    });
    for (which, (narrow, wide)) in narrow.iter().zip(&wide).enumerate() {
        for (i, (a, b)) in narrow.iter().zip(wide).enumerate() {
            assert!(
                a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
                "{context}, array {which}, float {i}: {a:e} by AVX2, {b:e} by AVX-512"
            );
        }
    }
}

fn epilogues(bias: &[f32]) -> [Epilogue<'_>; 4] {
    [
        Epilogue::Store,
        Epilogue::Add,
        Epilogue::Bias(bias),
        Epilogue::BiasRelu(bias),
    ]
}

/// A step long after the first, with and without a flush of subnormal moments, and one whose every
/// number is unusual.
fn steps(numbers: &mut Numbers) -> [AdamStep; 3] {
    let unusual = AdamStep {
        alpha: numbers.unit(),
        one_minus_beta1: numbers.unit().abs(),
        one_minus_beta2: numbers.unit().abs(),
        epsilon: 1e-20,
        flush_subnormals: true,
    };
    [adam_step(100), adam_step(112), unusual]
}

/// Bytes of which a quarter is not background.
fn data(numbers: &mut Numbers, kind: Kind, rows: usize, cols: usize) -> SparseRows {
    let mut levels: [f32; 256] = std::array::from_fn(|_| kind.one(numbers));
    levels[0] = 0.0;
    let bytes: Vec<u8> = (0..rows * cols)
        .map(|_| match numbers.below(4) {
            0 => numbers.bits() as u8,
            _ => 0,
        })
        .collect();
    SparseRows::from_levels(&bytes, cols, &levels)
}

fn sparse(kernels: [Kernels; 2], numbers: &mut Numbers, batch: usize, cols: usize, n: usize) {
    for kind in KINDS {
        let context = format!("{batch}×{cols}×{n}, {kind:?}");
        let x = data(numbers, kind, 50, cols);
        let rows: Vec<u32> = (0..batch).map(|_| numbers.below(50) as u32).collect();
        let mut columns = BatchColumns::new(cols, batch);
        columns.fill(kernels[0], &x, &rows);
        let mut input = DenseBatch::new(cols, batch);
        input.fill(kernels[0], &x, &rows);
        // Rows of one float more than the product sees.
        let stride = n + 1;
        let w = kind.many(numbers, cols * stride);
        let dz = kind.many(numbers, batch * stride);
        let w = MatRef::with_strides(&w, cols, n, stride, 1);
        let dz = MatRef::with_strides(&dz, batch, n, stride, 1);
        let bias = kind.many(numbers, n);
        for epilogue in epilogues(&bias) {
            let before = [kind.many(numbers, batch * stride)];
            let what = format!("X·W, {context}, {epilogue:?}");
            assert_same(kernels, &before, &what, |kernels, [c]| {
                let c = MatMut::with_strides(c, batch, n, stride, 1);
                kernels.sparse_gemm(&x, &rows, w, c, epilogue);
            });
            let what = format!("X·W of touched columns, {context}, {epilogue:?}");
            assert_same(kernels, &before, &what, |kernels, [c]| {
                let c = MatMut::with_strides(c, batch, n, stride, 1);
                kernels.dense_gemm(&input, w, c, epilogue);
            });
            let before = [kind.many(numbers, cols * stride)];
            let what = format!("Xᵀ·dZ, {context}, {epilogue:?}");
            assert_same(kernels, &before, &what, |kernels, [c]| {
                let c = MatMut::with_strides(c, cols, n, stride, 1);
                kernels.sparse_tn_gemm(&columns, dz, c, epilogue);
            });
        }
        for step in steps(numbers) {
            let before = kind.state(numbers, cols * n);
            let what = format!("Xᵀ·dZ with Adam, {context}");
            assert_same(kernels, &before, &what, |kernels, [w, m, v]| {
                kernels.sparse_tn_adam(&columns, dz, step, w, Moments { m, v });
            });
            let before = kind.state(numbers, cols * n);
            let what = format!("Xᵀ·dZ of touched columns with Adam, {context}");
            assert_same(kernels, &before, &what, |kernels, [w, m, v]| {
                let mut state = DeferredAdam::new(cols, n);
                kernels.dense_tn_adam_deferred(&input, dz, step, w, &mut state);
                // Another batch, so that some rows lag behind.
                let mut other = input.clone();
                other.fill(kernels, &x, &rows[..1]);
                let dz = MatRef::with_strides(&dz.data()[..n], 1, n, n, 1);
                kernels.dense_tn_adam_deferred(&other, dz, step, w, &mut state);
                kernels.flush(w, &mut state);
                let (mean, square) = state.moments();
                m.copy_from_slice(mean);
                v.copy_from_slice(square);
            });
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "Miri has neither AVX2 nor AVX-512")]
fn sparse_products_and_their_adam_have_the_same_bits() {
    let Some(kernels) = both() else { return };
    let mut numbers = Numbers(1);
    for n in 0..=40 {
        for batch in [1, 7, 33, 40] {
            let cols = 1 + numbers.below(70);
            sparse(kernels, &mut numbers, batch, cols, n);
        }
    }
    for n in [48, 64, 65, 77, 96, 127, 128, 129, 144, 200, 256, 300] {
        sparse(kernels, &mut numbers, 33, 70, n);
    }
    sparse(kernels, &mut numbers, 32, 784, 128);
    sparse(kernels, &mut numbers, 100, 200, 211);
}

#[test]
#[cfg_attr(miri, ignore = "Miri has neither AVX2 nor AVX-512")]
fn adam_has_the_same_bits() {
    let Some(kernels) = both() else { return };
    let mut numbers = Numbers(2);
    for len in (0..=70).chain([128, 1000, 4099]) {
        for kind in KINDS {
            let gradient = kind.many(&mut numbers, len);
            let before = kind.state(&mut numbers, len);
            for step in steps(&mut numbers) {
                let what = format!("Adam, {len}, {kind:?}");
                assert_same(kernels, &before, &what, |kernels, [w, m, v]| {
                    kernels.adam(step, w, Moments { m, v }, &gradient);
                });
            }
            for count in [0, 1, 2, 3, 4, 5, 30] {
                let steps = steps(&mut numbers);
                let idle: Vec<AdamStep> = steps.into_iter().cycle().take(count).collect();
                let what = format!("{count} idle steps, {len}, {kind:?}");
                assert_same(kernels, &before, &what, |kernels, [w, m, v]| {
                    kernels.adam_idle(&idle, w, Moments { m, v });
                });
            }
        }
    }
}

/// Floats as a matrix that lies as `matrix` does.
fn like<'a>(matrix: &Matrix, data: &'a mut [f32]) -> MatMut<'a> {
    let Matrix { rows, cols, .. } = *matrix;
    MatMut::with_strides(data, rows, cols, matrix.row_stride, matrix.col_stride)
}

/// All of some, or the one whose turn it is where a product `takes_long`.
fn all_or_one<T, const N: usize>(
    all: [T; N],
    takes_long: bool,
    turn: usize,
) -> impl Iterator<Item = T> {
    let (first, count) = if takes_long { (turn % N, 1) } else { (0, N) };
    all.into_iter().skip(first).take(count)
}

/// Where a product takes long, it gets the epilogue and the step whose `turn` it is.
fn dense(
    kernels: [Kernels; 2],
    numbers: &mut Numbers,
    (m, n, k): (usize, usize, usize),
    turn: &mut usize,
) {
    for kind in KINDS {
        let takes_longer_than = |limit| m * n * k > limit && !cfg!(feature = "long-tests");
        // Multiply-adds with subnormal numbers are slow on some CPUs: Emerald Rapids took a minute for these.
        if takes_longer_than(1 << 26) && matches!(kind, Kind::Small) {
            continue;
        }
        let takes_long = takes_longer_than(1 << 22);
        let [la, lb, lc] = std::array::from_fn(|_| LAYOUTS[numbers.below(LAYOUTS.len())]);
        let context = format!("{m}×{n}×{k}, {la:?}·{lb:?}→{lc:?}, {kind:?}");
        let a = Matrix::new(m, k, la, || kind.one(numbers));
        let b = Matrix::new(k, n, lb, || kind.one(numbers));
        let c = Matrix::new(m, n, lc, || kind.one(numbers));
        let packed = PackedB::new(b.view());
        let bias = kind.many(numbers, n);
        for epilogue in all_or_one(epilogues(&bias), takes_long, *turn) {
            let before = [c.data.clone()];
            let what = format!("A·B, {context}, {epilogue:?}");
            assert_same(kernels, &before, &what, |kernels, [after]| {
                kernels.gemm(a.view(), b.view(), like(&c, after), epilogue);
            });
            let what = format!("A·B packed, {context}, {epilogue:?}");
            assert_same(kernels, &before, &what, |kernels, [after]| {
                kernels.gemm_packed(a.view(), &packed, like(&c, after), epilogue);
            });
        }
        for step in all_or_one(steps(numbers), takes_long, *turn) {
            let before = kind.state(numbers, m * n);
            let what = format!("A·B with Adam, {context}");
            assert_same(kernels, &before, &what, |kernels, [w, m, v]| {
                kernels.gemm_adam(a.view(), b.view(), step, w, Moments { m, v });
            });
        }
        *turn += 1;
    }
}

#[test]
#[cfg_attr(miri, ignore = "Miri has neither AVX2 nor AVX-512")]
fn dense_products_and_their_adam_have_the_same_bits() {
    let Some(kernels) = both() else { return };
    let mut numbers = Numbers(3);
    for m in 0..=40 {
        for n in 0..=40 {
            let k = numbers.below(41);
            dense(kernels, &mut numbers, (m, n, k), &mut 0);
        }
    }
    let large = [
        (32, 128, 784),
        (784, 128, 32),
        (32, 10, 128),
        (128, 10, 32),
        (65, 129, 300),
        (100, 200, 1030),
        (257, 65, 77),
        (1, 300, 500),
        (300, 1, 500),
        // Blocks of rows, of terms, and both factors packed in blocks.
        (300, 40, 500),
        (270, 33, 1100),
        (1, 300, 1100),
        (257, 1043, 519),
        (293, 301, 1555),
    ];
    // Layouts are drawn anew each time.
    let times = if cfg!(feature = "long-tests") { 4 } else { 2 };
    for shape in large {
        let mut turn = 0;
        for _ in 0..times {
            dense(kernels, &mut numbers, shape, &mut turn);
        }
    }
}
