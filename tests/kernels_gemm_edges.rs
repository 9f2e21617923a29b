//! What a dense product must hold to besides being right: its bounds, its bits, any strides, and what
//! becomes of NaN and infinity.

#[path = "common/gemm_oracle.rs"]
mod gemm_oracle;
#[path = "common/guard.rs"]
mod guard;
#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;
#[path = "common/sizes.rs"]
mod sizes;

use gemm_oracle::{LAYOUTS, Layout, Matrix, difference, sums};
use guard::Guarded;
use kernel_inputs::{Numbers, adam_step, all_kernels, bits};
use kernels::{Epilogue, Isa, Kernels, MatMut, MatRef, Moments, PackedB};
use proptest::prelude::*;
use sizes::{amount, cases, sizes};

const ROWS: Layout = Layout::Rows { gap: 0 };

/// The bits of A·B, all three operands and the bias ending at a page that cannot be touched.
fn guarded_product(kernels: Kernels, a: &Matrix, b: &Matrix, c: &Matrix, bias: &[f32]) -> Vec<u32> {
    let (a_data, b_data) = (Guarded::new(&a.data), Guarded::new(&b.data));
    let bias = Guarded::new(bias);
    let mut c_data = Guarded::new(&c.data);
    for epilogue in [
        Epilogue::Store,
        Epilogue::Bias(&bias),
        Epilogue::BiasRelu(&bias),
        Epilogue::Add,
    ] {
        let c = c.view_mut_of(&mut c_data);
        kernels.gemm(a.view_of(&a_data), b.view_of(&b_data), c, epilogue);
    }
    bits(&c_data)
}

#[test]
fn operands_that_end_at_an_unreadable_page_are_not_read_past_it() {
    let mut numbers = Numbers(1);
    for kernels in all_kernels() {
        for m in sizes([1, 2, 5, 6, 7, 12, 13, 32], [1, 9]) {
            for n in sizes((1..=34).chain([44, 47, 55]), [1, 5]) {
                for k in sizes([1, 3, 4, 8, 9, 12, 33], [1, 9]) {
                    let [la, lb, lc] =
                        std::array::from_fn(|_| LAYOUTS[numbers.below(LAYOUTS.len())]);
                    let a = Matrix::new(m, k, la, || numbers.unit());
                    let b = Matrix::new(k, n, lb, || numbers.unit());
                    let c = Matrix::new(m, n, lc, || numbers.unit());
                    let bias = numbers.many(n);
                    guarded_product(kernels, &a, &b, &c, &bias);
                }
            }
        }
    }
}

/// Products of few columns, and of few terms by columns of B, whose loads go past a row's or a column's end where there
/// is something.
#[test]
fn nor_are_those_of_few_columns_or_terms() {
    let mut numbers = Numbers(3);
    let mut check = |[m, n, k]: [usize; 3], [la, lb, lc]: [Layout; 3]| {
        let a = Matrix::new(m, k, la, || numbers.unit());
        let b = Matrix::new(k, n, lb, || numbers.unit());
        let c = Matrix::new(m, n, lc, || numbers.unit());
        let bias = numbers.many(n);
        for kernels in all_kernels() {
            guarded_product(kernels, &a, &b, &c, &bias);
        }
    };
    let columns = Layout::Columns { gap: 0 };
    for m in sizes([12, 16, 24, 32, 45, 48], [3]) {
        for n in sizes(1..=12, [2]) {
            for k in sizes([1, 5, 17, 18, 19, 20], [17]) {
                for la in [
                    ROWS,
                    Layout::Rows { gap: 3 },
                    columns,
                    Layout::Columns { gap: 2 },
                ] {
                    check([m, n, k], [la, ROWS, ROWS]);
                    check(
                        [m, n, k],
                        [la, Layout::Rows { gap: 3 }, Layout::Rows { gap: 1 }],
                    );
                }
            }
        }
    }
    for n in sizes([8, 16, 32, 37], [8]) {
        for k in sizes(1..=16, [3]) {
            check([5, n, k], [ROWS, columns, ROWS]);
        }
    }
}

