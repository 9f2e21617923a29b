//! tanh, the logistic function and their backward passes: against double precision over all of the
//! floats, against mpmath, and up to the last readable float.

#[path = "common/guard.rs"]
mod guard;
#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;
#[path = "common/sizes.rs"]
mod sizes;

use guard::Guarded;
use kernel_inputs::{Numbers, all_kernels, bits, ulps, worst};
use kernels::Kernels;
use sizes::{amount, sizes, small_sizes};

/// What the documentation of `Kernels::tanh` and `Kernels::sigmoid` promises.
const BOUND: u32 = 2;

/// A function, in place on floats and on a number in double precision, and its slope by its value.
struct Function {
    name: &'static str,
    forward: fn(&Kernels, &mut [f32]),
    backward: fn(&Kernels, &[f32], &mut [f32]),
    oracle: fn(f64) -> f64,
    slope: fn(f64) -> f64,
}

const TANH: Function = Function {
    name: "tanh",
    forward: Kernels::tanh,
    backward: Kernels::tanh_backward,
    oracle: f64::tanh,
    slope: |a| 1.0 - a * a,
};

const SIGMOID: Function = Function {
    name: "sigmoid",
    forward: Kernels::sigmoid,
    backward: Kernels::sigmoid_backward,
    oracle: |x| 1.0 / (1.0 + (-x).exp()),
    slope: |a| a * (1.0 - a),
};

impl Function {
    fn of(&self, kernels: Kernels, x: f32) -> f32 {
        let mut x = [x];
        (self.forward)(&kernels, &mut x);
        x[0]
    }

    fn is_within_its_bound_on_every(&self, stride: usize) {
        let forward = |kernels: Kernels, x: &mut [f32]| (self.forward)(&kernels, x);
        for (kernels, distance, x) in worst(stride, forward, self.oracle) {
            println!(
                "{} by {kernels:?}: at most {distance} ULP, at {x:e}",
                self.name
            );
            assert!(
                distance <= BOUND,
                "{} by {kernels:?}: {distance} ULP at {x:e}",
                self.name
            );
        }
    }
}

#[test]
fn tanh_is_within_its_bound_on_every_hundredth_float() {
    TANH.is_within_its_bound_on_every(amount(101, 4_000_037));
}

#[test]
fn sigmoid_is_within_its_bound_on_every_hundredth_float() {
    SIGMOID.is_within_its_bound_on_every(amount(101, 4_000_037));
}

/// Two minutes: `cargo test -p kernels --features long-tests --test sigmoidal`.
#[cfg(feature = "long-tests")]
#[test]
fn both_are_within_their_bound_on_every_float() {
    TANH.is_within_its_bound_on_every(1);
    SIGMOID.is_within_its_bound_on_every(1);
}

#[test]
fn both_are_what_mpmath_says() {
    let table = include_str!("fixtures/activations/activations.csv");
    let rows: Vec<[f32; 3]> = table
        .lines()
        .filter(|line| !line.starts_with(['#', 'x']))
        .map(|line| {
            let mut values = line.split(',').map(|value| value.parse().unwrap());
            std::array::from_fn(|_| values.next().unwrap())
        })
        .collect();
    assert!(rows.len() > 500);
    for kernels in all_kernels() {
        for &[x, tanh, sigmoid] in rows.iter().step_by(amount(1, 5)) {
            for (function, expected) in [(&TANH, tanh), (&SIGMOID, sigmoid)] {
                let got = function.of(kernels, x);
                let right = if expected.is_nan() {
                    got.is_nan()
                } else {
                    ulps(got, expected) <= BOUND
                };
                let name = function.name;
                assert!(
                    right,
                    "{kernels:?}: {name} {x:e} is {expected:e}, not {got}"
                );
            }
        }
    }
}

