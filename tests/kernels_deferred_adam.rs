//! Adam as the epilogue of a sparse gradient, at once and deferred, against the gradient in
//! memory and Adam after it: the same to the bit.

#[path = "common/guard.rs"]
mod guard;
#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;
#[path = "common/sizes.rs"]
mod sizes;

use guard::Guarded;
use kernel_inputs::{Numbers, adam_step, all_kernels, bits};
use kernels::{BatchColumns, DeferredAdam, Epilogue, Kernels, MatMut, MatRef, Moments, SparseRows};
use sizes::{amount, sizes};

/// Rows of which column k is set in about one of k + 1, and the last never; `zero` is the level of what
/// is not set.
fn data(numbers: &mut Numbers, rows: usize, cols: usize, zero: f32) -> SparseRows {
    let bytes: Vec<u8> = (0..rows * cols)
        .map(|i| {
            let k = i % cols;
            let set = k + 1 < cols && numbers.below(k * k + 1) == 0;
            if set { 1 + numbers.below(255) as u8 } else { 0 }
        })
        .collect();
    let level = |b| if b == 0 { zero } else { b as f32 / 255.0 };
    SparseRows::from_levels(&bytes, cols, &std::array::from_fn(level))
}

struct Weights {
    w: Guarded,
    m: Guarded,
    v: Guarded,
}

impl Weights {
    fn new(w: &[f32]) -> Self {
        let zeros = vec![0.0; w.len()];
        Self {
            w: Guarded::new(w),
            m: Guarded::new(&zeros),
            v: Guarded::new(&zeros),
        }
    }

    fn moments(&mut self) -> (&mut [f32], Moments<'_>) {
        let moments = Moments {
            m: &mut self.m,
            v: &mut self.v,
        };
        (&mut self.w, moments)
    }

    fn bits(&self) -> [Vec<u32>; 3] {
        [bits(&self.w), bits(&self.m), bits(&self.v)]
    }
}

/// A run of steps in three ways, which must agree whenever all rows are up to date.
fn run(kernels: Kernels, cols: usize, n: usize, batch: usize, steps: i32, up_to_date_every: i32) {
    let mut numbers = Numbers(steps as u64 + n as u64);
    // Without a level of 0 every row has its term in every column.
    let x = data(&mut numbers, 60, cols, if n % 4 == 3 { 0.25 } else { 0.0 });
    // Rows of up to two floats more than the products see.
    let stride = n + n % 3;
    let initial = numbers.many(cols * n);
    let mut in_memory = Weights::new(&initial);
    let mut fused = Weights::new(&initial);
    let mut lagging = Guarded::new(&initial);
    let mut state = DeferredAdam::new(cols, n);
    let mut columns = BatchColumns::new(cols, batch);
    let mut gradient = vec![0.0; cols * n];
    for t in 1..=steps {
        let context = format!("{kernels:?} {cols}×{n}, batch {batch}, step {t}");
        let rows: Vec<u32> = (0..batch).map(|_| numbers.below(60) as u32).collect();
        let dz = Guarded::new(&numbers.many(batch * stride));
        let dz = MatRef::with_strides(&dz, batch, n, stride, 1);
        columns.fill(kernels, &x, &rows);

        if t % 3 > 0 {
            kernels.catch_up(&columns, &mut lagging, &mut state);
            for &row in columns.touched() {
                let row = row as usize * n..(row as usize + 1) * n;
                assert_eq!(
                    bits(&lagging[row.clone()]),
                    bits(&fused.w[row]),
                    "{context}"
                );
            }
        }

        gradient.fill(f32::NAN);
        let c = MatMut::new(&mut gradient, cols, n);
        kernels.sparse_tn_gemm(&columns, dz, c, Epilogue::Store);
        let (w, moments) = in_memory.moments();
        kernels.adam(adam_step(t), w, moments, &gradient);
        let (w, moments) = fused.moments();
        kernels.sparse_tn_adam(&columns, dz, adam_step(t), w, moments);
        kernels.sparse_tn_adam_deferred(&columns, dz, adam_step(t), &mut lagging, &mut state);
        assert_eq!(fused.bits(), in_memory.bits(), "{context}: fused");

        if t % up_to_date_every == 0 || t == steps {
            kernels.flush(&mut lagging, &mut state);
            let (m, v) = state.moments();
            let deferred = [bits(&lagging), bits(m), bits(v)];
            assert_eq!(deferred, fused.bits(), "{context}: deferred");
        }
    }
}

