"""How fast the cells are: forward and training step, ours beside Keras's and PyTorch's, on this machine.

    python benchmarks/cells.py                                        # everything; keep the machine idle
    python benchmarks/cells.py --cells lstm,mgu --shapes 0,1 --directions 1 --repetitions 5

A training step is the values and the gradients of the inputs and of all weights. All that is compared runs in this
process, one repetition of each in turn, and directly before it one that is not timed; PyTorch's follow when the others
are done, for its threads go on waiting actively after each step and would slow down whoever comes next. Shown are
medians in milliseconds with their range, and ratios of medians. The limit is the speed of a 2048 x 2048 x 2048 float32
product, measured in turn with the others. Op determinism is on. On a busy machine the ratios to Keras still say
something; PyTorch's times don't: its threads wait for each other.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

SHAPES = [(32, 25, 100, 100), (32, 32, 128, 256), (64, 30, 512, 512), (1, 25, 100, 100), (32, 400, 128, 256)]
"""(batch, time, inputs, units)"""

MATRICES = {"rnn": 1, "gru": 3, "lstm": 4, "peephole": 4, "mgu": 2}
PRODUCT = 2048
"""Rows and columns of the matrices whose product is the limit."""

NEAREST = {"rnn": ("SimpleRNN", "RNN"), "gru": ("GRU", "GRU"), "mgu": ("GRU", "GRU")}
"""Keras's and PyTorch's layer of the same or the nearest kind; else LSTM."""

Step = Callable[[], object]


class Case(NamedTuple):
    cell: str
    shape: tuple[int, int, int, int]
    directions: int

    def work(self) -> float:
        """Operations of a training step's products."""
        batch, time_, inputs, units = self.shape
        return 3 * 2 * batch * time_ * (inputs + units) * MATRICES[self.cell] * units * self.directions


def main() -> None:
    args = arguments()
    cases = [Case(cell, SHAPES[s], d) for s in args.shapes for d in args.directions for cell in args.cells]
    if args.peak:
        print(peak_memory(cases[0], args.peak))
        return
    settle()
    print(f"{machine()}; {args.repetitions} repetitions; {date.today()}\n")
    print("| shape | directions | cell | step | ours | keras | ratio | cell by step | ratio | torch | ratio | limit |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    rows = []
    for case in cases:
        for row in measured(case, args.repetitions, args.memory):
            rows.append(row)
            print(as_line(row), flush=True)
    if args.out:
        with open(args.out, "w", encoding="utf-8") as file:
            json.dump({"machine": machine(), "date": str(date.today()), "rows": rows}, file, indent=1)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=lambda text: text.split(","), default=list(MATRICES), help="names, with commas")
    parser.add_argument("--shapes", type=numbers, default=numbers("0,1,2,3,4"), help=f"places in {SHAPES}")
    parser.add_argument("--directions", type=numbers, default=[1, 2], help="1, 2 or 1,2")
    parser.add_argument("--repetitions", type=int, default=21)
    parser.add_argument("--memory", action="store_true", help="also the step's peak memory, in processes of their own")
    parser.add_argument("--out", help="a JSON file for all numbers")
    parser.add_argument("--peak", choices=["ours", "keras"], help=argparse.SUPPRESS)
    return parser.parse_args()


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def measured(case: Case, repetitions: int, memory: bool) -> Iterator[dict]:
    """A row for the forward step and one for the training step."""
    for training in (False, True):
        blocks = {**tensorflow_steps(case, training), "product": product()}, torch_steps(case, training)
        times = {name: found for steps in blocks for name, found in interleaved(steps, repetitions).items()}
        row = {**case._asdict(), "step": "training" if training else "forward", "ms": times}
        if training:
            limit = 2 * PRODUCT**3 / times["product"]["median"]
            row["share of limit"] = case.work() / times["ours"]["median"] / limit
            if memory:
                row["peak MiB"] = {side: in_own_process(case, side) for side in ("ours", "keras")}
        yield row


def interleaved(steps: dict[str, Step], repetitions: int) -> dict[str, dict[str, float]]:
    for step in steps.values():
        for _ in range(3):
            step()
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(repetitions):
        for name, step in steps.items():
            step()
            start = time.perf_counter()
            step()
            times[name].append((time.perf_counter() - start) * 1e3)
    return {name: {"median": statistics.median(t), "low": min(t), "high": max(t)} for name, t in times.items()}


def as_line(row: dict) -> str:
    ours = row["ms"]["ours"]["median"]
    shown = [shape_text(row["shape"]), str(row["directions"]), row["cell"], row["step"], time_text(row["ms"]["ours"])]
    for name in ("keras", "cell by step", "torch"):
        other = row["ms"].get(name)
        shown += [time_text(other), f"{ours / other['median']:.2f}"] if other else ["", ""]
    shown.append(f"{row['share of limit']:.2f}" if "share of limit" in row else "")
    if "peak MiB" in row:
        peak = row["peak MiB"]
        shown[-1] += f"; memory {peak['ours']:.0f} / {peak['keras']:.0f} MiB = {peak['ours'] / peak['keras']:.2f}"
    return f"| {' | '.join(shown)} |"


