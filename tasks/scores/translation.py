"""Scores of translations: BLEU, chrF2 and TER as sacreBLEU computes them, on detokenised text, one reference.

Post 2018, A Call for Clarity in Reporting BLEU Scores (arXiv 1804.08771); BLEU: Papineni et al. 2002 (P02-1040); chrF:
Popović 2015 (W15-3049), with beta 2; TER: Snover et al. 2006. Values keep sacreBLEU's scale, 0 to 100 (TER may exceed
it, and the lower it is the better); signatures are sacreBLEU's own. BLEU is of the words of sacreBLEU's tokeniser 13a,
or, where the references are mostly in scripts without spaces between words, of characters, as the signature tells.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from seqtasks.tasks.examples import SentencePair
from seqtasks.tasks.task import Known, Score

LONGEST_NGRAM = 4
"""Words that BLEU looks at together; without any it is 0."""

_LETTER = re.compile(r"[^\W\d_]")

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"
    "\U0001aff0-\U0001b16f\u3105-\u312f\u31a0-\u31bf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
"""Thai and Lao; Burmese; Khmer; Hiragana and Katakana; Bopomofo; Chinese characters."""

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
    from sacrebleu.metrics import CHRF, TER

    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} references but {len(predicted)} translations")
    hypotheses = [one_line(text) for text in predicted]
    references = _references(gold)
    found = []
    for name, metric in (("bleu", _bleu(references)), ("chrf2", CHRF()), ("ter", TER())):
        value = metric.corpus_score(hypotheses, [references]).score if hypotheses else math.nan
        # what the signature says of references is known once something was scored
        signature = metric.get_signature().format() if hypotheses else ""
        found.append(Score(name, value, signature))
    return found


def dev_score(gold: Sequence[SentencePair], predicted: Sequence[str]) -> float:
    """What chooses the best epoch: BLEU, or chrF2 where BLEU `says_nothing`; nan of no pair."""
    from sacrebleu.metrics import CHRF

    if not gold:
        return math.nan
    references = _references(gold)
    metric = CHRF() if says_nothing(gold) else _bleu(references)
    return metric.corpus_score([one_line(text) for text in predicted], [references]).score


def says_nothing(gold: Sequence[SentencePair]) -> bool:
    """Whether BLEU is 0 whatever is predicted: no reference has four words; of a script without spaces, characters."""
    texts = (one_line(pair.translation) for pair in gold)
    # the first sentence settles it, so that of a large split no more is read
    if not gold or any(len(text.split()) >= LONGEST_NGRAM for text in texts):
        return False
    words = _bleu(pair.translation for pair in gold).tokenizer
    return all(len(words(one_line(pair.translation).rstrip()).split()) < LONGEST_NGRAM for pair in gold)


def _references(gold: Sequence[SentencePair]) -> list[str]:
    return [one_line(pair.translation) for pair in gold]


def _bleu(references: Iterable[str]):
    """sacreBLEU's BLEU, of words or of characters."""
    from sacrebleu.metrics import BLEU

    letters = unspaced = 0
    for text in references:
        letters += len(_LETTER.findall(text))
        unspaced += len(_UNSPACED.findall(text))
    return BLEU(tokenize="char" if 2 * unspaced > letters else "13a")
