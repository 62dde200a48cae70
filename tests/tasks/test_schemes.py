"""Recognising, reading and writing tag schemes; seqeval is the oracle for both ways of reading chunks."""

from __future__ import annotations

import pytest
import seqeval.scheme
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from seqtasks.errors import DataError
from seqtasks.tasks import schemes
from seqtasks.tasks.examples import TaggedSentence

KINDS = ("X", "Y", "creative-work")
LETTERS = {"IOB1": "BI", "IOB2": "BI", "IOBES": "BIES", "BMES": "BMES"}
STRICT = {"IOB1": seqeval.scheme.IOB1, "IOB2": seqeval.scheme.IOB2, "IOBES": seqeval.scheme.IOBES}


def sequences(letters: str):
    """Any tags with these letters, with types and without, most of them malformed."""
    typed = [f"{letter}-{kind}" for letter in letters for kind in KINDS]
    return st.lists(st.sampled_from(["O", *letters, *typed]), max_size=12)


def without_placeholder(kind: str) -> str:
    """seqeval's name of the empty type is `_`."""
    return "" if kind == "_" else kind


@st.composite
def working(draw):
    """Well-formed IOBES tags."""
    tags: list[str] = []
    for kind, length in draw(st.lists(st.tuples(st.sampled_from(("", *KINDS)), st.integers(1, 4)), max_size=6)):
        letters = "S" if length == 1 else "B" + "I" * (length - 2) + "E"
        tags += [f"{letter}-{kind}" for letter in letters] if kind else ["O"] * length
    return tuple(tags)


def sentence(tags: str) -> TaggedSentence:
    words = tuple(tags.split())
    return TaggedSentence(words, words, "train.conll", tuple(range(11, 11 + len(words))))


def detect(*tags: str, candidates: tuple[str, ...] = schemes.SPANS) -> str:
    return schemes.detect_scheme([sentence(line) for line in tags], candidates)


# What a sequence means


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("O B-X I-X O", [("X", 1, 3)]),
        ("I-X I-X B-X", [("X", 0, 2), ("X", 2, 3)]),
        ("O I-X I-Y", [("X", 1, 2), ("Y", 2, 3)]),
        ("B-X I-Y", [("X", 0, 1), ("Y", 1, 2)]),
        ("S-X S-X E-X", [("X", 0, 1), ("X", 1, 2), ("X", 2, 3)]),
        ("B-X M-X E-X I-X", [("X", 0, 3), ("X", 3, 4)]),
        ("B-creative-work I-creative-work", [("creative-work", 0, 2)]),
        ("B I B O", [("", 0, 2), ("", 2, 3)]),
        ("", []),
    ],
)
def test_chunks(tags, expected):
    assert schemes.chunks(tags.split()) == expected


@given(sequences("BIES"))
def test_chunks_are_seqevals(tags):
    expected = [(without_placeholder(kind), begin, last + 1) for kind, begin, last in get_entities(tags)]
    assert schemes.chunks(tags) == expected


@pytest.mark.parametrize("scheme", STRICT)
@given(data=st.data())
def test_strict_chunks_are_seqevals(scheme, data):
    tags = data.draw(sequences(LETTERS[scheme]))
    theirs = seqeval.scheme.Tokens(tags, STRICT[scheme]).entities
    expected = [(without_placeholder(e.tag), e.start, e.end) for e in theirs]
    assert schemes.strict_chunks(tags, scheme) == expected


@given(sequences("BMES"))
def test_strict_chunks_of_bmes_are_those_of_iobes(tags):
    as_iobes = [tag.replace("M", "I") for tag in tags]
    assert schemes.strict_chunks(tags, "BMES") == schemes.strict_chunks(as_iobes, "IOBES")


def test_strict_chunks_take_a_foreign_letter_for_outside():
    assert schemes.strict_chunks(["B-X", "E-X", "I-X"], "IOB2") == [("X", 0, 1)]


@pytest.mark.parametrize("tag", ["B_PER", "X-PER", "PER", "B-", "-PER", "", "O-X", "b-PER", "U-PER", "-"])
def test_no_scheme(tag):
    with pytest.raises(ValueError, match="no scheme"):
        schemes.split(tag)


# There and back


@pytest.mark.parametrize("scheme", schemes.SPANS)
@given(tags=working())
def test_well_formed_tags_survive_every_scheme(scheme, tags):
    written = schemes.from_working(tags, scheme)
    assert schemes.to_working(written, scheme) == tags
    assert {tag[0] for tag in written} <= {*LETTERS[scheme], "O"}
    assert schemes.check_tags(TaggedSentence(written, written), scheme) == []
    assert schemes.strict_chunks(written, scheme) == schemes.chunks(tags)


@pytest.mark.parametrize("scheme", schemes.SPANS)
@given(tags=sequences("BIES"))
def test_malformed_working_tags_keep_their_chunks_in_every_scheme(scheme, tags):
    assert schemes.chunks(schemes.from_working(tags, scheme)) == schemes.chunks(tags)


@given(tags=sequences("BIMES"))
def test_any_tags_become_well_formed_with_the_same_chunks(tags):
    result = schemes.to_working(tags, "BMES")
    assert schemes.chunks(result) == schemes.chunks(tags)
    assert all(schemes.allowed(a, b) for a, b in zip((None, *result), (*result, None), strict=True))


