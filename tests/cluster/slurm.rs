//! `initstudy slurm`: its script under bash with programs in place of Slurm's. A real Slurm runs it
//! in tests/slurm/run.sh.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

use crate::slurming::slurm;
use crate::sweeps::{
    self, ENDLESS_SEEDS, initstudy, read_csv, signal, stderr, stdout, wait_for_run,
};
use kernels::Isa;

/// A program of Slurm's: it notes how it was called, and what it was given.
fn fake(home: &Path, name: &str, script: &str) {
    let folder = home.join("bin");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    let log = home.join(format!("{name}.log"));
    let text = format!(
        "#!/bin/bash\nprintf '%s\\n' \"$@\" >>'{}'\n{script}\n",
        log.display()
    );
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs a script with the false programs before all others.
fn bash(home: &Path, script: &str) -> Command {
    let path = std::env::var("PATH").unwrap();
    let mut command = Command::new("bash");
    command.arg(script).current_dir(home).env("HOME", home);
    command.env("PATH", format!("{}:{path}", home.join("bin").display()));
    for variable in [
        "SLURM_ARRAY_TASK_ID",
        "SLURM_CPUS_PER_TASK",
        "SLURM_RESTART_COUNT",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Runs one task of the array.
fn task(home: &Path, script: &str, index: usize) -> Command {
    let mut command = bash(home, script);
    command.env("SLURM_ARRAY_JOB_ID", "7");
    command.env("SLURM_ARRAY_TASK_ID", index.to_string());
    command
}

#[test]
fn the_script_is_clean_bash_whatever_the_paths() {
    let home = tempfile::tempdir().unwrap();
    let nasty = home.path().join("it's \"a\" $HOME `x` & so;on");
    fs::create_dir(&nasty).unwrap();
    let args = ["--tasks", "3", "--out", "o ut's", "--script", "s.sh"];
    let out = slurm(
        &nasty,
        &args,
        &["--initializers", "random_normal(stddev=0.1),he_uniform"],
    );
    assert!(out.status.success(), "{}", stderr(&out));
    let checked = Command::new("bash")
        .args(["-n", "s.sh"])
        .current_dir(&nasty)
        .status();
    assert!(checked.unwrap().success());
    match Command::new("shellcheck")
        // A dollar in single quotes is meant.
        .args(["--exclude=SC2016", "s.sh"])
        .current_dir(&nasty)
        .output()
    {
        Ok(checked) => assert!(checked.status.success(), "{}", stdout(&checked)),
        Err(error) => eprintln!("SKIPPED shellcheck: {error}"),
    }
}

#[test]
fn submitted_tasks_and_the_merge_after_them_make_the_whole_sweep() {
    let home = tempfile::tempdir().unwrap();
    let home = &home.path().join("ho me");
    fs::create_dir(home).unwrap();
    let args = [
        "--tasks",
        "3",
        "--at-once",
        "2",
        "--time",
        "1:00",
        "--partition",
        "main",
    ];
    let args = [
        &args[..],
        &["--sbatch=--mem=1G", "--out", "o ut/s", "--script", "s.sh"],
    ]
    .concat();
    let out = slurm(home, &args, &["--seeds", "3"]);
    assert!(out.status.success(), "{}", stderr(&out));
    // The array's job is 41, the merge's 42, whose script comes on standard input.
    fake(
        home,
        "sbatch",
        "if [[ $* == *dependency* ]]; then cat >merge.sh; echo '42;cluster'; else echo '41;cluster'; fi",
    );
    let submitted = bash(home, "s.sh").output().unwrap();
    assert!(submitted.status.success(), "{}", stderr(&submitted));
    assert!(stdout(&submitted).starts_with("Job 41 sweeps in 3 parts, job 42 merges"));
    let called = fs::read_to_string(home.join("sbatch.log")).unwrap();
    assert!(
        called.contains("--dependency=afterok:41\n--kill-on-invalid-dep=yes"),
        "{called}"
    );
    let script = fs::read_to_string(home.join("s.sh")).unwrap();
    for line in [
        "--array=0-2%2",
        "--time=1:00",
        "--partition=main",
        "--mem=1G",
        "--requeue",
    ] {
        assert!(script.contains(&format!("#SBATCH {line}\n")), "{line}");
    }
    for index in 0..3 {
        // From somewhere else, as Slurm does.
        let out = task(home, "s.sh", index).output().unwrap();
        assert!(out.status.success(), "{}", stderr(&out));
    }
    let out = bash(home, "merge.sh").output().unwrap();
    assert!(out.status.success(), "{}", stderr(&out));
    assert_eq!(read_csv(&home.join("o ut/s/runs.csv")).len(), 12);
}

#[test]
fn a_study_file_is_swept_into_its_own_folder() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    sweeps::command(home, &["--dry-run"]).output().unwrap();
    let study = "dataset = \"idx:small\"\nepochs = 1\nhidden = \"8\"\nseeds = 2\ninitializers = [\"he_uniform\", \"he_normal\"]\n";
    fs::write(home.join("grid.toml"), study).unwrap();
    let args = ["slurm", "grid.toml", "--tasks", "1", "--script", "s.sh"];
    let out = initstudy(home).args(args).output().unwrap();
    assert!(out.status.success(), "{}", stderr(&out));
    let out = task(home, "s.sh", 0).output().unwrap();
    assert!(out.status.success(), "{}", stderr(&out));
    let runs = home.join("results/grid/shard-0-of-1/runs.csv");
    assert_eq!(read_csv(&runs).len(), 4);
    fs::write(home.join("grid.toml"), "sedes = 2\n").unwrap();
    let out = initstudy(home).args(args).output().unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(
        stderr(&out).contains("grid.toml, line 1"),
        "{}",
        stderr(&out)
    );
}

/// Sends TERM to a task once it has a run, with Slurm saying that the task is in `state`; its exit
/// code.
fn notice(home: &Path, state: &str) -> Option<i32> {
    fake(home, "squeue", &format!("echo {state}"));
    fake(home, "scontrol", "");
    noticed(home)
}

/// As [`notice`], with the programs of Slurm that are there.
fn noticed(home: &Path) -> Option<i32> {
    let mut child = task(home, "s.sh", 0)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_run(&mut child, &home.join("out/shard-0-of-1"));
    signal(&child, "-TERM");
    child.wait().unwrap().code()
}

#[test]
fn a_task_that_is_given_notice_is_requeued_and_one_that_is_cancelled_is_not() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let args = ["--tasks", "1", "--out", "out", "--script", "s.sh"];
    let out = slurm(home, &args, &["--seeds", ENDLESS_SEEDS]);
    assert!(out.status.success(), "{}", stderr(&out));
    assert_eq!(notice(home, "RUNNING"), Some(0));
    let called = || fs::read_to_string(home.join("scontrol.log")).unwrap_or_default();
    assert_eq!(called(), "requeue\n7_0\n");
    fs::remove_dir_all(home.join("out")).unwrap();
    assert_eq!(notice(home, "COMPLETING"), Some(75));
    assert_eq!(called(), "requeue\n7_0\n", "a cancelled task was requeued");
}

#[test]
fn a_controller_that_does_not_answer_at_once_is_asked_again() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let args = ["--tasks", "1", "--out", "out", "--script", "s.sh"];
    let out = slurm(home, &args, &["--seeds", ENDLESS_SEEDS]);
    assert!(out.status.success(), "{}", stderr(&out));
    // Each answers the third time it is asked; a call has as many lines as words.
    let busy = |program: &str, words: usize, answer: &str| {
        let calls = format!(
            "$(wc -l <'{}')",
            home.join(format!("{program}.log")).display()
        );
        let script = format!("(( {calls} >= 3 * {words} )) || exit 1\n{answer}");
        fake(home, program, &script);
    };
    busy("squeue", 3, "echo RUNNING");
    busy("scontrol", 2, "");
    fake(home, "sleep", "");
    assert_eq!(noticed(home), Some(0));
    let lines = |program: &str| {
        let log = home.join(format!("{program}.log"));
        fs::read_to_string(log).unwrap().lines().count()
    };
    assert_eq!((lines("squeue"), lines("scontrol")), (9, 6));
    // One that never does says nothing of the task, which is not requeued.
    fake(home, "squeue", "exit 1");
    fs::remove_dir_all(home.join("out")).unwrap();
    assert_eq!(noticed(home), Some(75));
    assert_eq!(lines("scontrol"), 6);
}

