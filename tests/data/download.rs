//! Downloading a data set, from servers on loopback that behave and that do not.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::loopback_server::{Answer, Server, refused};
use crate::tiny_dataset::{gzip, known_tiny, tiny, tiny_files, write_tiny};
use sha2::{Digest, Sha256};
use study::data::{DataError, LoadedDataset, Places, Timeouts, known};
use tempfile::TempDir;

/// What a good mirror answers.
fn good(path: &str) -> Answer {
    tiny_files()
        .into_iter()
        .find(|(name, _)| path == format!("/mnist/{name}.gz"))
        .map_or(Answer::Status(404), |(_, bytes)| Answer::Body(gzip(&bytes)))
}

/// A good mirror but for the test images.
fn good_but(bad: impl Fn(Vec<u8>) -> Answer + Send + Sync + 'static) -> Server {
    Server::start(move |path| match good(path) {
        Answer::Body(body) if path.contains("t10k-images") => bad(body),
        answer => answer,
    })
}

fn places(cache: &Path, mirrors: &[String]) -> Places {
    Places {
        folders: Vec::new(),
        cache: Some(cache.to_owned()),
        mirrors: mirrors.to_vec(),
        timeouts: Timeouts::default(),
        quiet: true,
        offline: false,
    }
}

fn download(cache: &Path, mirrors: &[String]) -> Result<LoadedDataset, DataError> {
    known::load(&known_tiny(), &places(cache, mirrors))
}

fn cache() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