def test_writing():
    tags = ["B-X", "E-X", "S-X", "S-Y", "O", "S-X", "B-Y", "I-Y", "E-Y"]
    expected = {
        "IOB1": "I-X I-X B-X I-Y O I-X I-Y I-Y I-Y",
        "IOB2": "B-X I-X B-X B-Y O B-X B-Y I-Y I-Y",
        "IOBES": "B-X E-X S-X S-Y O S-X B-Y I-Y E-Y",
        "BMES": "B-X E-X S-X S-Y O S-X B-Y M-Y E-Y",
    }
    assert {scheme: " ".join(schemes.from_working(tags, scheme)) for scheme in schemes.SPANS} == expected


def test_plain_tags_are_left_alone():
    tags = ("B", "NOUN", "B-", "I-X")
    assert schemes.to_working(tags, "plain") == schemes.from_working(tags, "plain") == tags
    assert schemes.check_tags(TaggedSentence(tags, tags), "plain") == []
    assert schemes.detect_scheme([TaggedSentence(tags, tags)], ("plain",)) == "plain"


# What may follow


def test_allowed():
    legal = {
        None: "None O B-X S-X B-Y S-Y",
        "O": "None O B-X S-X B-Y S-Y",
        "S-X": "None O B-X S-X B-Y S-Y",
        "E-X": "None O B-X S-X B-Y S-Y",
        "B-X": "I-X E-X",
        "I-X": "I-X E-X",
    }
    every = [None, "O", *(f"{letter}-{kind}" for letter in "BIES" for kind in "XY")]
    for previous, following in legal.items():
        assert {str(tag) for tag in every if schemes.allowed(previous, tag)} == set(following.split()), previous


# Which scheme it is


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["O O", "O"], "IOB2"),
        ([], "IOB2"),
        (["B-X I-X O B-Y"], "IOB2"),
        (["B-X O B-Y O B-X", "O I-X"], "IOB2"),  # one malformed start
        (["B-X", "O I-X"], "IOB2"),  # a tie
        (["I-X I-X O I-Y"], "IOB1"),
        (["I-X B-X I-X O"], "IOB1"),
        (["I-X O I-Y O I-X", "O B-X"], "IOB1"),  # one needless B
        (["B-X I-X B-X I-X", "B-Y B-Y"], "IOB2"),  # only adjacent ones but for the first
        (["S-X O B-Y I-Y E-Y"], "IOBES"),
        (["S-X O B-Y E-Y"], "IOBES"),
        (["S-X O B-Y E-Y B-X I-X I-X O"], "IOBES"),  # one chunk without its end
        (["S-X O B-Y M-Y E-Y"], "BMES"),
        (["B M E S S B E"], "BMES"),
    ],
)
def test_detect(lines, expected):
    assert detect(*lines) == expected


def test_detect_takes_the_candidate_where_two_look_alike():
    assert detect("S-X B-X E-X", candidates=("BMES",)) == "BMES"


@given(st.lists(working(), min_size=1, max_size=5), st.sampled_from(schemes.SPANS))
def test_detect_what_was_written(sentences, scheme):
    written = [schemes.from_working(tags, scheme) for tags in sentences]
    found = schemes.likely_scheme(written)
    # another scheme may be found only where it would write the same
    assert [schemes.from_working(tags, found) for tags in sentences] == written or not any(map(schemes.chunks, written))


@pytest.mark.parametrize("tag", ["B_PER", "X-PER", "PER", "B-"])
def test_detect_refuses_a_tag_of_no_scheme(tag):
    with pytest.raises(DataError) as error:
        detect("O B-X", f"O B-X {tag}")
    assert "train.conll:13: a tag of no scheme" in str(error.value)
    assert repr(tag) in str(error.value) and "allowed" in str(error.value) and "try" in str(error.value)


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        (["S-X B-X I-X E-X", "S-Y B-Y I-Y E-Y", "O M-X"], "train.conll:12"),  # I and M
        (["S-X B-X M-X E-X", "S-Y B-Y M-Y E-Y", "O I-X"], "train.conll:12"),
        (["B-X I-X", "B-X O O", "O O B-X E-X"], "train.conll:14"),  # E among IOB2
    ],
)
def test_detect_refuses_a_mixture(lines, where):
    with pytest.raises(DataError, match=f"{where}: a tag of another scheme"):
        detect(*lines)


def test_detect_refuses_a_scheme_that_is_no_candidate():
    with pytest.raises(DataError, match=r"received 'IOBES'; allowed: IOB1, IOB2"):
        detect("S-X", candidates=("IOB1", "IOB2"))


def test_check_tags_warns_of_an_i_without_its_b():
    assert schemes.check_tags(sentence("O I-X I-X B-Y I-X"), "IOB2") == [
        "train.conll:12: I-X stands where IOB2 has B-X; read as conlleval reads it, as B-X",
        "train.conll:15: I-X stands where IOB2 has B-X; read as conlleval reads it, as B-X",
    ]


def test_check_tags_refuses_a_tag_of_no_scheme():
    with pytest.raises(DataError, match=r"train.conll:12: a tag of no scheme; received 'B_X'"):
        schemes.check_tags(sentence("O B_X"), "IOB2")
