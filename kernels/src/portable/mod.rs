//! The portable twin: plain loops that every CPU runs and that read like their definitions.

mod gemm;

use crate::{
    AdamStep, BatchColumns, BatchLoss, Epilogue, MatMut, MatRef, Moments, PackedB, SparseRows,
    dispatch::Backend,
};

/// The portable instruction set.
pub(crate) struct Portable;

impl Backend for Portable {
    fn gemm(&self, a: MatRef<'_>, b: MatRef<'_>, c: MatMut<'_>, epilogue: Epilogue<'_>) {
        gemm::gemm(a, b, c, epilogue);
    }

    fn gemm_packed(&self, a: MatRef<'_>, b: &PackedB, c: MatMut<'_>, epilogue: Epilogue<'_>) {
        gemm::gemm_packed(a, b, c, epilogue);
    }

    fn fma_probe(&self, steps: usize) -> u64 {
        gemm::fma_probe(steps)
    }

    fn sparse_gemm(
        &self,
        x: &SparseRows,
        rows: &[u32],
        w: MatRef<'_>,
        mut c: MatMut<'_>,
        epilogue: Epilogue<'_>,
    ) {
        for (i, &row) in rows.iter().enumerate() {
            combine_rows(x.row(row as usize), w, c.row_mut(i), epilogue);
        }
    }

    fn sparse_tn_gemm(
        &self,
        x: &BatchColumns,
        dz: MatRef<'_>,
        mut c: MatMut<'_>,
        epilogue: Epilogue<'_>,
    ) {
        for j in 0..x.cols() {
            combine_rows(x.column(j), dz, c.row_mut(j), epilogue);
        }
    }

    fn relu(&self, x: &mut [f32]) {
        for x in x {
            *x = relu(*x);
        }
    }

    fn relu_backward(&self, activation: &[f32], gradient: &mut [f32]) {
        for (&a, g) in activation.iter().zip(gradient) {
            *g = if a > 0.0 { *g } else { 0.0 };
        }
    }

    fn exp(&self, x: &mut [f32]) {
        x.iter_mut().for_each(|x| *x = x.exp());
    }

    fn softmax_rows(&self, mut x: MatMut<'_>) {
        for i in 0..x.rows() {
            let row = x.row_mut(i);
            let Some(max) = row.get(argmax(row)).copied() else {
                return;
            };
            row.iter_mut().for_each(|z| *z = (*z - max).exp());
            let sum: f32 = row.iter().sum();
            row.iter_mut().for_each(|e| *e /= sum);
        }
    }

    fn softmax_cross_entropy(
        &self,
        mut logits: MatMut<'_>,
        labels: &[u8],
        scale: f32,
    ) -> BatchLoss {
        let mut total = BatchLoss::default();
        for (i, &label) in labels.iter().enumerate() {
            let row = logits.row_mut(i);
            let label = usize::from(label);
            let best = argmax(row);
            let (max, hit) = (row[best], row[label]);
            row.iter_mut().for_each(|z| *z = (*z - max).exp());
            let sum: f32 = row.iter().sum();
            total.loss += f64::from(sum.ln() - (hit - max));
            total.correct += usize::from(best == label);
            row.iter_mut().for_each(|e| *e = *e / sum * scale);
            row[label] -= scale;
        }
        total
    }

    fn evaluate_logits(
        &self,
        logits: MatRef<'_>,
        labels: &[u8],
        predictions: &mut [u8],
    ) -> BatchLoss {
        let mut total = BatchLoss::default();
        for ((i, &label), prediction) in labels.iter().enumerate().zip(predictions) {
            let row = logits.row(i);
            let best = argmax(row);
            let sum: f32 = row.iter().map(|z| (z - row[best]).exp()).sum();
            total.loss += f64::from(sum.ln() - (row[usize::from(label)] - row[best]));
            total.correct += usize::from(best == usize::from(label));
            *prediction = best as u8;
        }
        total
    }

    fn argmax_rows(&self, x: MatRef<'_>, indices: &mut [u32]) {
        for (i, index) in indices.iter_mut().enumerate() {
            *index = argmax(x.row(i)) as u32;
        }
    }

    fn column_sums(&self, x: MatRef<'_>, sums: &mut [f32]) {
        sums.fill(0.0);
        for i in 0..x.rows() {
            for (sum, x) in sums.iter_mut().zip(x.row(i)) {
                *sum += x;
            }
        }
    }

    fn adam(&self, step: AdamStep, w: &mut [f32], moments: Moments<'_>, gradient: &[f32]) {
        let state = w.iter_mut().zip(moments.m).zip(moments.v);
        for (((w, m), v), &g) in state.zip(gradient) {
            *m += step.one_minus_beta1 * (g - *m);
            *v += step.one_minus_beta2 * (g * g - *v);
            *w -= step.alpha * *m / (v.sqrt() + step.epsilon);
        }
    }
}

/// Σ value·(row `index` of `w`), finished into `out`.
fn combine_rows(
    entries: impl Iterator<Item = (usize, f32)>,
    w: MatRef<'_>,
    out: &mut [f32],
    epilogue: Epilogue<'_>,
) {
    if !matches!(epilogue, Epilogue::Add) {
        out.fill(0.0);
    }
    for (k, value) in entries {
        for (out, w) in out.iter_mut().zip(w.row(k)) {
            *out += value * w;
        }
    }
    match epilogue {
        Epilogue::Store | Epilogue::Add => {}
        Epilogue::Bias(bias) => out.iter_mut().zip(bias).for_each(|(out, b)| *out += b),
        Epilogue::BiasRelu(bias) => {
            out.iter_mut()
                .zip(bias)
                .for_each(|(out, b)| *out = relu(*out + b));
        }
    }
}

/// max(x, 0), but NaN stays NaN: `f32::max` would drop it.
fn relu(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}

/// Index of the first largest value; a NaN counts as larger than any number.
fn argmax(row: &[f32]) -> usize {
    let mut best = 0;
    for (j, &x) in row.iter().enumerate() {
        if !row[best].is_nan() && (x > row[best] || x.is_nan()) {
            best = j;
        }
    }
    best
}
