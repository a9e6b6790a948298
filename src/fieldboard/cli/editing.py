"""`assign`, `unassign`, `reschedule`, `status`, `note`, `delete` and the like: edits of what there is.

Each is planned like the same act on the board, saved in the outbox, then sent.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from fieldboard.cli.app import general_options
from fieldboard.cli.assemble import OpenProfile, open_profile
from fieldboard.cli.failure import Failure
from fieldboard.cli.output import as_json

if TYPE_CHECKING:
    from fieldboard.board.plan import Plan
    from fieldboard.domain.rules import Ability, SystemRules
    from fieldboard.domain.status import Status

Planner = Callable[[OpenProfile], "Plan"]


def editing_options(command: Any) -> Any:
    """The options of every editing command."""
    command = click.option("--offline", is_flag=True, help="only save it; it goes out with the next sync")(
        command
    )
    return general_options(as_json(command))


def edit_profile(planner: Planner, *, offline: bool, as_json: bool) -> None:
    """Plan an edit of the chosen profile and carry it out."""
    from fieldboard.cli.delivery import carry_out
    from fieldboard.log import close_log

    with closing(open_profile()) as opened:
        try:
            carry_out(opened, planner(opened), offline=offline, as_json=as_json)
        finally:
            close_log()


@click.command()
@click.argument("target", metavar="JOB|VISIT")
@click.argument("technician", metavar="TECHNICIAN")
@click.option("--start", metavar="T", default=None, help="also put it at this time")
@click.option("--end", metavar="T", default=None, help="until then; else it keeps its length")
@editing_options
def assign(  # noqa: PLR0917
    target: str, technician: str, start: str | None, end: str | None, offline: bool, as_json: bool
) -> None:
    """Give a job or visit to a technician; with times also schedule it."""

    def planned(opened: OpenProfile) -> Plan:
        from fieldboard.board.candidates import day_for
        from fieldboard.board.planning import plan_assign
        from fieldboard.cli.targets import technician_named, times_of, visit_named

        visit, entity = visit_named(opened, target)
        who = technician_named(opened, technician)
        begin, finish = times_of(opened, day_for(opened.desk, visit), start, end, visit.start)
        if finish is not None and begin is None:
            begin = visit.start
        return plan_assign(opened.desk, visit, who.id, begin, finish, entity=entity)

    edit_profile(planned, offline=offline, as_json=as_json)


@click.command()
@click.argument("target", metavar="JOB|VISIT")
@editing_options
def unassign(target: str, offline: bool, as_json: bool) -> None:
    """Put a job or visit back into the queue."""

    def planned(opened: OpenProfile) -> Plan:
        from fieldboard.board.planning import plan_unassign
        from fieldboard.cli.targets import visit_named

        visit, entity = visit_named(opened, target)
        return plan_unassign(opened.desk, visit, entity=entity)

    edit_profile(planned, offline=offline, as_json=as_json)


@click.command()
@click.argument("target", metavar="JOB|VISIT")
@click.option("--start", metavar="T", required=True, help="the new start")
@click.option("--end", metavar="T", default=None, help="the new end; else it keeps its length")
@editing_options
def reschedule(target: str, start: str, end: str | None, offline: bool, as_json: bool) -> None:
    """Move a job or visit in time; its technicians stay."""

    def planned(opened: OpenProfile) -> Plan:
        from fieldboard.board.candidates import day_for
        from fieldboard.board.planning import plan_reschedule
        from fieldboard.cli.targets import times_of, visit_named

        visit, entity = visit_named(opened, target)
        begin, finish = times_of(opened, day_for(opened.desk, visit), start, end)
        assert begin is not None  # noqa: S101 - a start was typed
        return plan_reschedule(opened.desk, visit, begin, finish, entity=entity)

    edit_profile(planned, offline=offline, as_json=as_json)


@click.command()
@click.argument("target", metavar="JOB|VISIT")
@click.argument("word", metavar="STATUS")
@click.option("--reason", metavar="TEXT", default=None, help="why; kept with the edit and in the history")
@editing_options
def status(target: str, word: str, reason: str | None, offline: bool, as_json: bool) -> None:
    """Set a status: a word of ours (en_route, completed, cancelled …) or the system's own."""

    def planned(opened: OpenProfile) -> Plan:
        from fieldboard.board.planning import plan_status
        from fieldboard.cli.targets import job_or_visit_named

        found, entity = job_or_visit_named(opened, target)
        goal = status_named(opened.rules, word)
        # Where closed work has stages, the system's own word names one of them.
        stage = word.strip().lower() if word.strip().lower() in opened.rules.job_lifecycle.stages else ""
        return plan_status(opened.desk, found, goal, reason, entity=entity, stage=stage)

    edit_profile(planned, offline=offline, as_json=as_json)


