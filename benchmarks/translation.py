"""How fast the translator learns and translates, beside a plain PyTorch translator, on this machine.

    python benchmarks/translation.py --data DATA/multi30k --source de --target en              # keep the machine idle
    python benchmarks/translation.py --data DATA/multi30k --source de --target en --defaults
    python benchmarks/translation.py --data DATA/multi30k --source de --target en --steps 0 --run RUN

Learning: target tokens a second (ends of sentences counted, padding not) of our translator with its defaults, and of
`bahdanau.py`, PyTorch's GRU encoder-decoder with additive attention inside the time loop. Both have embeddings of 256,
an encoder of 256 units a direction, a decoder of 512, 8,000 words of the source and 6,000 of the target, and update on
the very same batches of 80 pairs of like length, with Adam, dropout, label smoothing and clipping by norm.

What differs is the design. Ours has LSTM cells (`--cell gru` for PyTorch's), a second decoder layer of 512
(`--decoder-depth 1` leaves it out), attention behind the first layer, a readout of 256 whose output matrix is the
target's embedding (PyTorch's: 512 and a matrix of its own), and keeps averages of the weights. It is trained by `fit`
from a generator, as `seqtasks run` does; PyTorch's tensors are ready before its clock starts. With `--defaults` ours is
measured alone, as `seqtasks run translate` trains it: its sizes, subwords and batches.

Each is run by itself, ours first, for PyTorch's threads go on waiting actively after each step. The limit is the speed
of a 2048 x 2048 x 2048 float32 product, the median of some before and some after our updates. An update's operations
are those of its matrix products at real positions, padding left out, the backward pass counted as twice the forward
one; embeddings, softmax, gates and the optimiser are not counted, nor the sums of additive attention.

Translating, with `--run`: seconds of a beam search of 5 over 1,000 sentences of the run's test split, or of --data's:
first with loading the run and tracing its graph, then once more without.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import cells
import numpy as np

WIDTH, UNITS, HIDDEN = 256, 256, 512
"""Of the embeddings, of the encoder a direction, of the decoder."""

SIZES, BATCH = (8000, 6000), 80
"""Words of source and target, and pairs of a batch."""

WARM = 5
"""Updates before those that are timed."""

PRODUCTS = 10
"""Products that are timed before our updates, and after them."""

Batch = tuple[dict[str, np.ndarray], np.ndarray]


class Lengths(NamedTuple):
    """Of the batches that are timed, the real positions: of sources, of targets, and of pairs of both."""

    pairs: int
    source: int
    target: int
    both: int


def main() -> None:
    args = arguments()
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(args.threads)
    cells.settle()
    print(f"{cells.machine()}; {args.threads} threads; {date.today()}")
    if args.steps:
        learning(args)
    if args.run:
        translating(args)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="", help="a folder with a pair of files a split")
    parser.add_argument("--source", default="")
    parser.add_argument("--target", default="")
    parser.add_argument("--steps", type=int, default=60, help="updates that are timed; 0: none")
    parser.add_argument("--cell", default="lstm", help="of our translator")
    parser.add_argument("--decoder-depth", type=int, default=2, help="of our translator")
    parser.add_argument("--defaults", action="store_true", help="our translator alone, in its own sizes")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--run", help="a finished run of translate, whose beam search is timed")
    parser.add_argument("--sentences", type=int, default=1000)
    parser.add_argument("--beam", type=int, default=5)
    return parser.parse_args()


# Learning


def learning(args: argparse.Namespace) -> None:
    from seqtasks.pipelines import sources
    from seqtasks.pipelines.translation.family import Translator
    from seqtasks.pipelines.translation.vocabularies import Vocabularies
    from seqtasks.pipelines.vocabulary import PAD, RESERVED, Vocabulary
    from seqtasks.tasks import load_task

    config = configuration(args)
    train = sources.load(load_task("translate"), config.data, ("train",)).splits["train"]
    fitted = Vocabularies.fit(train, config.model)
    if not args.defaults:
        fitted = replace(fitted, target=Vocabulary(fitted.target.entries[: SIZES[1] - RESERVED]))
    model = Translator(config, fitted)
    drawn = (batch for batch in model.training_batches(train).epoch(0, 0) if args.defaults or len(batch[1]) == BATCH)
    batches = list(itertools.islice(drawn, WARM + args.steps))
    sides = [[(ids != PAD).sum(axis=1) for ids in (inputs["source"], truth)] for inputs, truth in batches[WARM:]]
    lengths = Lengths(
        sum(len(truth) for _, truth in batches[WARM:]),
        *(sum(int(side[at].sum()) for side in sides) for at in (0, 1)),
        sum(int((source * target).sum()) for source, target in sides),
    )
    sizes = tuple(encoder.size for encoder in model.encoders)
    print(
        f"{len(sides)} updates, {lengths.pairs:,} pairs, {lengths.target:,} target tokens, "
        f"{sizes[0]:,} and {sizes[1]:,} units of kind {config.model.token_unit}"
    )
    products = product_seconds()
    ours = our_seconds(model, batches)
    limit = 2 * cells.PRODUCT**3 / statistics.median([*products, *product_seconds()])
    print(f"limit: {limit / 1e9:.0f} GFLOP/s")
    print("| | weights | target tokens/s | operations/s | share of the limit |")
    print("|---|---|---|---|---|")
    name = f"ours, {args.cell}, decoder of {args.decoder_depth} x {2 * config.model.units}"
    speed = row(name, model.network.count_params(), lengths.target, our_work(model, lengths), ours, limit)
    if args.defaults:
        return
    try:
        import bahdanau
        import torch
    except ImportError as error:
        print(f"no PyTorch to measure against: {error}")
        return
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    theirs = bahdanau.EncoderDecoder(sizes, WIDTH, UNITS, HIDDEN, config.model.dropout)
    times = bahdanau.seconds(theirs, batches, config.model.label_smoothing, config.training.clip_norm)[WARM:]
    count = sum(weight.numel() for weight in theirs.parameters())
    other = row("PyTorch, attention in the loop", count, lengths.target, their_work(sizes, lengths), times, limit)
    print(f"\nours / PyTorch: {speed / other:.2f}")


def configuration(args: argparse.Namespace):
    """Our defaults; beside PyTorch, but for the sizes, words as units, and batches of so many pairs."""
    from seqtasks.config import resolve

    flags = {"cell": args.cell, "decoder_depth": args.decoder_depth, "data": args.data, "seed": 1}
    flags |= {"source": args.source, "target": args.target}
    if args.defaults:
        return resolve("translate", "translation", {}, flags)
    flags |= {"token_unit": "word", "min_count": 1, "vocabulary_size": SIZES[0], "batch_size": BATCH}
    flags |= {"batch_tokens": 10**6, "units": UNITS, "word_units": WIDTH}
    return resolve("translate", "translation", {}, flags)


def our_seconds(model, batches: Sequence[Batch]) -> list[float]:
    """How long each update takes, from the end of the one before."""
    import keras
    import tensorflow as tf

    from seqtasks.pipelines import training
    from seqtasks.pipelines.translation.family import TrainingBatches

    class Clock(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            float(logs["loss"])
            ends.append(time.perf_counter())

    ends: list[float] = []
    training.compile_model(model.network, model.config.training, len(batches))
    signature = TrainingBatches.signature
    dataset = tf.data.Dataset.from_generator(lambda: iter(batches), output_signature=signature)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(len(batches))).prefetch(4)
    model.network.fit(dataset, shuffle=False, verbose=0, callbacks=[Clock()])
    return list(np.diff(ends[WARM - 1 :]))


def our_work(model, lengths: Lengths) -> float:
    """Operations of the updates' matrix products."""
    options, size = model.config.model, model.encoders[1].size
    matrices, width = cells.MATRICES[options.cell], 2 * options.units
    encoder = 2 * matrices * options.units * (options.word_units + options.units)
    encoder += 2 * matrices * options.units * (width + options.units) * (options.depth - 1)
    # keys of the attention, and what the attention sees of the embeddings
    memory = width * width + (options.word_units * width if options.shortcut else 0)
    bridge = width * sum(map(sum, model.network.decoder.state_widths))
    decoder = matrices * width * (options.word_units + width)
    decoder += matrices * width * 3 * width * (options.decoder_depth - 1)
    readout = 2 * width * options.word_units + options.word_units * size
    return 3 * 2 * (
        lengths.pairs * bridge
        + lengths.source * (encoder + memory)
        + lengths.target * (decoder + readout)
        + lengths.both * 2 * width
    )  # fmt: skip


