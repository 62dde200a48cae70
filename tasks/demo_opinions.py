"""The demo world's reviews: what somebody thinks of places, companies, products and reports, in the notation of
`demo_grammar`, whose symbols they share.

`approval` and `disapproval` carry the sign, whatever the words go through on the way. They say the same words equally
often; in most of them only words that stand far apart tell the sign, together: who says it and how (*nobody says
that the food in Oslo was so good*), what turned (*was bad for us until Anna came*), what came last (*at first … great,
but later … awful*). Between a word that turns the sign and the word it turns stands a name or an intensifier, so that
neither words nor pairs of words add up to it; both halves of a contrast are drawn from the same rules.
"""

from __future__ import annotations

OPINIONS = {"approval": "positive", "disapproval": "negative"}
"""The symbols that are opinions, and their label."""


def _approving(good: str, bad: str) -> str:
    """The alternatives whose outcome has the sign of `good`."""
    return f"""
        16* <thing> was/AUX <very> <{good}> <for_whom>
        3* <thing> was/AUX not/PART <{bad}> at/ADP all/DET
        5* <all_said> <thing> was/AUX <very> <{good}> <for_whom>
        5* <none_said> <thing> was/AUX <very> <{bad}> <for_whom>
        3* everything/PRON about/ADP <thing> was/AUX <very> <{good}>
        3* nothing/PRON about/ADP <thing> was/AUX <very> <{bad}>
        4* at/ADP first/ADV <was_{bad}> ,/PUNCT but/CCONJ <later> it/PRON was/AUX <very> <{good}> <for_whom>
        2* <was_{good}> ,/PUNCT even/ADV though/SCONJ the/DET rest/NOUN was/AUX <very> <{bad}> <for_whom>
        2* even/ADV though/SCONJ <was_{bad}> ,/PUNCT the/DET rest/NOUN was/AUX <very> <{good}> <for_whom>
        3* <was_{bad}> until/ADP <turn>
        1* <was_{bad}> until/ADP the/DET end/NOUN
        4* <was_{good}> when/SCONJ <turn>
    """


OPINION_RULES = {
    "review": """
        3* <judgement> ./PUNCT
        1* <opening> ,/PUNCT <judgement> ./PUNCT
        1* <judgement> ,/PUNCT it/PRON seems/VERB ./PUNCT
    """,
    "judgement": "<approval> | <disapproval>",
    "approval": _approving("good", "bad"),
    "disapproval": _approving("bad", "good"),
    "all_said": """
        everyone/PRON says/VERB that/SCONJ
        <person> did/AUX say/VERB that/SCONJ
        I/PRON would/AUX say/VERB that/SCONJ
        you/PRON may/AUX well/ADV hear/VERB that/SCONJ
    """,
    "none_said": """
        nobody/PRON says/VERB that/SCONJ
        <person> never/ADV did/AUX say/VERB that/SCONJ
        I/PRON would/AUX not/PART say/VERB that/SCONJ
        you/PRON will/AUX hardly/ADV hear/VERB that/SCONJ
    """,
    "for_whom": "2* () | for/ADP us/PRON | for/ADP <person> | to/ADP the/DET <job> | in/ADP <month> | on/ADP <weekday>",
    "was_good": "<thing> was/AUX <very> <good> <for_whom>",
    "was_bad": "<thing> was/AUX <very> <bad> <for_whom>",
    "turn": "3* <person> came/VERB | 1* <month> came/VERB",
    "later": "later/ADV | then/ADV | in/ADP <month> | in/ADP the/DET end/NOUN",
}
"""Symbol to alternatives; nothing in `demo_grammar` leads here, so that the other views stay as they are."""
