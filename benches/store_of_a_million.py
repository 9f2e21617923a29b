"""Time and memory of the commands over a store of a million runs.

    python benches/store_of_a_million.py INITSTUDY make few|grid FOLDER [SEEDS]
    python benches/store_of_a_million.py INITSTUDY measure few|grid FOLDER [CASE...]

`make` lets a real sweep of synthetic digits begin, stops it after its first runs, and adds the rows
of all others: their identities are computed as the program does, checked against those it made
itself, and their results are drawn, the same each time. `few` is 4 variants under 250,000 seeds,
`grid` 1,000 variants under 1,000; fewer SEEDS make a smaller store. Five epochs a run; predictions of
100 bytes in place of 10,000.
`measure` runs each command once and prints its wall time, its peak memory and the end of what it
says. Python 3.11; 0.7 GB of disk a store, and up to 4 GB for what `measure` derives from it.
"""

import hashlib
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
from itertools import product
from pathlib import Path

SEEDS = {"few": 250_000, "grid": 1_000}
STUDIES = {
    "few": """dataset = "synthetic"
initializers = ["glorot_uniform", "he_normal", "he_uniform", "glorot_normal"]
hidden = "8"
jobs = 1
""",
    "grid": """dataset = "synthetic"
initializers = ["glorot_uniform", "he_normal", "he_uniform", "glorot_normal"]
hidden = ["8", "9", "10", "11", "12", "13", "14", "15", "16", "17"]
learning_rate = [0.001, 0.002, 0.003, 0.004, 0.005]
batch_size = [100, 200, 300, 400, 500]
jobs = 1
""",
}

# What an identity is made of, in its order; what a run has in a column of its own is from there.
SETTINGS = (
    "dataset_sha256 hidden activation init_scope epochs batch_size shuffle optimizer learning_rate"
    " input isa numerics_version"
).split()


def begin(program, folder, study):
    """A sweep that is stopped as soon as it has kept four runs."""
    file = folder.parent / f"{folder.name}.toml"
    file.write_text(study)
    sweep = subprocess.Popen([program, "sweep", file, "-q", "--out", folder], stdout=subprocess.DEVNULL)
    while sweep.poll() is None:
        time.sleep(0.2)
        try:
            store = sqlite3.connect(f"file:{folder}/runs.sqlite?mode=ro", uri=True)
            if store.execute("SELECT count(*) FROM runs").fetchone()[0] >= 4:
                sweep.send_signal(signal.SIGINT)
                sweep.wait()
            store.close()
        except sqlite3.OperationalError:
            pass
    assert sweep.returncode == 75, sweep.returncode


def listed(value):
    return value if isinstance(value, list) else [value]


def make(program, folder, study):
    assert not folder.exists(), f"{folder} is there already"
    begin(program, folder, study)
    store = sqlite3.connect(folder / "runs.sqlite", isolation_level=None)
    declared = dict(store.execute("SELECT key, value FROM study"))
    names = [column[1] for column in store.execute("PRAGMA table_info(runs)")]
    known = {row[0]: dict(zip(names, row)) for row in store.execute("SELECT * FROM runs")}
    template = next(iter(known.values()))
    wanted = tomllib.loads(study)
    varied = ["initializers", "hidden", "learning_rate", "batch_size"]
    variants = list(product(*(listed(wanted.get(name, template.get(name))) for name in varied)))
    runs = []
    for variant, (initializer, hidden, rate, batch) in enumerate(variants):
        own = {"hidden": hidden, "learning_rate": repr(rate), "batch_size": str(batch)}
        head = "".join(f"{name}={own.get(name, declared[name])}\n" for name in SETTINGS)
        head = hashlib.sha256(f"{head}initializer={initializer}\n".encode())
        for seed in range(wanted["seeds"]):
            whole = head.copy()
            whole.update(f"seed={seed}\n".encode())
            runs.append((whole.hexdigest()[:20], variant, seed))
    # In the order of the key, SQLite fills its pages one after the other.
    runs.sort()
    assert known.keys() <= {run_id for run_id, _, _ in runs}, "identities are made otherwise by now"
    draw = random.Random(0)
    luck = [draw.gauss(0, 0.001) for _ in range(wanted["seeds"])]
    skill = [0.9 + draw.gauss(0, 0.002) for _ in variants]

    def rows():
        for run_id, variant, seed in runs:
            if run_id in known:
                continue
            initializer, hidden, rate, batch = variants[variant]
            accuracy = round(skill[variant] + luck[seed] + draw.gauss(0, 0.002), 4)
            own = {
                "run_id": run_id,
                "initializer": initializer,
                "seed": seed,
                "hidden": hidden,
                "learning_rate": rate,
                "batch_size": batch,
                "test_accuracy": accuracy,
                "test_loss": 1.1 - accuracy + draw.gauss(0, 0.001),
                "seconds": 0.5 + 0.1 * draw.random(),
                "checksum": None,
            }
            yield [own.get(name, template[name]) for name in names]

    def epochs():
        for run_id, variant, seed in runs:
            if run_id in known:
                continue
            for epoch in range(1, template["epochs"] + 1):
                train, val = (skill[variant] - 0.1 / epoch + draw.gauss(0, 0.002) for _ in "tv")
                yield run_id, epoch, 1.1 - train, train, 1.1 - val, val, 0.1

    store.execute("PRAGMA synchronous = OFF")
    store.execute("BEGIN")
    places = ", ".join("?" * len(names))
    store.executemany(f"INSERT INTO runs ({', '.join(names)}) VALUES ({places})", rows())
    columns = "run_id, epoch, train_loss, train_accuracy, val_loss, val_accuracy, seconds"
    store.executemany(f"INSERT INTO epochs ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", epochs())
    # The real runs lose their checksums too: one of a run without one of its predictions is damage.
    store.execute("UPDATE runs SET checksum = NULL")
    store.execute("UPDATE predictions SET classes = zeroblob(100), checksum = NULL")
    others = ((run_id,) for run_id, _, _ in runs if run_id not in known)
    insert = "INSERT INTO predictions (run_id, classes) VALUES (?, zeroblob(100))"
    store.executemany(insert, others)
    store.execute("UPDATE environment SET value = ? WHERE key = 'runs_added'", [str(len(runs))])
    store.execute("COMMIT")
    store.close()
    size = (folder / "runs.sqlite").stat().st_size
    print(f"{folder}: {len(runs)} runs of {len(variants)} variants, {size / 1e6:.0f} MB")


