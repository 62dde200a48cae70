"""Words a second in training a language model, ours beside PyTorch's LSTM of the same sizes, on this machine.

    python benchmarks/language.py                      # 2 x 200, 20 steps, batch 20, 10,000 words; on an idle machine
    python benchmarks/language.py --units 300 --steps 35 --optimizer adamw --only ours

Both learn the same random words: embedding, two LSTM layers, a softmax over the embedding's own matrix, the mean
cross-entropy, gradients clipped to length 5, and a step of SGD; states are carried and no dropout acts. Ours is the
step that `seqtasks run lm` takes, batches fed by tf.data included. Each has a process of its own, one after the other,
with as many threads as the machine has processors; shown is the median over the repetitions, and the range.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from importlib.util import find_spec

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

UPDATES = 100
"""Of one repetition."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("units", 200), ("depth", 2), ("steps", 20), ("batch", 20), ("words", 10000), ("repeat", 7)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--optimizer", choices=["sgd", "adamw"], default="sgd", help="Ours; PyTorch's is SGD.")
    parser.add_argument("--only", choices=["ours", "torch"])
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.here:
        measure(args, {"ours": ours, "torch": theirs}[args.only](args))
        return
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} processors, {date.today()}", flush=True)
    for name in [args.only] if args.only else ["ours", *(["torch"] if find_spec("torch") else [])]:
        # a process each: the threads of one must not wait actively beside the other's
        given = [
            part for key, value in vars(args).items() if key not in ("only", "here") for part in (f"--{key}", value)
        ]
        subprocess.run([sys.executable, __file__, *map(str, given), "--only", name, "--here"], check=True)


def measure(args, update: Callable[[], float]) -> None:
    """Prints words a second of a function that makes one update and returns the loss."""
    speeds = []
    for _ in range(args.repeat + 1):
        started = time.perf_counter()
        for _ in range(UPDATES):
            loss = update()
        speeds.append(UPDATES * args.batch * args.steps / (time.perf_counter() - started))
    # the first repetition traces graphs and fills caches
    found = sorted(speeds[1:])
    middle = statistics.median(found)
    print(f"{args.only:6} {middle:9,.0f} words/s  ({found[0]:,.0f} to {found[-1]:,.0f})  loss {loss:.3f}", flush=True)


def ids(args) -> np.ndarray:
    """Random words for all updates, after the ids of the end and of the unknown."""
    count = args.batch * args.steps * UPDATES * (args.repeat + 1)
    return np.random.default_rng(0).integers(2, args.words, count).astype(np.int32)


def ours(args) -> Callable[[], float]:
    import keras
    import tensorflow as tf

    from seqtasks.config import LanguageConfig, LanguageTrainingConfig
    from seqtasks.pipelines import training
    from seqtasks.pipelines.language.network import LanguageNetwork
    from seqtasks.pipelines.language.streams import TrainingStreams
    from seqtasks.tasks.units import UnitSequences

    keras.utils.set_random_seed(1)
    tf.config.experimental.enable_op_determinism()
    config = LanguageTrainingConfig(
        batch_size=args.batch, steps=args.steps, optimizer=args.optimizer, learning_rate=0.1, clip_norm=5.0
    )
    words = ids(args)
    streams = TrainingStreams(UnitSequences(words, np.array([0, len(words)]), args.words, "word"), config)
    network = LanguageNetwork(args.words, LanguageConfig(units=args.units, depth=args.depth, dropout=0.0))
    network({"units": tf.zeros([1, 1], tf.int32), "fresh": tf.constant([True])})
    network.carry(streams.streams)
    training.compile_model(network, config, streams.steps(0))
    dataset = tf.data.Dataset.from_generator(lambda: streams.epoch(0, 0), output_signature=streams.signature)
    batches = iter(dataset.prefetch(4))
    network.make_train_function()
    return lambda: float(network.train_function(batches)["loss"])


def theirs(args) -> Callable[[], float]:
    import torch

    torch.manual_seed(1)
    torch.set_num_threads(os.cpu_count() or 1)
    table = torch.nn.Embedding(args.words, args.units)
    layers = torch.nn.LSTM(args.units, args.units, args.depth, batch_first=True)
    softmax = torch.nn.Linear(args.units, args.words)
    softmax.weight = table.weight
    weights = [*layers.parameters(), *softmax.parameters()]
    optimizer = torch.optim.SGD(weights, lr=0.1)
    targets = torch.from_numpy(ids(args).astype(np.int64).reshape(args.batch, -1))
    streams = torch.roll(targets, 1, 1)
    place, states = 0, None

    def update() -> float:
        nonlocal place, states
        part = slice(place, place + args.steps)
        place += args.steps
        outputs, states = layers(table(streams[:, part]), states)
        states = tuple(state.detach() for state in states)
        loss = torch.nn.functional.cross_entropy(softmax(outputs).reshape(-1, args.words), targets[:, part].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 5.0)
        optimizer.step()
        return loss.item()

    return update


if __name__ == "__main__":
    main()
