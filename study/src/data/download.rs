//! Downloads the files of a known data set into the cache.
//!
//! A file reaches its name only when it is whole, verified and on disk: it is
//! written beside its place under a name of its own and then renamed. So two
//! processes that download at once do the work twice and no harm, and an
//! interrupted download leaves nothing that looks like a data set.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use engine::raw::FILE_NAMES;
use indicatif::{ProgressBar, ProgressStyle};
use tempfile::NamedTempFile;
use ureq::Agent;

use super::files::{self, Found};
use super::known::{KnownDataset, KnownFile, Places};
use super::{DataError, MirrorFault, checksum};
use crate::output::note;

/// How long to wait for a mirror before it counts as failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To resolve its name, and again to connect.
    pub connect: Duration,
    /// For the next bytes of an answer.
    pub read: Duration,
    /// For one whole file.
    pub total: Duration,
}

impl Default for Timeouts {
    /// 10 s to connect, 20 s without a byte, 10 min for a file: the largest of
    /// MNIST's then needs 17 kB/s.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(20),
            total: Duration::from_secs(600),
        }
    }
}

/// Mirrors on this machine are asked directly: a proxy, elsewhere, has another
/// loopback.
const LOOPBACK: [&str; 3] = ["http://127.0.0.1", "http://localhost", "http://[::1]"];

/// Why one attempt failed: the mirror's fault, where another may do better, or
/// the cache's, where none will.
enum Failure {
    Mirror(String),
    Cache(io::Error),
}

/// Downloads what was not `found` in `folder`, and returns the four paths in the
/// order of [`FILE_NAMES`].
///
/// # Errors
/// [`DataError::Download`] when no mirror gives a file, [`DataError::Cache`] when
/// the folder cannot be written.
pub(super) fn complete(
    known: &KnownDataset,
    folder: &Path,
    found: Found,
    places: &Places,
) -> Result<[PathBuf; 4], DataError> {
    let cache_error = |source| DataError::Cache {
        folder: folder.to_owned(),
        source,
    };
    fs::create_dir_all(folder).map_err(cache_error)?;
    if !places.quiet {
        note(&format!(
            "downloading {} into {}",
            known.name,
            folder.display()
        ));
    }

    let agent = agent(places.timeouts);
    let mut mirrors: Vec<&str> = places.mirrors.iter().map(String::as_str).collect();
    let mut paths = [const { PathBuf::new() }; 4];
    for (index, found) in found.into_iter().enumerate() {
        let (name, want) = (FILE_NAMES[index], &known.files[index]);
        let mut faults = Vec::new();
        paths[index] = match found {
            Some(path) => path,
            None => loop {
                if faults.len() == mirrors.len() {
                    let dataset = known.name.clone();
                    return Err(DataError::Download {
                        dataset,
                        file: name,
                        faults,
                    });
                }
                let url = format!("{}/{name}.gz", mirrors[0].trim_end_matches('/'));
                match fetch(&agent, &url, folder, name, want, places.quiet) {
                    Ok(path) => break path,
                    Err(Failure::Cache(source)) => return Err(cache_error(source)),
                    Err(Failure::Mirror(fault)) => {
                        faults.push(MirrorFault { url, fault });
                        // The next file asks this mirror last.
                        mirrors.rotate_left(1);
                    }
                }
            },
        };
    }
    Ok(paths)
}

fn agent(timeouts: Timeouts) -> Agent {
    Agent::config_builder()
        .user_agent(concat!("initstudy/", env!("CARGO_PKG_VERSION")))
        .timeout_resolve(Some(timeouts.connect))
        .timeout_connect(Some(timeouts.connect))
        .timeout_recv_response(Some(timeouts.read))
        .timeout_per_read(Some(timeouts.read))
        .timeout_global(Some(timeouts.total))
        .build()
        .into()
}

/// Downloads one file, verifies it and puts it into `folder`.
fn fetch(
    agent: &Agent,
    url: &str,
    folder: &Path,
    name: &str,
    want: &KnownFile,
    quiet: bool,
) -> Result<PathBuf, Failure> {
    let mut request = agent.get(url);
    if LOOPBACK.iter().any(|host| url.starts_with(host)) {
        request = request.config().proxy(None).build();
    }
    let response = request
        .call()
        .map_err(|error| Failure::Mirror(describe(&error)))?;
    let mut body = response.into_body();
    let bar = progress_bar(name, body.content_length(), quiet);
    // Gzip never adds more than a few bytes in ten thousand.
    let limit = want.bytes + want.bytes / 1000 + 1024;
    let mut reader = bar.wrap_read(body.with_config().limit(limit).reader());

    let mut file = tempfile::Builder::new()
        .prefix(".download-")
        .tempfile_in(folder)
        .map_err(Failure::Cache)?;
    copy(&mut reader, &mut file)?;
    bar.finish_and_clear();
    verify(file.path(), want)?;

    // A mirror may send what is not compressed under a name that says so.
    let compressed = starts_like_gzip(file.path()).map_err(Failure::Cache)?;
    let path = folder.join(if compressed {
        format!("{name}.gz")
    } else {
        name.to_owned()
    });
    file.as_file().sync_all().map_err(Failure::Cache)?;
    file.persist(&path)
        .map_err(|error| Failure::Cache(error.error))?;
    Ok(path)
}

/// `io::copy` that tells the two sides' errors apart.
fn copy(from: &mut impl Read, to: &mut NamedTempFile) -> Result<(), Failure> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(got) => to.write_all(&buffer[..got]).map_err(Failure::Cache)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Failure::Mirror(describe(&ureq::Error::from(error)))),
        }
    }
}

fn verify(path: &Path, want: &KnownFile) -> Result<(), Failure> {
    let mut reader = files::open(path).map_err(Failure::Cache)?;
    // One byte more than known, so that a longer file differs; and the end of a
    // right one is read, where gzip keeps its own checksum.
    let got = checksum::of_stream(&mut reader, want.bytes + 1)
        .map_err(|error| Failure::Mirror(format!("sent a damaged file ({error})")))?;
    if got == want.sha256 {
        return Ok(());
    }
    Err(Failure::Mirror(format!(
        "sent another file (SHA-256 {got} instead of {})",
        want.sha256
    )))
}

fn starts_like_gzip(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    fs::File::open(path)?.take(2).read_to_end(&mut start)?;
    Ok(start == files::GZIP_MAGIC)
}

/// What a mirror did, to be read after its address.
fn describe(error: &ureq::Error) -> String {
    match error {
        ureq::Error::StatusCode(code) => format!("answered with status {code}"),
        ureq::Error::Timeout(phase) => format!("took too long ({phase})"),
        ureq::Error::HostNotFound => "has an unknown host".to_owned(),
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
            format!("is not an address to download from ({error})")
        }
        ureq::Error::BodyExceedsLimit(limit) => format!("sent more than {limit} bytes"),
        ureq::Error::Io(error) => format!("failed ({error})"),
        _ => format!("failed ({error})"),
    }
}

fn progress_bar(name: &str, bytes: Option<u64>, quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let (bar, template) = match bytes {
        Some(bytes) => (
            ProgressBar::new(bytes),
            "{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left",
        ),
        None => (
            ProgressBar::no_length(),
            "{msg} {spinner} {bytes} {bytes_per_sec}",
        ),
    };
    let style = ProgressStyle::with_template(template).expect("the templates above are valid");
    bar.with_style(style).with_message(name.to_owned())
}
