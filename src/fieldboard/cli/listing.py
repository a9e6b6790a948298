"""`technicians`, `jobs`, `visits`, `suggest`: what is known, from the cache alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Final

import click

from fieldboard.cli.app import general_options
from fieldboard.cli.assemble import OpenProfile, open_profile
from fieldboard.cli.failure import Failure
from fieldboard.cli.output import as_json, print_json_list, print_table
from fieldboard.cli.shapes import (
    Pending,
    job_json,
    pending_of,
    suggestion_json,
    technician_json,
    visit_day,
    visit_json,
)
from fieldboard.domain.estimating import with_estimates
from fieldboard.domain.lifecycle import plain_word
from fieldboard.domain.status import Status

if TYPE_CHECKING:
    from datetime import date

    from fieldboard.domain.job import Job
    from fieldboard.domain.visit import PlannedVisit

_WORDS: Final = {status.value: status for status in Status}


@click.command()
@as_json
@general_options
def technicians(as_json: bool) -> None:
    """List the technicians, with what the roster says of them."""
    with closing(open_profile()) as opened:
        today = opened.desk.today()
        everybody = opened.desk.people.everybody()
        if as_json:
            print_json_list(technician_json(one, today) for one in everybody)
            return
        rows = []
        for one in everybody:
            document = technician_json(one, today)
            shift = document["shift"]
            hours = f"{shift['start']}–{shift['end']}" if isinstance(shift, dict) else None
            rows.append(
                (one.id, one.name, one.status or ("" if one.active else "left"), hours, ", ".join(one.skills))
            )
        print_table(
            ("ID", "NAME", "STATUS", "TODAY", "SKILLS"), rows, "no technicians yet; run: fieldboard sync"
        )


@click.command()
@click.option("--date", "day", metavar="D", default=None, help="planned for this day")
@click.option(
    "--status", metavar="S", default=None, help="in this status (a word of ours or the system's own)"
)
@click.option("--unassigned", is_flag=True, help="without a technician")
@click.option(
    "--search", metavar="TEXT", default=None, help="TEXT in number, title, customer, address or notes"
)
@as_json
@general_options
def jobs(day: str | None, status: str | None, unassigned: bool, search: str | None, as_json: bool) -> None:
    """List every cached job by number, whatever its status; the options narrow it."""
    with closing(open_profile()) as opened:
        found = _jobs(opened, day, status, unassigned=unassigned, search=search)
        if as_json:
            ids = opened.store.visit_ids()
            pending = pending_now(opened)
            print_json_list(job_json(job, ids.get(job.id, ()), pending) for job in found)
            return
        name_of = opened.desk.people.name_of
        rows = (
            (
                job.number or job.id,
                job.status.value,
                job.priority.word if job.priority is not None else None,
                _when(opened, job.start),
                ", ".join(name_of(one) for one in job.technician_ids),
                job.customer,
                job.title,
            )
            for job in found
        )
        head = ("NUMBER", "STATUS", "PRIORITY", "START", "TECHNICIAN", "CUSTOMER", "TITLE")
        narrowed = unassigned or any(one is not None for one in (day, status, search))
        print_table(head, rows, "no such job is cached" if narrowed else "no jobs yet; run: fieldboard sync")


def _jobs(
    opened: OpenProfile, day: str | None, status: str | None, *, unassigned: bool, search: str | None
) -> Iterable[Job]:
    wanted = day_of(opened, day) if day is not None else None
    ours = _WORDS.get(status.strip().casefold()) if status is not None else None
    raw = None
    if status is not None and ours is None:
        if _is_raw_word(opened, status):
            raw = plain_word(status)
        else:
            ours = _ours(status)
    found: Iterable[Job] = opened.store.jobs(day=wanted, status=ours, unassigned=unassigned, search=search)
    if search is not None and search.strip():
        found = _with_text(found, search)
    return found if raw is None else (job for job in found if plain_word(job.raw_status) == raw)


def _ours(word: str) -> Status:
    """A word of ours, however its parts are joined (`on hold`). Raises Failure."""
    plain = {plain_word(status.value): status for status in Status}
    if plain_word(word) not in plain:
        words = ", ".join(_WORDS)
        raise Failure(f"no job has the status {word!r}; it is one of {words}, or the system's own word")
    return plain[plain_word(word)]


def _is_raw_word(opened: OpenProfile, word: str) -> bool:
    """Whether it is a word of the system: one that it documents, or one that a cached job has."""
    plain = plain_word(word)
    return plain in opened.rules.job_lifecycle.words or any(
        plain_word(one.raw_status) == plain for one in opened.store.jobs()
    )


def _with_text(jobs: Iterable[Job], text: str) -> Iterator[Job]:
    """The jobs with the text in number, title, customer, address or notes (the cache looks at phones too)."""
    from fieldboard.cache.packing import fold

    wanted = fold(text.strip())
    for job in jobs:
        facts = (job.number, job.title, job.customer, job.address, job.notes)
        if any(fact and wanted in fold(fact) for fact in facts):
            yield job


@click.command()
@click.option("--date", "day", metavar="D", default=None, help="of this day")
@click.option("--technician", metavar="TECHNICIAN", default=None, help="of this technician")
@as_json
@general_options
def visits(day: str | None, technician: str | None, as_json: bool) -> None:
    """List the visits by time, also those that ended and those that only stand for a job without any."""
    with closing(open_profile()) as opened:
        found = visits_of(opened, day_of(opened, day) if day is not None else None, technician)
        if as_json:
            pending = pending_now(opened)
            print_json_list(visit_json(visit, opened.zone, pending) for visit in found)
            return
        name_of = opened.desk.people.name_of
        rows = (
            (
                f"{visit.number or visit.job_id}/{visit.nth}",
                visit.status.value,
                _when(opened, visit.start) or (visit.date.isoformat() if visit.date is not None else None),
                opened.zone.clock_text(visit.end) if visit.end is not None else None,
                ", ".join(name_of(one) for one in visit.technician_ids),
                visit.customer,
                visit.title,
            )
            for visit in found
        )
        head = ("VISIT", "STATUS", "START", "END", "TECHNICIAN", "CUSTOMER", "TITLE")
        print_table(head, rows, "no such visit is cached")


@click.command()
@click.argument("job", metavar="JOB")
@as_json
@general_options
def suggest(job: str, as_json: bool) -> None:
    """Rank the technicians for a JOB; nothing is sent."""
    from fieldboard.board.candidates import ranking_for
    from fieldboard.cli.targets import visit_to_plan

    with closing(open_profile()) as opened:
        ranking = ranking_for(opened.desk, visit_to_plan(opened, job))
        if as_json:
            print_json_list(suggestion_json(one) for one in ranking.all)
            return
        sign = "~" if ranking.estimated else ""
        rows = (
            (
                one.rank,
                one.technician.name,
                one.score if one.rank is not None else None,
                f"{sign}{opened.zone.clock_text(one.start)}" if one.start is not None else None,
                "; ".join(one.excluded or (*one.broken, *one.reasons)),
            )
            for one in ranking.all
        )
        head = ("RANK", "TECHNICIAN", "SCORE", "START", f"WHY ({ranking.day:%a %d %b})")
        print_table(head, rows, "no technicians", whole=head[-1:])


def visits_of(opened: OpenProfile, day: date | None, technician: str | None) -> list[PlannedVisit]:
    """The visits of a local day (None: all), of one technician where one is named, by time.

    A visit belongs to the day on which it begins.
    """
    from fieldboard.cli.targets import technician_named

    one = technician_named(opened, technician) if technician is not None else None
    rows = opened.store.day(day) if day is not None else list(opened.store.visits())
    if any(visit.estimated for visit in rows):
        rows = with_estimates(rows, opened.desk.people.everybody(), opened.zone)
    found = [
        visit
        for visit in rows
        if (day is None or visit_day(visit, opened.zone) == day)
        and (one is None or one.id in visit.technician_ids)
    ]
    return sorted(found, key=_by_time)


def _by_time(visit: PlannedVisit) -> tuple[bool, int, str, int, str]:
    """Those with a time first, then by day and place in it, whoever edited them last."""
    day = visit.date.isoformat() if visit.date is not None else ""
    return visit.start is None, visit.start or 0, day, visit.sequence or 0, visit.id


def day_of(opened: OpenProfile, text: str) -> date:
    """The day that a D of the command line means. Raises Failure."""
    from fieldboard.cli.targets import parsed_day

    return parsed_day(opened, text)


def pending_now(opened: OpenProfile) -> Pending:
    """What has an edit that no read has shown yet."""
    store = opened.store
    ids = store.outbox.idmap()
    return pending_of(
        store.operations(),
        lambda one: ids.get(one, one),
        lambda visit_ids: {visit.id: visit.job_id for visit in store.planned(visit_ids)},
    )


def _when(opened: OpenProfile, instant: int | None) -> str | None:
    return f"{opened.zone.local(instant):%Y-%m-%d %H:%M}" if instant is not None else None
