//! Files that lie, never end, or are almost right: each reader gives an error of one sentence or
//! what the file says, and never more memory than it is let.

use std::{fs, path::Path, process::Command};

use crate::sweeps::{self, stderr};
use crate::tiny_dataset::{gzip, tiny, tiny_files, write_tiny};
use proptest::{prelude::*, sample::Index};
use rusqlite::Connection;
use study::{
    data::{DataSource, LoadOptions, load},
    registration::Registration,
    study_file::StudyFile,
    tidy::{self, Columns},
};

const CASES: u32 = if cfg!(feature = "long-tests") {
    100_000
} else {
    1000
};
/// Those that write files.
const FILE_CASES: u32 = CASES / 10;

/// One change of a text or a binary file.
#[derive(Clone, Debug)]
enum Change {
    Flip(Index, u8),
    Delete(Index, usize),
    Repeat(Index, usize),
    Insert(Index, Vec<u8>),
    Truncate(Index),
}

/// What parsers of numbers, quotes, nesting and headers stumble over.
const PIECES: [&str; 24] = [
    "\"",
    "'",
    "'''",
    "[",
    "]",
    "[[",
    "{",
    "}",
    ",",
    "=",
    "\n",
    "\r",
    "\0",
    "\u{feff}",
    "#",
    "-",
    "1e999",
    "nan",
    "inf",
    "99999999999999999999",
    "-1",
    "=[",
    "\\u",
    "\u{1f600}",
];

fn change() -> impl Strategy<Value = Change> {
    let place = any::<Index>;
    let piece = prop_oneof![
        prop::sample::select(&PIECES[..]).prop_map(|piece| piece.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 1..5),
    ];
    prop_oneof![
        (place(), any::<u8>()).prop_map(|(at, bits)| Change::Flip(at, bits)),
        (place(), 1..20_usize).prop_map(|(at, length)| Change::Delete(at, length)),
        (place(), 1..200_usize).prop_map(|(at, length)| Change::Repeat(at, length)),
        (place(), piece).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        place().prop_map(Change::Truncate),
    ]
}

fn changed(sound: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    for change in changes {
        let at = |index: &Index| index.index(bytes.len() + 1);
        let end = |at: usize, length: usize| bytes.len().min(at + length);
        match change {
            Change::Flip(index, bits) => {
                if let Some(byte) = bytes.get_mut(index.index(sound.len() + 1)) {
                    *byte ^= bits;
                }
            }
            Change::Delete(index, length) => {
                let from = at(index);
                bytes.drain(from..end(from, *length));
            }
            Change::Repeat(index, length) => {
                let from = at(index);
                let part = bytes[from..end(from, *length)].to_vec();
                bytes.splice(from..from, part);
            }
            Change::Insert(index, piece) => {
                let from = at(index);
                bytes.splice(from..from, piece.iter().copied());
            }
            Change::Truncate(index) => bytes.truncate(at(index)),
        }
    }
    bytes
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec(change(), 1..6)
}

/// That a message can stand in one line of a terminal.
fn assert_sentence(message: &str) {
    assert!(!message.is_empty() && message.len() < 2000, "{message}");
    assert!(!message.contains('\n'), "{message}");
}

const STUDY: &str = r#"
dataset = "mnist"
initializers = ["he_normal", "random_normal(stddev=0.1)"]
hidden = ["64", "128,64"]
activation = ["relu", "tanh"]
learning_rate = [0.001, 1e-2]
batch_size = [32, 64]
epochs = 5
seeds = 20
margin = 0.001
"#;

const REGISTRATION: &str = r#"
metric = "test_accuracy"
initializers = ["he_normal", "glorot_uniform"]
seeds = 10
test = "paired t"
adjustment = "holm"
margin = 0.001
alpha = 0.05
resamples = 10000
resampling_seed = 0
"#;

const TABLE: &str =
    "seed,group,loss,note\n0,a,0.25,\"first, of\nall\"\n0,b,1e-3,\n1,a,,x\n1,b,NA,y\n";

