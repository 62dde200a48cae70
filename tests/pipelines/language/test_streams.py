"""Contiguous streams: every unit once, in order, and the same whatever came before."""

import numpy as np
import pytest

from seqtasks.config import LanguageTrainingConfig
from seqtasks.pipelines.language import streams
from seqtasks.pipelines.language.streams import NOTHING, ScoringStreams, TrainingStreams
from seqtasks.tasks.units import END, UnitSequences

IDS = np.arange(1, 104, dtype=np.int32)  # each place has an id of its own


def texts(ids=IDS) -> UnitSequences:
    return UnitSequences(ids, np.array([0, len(ids)]), 200, "word")


def training(size=4, steps=5, **options) -> TrainingStreams:
    return TrainingStreams(texts(), LanguageTrainingConfig(batch_size=size, steps=steps, **options))


@pytest.mark.parametrize("epoch", [0, 1, 2, 3])
def test_an_epoch_foretells_every_unit_once_and_in_order(epoch):
    made = training()
    drawn = list(made.epoch(epoch, 0))
    assert len(drawn) == made.steps(epoch)
    targets = np.concatenate([targets for _, targets in drawn], axis=1)
    units = np.concatenate([inputs["units"] for inputs, _ in drawn], axis=1)
    assert [t for t in targets.ravel() if t != NOTHING] == IDS.tolist()
    real = targets != NOTHING
    assert ((units == targets - 1) | ~real).all()  # id 1 is read after END, which is 0
    assert sum(made.units(*batch) for batch in drawn) == len(IDS)
    assert [inputs["fresh"].tolist() for inputs, _ in drawn] == [[at == 0] * 4 for at in range(len(drawn))]
    assert max(targets.shape[1] for _, targets in drawn) == 5


def test_gradients_are_cut_at_other_places_in_other_epochs():
    made = training()
    cuts = {epoch: [targets.shape[1] for _, targets in made.epoch(epoch, 0)] for epoch in range(6)}
    assert cuts[0][:-1] == [5] * (len(cuts[0]) - 1)
    assert len({tuple(widths) for widths in cuts.values()}) > 2
    assert [t.shape[1] for _, t in training(seed=2).epoch(3, 0)] != cuts[3] or training(seed=2)._cuts(4) != cuts[4]


def test_an_epoch_goes_on_where_it_was_stopped():
    for whole, rest in zip(list(training().epoch(2, 0))[3:], training().epoch(2, 3), strict=True):
        assert np.array_equal(whole[1], rest[1])
        assert all(np.array_equal(whole[0][name], rest[0][name]) for name in whole[0])


@pytest.mark.parametrize("count", [1, 2, 3])
def test_texts_shorter_than_a_batch_are_streams_of_one_unit(count):
    made = TrainingStreams(texts(IDS[:count]), LanguageTrainingConfig(batch_size=20))
    [(inputs, targets)] = made.epoch(1, 0)
    assert targets.tolist() == [[unit] for unit in IDS[:count]] and inputs["units"].shape == (count, 1)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 5000, 5003, 70001])
def test_scoring_foretells_every_unit_once_after_what_came_before(count):
    ids = np.random.default_rng(0).integers(1, 50, count).astype(np.int16)
    made = ScoringStreams(texts(ids))
    units, targets = (np.concatenate(part, axis=1) for part in zip(*made.batches(), strict=True))
    assert made.joined(targets).tolist() == ids.tolist()
    assert made.joined(units).tolist() == [END, *ids[:-1]]
    # how far each unit's stream goes back
    read = made.joined(np.broadcast_to(np.arange(units.shape[1]), units.shape))
    places = np.arange(count)
    assert ((read >= streams.WARM_UP) | (read == places)).all()
    assert made.streams == max(1, min(32, count // 1024))
