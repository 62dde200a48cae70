"""Entity scores against recorded outputs of conlleval.pl (2004-01-26) and against seqeval.

`data/conlleval_*.txt` are made-up tags (word, gold, predicted), `.out` what the Perl script printed for them;
`malformed` has half of its tags replaced by random ones.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
import seqeval.metrics
import seqeval.scheme
from hypothesis import given
from hypothesis import strategies as st

from seqtasks.tasks import schemes
from seqtasks.tasks.examples import TaggedSentence
from seqtasks.tasks.readers import conll
from seqtasks.tasks.scores import entities
from seqtasks.tasks.task import Columns, Known

DATA = Path(__file__).parent / "data"
RECORDED = {"iob1": "IOB1", "iob2": "IOB2", "malformed": "", "iobes": "IOBES"}
LETTERS = {"IOB1": "BI", "IOB2": "BI", "IOBES": "BIES"}


def gold_of(tag_sequences: list[list[str]]) -> list[TaggedSentence]:
    return [TaggedSentence(tuple(tags), tuple(tags)) for tags in tag_sequences]


def values(gold: list[list[str]], predicted: list[list[str]], scheme: str = "") -> dict[str, float]:
    return {score.name: score.value for score in entities.score(gold_of(gold), predicted, Known(scheme=scheme))}


def recorded(name: str) -> tuple[list[TaggedSentence], list[tuple[str, ...]], str]:
    def column(tag: str) -> list[TaggedSentence]:
        with (DATA / f"conlleval_{name}.txt").open("rb") as stream:
            return list(conll.read(stream, name, Columns("1", tag)))

    return column("2"), [sentence.tags for sentence in column("3")], (DATA / f"conlleval_{name}.out").read_text()


def report(gold: list[TaggedSentence], predicted: list[tuple[str, ...]]) -> str:
    """Our scores in conlleval's words."""
    scores = {score.name: score for score in entities.score(gold, predicted)}
    counts = {
        name: {key: int(n) for key, n in re.findall(r"(gold|predicted|correct):(\d+)", score.signature)}
        for name, score in scores.items()
    }
    total, tokens = counts["f1"], counts["accuracy"]["gold"]
    lines = [
        f"processed {tokens} tokens with {total['gold']} phrases; "
        f"found: {total['predicted']} phrases; correct: {total['correct']}.",
        f"accuracy: {100 * scores['accuracy'].value:6.2f}%; {_line(scores, '')}",
    ]
    kinds = [name[3:-1] for name in scores if name.startswith("f1[")]
    lines += [f"{kind:>17}: {_line(scores, f'[{kind}]')}  {counts[f'f1[{kind}]']['predicted']}" for kind in kinds]
    return "\n".join(lines) + "\n"


def _line(scores, suffix: str) -> str:
    f1, precision, recall = (100 * scores[name + suffix].value for name in ("f1", "precision", "recall"))
    return f"precision: {precision:6.2f}%; recall: {recall:6.2f}%; FB1: {f1:6.2f}"


@pytest.mark.parametrize("name", RECORDED)
def test_conlleval(name):
    gold, predicted, expected = recorded(name)
    assert report(gold, predicted) == expected


@pytest.mark.parametrize("name", [name for name, scheme in RECORDED.items() if scheme])
def test_the_recorded_schemes_are_recognised(name):
    gold, predicted, _ = recorded(name)
    assert f"scheme:{RECORDED[name]}|matching:strict" in "".join(s.signature for s in entities.score(gold, predicted))


def tag_pairs(scheme: str):
    kinds = ("X", "creative-work")
    tags = st.sampled_from(["O", *(f"{letter}-{kind}" for letter in LETTERS[scheme] for kind in kinds)])
    # pairs of equal tags half of the time: otherwise hardly an entity is ever right
    pair = st.one_of(tags.map(lambda tag: (tag, tag)), st.tuples(tags, tags))
    return st.lists(st.lists(pair, min_size=1, max_size=8), min_size=1, max_size=5)


