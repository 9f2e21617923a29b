//! The sparse products against the naive dense ones in double precision.

#[path = "common/guard.rs"]
mod guard;
#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;
#[path = "common/sizes.rs"]
mod sizes;

use guard::Guarded;
use kernel_inputs::{Numbers, all_kernels, bits};
use kernels::{BatchColumns, Epilogue, Kernels, MatMut, MatRef, SparseRows};
use proptest::prelude::*;
use sizes::{amount, cases, sizes};

const EPS: f64 = f32::EPSILON as f64;

/// A matrix of bytes, most of them the background's, with levels that are no simple numbers.
struct Data {
    x: SparseRows,
    dense: Vec<f32>,
    cols: usize,
}

impl Data {
    fn new(numbers: &mut Numbers, rows: usize, cols: usize, background: u8) -> Self {
        let mut levels: [f32; 256] = std::array::from_fn(|_| numbers.unit());
        levels[usize::from(background)] = 0.0;
        let bytes: Vec<u8> = (0..rows * cols)
            .map(|_| match numbers.below(4) {
                0 => numbers.bits() as u8,
                _ => background,
            })
            .collect();
        Self {
            x: SparseRows::from_levels(&bytes, cols, &levels),
            dense: bytes.iter().map(|&b| levels[usize::from(b)]).collect(),
            cols,
        }
    }

    fn at(&self, row: u32, k: usize) -> f32 {
        self.dense[row as usize * self.cols + k]
    }
}

const EPILOGUES: usize = 4;

fn epilogue(which: usize, bias: &[f32]) -> Epilogue<'_> {
    match which {
        0 => Epilogue::Store,
        1 => Epilogue::Add,
        2 => Epilogue::Bias(bias),
        _ => Epilogue::BiasRelu(bias),
    }
}

/// Holds one element against Σ of the products of the pairs, finished by the epilogue.
fn assert_element(
    got: f32,
    pairs: impl Iterator<Item = (f32, f32)>,
    epilogue: Epilogue<'_>,
    before: f32,
    j: usize,
    context: &str,
) {
    let (mut sum, mut magnitude, mut count) = (0.0, 0.0, 2.0);
    for (a, b) in pairs {
        sum += f64::from(a) * f64::from(b);
        magnitude += (f64::from(a) * f64::from(b)).abs();
        count += 1.0;
    }
    let start = match epilogue {
        Epilogue::Store => 0.0,
        Epilogue::Add => f64::from(before),
        Epilogue::Bias(bias) | Epilogue::BiasRelu(bias) => f64::from(bias[j]),
    };
    let mut expected = start + sum;
    if matches!(epilogue, Epilogue::BiasRelu(_)) {
        expected = expected.max(0.0);
    }
    let bound = EPS * count * (magnitude + start.abs());
    let off = (f64::from(got) - expected).abs();
    assert!(off <= bound, "{context}: {got} for {expected}, column {j}");
}

/// Both products of a batch of this shape with every epilogue.
fn check(kernels: Kernels, numbers: &mut Numbers, [batch, cols, n]: [usize; 3]) {
    let background = (numbers.bits() % 3) as u8;
    let data = Data::new(numbers, 50, cols, background);
    let rows: Vec<u32> = (0..batch).map(|_| numbers.below(50) as u32).collect();
    // Those that come next are some others, fewer or more, and change nothing.
    let next: Vec<u32> = (0..numbers.below(2 * batch + 2))
        .map(|_| numbers.below(50) as u32)
        .collect();
    let gap = numbers.below(3);
    let stride = n + gap;
    let strided = |rows: usize| (rows * stride).saturating_sub(gap);
    let w = Guarded::new(&numbers.many(strided(cols)));
    let dz = Guarded::new(&numbers.many(strided(batch)));
    let bias = Guarded::new(&numbers.many(n));
    let mut columns = BatchColumns::new(cols, batch + numbers.below(40));
    columns.fill(kernels, &data.x, &rows);
    for which in sizes(0..EPILOGUES, [1, 3]) {
        let epilogue = epilogue(which, &bias);
        let context = format!("{kernels:?} {batch}×{cols}×{n} {which}");

        let before = numbers.many(strided(batch));
        let mut c = Guarded::new(&before);
        let w_view = MatRef::with_strides(&w, cols, n, stride, 1);
        let c_view = MatMut::with_strides(&mut c, batch, n, stride, 1);
        kernels.sparse_gemm_prefetching(&data.x, &rows, &next, w_view, c_view, epilogue);
        for (i, got) in c.iter().enumerate() {
            let (i, j) = (i / stride, i % stride);
            if j >= n {
                assert_eq!(*got, before[i * stride + j], "{context}: between the rows");
                continue;
            }
            let pairs = (0..cols).map(|k| (data.at(rows[i], k), w[k * stride + j]));
            assert_element(*got, pairs, epilogue, before[i * stride + j], j, &context);
        }

        let before = numbers.many(strided(cols));
        let mut c = Guarded::new(&before);
        let dz_view = MatRef::with_strides(&dz, batch, n, stride, 1);
        let c_view = MatMut::with_strides(&mut c, cols, n, stride, 1);
        kernels.sparse_tn_gemm(&columns, dz_view, c_view, epilogue);
        for (i, got) in c.iter().enumerate() {
            let (k, j) = (i / stride, i % stride);
            if j >= n {
                assert_eq!(*got, before[i], "{context}: between the rows");
                continue;
            }
            let pairs = (0..batch).map(|i| (data.at(rows[i], k), dz[i * stride + j]));
            assert_element(*got, pairs, epilogue, before[i], j, &context);
        }
    }
}

