//! Disks that are full, limited, read-only or gone while a sweep writes to them: one sentence, the
//! right exit code, and the sweep goes on when the cause is gone.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use crate::sweeps::{
    self, assert_goes_on, committed, endless, initstudy, read_csv, results, signal, start_endless,
    stderr, stdout, sweep,
};

/// Enough for some hundred kilobytes of results.
const ARGS: [&str; 7] = endless("40", "disk/s");

/// Small disks in memory, which only root may make; unmounted when dropped.
struct Disk(PathBuf);

impl Disk {
    fn mount(home: &Path, size: &str) -> Option<Self> {
        let place = home.join("disk");
        fs::create_dir_all(&place).unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(&place)
            .output();
        if mount.is_ok_and(|out| out.status.success()) {
            return Some(Self(place));
        }
        eprintln!("skipped: a small disk can only be mounted by root");
        None
    }

    fn remount(&self, option: &str) {
        let option = format!("remount,{option}");
        let status = Command::new("mount")
            .args(["-o", &option])
            .arg(&self.0)
            .status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// That a sweep failed with a code and one sentence in which there is `part`.
fn assert_failed(out: &Output, code: i32, part: &str) {
    let message = stderr(out);
    assert_eq!(out.status.code(), Some(code), "{message}");
    assert!(message.contains(part), "{message}");
    assert!(message.starts_with("initstudy: "), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");
}

/// That what was kept in `disk/s` can be looked at and gone on with.
fn assert_is_of_use(home: &Path) {
    let looked = initstudy(home)
        .args(["analyze", "disk/s"])
        .output()
        .unwrap();
    assert!(looked.status.success(), "{}", stderr(&looked));
    assert_goes_on(home, "disk/s");
}

#[test]
fn a_disk_that_fills_up_ends_the_sweep_with_1_and_room_lets_it_go_on() {
    let home = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(home.path(), "300k") else {
        return;
    };
    let out = sweep(home.path(), &ARGS);
    assert_failed(&out, 1, "make room");
    // Full still: the same again, and no worse.
    assert_failed(&sweep(home.path(), &ARGS), 1, "make room");
    disk.remount("size=20m");
    assert_is_of_use(home.path());
}

#[test]
fn a_file_size_limit_is_a_sentence_and_no_silent_death() {
    let home = tempfile::tempdir().unwrap();
    let command = sweeps::command(home.path(), &ARGS);
    // 400 blocks of 512 bytes, as POSIX has it, or of 1024.
    let limited = Command::new("sh")
        .args(["-c", "ulimit -f 400 && exec \"$@\"", "sh"])
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(home.path())
        .env("HOME", home.path())
        .output()
        .unwrap();
    assert_failed(&limited, 1, "ulimit -f");
    assert_is_of_use(home.path());
}

#[test]
fn a_read_only_folder_is_refused_with_2_and_can_be_read() {
    let home = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(home.path(), "1g") else {
        return;
    };
    let child = start_endless(home.path(), "disk/s");
    signal(&child, "-TERM");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(75));
    disk.remount("ro");
    assert_failed(&sweep(home.path(), &ARGS), 2, "choose another folder");
    let looked = initstudy(home.path())
        .args(["status", "disk/s"])
        .output()
        .unwrap();
    assert!(looked.status.success(), "{}", stderr(&looked));
    let looked = initstudy(home.path())
        .args(["analyze", "disk/s"])
        .output()
        .unwrap();
    assert_failed(&looked, 1, "cannot write the CSV files");
    // One that was killed in a write must be written to before it can be read.
    disk.remount("rw");
    let cut_off = home.path().join("disk/cut-off");
    sweeps::copy_cut_off(&home.path().join("disk/s"), &cut_off);
    disk.remount("ro");
    let status = || {
        initstudy(home.path())
            .args(["status", "disk/cut-off"])
            .output()
            .unwrap()
    };
    assert_failed(&status(), 1, "was cut off in a write");
    disk.remount("rw");
    assert!(status().status.success());
    assert_eq!(committed(&cut_off), committed(&home.path().join("disk/s")));
    assert_is_of_use(home.path());
}

#[test]
fn a_folder_that_is_renamed_underway_ends_the_sweep_and_keeps_its_runs() {
    let home = tempfile::tempdir().unwrap();
    let child = start_endless(home.path(), "disk/s");
    fs::rename(home.path().join("disk"), home.path().join("elsewhere")).unwrap();
    assert_failed(&child.wait_with_output().unwrap(), 1, "put its folder back");
    fs::rename(home.path().join("elsewhere"), home.path().join("disk")).unwrap();
    assert_is_of_use(home.path());
}

#[test]
fn a_folder_that_is_deleted_underway_ends_the_sweep_and_the_next_begins_anew() {
    let home = tempfile::tempdir().unwrap();
    let child = start_endless(home.path(), "disk/s");
    let disk = home.path().join("disk");
    // The sweep may add its journal to a folder that is being emptied.
    while disk.exists() {
        let _ = fs::remove_dir_all(&disk);
    }
    assert_failed(&child.wait_with_output().unwrap(), 1, "put its folder back");
    let out = sweep(home.path(), &ARGS);
    assert!(out.status.success(), "{}", stderr(&out));
    assert_eq!(results(&home.path().join("disk/s")).len(), 160);
}

#[test]
fn a_full_disk_behind_tables_and_csv_files_is_a_fault_and_costs_no_run() {
    let home = tempfile::tempdir().unwrap();
    let args = ["--seeds", "2", "--quiet", "--out", "s"];
    let full = || Stdio::from(fs::File::options().write(true).open("/dev/full").unwrap());
    let out = sweeps::command(home.path(), &args)
        .stdout(full())
        .output()
        .unwrap();
    assert_failed(&out, 1, "cannot write to standard output: No space left");
    let before = results(&home.path().join("s"));
    let out = sweep(home.path(), &args);
    assert!(out.status.success(), "{}", stderr(&out));
    assert_eq!(results(&home.path().join("s")), before);
    assert_eq!(read_csv(&home.path().join("s/runs.csv")).len(), 8);
    assert!(stdout(&out).contains("he_normal"));
    let compare = [
        "compare",
        "s/runs.csv",
        "--group",
        "initializer",
        "--metric",
        "test_accuracy",
    ];
    let out = initstudy(home.path())
        .args(compare)
        .args(["--csv", "/dev/full"])
        .output()
        .unwrap();
    assert_failed(&out, 1, "cannot write /dev/full: No space left");
}
