//! The products that share the dense product's code: with a factor packed before, with Adam as the
//! epilogue, by a single column, which is done as a row, and of some of the rows alone. What the
//! first two read and write ends at a page that cannot be touched.

#[path = "common/gemm_oracle.rs"]
mod gemm_oracle;
#[path = "common/guard.rs"]
mod guard;
#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;
#[path = "common/sizes.rs"]
mod sizes;
#[path = "common/tensor.rs"]
mod tensor;

use gemm_oracle::{LAYOUTS, Layout, Matrix, difference, sums};
use guard::Guarded;
use kernel_inputs::{Numbers, adam_step, all_kernels, bits};
use kernels::{Epilogue, Isa, MatMut, MatRef, Moments, PackedB};
use sizes::{amount, sizes};
use tensor::Tensor;

const ROWS: Layout = Layout::Rows { gap: 0 };

#[test]
fn a_packed_factor_gives_what_the_oracle_says_in_every_layout() {
    let mut numbers = Numbers(5);
    let small = [[1, 1, 1], [0, 4, 3], [5, 0, 3], [4, 7, 0]];
    let large = [[32, 10, 128], [70, 33, 300], [40, 100, 1100]];
    for [m, n, k] in small.into_iter().chain(sizes(large, [[3, 17, 4]])) {
        for la in sizes(LAYOUTS, [Layout::Spread]) {
            let a = Matrix::new(m, k, la, || numbers.unit());
            let b = Matrix::new(k, n, Layout::Columns { gap: 2 }, || numbers.unit());
            let bias = Guarded::new(&numbers.many(n));
            let packed = PackedB::new(b.view_of(&Guarded::new(&b.data)));
            let sums = sums(a.view(), b.view());
            let a_data = Guarded::new(&a.data);
            for lc in sizes(LAYOUTS, [ROWS, Layout::Columns { gap: 5 }]) {
                let before = Matrix::new(m, n, lc, || numbers.unit());
                for epilogue in [
                    Epilogue::Store,
                    Epilogue::Add,
                    Epilogue::Bias(&bias),
                    Epilogue::BiasRelu(&bias),
                ] {
                    for kernels in all_kernels() {
                        let mut c = Guarded::new(&before.data);
                        let view = before.view_mut_of(&mut c);
                        kernels.gemm_packed(a.view_of(&a_data), &packed, view, epilogue);
                        for i in 0..m {
                            for j in 0..n {
                                let old = before.view().at(i, j);
                                let expected = sums[i * n + j].exact(old, epilogue, j);
                                let problem = difference(before.view_of(&c).at(i, j), expected);
                                assert_eq!(problem, None, "{kernels:?} {m}×{n}×{k} ({i}, {j})");
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn adam_as_the_epilogue_is_the_product_and_then_adam_to_the_bit() {
    let mut numbers = Numbers(6);
    for kernels in all_kernels() {
        let small = [[1, 1, 1], [1, 40, 9], [0, 3, 2], [2, 3, 0]];
        let large = [
            [784, 128, 0],
            [128, 10, 32],
            [784, 128, 32],
            [307, 10, 5],
            [25, 128, 32],
            [13, 300, 7],
            [3, 4000, 2],
            [61, 17, 1500],
        ];
        // The least that is done in two blocks of rows.
        for [m, n, k] in small.into_iter().chain(sizes(large, [[97, 128, 1]])) {
            for la in sizes(LAYOUTS, [Layout::Columns { gap: 5 }]) {
                let column = Layout::Columns { gap: 1 };
                for lb in sizes([ROWS, column], [column]) {
                    let a = Matrix::new(m, k, la, || numbers.unit());
                    let b = Matrix::new(k, n, lb, || numbers.unit());
                    let mut apart = Tensor::new(&mut numbers, m * n);
                    let mut fused = apart.copy();
                    let mut gradient = vec![f32::NAN; m * n];
                    let c = MatMut::new(&mut gradient, m, n);
                    kernels.gemm(a.view(), b.view(), c, Epilogue::Store);
                    apart.adam(kernels, adam_step(100), &gradient);

                    let (a_data, b_data) = (Guarded::new(&a.data), Guarded::new(&b.data));
                    let moments = Moments {
                        m: &mut fused.m,
                        v: &mut fused.v,
                    };
                    kernels.gemm_adam(
                        a.view_of(&a_data),
                        b.view_of(&b_data),
                        adam_step(100),
                        &mut fused.w,
                        moments,
                    );
                    let case = format!("{kernels:?} {m}×{n}×{k} {la:?} {lb:?}");
                    assert_eq!(bits(&apart.w), bits(&fused.w), "w of {case}");
                    assert_eq!(bits(&apart.m), bits(&fused.m), "m of {case}");
                    assert_eq!(bits(&apart.v), bits(&fused.v), "v of {case}");
                }
            }
        }
    }
}

#[test]
fn a_single_column_has_the_same_bits_as_among_others() {
    let mut numbers = Numbers(13);
    let shapes = [[40, 20, 300], [1100, 17, 1100], [3, 2, 40], [50, 40, 10]];
    for kernels in all_kernels() {
        for [m, n, k] in sizes(shapes, [[40, 20, 300]]) {
            // A B of so few values the portable kernels sum otherwise.
            if kernels.isa() == Isa::Portable && k <= 32 {
                continue;
            }
            for la in sizes(LAYOUTS, [Layout::Columns { gap: 0 }]) {
                for lb in sizes([ROWS, Layout::Columns { gap: 1 }, Layout::Spread], [ROWS]) {
                    let a = Matrix::new(m, k, la, || numbers.unit());
                    let b = Matrix::new(k, n, lb, || numbers.unit());
                    let before = numbers.many(m);
                    let bias = numbers.many(n);
                    let product = |cols: usize, epilogue| {
                        let b = MatRef::with_strides(&b.data, k, cols, b.row_stride, b.col_stride);
                        let mut c: Vec<f32> = before.iter().flat_map(|&x| vec![x; cols]).collect();
                        kernels.gemm(a.view(), b, MatMut::new(&mut c, m, cols), epilogue);
                        c.into_iter().step_by(cols).collect::<Vec<f32>>()
                    };
                    for (epilogue, alone) in [
                        (Epilogue::Store, Epilogue::Store),
                        (Epilogue::Add, Epilogue::Add),
                        (Epilogue::Bias(&bias), Epilogue::Bias(&bias[..1])),
                    ] {
                        assert_eq!(
                            bits(&product(1, alone)),
                            bits(&product(n, epilogue)),
                            "{kernels:?} {m}×{n}×{k} {la:?} {lb:?} {alone:?}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_row_has_the_same_bits_however_many_rows_there_are() {
    let mut numbers = Numbers(4);
    for kernels in all_kernels() {
        let all = [
            (10, 128, ROWS, ROWS),
            (10, 32, Layout::Columns { gap: 0 }, ROWS),
            (128, 32, Layout::Columns { gap: 0 }, ROWS),
            (128, 784, ROWS, ROWS),
            (40, 1500, Layout::Spread, Layout::Columns { gap: 0 }),
            // So few terms that some of the parts keep B in registers and the whole does not.
            (128, 10, ROWS, Layout::Columns { gap: 0 }),
            (37, 12, ROWS, ROWS),
            // A single row takes six rows of B, two, two and one.
            (37, 11, ROWS, ROWS),
        ];
        let few = [
            (5, 9, Layout::Columns { gap: 0 }, ROWS),
            (2, 40, Layout::Spread, Layout::Columns { gap: 0 }),
        ];
        for (n, k, la, lb) in sizes(all, few) {
            let m = amount(if k <= 12 { 500 } else { 70 }, 17);
            let a = Matrix::new(m, k, la, || numbers.unit());
            let b = Matrix::new(k, n, lb, || numbers.unit());
            let mut whole = vec![0.0; m * n];
            kernels.gemm(
                a.view(),
                b.view(),
                MatMut::new(&mut whole, m, n),
                Epilogue::Store,
            );
            for rows in sizes([1, 2, 6, 11, 33], [1, 6, 11]) {
                let part = MatRef::with_strides(&a.data, rows, k, a.row_stride, a.col_stride);
                let mut c = vec![0.0; rows * n];
                kernels.gemm(
                    part,
                    b.view(),
                    MatMut::new(&mut c, rows, n),
                    Epilogue::Store,
                );
                assert_eq!(
                    bits(&c),
                    bits(&whole[..rows * n]),
                    "{kernels:?} {rows}×{n}×{k}"
                );
            }
        }
    }
}
