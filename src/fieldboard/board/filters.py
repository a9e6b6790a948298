"""What a filter of the queue and of the columns says, and whether a row passes it.

A filter is words that must all be found. A plain word is looked for in number, title, customer,
address, skills and territory; `skill:gas`, `prio:urgent`, `terr:north`, `cust:okafor`, `tech:dai` look
in one place; `unassigned`, `unscheduled`, `draft` and `new` are states. Quotes keep words together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

from fieldboard.domain.named import NamedTuple
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from fieldboard.domain.technician import Technician
from fieldboard.domain.value_class import value_class
from fieldboard.domain.visit import PlannedVisit
from fieldboard.text import ELLIPSIS, cell_width

PLACES: Final = {
    "skill": "skill",
    "prio": "prio",
    "priority": "prio",
    "terr": "terr",
    "territory": "terr",
    "cust": "cust",
    "customer": "cust",
    "tech": "tech",
    "technician": "tech",
    "addr": "addr",
    "address": "addr",
    "day": "day",
}
"""The words before a colon, and the place that each means."""

STATES: Final = ("unassigned", "unscheduled", "draft")
"""Words that mean a state of a queue row."""


class Term(NamedTuple):
    """One condition: `place` is '' for a plain word and `state` for a state."""

    place: str
    text: str


@value_class
class Filter:
    """What is shown: `text` of the queue, `columns` of the board (both as typed)."""

    text: str = ""
    columns: str = ""

    @property
    def terms(self) -> tuple[Term, ...]:
        """The conditions on queue rows."""
        return parse(self.text)

    @property
    def column_terms(self) -> tuple[Term, ...]:
        """The conditions on technicians."""
        return parse(self.columns)

    def __bool__(self) -> bool:
        """Whether anything is kept from sight."""
        return bool(self.terms or self.column_terms)


@lru_cache(maxsize=256)
def parse(text: str) -> tuple[Term, ...]:
    """The conditions that a text means. Nothing is an error: what is no place is a plain word."""
    terms: list[Term] = []
    for word in _words(text.lower()):
        place, colon, rest = word.partition(":")
        if colon and place in PLACES:
            if rest:
                terms.append(Term(PLACES[place], rest))
        elif word in STATES:
            terms.append(Term("state", word))
        else:
            terms.append(Term("", word))
    return tuple(terms)


def brief(text: str, room: int, more: str = ELLIPSIS) -> str:
    """A filter as it was typed, in at most so many cells: whole conditions, then `more`; or nothing."""
    words = re.findall(r'(?:"[^"]*"?|[^\s"])+', text)
    for count in range(len(words), 0, -1):
        said = " ".join(words[:count] if count == len(words) else [*words[:count], more])
        if cell_width(said) <= room:
            return said
    return ""


def key_of(visit: PlannedVisit) -> str:
    """Everything in which a plain word is looked for, in lower case."""
    return "\n".join(
        (
            visit.number,
            visit.title,
            visit.customer,
            visit.address,
            *visit.skills,
            visit.territory or "",
        )
    ).lower()


def narrows(new: tuple[Term, ...], old: tuple[Term, ...]) -> bool:
    """Whether every row that passes `new` passes `old` too, so that `old`'s rows are enough to look at."""
    return all(
        any(one == other or (one.place == other.place and _within(other, one)) for one in new)
        for other in old
    )


def flags(term: Term, rows: Sequence[PlannedVisit]) -> list[bool]:
    """For each row whether it passes a term that is no plain word.

    Rows share few skills, priorities and territories: each value is tested once.
    """
    field, test = _test(term)
    known = _Known(test)
    return [known[value] for value in map(itemgetter(_FIELDS.index(field)), rows)]


def passes(terms: tuple[Term, ...], visit: PlannedVisit) -> bool:
    """Whether one queue row passes all terms."""
    key = key_of(visit)
    for term in terms:
        if term.place:
            field, test = _test(term)
            if not test(getattr(visit, field)):
                return False
        elif term.text not in key:
            return False
    return True


def shows_technician(terms: tuple[Term, ...], technician: Technician) -> bool:
    """Whether a technician passes the filter of the columns."""
    return all(_technician_passes(term, technician) for term in terms)


def _within(outer: Term, inner: Term) -> bool:
    # States and priorities are whole words: a part of one is another condition.
    return outer.place not in ("state", "prio") and outer.text in inner.text


def _words(text: str) -> list[str]:
    words: list[str] = []
    word, quoted = "", False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif character.isspace() and not quoted:
            if word:
                words.append(word)
            word = ""
        else:
            word += character
    return [*words, word] if word else words


class _Known(dict[Any, bool]):
    """The outcome of a test by value, worked out when it is first asked for."""

    def __init__(self, test: Callable[[Any], bool]) -> None:
        super().__init__()
        self._test = test

    def __missing__(self, value: Any) -> bool:
        outcome = self[value] = self._test(value)
        return outcome


# A test takes the value of its field, whatever type that has.
_Test = tuple[str, Callable[[Any], bool]]


def _test(term: Term) -> _Test:
    """The field of a row that a term is about, and the test of its value."""
    text = term.text
    match term.place:
        case "skill":
            return "skills", lambda skills: any(text in skill.lower() for skill in skills)
        case "prio":
            wanted = {one for one in Priority if one.word.startswith(text)}
            return "priority", lambda priority: priority in wanted
        case "terr":
            return "territory", lambda territory: text in (territory or "").lower()
        case "cust":
            return "customer", lambda customer: text in customer.lower()
        case "addr":
            return "address", lambda address: text in address.lower()
        case "tech":
            return "technician_ids", lambda crew: any(text in one.lower() for one in crew)
        case "day":
            return "date", lambda day: day is not None and day.isoformat().startswith(text)
        case _:
            return _STATES[text]


_FIELDS: Final = PlannedVisit._fields

_STATES: Final[dict[str, _Test]] = {
    "unassigned": ("technician_ids", lambda crew: not crew),
    "unscheduled": ("start", lambda start: start is None),
    "draft": ("job_status", lambda status: status is Status.DRAFT),
}


def _technician_passes(term: Term, technician: Technician) -> bool:
    match term.place:
        case "skill":
            return any(term.text in skill.lower() for skill in technician.skills)
        case "terr":
            return term.text in (technician.territory or "").lower()
        case "" | "tech":
            return term.text in technician.name.lower() or term.text in technician.id.lower()
        case _:
            return True
