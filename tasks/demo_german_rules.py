"""How the demo world is said in German: for each alternative in `demo_grammar.RULES` its wording, in the same order.

Words stand as they are; `<place>` is the wording of the slot of that symbol, `<place#2>` of the second one. `a | b | c`
is a predicate: its finite verb, what stands in the middle, and what closes the clause; main clauses, questions and
subordinate clauses order them differently. `a = b` is a subject and its predicate.

Behind a colon stands the form that a slot takes, parts joined by points: a determiner (`def`, `indef`, `this`, `my`,
`his`, `her`, `none`), a case (`nom`, `acc`, `dat`), `G` (the gender that the subject's name tells, handed on), `sub` (a
predicate as in a subordinate clause). `<trait+job:indef.nom>` is a noun with an adjective, `<'zweit+plant:…>` one with
an adjective of its own. `REL.nom` is the relative pronoun of the gender handed on.
"""

from __future__ import annotations

GERMAN_RULES = {
    "sentence": """
        <statement:main> .
        <opening> <news:inverted> .
        <person> <said:main> , dass <statement:sub> .
        <question> ?
        <everyday> .
        <opinion> .
    """,
    "opening": """
        wie <person> <when> sagte ,
        wie wir <when> hörten ,
        im Bericht vom <month>
        tatsächlich
    """,
    "about_woman": """
        <woman> = <aside> <person_did:G>
        <woman> = <aside> <her_doing>
        <woman> , <a_person:G> , = <person_did:G>
        <woman> , REL.nom <person_did:G.sub> , = <her_doing>
        <woman> und <man> = <both_did>
    """,
    "about_man": """
        <man> = <aside> <person_did:G>
        <man> = <aside> <his_doing>
        <man> , <a_person:G> , = <person_did:G>
        <man> , REL.nom <person_did:G.sub> , = <his_doing>
    """,
    "person_did": """
        hat | <ending> <household:def.acc> | geöffnet
        hat | <ending> <household:indef.acc> | verloren
        hat | <few> <relative> |
        hat | eine schlimme Erkältung |
        ist | <a_person:G> |
        ist | <thirty_or_so> Jahre alt |
        wurde | <ending> in <place> | geboren
        war | <ending> müde und <mood> |
        war | <ending> krank |
        ist | in <place> | aufgewachsen
        wird | <soon> vielleicht <person> | heiraten
        wird | <soon> nach <place> | fliegen
        hat | nie <product:def.acc> | gefahren
        wird | <soon> vielleicht <place> und <sight:his.acc> | besuchen
        ist | <ending> von <place> nach <place#2> | gelaufen
        hat | sich <ending> bei <company> um eine Stelle | beworben
        arbeitet | bei <company> als <a_person:G> |
        hat | <ending> in <place> <product:indef.acc> | gekauft
        hat | <ending> <place> mit dem Zug | verlassen
        hat | <ending> <company> für eine bessere Stelle | verlassen
        hat | <ending> <person> | angerufen
        hat | <ending> das Haus in <place> an <job:indef.acc> | verkauft
    """,
    "her_doing": """
        hat | <ending> <belonging:her.acc> | verloren
        hat | sich <ending> <limb:def.acc> | gebrochen
        wird | <soon> ihr Testament | ändern
        hat | <ending> <man> und <relative:his.acc> | besucht
        hat | <ending> <product:her.acc> an <job:indef.acc> | verkauft
    """,
    "his_doing": """
        hat | <ending> <belonging:his.acc> | verloren
        hat | sich <ending> <limb:def.acc> | gebrochen
        wird | <soon> sein Testament | ändern
        hat | <ending> <woman> und <relative:her.acc> | besucht
        hat | <ending> <product:his.acc> an <job:indef.acc> | verkauft
    """,
    "both_did": """
        haben | sich <ending> in <place> | getroffen
        haben | <ending> | geheiratet
        sind | gute Freunde |
    """,
    "a_person": """
        <job:indef.nom.G>
        <job:indef.nom.G> aus <place>
        <trait+job:indef.nom.G>
        <mayor:def.nom.G> von <place>
    """,
    "about_place": """
        <place> = <aside> <place_is>
        <place> , <a_place> , = <place_is>
        <place> , wo <person> geboren wurde , = <place_is>
        <place> und <place#2> = sind | <small> Kilometer voneinander | entfernt
    """,
    "place_is": """
        hat | <ending> <sight:his.acc> für Besucher | geöffnet
        hat | <ending> <few> Brücken durch die Flut | verloren
        hat | milde Winter |
        hat | <big> Einwohner |
        hat | <few> Flüsse und <sight:indef.acc> |
        ist | <a_place> |
        liegt | nahe an der Grenze |
        wurde | <ending> | überflutet
        war | heiß und voller Touristen |
        ist | von einem Dorf zu einer Großstadt | gewachsen
        liegt | vielleicht nördlich von <place> |
        liegt | zwischen <place> und <place#2> |
        wird | <soon> Regen | bekommen
    """,
    "a_place": """
        <kind_of_place:indef.nom> an der Küste
        <trait_of_place+kind_of_place:indef.nom>
        die Hauptstadt des Nordens
        eine kurze Fahrt von <place> entfernt
    """,
    "about_company": """
        <company> = <aside> <company_did>
        <company> , <a_company> , = <company_did>
        <company> , die <company_did:sub> , = <company_did#2>
        <company> und <company#2> = <aside> <companies_did>
    """,
    "company_did": """
        hat | in <place> <'zweit+plant:indef.acc> | eröffnet
        hat | <ending> <money> | verloren
        hat | <big> Beschäftigte |
        ist | <a_company> |
        ist | <money> wert |
        wurde | <ending> von <company> für <money> | gekauft
        musste | <money> Strafe | zahlen
        ist | <ending> um <percent> % | gewachsen
        wird | vielleicht <big> Beschäftigte | einstellen
        wird | die Preise um <percent> % | erhöhen
        wird | <plant:her.acc> in <place> | schließen
        hat | <ending> <big> Autos | verkauft
        hat | <person> nie ein Gehalt | gezahlt
        hat | <company> für <money> | gekauft
        wird | <product:def.acc> nicht mehr | bauen
    """,
    "companies_did": """
        werden | <soon> vielleicht | fusionieren
        werden | sich <plant:indef.acc> in <place> | teilen
        planen | <big> Beschäftigte | einzustellen
    """,
    "a_company": """
        ein Hersteller von <goods:none.dat>
        <trait+'Firma:indef.nom> aus <place>
        die älteste Bank in <place>
    """,
    "about_product": """
        <product:def.nom> = <aside> <product_is>
        <product:def.nom> , <a_product> , = <product_is>
        <product:my.nom> = <aside> <product_is>
    """,
    "product_is": """
        öffnet | eine Seite in <few> Sekunden |
        hat | <ending> seine Ladung | verloren
        hat | einen hellen Bildschirm |
        hat | <few> Knöpfe |
        ist | <a_product> |
        wurde | von <person> in <place> | entworfen
        wurde | von <company> | hergestellt
        kostet | <price> |
        kostet | vielleicht weniger als <price> |
        wird | <few> Stunden lang | laufen
    """,
    "a_product": """
        <trait_of_product+device:indef.nom>
        <'erst+device:def.nom> mit <few> Bildschirmen
    """,
    "equation": """
        <job:def.nom> , <helped:G> , = war | <person> |
        <kind_of_place:def.nom> , wo <helped_there> , = war | <place> |
        <firm_word:def.nom> , <helped:G> , = war | <company> |
        <device:def.nom> , <helped:G> , = hieß | <product> |
        <relation:my.nom> , <was_there:G> , = heißt | <person> |
        <kind_of_place:def.nom> , REL.acc ich am liebsten mag , = ist | <place> |
        <job:def.nom> , REL.acc ich am liebsten mag , = ist | <person> |
        <firm_word:def.nom> , REL.acc ich am liebsten mag , = ist | <company> |
        <device:def.nom> , REL.acc ich am liebsten mag , = ist | <product:def.nom> |
    """,
    "helped": """
        REL.nom uns <ending> geholfen hat
        REL.nom <household:def.acc> gebracht hat
        REL.dat <person> vertraut hat
    """,
    "helped_there": """
        <person> <person#2> getroffen hat
        <company> <plant:indef.acc> hat
        ich <belonging:my.acc> verloren habe
    """,
    "was_there": """
        REL.nom <place> verlassen hat
        REL.nom in <place> aufgewachsen ist
        REL.nom bei <company> arbeitet
    """,
    "opinion": """
        <person> <thinks:main> , dass <verdict:sub>
        <verdict:main>
        <verdict:main> , <said:finite> <person> <said:rest>
    """,
    "praise": """
        <thing:nom> = war | <very> <good> |
        <thing:nom> = war | überhaupt nicht <bad> |
        <thing:nom> = war | zuerst <bad> , aber am Ende <good> |
        nichts an <thing:dat> = war | <bad> |
    """,
    "blame": """
        <thing:nom> = war | <very> <bad> |
        <thing:nom> = war | überhaupt nicht <good> |
        <thing:nom> = war | zuerst <good> , aber am Ende <bad> |
        nichts an <thing:dat> = war | <good> |
    """,
    "thing": """
        <'Essen:def.CASE> in <place>
        <'Service:def.CASE> bei <company>
        <product:def.CASE>
        <'Bericht:def.CASE> von <person>
    """,
    "very": "| sehr | so | ziemlich",
    "question": """
        wird <person> <soon> nach <place> fliegen
        darf <person> <household:def.acc> öffnen
        hat <company> ihre Preise erhöht
        hat <person> <product:def.acc> im Park geparkt
        hat <person> <ending> geplant , <place> zu verlassen
        ist <place> weit von <place#2> entfernt
        kannst du <place> auf der Karte markieren
        wird <job:def.nom> <soon> berichten
        darf ich <household:this.acc> öffnen
        hast du <company> eine Rechnung für die Arbeit geschickt
    """,
    "everyday": """
        die Rechnung ist <ending> um <percent> % gestiegen
        Rosenblätter lagen <ending> auf <household:def.dat>
        diese Rose braucht <soon> vielleicht Wasser
        markiere <household:def.acc> mit einem Bleistift
        schicke <job:def.dat> <soon> vor Mittag eine Rechnung
        gib <job:def.dat> <soon> einen Tag frei
        sie hoffen , dass dieser Zuschuss <job:def.dat> helfen wird
        Hoffnung allein wird die Rechnung nicht bezahlen
        hoffe auf das Beste und plane für das Schlimmste
        sie berichten , dass der Plan vielleicht <plant:def.acc> schließt
        das beleuchtet vielleicht den Weg zu <sight:def.dat>
        der Park ist <soon> offen
        das Licht in <plant:def.dat> ist nahe an <household:def.dat>
        Apfelbäume brauchen Wasser und Licht
        Muschel um Muschel lag <ending> am Strand
        Orange ist eine warme Farbe
        sie zielen vielleicht auf die Kluft zwischen Arm und Reich
        der Falke verlässt im <month> sein Nest
        der <month> war heiß und trocken
        der <month> war der nasseste Monat seit <year>
        der <month> hat <thirty_or_so> Tage
        ihr Testament vermacht <job:indef.dat> das Haus
        die Blätter fielen im <month>
        ich werde nahe an <sight:def.dat> parken
        bitte schließe <household:def.acc> und verlasse den Park
    """,
    "aside": """
        |
        , wie es scheint ,
        laut dem Bericht
        jedoch
        , wie wir jetzt wissen ,
        , so <person> ,
    """,
    "said": """
        sagte | |
        erzählte | der Zeitung |
        weiß | |
        denkt | vielleicht |
        sagte | nie |
    """,
    "thinks": """
        denkt | |
        fand | |
        sagt | |
        wird | nicht | sagen
    """,
    "soon": "| im <month> | am <weekday> | am <day> . <month> | <period:next>",
    "when": """
        im <month>
        <year>
        im <month> <year>
        am <day> . <month>
        am <weekday>
        am <weekday>morgen
        <period:last>
        vor <few> Jahren
        gestern
    """,
    "money": "<amount> Millionen Dollar | <amount> Milliarden Dollar | <amount> Millionen Euro",
    "price": "<small> Dollar | <small> Euro | <small> Pfund",
}
"""Symbol to wordings. A symbol that is missing hands on its only slot's wording, or is a name."""

