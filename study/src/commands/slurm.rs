//! `initstudy slurm`: the script of a job array.

use std::{
    env,
    io::Write,
    path::{Path, PathBuf},
};

use kernels::Isa;

use super::{
    own_files::check_replaceable,
    sweep::{self, Asked},
};
use crate::{
    cli::{Cli, Command, SlurmArgs, SweepArgs},
    failure::Failure,
    output::{note, print, write_whole},
    slurm::{HEAD, Job},
};

/// Runs the command.
pub(super) fn run(args: &SlurmArgs) -> Result<(), Failure> {
    if let Some(time) = args.time.as_deref().filter(|time| !is_time(time)) {
        return Err(Failure::usage(format!(
            "--time {time:?} is no time as sbatch reads one; write minutes, minutes:seconds, hours:minutes:seconds or days-hours, days-hours:minutes, days-hours:minutes:seconds"
        )));
    }
    let sweep = Sweep::of(args)?;
    let named = [("partition", &args.partition), ("time", &args.time)];
    let mut options = Vec::new();
    for (name, value) in named {
        if let Some(value) = value {
            options.push(option(name, value)?);
        }
    }
    for option in &args.sbatch {
        options.push(whole_option(option)?);
    }
    let here = env::current_dir()
        .map_err(|error| Failure::internal(format!("the current folder is gone: {error}")))?;
    let program = env::current_exe().map_err(|error| {
        Failure::internal(format!("cannot tell where this program is: {error}"))
    })?;
    let out = text(&here.join(&sweep.out), "--out")?;
    if let Some(sign) = out.chars().find(|sign| "%\\".contains(*sign)) {
        return Err(Failure::usage(format!(
            "--out {out}: Slurm reads {sign} in the names of its logs; choose another folder"
        )));
    }
    let job = Job {
        program: text(&program, "this program")?,
        working_folder: text(&here, "the current folder")?,
        sweep: sweep.words,
        out,
        isa: Isa::shared_pin().map_err(Failure::usage)?,
        tasks: args.tasks,
        at_once: args.at_once.map(Into::into),
        cpus_per_task: args.cpus_per_task,
        options,
    };
    if let Some(bytes) = job.too_long_merge() {
        return Err(Failure::usage(format!(
            "--tasks {}: the names of so many parts would be {bytes} bytes, which no command line holds, and nobody could merge them; use fewer, or a shorter --out",
            args.tasks
        )));
    }
    let script = job.script();
    let Some(file) = &args.script else {
        return print(&script);
    };
    let name = file.display();
    check_replaceable("--script", file, "script", |start| {
        start.starts_with(HEAD.as_bytes())
    })?;
    write_whole(file, |file| file.write_all(script.as_bytes()))
        .map_err(|error| Failure::unwritable("--script", file, &error))?;
    note(&format!("bash {name} submits it"));
    Ok(())
}

/// The sweep of every task, checked: what one of them would refuse is refused now.
struct Sweep {
    words: Vec<String>,
    out: PathBuf,
}

impl Sweep {
    fn of(args: &SlurmArgs) -> Result<Self, Failure> {
        let mut words = Vec::new();
        if let Some(file) = &args.file {
            words.push(text(file, "the study file")?);
        }
        words.extend(args.sweep.iter().cloned());
        let flags = parsed(&words)?;
        let request = Asked::of(&flags)?.request;
        let of_study = || flags.file.as_deref().and_then(sweep::folder_of_study);
        let out = args.out.clone().or(request.out).or_else(of_study);
        let out = out.ok_or_else(|| {
            Failure::usage("where are the results to go? name a folder with --out, or a study file")
        })?;
        Ok(Self { words, out })
    }
}

