//! Adam against its definition in double precision, and against itself: the same weight takes
//! the same bits wherever it stands.

#[path = "common/guard.rs"]
mod guard;
#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;
#[path = "common/sizes.rs"]
mod sizes;
#[path = "common/tensor.rs"]
mod tensor;

use guard::Guarded;
use kernel_inputs::{Numbers, adam_step, all_kernels, bits};
use kernels::{AdamStep, Moments};
use sizes::{amount, small_sizes};
use tensor::Tensor;

const EPS: f64 = f32::EPSILON as f64;

#[test]
fn a_step_is_the_definition() {
    let mut numbers = Numbers(1);
    for kernels in all_kernels() {
        for len in small_sizes().chain([amount(1000, 20)]) {
            for t in [1, 2, 10, 5000] {
                let step = adam_step(t);
                let before = Tensor::new(&mut numbers, len);
                let gradient = Guarded::new(&numbers.many(len));
                let mut after = before.copy();
                after.adam(kernels, step, &gradient);
                for i in 0..len {
                    let [w, m, v, g] =
                        [before.w[i], before.m[i], before.v[i], gradient[i]].map(f64::from);
                    let [c1, c2] = [step.one_minus_beta1, step.one_minus_beta2].map(f64::from);
                    let m = m + c1 * (g - m);
                    let v = v + c2 * (g * g - v);
                    let scale = f64::from(step.alpha) / (v.sqrt() + f64::from(step.epsilon));
                    let m_bound = 2.0 * EPS * (f64::from(before.m[i]).abs() + g.abs());
                    let v_bound = 2.0 * EPS * (f64::from(before.v[i]) + g * g);
                    let v_share = v_bound / v;
                    let update_bound = scale * (m_bound + m.abs() * (4.0 * EPS + v_share));
                    let w = w - scale * m;
                    assert!(
                        (f64::from(after.m[i]) - m).abs() <= m_bound,
                        "{kernels:?} m"
                    );
                    assert!(
                        (f64::from(after.v[i]) - v).abs() <= v_bound,
                        "{kernels:?} v"
                    );
                    let off = (f64::from(after.w[i]) - w).abs();
                    assert!(
                        off <= update_bound + EPS * w.abs(),
                        "{kernels:?} w: {off:e}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_weight_takes_the_same_bits_wherever_it_stands() {
    let mut numbers = Numbers(2);
    for kernels in all_kernels() {
        for len in small_sizes().skip(1) {
            let mut together = Tensor::new(&mut numbers, len);
            let gradient = numbers.many(len);
            let apart: Vec<_> = (0..len)
                .map(|i| {
                    let mut alone = Tensor {
                        w: Guarded::new(&together.w[i..=i]),
                        m: Guarded::new(&together.m[i..=i]),
                        v: Guarded::new(&together.v[i..=i]),
                    };
                    alone.adam(kernels, adam_step(3), &gradient[i..=i]);
                    [alone.w[0], alone.m[0], alone.v[0]].map(f32::to_bits)
                })
                .collect();
            together.adam(kernels, adam_step(3), &gradient);
            for (i, apart) in apart.iter().enumerate() {
                let got = [together.w[i], together.m[i], together.v[i]].map(f32::to_bits);
                assert_eq!(&got, apart, "{kernels:?}: {i} of {len}");
            }
        }
    }
}

#[test]
fn without_a_gradient_so_far_nothing_moves() {
    let mut numbers = Numbers(3);
    for kernels in all_kernels() {
        let len = amount(1000, 20);
        let mut tensor = Tensor::new(&mut numbers, len);
        tensor.m.fill(0.0);
        tensor.v.fill(0.0);
        tensor.w[0] = -0.0;
        tensor.w[1] = f32::MIN_POSITIVE;
        let all_bits = |tensor: &Tensor| [&tensor.w, &tensor.m, &tensor.v].map(|x| bits(x));
        let before = all_bits(&tensor);
        for t in 1..100 {
            tensor.adam(kernels, adam_step(t), &vec![0.0; len]);
        }
        assert_eq!(all_bits(&tensor), before, "{kernels:?}");
    }
}

#[test]
fn moments_are_flushed_in_the_steps_that_say_so_and_no_others() {
    for kernels in all_kernels() {
        for flush_subnormals in [false, true] {
            let step = AdamStep {
                flush_subnormals,
                ..adam_step(100)
            };
            let len = amount(41, 9);
            for gradient in [vec![0.0; len], vec![1e-37; len]] {
                let mut tensor = Tensor::new(&mut Numbers(8), len);
                tensor.m.fill(-1e-39);
                tensor.v.fill(1e-39);
                tensor.adam(kernels, step, &gradient);
                // A gradient of 10⁻³⁷ brings m to 9·10⁻³⁹, which is subnormal still.
                let moments = [&tensor.m[..], &tensor.v].concat();
                let flushed = moments.iter().all(|&x| x == 0.0);
                let kept = moments.iter().all(|&x| x.is_subnormal());
                assert_eq!(
                    (flushed, kept),
                    (flush_subnormals, !flush_subnormals),
                    "{kernels:?}"
                );
            }
        }
    }
}

#[test]
fn a_gradient_that_is_nan_shows_in_its_weight_and_no_other() {
    for kernels in all_kernels() {
        for len in [1, 8, 11] {
            for at in 0..len {
                let mut tensor = Tensor::new(&mut Numbers(6), len);
                let mut gradient = vec![0.1; len];
                gradient[at] = f32::NAN;
                tensor.adam(kernels, adam_step(1), &gradient);
                for (i, w) in tensor.w.iter().enumerate() {
                    assert_eq!(w.is_nan(), i == at, "{kernels:?}: {i} of {len}");
                }
                assert!(
                    tensor.m[at].is_nan() && tensor.v[at].is_nan(),
                    "{kernels:?}"
                );
            }
        }
    }
}

#[test]
#[should_panic(expected = "a gradient of 3 values does not fit 4 weights")]
fn a_gradient_of_another_length_is_refused() {
    let mut tensor = Tensor::new(&mut Numbers(7), 4);
    tensor.adam(all_kernels()[0], adam_step(1), &[0.0; 3]);
}

#[test]
#[should_panic(expected = "moments of 4 and 3 values do not fit 4 weights")]
fn moments_of_another_length_are_refused() {
    let (mut w, mut m, mut v) = ([0.0; 4], [0.0; 4], [0.0; 3]);
    let moments = Moments {
        m: &mut m,
        v: &mut v,
    };
    all_kernels()[0].adam(adam_step(1), &mut w, moments, &[0.0; 4]);
}
