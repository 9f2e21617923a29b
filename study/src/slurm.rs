//! A sweep as a Slurm job array: the script that submits it and that each of its tasks runs.

use std::fmt::Write;

use kernels::ISA_VARIABLE;

/// What a script is written for. Paths are absolute, so that nodes find them.
#[derive(Clone, Debug)]
pub struct Job {
    /// The program.
    pub program: String,
    /// The folder that flags of the sweep are relative to.
    pub working_folder: String,
    /// What follows `initstudy sweep`, but for `--shard`, `--jobs` and `--out`.
    pub sweep: Vec<String>,
    /// Folder for the results.
    pub out: String,
    /// What `INITSTUDY_ISA` is to be: runs of other numerics have other identities, by which parts
    /// are cut, so that every task must have the same.
    pub isa: &'static str,
    /// Tasks of the array, at least 1.
    pub tasks: u32,
    /// Tasks at the same time.
    pub at_once: Option<u32>,
    /// Cores of each.
    pub cpus_per_task: u32,
    /// Options for both jobs, one for each `#SBATCH` line.
    pub options: Vec<String>,
}

/// What every script begins with.
pub const HEAD: &str = "#!/bin/bash\n# A sweep by initstudy";

/// Seconds before a time limit at which Slurm tells a task.
const NOTICE_SECONDS: u32 = 60;

/// Restarts after which a task whose sweep is killed is no longer tried again.
const MOST_KILLS: u32 = 5;

/// Tries of a question to Slurm: with the time between them less than a minute, which is how long a
/// task has after its notice.
const MOST_TRIES: u32 = 5;

/// Bytes that the words of a command may have in all: Linux has 2 MiB for them and the environment.
const LONGEST_COMMAND: u64 = 7 << 18;

impl Job {
    /// How many bytes the words of the merge have, with a pointer to each, where they are more than
    /// a command may have.
    #[must_use]
    pub fn too_long_merge(&self) -> Option<u64> {
        let tasks = u64::from(self.tasks);
        let digits = |number: u64| number.to_string().len() as u64;
        let name = "/shard--of-".len() as u64 + digits(tasks - 1) + digits(tasks);
        let word = self.out.len() as u64 + name + 1 + size_of::<usize>() as u64;
        let all = tasks.saturating_mul(word) + self.program.len() as u64;
        (all > LONGEST_COMMAND).then_some(all)
    }

    /// The script.
    #[must_use]
    pub fn script(&self) -> String {
        let tasks = self.tasks;
        let last = tasks - 1;
        let limit = self.at_once.map_or(String::new(), |n| format!("%{n}"));
        let options: String = self.options.iter().fold(String::new(), |mut text, option| {
            let _ = writeln!(text, "#SBATCH {option}");
            text
        });
        let sweep: Vec<String> = self.sweep.iter().map(|part| quote(part)).collect();
        format!(
            r##"{HEAD} in {tasks} parts. Submit it, and a job that merges the parts once all are done, by
#     bash FILE
# sbatch FILE submits the parts alone, sbatch --array=3 FILE a single one once more.
#SBATCH --job-name=initstudy
#SBATCH --array=0-{last}{limit}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={cpus}
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:TERM@{NOTICE_SECONDS}
{options}
program={program}
out={out}
sweep=({sweep})

if [[ -z "${{SLURM_ARRAY_TASK_ID:-}}" ]]; then
    mkdir -p -- "$out/log" || exit
    parts=$(sbatch --parsable --output="$out/log/part-%a.log" "$0") || exit
    parts=${{parts%%;*}}
    merge=$(sbatch --parsable --output="$out/log/merge.log" --dependency="afterok:$parts" \
        --kill-on-invalid-dep=yes <<'MERGE'
#!/bin/bash
#SBATCH --job-name=initstudy-merge
#SBATCH --ntasks=1
#SBATCH --requeue
#SBATCH --open-mode=append
{options}
exec {program} merge {out} {out}/shard-{parts}-of-{tasks}
MERGE
    ) || exit
    echo "Job $parts sweeps in {tasks} parts, job ${{merge%%;*}} merges them into $out; their logs are in $out/log."
    exit
fi

# Runs of another instruction set are others: a node that does not have this one refuses at once.
export {ISA_VARIABLE}={isa}

# One part. Slurm gives notice by TERM, on which the sweep keeps what it has and ends with 75: worth
# another try, which goes on from there.
child=
stopped=
trap 'stopped=yes; [[ -z $child ]] || kill -TERM "$child"' TERM
cd -- {folder} || exit
"$program" sweep "${{sweep[@]}}" --jobs "${{SLURM_CPUS_PER_TASK:-1}}" \
    --shard "$SLURM_ARRAY_TASK_ID/{tasks}" --out "$out" &
child=$!
[[ -z $stopped ]] || kill -TERM "$child"
wait "$child"
code=$?
# A trap ends wait early, with more than 128: the sweep has still to end.
while [[ -n $stopped ]] && ((code > 128)); do
    stopped=
    wait "$child"
    code=$?
done
# A TERM before the sweep listened: nothing was begun.
((code == 143)) && code=75
# Killed by somebody, as by the system when memory is short: not for ever.
killed=$((code == 137 && ${{SLURM_RESTART_COUNT:-0}} < {MOST_KILLS}))
# Runs that broke off are recorded; the merge names them, once all parts are there.
((code == 3)) && exit 0
# Gives a command some tries: a controller that is busy does not answer everybody.
insist() {{
    local try
    for try in {{1..{MOST_TRIES}}}; do
        "$@" && return
        ((try == {MOST_TRIES})) || sleep "$((RANDOM % 8 + 1))"
    done
    return 1
}}
# A task that runs no longer is cancelled, which is meant, or is requeued by Slurm already.
task=${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID
if ((code == 75 || killed)) && state=$(insist squeue --noheader --format=%T --job="$task") &&
    [[ $state == RUNNING ]]; then
    insist scontrol requeue "$task" && exit 0
fi
exit "$code"
"##,
            isa = self.isa,
            cpus = self.cpus_per_task,
            program = quote(&self.program),
            out = quote(&self.out),
            folder = quote(&self.working_folder),
            sweep = sweep.join(" "),
            parts = part_numbers(tasks),
        )
    }
}

/// `0`, or `{0..15}`: braces around a single number would stay.
fn part_numbers(tasks: u32) -> String {
    match tasks {
        1 => "0".to_owned(),
        _ => format!("{{0..{}}}", tasks - 1),
    }
}

/// A word that a shell takes as it is.
pub(crate) fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:=,@%+-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_a_quoted_word_as_it_is() {
        assert_eq!(quote("a/b-1.0"), "a/b-1.0");
        assert_eq!(quote("--hidden=128,64"), "--hidden=128,64");
        assert_eq!(quote(""), "''");
        assert_eq!(quote("a b"), "'a b'");
        assert_eq!(quote("it's $HOME"), r"'it'\''s $HOME'");
    }
}
