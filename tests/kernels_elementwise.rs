//! ReLU and the sums of columns against their definitions, up to the last readable float.

#[path = "common/guard.rs"]
mod guard;
#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;
#[path = "common/sizes.rs"]
mod sizes;

use guard::Guarded;
use kernel_inputs::{Numbers, all_kernels, bits};
use kernels::MatRef;
use sizes::{sizes, small_sizes};

const ODD: [f32; 6] = [
    0.0,
    -0.0,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::MIN_POSITIVE,
    -1e-40,
];

#[test]
fn relu_keeps_what_is_positive_and_zeroes_what_is_negative() {
    let mut numbers = Numbers(1);
    for kernels in all_kernels() {
        for len in small_sizes().chain(sizes([100, 1023], [])) {
            let mut values = numbers.many(len);
            values.iter_mut().zip(ODD).for_each(|(x, odd)| *x = odd);
            let mut got = Guarded::new(&values);
            kernels.relu(&mut got);
            for (x, got) in values.iter().zip(got.iter()) {
                assert_eq!(*got, if *x > 0.0 { *x } else { 0.0 }, "{kernels:?} {x}");
            }
        }
    }
}

#[test]
fn relu_of_nan_is_nan() {
    for kernels in all_kernels() {
        let mut x = [f32::NAN; 11];
        kernels.relu(&mut x);
        assert!(x.iter().all(|x| x.is_nan()), "{kernels:?}");
    }
}

#[test]
fn relu_backward_passes_the_gradient_where_the_activation_is_positive() {
    let mut numbers = Numbers(2);
    for kernels in all_kernels() {
        for len in small_sizes().chain(sizes([100, 1023], [])) {
            let mut activation = numbers.many(len);
            activation.iter_mut().zip(ODD).for_each(|(x, odd)| *x = odd);
            let activation = Guarded::new(&activation);
            let gradient = numbers.many(len);
            let mut got = Guarded::new(&gradient);
            kernels.relu_backward(&activation, &mut got);
            for i in 0..len {
                let expected = if activation[i] > 0.0 {
                    gradient[i]
                } else {
                    0.0
                };
                assert_eq!(got[i], expected, "{kernels:?}: {}", activation[i]);
            }
        }
    }
}

#[test]
fn column_sums_add_the_rows_first_to_last() {
    let mut numbers = Numbers(3);
    for kernels in all_kernels() {
        for rows in sizes([0, 1, 2, 7, 32, 40, 1000], [0, 1, 2, 7]) {
            for cols in small_sizes().chain(sizes([63, 64, 65, 128, 200], [])) {
                for gap in [0, 3] {
                    let stride = cols + gap;
                    let len = (rows * stride).saturating_sub(gap);
                    let x = Guarded::new(&numbers.many(len));
                    let view = MatRef::with_strides(&x, rows, cols, stride, 1);
                    let mut sums = Guarded::new(&vec![f32::NAN; cols]);
                    kernels.column_sums(view, &mut sums);
                    let mut expected = vec![0.0_f32; cols];
                    for i in 0..rows {
                        for (sum, x) in expected.iter_mut().zip(view.row(i)) {
                            *sum += x;
                        }
                    }
                    assert_eq!(bits(&sums), bits(&expected), "{kernels:?}: {view:?}");
                }
            }
        }
    }
}

#[test]
#[should_panic(expected = "a gradient of 5 values does not fit 4 activations")]
fn relu_backward_refuses_other_lengths() {
    all_kernels()[0].relu_backward(&[0.0; 4], &mut [0.0; 5]);
}

#[test]
#[should_panic(expected = "4 sums do not fit a 2×3 matrix")]
fn column_sums_refuse_other_widths() {
    all_kernels()[0].column_sums(MatRef::new(&[0.0; 6], 2, 3), &mut [0.0; 4]);
}
