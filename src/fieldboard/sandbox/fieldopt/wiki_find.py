"""Finds what a request of the documented dialect names, and says 404 where it is not there."""

from __future__ import annotations

from datetime import date, datetime

from starlette.requests import Request

from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.fieldopt.replies import MOST_ID, Broken, missing
from fieldboard.sandbox.records import Job, Technician


def job_of(book: Book, number: int) -> Job:
    """The job of an id."""
    job = book.job(number)
    if job is None:
        raise missing("Job")
    return job


def technician_of(book: Book, number: int) -> Technician:
    """The technician of an id."""
    technician = book.technician(number)
    if technician is None:
        raise missing("Technician")
    return technician


def job_at(book: Book, request: Request, name: str = "id") -> Job:
    """The job that the path names."""
    number = _number(request, name)
    if number is None:
        raise missing("Job")
    return job_of(book, number)


def technician_at(book: Book, request: Request, name: str = "id") -> Technician:
    """The technician that the path names."""
    number = _number(request, name)
    if number is None:
        raise missing("Technician")
    return technician_of(book, number)


def limit_day(book: Book, job: Job | None, now: datetime) -> date | None:
    """The day on which a technician's capacity counts; None where all days count together."""
    if book.settings.capacity == "all":
        return None
    planned = book.plan(job).day if job is not None else None
    return planned or book.world.day_of(now)


def _number(request: Request, name: str) -> int | None:
    value = request.path_params[name]
    if not value.isascii() or not value.isdecimal():
        return None
    if int(value) > MOST_ID:
        raise Broken
    return int(value)
