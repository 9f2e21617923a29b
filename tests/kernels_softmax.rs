//! Softmax, its cross-entropy and argmax against their definitions in double precision.

#[path = "common/guard.rs"]
mod guard;
#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;
#[path = "common/sizes.rs"]
mod sizes;

use guard::Guarded;
use kernel_inputs::{Numbers, all_kernels, bits};
use kernels::{MatMut, MatRef};
use proptest::prelude::*;
use sizes::{default_cases, sizes, small_sizes};

const EPS: f64 = f32::EPSILON as f64;

/// Softmax of a row, and ln Σ e^(z − max).
fn softmax(row: &[f32]) -> (Vec<f64>, f64) {
    let max = f64::from(row.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    let e: Vec<f64> = row.iter().map(|&z| (f64::from(z) - max).exp()).collect();
    let sum: f64 = e.iter().sum();
    (e.iter().map(|e| e / sum).collect(), sum.ln())
}

/// What a probability of a row may be off by: z − max is rounded once, e^x to 1 ULP, the sum's
/// terms likewise, then two roundings; below 2⁻¹²⁶ of the largest it may be 0.
fn tolerance(row: &[f32], p: f64) -> f64 {
    let low = row.iter().copied().fold(f32::INFINITY, f32::min);
    let high = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    p * EPS * (f64::from(high) - f64::from(low) + 6.0) + f64::from(f32::MIN_POSITIVE)
}

/// numpy.argmax: the first NaN, else the first of the largest.
fn argmax(row: &[f32]) -> usize {
    row.iter().position(|z| z.is_nan()).unwrap_or_else(|| {
        let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        row.iter().position(|&z| z == max).unwrap_or(0)
    })
}

fn shapes() -> impl Iterator<Item = (usize, usize)> {
    let small = sizes([0, 1, 2, 5, 9], [0, 1, 2]);
    let large = [(32, 10), (32, 128), (100, 100), (7, 1000)];
    small
        .flat_map(|rows| small_sizes().skip(1).map(move |cols| (rows, cols)))
        .chain(sizes(large, [(7, 20)]))
}

#[test]
fn softmax_rows_are_the_definition() {
    let mut numbers = Numbers(1);
    for kernels in all_kernels() {
        for (rows, cols) in shapes() {
            for spread in [1.0, 20.0, 200.0] {
                let z: Vec<f32> = numbers
                    .many(rows * cols)
                    .iter()
                    .map(|z| z * spread)
                    .collect();
                let mut got = Guarded::new(&z);
                kernels.softmax_rows(MatMut::new(&mut got, rows, cols));
                for (row, got) in z.chunks(cols).zip(got.chunks(cols)) {
                    for (&p, &got) in softmax(row).0.iter().zip(got) {
                        let off = (f64::from(got) - p).abs();
                        assert!(off <= tolerance(row, p), "{kernels:?}: {got} for {p}");
                    }
                }
            }
        }
    }
}

#[test]
fn cross_entropy_gives_loss_hits_and_gradient() {
    let mut numbers = Numbers(2);
    for kernels in all_kernels() {
        for (rows, cols) in shapes() {
            let z: Vec<f32> = numbers.many(rows * cols).iter().map(|z| z * 15.0).collect();
            let labels: Vec<u8> = (0..rows)
                .map(|_| numbers.below(cols.min(256)) as u8)
                .collect();
            let scale = 1.0 / rows.max(1) as f32;
            let mut got = Guarded::new(&z);
            let batch =
                kernels.softmax_cross_entropy(MatMut::new(&mut got, rows, cols), &labels, scale);
            let (mut loss, mut correct) = (0.0, 0);
            for ((row, got), &label) in z.chunks(cols).zip(got.chunks(cols)).zip(&labels) {
                let label = usize::from(label);
                let (p, log_sum) = softmax(row);
                let best = argmax(row);
                loss += log_sum - (f64::from(row[label]) - f64::from(row[best]));
                correct += usize::from(best == label);
                for (j, (&p, &got)) in p.iter().zip(got).enumerate() {
                    let target = if j == label { 1.0 } else { 0.0 };
                    let expected = (p - target) * f64::from(scale);
                    let bound = (tolerance(row, p) + EPS) * f64::from(scale) * 1.5;
                    let off = (f64::from(got) - expected).abs();
                    assert!(
                        off <= bound,
                        "{kernels:?} {rows}×{cols}: {got} for {expected}"
                    );
                }
            }
            assert_eq!(batch.correct, correct, "{kernels:?} {rows}×{cols}");
            let bound = rows as f64 * 40.0 * EPS;
            assert!(
                (batch.loss - loss).abs() <= bound,
                "{kernels:?}: {} for {loss}",
                batch.loss
            );

            let mut predictions = vec![0; rows];
            if cols <= 256 {
                let view = MatRef::new(&z, rows, cols);
                let evaluated = kernels.evaluate_logits(view, &labels, &mut predictions);
                assert_eq!(evaluated, batch, "{kernels:?}: two ways to one loss");
                let expected: Vec<u8> = z.chunks(cols).map(|row| argmax(row) as u8).collect();
                assert_eq!(predictions, expected, "{kernels:?} {rows}×{cols}");
            }
        }
    }
}

#[test]
fn a_strided_matrix_keeps_what_lies_between_its_rows() {
    for kernels in all_kernels() {
        let mut z = vec![7.0; 5 * 16 - 3];
        kernels.softmax_rows(MatMut::with_strides(&mut z, 5, 13, 16, 1));
        for (i, z) in z.iter().enumerate() {
            let expected = if i % 16 < 13 { 1.0 / 13.0 } else { 7.0 };
            assert!((z - expected).abs() < 1e-8, "{kernels:?} at {i}: {z}");
        }
    }
}

#[test]
fn nan_and_infinity_make_a_row_nan_and_no_other() {
    for kernels in all_kernels() {
        for cols in sizes([1, 3, 8, 10, 17, 40], [1, 3, 8, 10]) {
            for odd in [f32::NAN, f32::INFINITY] {
                for at in 0..cols {
                    let mut z = vec![0.5; 3 * cols];
                    z[cols + at] = odd;
                    kernels.softmax_rows(MatMut::new(&mut z, 3, cols));
                    for (i, row) in z.chunks(cols).enumerate() {
                        let nan = row.iter().filter(|z| z.is_nan()).count();
                        assert_eq!(nan, if i == 1 { cols } else { 0 }, "{kernels:?} {odd} {at}");
                    }
                }
            }
            let mut nothing = vec![f32::NEG_INFINITY; cols];
            kernels.softmax_rows(MatMut::new(&mut nothing, 1, cols));
            assert!(nothing.iter().all(|z| z.is_nan()), "{kernels:?}");
        }
    }
}

#[test]
fn a_diverged_row_makes_the_loss_nan_and_counts_the_first_nan_as_predicted() {
    for kernels in all_kernels() {
        let mut z = vec![0.0; 20];
        z[13] = f32::NAN;
        let mut predictions = [9; 2];
        let view = MatRef::new(&z, 2, 10);
        let evaluated = kernels.evaluate_logits(view, &[0, 3], &mut predictions);
        assert!(evaluated.loss.is_nan(), "{kernels:?}");
        assert_eq!((evaluated.correct, predictions), (2, [0, 3]), "{kernels:?}");
    }
}

/// The loss takes one logarithm for the product of many rows' sums, which is begun anew before it is no float any more.
#[test]
fn many_rows_lose_what_each_of_them_loses() {
    for kernels in all_kernels() {
        for (rows, cols) in [(400, 40), (1000, 10), (700, 200)] {
            let mut logits = vec![0.25; rows * cols];
            let labels = vec![3; rows];
            let view = MatMut::new(&mut logits, rows, cols);
            let loss = kernels.softmax_cross_entropy(view, &labels, 1.0).loss;
            let expected = rows as f64 * (cols as f64).ln();
            assert!(
                (loss / expected - 1.0).abs() < 1e-6,
                "{kernels:?}, {rows}×{cols}: {loss}"
            );
        }
    }
}

#[test]
fn far_logits_give_a_loss_beyond_what_a_float_of_the_probability_could() {
    for kernels in all_kernels() {
        let mut z = [0.0, 1000.0, 0.0];
        let loss = kernels.softmax_cross_entropy(MatMut::new(&mut z, 1, 3), &[0], 1.0);
        assert_eq!(loss.loss, 1000.0, "{kernels:?}");
        assert_eq!(z, [-1.0, 1.0, 0.0], "{kernels:?}");
    }
}

proptest! {
    #![proptest_config(default_cases())]

    #[test]
    fn argmax_is_numpys(
        rows in prop::collection::vec(
            prop::collection::vec(
                prop_oneof![
                    8 => (-3i8..3).prop_map(f32::from),
                    1 => Just(f32::NAN),
                    1 => Just(f32::NEG_INFINITY),
                    1 => Just(f32::INFINITY),
                    1 => Just(-0.0),
                ],
                33,
            ),
            0..5,
        ),
        cols in 1usize..=33,
    ) {
        let data: Vec<f32> = rows.iter().flat_map(|row| row[..cols].to_vec()).collect();
        let expected: Vec<u32> = rows.iter().map(|row| argmax(&row[..cols]) as u32).collect();
        for kernels in all_kernels() {
            let guarded = Guarded::new(&data);
            let mut got = vec![u32::MAX; rows.len()];
            kernels.argmax_rows(MatRef::new(&guarded, rows.len(), cols), &mut got);
            prop_assert_eq!(&got, &expected, "{:?}", kernels);
        }
    }

    #[test]
    fn a_row_has_the_same_bits_in_any_batch(
        z in prop::collection::vec(-90.0f32..90.0, 23), cols in 1usize..=23,
    ) {
        for kernels in all_kernels() {
            let mut alone = z[..cols].to_vec();
            kernels.softmax_rows(MatMut::new(&mut alone, 1, cols));
            let mut among: Vec<f32> = (0..5).flat_map(|_| z[..cols].to_vec()).collect();
            kernels.softmax_rows(MatMut::new(&mut among, 5, cols));
            for row in among.chunks(cols) {
                prop_assert_eq!(bits(row), bits(&alone), "{:?}", kernels);
            }
        }
    }
}

#[test]
#[should_panic(expected = "3 labels do not fit a 2×3 matrix")]
fn as_many_labels_as_rows_are_wanted() {
    all_kernels()[0].softmax_cross_entropy(MatMut::new(&mut [0.0; 6], 2, 3), &[0; 3], 1.0);
}

#[test]
#[should_panic(expected = "label 3 is no column of a 2×3 matrix")]
fn a_label_past_the_columns_is_refused() {
    all_kernels()[0].softmax_cross_entropy(MatMut::new(&mut [0.0; 6], 2, 3), &[0, 3], 1.0);
}

#[test]
#[should_panic(expected = "1 indices do not fit the rows of a 2×3 matrix")]
fn as_many_indices_as_rows_are_wanted() {
    all_kernels()[0].argmax_rows(MatRef::new(&[0.0; 6], 2, 3), &mut [0]);
}

#[test]
#[should_panic(expected = "1×257 matrix (strides 257, 1) of logits are too many for predictions")]
fn more_classes_than_a_byte_tells_apart_are_refused() {
    all_kernels()[0].evaluate_logits(MatRef::new(&[0.0; 257], 1, 257), &[0], &mut [0]);
}
