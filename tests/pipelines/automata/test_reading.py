"""Automata read off by counting."""

from itertools import product

import numpy as np
import pytest

from seqtasks.pipelines.automata.clusters import cluster
from seqtasks.pipelines.automata.reading import read
from seqtasks.pipelines.automata.summary import accepting, summary, telling_words
from seqtasks.pipelines.classification import trajectories
from seqtasks.tasks.automaton import difference, minimal
from seqtasks.tasks.formal import LANGUAGES
from tests.pipelines.automata.ways import followed, peak

TOMITA4 = LANGUAGES["tomita4"].automaton
STRINGS = [string for length in range(7) for string in product(range(2), repeat=length)]


@pytest.mark.parametrize("name", LANGUAGES)
@pytest.mark.parametrize("kind", ["k-means++", "k-means-x"])
def test_a_network_that_is_an_automaton_is_read_as_that_automaton(name, kind):
    language = LANGUAGES[name].automaton
    ways = followed(language, STRINGS, noise=0.02)
    after_a_token = len(np.unique(language.steps))  # all states but a start to which nothing leads back
    reading = read(ways, cluster(ways, after_a_token, kind))
    assert difference(reading.automaton, language) is None and reading.kept == 1
    np.testing.assert_array_equal(reading.answers(ways), ways.gold)
    longer = followed(language, [string * 3 for string in STRINGS])
    np.testing.assert_array_equal(reading.answers(longer), longer.gold)


def test_the_more_frequent_way_is_taken_and_of_two_the_first():
    """Symbols a, b; clusters as given: from the start a leads to 0 twice and to 1 once; from 0 b to 1 and to 2 once."""
    ways = followed(LANGUAGES["tomita1"].automaton, [(0, 1), (0, 1), (0,), (1, 0)])
    clusters = np.array([0, 1, 0, 2, 1, 2, 2])
    reading = read(ways, clusters)
    assert reading.automaton.alphabet == ("zero", "one")
    assert reading.automaton.steps[0].tolist() == [1, 3]
    assert reading.automaton.steps[1, 1] == 2
    # of the six kinds of steps two were outvoted
    assert reading.kept == pytest.approx(5 / 7)
    counted = {tuple(row[:3]): row[3] for row in reading.moves.tolist()}
    assert counted[0, 0, 1] == 2 and counted[0, 0, 2] == 1 and sum(counted.values()) == 7


def test_a_word_never_met_in_a_state_leads_where_it_mostly_does_and_an_unknown_one_nowhere():
    ways = followed(LANGUAGES["tomita1"].automaton, [(0, 1), (0, 1), (1,)])
    reading = read(ways, np.array([0, 1, 0, 1, 0]))  # one leads to state 2 twice and to 1 once; zero always to 1
    assert reading.automaton.steps[2].tolist() == [1, 2]
    others = followed(LANGUAGES["tomita1"].automaton, [(0,), (1, 1), ()])
    strange = np.where(others.tokens == 5, 77, others.tokens)  # one is a word that was never counted
    changed = type(others)(**{**vars(others), "tokens": strange})
    [first, second, empty] = reading.answers(changed)
    assert ways.labels[first] == reading.automaton.labels[1]
    assert second == empty == ways.empty


def test_a_state_answers_as_the_network_does_to_the_texts_that_end_there():
    ways = followed(LANGUAGES["tomita1"].automaton, [(1, 1), (1, 1), (1, 1), (1,)])
    changed = type(ways)(**{**vars(ways), "answers": np.array([0, 0, 0, 0, 0, 1, 1]), "empty": 1})
    found = read(changed, np.array([0, 1, 0, 1, 0, 1, 0])).automaton
    # cluster 0: ends once, with 1, though 0 up to there thrice; cluster 1: ends thrice, with 0, 0 and 1
    assert found.labels == (ways.labels[1], ways.labels[1], ways.labels[0])
    none_ends = read(changed, np.array([2, 0, 2, 0, 2, 0, 1])).automaton
    assert none_ends.labels[3] == ways.labels[0]


