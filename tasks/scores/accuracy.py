"""Accuracy of one tag a token, and apart for the words that the training split knows and does not know."""

from __future__ import annotations

import math
from collections.abc import Sequence

from seqtasks.tasks.examples import TaggedSentence
from seqtasks.tasks.scores.lengths import check_lengths
from seqtasks.tasks.task import Known, Score


def score(gold: Sequence[TaggedSentence], predicted: Sequence[Sequence[str]], known: Known) -> list[Score]:
    """`accuracy`, `accuracy[known]`, `accuracy[unknown]`: the share of tokens whose tag is the gold one.

    A word is known if `known`, the training split's words, holds it letter for letter. A gold tag that train
    never had is wrong like any other wrong one.

    Args:
        gold: Sentences with tags.
        predicted: For each sentence, a tag a token.

    Raises:
        ValueError: Different numbers of sentences, or of tags in a sentence.
    """
    check_lengths(gold, predicted)
    right = {True: 0, False: 0}
    total = {True: 0, False: 0}
    for sentence, tags in zip(gold, predicted, strict=True):
        for token, truth, tag in zip(sentence.tokens, sentence.tags, tags, strict=True):
            seen = token in known.words
            right[seen] += truth == tag
            total[seen] += 1
    return [
        accuracy_score("accuracy", "all", sum(right.values()), sum(total.values())),
        accuracy_score("accuracy[known]", "known", right[True], total[True]),
        accuracy_score("accuracy[unknown]", "unknown", right[False], total[False]),
    ]


def accuracy_score(name: str, words: str, right: int, total: int, scheme: str = "plain") -> Score:
    """The share of right tokens with its signature; `nan` of no token at all."""
    signature = f"scheme:{scheme}|matching:token|words:{words}|gold:{total}|correct:{right}"
    return Score(name, right / total if total else math.nan, signature)
