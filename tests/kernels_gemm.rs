//! The dense product against the naive one in double precision, on every instruction set that
//! this CPU runs.

#[path = "common/gemm_oracle.rs"]
mod gemm_oracle;
#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;
#[path = "common/sizes.rs"]
mod sizes;

use gemm_oracle::{LAYOUTS, Layout, Matrix, difference, sums};
use kernel_inputs::{Numbers, all_kernels};
use kernels::{Epilogue, MatMut, MatRef};
use sizes::sizes;

/// One product of this shape, in these layouts, with this epilogue, by every instruction set,
/// held against the oracle.
fn check(
    (m, n, k): (usize, usize, usize),
    [la, lb, lc]: [Layout; 3],
    epilogue: usize,
    numbers: &mut Numbers,
) {
    let a = Matrix::new(m, k, la, || numbers.unit());
    let b = Matrix::new(k, n, lb, || numbers.unit());
    let bias: Vec<f32> = (0..n).map(|_| numbers.unit()).collect();
    let (epilogue, garbage) = match epilogue {
        0 => (Epilogue::Store, true),
        1 => (Epilogue::Add, false),
        2 => (Epilogue::Bias(&bias), true),
        _ => (Epilogue::BiasRelu(&bias), true),
    };
    let before = Matrix::new(m, n, lc, || if garbage { f32::NAN } else { numbers.unit() });
    let results = all_kernels().into_iter().map(|kernels| {
        let mut c = before.clone();
        kernels.gemm(a.view(), b.view(), c.view_mut(), epilogue);
        assert_gaps_untouched(&before, &c);
        (kernels, c)
    });
    let results: Vec<_> = results.collect();
    let sums = sums(a.view(), b.view());
    for i in 0..m {
        for j in 0..n {
            let expected = sums[i * n + j].exact(before.view().at(i, j), epilogue, j);
            for (kernels, c) in &results {
                if let Some(problem) = difference(c.view().at(i, j), expected) {
                    panic!(
                        "{kernels:?} {m}×{n}×{k} {la:?}·{lb:?}→{lc:?} {epilogue:?} at ({i}, {j}): {problem}"
                    );
                }
            }
        }
    }
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
    let mut numbers = Numbers(1);
    for m in sizes(0..=40, [0, 1, 4, 9]) {
        for n in sizes(0..=40, [0, 1, 4, 9]) {
            for k in sizes(0..=40, [0, 1, 4, 9]) {
                let layouts = std::array::from_fn(|_| LAYOUTS[numbers.below(LAYOUTS.len())]);
                let epilogue = numbers.below(4);
                check((m, n, k), layouts, epilogue, &mut numbers);
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
        (8, 1031, 17),
        (8, 1036, 17),
    ];
    let mut numbers = Numbers(2);
    for shape in sizes(shapes, [(9, 5, 7)]) {
        for la in LAYOUTS {
            for lb in LAYOUTS {
                for lc in sizes(LAYOUTS, [LAYOUTS[numbers.below(LAYOUTS.len())]]) {
                    for epilogue in sizes(0..4, [numbers.below(4)]) {
                        check(shape, [la, lb, lc], epilogue, &mut numbers);
                    }
                }
            }
        }
    }
}

#[test]
fn random_large_shapes_agree_with_the_oracle() {
    let mut numbers = Numbers(3);
    // k beyond one block of terms, m beyond one block of rows of a packed A.
    let mut shapes = Numbers(4);
    let random = (0..40).map(|_| [400, 120, 1500].map(|most| 1 + shapes.below(most)));
    // Beyond one block of matrixmultiply in each direction.
    for [m, n, k] in sizes(random, [[65, 5, 7], [1, 1025, 1], [1, 1, 257]]) {
        let layouts = std::array::from_fn(|_| LAYOUTS[numbers.below(LAYOUTS.len())]);
        let epilogue = numbers.below(4);
        check((m, n, k), layouts, epilogue, &mut numbers);
    }
}

#[test]
fn a_single_row_may_have_any_stride() {
    let mut numbers = Numbers(14);
    for (m, n) in sizes([(13, 5000), (32, 2800), (65, 8192), (1, 10)], [(2, 9)]) {
        let (a, b, bias) = (numbers.many(m), numbers.many(n), numbers.many(n));
        let a_stride = if m == 1 { usize::MAX } else { 1 };
        let a = MatRef::with_strides(&a, m, 1, a_stride, 1);
        let b = MatRef::with_strides(&b, 1, n, usize::MAX / 4, 1);
        let (sums, epilogue) = (sums(a, b), Epilogue::Bias(&bias));
        for kernels in all_kernels() {
            let mut c = vec![f32::NAN; m * n];
            kernels.gemm(a, b, MatMut::new(&mut c, m, n), epilogue);
            for (at, (&got, sum)) in c.iter().zip(&sums).enumerate() {
                let problem = difference(got, sum.exact(f32::NAN, epilogue, at % n));
                assert_eq!(problem, None, "{kernels:?} {m}×{n}, element {at}");
            }
        }
    }
}
