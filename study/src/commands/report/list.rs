//! The list of what a report wrote in its folder: whatever else is there is somebody's own.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use crate::output::write_whole;

/// The file that the list is in.
pub(super) const LIST: &str = "report-files.txt";

/// Its first line, by which it is known.
const HEAD: &str = "Written by initstudy report, which replaces these files";

/// A report's list of its files.
pub(super) struct List {
    path: PathBuf,
    names: BTreeSet<String>,
    foreign: bool,
}

impl List {
    /// The list in a folder, of no names where there is none.
    pub(super) fn of(folder: &Path) -> io::Result<Self> {
        let path = folder.join(LIST);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => HEAD.to_owned(),
            Err(error) if error.kind() == ErrorKind::InvalidData => String::new(),
            read => read?,
        };
        let mut lines = text.lines();
        Ok(Self {
            path,
            foreign: lines.next() != Some(HEAD),
            names: lines.map(str::to_owned).collect(),
        })
    }

    /// Whether a report wrote the file of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        !self.foreign && (name == LIST || self.names.contains(name))
    }

    /// Leaves these names out.
    pub(super) fn forget(&mut self, names: &[String]) -> io::Result<()> {
        self.names.retain(|name| !names.contains(name));
        write_whole(&self.path, |file| {
            writeln!(file, "{HEAD}")?;
            self.names
                .iter()
                .try_for_each(|name| writeln!(file, "{name}"))
        })
    }

    /// Adds a name, before its file is written: a report that breaks off has listed all that it
    /// leaves.
    pub(super) fn add(&mut self, name: &str) -> io::Result<()> {
        if self.names.insert(name.to_owned()) {
            let mut file = File::options().append(true).open(&self.path)?;
            writeln!(file, "{name}")?;
        }
        Ok(())
    }
}
