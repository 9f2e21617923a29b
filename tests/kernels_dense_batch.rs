//! The dense products of a batch's touched columns, against the dense product of copies of what they
//! read, which other tests hold against an oracle: the same to the bit.

#[path = "common/guard.rs"]
mod guard;
#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;
#[path = "common/sizes.rs"]
mod sizes;

use guard::Guarded;
use kernel_inputs::{Numbers, adam_step, all_kernels, bits};
use kernels::{DeferredAdam, DenseBatch, Epilogue, Kernels, MatMut, MatRef, Moments, SparseRows};
use sizes::{amount, sizes};

/// Examples of a data set.
const ROWS: usize = 40;

/// What a byte stands for: itself over 255, as images have it, or anything.
#[derive(Clone, Copy, Debug)]
enum Levels {
    Over255,
    Any,
    /// Without a level of 0, so that every column is touched.
    NoZero,
}

/// Bytes, of which half the columns hold nothing but in one row of eight; and what they stand for.
fn data(numbers: &mut Numbers, cols: usize, levels: Levels) -> (SparseRows, Vec<f32>) {
    let mut values: [f32; 256] = match levels {
        Levels::Over255 => std::array::from_fn(|byte| (byte as f64 / 255.0) as f32),
        Levels::Any | Levels::NoZero => std::array::from_fn(|_| numbers.unit()),
    };
    values[0] = if matches!(levels, Levels::NoZero) {
        0.25
    } else {
        0.0
    };
    let blank: Vec<bool> = (0..cols).map(|_| numbers.below(2) == 0).collect();
    let mut bytes = Vec::with_capacity(ROWS * cols);
    for _ in 0..ROWS {
        let odd = numbers.below(8) == 0;
        bytes.extend(blank.iter().map(|&blank| match numbers.below(3) {
            0 if odd || !blank => numbers.bits() as u8,
            1 if !blank => numbers.bits() as u8,
            _ => 0,
        }));
    }
    let dense = bytes
        .iter()
        .map(|&byte| values[usize::from(byte)])
        .collect();
    (SparseRows::from_levels(&bytes, cols, &values), dense)
}

/// The batch's columns `picked`, batch×picked.
fn pick(dense: &[f32], cols: usize, rows: &[u32], picked: &[u32]) -> Vec<f32> {
    let row = |&row: &u32| &dense[row as usize * cols..][..cols];
    let rows = rows.iter().map(row);
    rows.flat_map(|row| picked.iter().map(|&j| row[j as usize]))
        .collect()
}

/// X·W with every epilogue.
fn products(kernels: Kernels, numbers: &mut Numbers, [batch, cols, n]: [usize; 3], levels: Levels) {
    let (x, dense) = data(numbers, cols, levels);
    let capacity = batch + numbers.below(40);
    let mut input = DenseBatch::new(cols, capacity);
    // What the batches before left is not to be seen: more rows, and other levels, 255ths among them.
    let full: Vec<u32> = (0..capacity as u32).map(|i| i % ROWS as u32).collect();
    let over_255 = std::array::from_fn(|byte| (byte as f64 / 255.0) as f32);
    for levels in [over_255, [1.5; 256]] {
        let other = SparseRows::from_levels(&vec![9; ROWS * cols], cols, &levels);
        input.fill(kernels, &other, &full);
    }
    let rows: Vec<u32> = (0..batch).map(|_| numbers.below(ROWS) as u32).collect();
    input.fill(kernels, &x, &rows);
    let touched = input.columns().touched();
    if cols > 1000 {
        // Else these would not reach what they are for.
        let ends = if matches!(levels, Levels::NoZero) {
            cols
        } else {
            cols - 1
        };
        assert!((500..=ends).contains(&touched.len()), "{}", touched.len());
    }
    let is_touched = |k: usize| touched.contains(&(k as u32));
    let stride = n + numbers.below(3);
    let strided = |rows: usize| (rows * stride).saturating_sub(stride - n);
    let mut w = numbers.many(strided(cols));
    for (i, w) in w.iter_mut().enumerate() {
        if !is_touched(i / stride) {
            *w = f32::NAN;
        }
    }
    let w = Guarded::new(&w);
    let w = MatRef::with_strides(&w, cols, n, stride, 1);
    let values = pick(&dense, cols, &rows, touched);
    let picked: Vec<f32> = touched
        .iter()
        .flat_map(|&k| w.row(k as usize).to_vec())
        .collect();
    let bias = numbers.many(n);
    for epilogue in [
        Epilogue::Store,
        Epilogue::Add,
        Epilogue::Bias(&bias),
        Epilogue::BiasRelu(&bias),
    ] {
        let before = numbers.many(strided(batch));
        let mut c = Guarded::new(&before);
        let view = MatMut::with_strides(&mut c, batch, n, stride, 1);
        kernels.dense_gemm(&input, w, view, epilogue);

        let mut expected = before;
        let view = MatMut::with_strides(&mut expected, batch, n, stride, 1);
        let left = MatRef::new(&values, batch, touched.len());
        let right = MatRef::new(&picked, touched.len(), n);
        kernels.gemm(left, right, view, epilogue);
        let context = format!("{kernels:?} {batch}×{cols}×{n} {levels:?} {epilogue:?}");
        assert_eq!(bits(&c), bits(&expected), "{context}");
    }
}

