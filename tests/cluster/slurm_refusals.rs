//! `initstudy slurm` of what no task, no merge and no disk could do: refused before anything is
//! submitted.

use std::fs;

use crate::slurming::slurm;
use crate::sweeps::{initstudy, stderr, sweep};

#[test]
fn more_parts_than_a_command_line_holds_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let tasks = |tasks: &str| slurm(home.path(), &["--tasks", tasks, "--out", "o"], &[]);
    let out = tasks("60000");
    assert_eq!(out.status.code(), Some(2));
    assert!(stderr(&out).contains("--tasks 60000"), "{}", stderr(&out));
    assert!(tasks("10000").status.success());
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_is_full_is_no_slip_of_whoever_named_the_script() {
    let home = tempfile::tempdir().unwrap();
    let script = |file: &str| {
        let out = slurm(
            home.path(),
            &["--tasks", "2", "--out", "o", "--script", file],
            &[],
        );
        assert!(stderr(&out).contains("cannot write"), "{}", stderr(&out));
        out.status.code()
    };
    assert_eq!(script("/dev/full"), Some(1));
    assert_eq!(script("nowhere/s.sh"), Some(2));
}

#[test]
fn what_no_task_could_do_is_refused_before_it_is_submitted() {
    let home = tempfile::tempdir().unwrap();
    let plain = ["--tasks", "2", "--out", "o"];
    let eleven = (1..12).map(|n| format!("random_normal(stddev={n})"));
    let eleven = eleven.collect::<Vec<_>>().join(",");
    let flags: [(&[&str], &str); 11] = [
        (&["--dry-run"], "--dry-run after --"),
        (&["--registration", "nofile"], "cannot read nofile"),
        (&["--margin=-1"], "margin"),
        (
            &["--seeds", "1000000", "--initializers", &eleven],
            "10000000 is the most",
        ),
        (&["--learning-rate", "nan"], "--learning-rate"),
        (&["--shard", "0/2"], "--shard after --"),
        (&["--jobs", "2"], "--cpus-per-task"),
        (&["--out", "x"], "before the --"),
        (&["--seedz", "2"], "--seedz"),
        (&["--initializers", "he_norml"], "he_norml"),
        (&["--learning-rate", "-1"], "--learning-rate"),
    ];
    for (flags, part) in flags {
        let out = slurm(home.path(), &plain, flags);
        assert_eq!(out.status.code(), Some(2), "{flags:?}");
        assert!(stderr(&out).contains(part), "{flags:?}: {}", stderr(&out));
    }
    fs::write(home.path().join("mine.sh"), "mine").unwrap();
    let options: [(&[&str], &str); 15] = [
        (&["--partition", "a b"], "--partition"),
        (&["--time", "1\n#SBATCH"], "--time"),
        (&["--time", "4hours"], "hours:minutes:seconds"),
        (&["--time", "1:2:3:4"], "hours:minutes:seconds"),
        (
            &["--script", "mine.sh"],
            "mine.sh is there and no script that initstudy wrote",
        ),
        (&["--sbatch", "mem=1G"], "--sbatch"),
        (&["--sbatch=--array=0-3"], "with --array"),
        (&["--sbatch=-a0-3"], "with --array"),
        (&["--sbatch=--output=log"], "with --output"),
        (&["--sbatch=--wrap=true"], "with --wrap"),
        (&["--sbatch=--arr=0-3"], "with --array"),
        (&["--sbatch=--mem 4G --array=1-3"], "with --array"),
        (&["--sbatch=--ntasks=4"], "with --ntasks"),
        (&["--sbatch=-Ha0-3"], "with --array"),
        (&["--out", "100%"], "%"),
    ];
    for (option, part) in options {
        let all = if option[0] == "--out" {
            vec!["--tasks", "2"]
        } else {
            plain.to_vec()
        };
        let out = slurm(home.path(), &[&all[..], option].concat(), &[]);
        assert_eq!(out.status.code(), Some(2), "{option:?}");
        assert!(stderr(&out).contains(part), "{option:?}: {}", stderr(&out));
    }
    let other = [
        "--sbatch=--account=a",
        "--sbatch=-A x",
        "--sbatch=--job-name=digits",
    ];
    let out = slurm(home.path(), &[&plain[..], &other].concat(), &[]);
    assert!(out.status.success(), "{}", stderr(&out));
    // Its own it writes again.
    for tasks in ["2", "3"] {
        let out = slurm(
            home.path(),
            &["--tasks", tasks, "--out", "o", "--script", "own.sh"],
            &[],
        );
        assert!(out.status.success(), "{}", stderr(&out));
    }
    let own = fs::read_to_string(home.path().join("own.sh")).unwrap();
    assert!(own.contains("--array=0-2"), "{own}");
    for time in ["90", "90:00", "4:00:00", "1-12", "1-12:30", "1-12:30:00"] {
        let out = slurm(home.path(), &[&plain[..], &["--time", time]].concat(), &[]);
        assert!(out.status.success(), "{time}: {}", stderr(&out));
    }
    let out = slurm(home.path(), &["--tasks", "2"], &[]);
    assert_eq!(out.status.code(), Some(2));
    assert!(stderr(&out).contains("--out"), "{}", stderr(&out));
    fs::write(home.path().join("study.toml"), "dataset = \"mnits\"\n").unwrap();
    let args = ["slurm", "study.toml", "--tasks", "2", "--script", "s.sh"];
    let out = initstudy(home.path()).args(args).output().unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(stderr(&out).contains("mnits"), "{}", stderr(&out));
    assert!(!home.path().join("s.sh").exists());
    // No folder, which a sweep makes by itself, is left behind by any of this.
    assert!(sweep(home.path(), &["--dry-run"]).status.success());
    assert!(!home.path().join("o").exists());
}