def status_named(rules: SystemRules, word: str) -> Status:
    """The status that a word of ours or of the system means. Raises Failure."""
    from fieldboard.domain.lifecycle import plain_word
    from fieldboard.domain.status import Status

    ours = {plain_word(one.value): one for one in Status}
    plain = plain_word(word)
    for words in (ours, rules.visit_lifecycle.words, rules.job_lifecycle.words):
        if plain in words:
            return words[plain]
    settable = sorted(
        {one.value for life in (rules.job_lifecycle, rules.visit_lifecycle) for one in life.writes}
    )
    said = ", ".join(one for one in settable if one not in ("assigned", "unassigned"))
    raise Failure(f"{word!r} is no status; {rules.title} has {said}")


@click.command()
@click.argument("job", metavar="JOB")
@click.argument("text", metavar="TEXT")
@editing_options
def note(job: str, text: str, offline: bool, as_json: bool) -> None:
    """Append TEXT to the notes of a job."""

    def planned(opened: OpenProfile) -> Plan:
        from fieldboard.board.planning import plan_note
        from fieldboard.cli.targets import job_named

        return plan_note(opened.desk, job_named(opened, job), text)

    edit_profile(planned, offline=offline, as_json=as_json)


@click.command()
@click.argument("job", metavar="JOB")
@click.option("--reason", metavar="TEXT", default=None, help="why; kept with the edit")
@editing_options
def delete(job: str, reason: str | None, offline: bool, as_json: bool) -> None:
    """Delete a job, where the system lets jobs be deleted."""

    def planned(opened: OpenProfile) -> Plan:
        from fieldboard.board.planning import plan_delete
        from fieldboard.cli.targets import job_named
        from fieldboard.domain.rules import Ability

        needs(opened, Ability.DELETE)
        return plan_delete(opened.desk, job_named(opened, job), reason)

    edit_profile(planned, offline=offline, as_json=as_json)


@click.command()
@click.argument("visit", metavar="VISIT")
@click.option("--add", metavar="TECHNICIAN", default=None, help="who comes along")
@click.option("--remove", metavar="TECHNICIAN", default=None, help="who stays away")
@editing_options
def crew(visit: str, add: str | None, remove: str | None, offline: bool, as_json: bool) -> None:
    """Change who goes on a visit together."""

    def planned(opened: OpenProfile) -> Plan:
        from fieldboard.board.visit_plans import plan_crew
        from fieldboard.cli.targets import technician_named, visit_named
        from fieldboard.domain.rules import Ability

        if (add is None) == (remove is None):
            raise Failure("crew takes one of --add TECHNICIAN and --remove TECHNICIAN")
        needs(opened, Ability.CREW)
        found, entity = visit_named(opened, visit)
        more = technician_named(opened, add).id if add is not None else None
        fewer = technician_named(opened, remove).id if remove is not None else None
        return plan_crew(opened.desk, found, more, fewer, entity=entity)

    edit_profile(planned, offline=offline, as_json=as_json)


@click.command()
@click.argument("visit", metavar="VISIT")
@click.option("--before", metavar="VISIT", default=None, help="the visit that it comes before")
@click.option("--position", metavar="N", type=click.IntRange(1), default=None, help="its place in the day")
@editing_options
def reorder(visit: str, before: str | None, position: int | None, offline: bool, as_json: bool) -> None:
    """Change the order of a day, where the system keeps an order instead of clock times."""

    def planned(opened: OpenProfile) -> Plan:
        from fieldboard.board.planning import plan_reorder
        from fieldboard.cli.targets import visit_named
        from fieldboard.domain.rules import Ability

        if (before is None) == (position is None):
            raise Failure("reorder takes one of --before VISIT and --position N")
        needs(opened, Ability.REORDER)
        found, entity = visit_named(opened, visit)
        other = visit_named(opened, before)[0] if before is not None else None
        return plan_reorder(opened.desk, found, before=other, position=position, entity=entity)

    edit_profile(planned, offline=offline, as_json=as_json)


@click.command()
@click.argument("technician_name", metavar="TECHNICIAN")
@click.option("--status", "word", metavar="S", default=None, help="what they are doing")
@click.option("--at", "place", metavar="LAT,LNG", default=None, help="where they are")
@editing_options
def technician(
    technician_name: str, word: str | None, place: str | None, offline: bool, as_json: bool
) -> None:
    """Set a technician's status or position, where the system keeps them."""

    def planned(opened: OpenProfile) -> Plan:
        from fieldboard.board.planning import plan_technician
        from fieldboard.cli.targets import place_typed, technician_named
        from fieldboard.domain.rules import Ability

        if word is None and place is None:
            raise Failure("technician takes --status S, --at LAT,LNG or both")
        needs(opened, Ability.TECHNICIAN_STATUS)
        who = technician_named(opened, technician_name)
        where = place_typed(place) if place is not None else None
        return plan_technician(opened.desk, who, status=word, place=where)

    edit_profile(planned, offline=offline, as_json=as_json)


def needs(opened: OpenProfile, ability: Ability) -> None:
    """Raises Failure with the reason where the system lacks an ability."""
    lacking = opened.rules.why_not(ability)
    if lacking is not None:
        raise Failure(lacking)