def shape_text(shape) -> str:
    return " x ".join(str(size) for size in shape)


def time_text(times: dict[str, float]) -> str:
    return f"{times['median']:.1f} ({times['low']:.1f} to {times['high']:.1f})"


# TensorFlow


def tensorflow_steps(case: Case, training: bool) -> dict[str, Step]:
    return {name: tensorflow_step(layer, case, training) for name, layer in layers(case).items()}


def layers(case: Case) -> dict:
    import keras

    from seqtasks.layers import Bidirectional, load_cell

    units, ours = case.shape[3], load_cell(case.cell)
    built_in = getattr(keras.layers, NEAREST.get(case.cell, ("LSTM",))[0])
    one_way = {
        "ours": ours(units, return_sequences=True, kernel="fused"),
        "keras": built_in(units, return_sequences=True, **({} if case.cell == "rnn" else {"use_cudnn": False})),
        "cell by step": keras.layers.RNN(ours(units).cell, return_sequences=True),
    }
    if case.directions == 1:
        return one_way
    return {
        name: (Bidirectional if name == "ours" else keras.layers.Bidirectional)(layer)
        for name, layer in one_way.items()
    }


def tensorflow_step(layer, case: Case, training: bool) -> Step:
    import tensorflow as tf

    batch, time_, inputs, units = case.shape
    x = tf.random.stateless_normal([batch, time_, inputs], [1, 2])
    upstream = tf.random.stateless_normal([batch, time_, units * case.directions], [3, 4])
    layer.build(x.shape)
    weights = [weight.value for weight in layer.trainable_weights]

    @tf.function(autograph=False)
    def forward(x):
        return layer(x)

    @tf.function(autograph=False)
    def train(x, upstream):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=True)
        return y, tape.gradient(y, [x, *weights], output_gradients=upstream)

    return (lambda: train(x, upstream)) if training else (lambda: forward(x))


def product() -> Step:
    """A large float32 product: as fast as this machine multiplies."""
    import tensorflow as tf

    matrix = tf.random.stateless_normal([PRODUCT, PRODUCT], [1, 2])
    return tf.function(lambda: tf.linalg.matmul(matrix, matrix), autograph=False)


def settle() -> None:
    """As the tasks run."""
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()
    tf.random.set_seed(1)


# PyTorch


def torch_steps(case: Case, training: bool) -> dict[str, Step]:
    try:
        import torch
    except ImportError:
        return {}
    torch.set_num_threads(os.cpu_count() or 1)
    batch, time_, inputs, units = case.shape
    kind = getattr(torch.nn, NEAREST.get(case.cell, ("", "LSTM"))[1])
    layer = kind(inputs, units, batch_first=True, bidirectional=case.directions == 2)
    x = torch.randn(batch, time_, inputs, requires_grad=training)
    upstream = torch.randn(batch, time_, units * case.directions)

    def forward():
        with torch.no_grad():
            return layer(x)[0]

    def train():
        return torch.autograd.grad(layer(x)[0], [x, *layer.parameters()], grad_outputs=upstream)

    return {"torch": train if training else forward}


# Memory


def in_own_process(case: Case, side: str) -> float:
    place = SHAPES.index(case.shape)
    options = ["--cells", case.cell, "--shapes", str(place), "--directions", str(case.directions), "--peak", side]
    done = subprocess.run([sys.executable, __file__, *options], check=True, capture_output=True, text=True)
    return float(done.stdout)


def peak_memory(case: Case, side: str) -> float:
    """MiB by which the process grows in a training step, beyond what it holds between two steps; on Linux."""
    settle()
    step = tensorflow_step(layers(case)[side], case, training=True)
    growth = []
    for _ in range(6):
        step()
        ctypes.CDLL("libc.so.6").malloc_trim(0)
        with open("/proc/self/clear_refs", "w", encoding="utf-8") as file:
            file.write("5")  # sets the peak back
        before = in_status("VmRSS")
        step()
        growth.append((in_status("VmHWM") - before) / 1024)
    return statistics.median(growth)


def in_status(key: str) -> int:
    """A number in KiB that Linux keeps of this process."""
    with open("/proc/self/status", encoding="utf-8") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(key))


def machine() -> str:
    import keras
    import tensorflow as tf

    return f"{platform.machine()}, {os.cpu_count()} cores, TensorFlow {tf.__version__}, Keras {keras.__version__}"


if __name__ == "__main__":
    main()
