"""A small fixed world for the dialogs: one day, a job, technicians, edits, changes."""

from __future__ import annotations

from datetime import date, datetime

from fieldboard.board.candidates import Candidate, Candidates
from fieldboard.board.details import Changed, Details
from fieldboard.board.status_plans import StatusChoice
from fieldboard.cache.fate import choices_of
from fieldboard.domain.conflicts import Conflict, Rule
from fieldboard.domain.instants import Instant, Zone, instant_of
from fieldboard.domain.job import CustomField, Job, JobItem, TimeWindow
from fieldboard.domain.operation import Change, Intent, Kind, Operation, OpState
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from fieldboard.domain.technician import Technician
from fieldboard.domain.visit import PlannedVisit

ZONE = Zone("Europe/London")
DAY = date(2026, 6, 4)


def name_of(technician_id: str) -> str:
    """The name of a technician of the world."""
    return NAMES[int(technician_id[1:]) - 1]


def at(text: str, day: date = DAY) -> Instant:
    """The instant of a clock time of the day."""
    hour, minute = text.split(":")
    return instant_of(datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=ZONE.info))


def visit(number: str, title: str, customer: str, **given: object) -> PlannedVisit:
    """A visit with what matters of it; the rest is ordinary."""
    values: dict[str, object] = {
        "id": f"v{number}", "job_id": f"j{number}", "technician_ids": (), "start": None, "end": None,
        "date": None, "sequence": None, "estimated": False, "status": Status.UNASSIGNED, "raw_status": "",
        "actual_start": None, "actual_end": None, "observed": False, "made_up": False, "number": number,
        "title": title, "customer": customer, "address": "", "priority": Priority.NORMAL, "duration_min": 60,
        "windows": (), "skills": (), "lat": None, "lng": None, "territory": None,
        "job_status": Status.UNASSIGNED, "created_at": None, "nth": 1, "of": 1, "mark": "",
    }  # fmt: skip
    values.update(given)
    return PlannedVisit(**values)  # type: ignore[arg-type]


BOILER = visit(
    "4471",
    "Boiler leaking, no heat",
    "Ngozi Okafor",
    address="14 Harbour Road, Northgate",
    priority=Priority.URGENT,
    duration_min=120,
    windows=(TimeWindow(at("10:00"), at("12:00")),),
    skills=("gas", "boiler"),
    territory="North",
    created_at=at("08:05"),
)

RADIATOR = visit(
    "4418",
    "Radiators cold upstairs",
    "Brigitte Lindqvist",
    address="3 Mill Lane",
    technician_ids=("t1",),
    start=at("13:00"),
    end=at("14:30"),
    status=Status.ASSIGNED,
    job_status=Status.ASSIGNED,
    nth=2,
    of=2,
)

NAMES = ("Amara Diallo", "Ben Fischer", "Chloé Martin", "Dai Evans", "Eiko Tanaka", "Femi Balogun",
         "Greta Holm",
         "Adam Nowak", "Ida Sørensen", "João Fonseca", "Kwame Mensah", "Łukasz Wójcik")  # fmt: skip
TECHNICIANS = tuple(Technician(id=f"t{n}", name=name) for n, name in enumerate(NAMES, 1))


def ranked(start: Instant | None = None) -> Candidates:
    """A ranking: Dai Evans is the best, Ben Fischer comes late, three are unsuitable."""
    rows = (
        (3, "10:45", 9, 46, "3 of 6 jobs", ()),
        (6, "11:20", 14, 64, "4 of 5 jobs", ()),
        (0, "12:10", 12, 82, "5 of 6 jobs", ("ends 2 h 10 min after the promised 12:00",)),
        (8, "13:00", 22, 71, "4 of 6 jobs", ("ends 3 h after the promised 12:00",)),
        (1, "14:30", 6, 71, "4 of 6 jobs", ("ends 4 h 30 min after the promised 12:00",)),
    )
    good = []
    for rank, (who, clock, drive, booked, jobs, broken) in enumerate(rows, 1):
        begin = start if start is not None else at(clock)
        late = begin > at("10:00") and start is not None
        good.append(
            Candidate(
                TECHNICIANS[who], rank, 90 - rank, begin, begin + 7200,
                (f"{ZONE.clock_text(begin)}–{ZONE.clock_text(begin + 7200)}", "has gas, boiler",
                 f"drive {drive} min from home", *(() if broken or late else ("inside the promised window",)),
                 f"{booked}% booked", jobs),
                (), drive, broken if start is None else ("outside the promised window",) if late else (),
            )
        )  # fmt: skip
    bad = tuple(
        Candidate(TECHNICIANS[who], None, 0, None, None, (), (why,), None)
        for who, why in (
            (2, "no 120 min free before 17:00"),
            (4, "lacks gas"),
            (5, "overlaps 4436 Quote: heat pump"),
            (7, "away until Mon 8 Jun: holiday"),
            (9, "Thursday is a day off"),
            (10, "the shift ended at 10:00"),
            (11, "lacks boiler"),
        )
    )
    return Candidates(BOILER, DAY, start is not None, tuple(good), bad)


