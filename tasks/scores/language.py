"""Perplexity, and bits a character and a word, of what a language model says of texts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from seqtasks.tasks import demo_language
from seqtasks.tasks.examples import Text
from seqtasks.tasks.task import Known, Score
from seqtasks.tasks.units import UnitProbabilities


def score(gold: Sequence[Text], predicted: Sequence[UnitProbabilities], known: Known | None = None) -> list[Score]:
    """`perplexity`, `bits_per_character`, `bits_per_word`; of the demo corpus also `floor` and `above_floor`.

    The end of each text is foretold like any unit and counted as one, as the Penn Treebank is usually scored (Mikolov
    et al. 2010); so it counts as a character, too, and as a word. Characters are code points, words what stands between
    white space. An unknown unit counts as the probability of "something unknown": figures compare between models of one
    vocabulary only, and the signature tells how many there were.

    `floor` is the perplexity that the demo corpus's own grammar reaches, in the same units, and `above_floor` the share
    by which the model's is higher. No model gets under it on texts that it has not read; there is none where units are
    unknown, for they count as more probable than the words that they are.

    Args:
        gold: Texts.
        predicted: What was said of each.
        known: Not used; every task's score takes it.

    Raises:
        ValueError: Different numbers of texts and answers.
    """
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} texts but {len(predicted)} answers")
    units = sum(len(found.log_probabilities) for found in predicted)
    nats = -math.fsum(found.total for found in predicted)
    characters = sum(len(text.text.strip()) + 1 for text in gold)
    words = sum(len(text.text.split()) + 1 for text in gold)
    rules = _rules(predicted, units)
    scores = [
        Score("perplexity", _perplexity(nats, units), rules),
        Score("bits_per_character", _mean(nats / math.log(2), characters), f"{rules}|characters:{characters}"),
        Score("bits_per_word", _mean(nats / math.log(2), words), f"{rules}|words:{words}"),
    ]
    least = None if any(found.unknown for found in predicted) else demo_language.surprise(gold)
    if least is None or not units:
        return scores
    floor = Score("floor", _perplexity(least, units), f"grammar:demo|unit:{predicted[0].unit}|tokens:{units}")
    return [*scores, floor, Score("above_floor", scores[0].value / floor.value - 1, floor.signature)]


def _rules(predicted: Sequence[UnitProbabilities], units: int) -> str:
    unit, context = (predicted[0].unit, predicted[0].context) if predicted else ("", "")
    unknown = sum(found.unknown for found in predicted)
    return f"unit:{unit}|tokens:{units}|end:counted|texts:{len(predicted)}|context:{context}|unknown:{unknown}"


def _perplexity(nats: float, units: int) -> float:
    # beyond 700 nats a unit it is no number that a person compares
    return math.exp(min(nats / units, 700.0)) if units else math.nan


def _mean(total: float, count: int) -> float:
    return total / count if count else math.nan
