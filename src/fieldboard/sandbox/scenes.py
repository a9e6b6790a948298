"""The scenes that a believable day must have, one of each for every 23 technicians.

Jobs over several visits, days or people; somebody who runs over, is late, pauses, travels; a
cancellation; and one of each conflict that a dispatcher meets.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

from fieldboard.sandbox import progress
from fieldboard.sandbox.desk import Desk
from fieldboard.sandbox.people import BLOCK, SICK
from fieldboard.sandbox.records import Technician, Visit
from fieldboard.sandbox.trades import CATALOGUE, LONG, SERIES, Work

# Who of a block plays which part.
# Several stand by for what needs somebody at work just now: the first that fits plays it.
_RUNS_OVER = (2, 14, 20, 18, 7)
_LATE = (6, 18, 14, 21, 20)
_TRAVELS = (1, 7, 20, 21, 22, 18, 13)
_DOUBLE_BOOKED = 2
_CREW = (3, 16)
_PAUSES = (4, 22, 7, 20, 21, 18, 1)
_LACKS_SKILL = 8
_OVER_CAPACITY = 9
_OUTSIDE_SHIFT = 10
_NO_TRAVEL = 13
_OUTSIDE_WINDOW = 0
_CANCELLED = 15
_LONG = ((17, -1, 3), (18, 3, 2), (5, -13, 3), (20, -22, 2))
_SERIES = ((19, -9, -2), (21, -6, 0), (22, -3, 1), (20, 0, 5), (7, -1, 6), (0, -20, -12))

Reserved = dict[tuple[int, date], tuple[int, int]]


def reserve(desk: Desk, staff: list[Technician]) -> Reserved:
    """Book what spans visits, days or people, and say which time of whom it takes."""
    reserved: Reserved = {}
    for block in range(0, len(staff), BLOCK):
        for place, offset, length in _LONG:
            _long_job(desk, staff, block + place, (offset, length), reserved)
        for place, first, second in _SERIES:
            _series(desk, staff, block + place, (first, second), reserved)
        _crew_job(desk, staff, block, reserved)
    return reserved


def stage(desk: Desk, staff: list[Technician]) -> None:
    """Change the planned day so that each kind of conflict and trouble is in it."""
    for index, person in enumerate(staff):
        place = index % BLOCK
        visits = today_of(desk, person)
        if place == SICK:
            _booked_although_ill(desk, staff, index)
        if len(visits) < 3:
            continue
        if place == _DOUBLE_BOOKED:
            _double_book(desk, visits)
        elif place == _LACKS_SKILL:
            _give_foreign_work(desk, person, _after(desk, visits))
        elif place == _OVER_CAPACITY:
            person.capacity = len(visits) - 1
        elif place == _OUTSIDE_SHIFT:
            _keep_past_shift(desk, person, visits[-1])
        elif place == _NO_TRAVEL:
            _leave_no_travel(desk, visits)
        elif place == _OUTSIDE_WINDOW:
            _break_promise(desk, _after(desk, visits))
    for block in range(0, len(staff), BLOCK):
        taken: set[int] = set()
        for places, play in ((_RUNS_OVER, _run_over), (_LATE, _hold_up), (_TRAVELS, _send_on_the_road)):
            for index in _of_block(staff, block, places):
                if index not in taken and play(desk, today_of(desk, staff[index])):
                    taken.add(index)
                    break


def interrupt(desk: Desk, staff: list[Technician]) -> None:
    """Pause one visit and cancel another, now that all have taken their course."""
    for block in range(0, len(staff), BLOCK):
        for index in _of_block(staff, block, _PAUSES):
            working = [visit for visit in today_of(desk, staff[index]) if visit.status == "working"]
            if working:
                working[0].status = "paused"
                break
        for index in _of_block(staff, block, (_CANCELLED,)):
            visits = today_of(desk, staff[index])
            visit = next((one for one in visits[2:] if one.status == "scheduled"), None)
            if visit is not None and len(desk.world.jobs[visit.job_id].visits) == 1:
                visit.status = "cancelled"
                job = desk.world.jobs[visit.job_id]
                job.status = "cancelled"
                job.updated_at = max(job.created_at, desk.now - timedelta(minutes=37))
    _cancel_some_of_the_past(desk)


def today_of(desk: Desk, person: Technician) -> list[Visit]:
    """The visits on ``person``'s route today, by time."""
    visits = desk.routes.get((person.id, desk.calendar.today), [])
    visits.sort(key=lambda visit: (visit.start or desk.now, visit.id))
    return visits


def _after(desk: Desk, visits: list[Visit]) -> Visit:
    """The second visit ahead, or the last one of the day."""
    ahead = [visit for visit in visits if visit.start is not None and visit.start > desk.now]
    return ahead[min(1, len(ahead) - 1)] if ahead else visits[-1]


