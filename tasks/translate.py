"""Translation: a sentence of another language for each sentence."""

from __future__ import annotations

from seqtasks.tasks import demo_german, paired
from seqtasks.tasks.examples import SentencePair
from seqtasks.tasks.readers.pairs import JSON_LINES, TSV
from seqtasks.tasks.scores import translation
from seqtasks.tasks.task import CatalogueSet, Task

_SIDES = {"text": "the source language", "translation": "the target language"}

TASK = Task(
    name="translate",
    summary="translation: a sentence of another language for each sentence",
    example_type=SentencePair,
    formats=(TSV, JSON_LINES),
    catalogue=(
        CatalogueSet("ted_hrlr_translate/*", _SIDES),
        *(CatalogueSet(f"wmt{year}_translate/*", _SIDES) for year in range(14, 20)),
        CatalogueSet("opus/*", _SIDES),
        CatalogueSet("para_crawl/*", _SIDES),
    ),
    demo=demo_german.translations,
    score=translation.score,
    baselines=("ibm1",),
    write=paired.write,
    show=paired.show,
    survey=paired.survey,
    samples=(
        SentencePair("Anna lost her keys yesterday.", "Anna hat gestern ihre Schlüssel verloren."),
        SentencePair("They say that the park is open.", "Sie sagen, dass der Park offen ist."),
        SentencePair("", ""),
    ),
    citation="Bahdanau, Cho and Bengio 2015 (arXiv 1409.0473); Luong, Pham and Manning 2015 (arXiv 1508.04025); "
    "scores: sacreBLEU, Post 2018 (arXiv 1804.08771)",
)
