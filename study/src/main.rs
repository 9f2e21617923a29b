//! The command `initstudy`.
fn main() {}