@pytest.mark.parametrize("scheme", LETTERS)
@given(data=st.data())
def test_seqeval(scheme, data):
    sentences = data.draw(tag_pairs(scheme))
    gold = [[tag for tag, _ in pairs] for pairs in sentences]
    predicted = [[tag for _, tag in pairs] for pairs in sentences]
    ours = values(gold, predicted, scheme)
    for prefix, options in (("", {}), ("strict_", {"mode": "strict", "scheme": getattr(seqeval.scheme, scheme)})):
        if math.isnan(ours[f"{prefix}f1"]):
            continue
        for name in ("precision", "recall", "f1"):
            theirs = getattr(seqeval.metrics, f"{name}_score")(gold, predicted, zero_division=0, **options)
            assert ours[prefix + name] == pytest.approx(theirs, abs=1e-12), prefix + name
    assert ours["accuracy"] == pytest.approx(seqeval.metrics.accuracy_score(gold, predicted), abs=1e-12)


def test_scores_and_their_order():
    gold = [["B-person", "I-person", "O", "B-place"], ["O", "B-new"]]
    scores = entities.score(gold_of(gold), [["B-person", "I-person", "O", "I-place"], ["B-place", "O"]])
    assert [score.name for score in scores] == [
        *("f1", "precision", "recall"),
        *("f1[new]", "precision[new]", "recall[new]"),
        *("f1[person]", "precision[person]", "recall[person]"),
        *("f1[place]", "precision[place]", "recall[place]"),
        *("strict_f1", "strict_precision", "strict_recall"),
        *("strict_f1[new]", "strict_precision[new]", "strict_recall[new]"),
        *("strict_f1[person]", "strict_precision[person]", "strict_recall[person]"),
        *("strict_f1[place]", "strict_precision[place]", "strict_recall[place]"),
        "accuracy",
    ]
    by_name = {score.name: score for score in scores}
    assert by_name["f1"].signature == "scheme:IOB2|matching:conlleval|gold:3|predicted:3|correct:2"
    assert by_name["strict_f1"].signature == "scheme:IOB2|matching:strict|gold:3|predicted:2|correct:1"
    assert by_name["f1[place]"].signature == "scheme:IOB2|matching:conlleval|type:place|gold:1|predicted:2|correct:1"
    assert by_name["accuracy"].signature == "scheme:IOB2|matching:token|words:all|gold:6|correct:3"
    assert by_name["f1[new]"].value == 0.0  # a type that train never had is missed like any other


def test_without_any_entity_there_is_no_number():
    found = values([["O"]], [["O"]])
    assert found.pop("accuracy") == 1.0
    assert set(found) == {"f1", "precision", "recall", "strict_f1", "strict_precision", "strict_recall"}
    assert all(math.isnan(value) for value in found.values())


def test_a_type_that_is_only_predicted_has_scores_too():
    assert values([["B-X", "O"]], [["B-X", "B-Y"]])["precision[Y]"] == 0.0


@pytest.mark.parametrize(("gold", "predicted"), [("B_X", "O"), ("O", "B_X")])
def test_a_tag_of_no_scheme_is_no_tag(gold, predicted):
    with pytest.raises(ValueError, match="no scheme: 'B_X'"):
        values([[gold]], [[predicted]])


def test_nothing_found_is_zero():
    assert values([["B-X"]], [["O"]])["precision"] == 0.0
    assert values([["O"]], [["S-X"]])["strict_recall"] == 0.0


def test_without_gold_entities_the_predicted_tags_tell_the_scheme():
    assert entities.score(gold_of([["O"]]), [["S-X"]])[0].signature.startswith("scheme:IOBES|")


def test_the_runs_scheme_goes_before_what_a_split_looks_like():
    assert values([["I-X"]], [["I-X"]])["strict_f1"] == 1.0  # looks like IOB1
    assert math.isnan(values([["I-X"]], [["I-X"]], "IOB2")["strict_f1"])


@given(tag_pairs("IOBES"))
def test_the_scheme_changes_no_lenient_score(sentences):
    def written(scheme: str) -> list[list[tuple[str, ...]]]:
        working = [[schemes.to_working(tags, "IOBES") for tags in zip(*pairs, strict=True)] for pairs in sentences]
        return [[schemes.from_working(tags, scheme) for tags in pair] for pair in working]

    f1 = [values(*map(list, zip(*written(scheme), strict=True)), scheme)["f1"] for scheme in schemes.SPANS]
    assert f1 == pytest.approx([f1[0]] * 4, nan_ok=True)


@pytest.mark.parametrize("predicted", [[], [["O", "O"]], [["O"], ["O"]]])
def test_lengths_must_agree(predicted):
    with pytest.raises(ValueError, match="sentence"):
        values([["O"]], predicted)