/// The flags of a sweep.
fn parsed(words: &[String]) -> Result<SweepArgs, Failure> {
    let words = ["initstudy", "sweep"]
        .into_iter()
        .chain(words.iter().map(String::as_str));
    let cli = Cli::from_arguments(words).map_err(|error| {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default();
        Failure::usage(format!(
            "the flags after -- are not those of initstudy sweep: {}",
            first.trim_start_matches("error: ")
        ))
    })?;
    let Command::Sweep(sweep) = cli.command else {
        return Err(Failure::usage(
            "the flags after -- are those of initstudy sweep",
        ));
    };
    let taken = [
        ("--shard", sweep.shard.is_some()),
        ("--until", sweep.until.until.is_some()),
        ("--jobs", sweep.jobs.is_some()),
        ("--out", sweep.out.is_some()),
        ("--dry-run", sweep.dry_run),
    ];
    if let Some((flag, _)) = taken.iter().find(|(_, given)| *given) {
        let instead = match *flag {
            "--until" => "a part cannot tell what the others have found; name --seeds",
            "--jobs" => "it is what --cpus-per-task says",
            "--out" => "give --out before the --",
            "--dry-run" => {
                "a task that trains nothing has nothing to merge; give it to initstudy sweep"
            }
            _ => "each task of the array has its own",
        };
        return Err(Failure::usage(format!("{flag} after --: {instead}")));
    }
    Ok(sweep)
}

/// `--name=value`, where Slurm will read it as that.
fn option(name: &str, value: &str) -> Result<String, Failure> {
    let plain = |c: char| c.is_ascii_graphic() && !"\"'\\#".contains(c);
    if value.is_empty() || !value.chars().all(plain) {
        return Err(Failure::usage(format!(
            "--{name} {value:?} is nothing that Slurm would read; write it without spaces and quotes"
        )));
    }
    Ok(format!("--{name}={value}"))
}

/// Whether sbatch reads it as a time limit: `M`, `M:S`, `H:M:S`, `D-H`, `D-H:M`, `D-H:M:S`, or none.
fn is_time(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    let (days, clock) = match text.split_once('-') {
        Some((days, clock)) => (Some(days), clock),
        None => (None, text),
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let counted = parts.len() <= 3 && parts.into_iter().all(digits);
    counted && days.is_none_or(digits) || text.eq_ignore_ascii_case("unlimited")
}

/// Options of sbatch that the script has itself, or that would make another script of it.
const OF_THE_SCRIPT: [(&str, Option<char>); 9] = [
    ("--array", Some('a')),
    ("--cpus-per-task", Some('c')),
    ("--dependency", Some('d')),
    ("--no-requeue", None),
    ("--ntasks", Some('n')),
    ("--open-mode", None),
    ("--output", Some('o')),
    ("--signal", None),
    ("--wrap", None),
];

/// Short options of sbatch that have no value, so that others may follow in one word.
const WITHOUT_VALUE: &str = "HhkOQsvVW";

fn whole_option(option: &str) -> Result<String, Failure> {
    let is_ours = |word: &str, (long, short): (&str, Option<char>)| match word.strip_prefix('-') {
        // sbatch takes the beginning of a long name for all of it.
        Some(rest) if rest.starts_with('-') => {
            let name = word.split('=').next().unwrap_or(word);
            name.len() > 2 && long.starts_with(name)
        }
        Some(letters) => {
            let mut letters = letters.chars();
            let last = letters.find(|letter| !WITHOUT_VALUE.contains(*letter));
            last.is_some() && last == short
        }
        None => false,
    };
    let words = option.split_whitespace();
    let ours = words.flat_map(|word| OF_THE_SCRIPT.map(|ours| (word, ours)));
    let ours = ours.filter(|(word, ours)| is_ours(word, *ours));
    let ours = ours.map(|(_, (long, _))| long).next();
    if let Some(ours) = ours {
        return Err(Failure::usage(format!(
            "--sbatch {option:?}: with {ours} it would be another script; leave it out"
        )));
    }
    if !option.starts_with('-') || option.chars().any(char::is_control) {
        return Err(Failure::usage(format!(
            "--sbatch {option:?} is no option of sbatch; write --sbatch=--account=NAME"
        )));
    }
    Ok(option.to_owned())
}

/// A path as a script can hold it.
fn text(path: &Path, what: &str) -> Result<String, Failure> {
    let text = path
        .to_str()
        .filter(|text| !text.contains(char::is_control));
    text.map(str::to_owned).ok_or_else(|| {
        Failure::usage(format!(
            "{what}: {} cannot be written into a script; use a path in UTF-8 without control characters",
            path.display()
        ))
    })
}
