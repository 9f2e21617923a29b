//! Running `initstudy` on a small data set, each test in a folder of its own.

#![allow(dead_code, reason = "each test program uses a part")]

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

/// 8×8 images of 4 classes, 400 to train on and 100 to test on: a bright spot on noise, its place
/// the class.
pub fn write_small(folder: &Path) {
    if folder.is_dir() {
        return;
    }
    fs::create_dir_all(folder).unwrap();
    let halves = [("train", 400_u32, 1_u32), ("t10k", 100, 77)];
    for (name, count, salt) in halves {
        let mut images = Vec::from([0, 0, 8, 3]);
        images.extend([count, 8, 8].map(u32::to_be_bytes).concat());
        let mut labels = Vec::from([0, 0, 8, 1]);
        labels.extend(count.to_be_bytes());
        for i in 0..count {
            let label = i % 4;
            labels.push(label as u8);
            images.extend((0..64).map(|pixel: u32| {
                let noise = (i * 64 + pixel + salt).wrapping_mul(2_654_435_761) >> 24;
                let spot = pixel / 16 == label && !noise.is_multiple_of(3);
                if spot || noise.is_multiple_of(7) {
                    noise as u8
                } else {
                    0
                }
            }));
        }
        fs::write(folder.join(format!("{name}-images-idx3-ubyte")), images).unwrap();
        fs::write(folder.join(format!("{name}-labels-idx1-ubyte")), labels).unwrap();
    }
}

/// `initstudy` in `home`, which is also its home folder.
pub fn initstudy(home: &Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("initstudy"));
    command
        .current_dir(home)
        .env("HOME", home)
        .env_remove("INITSTUDY_ISA");
    command
}

/// `initstudy sweep` of two epochs on the small data set, and what `args` add or override.
pub fn command(home: &Path, args: &[&str]) -> Command {
    write_small(&home.join("small"));
    let mut command = initstudy(home);
    command.arg("sweep");
    let defaults = [
        ("--dataset", "idx:small"),
        ("--epochs", "2"),
        ("--hidden", "8"),
    ];
    for (flag, value) in defaults {
        if !args.contains(&flag) {
            command.args([flag, value]);
        }
    }
    command.args(args);
    command
}

/// Runs [`command`] to its end.
pub fn sweep(home: &Path, args: &[&str]) -> Output {
    command(home, args).output().unwrap()
}

/// Everything that a sweep found out, by run: all cells of its rows but the times.
pub fn results(folder: &Path) -> BTreeMap<String, String> {
    let store = folder.join("runs.sqlite");
    let store = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let sound: String = store
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sound, "ok");
    let query = "SELECT run_id, concat_ws('|', initializer, seed, status, hidden, epochs,
            test_accuracy, test_loss, hex(classes),
            (SELECT group_concat(concat_ws('|', epoch, train_loss, train_accuracy, val_loss,
                val_accuracy), ';') FROM epochs WHERE epochs.run_id = runs.run_id))
        FROM runs LEFT JOIN predictions USING (run_id)";
    let mut query = store.prepare(query).unwrap();
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let rows: Vec<(String, String)> = rows.unwrap().map(Result::unwrap).collect();
    let count = rows.len();
    let results: BTreeMap<_, _> = rows.into_iter().collect();
    assert_eq!(results.len(), count, "a run is there twice");
    results
}

/// The runs that anybody who looks sees in a store; none while it cannot be read.
pub fn committed(folder: &Path) -> BTreeSet<String> {
    let read = || -> rusqlite::Result<BTreeSet<String>> {
        let store = folder.join("runs.sqlite");
        let store = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut query = store.prepare("SELECT run_id FROM runs")?;
        query.query_map([], |row| row.get(0))?.collect()
    };
    read().unwrap_or_default()
}

/// Seeds of a sweep that is to be disturbed: of 30 epochs each they are many minutes' work, so that
/// what a test does to it comes before its end, however long the machine lets the test wait.
pub const ENDLESS_SEEDS: &str = "100000";

