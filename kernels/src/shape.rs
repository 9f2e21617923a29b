//! The shape of a view: its rows and columns, and where each element lies.

use std::{fmt, ops::Range};

/// Of a `rows × cols` matrix whose element (i, j) is at `i·row_stride + j·col_stride`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) row_stride: usize,
    pub(crate) col_stride: usize,
}

impl Shape {
    /// Rows one after the other, which must be `len` floats.
    #[track_caller]
    pub(crate) fn whole(len: usize, rows: usize, cols: usize) -> Self {
        assert_eq!(
            Some(len),
            rows.checked_mul(cols),
            "a {rows}×{cols} matrix is not {len} floats"
        );
        Self {
            rows,
            cols,
            row_stride: cols,
            col_stride: 1,
        }
    }

    pub(crate) fn transposed(self) -> Self {
        Self {
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
        }
    }

    /// Floats from the first element to the last.
    fn span(self) -> Option<usize> {
        if self.rows == 0 || self.cols == 0 {
            return Some(0);
        }
        let last_row = (self.rows - 1).checked_mul(self.row_stride)?;
        let last_col = (self.cols - 1).checked_mul(self.col_stride)?;
        last_row.checked_add(last_col)?.checked_add(1)
    }

    /// That the last element is one of `len` floats.
    #[track_caller]
    pub(crate) fn check_within(self, len: usize) {
        let Self {
            rows,
            cols,
            row_stride,
            col_stride,
        } = self;
        assert!(
            self.span().is_some_and(|need| need <= len),
            "a {rows}×{cols} view with strides ({row_stride}, {col_stride}) does not fit {len} floats"
        );
    }

    /// That no two elements share a place.
    #[track_caller]
    pub(crate) fn check_distinct(self) {
        let Self {
            rows,
            cols,
            row_stride,
            col_stride,
        } = self;
        // One line (row or column) must end before the next of its kind begins.
        let nested = |inner: usize, inner_stride: usize, outer: usize, outer_stride: usize| {
            (inner <= 1 || inner_stride > 0)
                && (outer <= 1 || outer_stride > (inner - 1) * inner_stride)
        };
        let distinct = rows == 0
            || cols == 0
            || nested(cols, col_stride, rows, row_stride)
            || nested(rows, row_stride, cols, col_stride);
        assert!(
            distinct,
            "elements of a mutable {rows}×{cols} view with strides ({row_stride}, {col_stride}) overlap"
        );
    }

    /// Where row i is, whose elements are adjacent; nowhere if it has none.
    #[inline]
    #[track_caller]
    pub(crate) fn row(self, i: usize) -> Range<usize> {
        assert!(
            self.col_stride == 1 || self.cols <= 1,
            "{self:?} has no contiguous rows"
        );
        assert!(i < self.rows, "row {i} outside {self:?}");
        if self.cols == 0 {
            return 0..0;
        }
        let start = i * self.row_stride;
        start..start + self.cols
    }
}

/// `rows×cols (row_stride, col_stride)`: what a message about a shape needs.
impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}×{} matrix (strides {}, {})",
            self.rows, self.cols, self.row_stride, self.col_stride
        )
    }
}
