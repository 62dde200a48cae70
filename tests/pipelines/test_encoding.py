"""Tokens to ids: what is looked up, what is padding, and that company changes nothing."""

import os
import subprocess
import sys

import numpy as np
import tensorflow as tf

from seqtasks.pipelines.encoding import SPELLING_WIDTH, TokenEncoder, joinable, normalise
from seqtasks.pipelines.vocabulary import BOS, EOS, PAD, RESERVED, UNK, Vocabulary

WORDS = Vocabulary(["the", "cat", "00"])
CHARACTERS = Vocabulary(list("abcdeht1C"))
ENCODER = TokenEncoder(WORDS, CHARACTERS)


def encode(rows: list[list[str]]):
    width = max(1, *map(len, rows))
    padded = [row + ["rest"] * (width - len(row)) for row in rows]
    return ENCODER(tf.constant(padded), tf.constant([len(row) for row in rows]))


def test_words_are_looked_up_in_lower_case_with_digits_as_0():
    encoded = encode([["The", "CAT", "17", "dog"]])
    assert encoded.words.numpy().tolist() == [[4, 5, 6, UNK]]  # the cat 00 ?


def test_lower_case_reaches_beyond_ascii():
    assert normalise(tf.constant(["ÄÖÜ", "Ωσ"])).numpy().tolist() == ["äöü".encode(), "ωσ".encode()]


def test_lower_case_is_the_same_whatever_the_locale():
    script = """
import tensorflow as tf
from seqtasks.pipelines.encoding import normalise
print(normalise(tf.constant(["It", "IBM", "\\u0130zmir", "\\u0131"])).numpy().tolist())"""
    found = []
    for locale in ("C.UTF-8", "tr_TR.UTF-8"):
        environment = {**os.environ, "LC_ALL": locale, "PYTHONUTF8": "1"}
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr[-2000:]
        found.append(done.stdout)
    expected = [word.encode() for word in ("it", "ibm", "i\u0307zmir", "\u0131")]
    assert found == [f"{expected}\n"] * 2


def test_padding_has_its_own_id_and_its_own_spelling_whatever_stands_there():
    encoded = encode([["the", "cat"], ["the"]])
    assert encoded.words.numpy().tolist() == [[4, 5], [4, PAD]]
    assert encoded.index.numpy()[1, 1] == 0
    assert not encoded.spellings.numpy()[0].any()


def test_each_distinct_token_is_spelled_once_between_its_edges():
    encoded = encode([["cat", "Cat", "cat"]])
    index = encoded.index.numpy()[0]
    assert index[0] == index[2] != index[1]
    assert encoded.spellings.shape[0] == 3  # padding, cat, Cat
    c, a, t = (CHARACTERS.ids[letter] for letter in "cat")
    assert encoded.spellings.numpy()[index[0]].tolist() == [BOS, c, a, t, EOS]


def test_without_spelling_the_words_are_the_same_and_nothing_is_spelled():
    tokens, lengths = tf.constant([["the", "cat"], ["dog", ""]]), tf.constant([2, 1])
    whole, words = ENCODER(tokens, lengths), ENCODER(tokens, lengths, spelling=False)
    assert np.array_equal(whole.words, words.words)
    assert not words.index.numpy().any() and words.spellings.numpy().tolist() == [[PAD]]


def test_vocabularies_without_an_entry_know_nothing():
    empty = TokenEncoder(Vocabulary([]), Vocabulary([]))
    encoded = empty(tf.constant([["a", ""]]), tf.constant([2]))
    assert encoded.words.numpy().tolist() == [[UNK, PAD]]
    assert encoded.spellings.numpy()[encoded.index.numpy()[0, 0]].tolist() == [BOS, UNK, EOS]


def test_a_long_word_keeps_its_two_ends():
    half = SPELLING_WIDTH // 2
    row = ENCODER.spell(tf.constant(["a" * half + "z" * 9 + "b" * half])).numpy()[0]
    a, b = CHARACTERS.ids["a"], CHARACTERS.ids["b"]
    assert row.tolist() == [BOS, *[a] * half, *[b] * half, EOS]


def test_a_batch_without_tokens_keeps_a_width():
    encoded = encode([[]])
    assert encoded.words.shape == (1, 1) and encoded.spellings.shape == (1, 1)
    assert encoded.words.numpy().tolist() == [[PAD]]


def test_spaces_inside_a_token_become_joinable():
    assert joinable("10 000") == "10\u00a0000"


def test_vocabulary_orders_by_count_then_code_point_and_drops_rare_items():
    vocabulary = Vocabulary.fit(["b", "a", "c", "b", "a", "d", "d", "d"], min_count=2)
    assert vocabulary.entries == ("d", "a", "b")
    assert vocabulary.ids["d"] == RESERVED and len(vocabulary) == RESERVED + 3


def test_vocabulary_survives_its_file(tmp_path):
    words = Vocabulary(["a b", '"', "\u2028", "ä", "\\"])
    words.save(tmp_path / "words.json")
    assert Vocabulary.load(tmp_path / "words.json").entries == words.entries
    assert np.array_equal((tmp_path / "words.json").read_text("utf-8").count("\n"), 7)
