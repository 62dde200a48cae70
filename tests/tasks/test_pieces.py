"""Tokens in pieces keep their characters and their spans."""

import pytest

from seqtasks.tasks import schemes
from seqtasks.tasks.examples import TaggedSentence
from seqtasks.tasks.pieces import pieces, split_tokens


@pytest.mark.parametrize(
    ("token", "parts"),
    [
        ("house", ["house"]),
        ("@handle", ["@", "handle"]),
        ("U.S.", ["U", ".", "S", "."]),
        ("3pm", ["3", "pm"]),
        ("1,000", ["1", ",", "000"]),
        ("...", [".", ".", "."]),
        ("snake_case", ["snake", "_", "case"]),
        ("https://t.co/a1", ["https://t.co/a1"]),
        ("हिन्दी", ["हिन्दी"]),  # marks stay with their letters
        ("e\u0301a", ["e\u0301a"]),
    ],
)
def test_pieces_are_letters_digits_and_single_signs(token, parts):
    assert pieces(token) == parts


@pytest.mark.parametrize("scheme", schemes.SPANS)
def test_spans_keep_their_characters(scheme):
    working = ("S-person", "O", "B-place", "I-place", "E-place", "S-place", "O")
    tokens = ("@J.R.", "isn't", "New-York", "City", "1st", "U2", "2day")
    sentence = TaggedSentence(tokens, schemes.from_working(working, scheme), "f", (1, 2, 3, 4, 5, 6, 7))
    split = split_tokens(sentence, scheme)

    def spans(of):
        return [(kind, "".join(of.tokens[begin:end])) for kind, begin, end in schemes.chunks(of.tags)]

    assert spans(split) == spans(sentence)
    assert schemes.from_working(schemes.to_working(split.tags, scheme), scheme) == split.tags
    assert split.tokens[:6] == ("@", "J", ".", "R", ".", "isn")
    assert split.lines == (1,) * 5 + (2,) * 3 + (3,) * 3 + (4,) + (5,) * 2 + (6,) * 2 + (7,) * 2
    assert split.place(5) == "f:2"


def test_a_sentence_without_lines_has_none_in_pieces():
    assert split_tokens(TaggedSentence(("a-b",), ("O",)), "IOB2") == TaggedSentence(("a", "-", "b"), ("O",) * 3)
