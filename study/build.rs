//! Tells the program what it was built from: commit, compiler, target.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// What the program is built from, from the root of the repository.
const SOURCES: [&str; 5] = ["kernels", "engine", "study", "Cargo.toml", "Cargo.lock"];

fn main() {
    let manifest = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let root = manifest.parent().unwrap_or(&manifest);
    let (commit, dirty) = commit(root).unwrap_or(("unknown".to_owned(), "unknown"));
    let rustc = output(Command::new(variable("RUSTC")).arg("--version"));
    println!("cargo::rustc-env=INITSTUDY_COMMIT={commit}");
    println!("cargo::rustc-env=INITSTUDY_DIRTY={dirty}");
    println!(
        "cargo::rustc-env=INITSTUDY_RUSTC={}",
        rustc.as_deref().unwrap_or("unknown")
    );
    println!("cargo::rustc-env=INITSTUDY_TARGET={}", variable("TARGET"));
    // Whether the sources are those of the commit changes with any of them.
    for source in SOURCES {
        watch(&root.join(source));
    }
}

/// The commit, and whether the sources differ from it (`yes` or `no`). Nothing where there is no
/// git or the sources are no repository of their own, as those of an unpacked release.
fn commit(root: &Path) -> Option<(String, &'static str)> {
    let git = |arguments: &[&str]| {
        // Without optional locks, or reading the state would write to the index.
        output(
            Command::new("git")
                .arg("--no-optional-locks")
                .args(arguments)
                .current_dir(root),
        )
    };
    let top = PathBuf::from(git(&["rev-parse", "--show-toplevel"])?);
    if top.canonicalize().ok()? != root.canonicalize().ok()? {
        return None;
    }
    let commit = git(&["rev-parse", "HEAD"])?;
    let status = ["status", "--porcelain", "--untracked-files=no", "--"];
    let changes = git(&[&status[..], &SOURCES].concat())?;
    // What moves when HEAD does: itself, the branch it names, and their log.
    let branch = git(&["symbolic-ref", "--quiet", "HEAD"]);
    for name in ["HEAD", "logs/HEAD", "packed-refs"]
        .into_iter()
        .chain(branch.as_deref())
    {
        if let Some(path) = git(&["rev-parse", "--git-path", name]) {
            watch(&root.join(path));
        }
    }
    Some((commit, if changes.is_empty() { "no" } else { "yes" }))
}

/// What a command prints, where it succeeds.
fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|o| o.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned())
}

/// Cargo runs this again when `path` changes; a path that is not there would be a change each time.
fn watch(path: &Path) {
    if path.exists() {
        println!("cargo::rerun-if-changed={}", path.display());
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}