#[test]
fn sparse_products_are_the_dense_ones_in_every_small_size() {
    let mut numbers = Numbers(1);
    for kernels in all_kernels() {
        for size in sizes(0..=40, [0, 1, 33]) {
            for other in sizes([1, 9, 33], [3]) {
                check(kernels, &mut numbers, [size, other, 9]);
                check(kernels, &mut numbers, [other, size.max(1), 33]);
                check(kernels, &mut numbers, [9, other, size]);
            }
        }
    }
}

#[test]
fn sparse_products_are_the_dense_ones_in_large_sizes() {
    let mut numbers = Numbers(2);
    for kernels in all_kernels() {
        let shapes = [
            [33, 71, 512],
            [32, 784, 128],
            [100, 200, 77],
            [65, 129, 200],
            [33, 64, 64],
            [33, 70, 45],
            [33, 70, 50],
            [7, 65, 63],
            [7, 65, 68],
            [7, 65, 90],
            [7, 65, 100],
            [7, 65, 127],
            [5, 129, 0],
        ];
        // Two lines of rows and two blocks of columns.
        for shape in sizes(shapes, [[33, 65, 1], [5, 129, 0]]) {
            check(kernels, &mut numbers, shape);
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "reads a large archive")]
fn sparse_products_of_digits_are_the_dense_ones() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/mnist/train-images-idx3-ubyte.gz"
    );
    let Ok(file) = std::fs::File::open(path) else {
        eprintln!("no MNIST at {path}: the sparse products were not tried on it");
        return;
    };
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(file), &mut bytes)
        .expect("a readable archive");
    let bytes = &bytes[16..][..640 * 784];
    let levels = std::array::from_fn(|byte| byte as f32 / 255.0);
    let x = SparseRows::from_levels(bytes, 784, &levels);
    assert!((0.15..0.25).contains(&x.density()));
    let mut numbers = Numbers(3);
    let w = numbers.many(784 * 128);
    let dz = numbers.many(32 * 128);
    let at = |row: u32, k: usize| levels[usize::from(bytes[row as usize * 784 + k])];
    for kernels in all_kernels() {
        let rows: Vec<u32> = (0..32).map(|i| i * 19 % 640).collect();
        let mut columns = BatchColumns::new(784, 32);
        columns.fill(kernels, &x, &rows);
        let mut z = vec![f32::NAN; 32 * 128];
        let w_view = MatRef::new(&w, 784, 128);
        kernels.sparse_gemm(
            &x,
            &rows,
            w_view,
            MatMut::new(&mut z, 32, 128),
            Epilogue::Store,
        );
        for (i, got) in z.iter().enumerate() {
            let (i, j) = (i / 128, i % 128);
            let pairs = (0..784).map(|k| (at(rows[i], k), w[k * 128 + j]));
            assert_element(*got, pairs, Epilogue::Store, 0.0, j, "X·W");
        }
        let mut dw = vec![f32::NAN; 784 * 128];
        let dz_view = MatRef::new(&dz, 32, 128);
        kernels.sparse_tn_gemm(
            &columns,
            dz_view,
            MatMut::new(&mut dw, 784, 128),
            Epilogue::Store,
        );
        for (i, got) in dw.iter().enumerate() {
            let (k, j) = (i / 128, i % 128);
            let pairs = (0..32).map(|i| (at(rows[i], k), dz[i * 128 + j]));
            assert_element(*got, pairs, Epilogue::Store, 0.0, j, "Xᵀ·dZ");
        }
    }
}

