//! The kernels as one writes them in plain Rust, compiled for AVX2 and FMA: what the compiler
//! makes of them by itself is what the hand-written ones have to beat.
//!
//! Each function is safe to call once `Isa::Avx2.is_available()` said so.

use kernels::AdamStep;

#[target_feature(enable = "avx2,fma")]
pub fn exp(x: &mut [f32]) {
    for x in x {
        *x = x.exp();
    }
}

#[target_feature(enable = "avx2,fma")]
pub fn softmax_rows(x: &mut [f32], cols: usize) {
    for row in x.chunks_exact_mut(cols) {
        let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut sum = 0.0;
        for z in row.iter_mut() {
            *z = (*z - max).exp();
            sum += *z;
        }
        for z in row {
            *z /= sum;
        }
    }
}

/// Sum of the losses, and rows that are right; the logits become their gradient.
#[target_feature(enable = "avx2,fma")]
pub fn softmax_cross_entropy(
    x: &mut [f32],
    cols: usize,
    labels: &[u8],
    scale: f32,
) -> (f64, usize) {
    let (mut loss, mut correct) = (0.0, 0);
    for (row, &label) in x.chunks_exact_mut(cols).zip(labels) {
        let label = usize::from(label);
        let mut best = 0;
        for (j, &z) in row.iter().enumerate() {
            if z > row[best] {
                best = j;
            }
        }
        let (max, hit) = (row[best], row[label]);
        let mut sum = 0.0;
        for z in row.iter_mut() {
            *z = (*z - max).exp();
            sum += *z;
        }
        loss += f64::from(sum.ln() - (hit - max));
        correct += usize::from(best == label);
        for z in row.iter_mut() {
            *z *= scale / sum;
        }
        row[label] -= scale;
    }
    (loss, correct)
}

#[target_feature(enable = "avx2,fma")]
pub fn relu(x: &mut [f32]) {
    for x in x {
        *x = x.max(0.0);
    }
}

#[target_feature(enable = "avx2,fma")]
pub fn tanh(x: &mut [f32]) {
    for x in x {
        *x = x.tanh();
    }
}

#[target_feature(enable = "avx2,fma")]
pub fn sigmoid(x: &mut [f32]) {
    for x in x {
        *x = 1.0 / (1.0 + (-*x).exp());
    }
}

#[target_feature(enable = "avx2,fma")]
pub fn relu_backward(activation: &[f32], gradient: &mut [f32]) {
    for (&a, g) in activation.iter().zip(gradient) {
        *g = if a > 0.0 { *g } else { 0.0 };
    }
}

#[target_feature(enable = "avx2,fma")]
pub fn column_sums(x: &[f32], sums: &mut [f32]) {
    sums.fill(0.0);
    for row in x.chunks_exact(sums.len()) {
        for (sum, x) in sums.iter_mut().zip(row) {
            *sum += x;
        }
    }
}

#[target_feature(enable = "avx2,fma")]
pub fn adam(step: AdamStep, w: &mut [f32], m: &mut [f32], v: &mut [f32], gradient: &[f32]) {
    for (((w, m), v), &g) in w.iter_mut().zip(m).zip(v).zip(gradient) {
        *m += step.one_minus_beta1 * (g - *m);
        *v += step.one_minus_beta2 * (g * g - *v);
        *w -= step.alpha * *m / (v.sqrt() + step.epsilon);
    }
}

/// Reads four arrays and writes three of them, as Adam does, and computes next to nothing: the
/// time that Adam's memory traffic takes.
#[target_feature(enable = "avx2,fma")]
pub fn adam_traffic(w: &mut [f32], m: &mut [f32], v: &mut [f32], gradient: &[f32]) {
    for (((w, m), v), &g) in w.iter_mut().zip(m).zip(v).zip(gradient) {
        *w += g;
        *m += g;
        *v += g;
    }
}