#[test]
fn what_is_special_is_exact() {
    for kernels in all_kernels() {
        for x in [f32::INFINITY, f32::MAX, 104.0, 17.5] {
            assert_eq!(TANH.of(kernels, x), 1.0, "{kernels:?}: {x}");
            assert_eq!(TANH.of(kernels, -x), -1.0, "{kernels:?}: −{x}");
            assert_eq!(SIGMOID.of(kernels, x), 1.0, "{kernels:?}: {x}");
        }
        for x in [f32::NEG_INFINITY, f32::MIN, -104.0] {
            assert_eq!(bits(&[SIGMOID.of(kernels, x)]), [0], "{kernels:?}: {x}");
        }
        for x in [0.0, -0.0] {
            assert_eq!(bits(&[TANH.of(kernels, x)]), bits(&[x]), "{kernels:?}");
            assert_eq!(SIGMOID.of(kernels, x), 0.5, "{kernels:?}");
        }
        let subnormal = f32::from_bits(1);
        for x in [subnormal, f32::MIN_POSITIVE, 1e-20, 1e-5]
            .map(|x| [x, -x])
            .concat()
        {
            assert_eq!(bits(&[TANH.of(kernels, x)]), bits(&[x]), "{kernels:?}: {x}");
        }
        for function in [TANH, SIGMOID] {
            for nan in [f32::NAN, -f32::NAN] {
                let mut x = [nan; 9];
                (function.forward)(&kernels, &mut x);
                assert!(x.iter().all(|x| x.is_nan()), "{kernels:?}");
            }
        }
    }
}

#[test]
fn values_stay_in_range_and_tanh_is_odd() {
    for kernels in all_kernels() {
        for bits in (0..=f32::INFINITY.to_bits()).step_by(amount(1009, 20_000_003)) {
            let x = f32::from_bits(bits);
            let [positive, negative] = [x, -x].map(|x| TANH.of(kernels, x));
            assert!((0.0..=1.0).contains(&positive), "{kernels:?}: {x:e}");
            assert_eq!(positive, -negative, "{kernels:?}: {x:e}");
            for x in [x, -x] {
                let sigmoid = SIGMOID.of(kernels, x);
                assert!((0.0..=1.0).contains(&sigmoid), "{kernels:?}: {x:e}");
            }
        }
    }
}

#[test]
fn a_value_does_not_depend_on_its_place() {
    for kernels in all_kernels() {
        for function in [TANH, SIGMOID] {
            for len in small_sizes() {
                let values: Vec<f32> = (0..len).map(|i| i as f32 * 0.37 - 7.0).collect();
                let mut together = Guarded::new(&values);
                (function.forward)(&kernels, &mut together);
                for (&x, &got) in values.iter().zip(together.iter()) {
                    let alone = function.of(kernels, x);
                    assert_eq!(bits(&[alone]), bits(&[got]), "{kernels:?}: {x} of {len}");
                }
            }
        }
    }
}

#[test]
fn a_backward_pass_multiplies_the_gradient_by_the_slope() {
    let mut numbers = Numbers(4);
    for kernels in all_kernels() {
        for function in [TANH, SIGMOID] {
            for len in small_sizes().chain(sizes([100, 1023], [])) {
                let mut activation = numbers.many(len);
                (function.forward)(&kernels, &mut activation);
                // The edges of the range, where 1 − a² cancels, and one that is out of it.
                let edges = [0.0, -0.0, 1.0, 0.999_999_94, 0.5, 1e-40, f32::NAN];
                activation
                    .iter_mut()
                    .zip(edges)
                    .for_each(|(a, edge)| *a = edge);
                let activation = Guarded::new(&activation);
                let gradient = numbers.many(len);
                let mut got = Guarded::new(&gradient);
                (function.backward)(&kernels, &activation, &mut got);
                for ((&a, &g), &got) in activation.iter().zip(&gradient).zip(got.iter()) {
                    let expected = f64::from(g) * (function.slope)(f64::from(a));
                    let right = if a.is_nan() {
                        got.is_nan()
                    } else {
                        ulps(got, expected as f32) <= 2
                    };
                    assert!(right, "{} by {kernels:?}: {a}, {g}: {got}", function.name);
                }
            }
        }
    }
}

#[test]
fn backward_passes_have_the_same_bits_on_every_instruction_set() {
    let mut numbers = Numbers(5);
    let gradient = numbers.many(1023);
    let activation = numbers.many(1023);
    for function in [TANH, SIGMOID] {
        let results = all_kernels().into_iter().map(|kernels| {
            let mut gradient = gradient.clone();
            (function.backward)(&kernels, &activation, &mut gradient);
            bits(&gradient)
        });
        let results: Vec<_> = results.collect();
        assert!(results.iter().all(|result| *result == results[0]));
    }
}

#[test]
#[should_panic(expected = "a gradient of 5 values does not fit 4 activations")]
fn tanh_backward_refuses_other_lengths() {
    all_kernels()[0].tanh_backward(&[0.0; 4], &mut [0.0; 5]);
}

#[test]
#[should_panic(expected = "a gradient of 3 values does not fit 4 activations")]
fn sigmoid_backward_refuses_other_lengths() {
    all_kernels()[0].sigmoid_backward(&[0.0; 4], &mut [0.0; 3]);
}
