"""What more workers cost and bring: the time of 32 runs with one and with two, and peak memory.

usage: jobs.py [--rounds N] INITSTUDY IDX_FOLDER

Times are the whole command's, taken in turn; the ratio is two workers' to one's, round by round.
Memory is the peak resident set of the whole process, for more workers and for more runs.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time


def sweep(arguments, jobs, seeds):
    """Seconds of a sweep of four initializers, data loading included."""
    with tempfile.TemporaryDirectory() as out:
        command = [arguments.binary, "sweep", "-q", "--dataset", f"idx:{arguments.idx}"]
        command += ["--jobs", str(jobs), "--seeds", str(seeds), "--out", out]
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start


def peak_memory(arguments, jobs, seeds):
    """Megabytes, measured in a process of its own since the peak of all children is kept."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-c", code, arguments.binary, "sweep", "-q"]
        command += ["--dataset", f"idx:{arguments.idx}", "--jobs", str(jobs), "--seeds", str(seeds), "--out", out]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return int(done.stdout) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("binary")
    parser.add_argument("idx")
    arguments = parser.parse_args()
    for jobs, seeds in [(1, 2), (2, 2), (2, 8), (3, 2), (4, 2), (8, 2)]:
        print(f"{jobs} workers, {4 * seeds:3} runs: {peak_memory(arguments, jobs, seeds):6.1f} MB at the peak", flush=True)
    times = [(sweep(arguments, 1, 8), sweep(arguments, 2, 8)) for _ in range(arguments.rounds)]
    one, two = (statistics.median(column) for column in zip(*times))
    ratio = statistics.median(b / a for a, b in times)
    print(f"32 runs: {one:.1f} s with 1 worker, {two:.1f} s with 2, ratio {ratio:.3f}")


main()