#[test]
fn store_overwrites_nan() {
    let mut numbers = Numbers(4);
    let data = Data::new(&mut numbers, 50, 70, 0);
    let rows: Vec<u32> = (0..40).collect();
    let mut columns = BatchColumns::new(70, 40);
    let (w, dz) = (numbers.many(70 * 11), numbers.many(40 * 11));
    for kernels in all_kernels() {
        let mut c = vec![f32::NAN; 40 * 11];
        let w = MatRef::new(&w, 70, 11);
        kernels.sparse_gemm(
            &data.x,
            &rows,
            w,
            MatMut::new(&mut c, 40, 11),
            Epilogue::Store,
        );
        assert!(c.iter().all(|c| c.is_finite()), "{kernels:?}");
        let mut c = vec![f32::NAN; 70 * 11];
        let dz = MatRef::new(&dz, 40, 11);
        columns.fill(kernels, &data.x, &rows);
        kernels.sparse_tn_gemm(&columns, dz, MatMut::new(&mut c, 70, 11), Epilogue::Store);
        assert!(c.iter().all(|c| c.is_finite()), "{kernels:?}");
    }
}

#[test]
fn nan_and_infinity_come_through_where_the_factor_is_not_background() {
    let levels = std::array::from_fn(|byte| byte as f32);
    let x = SparseRows::from_levels(&[0, 1, 1, 0], 2, &levels);
    for kernels in all_kernels() {
        let w = [1.0, f32::INFINITY, f32::NAN, 2.0];
        let mut c = [0.0; 4];
        let bias = [0.0; 2];
        kernels.sparse_gemm(
            &x,
            &[0, 1],
            MatRef::new(&w, 2, 2),
            MatMut::new(&mut c, 2, 2),
            Epilogue::BiasRelu(&bias),
        );
        assert!(c[0].is_nan(), "{kernels:?} {c:?}");
        assert_eq!(c[1..], [2.0, 1.0, f32::INFINITY], "{kernels:?}");
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn an_example_has_the_same_bits_in_any_batch(
        seed: u64,
        cols in 1..amount(150, 70_usize),
        n in 1..amount(150, 40_usize),
        batch in 1..amount(70, 7_usize),
    ) {
        let mut numbers = Numbers(seed);
        let data = Data::new(&mut numbers, 50, cols, 3);
        let rows: Vec<u32> = (0..batch).map(|_| numbers.below(50) as u32).collect();
        let w = numbers.many(cols * n);
        let bias = numbers.many(n);
        for kernels in all_kernels() {
            let w = MatRef::new(&w, cols, n);
            let epilogue = Epilogue::BiasRelu(&bias);
            let mut together = vec![0.0; batch * n];
            kernels.sparse_gemm(
                &data.x, &rows, w, MatMut::new(&mut together, batch, n), epilogue,
            );
            for (row, together) in rows.iter().zip(together.chunks(n)) {
                let mut alone = vec![0.0; n];
                let c = MatMut::new(&mut alone, 1, n);
                kernels.sparse_gemm(&data.x, &[*row], w, c, epilogue);
                prop_assert_eq!(bits(together), bits(&alone), "{:?}", kernels);
            }
        }
    }
}

/// X·W of some rows of X, 2×2, with a W of one column.
fn multiply(rows: &[u32], next: &[u32], height: usize) {
    let x = SparseRows::from_levels(&[0; 4], 2, &[0.0; 256]);
    let (w, mut c) = (vec![0.0; height], vec![0.0; rows.len()]);
    let w = MatRef::new(&w, height, 1);
    let c = MatMut::new(&mut c, rows.len(), 1);
    all_kernels()[0].sparse_gemm_prefetching(&x, rows, next, w, c, Epilogue::Store);
}

#[test]
#[should_panic(expected = "X is 1 rows of 2, W a 3×1 matrix")]
fn weights_of_another_height_are_refused() {
    multiply(&[0], &[], 3);
}

#[test]
#[should_panic(expected = "row 2 is outside the 2 rows of X")]
fn a_row_that_is_not_there_is_refused() {
    multiply(&[2], &[], 2);
}

#[test]
#[should_panic(expected = "row 2 is outside the 2 rows of X")]
fn a_row_to_come_that_is_not_there_is_refused() {
    multiply(&[0], &[1, 2], 2);
}

#[test]
#[should_panic(expected = "X is 0 rows of 2, dZ a 1×1 matrix")]
fn a_gradient_of_another_batch_is_refused() {
    let columns = BatchColumns::new(2, 8);
    let dz = MatRef::new(&[0.0], 1, 1);
    let c = &mut [0.0; 2];
    all_kernels()[0].sparse_tn_gemm(&columns, dz, MatMut::new(c, 2, 1), Epilogue::Store);
}