#[test]
fn larger_operands_are_not_read_past_their_page_either() {
    let mut numbers = Numbers(2);
    for kernels in all_kernels() {
        // In the last, the first tile packs 23 columns.
        let all = [
            [70, 50, 300],
            [200, 67, 290],
            [100, 9, 1100],
            [32, 47, 1400],
        ];
        for shape in sizes(all, [[65, 5, 7], [1, 1, 257]]) {
            for la in sizes(LAYOUTS, [ROWS, Layout::Spread]) {
                for lb in sizes(LAYOUTS, [Layout::Columns { gap: 5 }]) {
                    let a = Matrix::new(shape[0], shape[2], la, || numbers.unit());
                    let b = Matrix::new(shape[2], shape[1], lb, || numbers.unit());
                    let c = Matrix::new(shape[0], shape[1], ROWS, || numbers.unit());
                    let bias = numbers.many(shape[1]);
                    guarded_product(kernels, &a, &b, &c, &bias);
                }
            }
        }
    }
}

#[test]
fn a_product_has_the_same_bits_each_time_wherever_its_operands_lie() {
    let mut numbers = Numbers(3);
    for kernels in all_kernels() {
        let all = [[32, 10, 128], [33, 50, 70], [97, 101, 303]];
        for [m, n, k] in sizes(all, [[9, 5, 7]]) {
            let a = Matrix::new(m, k, ROWS, || numbers.unit());
            let b = Matrix::new(k, n, ROWS, || numbers.unit());
            let mut first = vec![0.0; m * n];
            kernels.gemm(
                a.view(),
                b.view(),
                MatMut::new(&mut first, m, n),
                Epilogue::Store,
            );
            for offset in sizes(0..17, [0, 1, 3, 16]) {
                let shifted = |x: &[f32]| [&vec![0.0; offset], x].concat();
                let (a_data, b_data) = (shifted(&a.data), shifted(&b.data));
                let mut c = vec![f32::NAN; offset + m * n];
                kernels.gemm(
                    MatRef::new(&a_data[offset..], m, k),
                    MatRef::new(&b_data[offset..], k, n),
                    MatMut::new(&mut c[offset..], m, n),
                    Epilogue::Store,
                );
                assert_eq!(
                    bits(&first),
                    bits(&c[offset..]),
                    "{kernels:?} {m}×{n}×{k} at {offset}"
                );
            }
        }
    }
}