def _working_days(desk: Desk, person: Technician, offset: int, count: int) -> list[date]:
    """``count`` days in a row of ``person``'s work from ``offset`` days from today on."""
    day = desk.calendar.today + timedelta(days=offset)
    days: list[date] = []
    for _ in range(30):
        if person.hours(day) is not None:
            days.append(day)
        if len(days) == count:
            break
        day += timedelta(days=1)
    return days


def _long_job(
    desk: Desk, staff: list[Technician], index: int, span: tuple[int, int], reserved: Reserved
) -> None:
    """A job that fills the days of one technician from an offset on, for a number of days."""
    offset, length = span
    if index >= len(staff):
        return
    person = staff[index]
    days = _working_days(desk, person, offset, length)
    fits = [row for row in LONG if set(row[2]) <= set(person.skills)]
    if len(days) < length or not fits or any((index, day) in reserved for day in days):
        return
    title, trade, skills, price = fits[offset % len(fits)]
    work = Work(title, trade, skills, (450,), 1, price)
    client, _ = desk.planner.customer_near(person.district, desk.rng)
    spans = []
    for day in days:
        first, last = person.hours(day) or (480, 1020)
        spans.append((desk.calendar.instant(day, first + 15), desk.calendar.instant(day, last - 30)))
        reserved[index, day] = (first, last)
    created = min(spans[0][0], desk.now) - timedelta(days=18)
    job = desk.take_down(work, 450 * length, client, created, (spans[0][0], spans[-1][1]))
    for start, end in spans:
        visit = desk.add_visit(job, [person], start, end)
        visit.over_min = 0


def _series(
    desk: Desk, staff: list[Technician], index: int, offsets: tuple[int, int], reserved: Reserved
) -> None:
    """A job of two visits some days apart."""
    if index >= len(staff):
        return
    person = staff[index]
    fits = [row for row in SERIES if set(row[2]) <= set(person.skills)]
    days = [day for offset in offsets for day in _working_days(desk, person, offset, 1)]
    if not fits or len(set(days)) < 2 or any((index, day) in reserved for day in days):
        return
    title, trade, skills, price, lengths = fits[index % len(fits)]
    work = Work(title, trade, skills, lengths, 1, price)
    client, _ = desk.planner.customer_near(person.district, desk.rng)
    spans = []
    for day, minutes in zip(days, lengths, strict=True):
        start = person.lunch[1] + 15
        reserved[index, day] = (start, start + minutes)
        opening = desk.calendar.instant(day, start)
        spans.append((opening, opening + timedelta(minutes=minutes)))
    created = min(spans[0][0], desk.now) - timedelta(days=6)
    job = desk.take_down(work, sum(lengths), client, created, (spans[0][0], spans[-1][1]))
    for start_at, end_at in spans:
        desk.add_visit(job, [person], start_at, end_at, 15)


def _crew_job(desk: Desk, staff: list[Technician], block: int, reserved: Reserved) -> None:
    """A job of this afternoon for two people."""
    places = [block + place for place in _CREW]
    if places[-1] >= len(staff):
        return
    crew = [staff[place] for place in places]
    today = desk.calendar.today
    if any(one.hours(today) is None for one in crew):
        return
    first = max(one.lunch[1] for one in crew) + 15
    for place in places:
        reserved[place, today] = (first, first + 150)
    work = Work("Boiler install, two people", "gas boiler", ("gas",), (150,), 1, 2250)
    client, _ = desk.planner.customer_near(crew[0].district, desk.rng)
    start = desk.calendar.instant(today, first)
    end = start + timedelta(minutes=150)
    created = min(start, desk.now) - timedelta(days=9)
    job = desk.take_down(work, 150, client, created, (start, end))
    desk.add_visit(job, crew, start, end, 15)


def _run_over(desk: Desk, visits: list[Visit]) -> bool:
    """Let a visit that should have been over for twenty minutes go on for another while."""
    for visit, course in reversed(progress.courses(visits)):
        if visit.start is None or visit.end is None or course.begin >= desk.now:
            continue
        end = visit.end
        if end > desk.now - timedelta(minutes=20):
            # Planned shorter, so that it is late already.
            end = _five(desk.now - timedelta(minutes=20))
        if timedelta(minutes=30) <= end - visit.start and desk.now - end <= timedelta(minutes=60):
            _book(desk, visit, visit.start, end)
            visit.over_min = _minutes(desk.now + timedelta(minutes=40) - course.begin - (end - visit.start))
            return True
    return False


def _double_book(desk: Desk, visits: list[Visit]) -> None:
    """Let two visits ahead overlap."""
    ahead = [visit for visit in visits if visit.start is not None and visit.start > desk.now]
    pair = ahead[-2:] if len(ahead) >= 2 else visits[-2:]
    first, second = pair
    if first.end is not None and second.start is not None and second.end is not None:
        move = second.start - (first.end - timedelta(minutes=25))
        _shift(desk, second, -move)


