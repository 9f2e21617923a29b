//! The dense product against the naive one in double precision, on every instruction set that
//! this CPU runs.

#[path = "common/gemm_oracle.rs"]
mod gemm_oracle;
#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;

use gemm_oracle::{LAYOUTS, Layout, Matrix, difference, exact};
use kernel_inputs::{Numbers, all_kernels};
use kernels::Epilogue;

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
    for i in 0..m {
        for j in 0..n {
            let expected = exact(a.view(), b.view(), before.view().at(i, j), epilogue, i, j);
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
    // Miri is thousands of times slower: it sees the smallest.
    let most = if cfg!(miri) { 4 } else { 40 };
    let mut numbers = Numbers(1);
    for m in 0..=most {
        for n in 0..=most {
            for k in 0..=most {
                let layouts = std::array::from_fn(|_| LAYOUTS[numbers.below(LAYOUTS.len())]);
                let epilogue = numbers.below(4);
                check((m, n, k), layouts, epilogue, &mut numbers);
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes hours")]
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
    let mut numbers = Numbers(2);
    for shape in shapes {
        for la in LAYOUTS {
            for lb in LAYOUTS {
                for lc in LAYOUTS {
                    for epilogue in 0..4 {
                        check(shape, [la, lb, lc], epilogue, &mut numbers);
                    }
                }
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes hours")]
fn random_large_shapes_agree_with_the_oracle() {
    let mut numbers = Numbers(3);
    for _ in 0..40 {
        // k beyond one block of terms, m beyond one block of rows of a packed A.
        let shape = (
            1 + numbers.below(400),
            1 + numbers.below(120),
            1 + numbers.below(1500),
        );
        let layouts = std::array::from_fn(|_| LAYOUTS[numbers.below(LAYOUTS.len())]);
        let epilogue = numbers.below(4);
        check(shape, layouts, epilogue, &mut numbers);
    }
}
