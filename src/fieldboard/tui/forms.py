"""The forms for a new job and for a changed one: which fields there are, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fieldboard.board import planning as plans
from fieldboard.board.naming import parse_day, parse_time
from fieldboard.board.plan import title_of
from fieldboard.domain.fields import ASSETS, OWN, TECHNICIANS, TIMES, value_of
from fieldboard.domain.instants import MINUTE
from fieldboard.domain.priority import Priority
from fieldboard.domain.rules import Ability
from fieldboard.domain.visit import PlannedVisit
from fieldboard.text import LINE_MARK
from fieldboard.tui.dialogs.job_form import Choice, FormField, JobForm

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.board.plan import Plan
    from fieldboard.domain.job import Job
    from fieldboard.domain.operation import Json
    from fieldboard.tui.board_screen import BoardScreen
    from fieldboard.tui.saving import Saving

_PRIORITIES = tuple(Choice(one.word, one.word) for one in sorted(Priority, reverse=True))


_PLAN = frozenset({"technician", "date", "start", "duration_min"})
"""Who and when: asked for everywhere."""


_TOLD_APART = frozenset({"number", "kind", "customer", "city", "phone"})
"""Asked for only where a system says that it takes them."""


def open_create(saving: Saving, made: Mapping[str, Json] | None = None) -> None:
    """Ask for a new job, and save it; `made` are the fields of one that the system refused."""
    made = made or {}
    screen = saving.screen
    day = screen.day
    if day is None:
        return
    rules = screen.board_app.options.rules
    needs, takes = rules.create_needs, rules.create_takes
    people = tuple(
        Choice(one.technician.id, one.technician.name) for one in day.columns if one.technician.active
    )
    every = (
        FormField("title", "Title", required=takes is None or "title" in needs),
        FormField("number", "Number", required="number" in needs),
        FormField("kind", "Type", required="kind" in needs),
        FormField("customer_id", "Customer", lookup=_customers(screen), required="customer_id" in needs),
        FormField("customer", "Customer", required="customer" in needs),
        FormField("location_id", "Location", placeholder="its name; without it the customer's only one"),
        FormField("address", "Address", required="address" in needs),
        FormField("city", "City", required="city" in needs),
        FormField("phone", "Phone"),
        FormField("priority", "Priority", _PRIORITIES),
        FormField("skills", "Skills", placeholder="with commas between"),
        FormField("duration_min", "Minutes", check=_minutes, placeholder="e.g. 90; without it 60"),
        FormField(
            "technician",
            "Technician",
            people,
            required="technicians" in needs,
            placeholder="" if "technicians" in needs else "nobody yet: it goes to the queue",
        ),
        FormField("date", "Day", check=_day_check(screen), placeholder=f"without it {day.day}"),
        FormField(
            "start", "Start", check=_time_check(screen), placeholder="e.g. 14:00; without it no time yet"
        ),
        FormField("notes", "Notes", lines=True),
    )
    # A system that keeps places apart asks for one, and for nothing that it does not keep.
    fields = tuple(
        one
        for one in every
        if (
            "location_id" in needs
            if one.name == "location_id"
            else (takes is None and (one.name not in _TOLD_APART or one.name in rules.edit_fields))
            or one.name in (takes or frozenset()) | _PLAN
        )
        and (one.name != "start" or rules.can(Ability.CLOCK_TIMES))
    )
    technician = screen.cursor.technician_id if screen.cursor.pane != "queue" else None
    values = {"technician": technician} if technician is not None else {}
    # An empty slot under the cursor is the time that is meant; past ones are looked at, not planned.
    slot = screen.cursor.at
    empty = technician is not None and screen.cursor.visit_id is None
    timed = rules.can(Ability.CLOCK_TIMES)
    if (
        timed
        and empty
        and slot is not None
        and slot >= screen.now()
        and screen.look.zone.date_of(slot) == day.day
    ):
        values["start"] = screen.look.zone.clock_text(slot)
    if made:
        values = _made_texts(made, screen)

    def chosen(given: dict[str, str] | None) -> None:
        if given is not None:
            typed = {name: text.strip() for name, text in given.items() if text.strip()}
            if made.get("customer_id") and typed.get("customer_id") == made.get("customer"):
                typed["customer_id"] = str(made["customer_id"])
            further = made.get("set")
            saving.commit(lambda desk: _create(desk, typed, screen, further), go=True)

    screen.app.push_screen(JobForm("New job", fields, values), chosen)


def open_edit(saving: Saving, visit: PlannedVisit, job: Job) -> None:
    """Ask for changes of a job, and save them."""
    screen = saving.screen
    rules = screen.board_app.options.rules
    known = rules.edit_fields | {*rules.set_fields.values()}
    every = (
        FormField("title", "Title", required=True),
        FormField("customer_id", "Customer", lookup=_customers(screen)),
        FormField("customer", "Customer"),
        FormField("phone", "Phone"),
        FormField("address", "Address"),
        FormField("priority", "Priority", _PRIORITIES),
        FormField("skills", "Skills", placeholder="with commas between"),
        FormField("duration_min", "Minutes", check=_minutes),
        FormField("notes", "Notes", lines=True),
        FormField("number", "Number"),
        FormField("kind", "Type"),
        FormField("territory", "Territory"),
        FormField(ASSETS, "Assets", placeholder="their tags, names or ids, with commas between"),
    )
    fields = tuple(one for one in every if one.name in known)
    values = {one.name: _shown(job, one.name) for one in fields}
    further_names = {theirs: name for theirs, name in rules.set_fields.items() if name.startswith(OWN)}
    fields += tuple(FormField(theirs, name.removeprefix(OWN)) for theirs, name in further_names.items())
    values |= {theirs: str(value_of(job, name) or "") for theirs, name in further_names.items()}
    own = {name: theirs for theirs, name in rules.set_fields.items()} | {one: one for one in further_names}
    if job.customer_id and job.customer and "customer_id" in values:
        # The form shows names; an id that was not touched is left out below.
        values["customer_id"] = job.customer

    def chosen(given: dict[str, str] | None) -> None:
        if given is None:
            return
        # A field shows a line break as a mark; what reads as before was not touched.
        texts = {name: text.replace(LINE_MARK, "\n") for name, text in given.items()}
        typed = {
            name: text.strip() for name, text in texts.items() if text.split() != values.get(name, "").split()
        }
        changed = {name: _value(name, text) for name, text in typed.items() if name not in own}
        further: dict[str, Json] = {own[name]: text for name, text in typed.items() if name in own}
        if further:
            changed["set"] = further
        saving.commit(lambda desk: plans.plan_edit(desk, job, changed))

    screen.app.push_screen(JobForm(f"Edit {title_of(visit)}", fields, values), chosen)


def _made_texts(made: Mapping[str, Json], screen: BoardScreen) -> dict[str, str]:
    """The fields of a new job as they were typed into its form."""
    texts = {name: str(value) for name, value in made.items() if isinstance(value, str | int)}
    if "customer_id" in texts:
        # The form shows names.
        texts["customer_id"] = texts.get("customer", texts["customer_id"])
    for name, field in (("skills", "skills"), (TECHNICIANS, "technician")):
        some = made.get(name)
        if isinstance(some, list):
            texts[field] = ", ".join(str(one) for one in some)
    times = made.get(TIMES)
    start, end, day = times if isinstance(times, list) and len(times) == 3 else (None, None, None)
    zone = screen.look.zone
    if isinstance(start, int):
        texts["start"], texts["date"] = zone.clock_text(start), zone.date_of(start).isoformat()
        if isinstance(end, int):
            texts.setdefault("duration_min", str((end - start) // MINUTE))
    elif day:
        texts["date"] = str(day)
    return texts


def _create(desk: Desk, typed: dict[str, str], screen: BoardScreen, further: Json = None) -> Plan:
    fields: dict[str, Json] = {"set": further} if further else {}
    for name, text in typed.items():
        if name not in ("technician", "date", "start"):
            fields[name] = _value(name, text)
    if "technician" in typed:
        fields["technicians"] = [typed["technician"]]
    shown = screen.day.day if screen.day is not None else desk.today()
    day = parse_day(typed["date"], desk.today()) if "date" in typed else shown
    if "start" in typed:
        fields["start"] = parse_time(typed["start"], day, desk.zone)
    elif "date" in typed or "date" in desk.rules.create_needs:
        fields["date"] = day.isoformat()
    if "customer_id" in fields:
        known = next(
            (one for one in desk.store.customers("", 100_000) if one.id == fields["customer_id"]), None
        )
        if known is not None:
            fields["customer"] = known.name
            if "location_id" in desk.rules.create_needs and len(known.sites) == 1:
                fields.setdefault("location_id", known.sites[0].id)
    return plans.plan_create(desk, fields)


def _customers(screen: BoardScreen):  # type: ignore[no-untyped-def]
    async def lookup(text: str) -> list[Choice]:
        found = await screen.thread.fetch(lambda desk: list(desk.store.customers(text, 20)))
        return [Choice(one.id, one.name, one.address or "") for one in found]

    return lookup


def _shown(job: Job, name: str) -> str:
    if name == "skills":
        return ", ".join(job.skills)
    if name == ASSETS:
        return ", ".join(one.tag or one.id for one in job.assets or ())
    if name == "priority":
        return job.priority.word if job.priority is not None else ""
    value = getattr(job, name)
    return "" if value is None else str(value)


def _value(name: str, text: str) -> Json:
    if name == "skills":
        return [part.strip() for part in text.split(",") if part.strip()]
    if name == "duration_min":
        return int(text) if text else None
    return text or None


def _minutes(text: str) -> str | None:
    return None if not text.strip() or text.strip().isdecimal() else "a number of minutes"


def _day_check(screen: BoardScreen):  # type: ignore[no-untyped-def]
    def check(text: str) -> str | None:
        try:
            if text.strip():
                parse_day(text.strip(), screen.today())
        except ValueError as error:
            return str(error)
        return None

    return check


def _time_check(screen: BoardScreen):  # type: ignore[no-untyped-def]
    def check(text: str) -> str | None:
        try:
            if text.strip() and screen.day is not None:
                parse_time(text.strip(), screen.day.day, screen.look.zone)
        except ValueError as error:
            return str(error)
        return None

    return check
