//! Matrices as slices that carry their shape and strides.
//!
//! A view that exists is in bounds: the constructors check once that its last element lies in
//! the slice, and every kernel builds on that.

use std::fmt;

/// A read-only view of a `rows × cols` matrix: element (i, j) is at `i·row_stride + j·col_stride`.
#[derive(Clone, Copy)]
pub struct MatRef<'a> {
    data: &'a [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

/// A mutable view of a `rows × cols` matrix, no two of whose elements share a place.
pub struct MatMut<'a> {
    data: &'a mut [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

/// Floats that a view of this shape spans, from its first element to its last.
fn span(rows: usize, cols: usize, row_stride: usize, col_stride: usize) -> Option<usize> {
    if rows == 0 || cols == 0 {
        return Some(0);
    }
    let last_row = (rows - 1).checked_mul(row_stride)?;
    let last_col = (cols - 1).checked_mul(col_stride)?;
    last_row.checked_add(last_col)?.checked_add(1)
}

#[track_caller]
fn check_span(len: usize, rows: usize, cols: usize, row_stride: usize, col_stride: usize) {
    let fits = span(rows, cols, row_stride, col_stride).is_some_and(|need| need <= len);
    assert!(
        fits,
        "a {rows}×{cols} view with strides ({row_stride}, {col_stride}) does not fit {len} floats"
    );
}

impl<'a> MatRef<'a> {
    /// All of `data`, rows one after the other.
    ///
    /// # Panics
    /// Unless `data` holds exactly `rows·cols` floats.
    #[must_use]
    #[track_caller]
    pub fn new(data: &'a [f32], rows: usize, cols: usize) -> Self {
        assert_eq!(
            Some(data.len()),
            rows.checked_mul(cols),
            "a {rows}×{cols} matrix is not {} floats",
            data.len()
        );
        Self::with_strides(data, rows, cols, cols, 1)
    }

    /// A view with any strides, zero included (a row repeated, say).
    ///
    /// # Panics
    /// If the last element lies outside `data`.
    #[must_use]
    #[track_caller]
    pub fn with_strides(
        data: &'a [f32],
        rows: usize,
        cols: usize,
        row_stride: usize,
        col_stride: usize,
    ) -> Self {
        check_span(data.len(), rows, cols, row_stride, col_stride);
        Self {
            data,
            rows,
            cols,
            row_stride,
            col_stride,
        }
    }

    /// The transposed view of the same floats.
    #[must_use]
    pub fn t(self) -> Self {
        Self {
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
            ..self
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Floats from one row to the next.
    #[must_use]
    pub fn row_stride(&self) -> usize {
        self.row_stride
    }

    /// Floats from one column to the next.
    #[must_use]
    pub fn col_stride(&self) -> usize {
        self.col_stride
    }

    /// The floats behind the view, gaps between its rows included.
    #[must_use]
    pub fn data(&self) -> &'a [f32] {
        self.data
    }

    /// Element (i, j).
    ///
    /// # Panics
    /// If i or j is outside the shape.
    #[must_use]
    pub fn at(&self, i: usize, j: usize) -> f32 {
        assert!(
            i < self.rows && j < self.cols,
            "({i}, {j}) outside {self:?}"
        );
        self.data[i * self.row_stride + j * self.col_stride]
    }

    /// Row i as a slice.
    ///
    /// # Panics
    /// If the columns are not adjacent, or i is outside the shape.
    #[must_use]
    pub fn row(&self, i: usize) -> &'a [f32] {
        assert!(
            self.col_stride == 1 || self.cols <= 1,
            "{self:?} has no contiguous rows"
        );
        assert!(i < self.rows, "row {i} outside {self:?}");
        if self.cols == 0 {
            &[]
        } else {
            let start = i * self.row_stride;
            &self.data[start..start + self.cols]
        }
    }
}

impl<'a> MatMut<'a> {
    /// All of `data`, rows one after the other.
    ///
    /// # Panics
    /// Unless `data` holds exactly `rows·cols` floats.
    #[must_use]
    #[track_caller]
    pub fn new(data: &'a mut [f32], rows: usize, cols: usize) -> Self {
        assert_eq!(
            Some(data.len()),
            rows.checked_mul(cols),
            "a {rows}×{cols} matrix is not {} floats",
            data.len()
        );
        Self::with_strides(data, rows, cols, cols, 1)
    }

