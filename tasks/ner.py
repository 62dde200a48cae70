"""Named entity recognition: spans of words with a type each."""

from __future__ import annotations

from functools import partial

from seqtasks.tasks import demo, tagged
from seqtasks.tasks.examples import TaggedSentence
from seqtasks.tasks.readers.conll import CONLL, write
from seqtasks.tasks.readers.conllu import CONLLU
from seqtasks.tasks.schemes import SPANS
from seqtasks.tasks.scores import entities
from seqtasks.tasks.task import CatalogueSet, Task

TASK = Task(
    name="ner",
    summary="named entity recognition: names and their types",
    example_type=TaggedSentence,
    formats=(CONLL,),
    token_formats=(CONLLU,),
    schemes=SPANS,
    catalogue=(
        CatalogueSet("conll2003", {"tokens": "tokens", "tags": "ner"}),
        CatalogueSet("conll2002/*", {"tokens": "tokens", "tags": "ner"}),
        CatalogueSet("wikiann/*", {"tokens": "tokens", "tags": "tags"}),
    ),
    demo=demo.entities,
    score=entities.score,
    baselines=("most_frequent", "hmm"),
    write=write,
    show=tagged.show,
    survey=partial(tagged.survey, candidates=SPANS),
    samples=(
        TaggedSentence(("Ada", "Lovelace", "left", "Jordan", "."), ("B-person", "I-person", "O", "B-location", "O")),
        TaggedSentence(("Jordan", "likes", "Paris", "."), ("B-person", "O", "B-location", "O")),
        TaggedSentence(("It", "rained", "in", "May", "."), ("O", "O", "O", "O", "O")),
    ),
    citation="Tjong Kim Sang and De Meulder 2003, Introduction to the CoNLL-2003 Shared Task (CoNLL); scores: "
    "conlleval, and seqeval's strict mode (Nakayama 2018)",
)
