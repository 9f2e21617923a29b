//! Single-precision arithmetic on slices for small networks.
