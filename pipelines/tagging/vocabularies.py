"""What a tagger fixes from the training split: words, characters, tags and their scheme; and sentences as ids."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from seqtasks.config import TaggingConfig
from seqtasks.errors import ConfigError, DataError, RunError
from seqtasks.pipelines import files
from seqtasks.pipelines.batches import UNKNOWN_TAG, EncodedSentences
from seqtasks.pipelines.encoding import TokenEncoder, joinable, normalise
from seqtasks.pipelines.pretrained import normalised
from seqtasks.pipelines.vocabulary import Vocabulary
from seqtasks.tasks import schemes
from seqtasks.tasks.examples import TaggedSentence
from seqtasks.tasks.pieces import split_tokens


@dataclass(frozen=True)
class Vocabularies:
    """What the training split fixes: its words, characters and tags, and the scheme its tags are written in.

    Attributes:
        words: Normalised words.
        characters: Single characters.
        tags: Tags in the working scheme; ids from 0.
        scheme: The user's own scheme.
        seen: The training split's tokens, letter for letter, for scores on known words.
        word_units: Width of the word embedding: the configuration's, or that of the pretrained vectors.
    """

    words: Vocabulary
    characters: Vocabulary
    tags: Vocabulary
    scheme: str
    seen: Vocabulary
    word_units: int

    @classmethod
    def fit(
        cls,
        sentences: Sequence[TaggedSentence],
        candidates: tuple[str, ...],
        config: TaggingConfig,
        pretrained: Sequence[str] = (),
    ) -> Vocabularies:
        """From the training split alone, but for the words that pretrained vectors bring along.

        Args:
            candidates: The tag schemes that the task allows.
            pretrained: Normalised words that have a vector.

        Raises:
            ConfigError: Tokens are to be split, and the tags mark no spans.
            DataError: No token is tagged, or a tag belongs to no scheme.
        """
        if not any(sentence.tags for sentence in sentences):
            raise DataError(
                "no tagged token in the training split",
                where=sentences[0].source if sentences else "",
                hint="a file with a tag in every token's line",
            )
        scheme = schemes.detect_scheme(sentences, candidates)
        # of a large file only what is distinct is held
        seen = Counter(token for sentence in sentences for token in sentence.tokens)
        shown = seen + Counter(_new_pieces(sentences, scheme)) if config.split_tokens else seen
        words, characters = Counter(), Counter()
        for (token, count), word in zip(shown.items(), normalised(map(joinable, shown)), strict=True):
            words[word] += count
            for character in joinable(token):
                characters[character] += count
        words = Vocabulary.fit(words, min_count=config.min_count)
        return cls(
            words=Vocabulary([*words.entries, *(word for word in pretrained if word not in words.ids)]),
            characters=Vocabulary.fit(characters),
            tags=_tags(sentences, scheme),
            scheme=scheme,
            seen=Vocabulary.fit(seen),
            word_units=config.word_units,
        )

    def save(self, folder: Path) -> None:
        """Writes a file each."""
        self.words.save(folder / "words.json")
        self.characters.save(folder / "characters.json")
        self.tags.save(folder / "tags.json")
        files.write_json(folder / "tagging.json", {"scheme": self.scheme, "word_units": self.word_units})
        self.seen.save(folder / "seen.json")

    @classmethod
    def load(cls, folder: Path) -> Vocabularies:
        """Reads what `save` wrote.

        Raises:
            RunError: A file is missing or damaged.
        """
        facts = files.read_json(folder / "tagging.json")
        try:
            scheme, word_units = facts["scheme"], facts["word_units"]
        except (KeyError, TypeError) as error:
            raise RunError("a damaged file", where=str(folder / "tagging.json"), hint="--fresh") from error
        return cls(
            words=Vocabulary.load(folder / "words.json"),
            characters=Vocabulary.load(folder / "characters.json"),
            tags=Vocabulary.load(folder / "tags.json", first=0),
            scheme=scheme,
            seen=Vocabulary.load(folder / "seen.json"),
            word_units=word_units,
        )

    def rules(self) -> dict[str, list]:
        """What may begin, follow and end in the working scheme, as the CRF takes it."""
        if self.scheme == schemes.PLAIN:
            return {}
        tags = self.tags.entries
        return {
            "allowed": [[schemes.allowed(left, right) for right in tags] for left in tags],
            "allowed_starts": [schemes.allowed(None, tag) for tag in tags],
            "allowed_ends": [schemes.allowed(tag, None) for tag in tags],
        }


def _new_pieces(sentences: Sequence[TaggedSentence], scheme: str) -> Iterator[str]:
    """What each sentence in pieces has and the sentence as it stands has not."""
    if scheme == schemes.PLAIN:
        raise ConfigError(
            "tokens can be split only where tags mark spans", where="--split-tokens", allowed="0", hint="leave it out"
        )
    for sentence in sentences:
        yield from (piece for piece in split_tokens(sentence, scheme).tokens if piece not in sentence.tokens)


def _tags(sentences: Sequence[TaggedSentence], scheme: str) -> Vocabulary:
    """The working tags that occur, and after them those that the scheme needs to write spans of any length."""
    occurring = Vocabulary.fit(
        (tag for sentence in sentences for tag in schemes.to_working(sentence.tags, scheme)), first=0
    ).entries
    return Vocabulary([*occurring, *(tag for tag in schemes.completed(occurring, scheme) if tag not in occurring)], 0)


def encode(sentences: Sequence[TaggedSentence], vocabularies: Vocabularies, encoder: TokenEncoder) -> EncodedSentences:
    """A split as ids; tags that the training split lacks become `UNKNOWN_TAG`."""
    # numbers of four bytes, for a large file has more tokens than lists of Python's have room for
    found, tags, lengths = array("i"), array("i"), array("q", [0])
    numbers: dict[str, int] = {}
    ids = vocabularies.tags.ids
    for sentence in sentences:
        found.extend(numbers.setdefault(token, len(numbers)) for token in sentence.tokens)
        working = schemes.to_working(sentence.tags, vocabularies.scheme)
        tags.extend(ids.get(tag, UNKNOWN_TAG) for tag in working or ("",) * len(sentence.tokens))
        lengths.append(len(sentence.tokens))
    # two tokens may be joined as one form: a space and a no-break space are one there
    distinct = np.array([joinable(token).encode() for token in numbers], object)
    forms, form_of = np.unique(distinct, return_inverse=True)
    index = form_of.astype(np.int32)[np.asarray(found)]
    words = tf.cast(encoder.words.lookup(normalise(tf.constant(forms, tf.string))), tf.int32).numpy()
    return EncodedSentences(
        words=words[index],
        forms=index,
        tags=np.asarray(tags),
        spellings=encoder.spell(tf.constant(forms, tf.string)).numpy(),
        starts=np.cumsum(np.asarray(lengths)),
    )
