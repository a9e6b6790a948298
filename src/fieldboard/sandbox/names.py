"""Names of people, companies and housing associations, as a mixed city has them."""

from __future__ import annotations

import random
from collections.abc import Iterator

#: Those whom every world has first, in this order.
FIRST_TECHNICIANS: tuple[tuple[str, str], ...] = (
    ("Amara", "Diallo"),
    ("Ben", "Fischer"),
    ("Chloé", "Martin"),
    ("Dai", "Evans"),
    ("Eiko", "Tanaka"),
    ("Femi", "Balogun"),
    ("Greta", "Holm"),
    ("Hassan", "Rahimi"),
    ("Isla", "McKenzie"),
    ("Jakub", "Wójcik"),
    ("Kofi", "Mensah"),
    ("Leila", "Haddad"),
    ("Marek", "Šimůnek"),
    ("Niamh", "Doyle"),
    ("Oskar", "Lindgren"),
    ("Priyanka", "Nair"),
    ("Quentin", "Bello"),
    ("Rosa", "Ibarra"),
    ("Søren", "Krogh"),
    ("Tess", "Appleby"),
    ("Umar", "Siddiqui"),
    ("Violeta", "Núñez"),
    ("Will", "Thornton"),
)

#: Customers that every world has first: surname-led, as a dispatcher looks them up.
FIRST_CLIENTS: tuple[tuple[str, str], ...] = (
    ("Ngozi Okafor", "person"),
    ("St Brigid's Primary School", "company"),
    ("Elsa Lindqvist", "person"),
    ("Park Court Residents", "association"),
    ("Javier Ibáñez", "person"),
    ("M. Dubois", "person"),
    ("Haruki Nakamura", "person"),
    ("Harbour Flats Housing", "association"),
    ("Ingrid Årud", "person"),
    ("Tomasz Ostrowski", "person"),
    ("Inês Fonseca", "person"),
    ("Åsa Sundström", "person"),
    ("Whitaker & Sons", "company"),
    ("Paolo Rossi", "person"),
    ("Abena Osei", "person"),
    ("Łukasz Nowak", "person"),
    ("Siobhán O'Brien", "person"),
    ("Castle View Almshouses", "association"),
    ("Quayside Bakery Ltd", "company"),
    ("Dock 4 Studios", "company"),
    ("Rachel Grant", "person"),
    ("Zoë Müller-Lüdenscheidt", "person"),
)


def _words(text: str) -> list[str]:
    """The words of ``text``."""
    return text.split()


GIVEN = _words(
    "Adaeze Aidan Alma Anders Anika Anwar Astrid Aoife Beatriz Bilal Björn Bronwen Callum Camille "
    "Carys Cem Chidi Clara Dafydd Dagmar Deepa Dilys Dmitri Edith Efe Eilidh Elif Émile Emrys "
    "Esra Farah Felix Fiona Francesca Gareth Gwen Hamza Hana Hannah Henrik Ifeoma Imran Inés Ivor "
    "Jamal Jana Jasmine Joao Joyce Kasia Katrin Kenji Kwame Lars Leon Liam Lin Lola Lucia Mafalda "
    "Magnus Mai Malik Mari Mateo Mehmet Meera Mina Mirela Nadia Naoko Nils Noor Nuala Olga Olu "
    "Owen Pavel Petra Pia Rafael Rania Renée Rhys Rohan Ruth Sadia Samir Sanna Seán Shreya Sinead "
    "Stefan Sunita Tamsin Tariq Thea Tiago Tunde Ulrika Vikram Wanjiru Wen Xin Yara Yusuf Zeynep "
    "Zuzana"
)

FAMILY = _words(
    "Abara Adeyemi Ahmed Akhtar Andersson Baker Banerjee Barros Becker Bergström Blackwood "
    "Boateng Brennan Çelik Carver Castillo Chowdhury Clarke Cooper Costa Cruz Dalton Davies "
    "Delacroix Demir Dhillon Dvořák Edwards Eriksen Farouk Fernández Fletcher Ford Gallagher "
    "Garside Ghosh Gonçalves Griffiths Gupta Hakimi Halloran Hansen Harper Hughes Ito Iyer "
    "Jackson Jansen Jenkins Johansson Kamara Kaur Keane Khan Kovács Kowalski Larsen Le Lewis "
    "Lopes Mahmood Marsh Mbeki Molina Moreau Morgan Murphy Ndiaye Nguyen Nilsson Novák O'Connor "
    "O'Neill Oduya Okoro Olsen Osman Øst Page Papadakis Patel Pearce Peña Petrov Powell Pryce "
    "Qureshi Reid Rivera Roberts Rojas Rowe Ruiz Saito Sandhu Santos Schäfer Schultz Sharma Shaw "
    "Silva Sokolova Stokes Suzuki Svensson Tierney Torres Turner Uddin Vance Vasquez Virtanen "
    "Walsh Weber Wilkins Wu Yamada Yilmaz Young Zając Zhou"
)

_TRADES_OF_COMPANIES = _words(
    "Bakery Brewery Café Cycles Dental Design Florist Joinery Kitchens Laundry Motors Nursery "
    "Optics Pharmacy Physio Press Records Studios Surgery Tailors Timber Veterinary"
)
_PLACES = _words(
    "Anchor Bridgehead Cabot Canon Clocktower Corn Harbourside Kingfisher Lantern Mariner "
    "Merchant Millpond Narrow Oakfield Orchard Priory Quayside Ropewalk Spring Swan Templegate "
    "Viaduct"
)
_ASSOCIATIONS = (
    "Court Residents",
    "House Management",
    "Mews Association",
    "Homes Trust",
    "Housing Co-op",
    "Gardens Residents",
    "Almshouses",
    "Student Living",
)


def technician_names(count: int, rng: random.Random) -> list[tuple[str, str]]:
    """``count`` distinct pairs of first and last name, the well-known ones first."""
    names = list(FIRST_TECHNICIANS[:count])
    taken = set(names)
    pairs = [(given, family) for given in GIVEN for family in FAMILY]
    rng.shuffle(pairs)
    for pair in pairs:
        if len(names) >= count:
            return names
        if pair not in taken:
            names.append(pair)
    round_ = 2
    while len(names) < count:
        room = count - len(names)
        names.extend((given, f"{family} {_roman(round_)}") for given, family in pairs[:room])
        round_ += 1
    return names


def client_names(count: int, rng: random.Random) -> Iterator[tuple[str, str]]:
    """``count`` pairs of name and kind (person, company, association)."""
    for index in range(count):
        if index < len(FIRST_CLIENTS):
            yield FIRST_CLIENTS[index]
            continue
        draw = rng.random()
        if draw < 0.78:
            yield f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}", "person"
        elif draw < 0.91:
            trade = rng.choice(_TRADES_OF_COMPANIES)
            head = rng.choice(_PLACES) if rng.random() < 0.6 else rng.choice(FAMILY)
            yield f"{head} {trade}{rng.choice((' Ltd', '', ' & Co'))}", "company"
        else:
            yield f"{rng.choice(_PLACES)} {rng.choice(_ASSOCIATIONS)}", "association"


def ascii_letters(text: str) -> str:
    """``text`` in a–z alone, as mail addresses want it."""
    import unicodedata

    plain = text.lower().replace("ø", "o").replace("ł", "l").replace("ß", "ss")
    folded = unicodedata.normalize("NFKD", plain)
    return "".join(letter for letter in folded if "a" <= letter <= "z")


def _roman(number: int) -> str:
    """A small number in Roman numerals."""
    digits = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    text = ""
    for value, letters in digits:
        while number >= value:
            text += letters
            number -= value
    return text
