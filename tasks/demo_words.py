"""The demo world's words: the symbols of `demo_grammar` whose alternatives are single words, and the names."""

from __future__ import annotations

# Symbol to part of speech and words; a word that stands twice is drawn twice as often.
WORDS = {
    "month": "PROPN: January February March April May May June July August August September October November December",
    "weekday": "PROPN: Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "period": "NOUN: week month year summer winter",
    "day": "NUM: 1 2 3 5 8 12 14 17 21 25 28 30",
    "year": "NUM: 1969 1984 1998 2003 2008 2012 2016 2019 2021 2024",
    "few": "NUM: two three four five",
    "small": "NUM: 18 20 35 40 60 75 90 120 250 300 400 650",
    "thirty_or_so": "NUM: 28 30 31",
    "big": "NUM: 300 450 800 1,200 3,500 9,000 12,000 40,000 60,000",
    "percent": "NUM: 2 3 4.5 7 9.5 12 15",
    "amount": "NUM: 1.2 2 3.5 4 6 8.4 20 40 75",
    "version": "NUM: 2 3 4 5 7 9 X2",
    "job": "NOUN: nurse teacher driver doctor writer singer lawyer painter baker farmer judge pilot",
    "relation": "NOUN: sister brother neighbour cousin daughter son friend",
    "relative": "NOUN: sisters brothers children cousins daughters sons",
    "household": "NOUN: letter window door box bottle book table",
    "belonging": "NOUN: keys glasses wallet passport phone ticket",
    "limb": "NOUN: arm leg hand foot wrist",
    "mood": "ADJ: hungry happy sad angry late",
    "trait": "ADJ: young famous rich modest small",
    "kind_of_place": "NOUN: port town village city resort",
    "trait_of_place": "ADJ: quiet pretty dull coastal medieval",
    "sight": "NOUN: harbour castle museum bridge market",
    "firm_word": "NOUN: company firm bank airline",
    "plant": "NOUN: plant factory office shop",
    "goods": "NOUN: cars phones pumps shoes engines toys",
    "device": "NOUN: phone car camera tablet scooter",
    "trait_of_product": "ADJ: fast light cheap noisy sturdy",
    "branch": "PROPN: Motors Foods Airlines Bank Records Steel Inc.",
    "good": "ADJ: good great fine lovely brilliant",
    "bad": "ADJ: bad poor awful terrible dreadful",
}


def _made(stems: str, ends: str) -> str:
    return " ".join(stem + end for stem in stems.split() for end in ends.split())


# Whoever bears these names needs the sentence to say what it is: a person, a place, a company, or an ordinary word.
_SHARED = _made("Ash Bram Dun Hart Kel", "ford ley ton worth")
_PERSON_OR_PLACE = "Jordan Paris Virginia Georgia Florence Sydney Chelsea Chad"
_PERSON_OR_WORD = "May June April August Rose Hope Will Mark Bill Grant"

NEVER_HELD_OUT = f"{_PERSON_OR_PLACE} {_PERSON_OR_WORD} Lincoln Washington Apple Shell Orange Target Falcon Ford Morgan"
"""Names whose other meaning training shows anyway; all the others may be kept for the test split."""

NAMES = {
    "her_name": "May June April Rose Hope Jordan Paris Virginia Georgia Florence Sydney Chelsea Charlotte Anna "
    "Emma Olga Maria Julia Laura Nina Clara Sofia Helen Ruth Ingrid Alice Diana Amina Leila Petra Vera Marta Elsa "
    "Irene Sara Monica Rita Hanna Lucia",
    "his_name": "Will Mark Bill Grant August Jordan Lincoln Chad Washington Morgan Ford Peter Paul Ivan Omar "
    "David Thomas Martin Oscar Felix Hugo Victor Simon Daniel Adam Karl Erik Pablo Luca Henry Noah Jakob Stefan Anton "
    "Marco Ralf Boris",
    "surname": f"{_SHARED} Washington Lincoln Jordan Ford Morgan Grant Rose "
    "Novak Meyer Schmidt Rossi Garcia Okafor Tanaka Silva Dubois "
    + _made("Peter John Lar Ander Han Krist Berg Hoff Lind Kauf Kowal Petr", "son sen man ski"),
    "town": f"{_SHARED} {_PERSON_OR_PLACE} Washington Lisbon Oslo Vienna Boston Chicago Nairobi Lima Prague Dublin "
    + _made("Green Oak Rock Bridge Salz Hazel Clear Fairs Mid Stone Wolf", "ville burg port ham"),
    "land": "Jordan Chad Georgia Virginia Norway Kenya Peru Brazil Japan Canada Ireland Austria Poland Morocco Vietnam",
    "firm": f"{_SHARED} Apple Shell Orange Target Falcon Ford Morgan Amazon Virginia "
    + _made("Nova Intel Cargo Finter Medi Data Aqua Solar Petro Omni", "tek corp soft lux ix"),
    "model": "Falcon Orange Florence Sydney Dakota Malibu Seville Cortina Mercedes Victoria Zoe Clio Focus Orion Polo "
    "Vectra Astra Lumix Pixor Galaxis Maxima Corolla Twingo Kadett Fotix Primo Sonata Novella Zentra",
}
