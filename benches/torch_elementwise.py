"""Times what PyTorch does for softmax, its cross-entropy, ReLU, tanh, the logistic
function and Adam, on one thread.

Usage: python benches/torch_elementwise.py

The minimum of the rounds, in microseconds, for the shapes that benches/elementwise.rs has.
Torch's own overhead per call is part of what its users wait for, and so of these times; the
`empty` line shows it. TORCH's vector width follows the CPU (ATEN_CPU_CAPABILITY=avx2 pins it).
"""

import time

import torch

SHAPES = [(32, 10), (32, 128), (1000, 128), (64, 1000)]
PARAMETERS = [1_290, 100_480, 1_000_000]


def best(f, rounds=200, calls=10):
    f()
    least = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(calls):
            f()
        least = min(least, (time.perf_counter() - start) / calls)
    return least * 1e6


def softmax_cross_entropy(logits, labels):
    """Loss, hits and gradient, as Kernels::softmax_cross_entropy gives them."""
    loss = torch.nn.functional.cross_entropy(logits, labels)
    (gradient,) = torch.autograd.grad(loss, logits)
    hits = (logits.detach().argmax(1) == labels).sum()
    return loss, hits, gradient


def loss_and_gradient(logits, labels):
    loss = torch.nn.functional.cross_entropy(logits, labels)
    (gradient,) = torch.autograd.grad(loss, logits)
    return loss, gradient


def no_autograd(logits, labels, one_hot):
    """Loss and gradient without autograd's overhead."""
    log_p = torch.log_softmax(logits, 1)
    loss = torch.nn.functional.nll_loss(log_p, labels)
    return loss, log_p.exp_().sub_(one_hot).mul_(1 / len(logits))


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print(f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, one thread")
    print(f"{'empty':32} {best(lambda: torch.empty(0)):10.2f} us")
    for rows, cols in SHAPES:
        x = torch.randn(rows, cols)
        out = torch.empty_like(x)
        labels = torch.randint(0, min(cols, 256), (rows,))
        one_hot = torch.nn.functional.one_hot(labels, cols).float()
        leaf = x.clone().requires_grad_()
        shape = f"{rows}x{cols}"

        def line(name, f):
            print(f"{name:24} {shape:>8} {best(f):9.2f} us")

        with torch.no_grad():
            line("exp", lambda: torch.exp(x, out=out))
            line("softmax", lambda: torch.softmax(x, 1, out=out))
            line("loss, gradient", lambda: no_autograd(x, labels, one_hot))
            line("argmax", lambda: torch.argmax(x, 1))
            line("relu", lambda: torch.relu_(out))
            line("tanh", lambda: torch.tanh(x, out=out))
            line("sigmoid", lambda: torch.sigmoid(x, out=out))
            line("relu backward", lambda: torch.ops.aten.threshold_backward(x, x, 0.0))
            line("column sums", lambda: torch.sum(x, 0))
        line("loss, gradient, autograd", lambda: loss_and_gradient(leaf, labels))
        line("and hits", lambda: softmax_cross_entropy(leaf, labels))
    for count in PARAMETERS:
        w = torch.randn(count, requires_grad=True)
        w.grad = torch.randn(count) * 1e-3
        adam = torch.optim.Adam([w], lr=1e-3, fused=True)
        print(f"{'adam, fused':24} {count:8} {best(adam.step):9.2f} us")


if __name__ == "__main__":
    main()
