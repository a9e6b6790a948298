"""The drivers' telephones: work without a line, and tell the server of it later.

While a telephone is silent the server shows its visits as they were; what others write meanwhile is
written. Then all arrives at once, with the time at which it really happened.
"""

from __future__ import annotations

from datetime import datetime

from fieldboard.sandbox.letsjobit.book import Book


def silence(book: Book, driver_id: str, day: str, until: datetime) -> list[str]:
    """Take the line from a driver's telephone; the numbers of the visits that the server loses sight of."""
    lost = []
    for job, card in book.route(driver_id, day):
        if not card.closed and not card.skipped and card.offline_until is None:
            card.offline_until, card.telephone = until, driver_id
            lost.append(job.number)
    return lost


def hear(book: Book, now: datetime) -> list[str]:
    """Let the telephones tell whose time has come; the numbers of the visits that changed by it."""
    told = []
    for job, card in book.rows():
        if card.offline_until is None or now < card.offline_until:
            continue
        card.offline_until = None
        before = card.flags
        book.show(card, job.visits[0].status)
        if card.flags != before:
            book.world.touch(job, now)
            card.modified_by = card.telephone
            book.changed(job, card)
            told.append(job.number)
    return told