/// The names of all files in the data set's folder of the cache, hidden ones too.
fn cached(cache: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(cache.join("tiny"))
        .expect("the folder was made")
        .map(|entry| {
            entry
                .expect("readable")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

fn all_four() -> Vec<String> {
    let mut names = tiny_files().map(|(name, _)| format!("{name}.gz")).to_vec();
    names.sort();
    names
}

/// The fault of the only mirror, which serves all but the test images, and the
/// proof that nothing bad reached the cache.
fn only_fault(server: &Server, timeouts: Timeouts) -> String {
    let cache = cache();
    let places = Places {
        timeouts,
        ..places(cache.path(), &[server.url()])
    };
    let error = known::load(&known_tiny(), &places).expect_err("the mirror is bad");
    let message = error.to_string();
    assert!(message.contains("or use --dataset synthetic"), "{message}");
    let DataError::Download {
        file, mut faults, ..
    } = error
    else {
        panic!("{message}")
    };
    assert_eq!((file, faults.len()), ("t10k-images-idx3-ubyte", 1));
    assert_eq!(
        cached(cache.path()),
        ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"],
        "only verified files, and nothing half done"
    );
    let fault = faults.remove(0);
    assert_eq!(
        fault.url,
        format!("{}/t10k-images-idx3-ubyte.gz", server.url())
    );
    fault.fault
}

#[test]
fn a_good_mirror_fills_the_cache_and_is_asked_only_once() {
    let (cache, server) = (cache(), Server::start(good));
    // With and without a slash at the end.
    let loaded = download(cache.path(), &[server.url() + "/"]).expect("a good mirror");
    assert_eq!(loaded.data, tiny());
    assert_eq!(cached(cache.path()), all_four());
    let again = download(cache.path(), &[server.url()]).expect("it is in the cache");
    assert_eq!(again.checksum, loaded.checksum);
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn a_folder_given_is_preferred_to_any_mirror() {
    let (folder, cache, server) = (cache(), cache(), Server::start(good));
    write_tiny(folder.path());
    let mut places = places(cache.path(), &[server.url()]);
    places.folders.push(folder.path().to_owned());
    assert_eq!(
        known::load(&known_tiny(), &places)
            .expect("it is there")
            .data,
        tiny()
    );
    assert!(server.requests().is_empty());
}

#[test]
fn only_what_the_cache_lacks_is_downloaded() {
    let (cache, server) = (cache(), Server::start(good));
    write_tiny(&cache.path().join("tiny"));
    fs::remove_file(cache.path().join("tiny/t10k-labels-idx1-ubyte")).expect("it was written");
    download(cache.path(), &[server.url()]).expect("a good mirror");
    assert_eq!(server.requests(), ["/mnist/t10k-labels-idx1-ubyte.gz"]);
}

#[test]
fn a_damaged_file_in_the_cache_is_an_error_that_names_it() {
    let (cache, server) = (cache(), Server::start(good));
    download(cache.path(), &[server.url()]).expect("a good mirror");
    let path = cache.path().join("tiny/train-labels-idx1-ubyte.gz");
    fs::write(
        &path,
        gzip(&[0, 0, 8, 1, 0, 0, 0, 12, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 1]),
    )
    .expect("a file");
    let error = download(cache.path(), &[server.url()]).expect_err("one label is wrong");
    assert!(
        matches!(&error, DataError::Checksum { path: p, .. } if *p == path),
        "{error}"
    );
}

#[test]
fn a_file_with_another_checksum_is_refused() {
    let server = good_but(|_| Answer::Body(gzip(b"something else")));
    let fault = only_fault(&server, Timeouts::default());
    let want = &known_tiny().files[2].sha256;
    assert!(fault.starts_with("sent another file (SHA-256 "), "{fault}");
    assert!(fault.ends_with(&format!("instead of {want})")), "{fault}");
}

#[test]
fn a_page_of_html_is_refused() {
    let server = good_but(|_| Answer::Body(b"<html>Please log in</html>".to_vec()));
    assert!(only_fault(&server, Timeouts::default()).starts_with("sent another file"));
}

#[test]
fn a_body_that_breaks_off_is_refused() {
    let server = good_but(Answer::BrokenOff);
    let fault = only_fault(&server, Timeouts::default());
    assert!(fault.starts_with("failed ("), "{fault}");
}

#[test]
fn a_gzip_file_cut_short_is_refused() {
    let server = good_but(|body| Answer::Body(body[..body.len() - 1].to_vec()));
    let fault = only_fault(&server, Timeouts::default());
    assert!(fault.starts_with("sent a damaged file ("), "{fault}");
}

#[test]
fn a_gzip_file_that_inflates_to_far_more_is_left_one_byte_after_its_end() {
    let server = good_but(|_| Answer::Body(gzip(&vec![0; 1 << 19])));
    let fault = only_fault(&server, Timeouts::default());
    let read: String = Sha256::digest([0; 16 + 6 * 20 + 1])
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert!(
        fault.starts_with(&format!("sent another file (SHA-256 {read} ")),
        "{fault}"
    );
}

#[test]
fn a_body_without_end_is_left_at_the_size_the_file_can_have() {
    let server = good_but(|_| Answer::WithoutEnd);
    assert_eq!(
        only_fault(&server, Timeouts::default()),
        "sent more than 1160 bytes"
    );
}

#[test]
fn status_404_is_told() {
    let server = good_but(|_| Answer::Status(404));
    assert_eq!(
        only_fault(&server, Timeouts::default()),
        "answered with status 404"
    );
}

#[test]
fn a_mirror_that_falls_silent_is_given_up() {
    let server = good_but(|_| Answer::Silence);
    let timeouts = Timeouts {
        read: Duration::from_millis(300),
        ..Timeouts::default()
    };
    let fault = only_fault(&server, timeouts);
    assert!(fault.starts_with("took too long"), "{fault}");
}

#[test]
fn where_the_first_mirror_fails_the_second_serves() {
    let (cache, second) = (cache(), Server::start(good));
    let first = good_but(|_| Answer::Status(500));
    let loaded = download(cache.path(), &[refused(), first.url(), second.url()]);
    assert_eq!(loaded.expect("the third mirror is good").data, tiny());
    assert_eq!(cached(cache.path()), all_four());
    // The second was asked until it failed, and the third from there on.
    assert_eq!(first.requests().len(), 3);
    assert_eq!(second.requests().len(), 2);
}

#[test]
fn when_every_mirror_fails_each_is_named_with_its_fault() {
    let cache = cache();
    let missing = Server::start(|_| Answer::Status(404));
    let mirrors = [refused(), missing.url(), "no address".to_owned()];
    let error = download(cache.path(), &mirrors).expect_err("no mirror is good");
    let message = error.to_string();
    assert!(
        message.starts_with("cannot download train-images-idx3-ubyte of tiny: "),
        "{message}"
    );
    assert!(message.contains(&format!(
        "{}/train-images-idx3-ubyte.gz failed (",
        mirrors[0]
    )));
    assert!(message.contains(&format!(
        "{}/train-images-idx3-ubyte.gz answered with status 404, ",
        mirrors[1]
    )));
    assert!(message.contains("no address/train-images-idx3-ubyte.gz is not an address"));
    assert!(message.contains("with --data-dir"), "{message}");
    assert_eq!(message.lines().count(), 1);
}

#[test]
fn without_mirrors_there_is_no_panic_but_an_error() {
    let error = download(cache().path(), &[]).expect_err("no mirror");
    assert!(
        error.to_string().contains("there is no mirror to ask"),
        "{error}"
    );
}

#[test]
fn a_cache_that_cannot_be_made_is_told_before_any_download() {
    let (cache, server) = (cache(), Server::start(good));
    let file = cache.path().join("file");
    fs::write(&file, "in the way").expect("a new file");
    let error = download(&file, &[server.url()]).expect_err("a file is in the way");
    assert!(matches!(error, DataError::Cache { .. }), "{error}");
    assert!(server.requests().is_empty());
}

#[test]
fn a_file_a_mirror_sends_uncompressed_is_kept_under_the_name_it_deserves() {
    let cache = cache();
    let server = Server::start(|path| {
        tiny_files()
            .into_iter()
            .find(|(name, _)| path.ends_with(&format!("{name}.gz")))
            .map_or(Answer::Status(404), |(_, bytes)| Answer::Body(bytes))
    });
    assert_eq!(
        download(cache.path(), &[server.url()])
            .expect("sound files")
            .data,
        tiny()
    );
    assert!(
        cached(cache.path())
            .iter()
            .all(|name| name.ends_with("-ubyte"))
    );
}

#[test]
fn several_downloads_at_once_into_one_cache_do_no_harm() {
    let (cache, server) = (cache(), Server::start(good));
    let mirrors = [server.url()];
    thread::scope(|scope| {
        let downloads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| download(cache.path(), &mirrors)))
            .collect();
        for download in downloads {
            let loaded = download.join().expect("no panic").expect("a good mirror");
            assert_eq!(loaded.data, tiny());
        }
    });
    assert_eq!(cached(cache.path()), all_four());
}
