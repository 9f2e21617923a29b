"""Times in SciPy what benches/stats.rs times here. Prints milliseconds of processor time, least of repeats."""

import time

import numpy as np
from scipy import stats


def groups(k, n):
    unit = lambda x: (x * 0.6180339887498949) % 1
    i = np.arange(n)
    return [np.round(0.97 + 2e-4 * g + 0.004 * unit(g * n + i * (g + 3)), 4) for g in range(k)]


def timed(what, repeats, work):
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    print(f"{1e3 * min(seconds):>10.3f} ms  {what}", flush=True)


def bca():
    for g in groups(4, 100):
        stats.bootstrap((g,), np.mean, n_resamples=10_000, method="BCa", rng=1)


def pairwise():
    g = groups(20, 1000)
    for i in range(20):
        for j in range(i + 1, 20):
            for equal in (False, True):
                stats.ttest_ind(g[i], g[j], equal_var=equal).confidence_interval(0.95)
            stats.ttest_rel(g[i], g[j]).confidence_interval(0.95)
            stats.wilcoxon(g[i], g[j], zero_method="pratt", method="approx", correction=True)
            stats.mannwhitneyu(g[i], g[j], method="asymptotic")


def tukey(equal):
    stats.tukey_hsd(*groups(20, 1000), equal_var=equal).confidence_interval(0.95)


def sign_flips():
    a, b = groups(4, 100)[:2]
    stats.permutation_test((a - b,), np.mean, permutation_type="samples", n_resamples=10_000, rng=1, vectorized=True)


def labels():
    a, b = groups(4, 100)[:2]
    welch = lambda x, y, axis: stats.ttest_ind(x, y, axis=axis, equal_var=False).statistic
    stats.permutation_test((a, b), welch, n_resamples=10_000, rng=1, vectorized=True)


timed("BCa of the mean, 10,000 resamples, 4 groups x 100", 7, bca)
timed("t tests, rank tests: 190 pairs x 1000 rows", 3, pairwise)
timed("the same groups: Tukey", 1, lambda: tukey(True))
timed("the same groups: Games-Howell", 1, lambda: tukey(False))
timed("sign flips, 10,000 of 100 pairs", 5, sign_flips)
timed("label permutations, 10,000 of 100 + 100", 5, labels)