def cases(kind, folder):
    """Commands by name. Those of `grid` name a control where all pairs are too many."""
    control = ["--control", "he_normal, hidden 8, learning_rate 0.001, batch_size 100"]
    control = control if kind == "grid" else []
    file = folder.parent / f"{folder.name}.toml"
    merged, report = folder.parent / f"{folder.name}-merged", folder.parent / f"{folder.name}-report"
    halves = [folder.parent / f"{folder.name}-half{half}" for half in "01"]
    named = {
        "status": ["status", folder],
        "dry-run": ["sweep", file, "-q", "--out", folder, "--dry-run"],
        "sweep": ["sweep", file, "-q", "--out", folder],
        "analyze": ["analyze", folder, *control],
        "report": ["report", folder, "--format", "md", "--out", report, *control],
        "merge": ["merge", merged, *halves],
        "merge-again": ["merge", merged, *halves],
    }
    if kind == "grid":
        named["analyze-all-pairs"] = ["analyze", folder]
        named["report-all-pairs"] = ["report", folder, "--out", report]
        named["figures"] = ["report", folder, "--format", "figures", "--out", report, *control]
    return named


def halve(folder):
    """Two stores of half of the runs each, the inputs of a merge."""
    for half in range(2):
        part = folder.parent / f"{folder.name}-half{half}"
        if part.exists():
            continue
        part.mkdir()
        shutil.copy(folder / "runs.sqlite", part)
        store = sqlite3.connect(part / "runs.sqlite", isolation_level=None)
        store.execute("PRAGMA synchronous = OFF")
        store.execute("BEGIN")
        drop = f"(SELECT run_id FROM runs WHERE seed % 2 <> {half})"
        for table in ("epochs", "predictions", "runs"):
            store.execute(f"DELETE FROM {table} WHERE run_id IN {drop}")
        store.execute("COMMIT")
        store.close()


def measure(program, kind, folder, wanted):
    named = cases(kind, folder)
    for name in wanted or named:
        if name == "merge":
            halve(folder)
            shutil.rmtree(named[name][1], ignore_errors=True)
        load = os.getloadavg()[0]
        with open(folder.parent / f"{folder.name}-{name}.txt", "w+") as said:
            start = time.perf_counter()
            process = subprocess.Popen([program, *named[name]], stdout=said, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            said.seek(0)
            last = said.read().strip().splitlines()[-1:]
        code = os.waitstatus_to_exitcode(status)
        processor = usage.ru_utime + usage.ru_stime
        print(
            f"{name:18} {seconds:7.1f} s {processor:7.1f} s of processors {usage.ru_maxrss / 1024:6.0f} MB"
            f"  exit {code}  load {load:.0f}  {re.sub(r'/[^ ,;]*/', '', ''.join(last))[:150]}",
            flush=True,
        )


def main():
    program, action, kind, folder, *wanted = sys.argv[1:]
    program, folder = Path(program).resolve(), Path(folder).resolve()
    if action == "make":
        seeds = int(wanted[0]) if wanted else SEEDS[kind]
        make(program, folder, f"{STUDIES[kind]}seeds = {seeds}\n")
    else:
        measure(program, kind, folder, wanted)


main()
