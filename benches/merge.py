"""Time and memory of initstudy merge, by the number of stores.

    python benches/merge.py INITSTUDY [STORES...]

One small sweep of three runs is made; each store is a copy of it with seeds and identities of its
own and predictions of 100 bytes. Merged into a new folder, and once more into the same, where every
run is met again. Python 3 and its sqlite3; about 100 kB of disk a store.
"""

import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def make(template, folder, index):
    """A store of three runs like the template's."""
    folder.mkdir()
    shutil.copy(template, folder / "runs.sqlite")
    store = sqlite3.connect(folder / "runs.sqlite", isolation_level=None)
    store.execute("PRAGMA synchronous = OFF")
    store.execute("BEGIN")
    for (run_id,) in store.execute("SELECT run_id FROM runs").fetchall():
        new = hashlib.sha256(f"{index} {run_id}".encode()).hexdigest()[:20]
        for table in ("runs", "epochs", "predictions"):
            store.execute(f"UPDATE {table} SET run_id = ? WHERE run_id = ?", (new, run_id))
    store.execute("UPDATE runs SET seed = seed + 3 * ?, checksum = NULL", (index,))
    store.execute("UPDATE predictions SET classes = zeroblob(100), checksum = NULL")
    store.execute("UPDATE environment SET value = value || ? WHERE key = 'command_line'", (f" {index}",))
    store.execute("COMMIT")
    store.execute("VACUUM")
    store.close()


def peak(process):
    """Waits; seconds and the largest resident size in MB."""
    start = time.perf_counter()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, status
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main():
    program = Path(sys.argv[1]).resolve()
    counts = [int(count) for count in sys.argv[2:]] or [100, 1000, 10000]
    with tempfile.TemporaryDirectory() as home:
        home = Path(home)
        sweep = "sweep --dataset synthetic --initializers he_normal --hidden 8 --seeds 3 -q --out"
        subprocess.run([program, *sweep.split(), home / "template"], check=True, stdout=subprocess.DEVNULL)
        print("stores    runs  new s  MB    again s  MB")
        for index in range(max(counts)):
            make(home / "template" / "runs.sqlite", home / f"in{index}", index)
        for count in counts:
            inputs = [f"in{index}" for index in range(count)]
            figures = []
            for expected in (3 * count, 0):
                command = [program, "merge", f"out{count}", *inputs]
                process = subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, text=True)
                figures += peak(process)
                said = process.stdout.read()
                assert re.search(f" {expected} runs added", said), said
            new, new_mb, again, again_mb = figures
            print(f"{count:6} {3 * count:7} {new:6.2f} {new_mb:4.0f} {again:8.2f} {again_mb:5.0f}")


main()