    /// A view whose rows end before the next row begins, or whose columns do. Other strides are refused
    /// even where no two elements share a place, as of a 2×3 view with strides (3, 2).
    ///
    /// # Panics
    /// If the last element lies outside `data`, or neither rows nor columns end before the next begins.
    #[must_use]
    #[track_caller]
    pub fn with_strides(
        data: &'a mut [f32],
        rows: usize,
        cols: usize,
        row_stride: usize,
        col_stride: usize,
    ) -> Self {
        check_span(data.len(), rows, cols, row_stride, col_stride);
        let nested = |inner: usize, inner_stride: usize, outer: usize, outer_stride: usize| {
            (inner <= 1 || inner_stride > 0)
                && (outer <= 1 || outer_stride > (inner - 1) * inner_stride)
        };
        let is_nested = rows == 0
            || cols == 0
            || nested(cols, col_stride, rows, row_stride)
            || nested(rows, row_stride, cols, col_stride);
        assert!(
            is_nested,
            "neither rows nor columns of a mutable {rows}×{cols} view with strides ({row_stride}, {col_stride}) end before the next begins"
        );
        Self {
            data,
            rows,
            cols,
            row_stride,
            col_stride,
        }
    }

    /// The same view for a shorter while.
    #[must_use]
    pub fn reborrow(&mut self) -> MatMut<'_> {
        MatMut {
            data: self.data,
            rows: self.rows,
            cols: self.cols,
            row_stride: self.row_stride,
            col_stride: self.col_stride,
        }
    }

    /// The same view, read-only.
    #[must_use]
    pub fn as_ref(&self) -> MatRef<'_> {
        MatRef {
            data: self.data,
            rows: self.rows,
            cols: self.cols,
            row_stride: self.row_stride,
            col_stride: self.col_stride,
        }
    }

    /// The transposed view of the same floats.
    #[must_use]
    pub fn t(self) -> MatMut<'a> {
        MatMut {
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
            data: self.data,
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Floats from one row to the next.
    #[must_use]
    pub fn row_stride(&self) -> usize {
        self.row_stride
    }

    /// Floats from one column to the next.
    #[must_use]
    pub fn col_stride(&self) -> usize {
        self.col_stride
    }

    /// Whether there is no element.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows == 0 || self.cols == 0
    }

    /// The floats behind the view, gaps between its rows included.
    #[must_use]
    pub fn data(&mut self) -> &mut [f32] {
        self.data
    }

    /// Row i as a mutable slice.
    ///
    /// # Panics
    /// If the columns are not adjacent, or i is outside the shape.
    #[must_use]
    #[inline]
    pub fn row_mut(&mut self, i: usize) -> &mut [f32] {
        assert!(
            self.col_stride == 1 || self.cols <= 1,
            "{self:?} has no contiguous rows"
        );
        assert!(i < self.rows, "row {i} outside {self:?}");
        if self.cols == 0 {
            &mut []
        } else {
            let start = i * self.row_stride;
            &mut self.data[start..start + self.cols]
        }
    }
}

/// `rows×cols (row_stride, col_stride)`: what a message about a shape needs.
impl fmt::Debug for MatRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}×{} matrix (strides {}, {})",
            self.rows, self.cols, self.row_stride, self.col_stride
        )
    }
}

impl fmt::Debug for MatMut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transposed_view_swaps_its_indices() {
        let data = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let a = MatRef::new(&data, 2, 3);
        assert_eq!(a.at(1, 0), 4.0);
        assert_eq!(a.t().at(0, 1), 4.0);
        assert_eq!(a.row(1), [4.0, 5.0, 6.0]);
    }

    #[test]
    fn an_empty_view_spans_nothing() {
        let _ = MatMut::with_strides(&mut [], 0, 7, 7, 1);
        assert!(MatRef::new(&[], 3, 0).row(2).is_empty());
    }
}
