"""Language modelling: how probable a text is, and what may come next."""

from __future__ import annotations

from seqtasks.tasks import demo_language, texts
from seqtasks.tasks.examples import Text
from seqtasks.tasks.readers.plain import LINES, RUNNING
from seqtasks.tasks.scores import language
from seqtasks.tasks.task import CatalogueSet, Task

TASK = Task(
    name="lm",
    summary="language modelling: how probable a text is, and what may come next",
    example_type=Text,
    formats=(LINES, RUNNING),
    catalogue=(
        CatalogueSet("lm1b", {"text": "text"}),
        CatalogueSet("tiny_shakespeare", {"text": "text"}),
        CatalogueSet("wiki40b/*", {"text": "text"}),
        CatalogueSet("*", {"text": "the one Text"}),
    ),
    demo=demo_language.language,
    score=language.score,
    baselines=("unigram", "kneser_ney"),
    write=texts.write,
    show=texts.show,
    survey=texts.survey,
    samples=(
        Text("Jordan may leave Paris in May ."),
        Text("Paris may leave Jordan in May ."),
        Text("Will May ?"),
    ),
    citation="Mikolov et al. 2010, Recurrent neural network based language model (Interspeech); Zaremba et al. 2014 "
    "(arXiv 1409.2329); the n-grams: Chen and Goodman 1998",
    in_order=True,
)
