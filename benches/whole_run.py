"""One run of the protocol, from the data in memory to its outcome, beside other programs.

usage: whole_run.py [--rounds N] [--core C] INITSTUDY IDX_FOLDER NAME=COMMAND...

Runs, in turn and pinned to one core: INITSTUDY on its sparse and on its dense path (one run of
glorot_uniform each), and each COMMAND, which must print its own time as the first number with an s
behind it ("3.10s"), {idx} in it standing for the folder. Prints each one's median and range over
the rounds, and the median of its round-by-round ratio to INITSTUDY's sparse path.
"""

import argparse
import csv
import os
import re
import shlex
import statistics
import subprocess
import sys
import tempfile


def ours(binary, idx, path):
    """Seconds of one run, as the sweep itself recorded it."""
    with tempfile.TemporaryDirectory() as out:
        command = [binary, "sweep", "-q", "--dataset", f"idx:{idx}", "--input", path, "--jobs", "1"]
        command += ["--seeds", "1", "--initializers", "glorot_uniform", "--out", out]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(out, "runs.csv"), newline="") as file:
            return float(next(csv.DictReader(file))["seconds"])


def peer(command, idx):
    """Seconds that the peer says it took."""
    words = shlex.split(command.format(idx=idx))
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false"
    environment = dict(os.environ, OMP_NUM_THREADS="1", XLA_FLAGS=flags)
    done = subprocess.run(words, capture_output=True, text=True, env=environment)
    seconds = re.search(r"([0-9.]+)s\b", done.stdout)
    if done.returncode or not seconds:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
        sys.exit(f"{' '.join(words)} ended with {done.returncode} and no time; it said: {said}")
    return float(seconds.group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("binary")
    parser.add_argument("idx")
    parser.add_argument("peers", nargs="*", metavar="NAME=COMMAND")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {arguments.core})
    runs = {
        "initstudy sparse": lambda: ours(arguments.binary, arguments.idx, "sparse"),
        "initstudy dense": lambda: ours(arguments.binary, arguments.idx, "dense"),
    }
    for text in arguments.peers:
        name, command = text.split("=", 1)
        runs[name] = lambda command=command: peer(command, arguments.idx)
    times = {name: [] for name in runs}
    for _ in range(arguments.rounds):
        for name, run in runs.items():
            times[name].append(run())
    first = next(iter(times.values()))
    for name, seconds in times.items():
        ratio = statistics.median(s / f for s, f in zip(seconds, first))
        median = statistics.median(seconds)
        print(f"{name:18} {median:7.2f} s ({min(seconds):.2f} to {max(seconds):.2f})  {ratio:6.2f}x")


main()
