"""The demo world's rules: what there is to say about whom, and how. The words it says it with are in `demo_words`.

`RULES` gives each symbol its alternatives, a line each or parted by ` | `. An alternative is `3*`, its weight (1 where
none is given), and words with their universal part of speech, `may/AUX`, and slots for other symbols, `<person>`; `()`
is the empty alternative.

What a name is, is never told by the name alone, and seldom by the words next to it: *Jordan has mild winters*, *Jordan
has two sisters*, *Jordan has 300 workers*. It is always told by the sentence, and so must it stay when a rule is added:
whatever may follow or precede a person in a rule must not be possible for a place, a company or a product there.
"""

from __future__ import annotations

ENTITIES = {"person": "PER", "woman": "PER", "man": "PER", "place": "LOC", "company": "ORG", "product": "PROD"}
"""The symbols that are entities, and their type."""

RULES = {
    "sentence": """
        9* <statement> ./PUNCT
        3* <opening> ,/PUNCT <news> ./PUNCT
        3* <person> <said> that/SCONJ <statement> ./PUNCT
        2* <question> ?/PUNCT
        3* <everyday> ./PUNCT
        2* <opinion> ./PUNCT
    """,
    "statement": "5* <news> | 1* <equation>",
    "news": "4* <about_woman> | 4* <about_man> | 5* <about_place> | 5* <about_company> | 4* <about_product>",
    "opening": """
        as/SCONJ <person> said/VERB <when>
        as/SCONJ we/PRON heard/VERB <when>
        in/ADP the/DET <month> report/NOUN
        in/ADP fact/NOUN
    """,
    # People, with the cue after the name, often behind an aside or behind verbs that places and companies share.
    "about_woman": """
        4* <woman> <aside> <person_did>
        2* <woman> <aside> <her_doing>
        1* <woman> ,/PUNCT <a_person> ,/PUNCT <person_did>
        1* <woman> ,/PUNCT who/PRON <person_did> ,/PUNCT <her_doing>
        1* <woman> and/CCONJ <man> <both_did>
    """,
    "about_man": """
        4* <man> <aside> <person_did>
        2* <man> <aside> <his_doing>
        1* <man> ,/PUNCT <a_person> ,/PUNCT <person_did>
        1* <man> ,/PUNCT who/PRON <person_did> ,/PUNCT <his_doing>
    """,
    "person_did": """
        opened/VERB the/DET <household> <ending>
        lost/VERB a/DET <household> <ending>
        has/VERB <few> <relative>
        has/VERB a/DET bad/ADJ cold/NOUN
        is/AUX <a_person>
        is/AUX <thirty_or_so> years/NOUN old/ADJ
        was/AUX born/VERB in/ADP <place> <ending>
        was/AUX tired/ADJ and/CCONJ <mood> <ending>
        was/AUX ill/ADJ <ending>
        grew/VERB up/ADV in/ADP <place>
        may/AUX marry/VERB <person> <soon>
        will/AUX fly/VERB to/ADP <place> <soon>
        has/AUX never/ADV driven/VERB the/DET <product>
        may/AUX visit/VERB <place> and/CCONJ its/PRON <sight> <soon>
        walked/VERB from/ADP <place> to/ADP <place> <ending>
        applied/VERB to/ADP <company> for/ADP a/DET job/NOUN <ending>
        works/VERB for/ADP <company> as/ADP <a_person>
        bought/VERB a/DET <product> in/ADP <place> <ending>
        left/VERB <place> by/ADP train/NOUN <ending>
        left/VERB <company> for/ADP a/DET better/ADJ job/NOUN <ending>
        called/VERB <person> on/ADP the/DET phone/NOUN <ending>
        sold/VERB the/DET house/NOUN in/ADP <place> to/ADP a/DET <job> <ending>
    """,
    "her_doing": """
        lost/VERB her/PRON <belonging> <ending>
        broke/VERB her/PRON <limb> <ending>
        will/AUX change/VERB her/PRON will/NOUN <soon>
        visited/VERB <man> and/CCONJ his/PRON <relative> <ending>
        sold/VERB her/PRON <product> to/ADP a/DET <job> <ending>
    """,
    "his_doing": """
        lost/VERB his/PRON <belonging> <ending>
        broke/VERB his/PRON <limb> <ending>
        will/AUX change/VERB his/PRON will/NOUN <soon>
        visited/VERB <woman> and/CCONJ her/PRON <relative> <ending>
        sold/VERB his/PRON <product> to/ADP a/DET <job> <ending>
    """,
    "both_did": """
        met/VERB in/ADP <place> <ending>
        married/VERB <ending>
        are/AUX good/ADJ friends/NOUN
    """,
    "a_person": "5* a/DET <job> | a/DET <job> from/ADP <place> | a/DET <trait> <job>"
    " | the/DET mayor/NOUN of/ADP <place>",
    # Places.
    "about_place": """
        7* <place> <aside> <place_is>
        1* <place> ,/PUNCT <a_place> ,/PUNCT <place_is>
        1* <place> ,/PUNCT where/ADV <person> was/AUX born/VERB ,/PUNCT <place_is>
        1* <place> and/CCONJ <place> are/AUX <small> kilometres/NOUN apart/ADV
    """,
    "place_is": """
        opened/VERB its/PRON <sight> to/ADP visitors/NOUN <ending>
        lost/VERB <few> bridges/NOUN in/ADP the/DET flood/NOUN <ending>
        has/VERB mild/ADJ winters/NOUN
        has/VERB <big> inhabitants/NOUN
        has/VERB <few> rivers/NOUN and/CCONJ a/DET <sight>
        is/AUX <a_place>
        is/AUX close/ADJ to/ADP the/DET border/NOUN
        was/AUX flooded/VERB <ending>
        was/AUX hot/ADJ and/CCONJ full/ADJ of/ADP tourists/NOUN
        grew/VERB from/ADP a/DET village/NOUN into/ADP a/DET city/NOUN
        may/AUX lie/VERB north/ADV of/ADP <place>
        lies/VERB between/ADP <place> and/CCONJ <place>
        will/AUX get/VERB rain/NOUN <soon>
    """,
    "a_place": "a/DET <kind_of_place> on/ADP the/DET coast/NOUN | a/DET <trait_of_place> <kind_of_place>"
    " | the/DET capital/NOUN of/ADP the/DET north/NOUN | a/DET short/ADJ drive/NOUN from/ADP <place>",
    # Companies.
    "about_company": """
        7* <company> <aside> <company_did>
        1* <company> ,/PUNCT <a_company> ,/PUNCT <company_did>
        1* <company> ,/PUNCT which/PRON <company_did> ,/PUNCT <company_did>
        1* <company> and/CCONJ <company> <aside> <companies_did>
    """,
    "company_did": """
        opened/VERB a/DET second/ADJ <plant> in/ADP <place>
        lost/VERB <money> <ending>
        has/VERB <big> workers/NOUN
        is/AUX <a_company>
        is/AUX worth/ADJ <money>
        was/AUX bought/VERB by/ADP <company> for/ADP <money> <ending>
        was/AUX fined/VERB <money>
        grew/VERB by/ADP <percent> %/SYM <ending>
        may/AUX hire/VERB <big> workers/NOUN
        will/AUX raise/VERB prices/NOUN by/ADP <percent> %/SYM
        will/AUX close/VERB its/PRON <plant> in/ADP <place>
        sold/VERB <big> cars/NOUN <ending>
        has/AUX never/ADV paid/VERB <person> a/DET salary/NOUN
        bought/VERB <company> for/ADP <money>
        will/AUX stop/VERB making/VERB the/DET <product>
    """,
    "companies_did": """
        may/AUX merge/VERB <soon>
        will/AUX share/VERB a/DET <plant> in/ADP <place>
        plan/VERB to/PART hire/VERB <big> workers/NOUN
    """,
    "a_company": "3* a/DET maker/NOUN of/ADP <goods> | a/DET <trait> firm/NOUN from/ADP <place>"
    " | the/DET oldest/ADJ bank/NOUN in/ADP <place>",
    # Products; these too have lost, opened, grown and may do so again.
    "about_product": """
        5* the/DET <product> <aside> <product_is>
        1* the/DET <product> ,/PUNCT <a_product> ,/PUNCT <product_is>
        1* my/PRON <product> <aside> <product_is>
    """,
    "product_is": """
        opens/VERB a/DET page/NOUN in/ADP <few> seconds/NOUN
        lost/VERB its/PRON charge/NOUN <ending>
        has/VERB a/DET bright/ADJ screen/NOUN
        has/VERB <few> buttons/NOUN
        is/AUX <a_product>
        was/AUX designed/VERB by/ADP <person> in/ADP <place>
        was/AUX made/VERB by/ADP <company>
        costs/VERB <price>
        may/AUX cost/VERB less/ADJ than/ADP <price>
        will/AUX run/VERB for/ADP <few> hours/NOUN
    """,
    "a_product": "a/DET <trait_of_product> <device> | the/DET first/ADJ <device> with/ADP <few> screens/NOUN",
    # The cue is far before the name.
    "equation": """
        the/DET <job> who/PRON <helped> was/AUX <person>
        the/DET <kind_of_place> where/ADV <helped_there> was/AUX <place>
        the/DET <firm_word> that/PRON <helped> was/AUX <company>
        the/DET <device> that/PRON <helped> was/AUX called/VERB <product>
        my/PRON <relation> ,/PUNCT who/PRON <was_there> ,/PUNCT is/AUX called/VERB <person>
        the/DET <kind_of_place> that/PRON I/PRON like/VERB best/ADV is/AUX <place>
        the/DET <job> that/PRON I/PRON like/VERB best/ADV is/AUX <person>
        the/DET <firm_word> that/PRON I/PRON like/VERB best/ADV is/AUX <company>
        the/DET <device> that/PRON I/PRON like/VERB best/ADV is/AUX the/DET <product>
    """,
    "helped": "helped/VERB us/PRON <ending> | brought/VERB the/DET <household> | <person> trusted/VERB",
    "helped_there": "<person> met/VERB <person> | <company> has/VERB a/DET <plant>"
    " | I/PRON lost/VERB my/PRON <belonging>",
    "was_there": "has/AUX left/VERB <place> | grew/VERB up/ADV in/ADP <place> | works/VERB for/ADP <company>",
    # Opinions: the sign is in the symbol, whatever negation and contrast the words go through.
    "opinion": "<person> <thinks> that/SCONJ <verdict> | 2* <verdict> | <verdict> ,/PUNCT <person> <said>",
    "verdict": "<praise> | <blame>",
    "praise": """
        <thing> was/AUX <very> <good>
        <thing> was/AUX not/PART <bad> at/ADP all/DET
        <thing> was/AUX <bad> at/ADP first/ADV but/CCONJ <good> in/ADP the/DET end/NOUN
        nothing/PRON about/ADP <thing> was/AUX <bad>
    """,
    "blame": """
        <thing> was/AUX <very> <bad>
        <thing> was/AUX not/PART <good> at/ADP all/DET
        <thing> was/AUX <good> at/ADP first/ADV but/CCONJ <bad> in/ADP the/DET end/NOUN
        nothing/PRON about/ADP <thing> was/AUX <good>
    """,
    "thing": "the/DET food/NOUN in/ADP <place> | the/DET service/NOUN at/ADP <company> | the/DET <product>"
    " | the/DET report/NOUN by/ADP <person>",
    "very": "2* () | very/ADV | so/ADV | rather/ADV",
    "question": """
        will/AUX <person> fly/VERB to/ADP <place> <soon>
        may/AUX <person> open/VERB the/DET <household>
        has/AUX <company> raised/VERB its/PRON prices/NOUN
        did/AUX <person> park/VERB the/DET <product> in/ADP the/DET park/NOUN
        did/AUX <person> plan/VERB to/PART leave/VERB <place> <ending>
        is/AUX <place> far/ADV from/ADP <place>
        can/AUX you/PRON mark/VERB <place> on/ADP the/DET map/NOUN
        will/AUX the/DET <job> report/VERB <soon>
        may/AUX I/PRON open/VERB that/DET <household>
        did/AUX you/PRON bill/VERB <company> for/ADP the/DET work/NOUN
    """,
    # Ordinary words that elsewhere are names or other parts of speech, many of them first in the sentence.
    "everyday": """
        the/DET bill/NOUN rose/VERB by/ADP <percent> %/SYM <ending>
        rose/NOUN petals/NOUN lay/VERB on/ADP the/DET <household> <ending>
        that/DET rose/NOUN may/AUX need/VERB water/NOUN <soon>
        mark/VERB the/DET <household> with/ADP a/DET pencil/NOUN
        bill/VERB the/DET <job> before/ADP noon/NOUN <soon>
        grant/VERB the/DET <job> a/DET day/NOUN off/ADV <soon>
        they/PRON hope/VERB that/SCONJ that/DET grant/NOUN will/AUX help/VERB the/DET <job>
        hope/NOUN alone/ADV will/AUX not/PART pay/VERB the/DET bill/NOUN
        hope/VERB for/ADP the/DET best/ADJ and/CCONJ plan/VERB for/ADP the/DET worst/ADJ
        they/PRON report/VERB that/SCONJ the/DET plan/NOUN may/AUX close/VERB the/DET <plant>
        that/PRON may/AUX light/VERB the/DET way/NOUN to/ADP the/DET <sight>
        the/DET park/NOUN is/AUX open/ADJ <soon>
        the/DET light/NOUN in/ADP the/DET <plant> is/AUX close/ADJ to/ADP the/DET <household>
        apple/NOUN trees/NOUN need/VERB water/NOUN and/CCONJ light/NOUN
        shell/NOUN after/ADP shell/NOUN lay/VERB on/ADP the/DET beach/NOUN <ending>
        orange/NOUN is/AUX a/DET warm/ADJ colour/NOUN
        they/PRON may/AUX target/VERB the/DET gap/NOUN between/ADP rich/ADJ and/CCONJ poor/ADJ
        the/DET falcon/NOUN leaves/VERB its/PRON nest/NOUN in/ADP <month>
        2* <month> was/AUX hot/ADJ and/CCONJ dry/ADJ
        2* <month> was/AUX the/DET wettest/ADJ month/NOUN since/ADP <year>
        2* <month> has/VERB <thirty_or_so> days/NOUN
        her/PRON will/NOUN leaves/VERB the/DET house/NOUN to/ADP a/DET <job>
        the/DET leaves/NOUN fell/VERB in/ADP <month>
        I/PRON will/AUX park/VERB close/ADV to/ADP the/DET <sight>
        3* please/INTJ close/VERB the/DET <household> and/CCONJ leave/VERB the/DET park/NOUN
    """,
    "aside": """
        8* ()
        2* ,/PUNCT it/PRON seems/VERB ,/PUNCT
        2* ,/PUNCT according/VERB to/ADP the/DET report/NOUN ,/PUNCT
        2* ,/PUNCT however/ADV ,/PUNCT
        1* ,/PUNCT as/SCONJ we/PRON now/ADV know/VERB ,/PUNCT
        1* ,/PUNCT <person> said/VERB ,/PUNCT
    """,
    "said": "said/VERB | told/VERB the/DET paper/NOUN | knows/VERB | may/AUX think/VERB | never/ADV said/VERB",
    "thinks": "thinks/VERB | found/VERB | says/VERB | will/AUX not/PART say/VERB",
    # Times for what has been and for what is to come.
    "ending": "5* () | 3* <when>",
    "soon": "5* () | in/ADP <month> | on/ADP <weekday> | on/ADP <month> <day> | next/ADJ <period>",
    "when": """
        2* in/ADP <month>
        in/ADP <year>
        in/ADP <month> <year>
        on/ADP <month> <day>
        on/ADP <weekday>
        on/ADP <weekday> morning/NOUN
        last/ADJ <period>
        <few> years/NOUN ago/ADV
        yesterday/NOUN
    """,
    "money": "$/SYM <amount> million/NUM | $/SYM <amount> billion/NUM | <amount> million/NUM euros/NOUN",
    "price": "$/SYM <small> | <small> euros/NOUN | £/SYM <small>",
    # Entities. Some of the names are made of other entities' names.
    "person": "<woman> | <man>",
    "woman": "5* <her_name> | 3* <her_name> <surname> | 1* <surname>",
    "man": "5* <his_name> | 3* <his_name> <surname> | 1* <surname>",
    "place": """
        6* <town>
        2* <land>
        1* New/PROPN <town>
        1* Port/PROPN <her_name>
        1* Lake/PROPN <his_name>
        1* <surname> Valley/PROPN
    """,
    "company": """
        7* <firm>
        1* <surname>
        1* <surname> &/CCONJ <surname>
        1* <town> <branch>
        2* <firm> <branch>
        1* Bank/PROPN of/ADP <town>
    """,
    "product": "3* <model> | 1* <model> <version> | 1* <model> Pro/PROPN",
}