# By symbol: English word, German noun, gender (m, f, n; p: plural alone), and the feminine's noun where it differs.
# Those under ' are named in the rules themselves.
NOUNS = {
    "job": "nurse Krankenpfleger m Krankenpflegerin; teacher Lehrer m Lehrerin; driver Fahrer m Fahrerin; "
    "doctor Arzt m Ärztin; writer Schriftsteller m Schriftstellerin; singer Sänger m Sängerin; "
    "lawyer Anwalt m Anwältin; painter Maler m Malerin; baker Bäcker m Bäckerin; farmer Landwirt m Landwirtin; "
    "judge Richter m Richterin; pilot Flieger m Fliegerin",
    "mayor": "mayor Bürgermeister m Bürgermeisterin",
    "relation": "sister Schwester f; brother Bruder m; neighbour Nachbar m; cousin Cousin m; daughter Tochter f; "
    "son Sohn m; friend Freund m",
    "relative": "sisters Schwestern p; brothers Brüder p; children Kinder p; cousins Cousins p; daughters Töchter p; "
    "sons Söhne p",
    "household": "letter Brief m; window Fenster n; door Tür f; box Schachtel f; bottle Flasche f; book Buch n; "
    "table Tisch m",
    "belonging": "keys Schlüssel p; glasses Brille f; wallet Brieftasche f; passport Pass m; phone Telefon n; "
    "ticket Fahrkarte f",
    "limb": "arm Arm m; leg Bein n; hand Hand f; foot Fuß m; wrist Handgelenk n",
    "kind_of_place": "port Hafenstadt f; town Stadt f; village Dorf n; city Großstadt f; resort Kurort m",
    "sight": "harbour Hafen m; castle Burg f; museum Museum n; bridge Brücke f; market Markt m",
    "firm_word": "company Unternehmen n; firm Firma f; bank Bank f; airline Fluggesellschaft f",
    "plant": "plant Werk n; factory Fabrik f; office Büro n; shop Laden m",
    "goods": "cars Autos p; phones Telefone p; pumps Pumpen p; shoes Schuhe p; engines Motoren p; toys Spielsachen p",
    "device": "phone Telefon n; car Auto n; camera Kamera f; tablet Tablet n; scooter Roller m",
    "'": "Firma Firma f; Essen Essen n; Service Service m; Bericht Bericht m",
}
# English word to German, for symbols whose alternatives are single words.
WORDS_IN_GERMAN = {
    "month": "January Januar; February Februar; March März; April April; May Mai; June Juni; July Juli; August August; "
    "September September; October Oktober; November November; December Dezember",
    "weekday": "Monday Montag; Tuesday Dienstag; Wednesday Mittwoch; Thursday Donnerstag; Friday Freitag; "
    "Saturday Samstag; Sunday Sonntag",
    "few": "two zwei; three drei; four vier; five fünf",
    "mood": "hungry hungrig; happy glücklich; sad traurig; angry wütend; late spät",
    "trait": "young jung; famous berühmt; rich reich; modest bescheiden; small klein",
    "trait_of_place": "quiet ruhig; pretty hübsch; dull langweilig; coastal küstennah; medieval mittelalterlich",
    "trait_of_product": "fast schnell; light leicht; cheap billig; noisy laut; sturdy robust",
    "good": "good gut; great großartig; fine fein; lovely schön; brilliant brillant",
    "bad": "bad schlecht; poor dürftig; awful furchtbar; terrible schrecklich; dreadful grauenhaft",
    "place": "Jordan Jordanien; Chad Tschad; Georgia Georgien; Florence Florenz; Lisbon Lissabon; Vienna Wien; "
    "Prague Prag; Norway Norwegen; Kenya Kenia; Brazil Brasilien; Canada Kanada; Ireland Irland; Austria Österreich; "
    "Poland Polen; Morocco Marokko",
}

# what comes, and what has been
PERIODS = {
    "week": ("nächste Woche", "letzte Woche"),
    "month": ("nächsten Monat", "letzten Monat"),
    "year": ("nächstes Jahr", "letztes Jahr"),
    "summer": ("nächsten Sommer", "letzten Sommer"),
    "winter": ("nächsten Winter", "letzten Winter"),
}
