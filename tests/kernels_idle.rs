//! Steps of Adam without a gradient, many at once, against the same one by one with a gradient of 0: the same bits.

#[path = "common/guard.rs"]
mod guard;
#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;
#[path = "common/sizes.rs"]
mod sizes;
#[path = "common/tensor.rs"]
mod tensor;

use kernel_inputs::{Numbers, adam_step, all_kernels};
use kernels::{AdamStep, Kernels, Moments};
use sizes::{amount, sizes, small_sizes};
use tensor::Tensor;

fn idle(kernels: Kernels, steps: &[AdamStep], tensor: &mut Tensor) {
    let moments = Moments {
        m: &mut tensor.m,
        v: &mut tensor.v,
    };
    kernels.adam_idle(steps, &mut tensor.w, moments);
}

/// Whether the steps all at once make of a tensor what they make of it one by one, with a gradient of 0. NaN is NaN.
#[track_caller]
fn check(kernels: Kernels, steps: &[AdamStep], mut at_once: Tensor, what: &str) {
    let mut one_by_one = at_once.copy();
    idle(kernels, steps, &mut at_once);
    let gradient = vec![0.0; at_once.w.len()];
    for &step in steps {
        one_by_one.adam(kernels, step, &gradient);
    }
    for (a, b) in [
        (&at_once.w, &one_by_one.w),
        (&at_once.m, &one_by_one.m),
        (&at_once.v, &one_by_one.v),
    ] {
        for (i, (a, b)) in a.iter().zip(b.iter()).enumerate() {
            let same = a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
            assert!(same, "{kernels:?}, {what}, weight {i}: {a:e}, {b:e}");
        }
    }
}

#[test]
fn idle_steps_are_steps_with_a_gradient_of_zero() {
    let mut numbers = Numbers(4);
    for kernels in all_kernels() {
        for len in small_sizes().chain([amount(128, 20)]) {
            for count in sizes([0, 1, 2, 40, 1200], [0, 1, 2, 40]) {
                let steps: Vec<AdamStep> = (7..7 + count).map(adam_step).collect();
                let mut at_once = Tensor::new(&mut numbers, len);
                // −0, and what is or becomes subnormal.
                for (i, m) in at_once.m.iter_mut().enumerate() {
                    match i % 9 {
                        0 => *m = -0.0,
                        k @ 1..=5 => *m = -f32::from_bits(k as u32),
                        6 => *m = f32::MIN_POSITIVE,
                        _ => {}
                    }
                }
                let what = format!("{count} steps of {len} weights");
                check(kernels, &steps, at_once, &what);
            }
        }
    }
}

/// Roots are made otherwise where v is not tiny, ε no less than some bound, and β2 close to 1 and the same in all
/// steps: here all of that is so, or one thing is not, or a number is at its limit.
#[test]
fn idle_steps_of_any_kind_and_size_are_steps_with_a_gradient_of_zero() {
    let small_epsilon = |step| AdamStep {
        epsilon: 1e-8,
        ..step
    };
    let small_beta2 = |step| AdamStep {
        one_minus_beta2: 0.5,
        ..step
    };
    let unlike = |(i, step): (usize, AdamStep)| AdamStep {
        one_minus_beta2: [0.001, 0.9][i % 2],
        ..step
    };
    let at_the_bound = |step| AdamStep {
        one_minus_beta2: 1.0 / 64.0,
        epsilon: 2_f32.powi(-24),
        ..step
    };
    let no_decay = |step| AdamStep {
        one_minus_beta2: 0.0,
        ..step
    };
    let infinite_alpha = |step| AdamStep {
        alpha: f32::INFINITY,
        ..step
    };
    for kernels in all_kernels() {
        for count in sizes([1, 15, 16, 17, 60], [17]) {
            let steps = (7..7 + count).map(adam_step);
            let kinds: [Vec<AdamStep>; 7] = [
                steps.clone().collect(),
                steps.clone().map(small_epsilon).collect(),
                steps.clone().map(small_beta2).collect(),
                steps.clone().enumerate().map(unlike).collect(),
                steps.clone().map(at_the_bound).collect(),
                steps.clone().map(no_decay).collect(),
                steps.map(infinite_alpha).collect(),
            ];
            for (kind, steps) in kinds.iter().enumerate() {
                for every in sizes([1, 2, 4], [4]) {
                    let len = amount(300, 40);
                    let mut at_once = Tensor::new(&mut Numbers(9), len);
                    for (i, v) in at_once.v.iter_mut().enumerate() {
                        // From 2⁻¹⁴⁹ to 2¹²⁷, then 0; some vectors are left as they were.
                        let exponent = i as i32 - 149;
                        if i / 48 % every == 0 {
                            *v = match exponent {
                                ..128 => 2_f32.powi(exponent) * 1.2345,
                                128..132 => 0.0,
                                _ => *v,
                            };
                        }
                    }
                    // Alone among ordinary ones, in the last of the vectors that are taken together.
                    for at in [60, 125, 190].into_iter().filter(|&at| at < len) {
                        at_once.v[at - 12..=at].fill(0.1);
                        at_once.v[at] = [f32::INFINITY, f32::NAN, f32::MAX][at / 64];
                    }
                    // A weight that does not move is to keep its sign.
                    at_once.m[0] = 0.0;
                    for (i, w) in [-0.0, f32::INFINITY, f32::NAN, 1e-40]
                        .into_iter()
                        .enumerate()
                    {
                        at_once.w[7 * i] = w;
                    }
                    at_once.m[9] = f32::INFINITY;
                    at_once.m[10] = f32::NAN;
                    let what = format!("{count} steps of kind {kind}");
                    check(kernels, steps, at_once, &what);
                }
            }
        }
    }
}

