"""Scores of translations: BLEU, chrF2 and TER as sacreBLEU computes them, on detokenised text, one reference.

Post 2018, A Call for Clarity in Reporting BLEU Scores (arXiv 1804.08771); BLEU: Papineni et al. 2002 (P02-1040); chrF:
Popović 2015 (W15-3049), with beta 2; TER: Snover et al. 2006. Values keep sacreBLEU's scale, 0 to 100 (TER may exceed
it, and the lower it is the better); signatures are sacreBLEU's own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from seqtasks.tasks.examples import SentencePair
from seqtasks.tasks.task import Known, Score

_LINE_ENDS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")


def one_line(text: str) -> str:
    """The text with a space for each TAB and for whatever any program takes for a line's end."""
    return _LINE_ENDS.sub(" ", text)


def score(gold: Sequence[SentencePair], predicted: Sequence[str], known: Known | None = None) -> list[Score]:
    """`bleu`, `chrf2`, `ter`: of the whole, not the mean over sentences.

    Args:
        gold: Pairs with a reference.
        predicted: A translation each.
        known: Not used; every task's score takes it.

    Raises:
        ValueError: Different numbers of pairs and translations.
    """
    from sacrebleu.metrics import BLEU, CHRF, TER

    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} references but {len(predicted)} translations")
    hypotheses = [one_line(text) for text in predicted]
    references = [[one_line(pair.translation) for pair in gold]]
    found = []
    for name, metric in (("bleu", BLEU()), ("chrf2", CHRF()), ("ter", TER())):
        value = metric.corpus_score(hypotheses, references).score if hypotheses else math.nan
        # what the signature says of references is known once something was scored
        signature = metric.get_signature().format() if hypotheses else ""
        found.append(Score(name, value, signature))
    return found


def bleu(gold: Sequence[SentencePair], predicted: Sequence[str]) -> float:
    """The first of `score` alone, which the choice of the best epoch needs; nan of no pair."""
    from sacrebleu.metrics import BLEU

    if not gold:
        return math.nan
    references = [[one_line(pair.translation) for pair in gold]]
    return BLEU().corpus_score([one_line(text) for text in predicted], references).score