#[test]
fn a_notice_before_the_sweep_listens_requeues_the_task() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let args = ["--tasks", "1", "--out", "out", "--script", "s.sh"];
    let out = slurm(home, &args, &[]);
    assert!(out.status.success(), "{}", stderr(&out));
    // In place of the sweep what it is until it has its handler.
    let script = fs::read_to_string(home.join("s.sh")).unwrap();
    let program = script.lines().find(|line| line.starts_with("program="));
    fake(home, "early", "kill -TERM $$");
    let early = format!("program='{}'", home.join("bin/early").display());
    fs::write(home.join("s.sh"), script.replace(program.unwrap(), &early)).unwrap();
    fake(home, "squeue", "echo RUNNING");
    fake(home, "scontrol", "");
    let out = task(home, "s.sh", 0).output().unwrap();
    assert_eq!(out.status.code(), Some(0), "{}", stderr(&out));
    let called = fs::read_to_string(home.join("scontrol.log")).unwrap();
    assert_eq!(called, "requeue\n7_0\n");
}

#[test]
fn every_task_has_the_instruction_set_of_the_script() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let args = ["--tasks", "1", "--out", "out", "--script", "s.sh"];
    let export = || {
        let script = fs::read_to_string(home.join("s.sh")).unwrap();
        let line = script.lines().find(|line| line.contains("INITSTUDY_ISA"));
        line.unwrap().to_owned()
    };
    let script = |isa: &str| {
        // Which makes the small data set.
        sweeps::command(home, &["--dry-run"]).output().unwrap();
        let small = [
            "--",
            "--dataset",
            "idx:small",
            "--epochs",
            "1",
            "--seeds",
            "1",
        ];
        let mut command = initstudy(home);
        command.arg("slurm").args(args).args(small);
        command.env("INITSTUDY_ISA", isa).output().unwrap()
    };
    let here = match Isa::detect() {
        Isa::Portable => Isa::Portable.numerics(),
        Isa::Avx2 | Isa::Avx512 => "avx2-or-better",
    };
    for (isa, written) in [
        ("", here),
        ("avx2", "avx2"),
        ("avx512", "avx512"),
        ("avx2-or-better", "avx2-or-better"),
        ("portable", Isa::Portable.numerics()),
        ("portable-neon", "portable-neon"),
    ] {
        let out = script(isa);
        assert!(out.status.success(), "{}", stderr(&out));
        assert_eq!(export(), format!("export INITSTUDY_ISA={written}"));
    }
    // The last is none of an x86's: a node that has it not trains nothing.
    if cfg!(target_arch = "x86_64") {
        let out = task(home, "s.sh", 0).output().unwrap();
        assert_eq!(out.status.code(), Some(2), "{}", stderr(&out));
        assert!(
            stderr(&out).contains("portable-neon is pinned"),
            "{}",
            stderr(&out)
        );
        assert!(!home.join("out").exists());
    }
    let out = script("sse9");
    assert_eq!(out.status.code(), Some(2));
    assert!(stderr(&out).contains("sse9"), "{}", stderr(&out));
}
