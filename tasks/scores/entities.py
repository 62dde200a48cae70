"""Precision, recall and F1 of whole entities: the same type, the same first and the same last token.

Twice: by conlleval's reading of the tags (`f1`; Tjong Kim Sang and Buchholz 2000, conlleval.pl), which forgives
malformed sequences, and strictly (`strict_f1`; seqeval's strict mode), which drops an entity that is not written as
the scheme demands.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

from seqtasks.tasks import schemes
from seqtasks.tasks.examples import TaggedSentence
from seqtasks.tasks.scores.accuracy import accuracy_score
from seqtasks.tasks.scores.lengths import check_lengths
from seqtasks.tasks.task import Known, Score

Counts = dict[str, Counter[str]]
"""How many entities of each type are `gold`, `predicted` and `correct` (both)."""

_NOTHING = Known()


def score(
    gold: Sequence[TaggedSentence],
    predicted: Sequence[Sequence[str]],
    known: Known = _NOTHING,
) -> list[Score]:
    """`f1`, `precision`, `recall`, each of these a type, `strict_f1` and so on likewise, and the tokens' `accuracy`.

    Where nothing was predicted (or nothing is gold) precision (or recall) and F1 are 0, as conlleval prints them; where
    neither is there, all three are `nan`.

    Args:
        gold: Sentences with tags in the user's scheme.
        predicted: For each sentence, a tag a token, in the same scheme.
        known: Its scheme is that of the data (a split alone may not show it: one-word names look alike in IOB1 and
            IOB2); empty: as the gold tags have it, or, without a gold entity, the predicted ones.

    Raises:
        ValueError: Different numbers of sentences, or of tags in a sentence; a tag of no scheme.
    """
    check_lengths(gold, predicted)
    truth = [sentence.tags for sentence in gold]
    lenient = _count(truth, predicted, schemes.chunks)
    scheme = known.scheme or _scheme(truth, predicted)
    strict = _count(truth, predicted, lambda tags: schemes.strict_chunks(tags, scheme))
    right = sum(a == b for x, y in zip(truth, predicted, strict=True) for a, b in zip(x, y, strict=True))
    return [
        *_scores("", lenient, scheme, "conlleval"),
        *_scores("strict_", strict, scheme, "strict"),
        accuracy_score("accuracy", "all", right, sum(map(len, truth)), scheme),
    ]


def _scheme(truth: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> str:
    marked = any(tag != "O" for tags in truth for tag in tags)
    return schemes.likely_scheme(truth if marked else predicted)


def _count(
    truth: Sequence[Sequence[str]],
    predicted: Sequence[Sequence[str]],
    read: Callable[[Sequence[str]], list[schemes.Chunk]],
) -> Counts:
    counts: Counts = {"gold": Counter(), "predicted": Counter(), "correct": Counter()}
    for gold_tags, predicted_tags in zip(truth, predicted, strict=True):
        gold, found = set(read(gold_tags)), set(read(predicted_tags))
        for name, entities in (("gold", gold), ("predicted", found), ("correct", gold & found)):
            counts[name].update(kind for kind, _, _ in entities)
    return counts


def _scores(prefix: str, counts: Counts, scheme: str, matching: str) -> list[Score]:
    """Over all types (micro average), then for each type by name; bare letters have no type to name."""
    kinds = sorted(kind for kind in counts["gold"] | counts["predicted"] if kind)
    what = f"scheme:{scheme}|matching:{matching}"
    scores = _three(prefix, "", {name: of.total() for name, of in counts.items()}, what)
    for kind in kinds:
        scores += _three(prefix, f"[{kind}]", {name: of[kind] for name, of in counts.items()}, f"{what}|type:{kind}")
    return scores


def _three(prefix: str, suffix: str, counts: dict[str, int], what: str) -> list[Score]:
    gold, predicted, correct = counts["gold"], counts["predicted"], counts["correct"]
    signature = f"{what}|gold:{gold}|predicted:{predicted}|correct:{correct}"
    values = {"f1": math.nan, "precision": math.nan, "recall": math.nan}
    if gold or predicted:
        values = {
            "f1": 2 * correct / (gold + predicted),
            "precision": correct / predicted if predicted else 0.0,
            "recall": correct / gold if gold else 0.0,
        }
    return [Score(f"{prefix}{name}{suffix}", value, signature) for name, value in values.items()]
