"""A driver's day in its order: the world's times follow it, and LetsJobIt's own routing may set it."""

from __future__ import annotations

from fieldboard.sandbox.letsjobit.book import Book
from fieldboard.sandbox.letsjobit.card import Card
from fieldboard.sandbox.records import Job
from fieldboard.sandbox.streets import distance_km

Place = tuple[float, float]


def settle(book: Book, driver_id: str, day: str, *, routing: bool) -> None:
    """Bring a route in line after a change of it; with ``routing`` its order is made anew."""
    route = book.route(driver_id, day)
    if routing:
        sequence(book, driver_id, route)
        route = book.route(driver_id, day)
    _retime(book, route)


def sequence(book: Book, driver_id: str, route: list[tuple[Job, Card]]) -> None:
    """Number a route from stop to nearest stop. Nothing else of the visits changes, no stamp either."""
    person = book.person(driver_id)
    begun = [entry for entry in route if not _ahead(entry[0])]
    ahead = [entry for entry in route if _ahead(entry[0])]
    here = _place(*begun[-1]) if begun else person.home if person is not None else None
    ordered = list(begun)
    while ahead:
        start = here
        nearest = min(ahead, key=lambda one: (_distance(start, _place(*one)), one[1].erp_id))
        ahead.remove(nearest)
        ordered.append(nearest)
        here = _place(*nearest)
    for place, (_, card) in enumerate(ordered, 1):
        if card.order != place:
            card.order = place
            card.edition += 1


def _retime(book: Book, route: list[tuple[Job, Card]]) -> None:
    """Give the visits ahead the times that they have together, in their order."""
    ahead = [(job, card) for job, card in route if _ahead(job)]
    starts = sorted(visit.start for job, _ in ahead if (visit := job.visits[0]).start is not None)
    free = None
    for (job, card), slot in zip(ahead, starts, strict=True):
        visit = job.visits[0]
        start = slot if free is None else max(slot, free)
        if visit.start is not None and visit.start != start:
            length = visit.end - visit.start if visit.end is not None else None
            visit.start = job.window_start = start
            visit.end = job.window_end = start + length if length is not None else None
            book.placed(job, card)
        free = visit.end


def _ahead(job: Job) -> bool:
    visit = job.visits[0]
    return visit.status == "scheduled" and visit.start is not None


def _place(job: Job, card: Card) -> Place | None:
    lat, lng = card.written.get("lat", job.site.lat), card.written.get("lng", job.site.lng)
    return (lat, lng) if isinstance(lat, (int, float)) and isinstance(lng, (int, float)) else None


def _distance(one: Place | None, other: Place | None) -> float:
    return 0.0 if one is None or other is None else distance_km(one, other)
