"""What `data check` says of one file and of two."""

import pytest

from seqtasks.tasks import TASKS, load_task
from seqtasks.tasks.checking import SHOWN, compare, content, describe
from seqtasks.tasks.examples import LabelledText, TaggedSentence


def sentence(text: str, tags: str, line: int, source: str = "a") -> TaggedSentence:
    tokens = tuple(text.split())
    return TaggedSentence(tokens, tuple(tags.split()), source, tuple(range(line, line + len(tokens))))


TRAIN = content("a", [sentence("Paris is big", "LOC O O", 1), sentence("so it is", "O O O", 5)])
TEST = content("b", [sentence("Paris is big", "LOC O O", 1, "b"), sentence("Jordan is", "PER O", 5, "b")])


def test_duplicates_and_lengths_have_places():
    found = content("a", [sentence("x y", "O O", 1), sentence("x y", "O Z", 4), sentence("z", "O", 7)])
    assert describe(found) == [
        "words an example: median 2, 95 % have at most 2, longest 2 at a:4; without words: 0",
        "duplicates: 1",
        "  a:4 says what a:1 says",
    ]


def test_leaks_unknown_words_and_labels_have_places():
    assert compare(TRAIN, TEST) == [
        "examples that a has, too: 1 of 2",
        "  b:1 says what a:1 says",
        "words that a lacks: 20.0% of 5, 1 of 4 distinct: Jordan",
        "labels of b that a lacks: 1",
        "  'PER': 1, first at b:5",
    ]
    assert compare(TEST, TRAIN)[-2:] == ["labels of b that a lacks: 1", "  'PER': 1, first at b:5"]


def test_what_a_file_repeats_is_as_often_a_leak():
    train = content("a", [LabelledText("ok .", "x", "a", 1)])
    test = content("b", [LabelledText("ok .", "x", "b", line) for line in range(1, 49)] + [LabelledText("new")])
    assert compare(train, test)[:2] == ["examples that a has, too: 48 of 49", "  b:1 says what a:1 says"]


def test_many_are_counted():
    found = content("a", [LabelledText(" so  good", "x", "a", line) for line in range(1, 40)])
    lines = describe(found)
    assert lines[1] == "duplicates: 38" and len(lines) == 3 + SHOWN and lines[-1] == f"  and {38 - SHOWN} more"


def test_empty_texts_are_no_duplicates():
    found = content("a", [LabelledText("", "x", "a", 1), LabelledText(" ", "x", "a", 2)])
    assert not found.repeated and compare(found, found)[0] == "examples that a has, too: 0 of 2"


@pytest.mark.parametrize("name", TASKS)
def test_every_tasks_examples_tell_what_they_hold(name):
    samples = load_task(name).samples
    found = content("a", [*samples, samples[0]])
    assert len(found.repeated) == 1 and found.words and found.lengths[-1][0] > 0
    assert any("says what" in line for line in compare(found, found))
