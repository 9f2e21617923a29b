"""Prints the least time of each criterion benchmark, in microseconds, as a Markdown table.

Usage: python benches/minima.py [target/criterion]

Criterion reports means, which on a shared machine measure the neighbours too; its raw samples
hold the minimum. Short samples find it: run `cargo bench -p kernels --bench elementwise --
--warm-up-time 0.1 --measurement-time 0.3`.
"""

import json
import pathlib
import sys


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "target/criterion")
    groups = {}
    for sample in sorted(root.glob("*/*/*/new/sample.json")):
        group, name, shape = sample.relative_to(root).parts[:3]
        data = json.loads(sample.read_text())
        least = min(t / n for t, n in zip(data["times"], data["iters"]))
        groups.setdefault((group, shape), {})[name] = least / 1e3
    names = sorted({name for times in groups.values() for name in times})
    print("| benchmark | " + " | ".join(names) + " |")
    print("|---|" + "---|" * len(names))
    for (group, shape), times in groups.items():
        cells = [f"{times[name]:.2f}" if name in times else "" for name in names]
        print(f"| {group} {shape} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
