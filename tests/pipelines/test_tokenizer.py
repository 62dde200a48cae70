"""The tokeniser: pieces, offsets, and input that nobody would write."""

import sys
import unicodedata

import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtasks.pipelines.tokenizer import UNSPACED, share_unspaced, tokenize
from seqtasks.tasks.scores.translation import _UNSPACED

_TOKENIZE = tf.function(tokenize, input_signature=[tf.TensorSpec([None], tf.string)])


def tokens_of(text: str) -> list[str]:
    return [token for token, _, _ in tokens_with_offsets([text])[0]]


def tokens_with_offsets(texts: list) -> list[list[tuple[str, int, int]]]:
    tokens, begin, end, lengths = (part.numpy() for part in _TOKENIZE(tf.constant(texts)))
    return [
        [(tokens[row, at].decode(), begin[row, at], end[row, at]) for at in range(length)]
        for row, length in enumerate(lengths)
    ]


def test_words_numbers_and_signs_are_apart():
    assert tokens_of("Is it 1,000.50, or (about) 7%?") == [
        "Is",
        "it",
        "1,000.50",
        ",",
        "or",
        "(",
        "about",
        ")",
        "7",
        "%",
        "?",
    ]


def test_contractions_split_as_in_the_penn_treebank():
    assert tokens_of("I don't think it's John's, they’re CAN'T") == [
        "I",
        "do",
        "n't",
        "think",
        "it",
        "'s",
        "John",
        "'s",
        ",",
        "they",
        "’re",
        "CA",
        "N'T",
    ]


def test_addresses_mentions_and_tags_stay_whole():
    text = "see https://a.org/b?c=d, write to x.y@z.org @me #tag"
    assert tokens_of(text) == ["see", "https://a.org/b?c=d", ",", "write", "to", "x.y@z.org", "@me", "#tag"]


def test_runs_of_a_sign_stay_together_and_different_signs_do_not():
    assert tokens_of("what... --- ?! no!!!") == ["what", "...", "---", "?", "!", "no", "!!!"]


def test_combining_marks_and_joined_emoji_are_not_torn():
    assert tokens_of("cafe\u0301 \U0001f469\u200d\U0001f4bb\U0001f44d\U0001f3fd") == [
        "cafe\u0301",
        "\U0001f469\u200d\U0001f4bb",
        "\U0001f44d\U0001f3fd",
    ]


def test_contractions_are_no_beginning_of_a_word():
    assert tokens_of("N'Tcham n'tini j'dois don't I'd've") == [
        *("N", "'", "Tcham", "n", "'", "tini", "j", "'", "dois", "do", "n't", "I", "'d", "'ve")
    ]


def test_marks_and_joiners_inside_words_tags_and_addresses():
    persian, hindi = "\u0645\u06cc\u200c\u062e\u0648", "#\u0939\u093f\u0928\u094d\u0926\u0940"
    whole = [hindi, "@jose\u0301", "jose\u0301@x.org", persian]
    assert tokens_of(" ".join(whole)) == whole


def test_unicode_white_space_and_controls_separate():
    assert tokens_of("a\u00a0b\u3000c\u2028d\x00e\ufefff\u200bg\x01h") == list("abcdefgh")


def test_empty_lines_have_no_tokens_and_the_batch_keeps_a_width():
    tokens, begin, _, lengths = _TOKENIZE(tf.constant(["", "  "]))
    assert tokens.shape == begin.shape == (2, 1)
    assert lengths.numpy().tolist() == [0, 0]
    assert _TOKENIZE(tf.constant([], tf.string))[0].shape == (0, 1)


def test_offsets_count_code_points():
    assert tokens_with_offsets(["Ä \U0001f469x!"]) == [[("Ä", 0, 1), ("\U0001f469", 2, 3), ("x", 3, 4), ("!", 4, 5)]]


def test_bytes_that_are_not_utf8_become_replacement_characters():
    assert [token for token, _, _ in tokens_with_offsets([b"ab\xff cd"])[0]] == ["ab", "\ufffd", "cd"]


def test_scripts_without_spaces_are_read_by_characters_on_request():
    texts = ["我喜欢iPhone手机,don't。", "ภาษาไทยดี ok", "ひらがな カタカナ", "Ärger"]
    tokens, begin, end, lengths = (part.numpy() for part in tokenize(tf.constant(texts), characters=True))
    found = [[token.decode() for token in row[:length]] for row, length in zip(tokens, lengths, strict=True)]
    assert found[0] == ["我", "喜", "欢", "iPhone", "手", "机", ",", "do", "n't", "。"]
    assert found[1] == ["ภ", "า", "ษ", "า", "ไ", "ท", "ย", "ดี", "ok"]  # the vowel above belongs to its letter
    assert found[2] == list("ひらがなカタカナ") and found[3] == ["Ärger"]
    for text, row, b, e in zip(texts, found, begin, end, strict=True):
        assert [text[x:y] for x, y in zip(b, e, strict=False)][: len(row)] == row
    assert tokens_of("我喜欢iPhone手机") == ["我喜欢iPhone手机"]


def test_the_share_of_letters_in_such_scripts():
    def share(*texts):
        return float(share_unspaced(tf.constant(texts)))

    assert share("我我 ab 12 !") == 0.5 and share("", "12") == 0 and share("ไทย", "") == 1


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), min_size=1, max_size=4))
def test_offsets_cut_the_tokens_out_of_any_text(texts):
    for text, found in zip(texts, tokens_with_offsets(texts), strict=True):
        assert [text[begin:end] for _, begin, end in found] == [token for token, _, _ in found]
        # nothing but white space is lost
        kept = {at for _, begin, end in found for at in range(begin, end)}
        assert tokens_of("".join(letter for at, letter in enumerate(text) if at not in kept)) == []


def test_the_scores_of_translations_know_the_same_scripts_without_spaces():
    letters = [letter for letter in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(letter).startswith("L")]
    split = tf.strings.regex_full_match(letters, rf"[{UNSPACED}]").numpy()
    unlike = {
        letter for letter, is_split in zip(letters, split, strict=True) if is_split != bool(_UNSPACED.match(letter))
    }
    # marks that are of several scripts
    assert unlike <= {"\u303b", "\U00016fe3", "\u3006", "\u30fc", "\uff70", "\uff9e", "\uff9f"}
