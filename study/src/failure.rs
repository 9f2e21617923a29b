//! How a command ends: the exit code, and the one sentence that goes with it.

use std::{fmt, io, path::Path};

use crate::output::is_wrong_place;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub struct Failure {
    kind: FailureKind,
    message: String,
}

/// The exit codes, as schedulers and scripts tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// A file, the network or the program itself failed: 1.
    Internal = 1,
    /// What was asked cannot be done as it was asked: 2.
    Usage = 2,
    /// Some runs broke off and are no results: 3.
    RunsFailed = 3,
    /// Interrupted; the same command goes on from there: 75 (`EX_TEMPFAIL` of sysexits.h).
    Interrupted = 75,
}

impl Failure {
    /// A failure of something outside: a file, the network.
    pub fn internal(message: impl fmt::Display) -> Self {
        Self::new(FailureKind::Internal, message)
    }

    /// A request that cannot be met as it stands.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::new(FailureKind::Usage, message)
    }

    /// A file, named by a flag, that cannot be written: a slip of whoever named its place, or a fault of
    /// the disk.
    pub fn unwritable(flag: &str, path: &Path, error: &io::Error) -> Self {
        let path = path.display();
        let message = format!("cannot write {path}: {error}; choose another file with {flag}");
        if is_wrong_place(error) {
            Self::usage(message)
        } else {
            Self::internal(message)
        }
    }

    /// An end with runs that broke off.
    pub fn runs_failed(message: impl fmt::Display) -> Self {
        Self::new(FailureKind::RunsFailed, message)
    }

    /// A stop from outside; the same request is worth another try.
    pub fn interrupted(message: impl fmt::Display) -> Self {
        Self::new(FailureKind::Interrupted, message)
    }

    fn new(kind: FailureKind, message: impl fmt::Display) -> Self {
        Self {
            kind,
            message: message.to_string(),
        }
    }

    /// The same failure of what came after something that was done, which it is said to be.
    #[must_use]
    pub fn after(self, done: &str) -> Self {
        Self::new(self.kind, format!("{done}; then {}", self.message))
    }

    /// The process's exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        self.kind as u8
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
