"""Tagged sentences as a person wants to see them: one by one, or a file's worth in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from seqtasks.tasks import schemes
from seqtasks.tasks.examples import TaggedSentence

WARNINGS_SHOWN = 10
"""More of them are counted, not shown."""


def show(sentence: TaggedSentence) -> str:
    """Token TAB tag, a line each; the tokens alone where no tag is known."""
    if not sentence.tags:
        return "\n".join(["# no tags", *sentence.tokens])
    return "\n".join("\t".join(pair) for pair in zip(sentence.tokens, sentence.tags, strict=True))


def survey(sentences: Sequence[TaggedSentence], candidates: tuple[str, ...]) -> list[str]:
    """Counts, the tag scheme, the tags by falling count, and the first of the scheme's violations.

    Raises:
        DataError: A tag of no scheme among the candidates.
    """
    scheme = schemes.detect_scheme(sentences, candidates)
    tokens = [token for sentence in sentences for token in sentence.tokens]
    tags = Counter(tag for sentence in sentences for tag in sentence.tags)
    ranked = sorted(tags.items(), key=lambda item: (-item[1], item[0]))
    warnings = [line for sentence in sentences for line in schemes.check_tags(sentence, scheme)]
    lines = [
        f"sentences: {len(sentences):,}; longest: {max(len(sentence.tokens) for sentence in sentences):,} tokens; "
        f"without tags: {sum(not sentence.tags for sentence in sentences):,}",
        f"tokens: {len(tokens):,}; distinct: {len(set(tokens)):,}",
        f"scheme: {scheme}",
        "tags: " + ", ".join(f"{tag} {count:,}" for tag, count in ranked),
        f"scheme violations: {len(warnings):,}",
    ]
    return lines + [f"  {line}" for line in warnings[:WARNINGS_SHOWN]]
