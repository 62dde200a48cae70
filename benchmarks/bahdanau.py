"""A plain PyTorch translator with additive attention inside the time loop, beside which `translation.py` measures ours.

The model of Bahdanau, Cho and Bengio 2015 (arXiv 1409.0473) as it is usually written: a GRU of both directions over
packed sources, a GRU cell that reads the word before and the context, step by step, a readout of word, state and
context. What need not be in the loop is not: readout and softmax are computed for all steps at once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

PAD = 0


class EncoderDecoder(nn.Module):
    """Sources [n, s] and the targets so far [n, t] to logits [n, t, words]."""

    def __init__(self, sizes: tuple[int, int], width: int, units: int, hidden: int, dropout: float):
        super().__init__()
        self.sources = nn.Embedding(sizes[0], width, padding_idx=PAD)
        self.targets = nn.Embedding(sizes[1], width, padding_idx=PAD)
        self.encoder = nn.GRU(width, units, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * units, hidden)
        self.keys = nn.Linear(2 * units, hidden, bias=False)
        self.query = nn.Linear(hidden, hidden)
        self.energy = nn.Linear(hidden, 1, bias=False)
        self.cell = nn.GRUCell(width + 2 * units, hidden)
        self.readout = nn.Linear(width + hidden + 2 * units, hidden)
        self.output = nn.Linear(hidden, sizes[1])
        self.dropout = nn.Dropout(dropout)

    def forward(self, source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        values, state = self._encode(source)
        keys, hidden = self.keys(values), source == PAD
        found = []
        for word in self.dropout(self.targets(target)).unbind(1):
            scores = self.energy(torch.tanh(self.query(state)[:, None] + keys)).squeeze(-1)
            weights = scores.masked_fill(hidden, -torch.inf).softmax(-1)
            context = torch.bmm(weights[:, None], values)[:, 0]
            state = self.cell(torch.cat([word, context], -1), state)
            found.append(torch.cat([word, state, context], -1))
        return self.output(self.dropout(torch.tanh(self.readout(torch.stack(found, 1)))))

    def _encode(self, source: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        embedded, lengths = self.dropout(self.sources(source)), (source != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        values, last = self.encoder(packed)
        values, _ = nn.utils.rnn.pad_packed_sequence(values, batch_first=True, total_length=source.shape[1])
        return values, torch.tanh(self.bridge(torch.cat([last[0], last[1]], -1)))


def seconds(
    model: EncoderDecoder,
    batches: Sequence[tuple[dict[str, np.ndarray], np.ndarray]],
    smoothing: float,
    clip_norm: float,
) -> list[float]:
    """How long each update takes: Adam on the cross-entropy against smoothed truth, clipped by norm."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    loss_of = nn.CrossEntropyLoss(ignore_index=PAD, label_smoothing=smoothing)
    model.train()
    times = []
    for inputs, truth in batches:
        source, target, wanted = (torch.from_numpy(a).long() for a in (inputs["source"], inputs["target"], truth))
        started = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss_of(model(source, target).flatten(0, 1), wanted.flatten()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
        optimizer.step()
        times.append(time.perf_counter() - started)
    return times
