"""What `doctor` wants to know of a live account; nothing is written."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from datetime import date
from typing import Final

from fieldboard.backends.http import Http
from fieldboard.backends.letsjobit import identity
from fieldboard.backends.letsjobit.lists import FirstPage, Lists
from fieldboard.backends.letsjobit.passes import PAGE
from fieldboard.backends.letsjobit.reading import Read, plain_json
from fieldboard.backends.letsjobit.rules import MOST_REQUESTS
from fieldboard.backends.letsjobit.values import (
    Object,
    Unreadable,
    is_on,
    line,
    whole,
)
from fieldboard.backends.port import LineDown, Probe, TokenRefused
from fieldboard.backends.server_clock import probe_clock

_FLAGS: Final = ("closed", "confirmClose", "inProgress", "skipped")


async def probe(http: Http, lists: Lists, learned: MutableMapping[str, str]) -> Sequence[Probe]:
    """Address, key, paging, each filter, which id writes go to, the clock, the limit, how much there is."""
    try:
        first = await lists.first()
    except TokenRefused as refused:
        return (Probe("address", True, f"{http.base} answers"), Probe("token", False, str(refused)))
    except LineDown as down:
        return (Probe("address", False, str(down)),)
    found = [
        Probe("address", True, f"{http.base} answers"),
        Probe("token", True, "the API key is accepted"),
        Probe("visits", True, _told(first)),
    ]
    try:
        found.append(await _paging(lists, first))
        if first.rows:
            found += await _filters(lists, first.rows[0])
            found.append(await _identity(http, first.rows[0], learned))
        else:
            found.append(Probe("id of writes", None, "shows only when there is a visit"))
        found.append(await _today(lists))
    except LineDown as down:
        found.append(Probe("visits by filter", False, str(down)))
    company = bool(learned.get("company_id") or lists.company_id)
    found.append(Probe("company id", company, "told by the visits" if company else "no visit tells it"))
    return (*found, probe_clock(http), _limit(http))


def _told(first: FirstPage) -> str:
    if first.total is None:
        return f"{len(first.rows)} read; the list does not say how many there are"
    return f"{first.total} in all, in pages of {PAGE}"


async def _paging(lists: Lists, first: FirstPage) -> Probe:
    """Whether a second page is another one, and what is said beyond the end."""
    if first.total is None:
        return Probe("paging", False, "the list says nothing of its pages")
    if first.total > len(first.rows) + first.bad:
        second = await lists.first(start=PAGE)
        same = {one.row.id for one in first.rows} & {one.row.id for one in second.rows}
        if same or second.total != first.total:
            return Probe("paging", False, f"{len(same)} visits of the first page are on the second too")
    beyond = await lists.first(start=first.total + PAGE)
    if beyond.rows:
        return Probe("paging", False, "beyond the end the list begins anew")
    counts = beyond.total == first.total
    says = "works" + ("; beyond the end it still says how many there are" if counts else "")
    return Probe("paging", True, says)


async def _filters(lists: Lists, sample: Read) -> list[Probe]:
    """Whether each documented filter narrows the list to what it says."""
    row = plain_json(sample.row)
    asked: list[tuple[str, str]] = []
    for name in ("_id", "id", "date", "driverId", "docNo"):
        text = _text(row, name)
        if text:
            asked.append((name, text[:10] if name == "date" else text))
    for name in _FLAGS:
        asked.append((name, "1" if is_on(row.get(name)) else "0"))
    if (priority := whole(row.get("priority"))) is not None:
        asked.append(("priority", str(priority)))
    found = []
    for name, value in asked:
        page = await lists.first({name: value})
        wrong = [one for one in page.rows if not _matches(name, value, plain_json(one.row))]
        ok = bool(page.rows) and not wrong
        says = f"{page.total if page.total is not None else len(page.rows)} match"
        if wrong:
            says = "is ignored: visits came that do not match"
        elif not page.rows:
            says = "finds nothing, not even the visit that it was taken from"
        found.append(Probe(f"filter {name}", ok, says))
    return found


async def _identity(http: Http, sample: Read, learned: MutableMapping[str, str]) -> Probe:
    how = await identity.proven(http, sample.row.id, sample.erp_id)
    if how is None:
        return Probe("id of writes", False, "a visit is shown by neither of its ids: nothing can be written")
    learned[identity.FACT] = how
    which = "its internal _id" if how == identity.INTERNAL else "the id of the company's own system"
    return Probe("id of writes", True, f"a visit is shown by {which}: edits go to it")


async def _today(lists: Lists) -> Probe:
    day: date = lists.today
    page = await lists.first({"date": day.isoformat()})
    return Probe("visits today", True, f"{page.total if page.total is not None else len(page.rows)} on {day}")


def _matches(name: str, value: str, row: Object) -> bool:
    if name in _FLAGS:
        return is_on(row.get(name)) == (value == "1")
    if name == "priority":
        return whole(row.get(name)) == int(value)
    text = _text(row, name)
    if name == "docNo":
        return value.casefold() in text.casefold()
    return text[:10] == value if name == "date" else text == value


def _text(row: Object, name: str) -> str:
    try:
        return line(row.get(name), name)
    except Unreadable:
        return ""


def _limit(http: Http) -> Probe:
    left = http.budget.remaining
    told = left is not None
    says = (
        f"{left} of {MOST_REQUESTS} requests left in these ten seconds"
        if told
        else "the server announces none"
    )
    return Probe("rate limit", True if told else None, says)
