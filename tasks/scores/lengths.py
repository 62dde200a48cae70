"""Gold and predicted tags must go together before anything is counted."""

from __future__ import annotations

from collections.abc import Sequence

from seqtasks.tasks.examples import TaggedSentence


def check_lengths(gold: Sequence[TaggedSentence], predicted: Sequence[Sequence[str]]) -> None:
    """Raises `ValueError` unless every gold sentence has one gold and one predicted tag a token."""
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} gold sentences but {len(predicted)} predicted ones")
    for number, (sentence, tags) in enumerate(zip(gold, predicted, strict=True)):
        if not len(sentence.tokens) == len(sentence.tags) == len(tags):
            raise ValueError(
                f"sentence {number} has {len(sentence.tokens)} tokens, {len(sentence.tags)} gold tags "
                f"and {len(tags)} predicted tags"
            )
