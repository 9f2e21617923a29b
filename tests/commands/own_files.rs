//! Files that a command replaces, and files that it does not.

use std::fs;

use crate::sweeps::{initstudy, stderr};

#[test]
fn a_file_of_somebody_s_own_is_not_replaced() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let table = "group,value\na,1\na,2\na,4\nb,2\nb,3\nb,5\n";
    fs::write(home.join("runs.csv"), table).unwrap();
    let bench = ["bench", "--filter", "relu", "--seconds", "0.1", "-q"];
    let compare = [
        "compare", "runs.csv", "--group", "group", "--metric", "value",
    ];
    let replay = ["replay", "--dataset", "synthetic", "--steps", "1"];
    let commands: [(&[&str], &str, &str, &str); 4] = [
        (&bench, "--csv", "table of figures", "kernel,speed\n"),
        (&bench, "--svg", "picture", "<svg>my own drawing</svg>"),
        (&compare, "--csv", "table of comparisons", "metric,value\n"),
        (
            &replay,
            "--out",
            "file of arrays",
            "PK\x03\x04my own archive, of more bytes than a header has",
        ),
    ];
    for (command, flag, what, mine) in commands {
        let run = |file: &str| {
            let mut all = initstudy(home);
            all.args(command).args([flag, file]).output().unwrap()
        };
        fs::write(home.join("own"), mine).unwrap();
        let out = run("own");
        assert_eq!(out.status.code(), Some(2), "{command:?}");
        let refusal = format!(
            "own is there and no {what} that initstudy wrote, and is not overwritten; choose another file with {flag}"
        );
        assert!(stderr(&out).contains(&refusal), "{}", stderr(&out));
        assert_eq!(fs::read(home.join("own")).unwrap(), mine.as_bytes());
        // An empty one is nobody's, and what it wrote itself it writes again.
        fs::write(home.join("new"), "").unwrap();
        for _ in 0..2 {
            let out = run("new");
            assert!(out.status.success(), "{command:?}: {}", stderr(&out));
        }
        assert!(home.join("new").metadata().unwrap().len() > 0);
    }
    for both in [["--csv", "f", "--svg", "f"], ["--csv", "f", "--svg", "./f"]] {
        let out = initstudy(home).args(bench).args(both).output().unwrap();
        assert_eq!(out.status.code(), Some(2));
        assert!(stderr(&out).contains("--csv and --svg are both "));
    }
}