#[test]
fn moments_end_at_zero_rather_than_among_the_subnormals() {
    let steps: Vec<AdamStep> = (1..1000).map(adam_step).collect();
    for kernels in all_kernels() {
        let mut tensor = Tensor::new(&mut Numbers(5), 9);
        idle(kernels, &steps, &mut tensor);
        assert!(tensor.m.iter().all(|&m| m.to_bits() == 0), "{kernels:?}");
        assert!(tensor.v.iter().all(|v| v.is_normal()), "{kernels:?}");
    }
}

/// What is taken from a weight here goes from a 256th of it to much less than half of what lies between it and the next
/// float, which of powers of two is the one below: whoever passes over steps that move nothing must not pass over one
/// that does. α changes within and between the sixteens that are taken together.
#[test]
fn weights_stay_under_idle_steps_just_where_they_stay_under_steps_with_a_gradient_of_zero() {
    const GROUP: usize = 64;
    type Alpha = fn(usize) -> f32;
    let steady: Alpha = |_| 1e-3;
    let rises: Alpha = |i| if i < 37 { 1e-6 } else { 1e-3 };
    let falls: Alpha = |i| if i < 16 { 1e-3 } else { -1e-7 };
    let breaks: Alpha = |i| if i < 40 { 1e-3 } else { f32::NAN };
    let bursts: Alpha = |i| if i == 31 { f32::INFINITY } else { 1e-3 };
    let kinds = [
        (steady, 0.1, 0.001),
        // m stays, while √v shrinks as fast as it may.
        (steady, 0.0, 1.0 / 64.0),
        (steady, 0.0, 0.0),
        (steady, 1.0, 0.001),
        // m changes its sign, or grows.
        (steady, 1.9, 0.001),
        (steady, -0.1, 0.001),
        (rises, 0.01, 0.001),
        (falls, 0.01, 0.001),
        (breaks, 0.1, 0.001),
        (bursts, 0.1, 0.001),
    ];
    for kernels in all_kernels() {
        for (kind, (alpha, one_minus_beta1, one_minus_beta2)) in kinds.into_iter().enumerate() {
            let steps: Vec<AdamStep> = (0..amount(100, 20))
                .map(|i| AdamStep {
                    alpha: alpha(i),
                    one_minus_beta1,
                    one_minus_beta2,
                    epsilon: 1e-7,
                    flush_subnormals: i % 16 == 5,
                })
                .collect();
            let mut numbers = Numbers(10);
            let mut at_once = Tensor::new(&mut numbers, amount(23, 4) * GROUP);
            for i in 0..at_once.w.len() {
                // About the same for all of a group, so that most groups move or stay as a whole.
                let share = 2_f32.powi(-8 - (i / GROUP) as i32) * (0.75 + 0.5 * numbers.unit());
                let w = 2_f32.powi(numbers.below(40) as i32 - 30);
                at_once.w[i] = [w, w.next_up(), -w, -w.next_down()][i % 4];
                at_once.v[i] = numbers.unit().powi(4);
                at_once.m[i] = share * w * (at_once.v[i].sqrt() + 1e-7) / 1e-3;
                if i % 5 == 0 {
                    at_once.m[i] *= -1.0;
                }
            }
            check(kernels, &steps, at_once, &format!("steps of kind {kind}"));
        }
    }
}

/// The first steps have an α of 0; the next leaves next to nothing of each weight, and so little is taken afterwards that
/// it would not have moved them before.
#[test]
fn a_weight_of_which_a_large_step_leaves_little_is_moved_by_small_ones() {
    let alphas = [0.0; 15].into_iter().chain([4.0]).chain([3e-8; 32]);
    let steps: Vec<AdamStep> = alphas.map(|alpha| without_decay(alpha, 0.0)).collect();
    for kernels in all_kernels() {
        let mut tensor = Tensor::new(&mut Numbers(11), 64);
        tensor.v.fill(1.0);
        for (w, m) in tensor.w.iter_mut().zip(tensor.m.iter()) {
            *w = f32::from_bits((4.0 * m).to_bits() + 9);
        }
        check(kernels, &steps, tensor, "one large step and small ones");
    }
}

/// Quotients of m and √v + ε that are infinite, times an α that is nothing, and subnormal ones that are rounded up to
/// twice what they are, times a large α.
#[test]
fn weights_are_moved_by_quotients_past_either_end_of_the_floats() {
    let p = |exponent| 2_f32.powi(exponent);
    for [w, m, v, alpha, one_minus_beta2] in [
        [1.0, 1e32, 0.0, 0.0, 1e-3],
        [f32::INFINITY, 1e33, 0.0, 1e-10, 1e-3],
        [p(127), p(105), 0.0, p(-29), 1e-3],
        [p(-125), 0.9 * p(-110), p(80), 0.525, p(-6)],
        [p(-125), 0.995 * p(-110), p(80), 0.5005, 1e-3],
        [p(-23), 0.9 * p(-110), p(80), 2.66e30, p(-6)],
    ] {
        for kernels in all_kernels() {
            let mut tensor = Tensor::new(&mut Numbers(12), 64);
            tensor.w.fill(w);
            tensor.m.fill(m);
            tensor.v.fill(v);
            let steps = [without_decay(alpha, one_minus_beta2); 16];
            check(kernels, &steps, tensor, &format!("{w:e}, {m:e}, {v:e}"));
        }
    }
}

/// A step that leaves m as it is.
fn without_decay(alpha: f32, one_minus_beta2: f32) -> AdamStep {
    AdamStep {
        alpha,
        one_minus_beta1: 0.0,
        one_minus_beta2,
        epsilon: 1e-7,
        flush_subnormals: false,
    }
}