CHOICES = (
    StatusChoice(Status.EN_ROUTE, (Status.EN_ROUTE,), "r"),
    StatusChoice(Status.IN_PROGRESS, (Status.IN_PROGRESS,), "p"),
    StatusChoice(Status.COMPLETED, (Status.IN_PROGRESS, Status.COMPLETED), "c", whole_job=True),
    StatusChoice(Status.CANCELLED, (Status.CANCELLED,), "x", reason_needed=True),
)


def operation(seq: int, state: OpState, label: str, **given: object) -> Operation:
    """An edit in some state."""
    values: dict[str, object] = {
        "created_at": at("09:00") + seq * 60, "created_by": "kim", "attempts": 1,
        "choices": choices_of(state, Intent.ASSIGN, noted=bool(given.get("noted"))),
    }  # fmt: skip
    values.update(given)
    return Operation(
        seq, f"01J{seq:05d}", Intent.ASSIGN, f"visit:v{seq}",
        (Change(Kind.VISIT, f"v{seq}", "technicians", [], ["t4"]),), state, label, **values,  # type: ignore[arg-type]
    )  # fmt: skip


OPERATIONS = (
    operation(1, OpState.CONFIRMED, "4401 → Amara Diallo 07:10–08:30"),
    operation(2, OpState.CONFIRMED, "4420 → Ben Fischer 09:40–11:10"),
    operation(3, OpState.REJECTED, "4431 → Chloé Martin 12:10–13:50",
              reason="FieldCamp refused it: the visit is locked by an invoice", warnings=("overlaps 4428",)),
    operation(4, OpState.CANCELLED, "4449 → Dai Evans 15:00–15:45"),
    operation(5, OpState.UNCERTAIN, "4436 → Femi Balogun 11:50–13:10", attempts=2),
    operation(6, OpState.QUEUED, "4471 → Dai Evans 10:45–12:45"),
)  # fmt: skip

HISTORY = (
    Changed(at("10:41"), at("10:41"), "visit 4471", "technicians", "", "Dai Evans", "Kim", True),
    Changed(None, at("09:58"), "visit 4471", "status", "draft", "unassigned", None, False),
    Changed(at("08:31"), at("08:40"), "job 4471", "priority", "normal", "urgent", "Priya (office)", False),
    Changed(at("17:20", date(2026, 6, 3)), at("17:21", date(2026, 6, 3)), "job 4471", "notes", "Ring twice.",
            "Ring twice. Key with the neighbour at number 16, who is in until noon.",
            "Priya (office)", False),
)  # fmt: skip

DETAILS = Details(
    visit=BOILER._replace(
        technician_ids=("t4",),
        start=at("10:45"),
        end=at("12:45"),
        status=Status.ASSIGNED,
        mark="queued",
        nth=2,
        of=2,
    ),
    job=Job(
        id="j4471",
        number="4471",
        title="Boiler leaking, no heat",
        phone="+44 1632 960 118",
        kind="repair",
        notes="Water under the casing since the morning; the customer turned the supply off.\n"
        "Ring twice. Key with the neighbour at number 16, who is in until noon.",
        items=(JobItem("Call-out", 1, "weekday"), JobItem("Pressure relief valve", 2, "½ inch, 3 bar")),
        fields=(CustomField("Boiler", "Worcester 30i, 2017"), CustomField("Access", "side gate, code 4410")),
    ),
    visits=(
        BOILER._replace(
            id="v4470",
            technician_ids=("t1",),
            start=at("09:00", date(2026, 5, 28)),
            end=at("10:00", date(2026, 5, 28)),
            status=Status.COMPLETED,
            actual_start=at("09:12", date(2026, 5, 28)),
            actual_end=at("10:25", date(2026, 5, 28)),
            observed=True,
            nth=1,
            of=2,
        ),
        BOILER._replace(
            technician_ids=("t4",), start=at("10:45"), end=at("12:45"), status=Status.ASSIGNED, nth=2, of=2
        ),
    ),
    technicians=TECHNICIANS,
    history=HISTORY,
    edits=(OPERATIONS[5],),
    conflicts=(Conflict(Rule.OUTSIDE_WINDOW, True, "ends 45 min after the promised 12:00"),),
)

FOUND = (
    BOILER,
    RADIATOR,
    visit("4302", "Boiler service", "Tomás Ibáñez", start=at("09:00", date(2026, 5, 20)),
          end=at("10:00", date(2026, 5, 20)), status=Status.COMPLETED, technician_ids=("t2",),
          address="7 Quay"),
    visit("4288", "Quote: heat pump", "M. Dubois", date=date(2026, 6, 9), status=Status.DRAFT),
)  # fmt: skip


def search(text: str) -> list[PlannedVisit]:
    """The visits that have the text in their number, title or customer."""
    wanted = text.lower()
    return [one for one in FOUND if wanted in f"{one.number} {one.title} {one.customer}".lower()]


def busy(day: date) -> int:
    """Visits of a day: none on Sundays, few on Saturdays, most in the middle of the month."""
    if day.weekday() == 6:
        return 0
    return 12 if day.weekday() == 5 else 130 - 4 * abs(day.day - 12)