#[test]
fn nan_and_infinity_come_through_where_arithmetic_says_and_nowhere_else() {
    let mut numbers = Numbers(7);
    for kernels in all_kernels() {
        let all = [
            [6, 16, 8],
            [7, 10, 33],
            [32, 10, 128],
            [20, 37, 50],
            [80, 40, 300],
        ];
        for [m, n, k] in sizes(all, [[6, 9, 5]]) {
            for special in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let mut a = Matrix::new(m, k, ROWS, || numbers.unit());
                let mut b = Matrix::new(k, n, ROWS, || numbers.unit());
                let (i, j, p) = (numbers.below(m), numbers.below(n), numbers.below(k));
                a.data[i * k + p] = special;
                b.data[numbers.below(k) * n + j] = special;
                let sums = sums(a.view(), b.view());
                let bias = numbers.many(n);
                for (epilogue, old) in [
                    (Epilogue::Store, f32::NAN),
                    (Epilogue::Add, 0.25),
                    (Epilogue::Bias(&bias), f32::NAN),
                    (Epilogue::BiasRelu(&bias), f32::NAN),
                ] {
                    let mut c = Matrix::new(m, n, ROWS, || old);
                    kernels.gemm(a.view(), b.view(), c.view_mut(), epilogue);
                    for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))) {
                        let expected = sums[i * n + j].exact(old, epilogue, j);
                        let problem = difference(c.view().at(i, j), expected);
                        assert_eq!(
                            problem, None,
                            "{kernels:?} {m}×{n}×{k} {special} {epilogue:?} ({i}, {j})"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_repeated_row_is_a_view_with_stride_0() {
    let (row, b) = ([1.0, 2.0, 3.0], [1.0; 3 * 20]);
    for kernels in all_kernels() {
        let mut c = [0.0; 9 * 20];
        let a = MatRef::with_strides(&row, 9, 3, 0, 1);
        kernels.gemm(
            a,
            MatRef::new(&b, 3, 20),
            MatMut::new(&mut c, 9, 20),
            Epilogue::Store,
        );
        assert_eq!(c, [6.0; 9 * 20], "{kernels:?}");
    }
}

/// Rows of few columns' A that are one, or one float apart, or whose terms are one.
#[test]
fn repeated_and_overlapping_rows_are_views_too() {
    for kernels in all_kernels() {
        for (m, strides) in [16, 32]
            .into_iter()
            .flat_map(|m| [[0, 1], [1, 1], [1, 0]].map(|s| (m, s)))
        {
            let (n, k) = (5, 19);
            let len = (m - 1) * strides[0] + (k - 1) * strides[1] + 1;
            let numbers: Vec<f32> = (0..len).map(|i| (i % 7) as f32).collect();
            let data = Guarded::new(&numbers);
            let a = MatRef::with_strides(&data, m, k, strides[0], strides[1]);
            let mut c = vec![0.0; m * n];
            let (b, to) = ([1.0; 19 * 5], MatMut::new(&mut c, m, n));
            kernels.gemm(a, MatRef::new(&b, k, n), to, Epilogue::Store);
            let row = |i: usize| (0..k).map(|p| a.at(i, p)).sum::<f32>();
            let expected: Vec<f32> = (0..m * n).map(|at| row(at / n)).collect();
            assert_eq!(c, expected, "{m} rows, strides {strides:?}, {kernels:?}");
        }
    }
}

/// Rows of B that are one, or begin one or two floats after each other; its last float is the last before an
/// unreadable page.
#[test]
fn so_is_a_row_of_b() {
    for kernels in all_kernels() {
        for (n, stride) in (1..=34).flat_map(|n| [0, 1, 2].map(|stride| (n, stride))) {
            let numbers: Vec<f32> = (0..19 * stride + n).map(|i| (i % 7) as f32).collect();
            let data = Guarded::new(&numbers);
            for m in [9, 16] {
                let mut c = vec![0.0; m * n];
                kernels.gemm(
                    MatRef::new(&[1.0; 16 * 20][..m * 20], m, 20),
                    MatRef::with_strides(&data, 20, n, stride, 1),
                    MatMut::new(&mut c, m, n),
                    Epilogue::Store,
                );
                let column = |j: usize| (0..20).map(|k| numbers[k * stride + j]).sum::<f32>();
                let expected: Vec<f32> = (0..m * n).map(|i| column(i % n)).collect();
                assert_eq!(
                    c, expected,
                    "{m} rows, {n} columns, {stride} apart, {kernels:?}"
                );
            }
        }
    }
}

/// Where an axis has one element, or the view none at all, any stride is allowed.
#[test]
fn strides_that_lead_nowhere_do_no_harm() {
    const FAR: usize = 1 << (usize::BITS - 1);
    let lengths = [0, 1, 3, 20, 32];
    let shapes = lengths.map(|m| lengths.map(|n| lengths.map(|k| [m, n, k])));
    for [m, n, k] in shapes.concat().concat() {
        let numbers: Vec<f32> = (0..1024).map(|i| (i % 5) as f32).collect();
        let strides = |rows, cols| match (rows, cols) {
            (0, _) | (_, 0) | (1, 1) => (FAR, FAR + 1),
            (1, _) => (FAR, 1),
            (_, 1) => (1, FAR),
            _ => (cols, 1),
        };
        let view = |rows, cols| {
            let (row_stride, col_stride) = strides(rows, cols);
            MatRef::with_strides(&numbers[..rows * cols], rows, cols, row_stride, col_stride)
        };
        let (a, b) = (view(m, k), view(k, n));
        let sum = |i, j| (0..k).map(|p| a.at(i, p) * b.at(p, j)).sum::<f32>();
        let elements = (0..m).flat_map(|i| (0..n).map(move |j| (i, j)));
        let expected: Vec<f32> = elements.map(|(i, j)| sum(i, j)).collect();
        let (row_stride, col_stride) = strides(m, n);
        for kernels in all_kernels() {
            let mut c = vec![f32::NAN; m * n];
            let view = MatMut::with_strides(&mut c, m, n, row_stride, col_stride);
            kernels.gemm(a, b, view, Epilogue::Store);
            assert_eq!(c, expected, "{kernels:?} {m}×{n}×{k}");
            let mut c = vec![f32::NAN; m * n];
            let view = MatMut::with_strides(&mut c, m, n, row_stride, col_stride);
            kernels.gemm_packed(a, &PackedB::new(b), view, Epilogue::Store);
            assert_eq!(c, expected, "{kernels:?} {m}×{n}×{k}, packed");

            let adam = |step: &dyn Fn(&mut [f32], Moments<'_>)| {
                let [mut w, mut m, mut v] = [(); 3].map(|()| vec![0.0; expected.len()]);
                step(
                    &mut w,
                    Moments {
                        m: &mut m,
                        v: &mut v,
                    },
                );
                bits(&w)
            };
            let fused = adam(&|w, moments| kernels.gemm_adam(a, b, adam_step(1), w, moments));
            let after = adam(&|w, moments| kernels.adam(adam_step(1), w, moments, &expected));
            assert_eq!(fused, after, "{kernels:?} {m}×{n}×{k}, with Adam");
        }
    }
}

#[test]
fn no_rows_by_a_matrix_without_end_are_nothing() {
    const ENDLESS: usize = 1 << (usize::BITS / 2);
    let b = MatRef::with_strides(&[1.0], ENDLESS, ENDLESS, 0, 0);
    for kernels in all_kernels() {
        let a = MatRef::with_strides(&[], 0, ENDLESS, 1, 1);
        let c = MatMut::with_strides(&mut [], 0, ENDLESS, 1, 1);
        kernels.gemm(a, b, c, Epilogue::Store);
    }
}

/// A layout with any gap, of all kinds.
fn layouts() -> impl Strategy<Value = Layout> {
    prop_oneof![
        (0..20_usize).prop_map(|gap| Layout::Rows { gap }),
        (0..20_usize).prop_map(|gap| Layout::Columns { gap }),
        Just(Layout::Spread),
    ]
}

proptest! {
    #![proptest_config(cases(200))]

    /// (Aᵀ)·(Bᵀ) is (B·A)ᵀ, and both are what the oracle says.
    #[test]
    fn a_transposed_product_is_the_product_transposed(
        (m, n, k) in amount(
            (0..70_usize, 0..70_usize, 0..90_usize),
            (0..10, 0..10, 0..10),
        ),
        (la, lb, lc) in (layouts(), layouts(), layouts()),
        seed: u64,
    ) {
        let mut numbers = Numbers(seed);
        let a = Matrix::new(m, k, la, || numbers.unit());
        let b = Matrix::new(k, n, lb, || numbers.unit());
        let sums = sums(a.view(), b.view());
        for kernels in all_kernels() {
            let mut c = Matrix::new(m, n, lc, || f32::NAN);
            kernels.gemm(a.view(), b.view(), c.view_mut(), Epilogue::Store);
            let mut ct = Matrix::new(n, m, lc, || f32::NAN);
            kernels.gemm(b.view().t(), a.view().t(), ct.view_mut(), Epilogue::Store);
            for i in 0..m {
                for j in 0..n {
                    let expected = sums[i * n + j].exact(0.0, Epilogue::Store, j);
                    prop_assert_eq!(difference(c.view().at(i, j), expected), None);
                    prop_assert_eq!(difference(ct.view().at(j, i), expected), None);
                }
            }
        }
    }
}

#[test]
fn the_portable_product_is_fused_where_its_numerics_say_so() {
    let kernels = Kernels::get(Isa::Portable).unwrap();
    // 1 + 2⁻¹² squared is 1 + 2⁻¹¹ + 2⁻²⁴, whose last term is lost where the product is rounded
    // before −1 is added.
    let x = 1.0 + f32::powi(2.0, -12);
    let columns = 40;
    let b = [vec![-1.0; columns], vec![x; columns]].concat();
    let mut c = vec![0.0; columns];
    kernels.gemm(
        MatRef::new(&[1.0, x], 1, 2),
        MatRef::new(&b, 2, columns),
        MatMut::new(&mut c, 1, columns),
        Epilogue::Store,
    );
    let fused = ["portable-fma", "portable-neon"].contains(&Isa::Portable.numerics());
    let last = if fused { f32::powi(2.0, -24) } else { 0.0 };
    assert_eq!(c, vec![f32::powi(2.0, -11) + last; columns]);
}
