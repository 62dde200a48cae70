"""Sentiment and other sentence classification: one label a text."""

from __future__ import annotations

from seqtasks.tasks import demo, formal, labelled
from seqtasks.tasks.examples import LabelledText
from seqtasks.tasks.readers.labelled_lines import FASTTEXT, JSON_LINES, LABEL_TEXT
from seqtasks.tasks.readers.table import CSV, TSV
from seqtasks.tasks.scores import classification
from seqtasks.tasks.task import CatalogueSet, Task

TASK = Task(
    name="sentiment",
    summary="sentence classification: one label a text, an opinion's sign or any other",
    example_type=LabelledText,
    formats=(CSV, JSON_LINES, FASTTEXT, TSV, LABEL_TEXT),
    catalogue=(
        CatalogueSet("imdb_reviews", {"text": "text", "label": "label"}),
        CatalogueSet("glue/sst2", {"text": "sentence", "label": "label"}),
        CatalogueSet("yelp_polarity_reviews", {"text": "text", "label": "label"}),
        CatalogueSet("sentiment140", {"text": "text", "label": "polarity"}),
        CatalogueSet("ag_news_subset", {"text": "description", "label": "label"}),
        CatalogueSet("trec", {"text": "text", "label": "label-coarse"}),
        CatalogueSet("*", {"text": "the one Text", "label": "the one ClassLabel"}),
    ),
    demo=demo.opinions,
    made=formal.sets(),
    automata=formal.automata(),
    score=classification.score,
    baselines=("tfidf_logistic",),
    write=labelled.write,
    show=labelled.show,
    survey=labelled.survey,
    samples=(
        LabelledText("The food was not bad at all.", "positive"),
        LabelledText("It was good until the end.", "negative"),
        LabelledText("", "negative"),
    ),
    citation="Socher et al. 2013, Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank "
    "(EMNLP); calibration: Guo et al. 2017 (ICML)",
)