def their_work(sizes: tuple[int, int], lengths: Lengths) -> float:
    """Likewise; the sums of additive attention are no matrix product."""
    context = 2 * UNITS
    encoder = 2 * 3 * UNITS * (WIDTH + UNITS) + context * HIDDEN
    decoder = HIDDEN * HIDDEN + 3 * HIDDEN * (WIDTH + context + HIDDEN)
    readout = (WIDTH + HIDDEN + context) * HIDDEN + HIDDEN * sizes[1]
    return 3 * 2 * (
        lengths.pairs * context * HIDDEN
        + lengths.source * encoder
        + lengths.target * (decoder + readout)
        + lengths.both * context
    )  # fmt: skip


def product_seconds() -> list[float]:
    """How long a large product takes, some times over."""
    step = cells.product()
    step().numpy()
    times = []
    for _ in range(PRODUCTS):
        started = time.perf_counter()
        step().numpy()
        times.append(time.perf_counter() - started)
    return times


def row(name: str, weights: int, tokens: int, work: float, times: Sequence[float], limit: float) -> float:
    """Prints a line of the table; returns target tokens a second."""
    total = sum(times)
    figures = (f"{tokens / total:,.0f}", f"{work / total / 1e9:.0f} GFLOP/s", f"{work / total / limit:.2f}")
    print(f"| {name} | {weights:,} | {' | '.join(figures)} |", flush=True)
    return tokens / total


# Translating


def translating(args: argparse.Namespace) -> None:
    from seqtasks.pipelines import run, sources
    from seqtasks.pipelines.prediction import answer_lines
    from seqtasks.tasks import load_task

    task = load_task("translate")
    started = time.perf_counter()
    _, config, model = run.load_run(task, args.run, {"beam": args.beam})
    loaded = time.perf_counter() - started
    data = replace(config.data, data=args.data, train="", dev="", test="") if args.data else config.data
    named = {name: value for name in ("source", "target") if (value := getattr(args, name))}
    pairs = sources.load(task, replace(data, **named), ("test",), hold_out=False).splits["test"][: args.sentences]
    times = []
    for _ in range(2):
        started = time.perf_counter()
        units = sum(len(answer["translation"].split()) for answer in answer_lines(model.service().text, texts(pairs)))
        times.append(time.perf_counter() - started)
    print(
        f"beam {args.beam}, {len(pairs):,} sentences, {units:,} words between blanks: {loaded + times[0]:.1f} s with "
        f"loading and tracing, {times[1]:.1f} s without"
    )


def texts(pairs) -> list[str]:
    return [pair.text for pair in pairs]


if __name__ == "__main__":
    main()
