//! `initstudy sweep` as a person meets it: what it writes, what it repeats, what it refuses.

use std::{collections::HashMap, fs, path::Path};

use crate::sweeps::{self, read_csv, stderr, stdout, sweep};

/// A row's cells by column name, but for the times.
fn without_times(folder: &Path, file: &str) -> Vec<HashMap<String, String>> {
    let mut rows = read_csv(&folder.join(file));
    for row in &mut rows {
        row.remove("seconds");
    }
    rows
}

#[test]
fn a_table_of_somebodys_own_is_not_replaced() {
    let home = tempfile::tempdir().unwrap();
    for name in ["summary.csv", "epochs.csv"] {
        let folder = home.path().join("mine");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), "mine").unwrap();
        let out = sweep(home.path(), &["--seeds", "2", "--out", "mine"]);
        let message = stderr(&out);
        assert_eq!(out.status.code(), Some(2), "{message}");
        assert!(message.contains(name), "{message}");
        assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), "mine");
        fs::remove_file(folder.join(name)).unwrap();
        assert!(fs::read_dir(&folder).unwrap().all(|entry| {
            entry
                .unwrap()
                .file_name()
                .to_string_lossy()
                .starts_with('.')
        }));
    }
}

#[test]
fn the_table_names_the_data_set_and_every_initializer() {
    let home = tempfile::tempdir().unwrap();
    let out = sweep(home.path(), &["--seeds", "3", "--out", "s"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let text = stdout(&out);
    assert!(text.starts_with("Data set idx:small; 8 relu;"), "{text}");
    for name in [
        "random_normal",
        "random_uniform",
        "glorot_uniform",
        "he_normal",
    ] {
        assert!(text.contains(name), "{text}");
    }
    assert_eq!(read_csv(&home.path().join("s/runs.csv")).len(), 12);
    assert_eq!(read_csv(&home.path().join("s/epochs.csv")).len(), 24);
    assert_eq!(read_csv(&home.path().join("s/summary.csv")).len(), 6 * 4);
    assert_eq!(
        read_csv(&home.path().join("s/comparisons.csv")).len(),
        6 * 6
    );
}

#[test]
fn the_files_begin_with_the_columns_that_the_design_names() {
    let home = tempfile::tempdir().unwrap();
    sweep(home.path(), &["--seeds", "2", "--out", "s"]);
    let head = |file: &str| {
        let text = fs::read_to_string(home.path().join("s").join(file)).unwrap();
        text.lines().next().unwrap().to_owned()
    };
    let begins = [
        (
            "runs.csv",
            "study,dataset,initializer,init_scope,seed,status,hidden,activation,epochs,batch_size,\
             learning_rate,train_accuracy_first,train_accuracy_last,val_accuracy_first,\
             val_accuracy_last,test_accuracy,test_loss,seconds,isa,run_id",
        ),
        (
            "epochs.csv",
            "run_id,initializer,seed,epoch,train_loss,train_accuracy,val_loss,val_accuracy,seconds",
        ),
        (
            "summary.csv",
            "metric,initializer,n,n_diverged,mean,sd,ci_low,ci_high,ci_level,median,min,max",
        ),
        (
            "comparisons.csv",
            "metric,a,b,n,mean_a,mean_b,difference,ci_low,ci_high,test,statistic,df,p,p_adjusted,\
             adjustment,effect_size,prob_superiority,correlation,verdict",
        ),
    ];
    for (file, begin) in begins {
        assert!(head(file).starts_with(begin), "{file}: {}", head(file));
    }
}

#[test]
fn the_number_of_workers_changes_nothing_but_times() {
    let home = tempfile::tempdir().unwrap();
    for (jobs, out) in [("1", "a/s"), ("2", "b/s"), ("5", "c/s")] {
        let out = sweep(home.path(), &["--seeds", "4", "--jobs", jobs, "--out", out]);
        assert!(out.status.success(), "{}", stderr(&out));
    }
    for file in ["runs.csv", "epochs.csv", "summary.csv", "comparisons.csv"] {
        let one = without_times(&home.path().join("a/s"), file);
        for other in ["b/s", "c/s"] {
            assert_eq!(one, without_times(&home.path().join(other), file), "{file}");
        }
    }
}

#[test]
fn a_repeated_command_repeats_no_run_and_more_seeds_add_only_the_new() {
    let home = tempfile::tempdir().unwrap();
    let seconds = |seeds: &str| {
        let out = sweep(home.path(), &["--seeds", seeds, "--out", "s"]);
        assert!(out.status.success(), "{}", stderr(&out));
        let rows = read_csv(&home.path().join("s/runs.csv"));
        let times = rows
            .into_iter()
            .map(|row| (row["run_id"].clone(), row["seconds"].clone()));
        times.collect::<HashMap<_, _>>()
    };
    let two = seconds("2");
    assert_eq!(
        two,
        seconds("2"),
        "a run done again would have another time"
    );
    let three = seconds("3");
    assert_eq!((two.len(), three.len()), (8, 12));
    assert!(two.iter().all(|(id, time)| three[id] == *time));
    // Fewer seeds than there are take nothing away.
    assert_eq!(three, seconds("1"));
}

#[test]
fn a_folder_with_another_configuration_is_refused_and_the_difference_named() {
    let home = tempfile::tempdir().unwrap();
    sweep(home.path(), &["--seeds", "1", "--out", "s"]);
    let before = fs::read(home.path().join("s/runs.csv")).unwrap();
    let out = sweep(
        home.path(),
        &["--seeds", "1", "--out", "s", "--batch-size", "16"],
    );
    assert_eq!(out.status.code(), Some(2));
    assert!(
        stderr(&out).contains("batch_size 32, not 16"),
        "{}",
        stderr(&out)
    );
    assert_eq!(before, fs::read(home.path().join("s/runs.csv")).unwrap());
}

#[test]
fn a_diverging_run_is_recorded_counted_and_in_no_mean() {
    let home = tempfile::tempdir().unwrap();
    let args = [
        "--seeds",
        "2",
        "--out",
        "s",
        "--learning-rate",
        "1e38",
        "--initializers",
        "he_normal",
    ];
    let out = sweep(home.path(), &args);
    assert!(out.status.success(), "{}", stderr(&out));
    for row in read_csv(&home.path().join("s/runs.csv")) {
        assert_eq!(row["status"], "diverged");
        assert_eq!(row["diverged_epoch"], "1");
        assert_eq!(row["test_accuracy"], "");
    }
    for row in read_csv(&home.path().join("s/summary.csv")) {
        assert_eq!((row["n"].as_str(), row["n_diverged"].as_str()), ("0", "2"));
        assert_eq!(row["mean"], "");
        assert_eq!(row["note"], "mean: needs 1 value, has 0");
    }
}

#[test]
fn a_sweep_of_which_every_run_diverged_says_so() {
    let home = tempfile::tempdir().unwrap();
    let args = ["--seeds", "2", "--epochs", "1", "--learning-rate", "1e30"];
    let out = sweep(home.path(), &[&args[..], &["--out", "s"]].concat());
    assert!(out.status.success(), "{}", stderr(&out));
    let text = stdout(&out);
    assert!(text.contains("Every run diverged"), "{text}");
    assert!(text.contains("; 1 epoch shuffled"), "{text}");
    assert!(text.contains("Adam 1e30;"), "{text}");
    let sound = sweep(home.path(), &["--seeds", "2", "--out", "t"]);
    assert!(!stdout(&sound).contains("diverged,"), "{}", stdout(&sound));
}

#[test]
fn progress_ends_its_line_and_says_once_that_there_is_nothing_to_do() {
    let home = tempfile::tempdir().unwrap();
    let args = ["--seeds", "2", "--initializers", "he_normal", "--out", "s"];
    assert!(sweep(home.path(), &args).status.success());
    let again = sweep(home.path(), &args);
    assert_eq!(stderr(&again), "2/2 runs\n");
    // A terminal, as script makes one.
    let seen = sweeps::command(home.path(), &[&args[..4], &["--out", "t"]].concat());
    let words = std::iter::once(seen.get_program()).chain(seen.get_args());
    let words: Vec<&str> = words.map(|word| word.to_str().unwrap()).collect();
    let seen = std::process::Command::new("script")
        .args(["-qec", &words.join(" "), "/dev/null"])
        .current_dir(home.path())
        .env("TERM", "xterm")
        .output();
    let Ok(seen) = seen else {
        eprintln!("NOT TESTED: there is no program script to make a terminal");
        return;
    };
    let text = stdout(&seen);
    let (bar, _) = text.split_once("Data set").expect("the tables");
    assert!(bar.contains("2/2 runs"), "{bar:?}");
    assert!(bar.ends_with('\n'), "{bar:?}");
}

#[test]
fn fails_in_one_sentence_with_code_2_before_any_training() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("file"), "").unwrap();
    let cases: [(&[&str], &str); 16] = [
        (&["--initializers", "xavier"], "no initializer \"xavier\""),
        (&["--initializers", ""], "no initializer \"\""),
        (&["--initializers", "he_normal,he_normal"], "twice"),
        (&["--seeds", "0"], "--seeds"),
        (&["--seeds", "many"], "--seeds"),
        (&["--epochs", "0"], "--epochs"),
        (&["--batch-size", "0"], "--batch-size"),
        (&["--learning-rate", "-1"], "--learning-rate"),
        (&["--learning-rate", "nan"], "--learning-rate"),
        (&["--learning-rate", "1e-50"], "--learning-rate"),
        (&["--learning-rate", "1e300"], "--learning-rate"),
        (&["--hidden", "128,zero"], "\"zero\""),
        (&["--hidden", "99999999999"], "past the limit"),
        (&["--hidden", "none"], "use --init-scope all"),
        (&["--dataset", "mnisst"], "did you mean \"mnist\"?"),
        (&["--out", "file/s"], "cannot write to file/s"),
    ];
    for (args, part) in cases {
        let out = sweep(home.path(), args);
        let message = stderr(&out);
        assert_eq!(out.status.code(), Some(2), "{args:?}: {message}");
        assert!(message.contains(part), "{args:?}: {message}");
        assert!(stdout(&out).is_empty(), "{args:?}");
        assert!(
            !home.path().join("results").exists(),
            "{args:?} made a store"
        );
    }
}

