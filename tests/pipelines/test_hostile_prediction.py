"""Whatever bytes come to `predict`: an answer a line, or behind the answers an error with the line's number."""

import io
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtasks.errors import DataError
from seqtasks.pipelines import question
from seqtasks.pipelines import run as conductor
from seqtasks.tasks import TASKS, load_task
from seqtasks.tasks.task import Columns

ODD = (
    "\u2028",
    "\u0085",
    "\x0c",
    "\u200b",
    "\u00a0",
    "\ufeff",
    "\x00",
    "\u0301",
    "é",
    "漢字",
    "\U0001f469\u200d\U0001f4bb",
    "\r",
)
PIECES = [
    *(b"a", b"Jordan may leave", b" ", b"\t", b"\n", b"\r\n", b"don't", b"#", b"...", b"1,000.5", b"{", b'"', b"\x01"),
    *(part.encode() for part in ODD),
]
WRONG = [b"\xff", b"\xc3", b"\xed\xa0\xbd\xed\xb2\xa9", b"M\xfcnchen", b"\xf4\x90\x80\x80"]
SETTINGS = settings(derandomize=True, deadline=None, max_examples=25, database=None)


@pytest.fixture(scope="module", params=TASKS)
def task_signatures(request, any_run):
    """A task, and the functions of its tiny run."""
    task = load_task(request.param)
    return task, conductor.load_run(task, str(any_run(request.param)))[2].service().signatures


def answered(task, signatures, content: bytes, tokens: bool = False) -> tuple[int, DataError | None]:
    """How many answers there were, and the error behind them; each can be written in every format."""
    asked = question.Question(io.BufferedReader(io.BytesIO(content)), "x", tokens, "jsonl")
    count = 0
    try:
        for answer in question.answers(task, asked, signatures, Columns()):
            for write in conductor.family_of(task).writers.values():
                assert write(answer).endswith("\n")
            json.loads(conductor.family_of(task).writers["jsonl"](answer), parse_constant=pytest.fail)
            count += 1
    except DataError as error:
        return count, error
    return count, None


def lines_of(content: bytes) -> int:
    return content.count(b"\n") + (content[-1:] not in (b"", b"\n"))


def test_every_line_has_an_answer(task_signatures):
    @SETTINGS
    @given(st.lists(st.sampled_from(PIECES), max_size=20).map(b"".join))
    def whatever(content):
        assert answered(*task_signatures, content) == (lines_of(content), None)

    whatever()


def test_wrong_bytes_are_named_behind_the_answers_before_them(task_signatures):
    @SETTINGS
    @given(st.lists(st.sampled_from(PIECES), max_size=8).map(b"".join), st.sampled_from(WRONG))
    def whatever(before, wrong):
        count, error = answered(*task_signatures, before + wrong + b"\nnever reached\n")
        assert count == before.count(b"\n")
        assert str(error).startswith(f"x:{count + 1}: bytes that are not UTF-8"), error

    whatever()


def test_lines_too_long_are_named_at_the_end_and_every_other_is_answered(task_signatures):
    long = (b"a" * 200_000, "é".encode() * 5_000_000)  # the second is longer than what is read of a line
    content = b"\n".join([b"a", *long, b"", b"b"])
    count, error = answered(*task_signatures, content)
    assert count == 5 and re.match(r"x: not answered, .*: x:2, x:3; ", str(error))


def test_lines_too_long_are_named_with_the_fault_that_ends_the_stream(task_signatures):
    count, error = answered(*task_signatures, b"a\n" + b"a" * 200_000 + b"\n\xff\n")
    assert count == 2 and re.match(r"x:3: bytes that are not UTF-8.* and not answered before it.*: x:2$", str(error))


def test_of_several_answers_to_a_line_too_long_there_is_one_and_it_is_empty(any_run):
    for output, empty in (("text", "\n"), ("tsv", "\tnan\n"), ("jsonl", None)):
        stream = io.BufferedReader(io.BytesIO(b"a" * 200_000 + b"\nJordan\n"))
        asked = question.Question(stream, "x", False, output, nbest=2)
        answers = conductor.predict(load_task("translate"), str(any_run("translate")), "", asked, lambda _: None)
        first = next(answers)
        assert first == empty if empty else json.loads(first)["nbest"] == [{"translation": "", "score": None}]
        assert next(answers)


def test_a_line_too_long_has_no_probability(any_run):
    found = {}
    for task in (load_task(name) for name in ("lm", "sentiment")):
        asked = question.Question(io.BufferedReader(io.BytesIO(b"a" * 200_000)), "x", False, "jsonl")
        answers = conductor.predict(task, str(any_run(task.name)), "", asked, pytest.fail)
        found[task.name] = json.loads(next(answers))
    assert found["lm"] == {"log_probability": None, "perplexity": None, "tokens": 0, "unknown": 0}
    assert found["sentiment"] == {"label": "", "score": None, "scores": {}}


def test_tokens_have_an_answer_a_line(task_signatures):
    task, signatures = task_signatures
    if "tokens" not in signatures:
        pytest.skip("it reads raw text only")

    @SETTINGS
    @given(st.lists(st.sampled_from([piece for piece in PIECES if piece != b"\t"]), max_size=20).map(b"".join))
    def whatever(content):
        assert answered(task, signatures, content, tokens=True) == (lines_of(content), None)

    whatever()
