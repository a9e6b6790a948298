"""`create`, `edit`, `visit add`: jobs and visits with their fields as options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from fieldboard.cli.app import general_options
from fieldboard.cli.assemble import OpenProfile
from fieldboard.cli.editing import edit_profile, editing_options
from fieldboard.cli.failure import Failure
from fieldboard.domain.instants import MINUTE
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import ENDED

if TYPE_CHECKING:
    from datetime import date

    from fieldboard.board.plan import Plan
    from fieldboard.domain.operation import Json
    from fieldboard.domain.visit import PlannedVisit

Options = Mapping[str, Any]
"""The options of `create` and `edit` as click gives them."""

_PLAIN: Final = {
    "title": "title",
    "location": "location_id",
    "address": "address",
    "city": "city",
    "number": "number",
    "kind": "kind",
    "priority": "priority",
    "notes": "notes",
    "phone": "phone",
    "territory": "territory",
}
"""Options that are fields as they stand."""


def job_options(command: Any) -> Any:
    """The fields of a job."""
    options = [
        click.option("--title", metavar="T", default=None, help="what is to be done"),
        click.option("--customer", metavar="C", default=None, help="id or exact name"),
        click.option("--location", metavar="L", default=None, help="id of the site"),
        click.option("--address", metavar="A", default=None, help="of the site"),
        click.option("--city", metavar="C", default=None, help="of the site"),
        click.option(
            "--number", metavar="N", default=None, help="the job's number; a new job's default: the next one"
        ),
        click.option("--type", "kind", metavar="T", default=None, help="the kind of job"),
        click.option("--priority", metavar="P", default=None, help="urgent, high, normal or low"),
        click.option("--date", "day", metavar="D", default=None, help="2026-06-04, tomorrow, +3"),
        click.option("--start", metavar="T", default=None, help="14:00, 2026-06-04T14:00"),
        click.option("--end", metavar="T", default=None, help="like --start"),
        click.option("--duration", metavar="MIN", type=click.IntRange(1, 100_000), help="in minutes"),
        click.option("--skill", "skills", metavar="S", multiple=True, help="needed; may be given again"),
        click.option("--technician", metavar="T", default=None, help="who does it"),
        click.option("--notes", metavar="TEXT", default=None, help="for the technician"),
        click.option("--phone", metavar="TEXT", default=None, help="of the customer"),
        click.option("--territory", metavar="TEXT", default=None, help="the region"),
        click.option("--set", "pairs", metavar="FIELD=VALUE", multiple=True, help="a field of the system"),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@job_options
@editing_options
def create(offline: bool, as_json: bool, **options: Any) -> None:
    """Create a job. What the system wants besides is named in the error."""

    def planned(opened: OpenProfile) -> Plan:
        from fieldboard.board.planning import plan_create

        given = fields_of(opened, options)
        day = _day(opened, options)
        given |= _times(opened, options, day if day is not None else opened.desk.today(), None)
        if day is not None:
            given["date"] = day.isoformat()
        if opened.rules.can(Ability.CREATE):
            _needed(opened, given)
        return plan_create(opened.desk, given)

    edit_profile(planned, offline=offline, as_json=as_json)


@click.command()
@click.argument("job", metavar="JOB")
@job_options
@editing_options
def edit(job: str, offline: bool, as_json: bool, **options: Any) -> None:
    """Change a job, where the system has it; technician and times are those of its one open visit."""

    def planned(opened: OpenProfile) -> Plan:
        from fieldboard.board.planning import plan_edit
        from fieldboard.cli.targets import job_named

        found = job_named(opened, job)
        given = fields_of(opened, options)
        if not given and not any(options[name] is not None for name in ("day", "start", "end", "duration")):
            raise Failure("nothing to change; say for example --title or --priority")
        visits = [one for one in opened.desk.planned_of_job(found.id) if one.status not in ENDED]
        given |= _moved(opened, options, visits[0] if len(visits) == 1 else None, given)
        return plan_edit(opened.desk, found, given)

    edit_profile(planned, offline=offline, as_json=as_json)


@click.group()
@general_options
def visit() -> None:
    """Work on the visits of a job."""


@visit.command("add")
@click.argument("job", metavar="JOB")
@click.option("--technician", metavar="TECHNICIAN", default=None)
@click.option("--date", "day", metavar="D", default=None, help="the day that a bare time of day means")
@click.option("--start", metavar="T", required=True)
@click.option("--end", metavar="T", default=None, help="default: as long as the job takes")
@editing_options
def visit_add(  # noqa: PLR0917
    job: str,
    technician: str | None,
    day: str | None,
    start: str,
    end: str | None,
    offline: bool,
    as_json: bool,
) -> None:
    """Add a visit to a JOB, where the system has several visits a job."""

    def planned(opened: OpenProfile) -> Plan:
        from fieldboard.board.visit_plans import plan_visit_add
        from fieldboard.cli.targets import job_named, parsed_day, technician_named, times_of

        found = job_named(opened, job)
        who = technician_named(opened, technician).id if technician is not None else None
        when = opened.zone.date_of(found.start) if found.start is not None else opened.desk.today()
        if day is not None:
            when = parsed_day(opened, day)
        begin, finish = times_of(opened, when, start, end)
        assert begin is not None  # noqa: S101 - a start was typed
        return plan_visit_add(opened.desk, found, begin, finish, who)

    edit_profile(planned, offline=offline, as_json=as_json)


def _needed(opened: OpenProfile, given: dict[str, Json]) -> None:
    """Raises Failure that names the options without which this system creates nothing."""
    options = {
        "customer_id": "--customer",
        "location_id": "--location",
        "kind": "--type",
        "technicians": "--technician",
    }
    missing = [
        options.get(name, f"--{name}")
        for name in sorted(opened.rules.create_needs, key=lambda name: (name != "title", name))
        if given.get(name) in (None, "", []) and not (name == "date" and "start" in given)
    ]
    if missing:
        raise Failure(f"{opened.rules.title} needs {' and '.join(missing)} for a new job")


def fields_of(opened: OpenProfile, options: Options) -> dict[str, Json]:
    """The fields that were given, by the names that plans use; times come apart from them. Raises Failure."""
    from fieldboard.cli.targets import customer_named, technician_named

    given: dict[str, Json] = {
        field: options[option] for option, field in _PLAIN.items() if options[option] is not None
    }
    if isinstance(given.get("priority"), str):
        given["priority"] = str(given["priority"]).strip().lower()
    if options["customer"] is not None:
        kept_apart = {"customer_id"} & (opened.rules.create_needs | opened.rules.edit_fields)
        if kept_apart:
            given["customer_id"], given["customer"] = customer_named(opened, options["customer"])
        else:
            given["customer"] = options["customer"]
    if options["duration"] is not None:
        given["duration_min"] = options["duration"]
    if options["skills"]:
        given["skills"] = [*options["skills"]]
    if options["technician"] is not None:
        given["technicians"] = [technician_named(opened, options["technician"]).id]
    if options["pairs"]:
        given["set"] = _pairs(options["pairs"])
    return given


def _pairs(texts: tuple[str, ...]) -> dict[str, Json]:
    pairs: dict[str, Json] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise Failure(f'--set takes FIELD=VALUE, not "{text}"')
        pairs[name.strip()] = value
    return pairs


def _day(opened: OpenProfile, options: Options) -> date | None:
    from fieldboard.cli.targets import parsed_day

    return parsed_day(opened, options["day"]) if options["day"] is not None else None


def _times(opened: OpenProfile, options: Options, day: date, was: int | None) -> dict[str, Json]:
    from fieldboard.cli.targets import times_of

    begin, finish = times_of(opened, day, options["start"], options["end"], was)
    times: dict[str, Json] = {}
    if begin is not None:
        times["start"] = begin
    if finish is not None:
        times["end"] = finish
    return times


def _moved(
    opened: OpenProfile, options: Options, visit: PlannedVisit | None, given: dict[str, Json]
) -> dict[str, Json]:
    """The times that an edit asks for: a day alone keeps the time of day, a duration alone the start.

    Takes the duration out of `given` where the system keeps none beside the times.
    """
    from fieldboard.board.candidates import day_for

    day = _day(opened, options)
    was = visit.start if visit is not None else None
    if day is None:
        anchor = day_for(opened.desk, visit) if visit is not None else opened.desk.today()
    else:
        anchor = day
    times = _times(opened, options, anchor, was)
    if not opened.rules.can(Ability.CLOCK_TIMES):
        return times if day is None or "start" in times else times | {"date": day.isoformat()}
    if day is not None and "start" not in times:
        if was is None:
            raise Failure("--date alone moves what has a time; give --start too")
        wall = opened.zone.local(was).replace(tzinfo=None).time()
        from fieldboard.cli.targets import times_of

        times["start"], _none = times_of(opened, day, f"{wall:%H:%M}", None)
        if options["end"] is not None:
            times |= _times(opened, {**options, "start": f"{wall:%H:%M}"}, day, None)
    minutes = given.get("duration_min")
    if isinstance(minutes, int) and "duration_min" not in opened.rules.edit_fields and "end" not in times:
        start = times.get("start", was)
        if not isinstance(start, int):
            raise Failure("--duration changes the end of what has a time; give --start too")
        times["end"] = start + minutes * MINUTE
        del given["duration_min"]
    return times