#[test]
fn an_instruction_set_that_is_pinned_is_used_or_refused() {
    let home = tempfile::tempdir().unwrap();
    let pinned = |isa: &str, out: &str| {
        let mut command = sweeps::command(home.path(), &["--seeds", "1", "--out", out]);
        command.env("INITSTUDY_ISA", isa).output().unwrap()
    };
    let out = pinned("portable", "p");
    assert!(out.status.success(), "{}", stderr(&out));
    assert_eq!(
        read_csv(&home.path().join("p/runs.csv"))[0]["isa"],
        kernels::Isa::Portable.numerics()
    );
    let out = pinned("sse9", "q");
    assert_eq!(out.status.code(), Some(2));
    assert!(stderr(&out).contains("sse9"), "{}", stderr(&out));
}

#[test]
fn a_folder_that_has_the_other_input_path_says_how_to_go_on_with_it() {
    let home = tempfile::tempdir().unwrap();
    let first = sweep(
        home.path(),
        &["--seeds", "1", "--input", "dense", "--out", "s"],
    );
    assert!(first.status.success(), "{}", stderr(&first));
    let args = ["--seeds", "2", "--out", "s"];
    let out = sweep(home.path(), &args);
    assert_eq!(out.status.code(), Some(2));
    let text = stderr(&out);
    let told = "s holds a sweep with input dense, not sparse; \
                give --input dense to go on with it, or choose another folder for the results";
    assert!(text.contains(told), "{text}");
    // The instruction set, from which the path may follow, is told first.
    if kernels::Isa::detect() != kernels::Isa::Portable {
        let mut portable = sweeps::command(home.path(), &args);
        let out = portable.env("INITSTUDY_ISA", "portable").output().unwrap();
        let text = stderr(&out);
        assert!(text.contains("s holds a sweep with isa"), "{text}");
        let mut portable = sweeps::command(home.path(), &["--seeds", "1", "--out", "p"]);
        let out = portable.env("INITSTUDY_ISA", "portable").output().unwrap();
        assert!(out.status.success(), "{}", stderr(&out));
        let mut merge = sweeps::initstudy(home.path());
        let text = stderr(&merge.args(["merge", "m", "s", "p"]).output().unwrap());
        assert!(text.contains("its isa is "), "{text}");
    }
}

#[test]
fn a_reader_who_leaves_is_no_failure() {
    let home = tempfile::tempdir().unwrap();
    let mut child = sweeps::command(home.path(), &["--seeds", "1", "--out", "s"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "{}", stderr(&out));
}

#[test]
fn a_folder_that_is_called_like_a_uri_is_a_folder() {
    let home = tempfile::tempdir().unwrap();
    let out = "file:s?mode=memory";
    // The second time it is there already.
    for _ in 0..2 {
        let swept = sweep(home.path(), &["--seeds", "1", "--out", out]);
        assert!(swept.status.success(), "{}", stderr(&swept));
        assert!(home.path().join(out).join("runs.sqlite").is_file());
    }
}

#[test]
fn a_table_of_no_comparison_has_its_header() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let header = |folder: &str, args: &[&str]| {
        let out = sweep(home, &[&["--seeds", "2", "--out", folder], args].concat());
        assert!(out.status.success(), "{}", stderr(&out));
        let text = fs::read_to_string(home.join(folder).join("comparisons.csv")).unwrap();
        text.lines().next().map(str::to_owned)
    };
    let one = header("one", &["--initializers", "he_normal"]);
    assert!(one.is_some());
    assert_eq!(one, header("all", &[]));
}