#[test]
fn fused_and_deferred_adam_are_the_gradient_and_adam_to_the_bit() {
    for kernels in all_kernels() {
        for n in sizes(0..=40, [0, 1, 9, 33]) {
            run(kernels, amount(30, 7), n, 5, amount(12, 8), 7);
        }
        let all = [
            (128, 32),
            (77, 33),
            (64, 65),
            (100, 1),
            (105, 65),
            (45, 33),
            (32, 65),
            (211, 100),
            (50, 32),
            (63, 97),
            (67, 161),
            (47, 0),
        ];
        for (n, batch) in sizes(all, [(9, 33)]) {
            run(kernels, 70, n, batch, amount(40, 3), 13);
        }
    }
}

#[test]
fn deferral_outlasts_its_log_of_steps() {
    for kernels in all_kernels() {
        let (cols, n, steps) = amount((40, 11, 2600), (4, 3, 20));
        run(kernels, cols, n, 2, steps, i32::MAX);
    }
}

#[test]
fn a_reset_state_is_a_new_one() {
    let mut numbers = Numbers(9);
    let x = data(&mut numbers, 20, 12, 0.0);
    let mut columns = BatchColumns::new(12, 4);
    let dz = numbers.many(4 * 5);
    let dz = MatRef::new(&dz, 4, 5);
    let initial = numbers.many(12 * 5);
    for kernels in all_kernels() {
        columns.fill(kernels, &x, &[3, 1, 4, 1]);
        let mut state = DeferredAdam::new(12, 5);
        let mut results = Vec::new();
        for _ in 0..2 {
            state.reset();
            let mut w = initial.clone();
            for t in 1..5 {
                kernels.sparse_tn_adam_deferred(&columns, dz, adam_step(t), &mut w, &mut state);
            }
            kernels.flush(&mut w, &mut state);
            results.push(bits(&w));
            // Its rows have taken steps that a reset state has not.
            kernels.sparse_tn_adam_deferred(&columns, dz, adam_step(5), &mut w, &mut state);
        }
        assert_eq!(results[0], results[1], "{kernels:?}");
        state.reset();
        let mut w = initial.clone();
        kernels.catch_up(&columns, &mut w, &mut state);
        assert_eq!(bits(&w), bits(&initial), "{kernels:?}");
    }
}

#[test]
fn moments_begin_a_quarter_and_a_half_of_a_page_in() {
    let state = DeferredAdam::new(40, 30);
    let (m, v) = state.moments();
    let places = [m, v].map(|moments| moments.as_ptr().addr() % 4096);
    assert!(cfg!(miri) || places == [1024, 2048], "{places:?}");
}

#[test]
#[should_panic(expected = "11 weights do not fit the moments of a 2×3 matrix")]
fn weights_of_another_size_are_refused() {
    all_kernels()[0].flush(&mut [0.0; 11], &mut DeferredAdam::new(2, 3));
}

#[test]
#[should_panic(expected = "does not fit 6 weights: X is 0 rows of 3, dZ a 0×3 matrix")]
fn a_gradient_of_another_shape_is_refused() {
    let columns = BatchColumns::new(3, 8);
    let dz = MatRef::new(&[], 0, 3);
    let mut state = DeferredAdam::new(3, 2);
    let step = adam_step(1);
    all_kernels()[0].sparse_tn_adam_deferred(&columns, dz, step, &mut [0.0; 6], &mut state);
}
