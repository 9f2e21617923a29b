//! Weights with their moments, each at the end of a page.

use kernels::{AdamStep, Kernels, Moments};

use crate::{guard::Guarded, kernel_inputs::Numbers};

pub struct Tensor {
    pub w: Guarded,
    pub m: Guarded,
    pub v: Guarded,
}

impl Tensor {
    pub fn new(numbers: &mut Numbers, len: usize) -> Self {
        let v: Vec<f32> = numbers.many(len).iter().map(|v| v * v * 1e-3).collect();
        Self {
            w: Guarded::new(&numbers.many(len)),
            m: Guarded::new(&numbers.many(len)),
            v: Guarded::new(&v),
        }
    }

    pub fn copy(&self) -> Self {
        Self {
            w: Guarded::new(&self.w),
            m: Guarded::new(&self.m),
            v: Guarded::new(&self.v),
        }
    }

    pub fn adam(&mut self, kernels: Kernels, step: AdamStep, gradient: &[f32]) {
        let moments = Moments {
            m: &mut self.m,
            v: &mut self.v,
        };
        kernels.adam(step, &mut self.w, moments, gradient);
    }
}
