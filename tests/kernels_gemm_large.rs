//! Products large enough for loops of their own: right in every layout, inside their operands, and of
//! the same bits as when some of their rows are asked for alone.

#[path = "common/gemm_oracle.rs"]
mod gemm_oracle;
#[path = "common/guard.rs"]
mod guard;
#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;
#[path = "common/sizes.rs"]
mod sizes;

use gemm_oracle::{LAYOUTS, Layout, Matrix, difference, sum};
use guard::Guarded;
use kernel_inputs::{Numbers, all_kernels, bits};
use kernels::{Epilogue, MatMut, MatRef, PackedB};
use sizes::sizes;

/// Above 2²⁷ multiply-adds, with edges in every direction: rows no multiple of a tile, columns none
/// of a panel and of a vector, several blocks of terms and of columns among them. And below it, with an A
/// of more than 2¹⁸ elements: several blocks of terms, and one; 37×401×700 where C is transposed. And few
/// rows, for which AVX2 cuts strips of 24 columns and packs them: the last of 23, or what they leave in
/// strips of 16 and 12.
const SHAPES: [[usize; 3]; 8] = [
    [293, 301, 1555],
    [257, 1043, 519],
    [250, 17, 1100],
    [250, 10, 1100],
    [401, 37, 700],
    [37, 401, 700],
    [32, 47, 1500],
    [28, 100, 784],
];

/// Beyond one block of matrixmultiply in each direction, for Miri.
const FEW: [[usize; 3]; 3] = [[73, 5, 7], [1, 1, 257], [1, 1025, 1]];

/// Corners, both sides of blocks, and elements in between.
fn places(m: usize, n: usize) -> Vec<(usize, usize)> {
    let mut places = vec![(0, 0), (m - 1, n - 1), (0, n - 1), (m - 1, 0)];
    places.extend([47, 48, 71, 72, 143, 144].map(|i| (i, n.min(1024) - 1)));
    places.extend([47, 48, 71, 72, 143, 144].map(|i| (i, n.min(1025) - 1)));
    places.extend((0..60).map(|p| (p * 7919 % m, p * 104_729 % n)));
    places.retain(|&(i, _)| i < m);
    places
}

#[test]
fn a_large_product_is_what_the_oracle_says_within_its_operands() {
    let mut numbers = Numbers(11);
    for kernels in all_kernels() {
        for [m, n, k] in sizes(SHAPES, FEW) {
            let all = LAYOUTS.iter().flat_map(|&a| LAYOUTS.map(|b| (a, b)));
            for (la, lb) in sizes(all, [(Layout::Spread, Layout::Columns { gap: 5 })]) {
                let lc = LAYOUTS[numbers.below(LAYOUTS.len())];
                let a = Matrix::new(m, k, la, || numbers.unit());
                let b = Matrix::new(k, n, lb, || numbers.unit());
                let before = Matrix::new(m, n, lc, || numbers.unit());
                let bias = numbers.many(n);
                let (a_data, b_data) = (Guarded::new(&a.data), Guarded::new(&b.data));
                let bias = Guarded::new(&bias);
                let epilogue = [
                    Epilogue::Store,
                    Epilogue::Add,
                    Epilogue::Bias(&bias),
                    Epilogue::BiasRelu(&bias),
                ][numbers.below(4)];
                let mut c_data = Guarded::new(&before.data);
                let c = before.view_mut_of(&mut c_data);
                kernels.gemm(a.view_of(&a_data), b.view_of(&b_data), c, epilogue);
                let c = before.view_of(&c_data);
                for (i, j) in places(m, n) {
                    let old = before.view().at(i, j);
                    let expected = sum(a.view(), b.view(), i, j).exact(old, epilogue, j);
                    assert_eq!(
                        difference(c.at(i, j), expected),
                        None,
                        "{kernels:?} {m}×{n}×{k} {la:?} {lb:?} {lc:?} {epilogue:?} ({i}, {j})"
                    );
                }
            }
        }
    }
}

#[test]
fn a_row_of_a_large_product_has_the_same_bits_alone_and_by_a_packed_factor() {
    let mut numbers = Numbers(12);
    for kernels in all_kernels() {
        for [m, n, k] in sizes(SHAPES, FEW) {
            for la in sizes(LAYOUTS, [Layout::Spread]) {
                let a = Matrix::new(m, k, la, || numbers.unit());
                let b = Matrix::new(k, n, Layout::Rows { gap: 3 }, || numbers.unit());
                let bias = numbers.many(n);
                let epilogue = Epilogue::BiasRelu(&bias);
                let mut whole = vec![f32::NAN; m * n];
                kernels.gemm(a.view(), b.view(), MatMut::new(&mut whole, m, n), epilogue);
                let case = format!("{kernels:?} {m}×{n}×{k} {la:?}");
                for rows in [1, 7, 100].map(|rows| m.min(rows)) {
                    let part = MatRef::with_strides(&a.data, rows, k, a.row_stride, a.col_stride);
                    let mut c = vec![f32::NAN; rows * n];
                    kernels.gemm(part, b.view(), MatMut::new(&mut c, rows, n), epilogue);
                    assert_eq!(bits(&c), bits(&whole[..rows * n]), "{rows} rows of {case}");
                }
                let packed = PackedB::new(b.view());
                let mut c = vec![f32::NAN; m * n];
                kernels.gemm_packed(a.view(), &packed, MatMut::new(&mut c, m, n), epilogue);
                assert_eq!(bits(&c), bits(&whole), "packed, {case}");
            }
        }
    }
}
