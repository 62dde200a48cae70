"""Sentences with a tag a word (`TaggedSentence`): the family of `pos` and `ner`."""
