"""The workbook's own words in English, German, French and Dutch.

One workbook serves all members, so each heading stands in every language of the region. A language
that is not here is passed over; English is always there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

LANGUAGES = ("en", "de", "fr", "nl")

HEADINGS: Mapping[str, tuple[str, str, str, str]] = {
    "alone": ("Alone", "Allein", "Seul", "Alleen"),
    "annuity": ("Annuity factor", "Rentenbarwertfaktor", "Facteur d’annuité", "Annuïteitenfactor"),
    "assumed": ("Assumed?", "Angenommen?", "Supposé ?", "Aangenomen?"),
    "attribution": ("Attribution", "Namensnennung", "Attribution", "Naamsvermelding"),
    "capital": ("Capital", "Investition", "Investissement", "Investering"),
    "case": ("Problem", "Problem", "Problème", "Probleem"),
    "changed": ("Changed?", "Geändert?", "Modifié ?", "Gewijzigd?"),
    "check": ("Check (must be 0)", "Kontrolle (muss 0 sein)", "Contrôle (doit être 0)", "Controle (moet 0 zijn)"),
    "coalition": ("Coalition", "Koalition", "Coalition", "Coalitie"),
    "country": ("Country", "Land", "Pays", "Land"),
    "currency": ("Currency", "Währung", "Monnaie", "Munt"),
    "deal": ("Deal", "Vereinbarung", "Accord", "Afspraak"),
    "delta": (
        "It gains if the rest stay together", "Ihr Gewinn, wenn die übrigen zusammenbleiben",
        "Son gain si les autres restent ensemble", "Haar winst als de rest samenblijft",
    ),
    "discount_rate": ("Discount rate", "Diskontsatz", "Taux d’actualisation", "Discontovoet"),
    "factor": ("Discount factor", "Abzinsungsfaktor", "Coefficient d’actualisation", "Disconteringsfactor"),
    "file": ("File", "Datei", "Fichier", "Bestand"),
    "fiscal_year": ("Fiscal year starts", "Haushaltsjahr ab", "Début de l’exercice", "Begrotingsjaar vanaf"),
    "gain": ("Gain together", "Gewinn gemeinsam", "Gain ensemble", "Winst samen"),
    "gamma": (
        "It gains if the rest fall apart", "Ihr Gewinn, wenn die übrigen zerfallen",
        "Son gain si les autres se séparent", "Haar winst als de rest uiteenvalt",
    ),
    "gets": ("The division gives it", "Die Aufteilung gibt ihr", "Le partage lui donne", "De verdeling geeft haar"),
    "high": ("High", "Hoch", "Haut", "Hoog"),
    "holders": ("Competence", "Zuständigkeit", "Compétence", "Bevoegdheid"),
    "id": ("Identifier", "Kennung", "Identifiant", "Kenmerk"),
    "kind": ("Kind", "Art", "Type", "Soort"),
    "least": ("Strongest objection", "Stärkster Einwand", "Objection la plus forte", "Sterkste bezwaar"),
    "licence": ("Licence", "Lizenz", "Licence", "Licentie"),
    "line": ("Line", "Zeile", "Ligne", "Regel"),
    "low": ("Low", "Niedrig", "Bas", "Laag"),
    "measure": ("Measure", "Maßnahme", "Mesure", "Maatregel"),
    "member": ("Member", "Mitglied", "Membre", "Lid"),
    "municipalities": ("Municipalities", "Gemeinden", "Communes", "Gemeenten"),
    "name": ("Name", "Name", "Nom", "Naam"),
    "note": ("Note", "Anmerkung", "Remarque", "Opmerking"),
    "own_division": ("Your own division", "Eigene Aufteilung", "Votre propre partage", "Uw eigen verdeling"),
    "own_gain": (
        "Gain if nobody pays", "Gewinn ohne Ausgleich", "Gain sans compensation", "Winst zonder verrekening",
    ),
    "payment": (
        "Payment (+ receives)", "Ausgleich (+ erhält)", "Paiement (+ reçoit)", "Verrekening (+ ontvangt)",
    ),
    "payment_year": ("Payment a year", "Ausgleich im Jahr", "Paiement annuel", "Verrekening per jaar"),
    "population": ("Population", "Einwohner", "Habitants", "Inwoners"),
    "present_cost": (
        "Present cost, all in", "Barwert der Kosten", "Coût actualisé total", "Contante waarde van de kosten",
    ),
    "present_value": ("Present value", "Barwert", "Valeur actuelle", "Contante waarde"),
    "read": ("Read", "Gelesen", "Lus", "Gelezen"),
    "refused": ("Refused", "Abgelehnt", "Refusés", "Geweigerd"),
    "remaining": (
        "Left at the end (deducted)", "Restwert am Ende (abgezogen)",
        "Valeur résiduelle (déduite)", "Restwaarde aan het einde (afgetrokken)",
    ),
    "rule": ("Rule", "Regel", "Règle", "Regel"),
    "share": ("Share", "Anteil", "Part", "Aandeel"),
    "source": ("Source", "Quelle", "Source", "Bron"),
    "sum": ("Sum", "Summe", "Somme", "Som"),
    "together": ("Together", "Gemeinsam", "Ensemble", "Samen"),
    "unit": ("Unit", "Einheit", "Unité", "Eenheid"),
    "upkeep": ("Upkeep", "Unterhalt", "Entretien", "Onderhoud"),
    "used": ("Used", "Verwendet", "Utilisés", "Gebruikt"),
    "value": ("Value", "Wert", "Valeur", "Waarde"),
    "would_gain_delta": (
        "Leaving brings it (rest together)", "Austritt bringt ihr (Rest zusammen)",
        "Partir lui rapporte (reste uni)", "Vertrek levert haar op (rest samen)",
    ),
    "would_gain_gamma": (
        "Leaving brings it (rest apart)", "Austritt bringt ihr (Rest einzeln)",
        "Partir lui rapporte (reste séparé)", "Vertrek levert haar op (rest apart)",
    ),
    "years": ("Years", "Jahre", "Années", "Jaren"),
}  # fmt: skip

RULES: Mapping[str, tuple[str, str, str, str]] = {
    "shapley": ("Shapley value", "Shapley-Wert", "Valeur de Shapley", "Shapley-waarde"),
    "nucleolus": ("Nucleolus", "Nukleolus", "Nucléole", "Nucleolus"),
    "equal": ("Equal parts", "Gleiche Teile", "Parts égales", "Gelijke delen"),
    "benefit": ("By benefit", "Nach Nutzen", "Selon l’avantage", "Naar baat"),
    "population": ("By population", "Nach Einwohnern", "Selon la population", "Naar inwonertal"),
    "ability": ("By ability to pay", "Nach Leistungskraft", "Selon la capacité", "Naar draagkracht"),
}

READ_ME: Mapping[str, Sequence[str]] = {
    "en": (
        "How to read and change this workbook",
        "Yellow cells are yours to change. On the sheet Inputs: the value of each number, and its low and high bound. "
        "On the sheet Shares: your own division of the gain.",
        "Everything else is made by the program, or is a formula over those cells: present values, payments, sums and "
        "checks follow at once. A check cell must show 0.",
        "Costs alone and together, shares by rule and what a coalition would save come from the whole appraisal. They "
        "do not follow a changed input here. Send the workbook back: the command below lists what changed.",
        "Money is in {currency} of {price_year}, years count from the decision (year 0 counts in full), over {horizon} years.",
    ),
    "de": (
        "So lesen und ändern Sie diese Mappe",
        "Gelbe Zellen dürfen Sie ändern. Auf dem Blatt Inputs: den Wert jeder Zahl und ihre untere und obere Grenze. "
        "Auf dem Blatt Shares: Ihre eigene Aufteilung des Gewinns.",
        "Alles andere schreibt das Programm, oder es ist eine Formel über diese Zellen: Barwerte, Ausgleichszahlungen, "
        "Summen und Kontrollen folgen sofort. Eine Kontrollzelle muss 0 zeigen.",
        "Die Kosten allein und gemeinsam, die Anteile nach Regel und die Ersparnis einer Koalition stammen aus der "
        "ganzen Berechnung. Sie folgen hier keiner Änderung. Senden Sie die Mappe zurück: Der Befehl unten nennt, was "
        "sich geändert hat.",
        "Geld in {currency} von {price_year}; die Jahre zählen ab der Entscheidung (Jahr 0 zählt voll), über {horizon} Jahre.",
    ),
    "fr": (
        "Comment lire et modifier ce classeur",
        "Les cellules jaunes sont à vous. Feuille Inputs : la valeur de chaque nombre et ses bornes basse et haute. "
        "Feuille Shares : votre propre partage du gain.",
        "Tout le reste vient du programme ou est une formule sur ces cellules : valeurs actuelles, paiements, sommes et "
        "contrôles suivent aussitôt. Une cellule de contrôle doit afficher 0.",
        "Les coûts seul et ensemble, les parts selon chaque règle et ce qu’une coalition économiserait viennent du "
        "calcul complet. Ils ne suivent pas une modification faite ici. Renvoyez le classeur : la commande ci-dessous "
        "énumère ce qui a changé.",
        "Montants en {currency} de {price_year} ; les années comptent depuis la décision (l’année 0 compte en entier), "
        "sur {horizon} ans.",
    ),
    "nl": (
        "Zo leest en wijzigt u deze werkmap",
        "Gele cellen mag u wijzigen. Op het blad Inputs: de waarde van elk getal en de onder- en bovengrens. Op het "
        "blad Shares: uw eigen verdeling van de winst.",
        "Al het andere schrijft het programma, of is een formule over die cellen: contante waarden, verrekeningen, "
        "sommen en controles volgen meteen. Een controlecel moet 0 tonen.",
        "De kosten alleen en samen, de aandelen per regel en wat een coalitie zou besparen komen uit de hele "
        "berekening. Ze volgen hier geen wijziging. Stuur de werkmap terug: de opdracht hieronder noemt wat er "
        "gewijzigd is.",
        "Geld in {currency} van {price_year}; jaren tellen vanaf het besluit (jaar 0 telt volledig), over {horizon} jaar.",
    ),
}  # fmt: skip


def spoken(languages: Sequence[str]) -> tuple[str, ...]:
    """Those of the languages that are here, English put first where none is.

    >>> spoken(["nl", "de"]), spoken(["ka"])
    (('nl', 'de'), ('en',))
    """
    return tuple(k for k in languages if k in LANGUAGES) or ("en",)


def heading(key: str, languages: Sequence[str]) -> str:
    """A heading in each of the languages, one a line, each wording once.

    >>> heading("member", ["de", "nl"])
    'Mitglied\\nLid'
    """
    words = RULES[key] if key in RULES else HEADINGS[key]
    return "\n".join(dict.fromkeys(words[LANGUAGES.index(k)] for k in spoken(languages)))


def pairs(first: str, second: str, languages: Sequence[str]) -> list[str]:
    """Two headings as 'first: second', one for each language.

    >>> pairs("sum", "share", ["en", "nl"])
    ['Sum: Share', 'Som: Aandeel']
    """
    places = [LANGUAGES.index(k) for k in spoken(languages)]
    return [f"{HEADINGS[first][i]}: {HEADINGS[second][i]}" for i in places]


def rule_name(rule: str, languages: Sequence[str]) -> str:
    """Name of a rule in each language, or its id where the rule is new."""
    if rule not in RULES:
        return rule
    return "\n".join(dict.fromkeys(RULES[rule][LANGUAGES.index(k)] for k in spoken(languages)))
