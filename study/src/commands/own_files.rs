//! What a command may replace: files that it wrote itself, by the list of them in a folder, or by how
//! such a file begins. Whatever else is there is somebody's own.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use crate::{
    failure::Failure,
    output::{check_writable, write_whole},
};

/// As many bytes as tell whose a file is.
const FIRST: u64 = 512;

/// Refuses, before any work, a file that cannot be written, or one that is there and whose first
/// bytes, [`FIRST`] at most, are not those of a `what` that initstudy wrote.
pub(super) fn check_replaceable(
    flag: &str,
    path: &Path,
    what: &str,
    is_own: impl Fn(&[u8]) -> bool,
) -> Result<(), Failure> {
    let is_ours = || {
        let mut bytes = Vec::new();
        let read = File::open(path)?.take(FIRST).read_to_end(&mut bytes);
        read.map(|_| bytes.is_empty() || is_own(&bytes))
    };
    if path.is_file() && !is_ours().unwrap_or(false) {
        return Err(Failure::usage(format!(
            "{} is there and no {what} that initstudy wrote, and is not overwritten; choose another file with {flag}",
            path.display()
        )));
    }
    check_writable(path).map_err(|error| Failure::unwritable(flag, path, &error))
}

/// A command that writes files which it may replace when it is given again.
#[derive(Clone, Copy)]
pub(super) struct Writer {
    /// What it writes, as in "no report is known to have written".
    pub what: &'static str,
    /// The file that its list is in.
    pub list: &'static str,
    /// The first line of that file, by which it is known.
    pub head: &'static str,
}

/// `initstudy report`.
pub(super) const REPORT: Writer = Writer {
    what: "report",
    list: "report-files.txt",
    head: "Written by initstudy report, which replaces these files",
};

/// `initstudy paper`.
pub(super) const PAPER: Writer = Writer {
    what: "paper",
    list: "paper-files.txt",
    head: "Written by initstudy paper, which replaces these files",
};

/// A command's list of its files.
pub(super) struct List {
    writer: Writer,
    folder: PathBuf,
    names: BTreeSet<String>,
    foreign: bool,
}

impl List {
    /// The list in a folder, of no names where there is none.
    pub(super) fn of(folder: &Path, writer: Writer) -> io::Result<Self> {
        let text = match fs::read_to_string(folder.join(writer.list)) {
            Err(error) if error.kind() == ErrorKind::NotFound => writer.head.to_owned(),
            Err(error) if error.kind() == ErrorKind::InvalidData => String::new(),
            read => read?,
        };
        let mut lines = text.lines();
        Ok(Self {
            writer,
            folder: folder.to_owned(),
            foreign: lines.next() != Some(writer.head),
            names: lines.map(str::to_owned).collect(),
        })
    }

    /// Whether the command wrote the file of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        !self.foreign && (name == self.writer.list || self.names.contains(name))
    }

    /// Refuses a folder that holds one of these names, or the list's, which is somebody's own.
    pub(super) fn check(&self, names: impl Iterator<Item = String>) -> Result<(), Failure> {
        let own: Vec<String> = names
            .chain([self.writer.list.to_owned()])
            .filter(|name| !self.has(name) && self.folder.join(name).exists())
            .collect();
        if own.is_empty() {
            return Ok(());
        }
        Err(Failure::usage(format!(
            "{} holds {}, which no {} is known to have written and this one would replace; move them, or choose another folder with --out",
            self.folder.display(),
            own.join(", "),
            self.writer.what
        )))
    }

    /// Leaves these names out.
    pub(super) fn forget(&mut self, names: &[String]) -> io::Result<()> {
        self.names.retain(|name| !names.contains(name));
        write_whole(&self.path(), |file| {
            writeln!(file, "{}", self.writer.head)?;
            self.names
                .iter()
                .try_for_each(|name| writeln!(file, "{name}"))
        })
    }

    /// Adds a name, before its file is written: a command that breaks off has listed all that it
    /// leaves.
    pub(super) fn add(&mut self, name: &str) -> io::Result<()> {
        if self.names.insert(name.to_owned()) {
            let mut file = File::options().append(true).open(self.path())?;
            writeln!(file, "{name}")?;
        }
        Ok(())
    }

    /// The file that the list is in.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(self.writer.list)
    }
}
