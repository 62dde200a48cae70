"""Answers as text: what a token holds ends no field and no line."""

from seqtasks.pipelines.tagging.output import WRITERS


def test_a_given_token_with_a_line_end_stays_one_field():
    answer = {"tokens": ["a\rb", "c\td", "e\nf"], "tags": ["X", "Y", "Z"], "scores": [1.0, 0.5, 0.25]}
    assert WRITERS["conll"](answer) == "a b\tX\nc d\tY\ne f\tZ\n\n"
    assert WRITERS["tsv"](answer) == "a b\tX\t1.0000\nc d\tY\t0.5000\ne f\tZ\t0.2500\n\n"
    assert WRITERS["text"](answer) == "a b/X c d/Y e f/Z\n"
