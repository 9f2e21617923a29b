//! Copies a block of A or B into the order in which tiles read it. Never multiplies.

use std::{arch::x86_64::*, ops::Range};

use super::{plan::PANEL, transpose::transpose_8x8};
use crate::MatRef;
use crate::x86::lanes::Tail;

/// A block of lines (rows of A or columns of B) of `k` terms: term p of line l is at
/// `l·line_stride + p·k_stride`.
#[derive(Clone, Copy)]
pub(super) struct Lines<'a> {
    pub(super) data: &'a [f32],
    pub(super) line_stride: usize,
    pub(super) k_stride: usize,
    pub(super) lines: usize,
    pub(super) k: usize,
}

impl<'a> Lines<'a> {
    /// `lines` of these lines, from the one at `first`.
    fn slice(self, first: usize, lines: usize) -> Self {
        Self {
            data: &self.data[first * self.line_stride..],
            lines,
            ..self
        }
    }

    /// Interleaves the lines: term p of line l goes to `p·pitch + l`, zeros or later terms
    /// follow up to the next multiple of 8 lines.
    ///
    /// # Panics
    /// If `to` has no room for `k` times the pitch and 8 floats more.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn interleave(self, to: &mut [f32], pitch: usize) {
        assert!(self.lines <= pitch, "lines overlap at this pitch");
        if self.line_stride == 1 && self.k_stride != 1 {
            self.copy(to, pitch);
            return;
        }
        // The last group's zeros fall on the next term's first lines, which are written after it.
        for first in (0..self.lines).step_by(8).rev() {
            let group = self.slice(first, (self.lines - first).min(8));
            let to = &mut to[first..];
            if self.k_stride == 1 {
                group.transpose(to, pitch);
            } else {
                group.gather(to, pitch);
            }
        }
    }

    /// Up to 8 lines whose terms are adjacent.
    #[target_feature(enable = "avx2,fma")]
    fn transpose(self, to: &mut [f32], pitch: usize) {
        let Self {
            line_stride,
            lines,
            k,
            ..
        } = self;
        assert!(
            (1..=8).contains(&lines)
                && (lines - 1) * line_stride + k <= self.data.len()
                && (k - 1) * pitch + 8 <= to.len(),
            "a block to pack reaches outside its operand"
        );
        let (from, to) = (self.data.as_ptr(), to.as_mut_ptr());
        for p in (0..k).step_by(8) {
            let terms = Tail::of_some((k - p).min(8));
            let mut square = [_mm256_setzero_ps(); 8];
            for (l, row) in square.iter_mut().enumerate().take(lines) {
                // SAFETY: l < lines and p + terms ≤ k: inside `data` by the assertion.
                *row = unsafe { terms.load_at(from.add(l * line_stride + p)) };
            }
            let square = transpose_8x8(square);
            for (q, row) in square.iter().enumerate().take(terms.len()) {
                // SAFETY: p + q < k: 8 floats fit behind it by the assertion.
                unsafe { _mm256_storeu_ps(to.add((p + q) * pitch), *row) };
            }
        }
    }

    /// Up to 16 adjacent lines.
    #[target_feature(enable = "avx2,fma")]
    fn copy(self, to: &mut [f32], pitch: usize) {
        let Self {
            k_stride, lines, k, ..
        } = self;
        // Two vectors at most, so that there is no loop over them, of which the compiler would make a call.
        let first = if lines > 8 { 8 } else { 0 };
        let tail = Tail::of_some(lines - first);
        assert!(
            lines <= PANEL
                && (k - 1) * k_stride + lines <= self.data.len()
                && (k - 1) * pitch + first + 8 <= to.len(),
            "a block to pack reaches outside its operand"
        );
        let (from, to) = (self.data.as_ptr(), to.as_mut_ptr());
        for p in 0..k {
            // SAFETY: p < k: `lines` floats are in `data` behind `from`, and as many in `to` as
            // whole vectors of them take, by the assertion.
            unsafe {
                let (from, to) = (from.add(p * k_stride), to.add(p * pitch));
                if first == 8 {
                    _mm256_storeu_ps(to, _mm256_loadu_ps(from));
                }
                _mm256_storeu_ps(to.add(first), tail.load_at(from.add(first)));
            }
        }
    }

    /// Up to 8 lines in any order.
    fn gather(self, to: &mut [f32], pitch: usize) {
        for p in 0..self.k {
            let to = &mut to[p * pitch..][..8];
            for (l, to) in to.iter_mut().enumerate() {
                *to = if l < self.lines {
                    self.data[l * self.line_stride + p * self.k_stride]
                } else {
                    0.0
                };
            }
        }
    }
}

/// The columns `columns` of rows of B, whose rows are contiguous, as panels; the last is filled up with
/// zeros. Row by row, for panel by panel each row would give one cache line at a time and the
/// prefetcher no stream.
#[target_feature(enable = "avx2,fma")]
pub(super) fn pack_picked(b: MatRef<'_>, rows: &[u32], columns: Range<usize>, to: &mut [f32]) {
    let (to, _) = to.as_chunks_mut::<PANEL>();
    for (k, &row) in rows.iter().enumerate() {
        let (whole, rest) = b.row(row as usize)[columns.clone()].as_chunks();
        for (p, line) in whole.iter().enumerate() {
            to[p * rows.len() + k] = *line;
        }
        if !rest.is_empty() {
            let last = &mut to[whole.len() * rows.len() + k];
            last.fill(0.0);
            last[..rest.len()].copy_from_slice(rest);
        }
    }
}
