"""Part-of-speech tagging: one tag a word."""

from __future__ import annotations

from functools import partial

from seqtasks.tasks import demo, tagged
from seqtasks.tasks.examples import TaggedSentence
from seqtasks.tasks.readers.conll import CONLL, write
from seqtasks.tasks.readers.conllu import CONLLU
from seqtasks.tasks.scores import accuracy
from seqtasks.tasks.task import CatalogueSet, Task

TASK = Task(
    name="pos",
    summary="part-of-speech tagging: one tag a word",
    example_type=TaggedSentence,
    formats=(CONLL, CONLLU),
    schemes=("plain",),
    catalogue=(
        CatalogueSet("conll2003", {"tokens": "tokens", "tags": "pos"}),
        CatalogueSet("conll2002/*", {"tokens": "tokens", "tags": "pos"}),
        CatalogueSet("universal_dependencies/*", {"tokens": "tokens", "tags": "upos"}),
        CatalogueSet("xtreme_pos/*", {"tokens": "tokens", "tags": "upos"}),
    ),
    demo=demo.pos,
    score=accuracy.score,
    baselines=("most_frequent", "hmm"),
    write=write,
    show=tagged.show,
    survey=partial(tagged.survey, candidates=("plain",)),
    samples=(
        TaggedSentence(("We", "may", "leave", "in", "May", "."), ("PRON", "AUX", "VERB", "ADP", "PROPN", "PUNCT")),
        TaggedSentence(("The", "watch", "works", "."), ("DET", "NOUN", "VERB", "PUNCT")),
        TaggedSentence(("They", "watch", "her", "works", "."), ("PRON", "VERB", "PRON", "NOUN", "PUNCT")),
    ),
    citation="Petrov, Das and McDonald 2012, A Universal Part-of-Speech Tagset (LREC); scores: tokens, as in the CoNLL "
    "2018 shared task (Zeman et al. 2018) on gold tokens",
)