#[test]
fn products_are_those_of_the_touched_columns_to_the_bit() {
    let mut numbers = Numbers(1);
    for kernels in all_kernels() {
        for size in sizes(0..=40, [0, 1, 33]) {
            products(kernels, &mut numbers, [size, 9, 9], Levels::Any);
            products(kernels, &mut numbers, [5, 1 + size, 33], Levels::Over255);
            products(kernels, &mut numbers, [33, 21, size], Levels::NoZero);
        }
        let all = [
            [32, 784, 128],
            [33, 300, 10],
            [100, 200, 77],
            [7, 130, 1100],
            [1, 129, 200],
            // The first tile picks 23 columns with AVX2.
            [32, 300, 47],
            // More terms than a block holds; both factors packed in blocks; blocks of rows, of AVX-512
            // and of AVX2.
            [20, 2500, 17],
            [257, 1100, 1043],
            [300, 600, 40],
            [2100, 700, 17],
        ];
        for shape in sizes(all, [[33, 65, 17]]) {
            for levels in sizes([Levels::Over255, Levels::NoZero], [Levels::Over255]) {
                products(kernels, &mut numbers, shape, levels);
            }
        }
    }
}

/// Steps of the touched rows, against steps of all rows by the product of whole images.
fn steps(kernels: Kernels, [batch, cols, n]: [usize; 3], levels: Levels, steps: i32) {
    let mut numbers = Numbers((cols + n) as u64);
    let (x, dense) = data(&mut numbers, cols, levels);
    let initial = numbers.many(cols * n);
    let mut lagging = Guarded::new(&initial);
    let mut state = DeferredAdam::new(cols, n);
    let mut eager = initial;
    let (mut m, mut v) = (vec![0.0; cols * n], vec![0.0; cols * n]);
    let mut input = DenseBatch::new(cols, batch);
    let all: Vec<u32> = (0..cols as u32).collect();
    for t in 1..=steps {
        let context = format!("{kernels:?} {batch}×{cols}×{n} {levels:?}, step {t}");
        let rows: Vec<u32> = (0..batch).map(|_| numbers.below(ROWS) as u32).collect();
        let dz = Guarded::new(&numbers.many(batch * n));
        let dz = MatRef::new(&dz, batch, n);
        input.fill(kernels, &x, &rows);
        kernels.catch_up(input.columns(), &mut lagging, &mut state);
        for &row in input.columns().touched() {
            let row = row as usize * n..(row as usize + 1) * n;
            assert_eq!(bits(&lagging[row.clone()]), bits(&eager[row]), "{context}");
        }

        let values = pick(&dense, cols, &rows, &all);
        let moments = Moments {
            m: &mut m,
            v: &mut v,
        };
        let whole = MatRef::new(&values, batch, cols).t();
        kernels.gemm_adam(whole, dz, adam_step(t), &mut eager, moments);
        kernels.dense_tn_adam_deferred(&input, dz, adam_step(t), &mut lagging, &mut state);
        if t % 5 == 0 || t == steps {
            kernels.flush(&mut lagging, &mut state);
            let (mean, square) = state.moments();
            assert_eq!(bits(&lagging), bits(&eager), "w, {context}");
            assert_eq!(bits(mean), bits(&m), "m, {context}");
            assert_eq!(bits(square), bits(&v), "v, {context}");
        }
    }
}

#[test]
fn deferred_steps_are_eager_ones_by_the_whole_product_to_the_bit() {
    for kernels in all_kernels() {
        for n in sizes(0..=40, [0, 1, 9]) {
            steps(kernels, [5, 23, n], Levels::Any, amount(12, 3));
        }
        let all = [
            // Several blocks of rows.
            [32, 784, 128],
            [3, 300, 10],
            [65, 70, 33],
            [1, 90, 300],
        ];
        for shape in sizes(all, [[33, 9, 3]]) {
            for levels in sizes([Levels::Over255, Levels::NoZero], [Levels::Over255]) {
                steps(kernels, shape, levels, amount(20, 2));
            }
        }
    }
}

#[test]
#[should_panic(expected = "X is 0 rows of 3, W a 2×1 matrix")]
fn weights_of_another_height_are_refused() {
    let w = MatRef::new(&[0.0; 2], 2, 1);
    let c = MatMut::new(&mut [], 0, 1);
    all_kernels()[0].dense_gemm(&DenseBatch::new(3, 8), w, c, Epilogue::Store);
}

#[test]
#[should_panic(expected = "are not contiguous")]
fn weights_by_columns_are_refused() {
    let w = MatRef::new(&[0.0; 6], 2, 3).t();
    let c = MatMut::new(&mut [], 0, 2);
    all_kernels()[0].dense_gemm(&DenseBatch::new(3, 8), w, c, Epilogue::Store);
}

#[test]
#[should_panic(expected = "does not fit 6 weights: X is 0 rows of 3, dZ a 0×1 matrix")]
fn a_gradient_of_another_width_is_refused() {
    let mut state = DeferredAdam::new(3, 2);
    let dz = MatRef::new(&[], 0, 1);
    let input = DenseBatch::new(3, 8);
    let step = adam_step(1);
    all_kernels()[0].dense_tn_adam_deferred(&input, dz, step, &mut [0.0; 6], &mut state);
}
