"""Scores of translations: small corpora that were scored by sacreBLEU's command, and texts that break lines."""

import io
import math

import pytest

from seqtasks.tasks import paired
from seqtasks.tasks.examples import SentencePair
from seqtasks.tasks.scores.translation import dev_score, one_line, says_nothing, score

REFERENCES = ["The cat sat on the mat.", "A dog, a man: both ran.", "Yes!"]
FOUND = ["The cat sat on a mat.", "A dog and a man ran.", "No!"]
PAIRS = [SentencePair("", reference) for reference in REFERENCES]


def values(found):
    return {each.name: each.value for each in found}


def test_values_and_signatures_are_those_of_the_command():
    # sacrebleu reference -i found -m bleu chrf ter -w 4, version 2.6.0
    found = score(PAIRS, FOUND)
    assert values(found) == pytest.approx(EXPECTED, abs=1e-4)
    assert found[0].signature.startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:")
    assert found[1].signature.startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:")
    assert found[2].signature.startswith("nrefs:1|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:")


EXPECTED = {"bleu": 28.53926, "chrf2": 45.942636, "ter": 46.153846}


def test_the_reference_itself_is_perfect_and_nothing_is_worth_nothing():
    assert values(score(PAIRS, REFERENCES)) == pytest.approx({"bleu": 100, "chrf2": 100, "ter": 0})
    assert dev_score(PAIRS, REFERENCES) == pytest.approx(100) and dev_score(PAIRS, ["", "", ""]) == 0
    assert all(math.isnan(value) for value in values(score([], [])).values())


def test_the_dev_score_is_the_first_score():
    assert dev_score(PAIRS, FOUND) == values(score(PAIRS, FOUND))["bleu"]
    assert math.isnan(dev_score([], []))


def test_where_no_reference_has_four_words_another_score_chooses():
    short = [SentencePair("", text) for text in ("der Hund", "das Haus", "ein Buch")]
    perfect, partly = (["der Hund", "das Haus", "ein Buch"], ["der Hund", "das Haus", "x"])
    assert says_nothing(short) and not says_nothing(PAIRS) and not says_nothing([])
    assert values(score(short, perfect))["bleu"] == 0
    assert dev_score(short, perfect) == pytest.approx(100) and 0 < dev_score(short, partly) < 99


def test_scripts_without_spaces_are_scored_by_character():
    texts = ["我有三本书，你呢？", "他没有看这本书。"]
    pairs = [SentencePair("", text) for text in texts]
    assert not says_nothing(pairs)
    found = score(pairs, texts)
    assert found[0].value == pytest.approx(100) and "tok:char" in found[0].signature
    assert dev_score(pairs, ["我有三本书，他呢？", texts[1]]) < 100
    assert "tok:13a" in score([SentencePair("", "Er sagt 你好 zu ihr, und sie sagt nichts.")], ["x"])[0].signature


def test_different_numbers_are_an_error():
    with pytest.raises(ValueError, match="3 references but 2 translations"):
        score(PAIRS, FOUND[:2])


def test_what_would_break_a_line_is_a_space_in_scores_and_in_files():
    odd = "a\tb\nc\rd\u2028e\x85f\x0bg"
    assert one_line(odd) == "a b c d e f g"
    assert values(score([SentencePair("", odd)] * 4, ["a b c d e f g"] * 4))["bleu"] == pytest.approx(100)
    stream = io.StringIO()
    paired.write([SentencePair(odd, odd)], [odd], stream)
    assert stream.getvalue() == "\t".join(["a b c d e f g"] * 3) + "\n"


def test_faults_of_pairs_are_told_with_counts_and_lines():
    pairs = [
        SentencePair("a", "b", "f", 1),
        SentencePair("", "b", "f", 2),
        SentencePair("a", " ", "f", 3),
        SentencePair("a " * 201, "b", "f", 4),
    ]
    empty, long = paired.faults(pairs)
    assert empty.startswith("f:2: an empty side: 2 pairs (lines 2, 3)") and "--drop-empty" in empty
    assert long.startswith("f:4: more than 200 words on a side: 1 pairs") and "--max-words" in long
    assert paired.faults(pairs[:1]) == []
    assert "pairs that occur more than once: 1 too many" in paired.survey([*pairs, pairs[0]])