def test_texts_without_a_token_have_the_start_s_answer():
    ways = followed(LANGUAGES["tomita4"].automaton, [(), (0, 0, 0), ()])
    assert ways.last.tolist() == [0, 1, 0] and ways.lengths.tolist() == [0, 3, 0]
    [(texts, places, real)] = ways.groups()
    assert texts.tolist() == [1] and ways.tokens[places].tolist() == [[4, 4, 4]] and real.all()
    nothing = followed(LANGUAGES["tomita4"].automaton, [(), ()])
    assert nothing.last.tolist() == [0, 0] and not list(nothing.groups())


def test_texts_are_answered_in_groups_of_similar_length(monkeypatch):
    ways = followed(TOMITA4, STRINGS)
    reading = read(ways, cluster(ways, 4, "k-means++"))
    for budget in (1, 8, 100):
        monkeypatch.setattr(trajectories, "BATCH_TOKENS", budget)
        assert len(list(ways.groups())) > 6
        np.testing.assert_array_equal(reading.answers(ways), ways.gold)


def test_a_long_text_among_short_ones_takes_no_memory_for_those():
    ways = followed(TOMITA4, [(1,) * 5000, *[(1, 0)] * 1000])
    reading = read(ways, cluster(ways, 2, "k-means++"))
    assert peak(lambda: reading.answers(ways)) < 2_000_000  # padded: 40 MB


def test_a_summary_has_every_word_on_its_edge_and_the_counts():
    language = LANGUAGES["tomita4"].automaton
    ways = followed(language, STRINGS)
    found = summary(read(ways, cluster(ways, 4, "k-means++")), ways.labels)
    assert (found["start"], found["accepting"], found["symbols"]) == (0, "accepted", 2)
    assert found["states"] == ["accepted", "accepted", "accepted", "rejected"]
    edges = {(edge["from"], edge["to"]): edge["words"] for edge in found["edges"]}
    assert edges == {
        (0, 1): ["zero"], (0, 0): ["one"], (1, 2): ["zero"], (1, 0): ["one"], (2, 3): ["zero"], (2, 0): ["one"],
        (3, 3): ["zero", "one"],
    }  # fmt: skip
    assert sum(edge["steps"] for edge in found["edges"]) == len(ways.tokens)
    for state in range(4):
        assert sum(edge["share"] for edge in found["edges"] if edge["from"] == state) == pytest.approx(1)


def test_many_words_are_named_by_their_counts():
    language = LANGUAGES["tomita1"].automaton
    ways = followed(language, [(1,)] * 9)
    many = type(ways)(**{**vars(ways), "words": tuple(f"w{i}" for i in range(40)),
                         "tokens": np.array([20, 21, 21, 22, 22, 22, 23, 24, 25])})  # fmt: skip
    assert len(summary(read(many, np.zeros(9, int)), ways.labels)["edges"][0]["words"]) == 6
    several = followed(language, [(1,)] * 20)
    twenty = type(ways)(**{**vars(several), "words": many.words, "tokens": np.array([*range(14, 30), 29, 29, 28, 27])})
    [edge] = summary(read(twenty, np.zeros(20, int)), ways.labels)["edges"]
    assert edge["words"] == ["w29", "w27", "w28", "w14"] and (edge["kinds"], edge["steps"]) == (16, 20)


def test_words_that_turn_a_state_are_ranked_by_how_surely_they_do():
    """Ends of 1* : zero always turns accepted to rejected, one never does."""
    ways = followed(LANGUAGES["tomita1"].automaton, [(1, 0, 1), (1, 1, 0), (0,)])
    words = telling_words(read(ways, cluster(ways, 2, "k-means++")))
    assert words == {"accepted": [], "rejected": [{"word": "zero", "turned": 3, "met": 3}]}


def test_the_accepting_label():
    assert accepting(["rejected", "accepted"]) == "accepted"
    assert accepting(["positive", "negative", "positive"]) == "positive"
    assert accepting(["0", "1"]) == "1" and accepting(["a", "b", "c"]) == ""


def test_the_reading_is_minimal_only_after_merging():
    ways = followed(LANGUAGES["tomita4"].automaton, STRINGS, noise=0.02)
    reading = read(ways, cluster(ways, 4, "k-means++"))
    assert len(reading.automaton) == 5 and len(minimal(reading.automaton)) == 4
