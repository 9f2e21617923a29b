//! Where the time of a training step's first layer goes, and what bounds each part of it.

#[path = "../../tests/common/kernel_inputs.rs"]
mod kernel_inputs;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use kernel_inputs::{adam_step, weights_and_moments};
use kernels::{BatchColumns, Buffer, DeferredAdam, Epilogue, Kernels, MatMut, MatRef, Moments};

use super::{BATCH, BATCHES, Data, PIXELS, WIDTH, numbers};

/// Times the parts of an epoch's steps, eager and deferred, each part on its own.
pub fn step(data: &Data<'_>) {
    let kernels = Kernels::active().expect("kernels for this CPU");
    let dz = MatRef::new(&data.dz, BATCH, WIDTH);
    let bias = vec![0.1; WIDTH];
    let mut columns = BatchColumns::new(PIXELS, BATCH);
    let mut c = Buffer::zeros(BATCH * WIDTH);
    println!("| part of a step | eager, median µs | deferred, median µs |\n|---|---|---|");
    let mut medians = Vec::new();
    for deferred in [false, true] {
        let [mut w, mut m, mut v] = weights_and_moments(&data.w);
        let mut state = DeferredAdam::new(PIXELS, WIDTH);
        let mut times: [Vec<Duration>; 4] = std::array::from_fn(|_| Vec::with_capacity(BATCHES));
        for t in 0..2 * BATCHES {
            let batch = &data.batches[t % BATCHES];
            let next = &data.batches[(t + 1) % BATCHES];
            let mut lap = Instant::now();
            let mut parts = [Duration::ZERO; 4];
            let mut clock = |part: usize| {
                parts[part] = lap.elapsed();
                lap = Instant::now();
            };
            columns.fill(kernels, &data.x, batch);
            clock(0);
            if deferred {
                kernels.catch_up(&columns, &mut w, &mut state);
            }
            clock(1);
            let w_view = MatRef::new(&w, PIXELS, WIDTH);
            let c = MatMut::new(&mut c, BATCH, WIDTH);
            let epilogue = Epilogue::BiasRelu(&bias);
            kernels.sparse_gemm_prefetching(&data.x, batch, next, w_view, c, epilogue);
            clock(2);
            let step = adam_step(t as i32 + 1);
            if deferred {
                kernels.sparse_tn_adam_deferred(&columns, dz, step, &mut w, &mut state);
            } else {
                let moments = Moments {
                    m: &mut m,
                    v: &mut v,
                };
                kernels.sparse_tn_adam(&columns, dz, step, &mut w, moments);
            }
            clock(3);
            // The second epoch counts: in the first, rows are still untouched.
            if t >= BATCHES {
                times
                    .iter_mut()
                    .zip(parts)
                    .for_each(|(all, part)| all.push(part));
            }
        }
        medians.push(times.map(|mut all| {
            all.sort();
            all[all.len() / 2].as_secs_f64() * 1e6
        }));
    }
    let parts = [
        "the batch's columns",
        "catching up",
        "X·W, bias, ReLU, next batch asked for",
        "Xᵀ·dZ and Adam",
    ];
    for (i, part) in parts.iter().enumerate() {
        println!("| {part} | {:.1} | {:.1} |", medians[0][i], medians[1][i]);
    }
    let [eager, deferred] = [0, 1].map(|i| medians[i].iter().sum::<f64>());
    println!("| all | {eager:.1} | {deferred:.1} |\n");
    bounds(kernels, data);
}

/// What the parts could not be faster than on this core.
fn bounds(kernels: Kernels, data: &Data<'_>) {
    let mut columns = BatchColumns::new(PIXELS, BATCH);
    let (mut touched, mut terms) = (0, 0);
    for batch in &data.batches {
        columns.fill(kernels, &data.x, batch);
        touched += columns.touched().len();
        terms += batch
            .iter()
            .map(|&i| data.x.row(i as usize).count())
            .sum::<usize>();
    }
    let (touched, terms) = (
        touched as f64 / BATCHES as f64,
        terms as f64 / BATCHES as f64,
    );

    let mut peak = 0.0_f64;
    let mut adam = f64::INFINITY;
    // In L1: what is left is the divider.
    let (mut w, mut m, mut v) = (numbers(512), numbers(512), Buffer::zeros(512));
    let g = numbers(512);
    for _ in 0..2000 {
        let start = Instant::now();
        let flops = kernels.fma_probe(2_000);
        peak = peak.max(flops as f64 / start.elapsed().as_secs_f64());
        let start = Instant::now();
        for _ in 0..32 {
            let moments = Moments {
                m: &mut m,
                v: &mut v,
            };
            kernels.adam(adam_step(1), &mut w, moments, black_box(&g));
        }
        adam = adam.min(start.elapsed().as_secs_f64() / (32.0 * 512.0));
    }
    let product = terms * WIDTH as f64 * 2.0 / peak * 1e6;
    println!("A batch has {terms:.0} non-zeros and touches {touched:.0} of {PIXELS} rows.");
    println!(
        "Multiply-adds: {:.0} GFLOP/s, so a product takes {product:.1} µs.",
        peak / 1e9
    );
    println!(
        "Adam in L1: {:.2} ns a weight, so {:.1} µs for the rows touched, {:.1} for all.",
        adam * 1e9,
        adam * touched * WIDTH as f64 * 1e6,
        adam * (PIXELS * WIDTH) as f64 * 1e6
    );
}