def _send_on_the_road(desk: Desk, visits: list[Visit]) -> bool:
    """Let the visit under way be over, so that its technician is on the road to the next."""
    left = desk.now - timedelta(minutes=1)
    arrival = _five(desk.now + timedelta(minutes=20))
    for (visit, course), (following, _) in pairwise(progress.courses(visits)):
        if visit.start is None or visit.end is None or following.start is None:
            continue
        if course.begin > left - timedelta(minutes=20) or following.start <= left:
            continue
        end = min(visit.end, arrival - timedelta(minutes=10))
        if abs(arrival - following.start) > timedelta(minutes=30) or end - visit.start < timedelta(
            minutes=30
        ):
            continue
        _book(desk, visit, visit.start, end)
        visit.over_min = _minutes(left - course.begin - (end - visit.start))
        following.lead_min = max(following.lead_min, 20)
        following.delay_min = -5
        _shift(desk, following, arrival - following.start)
        return True
    return False


def _hold_up(desk: Desk, visits: list[Visit]) -> bool:
    """Let the visit that should have begun half an hour ago not have begun."""
    for visit in visits:
        if visit.start is None or visit.end is None:
            continue
        late = desk.now - visit.start
        if timedelta(minutes=5) <= late and visit.end > desk.now - timedelta(minutes=10):
            visit.delay_min = _minutes(late) + visit.lead_min + 27
            return True
    return False


def _give_foreign_work(desk: Desk, person: Technician, visit: Visit) -> None:
    """Turn a visit into work for which its technician lacks the skill."""
    for work in CATALOGUE:
        if not set(work.skills) & set(person.skills) and work.price:
            job = desk.world.jobs[visit.job_id]
            job.title, job.trade, job.skills = work.title, work.trade, work.skills
            job.items[0].name, job.items[0].price = work.title, float(work.price)
            return


def _keep_past_shift(desk: Desk, person: Technician, visit: Visit) -> None:
    """Move a visit so that it ends after its technician's shift."""
    hours = person.hours(desk.calendar.today)
    if hours is not None and visit.end is not None:
        late = desk.calendar.instant(desk.calendar.today, hours[1] + 35)
        _shift(desk, visit, late - visit.end)


def _leave_no_travel(desk: Desk, visits: list[Visit]) -> None:
    """Move a visit right up to the end of the one ahead of it."""
    later = _after(desk, visits)
    ahead = visits[max(0, visits.index(later) - 1)]
    if ahead is not later and ahead.end is not None and later.start is not None:
        later.lead_min = max(later.lead_min, 18)
        _shift(desk, later, ahead.end - later.start)


def _break_promise(desk: Desk, visit: Visit) -> None:
    """Promise the customer an earlier time than the visit has."""
    job = desk.world.jobs[visit.job_id]
    if visit.start is not None and visit.end is not None:
        job.promise = (visit.start - timedelta(minutes=150), visit.start - timedelta(minutes=30))


def _booked_although_ill(desk: Desk, staff: list[Technician], index: int) -> None:
    """Leave one visit of the afternoon with somebody who called in sick this morning."""
    person = staff[index]
    day = desk.calendar.today
    giver = staff[index - 1]
    for visit in reversed(today_of(desk, giver)):
        others = desk.routes[giver.id, day]
        job = desk.world.jobs[visit.job_id]
        if len(job.visits) > 1 or len(others) < 5 or not set(job.skills) <= set(person.skills):
            continue
        others.remove(visit)
        visit.crew = [person.id]
        job.crew = [person.id]
        # Nobody drives there, so the visit takes no course: it has no route.
        return


def _cancel_some_of_the_past(desk: Desk) -> None:
    """One finished visit in forty was in truth cancelled."""
    today = desk.calendar.today
    for (_, day), visits in desk.routes.items():
        if day >= today:
            continue
        for visit in visits:
            job = desk.world.jobs[visit.job_id]
            if len(job.visits) == 1 and desk.rng.random() < 0.025 and visit.start is not None:
                visit.status = "cancelled"
                visit.departed_at = visit.arrived_at = visit.started_at = visit.ended_at = None
                job.status = "cancelled"
                job.updated_at = visit.start - timedelta(hours=2)


def _shift(desk: Desk, visit: Visit, by: timedelta) -> None:
    """Move a visit."""
    if visit.start is not None and visit.end is not None:
        _book(desk, visit, visit.start + by, visit.end + by)


def _book(desk: Desk, visit: Visit, start: datetime, end: datetime) -> None:
    """Give a visit another time, and its job with it where it is the only one."""
    job = desk.world.jobs[visit.job_id]
    visit.start, visit.end = start, end
    if len(job.visits) == 1:
        job.window_start, job.window_end = start, end


def _of_block(staff: list[Technician], block: int, places: tuple[int, ...]) -> list[int]:
    """The technicians of a block who stand by for a part."""
    return [block + place for place in places if block + place < len(staff)]


def _five(instant: datetime) -> datetime:
    """``instant`` cut to five minutes."""
    return instant.replace(minute=instant.minute // 5 * 5, second=0, microsecond=0)


def _minutes(span: timedelta) -> int:
    """Whole minutes of ``span``."""
    return round(span.total_seconds() / 60)
