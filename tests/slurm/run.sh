#!/bin/bash
# A sweep on a real Slurm cluster, disturbed, against the same sweep by one process.
#
#     tests/slurm/run.sh [INITSTUDY]
#
# An array of 4 parts and the job that merges them, as initstudy slurm writes them. While they run,
# part 0 gets the notice that Slurm gives before a time limit, the sweep of part 1 is killed with
# SIGKILL, and part 2 is requeued by the operator. All three must have been restarted, and the CSV
# files of the merged store must be those of the undisturbed sweep but for the times. A task that is
# cancelled, at last, must stay cancelled.
#
# The cluster is tests/slurm/cluster.sh, which needs root and Debian's slurm-wlm and munge; without
# them this says so and does nothing, or fails where INITSTUDY_REQUIRE has the word slurm.
# INITSTUDY is built where it is not given.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

skip() {
    if [[ " ${INITSTUDY_REQUIRE:-} " == *" slurm "* ]]; then
        echo "FAILED tests/slurm: $*" >&2
        exit 1
    fi
    echo "SKIPPED tests/slurm: $*" >&2
    exit 0
}

if [[ -z "${SLURM_CONF:-}" ]]; then
    [[ $(id -u) == 0 ]] || skip 'daemons of a cluster are started by root'
    for program in munged slurmctld slurmd sbatch; do
        command -v "$program" >/dev/null || skip "no $program; install slurm-wlm and munge"
    done
    if [[ -z "${1:-}" ]]; then
        (cd "$here/../.." && cargo build --release --bin initstudy)
        set -- "$here/../../target/release/initstudy"
    fi
    exec "$here/cluster.sh" "$0" "$(realpath "$1")"
fi

initstudy=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >study.toml <<'STUDY'
dataset = "synthetic"
hidden = "16"
learning_rate = [0.001, 0.003]
initializers = ["glorot_uniform", "he_normal"]
epochs = 4
seeds = 12
STUDY
out="$work/with slurm/sweep"

fail() {
    echo "FAILED tests/slurm: $*" >&2
    squeue --array >&2 || true
    tail -n 30 "$out"/log/* >&2 || true
    exit 1
}

# The state of a job, and how often it was restarted.
state() { scontrol show job "$1" | sed -n 's/.*JobState=\([A-Z_]*\).*/\1/p'; }
restarts() { scontrol show job "$1" | sed -n 's/.*Restarts=\([0-9]*\).*/\1/p'; }

# Waits until a part, by its folder, has some runs, but not all.
underway() {
    local store="$1/runs.sqlite" tries
    for ((tries = 0; tries < 6000; tries++)); do
        # Ten thousand predictions a run; without any the store is smaller than this.
        [[ -f $store ]] && (($(stat -c %s "$store") > 80000)) && return
        sleep 0.05
    done
    fail "$1 has no run after five minutes"
}

echo '-- the sweep by one process'
"$initstudy" sweep study.toml --quiet --out 'alone/sweep' >/dev/null

echo '-- the sweep in 4 parts'
"$initstudy" slurm study.toml --tasks 4 --time 10 --out "$out" --script sweep.sh
bash sweep.sh | tee submitted
parts=$(sed -n 's/^Job \([0-9]*\) .*/\1/p' submitted)
merge=$(sed -n 's/.*job \([0-9]*\) merges.*/\1/p' submitted)

underway "$out/shard-0-of-4"
# scancel sends the signal at once, but comes back only when the task has started again.
scancel --batch --signal=TERM "${parts}_0" &
echo 'part 0 has notice of its time limit'
underway "$out/shard-1-of-4"
# The lock of a store names the process that holds it, and its host.
kill -KILL "$(sed 's/process \([0-9]*\).*/\1/' "$out/shard-1-of-4/.lock")"
echo 'the sweep of part 1 is killed'
underway "$out/shard-2-of-4"
scontrol requeue "${parts}_2"
echo 'part 2 is requeued'

for ((tries = 0; tries < 600; tries++)); do
    case $(state "$merge") in
    COMPLETED) break ;;
    PENDING | RUNNING | CONFIGURING | COMPLETING) sleep 1 ;;
    *) fail "the merge is $(state "$merge")" ;;
    esac
done
[[ $(state "$merge") == COMPLETED ]] || fail 'the merge is not done after ten minutes'

for part in 0 1 2; do
    count=$(restarts "${parts}_$part")
    echo "part $part: $(state "${parts}_$part"), restarted $count times"
    ((count > 0)) || fail "part $part was not restarted"
done
grep -q 'the same command goes on' "$out/log/part-0.log" || fail 'part 0 did not stop by itself'
cat "$out/log/merge.log"

# The cells of a CSV file whose column is not seconds.
without_times() {
    awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "seconds") times = i }
        times { $times = "" } { print }' "$1"
}
for file in runs.csv epochs.csv summary.csv comparisons.csv; do
    [[ -s alone/sweep/$file && -s $out/$file ]] || fail "$file is missing or empty"
    cmp <(without_times "alone/sweep/$file") <(without_times "$out/$file") ||
        fail "$file differs from that of the undisturbed sweep"
    echo "$file: $(wc -l <"$out/$file") lines, the same but for times"
done

echo '-- a task that is cancelled'
"$initstudy" slurm study.toml --tasks 1 --out "$work/cancelled" --script cancelled.sh
task=$(sbatch --parsable --output=cancelled.log cancelled.sh)_0
underway "$work/cancelled/shard-0-of-1"
scancel "$task"
for ((tries = 0; tries < 60; tries++)); do
    [[ $(state "$task") == CANCELLED && -z $(squeue --noheader --job="$task") ]] && break
    sleep 0.5
done
# Long enough for a job that was requeued to be back.
sleep 8
[[ $(state "$task") == CANCELLED && $(restarts "$task") == 0 ]] ||
    fail "a cancelled task is $(state "$task"), restarted $(restarts "$task") times"
echo 'it stays cancelled'