#[test]
fn the_files_that_are_changed_here_are_sound_before() {
    StudyFile::parse(STUDY).unwrap();
    let columns = Columns {
        group: "group",
        metric: "loss",
        pair: Some("seed"),
    };
    assert_eq!(
        tidy::read(TABLE.as_bytes(), b',', columns).unwrap().len(),
        2
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_study_file_almost_right_is_read_or_refused_in_a_sentence(changes in changes()) {
        if let Ok(text) = String::from_utf8(changed(STUDY.as_bytes(), &changes))
            && let Err(error) = StudyFile::parse(&text)
        {
            assert_sentence(&error.to_string());
        }
    }

    #[test]
    fn a_registration_almost_right_is_read_or_refused_in_a_sentence(changes in changes()) {
        if let Ok(text) = String::from_utf8(changed(REGISTRATION.as_bytes(), &changes))
            && let Err(error) = Registration::parse(&text)
        {
            assert_sentence(&error.to_string());
        }
    }

    #[test]
    fn a_table_almost_right_is_read_or_refused_in_a_sentence(changes in changes()) {
        let bytes = changed(TABLE.as_bytes(), &changes);
        let columns = Columns { group: "group", metric: "loss", pair: Some("seed") };
        match tidy::read(bytes.as_slice(), b',', columns) {
            Ok(groups) => prop_assert!(!groups.is_empty()),
            Err(error) => assert_sentence(&error.to_string()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: FILE_CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_compressed_file_almost_right_is_the_same_or_refused(
        which in 0..4_usize,
        inside in prop_oneof![Just(Vec::new()), changes()],
        outside in prop_oneof![Just(Vec::new()), changes()],
    ) {
        let folder = tempfile::tempdir().unwrap();
        write_tiny(folder.path());
        let (name, sound) = tiny_files()[which].clone();
        fs::remove_file(folder.path().join(name)).unwrap();
        let inner = changed(&sound, &inside);
        let file = changed(&gzip(&inner), &outside);
        fs::write(folder.path().join(format!("{name}.gz")), &file).unwrap();
        let source = DataSource::Idx(folder.path().to_owned());
        match load(&source, &LoadOptions::default()) {
            // The checksum of gzip sees to it that what is read is what was compressed.
            Ok(loaded) => {
                if inner == sound && file.starts_with(&[0x1f, 0x8b]) {
                    prop_assert_eq!((loaded.data.train, loaded.data.test), (tiny().train, tiny().test));
                }
            }
            Err(error) => assert_sentence(&error.to_string()),
        }
    }
}

/// Runs a shell command in `home` with 500 MB of address space; `$INITSTUDY` is the program.
fn limited(home: &Path, script: &str) -> std::process::Output {
    Command::new("sh")
        .args(["-c", &format!("ulimit -v 500000; {script}")])
        .current_dir(home)
        .env("HOME", home)
        .env("INITSTUDY", assert_cmd::cargo::cargo_bin!("initstudy"))
        .output()
        .unwrap()
}

#[test]
fn a_configuration_of_a_thousand_million_variants_is_no_table() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let out = sweeps::sweep(home, &["--seeds", "1", "--out", "s"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let store = Connection::open(home.join("s/runs.sqlite")).unwrap();
    let list = |of: fn(usize) -> String| (1..1000).map(of).collect::<Vec<_>>().join(", ");
    let configuration = format!(
        "dataset = \"idx:small\"\nseeds = 1\nhidden = [{}]\nlearning_rate = [{}]\nbatch_size = [{}]\n",
        list(|n| format!("\"{n}\"")),
        list(|n| format!("{n}.0")),
        list(|n| n.to_string())
    );
    let change = "UPDATE environment SET value = ?1 WHERE key = 'configuration'";
    assert_eq!(store.execute(change, [&configuration]), Ok(1));
    drop(store);
    for command in ["status s", "merge m s"] {
        let out = limited(home, &format!("\"$INITSTUDY\" {command}"));
        assert!(out.status.success(), "{command}: {}", stderr(&out));
    }
}

#[test]
fn files_without_end_are_refused_within_500_megabytes() {
    let home = tempfile::tempdir().unwrap();
    write_tiny(&home.path().join("bomb"));
    let (name, bytes) = tiny_files()[0].clone();
    fs::remove_file(home.path().join("bomb").join(name)).unwrap();
    // It claims a gigabyte, as 2^20 images of 32×32, and has it.
    let mut head = bytes[..4].to_vec();
    head.extend([1_u32 << 20, 32, 32].map(u32::to_be_bytes).concat());
    let bomb = gzip(&[head, vec![0; 1 << 30]].concat());
    fs::write(home.path().join("bomb").join(format!("{name}.gz")), bomb).unwrap();
    let deep = |open: &str| format!("initializers = {}", open.repeat(200_000));
    fs::write(home.path().join("arrays.toml"), deep("[")).unwrap();
    fs::write(home.path().join("tables.toml"), deep("{a=")).unwrap();
    let compare = "$INITSTUDY compare - --group g --metric m";
    let cases = [
        (
            "$INITSTUDY sweep --dataset idx:bomb --out s",
            "not enough memory",
        ),
        ("$INITSTUDY sweep arrays.toml --out s", "line 1, column"),
        ("$INITSTUDY sweep tables.toml --out s", "line 1, column"),
        (
            "$INITSTUDY sweep /dev/zero --out s",
            "longer than 1048576 bytes",
        ),
        (
            "$INITSTUDY sweep --registration /dev/zero --out s",
            "longer than 1048576 bytes",
        ),
        (
            &format!("head -c 1000000000 /dev/zero | {compare}"),
            "line 1: the row",
        ),
        (
            &format!("(printf 'g,m\\n\"'; yes) | {compare}"),
            "line 2: the row",
        ),
        (
            &format!("(echo g,m; yes a,1) | {compare}"),
            "more than 1000000 rows",
        ),
        (
            &format!("(echo g,m,p; seq -f a,1,%.0f 1 2000000) | {compare} --pair p"),
            "more than 1000000 rows",
        ),
    ];
    for (script, part) in cases {
        let out = limited(home.path(), script);
        let message = stderr(&out);
        assert_eq!(out.status.code(), Some(2), "{script}: {message}");
        assert!(message.contains(part), "{script}: {message}");
    }
}

#[test]
fn a_store_with_a_huge_value_or_with_views_for_tables_is_refused_within_500_megabytes() {
    let changes = [
        (
            "UPDATE predictions SET classes = zeroblob(70000000)
                 WHERE run_id = (SELECT min(run_id) FROM predictions)",
            "too big",
        ),
        (
            "UPDATE facts SET value = CAST(zeroblob(70000000) AS TEXT) WHERE key = 'test_labels'",
            "too big",
        ),
        (
            "DROP TABLE predictions; DROP TABLE epochs; DROP TABLE runs;
             CREATE VIEW runs AS WITH RECURSIVE n(i) AS
                 (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS run_id FROM n",
            "not all tables",
        ),
    ];
    for (change, part) in changes {
        let home = tempfile::tempdir().unwrap();
        let args = ["--seeds", "2", "--quiet", "--out", "s"];
        let out = sweeps::sweep(home.path(), &args);
        assert!(out.status.success(), "{}", stderr(&out));
        let store = Connection::open(home.path().join("s/runs.sqlite")).unwrap();
        store.pragma_update(None, "foreign_keys", false).unwrap();
        store.execute_batch(change).unwrap();
        drop(store);
        let out = limited(home.path(), "$INITSTUDY analyze s");
        assert_eq!(out.status.code(), Some(1), "{change}: {}", stderr(&out));
        assert!(stderr(&out).contains(part), "{change}: {}", stderr(&out));
    }
}
