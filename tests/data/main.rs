//! Where data sets come from.

#[path = "../common/tiny_dataset.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod tiny_dataset;

mod download;
mod loopback_server;
mod sources;
