"""The demo corpus's opinion view."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest

from seqtasks.tasks import demo
from seqtasks.tasks.demo_words import WORDS
from tests.tasks.test_demo import tree


@pytest.fixture(scope="module")
def opinions():
    return demo.opinions()


def test_a_seed_makes_one_corpus_on_every_python(opinions):
    digest = hashlib.sha256()
    for split in ("train", "dev", "test"):
        digest.update(repr([(text.text, text.label) for text in opinions[split]]).encode())
    assert digest.hexdigest()[:16] == "cca34e9df1307591"


def test_both_signs_are_equally_frequent(opinions):
    assert {split: len(texts) for split, texts in opinions.items()} == demo.SIZES
    for texts in opinions.values():
        counts = Counter(text.label for text in texts)
        assert set(counts) == {"positive", "negative"}
        assert abs(counts["positive"] - counts["negative"]) <= 0.12 * len(texts)


def test_texts_are_running_text(opinions):
    for text in opinions["test"]:
        assert text.text[0].isupper() or text.text[0].isdigit()
        assert text.text.endswith(".") and " ." not in text.text and " ," not in text.text and "  " not in text.text


def test_words_of_praise_stand_in_praise_and_in_blame_alike(opinions):
    good = set(WORDS["good"].partition(":")[2].split())
    by_label = Counter(
        text.label for text in opinions["train"] for word in text.text.split() if word.strip(".,") in good
    )
    assert 0.4 < by_label["positive"] / by_label.total() < 0.75


def test_the_outermost_opinion_is_the_label():
    judged = tree("judgement", tree("disapproval", "nothing/PRON", "was/AUX", tree("good", "good/ADJ")))
    view = demo.opinion_view(tree("review", judged, "./PUNCT"))
    assert (view.text, view.label) == ("Nothing was good.", "negative")


@pytest.mark.parametrize(
    ("words", "text"), [("It rose by 3 % , she said .", "It rose by 3%, she said."), ("Is it ?", "Is it?")]
)
def test_running_text(words, text):
    assert demo.running_text(words.split()) == text
