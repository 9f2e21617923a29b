//! Floats that begin on a cache line and are kept from one product to the next.

/// Floats in a cache line.
pub(crate) const LINE: usize = 16;

/// A buffer that grows to the largest length asked for and never shrinks.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    floats: Vec<f32>,
}

impl Buffer {
    pub(crate) const fn new() -> Self {
        Self { floats: Vec::new() }
    }

    /// `len` floats of no particular value, of which the first begins a cache line.
    pub(crate) fn get(&mut self, len: usize) -> &mut [f32] {
        if self.floats.len() < len + LINE {
            self.floats.resize(len + LINE, 0.0);
        }
        let start = line_start(&self.floats);
        &mut self.floats[start..start + len]
    }
}

/// Index of the first float that begins a cache line.
pub(crate) fn line_start(floats: &[f32]) -> usize {
    // `align_offset` may decline to answer (it does under Miri): alignment is only for speed.
    floats.as_ptr().align_offset(4 * LINE).min(LINE)
}
