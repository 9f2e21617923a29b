//! Adam against its definition in double precision, and against itself: the same weight takes
//! the same bits wherever it stands.

#[path = "common/guard.rs"]
mod guard;
#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;
#[path = "common/sizes.rs"]
mod sizes;

use guard::Guarded;
use kernel_inputs::{Numbers, adam_step, all_kernels, bits};
use kernels::{AdamStep, Kernels, Moments};
use sizes::{amount, sizes, small_sizes};

const EPS: f64 = f32::EPSILON as f64;

struct Tensor {
    w: Guarded,
    m: Guarded,
    v: Guarded,
}

impl Tensor {
    fn new(numbers: &mut Numbers, len: usize) -> Self {
        let v: Vec<f32> = numbers.many(len).iter().map(|v| v * v * 1e-3).collect();
        Self {
            w: Guarded::new(&numbers.many(len)),
            m: Guarded::new(&numbers.many(len)),
            v: Guarded::new(&v),
        }
    }

    fn copy(&self) -> Self {
        Self {
            w: Guarded::new(&self.w),
            m: Guarded::new(&self.m),
            v: Guarded::new(&self.v),
        }
    }

    fn adam(&mut self, kernels: Kernels, step: AdamStep, gradient: &[f32]) {
        let moments = Moments {
            m: &mut self.m,
            v: &mut self.v,
        };
        kernels.adam(step, &mut self.w, moments, gradient);
    }

    fn idle(&mut self, kernels: Kernels, steps: &[AdamStep]) {
        let moments = Moments {
            m: &mut self.m,
            v: &mut self.v,
        };
        kernels.adam_idle(steps, &mut self.w, moments);
    }

    fn bits(&self) -> [Vec<u32>; 3] {
        [bits(&self.w), bits(&self.m), bits(&self.v)]
    }
}

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
        let before = tensor.bits();
        for t in 1..100 {
            tensor.adam(kernels, adam_step(t), &vec![0.0; len]);
        }
        assert_eq!(tensor.bits(), before, "{kernels:?}");
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
                let mut one_by_one = at_once.copy();
                at_once.idle(kernels, &steps);
                for &step in &steps {
                    one_by_one.adam(kernels, step, &vec![0.0; len]);
                }
                assert_eq!(
                    at_once.bits(),
                    one_by_one.bits(),
                    "{kernels:?} {len} {count}"
                );
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
                    let mut one_by_one = at_once.copy();
                    at_once.idle(kernels, steps);
                    for &step in steps {
                        one_by_one.adam(kernels, step, &vec![0.0; len]);
                    }
                    for (a, b) in [
                        (&at_once.w, &one_by_one.w),
                        (&at_once.m, &one_by_one.m),
                        (&at_once.v, &one_by_one.v),
                    ] {
                        for (i, (a, b)) in a.iter().zip(b.iter()).enumerate() {
                            assert!(
                                a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
                                "{kernels:?} {count} steps of kind {kind}, weight {i}: {a:e}, {b:e}"
                            );
                        }
                    }
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
        tensor.idle(kernels, &steps);
        assert!(tensor.m.iter().all(|&m| m.to_bits() == 0), "{kernels:?}");
        assert!(tensor.v.iter().all(|v| v.is_normal()), "{kernels:?}");
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