/// The runs of [`ENDLESS_SEEDS`] with the four initializers that a sweep has by default.
pub const ENDLESS_RUNS: usize = 400_000;

/// The arguments of such a sweep into `out`, or of as much of it as some seeds are.
pub const fn endless<'a>(seeds: &'a str, out: &'a str) -> [&'a str; 7] {
    ["--seeds", seeds, "--epochs", "30", "--quiet", "--out", out]
}

/// Starts a sweep into `out` that has no end, and waits for its first run.
#[track_caller]
pub fn start_endless(home: &Path, out: &str) -> Child {
    let mut child = command(home, &endless(ENDLESS_SEEDS, out))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_run(&mut child, &home.join(out));
    child
}

/// Goes on with what [`start_endless`] began, up to a seed that it had not come to, and compares the
/// results with those of a sweep that nobody disturbed.
#[track_caller]
pub fn assert_goes_on(home: &Path, out: &str) {
    let folder = home.join(out);
    // Not by looking alone: one that was killed in a write must be written to first.
    let kept = results(&folder).len();
    assert!(kept > 0 && kept < ENDLESS_RUNS, "{kept} runs were kept");
    // The runs are trained seed by seed; two workers may be in two seeds.
    let seeds = (kept / 4 + 2).to_string();
    let args = endless(&seeds, out);
    let ended = sweep(home, &args);
    assert!(ended.status.success(), "{}", stderr(&ended));
    let whole = tempfile::tempdir().unwrap();
    assert!(sweep(whole.path(), &args).status.success());
    assert_eq!(results(&folder), results(&whole.path().join(out)));
}

/// Sends a signal, such as `-INT`, to a process.
pub fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    let status = Command::new("kill").args([name, &id]).status();
    assert!(status.unwrap().success());
}

/// Waits until a sweep that is under way has committed a run to the store of `folder`.
#[track_caller]
pub fn wait_for_run(child: &mut Child, folder: &Path) {
    wait_for_more_runs(child, folder, 0);
}

/// Waits until there are more than `count` runs in the store of `folder`.
///
/// # Panics
///
/// Where `child`, the sweep or what started it, ends before that or with it.
#[track_caller]
pub fn wait_for_more_runs(child: &mut Child, folder: &Path, count: usize) {
    loop {
        let has_more = committed(folder).len() > count;
        let ended = child.try_wait().unwrap();
        assert!(ended.is_none(), "it ended by itself: {ended:?}");
        if has_more {
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Copies a store to a folder as it is left by a sweep that is killed in the middle of a write: some
/// of its pages are overwritten, and the journal beside it has what was in them.
pub fn copy_cut_off(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let sound = to.join("sound.sqlite");
    fs::copy(from.join("runs.sqlite"), &sound).unwrap();
    let mut store = Connection::open(&sound).unwrap();
    // So little room that SQLite writes pages before it commits.
    store.pragma_update(None, "cache_size", 1).unwrap();
    let write = store.transaction().unwrap();
    write
        .execute("UPDATE epochs SET train_loss = 0, val_loss = 1", [])
        .unwrap();
    write.execute("UPDATE runs SET seconds = 0", []).unwrap();
    for end in ["", "-journal"] {
        let written = to.join(format!("sound.sqlite{end}"));
        fs::copy(written, to.join(format!("runs.sqlite{end}"))).unwrap();
    }
    drop(write);
    drop(store);
    fs::remove_file(&sound).unwrap();
    let [before, after] = [from, to].map(|folder| fs::read(folder.join("runs.sqlite")).unwrap());
    assert_ne!(before, after, "nothing was written before the end");
}

/// Numbers that look random and are the same every time (SplitMix64, Steele et al. 2014).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// Every row of a CSV file, its cells by column name.
pub fn read_csv(path: &Path) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
