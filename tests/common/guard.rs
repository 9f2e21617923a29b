//! Floats that end where the next page cannot be touched: a kernel that reads or writes one float
//! too many dies of it.
//!
//! Under Miri, which has no pages but sees such an access itself, they are floats like any other.

#[cfg(miri)]
pub use vector::Guarded;

#[cfg(miri)]
mod vector {
    use std::ops::{Deref, DerefMut};

    pub struct Guarded(Vec<f32>);

    impl Guarded {
        pub fn new(values: &[f32]) -> Self {
            Self(values.to_vec())
        }
    }

    impl Deref for Guarded {
        type Target = [f32];

        fn deref(&self) -> &[f32] {
            &self.0
        }
    }

    impl DerefMut for Guarded {
        fn deref_mut(&mut self) -> &mut [f32] {
            &mut self.0
        }
    }
}

#[cfg(not(miri))]
pub use pages::Guarded;

#[cfg(not(miri))]
mod pages {
    use std::{
        ops::{Deref, DerefMut},
        ptr::{NonNull, null_mut},
    };

    use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};

    /// A multiple of every page size in use. Asking for the size itself reads what valgrind hides.
    const PAGE: usize = 1 << 16;

    /// A slice of floats whose end is the end of its last readable page.
    pub struct Guarded {
        mapping: NonNull<u8>,
        mapped: usize,
        first: NonNull<f32>,
        len: usize,
    }

    impl Guarded {
        /// A copy of `values` before a guard page.
        pub fn new(values: &[f32]) -> Self {
            let bytes = size_of_val(values);
            let readable = bytes.next_multiple_of(PAGE);
            let mapped = readable + PAGE;
            let protection = ProtFlags::READ | ProtFlags::WRITE;
            // SAFETY: a new mapping wherever the kernel likes overlaps nothing that exists.
            let mapping =
                unsafe { mmap_anonymous(null_mut(), mapped, protection, MapFlags::PRIVATE) };
            let mapping =
                NonNull::new(mapping.expect("memory for a guarded slice")).expect("not null");
            let mapping = mapping.cast::<u8>();
            // SAFETY: the guard is the mapping's last page, which nothing refers to.
            unsafe {
                let guard = mapping.add(readable);
                mprotect(guard.as_ptr().cast(), PAGE, MprotectFlags::empty())
                    .expect("a guard page");
            }
            // SAFETY: `bytes` is at most `readable`, so this stays within the mapping.
            let first = unsafe { mapping.add(readable - bytes) }.cast::<f32>();
            let mut guarded = Self {
                mapping,
                mapped,
                first,
                len: values.len(),
            };
            guarded.copy_from_slice(values);
            guarded
        }
    }

    impl Deref for Guarded {
        type Target = [f32];

        fn deref(&self) -> &[f32] {
            // SAFETY: `new` mapped these floats for reading and writing, zeroed; a page's end less a
            // number of floats is aligned for one; they live until `drop`, and `self` alone has them.
            unsafe { std::slice::from_raw_parts(self.first.as_ptr(), self.len) }
        }
    }

    impl DerefMut for Guarded {
        fn deref_mut(&mut self) -> &mut [f32] {
            // SAFETY: as in `deref`; `self` is borrowed mutably.
            unsafe { std::slice::from_raw_parts_mut(self.first.as_ptr(), self.len) }
        }
    }

    impl Drop for Guarded {
        fn drop(&mut self) {
            // SAFETY: the whole of the mapping that `new` made; no borrow of it outlives `self`.
            unsafe { munmap(self.mapping.as_ptr().cast(), self.mapped) }.expect("the mapping ends");
        }
    }
}
