//! Where data sets come from: folders, the cache, a download.

mod loopback_server;
#[path = "../common/tiny_dataset.rs"]
mod tiny_dataset;

mod download;
mod sources;
