"""Pictures of automata."""

import math
import re
import stat
import struct

import pytest

from seqtasks.pipelines.automata import drawing

FOUND = {
    "start": 0,
    "accepting": "accepted",
    "symbols": 80,
    "states": ["accepted", "accepted", 'no "$x$"'],
    "edges": [
        {"from": 0, "to": 0, "words": ["one"], "kinds": 1, "steps": 5, "share": 0.5},
        {"from": 0, "to": 1, "words": ["zero"], "kinds": 1, "steps": 5, "share": 0.5},
        {"from": 1, "to": 0, "words": ["$one$"], "kinds": 1, "steps": 50, "share": 0.05},
        {"from": 1, "to": 2, "words": ["the", "of"], "kinds": 70, "steps": 990, "share": 0.99},
        {"from": 2, "to": 1, "words": ["rare"], "kinds": 9, "steps": 9, "share": 0.009},
        {"from": 2, "to": 2, "words": [], "kinds": 0, "steps": 0, "share": 0.0},
    ],
}


@pytest.fixture
def no_graphviz(monkeypatch):
    monkeypatch.setattr(drawing.shutil, "which", lambda program: None)


@pytest.fixture
def drawn(monkeypatch, no_graphviz):
    figures = []
    monkeypatch.setattr(drawing.plots, "save", lambda figure, path, dpi: figures.append(figure))
    return figures


@pytest.mark.parametrize(("ending", "begin"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")])
def test_without_graphviz_the_picture_is_made_all_the_same(tmp_path, no_graphviz, ending, begin):
    assert drawing.draw("a $title$", FOUND, tmp_path / f"a{ending}") == "matplotlib"
    assert (tmp_path / f"a{ending}").read_bytes().startswith(begin)


def test_the_picture_has_every_state_edge_and_ring(tmp_path, drawn):
    drawing.draw("a $title$", FOUND, tmp_path / "a.png")
    [axes] = drawn[0].axes
    texts = [text.get_text() for text in axes.texts]
    assert drawn[0].get_suptitle() == r"a \$title\$"
    states = ["q0\naccepted", "q1\naccepted", 'q2\nno "\\$x\\$"']
    words = ["one", "zero", r"\$one\$", "the  of  …\n70 words, 99%"]
    assert sorted(filter(None, texts)) == sorted([*states, *words])
    kinds = [type(patch).__name__ for patch in axes.patches]
    assert kinds.count("Circle") == 3 + 2 and kinds.count("FancyArrowPatch") == 4


def test_edges_keep_off_other_states(tmp_path, drawn):
    """Each label, and each edge's middle under it, is outside of every state."""
    many = {**FOUND, "states": ["accepted"] * 6, "edges": [
        {"from": i, "to": j, "words": ["x"], "kinds": 1, "steps": 1, "share": 1.0} for i in range(6) for j in range(6)
    ]}  # fmt: skip
    drawing.draw("all", many, tmp_path / "a.png")
    [axes] = drawn[0].axes
    circles = [patch.center for patch in axes.patches if type(patch).__name__ == "Circle"]
    labels = [text.get_position() for text in axes.texts if text.get_text() == "x"]
    assert len(labels) == 36
    assert all(math.dist(label, centre) > drawing.RADIUS for label in labels for centre in circles)


def test_the_order_on_the_circle_crosses_no_edge_that_need_not_be_crossed():
    ring = [(0, 3), (3, 1), (1, 4), (4, 2), (2, 0)]
    order = drawing.order_on_circle(5, 0, ring)
    assert order[0] == 0 and order in ([0, 3, 1, 4, 2], [0, 2, 4, 1, 3])
    large = [(state, (state + 3) % 10) for state in range(10)]
    order = drawing.order_on_circle(10, 4, large)
    assert order[0] == 4 and sorted(order) == list(range(10))
    place = {state: index for index, state in enumerate(order)}
    assert sum((place[a] - place[b]) % 10 in (1, 9) for a, b in large) >= 6
    assert drawing.order_on_circle(1, 0, [(0, 0)]) == [0]


def test_many_edges_leave_the_order_as_it_is():
    every = [(one, other) for one in range(40) for other in range(one)]
    assert drawing.order_on_circle(40, 3, every) == [3, *(state for state in range(40) if state != 3)]


def test_graphviz_is_used_where_it_is(tmp_path, monkeypatch):
    program = tmp_path / "dot"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\ncat > "$4"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert drawing.draw('the "title"', FOUND, tmp_path / "a.svg") == "graphviz"
    assert (tmp_path / "arguments").read_text().startswith("-Tsvg -Gdpi=130 -o ")
    source = (tmp_path / "a.svg").read_text()
    assert source == drawing.dot('the "title"', FOUND)
    assert r'label="the \"title\"";' in source and r'label="q2\nno \"$x$\""' in source
    assert re.findall(r"s\d \[shape=(\w+)", source) == ["doublecircle", "doublecircle", "circle"]
    assert re.findall(r"(\w+ -> \w+)", source) == ["start -> s0", "s0 -> s0", "s0 -> s1", "s1 -> s0", "s1 -> s2"]


def test_where_graphviz_fails_it_is_done_without(tmp_path, monkeypatch):
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (tmp_path / "b.png").write_text("an older picture")
    assert not drawing._by_graphviz(str(program), "", tmp_path / "b.png")
    assert (tmp_path / "b.png").read_text() == "an older picture"
    assert drawing.draw("title", FOUND, tmp_path / "a.png") == "matplotlib"
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_a_picture_of_many_states_has_no_more_dots_than_can_be_held(tmp_path, no_graphviz, monkeypatch):
    monkeypatch.setattr(drawing, "MOST_DOTS", 1e5)
    monkeypatch.setattr(drawing, "MOST_PLACED", 3)
    drawing.draw("title", FOUND, tmp_path / "a.png")
    width, height = struct.unpack(">II", (tmp_path / "a.png").read_bytes()[16:24])
    assert 0.9e5 < width * height < 1.1e5
