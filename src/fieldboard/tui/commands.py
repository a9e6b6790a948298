"""The `:` line on the board: what a typed command does to the selection or to the job it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from fieldboard.board import planning as plans
from fieldboard.board.command_line import Command, Names, NotUnderstood, complete, parse
from fieldboard.board.filters import Filter
from fieldboard.board.naming import find_job_or_visit, find_technician, parse_day, parse_place, parse_time
from fieldboard.board.plan import Plan
from fieldboard.board.queue_order import GroupBy, Order
from fieldboard.domain.job import Job
from fieldboard.domain.status import Status
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.arrangement import PANES

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.tui.board_screen import BoardScreen


def open_command_line(screen: BoardScreen, lines: list[str]) -> None:
    """Open the `:` line; `lines` are those typed before, and take the new one."""
    from fieldboard.tui.dialogs.command_line import CommandLine, Completion

    rows = list(screen.view.rows[:2000]) if screen.view is not None else []
    day = screen.day
    names = Names(
        lambda text: [row.number for row in rows if row.number.startswith(text)][:12],
        tuple(column.technician.name for column in day.columns) if day is not None else (),
    )

    def completions(text: str) -> list[Completion]:
        from fieldboard.board.acts import BY_WORD

        found = []
        for line in complete(text, names):
            act = BY_WORD.get(line.split(" ", 1)[0])
            found.append(Completion(line, line, act.help if act is not None else ""))
        return found

    def check(text: str) -> str | None:
        try:
            parse(text)
        except NotUnderstood as error:
            return str(error)
        return None

    def typed(line: str | None) -> None:
        if line and line.strip():
            lines.append(line.strip())
            run(screen, line)

    screen.app.push_screen(CommandLine(completions, history=lines, check=check), typed)


def run(screen: BoardScreen, line: str) -> None:
    """Do what a line says, or say why not."""
    try:
        command = parse(line)
    except NotUnderstood as error:
        screen.saying.error(str(error))
        return
    app = screen.board_app
    if (lacking := app.lacks.get(command.act.id)) is not None:
        screen.saying.error(lacking)
    elif command.args and _with_words(screen, command):
        return
    else:
        app.run_act(command.act.id)


def _with_words(screen: BoardScreen, command: Command) -> bool:
    """Do an act with the words after it; False where it takes none."""
    act, rest = command.act.id, command.rest
    if act == "search":
        screen.acting.finding.search(rest)
    elif act == "filter":
        columns = screen.view.board.filter.columns if screen.view is not None else ""
        screen.acting.filtering.filter(Filter(rest, columns))
    elif act == "sort":
        _sort(screen, command.args)
    elif act == "help":
        screen.acting.program_acts.help(rest)
    elif act == "theme":
        if rest in screen.board_app.options.themes:
            screen.board_app.set_theme(rest)
        else:
            screen.saying.error(
                f"there is no theme {rest!r}; there are {', '.join(sorted(screen.board_app.options.themes))}"
            )
    elif act == "profile":
        screen.board_app.switch_to(rest)
    elif act == "next_pane" and rest in PANES:
        screen.acting.walking.enter(rest)
    elif act in ("go_to_date", "previous_day", "next_day", "today"):
        try:
            screen.showing.show_day(parse_day(command.args[0], screen.today()))
        except ValueError as error:
            screen.saying.error(str(error))
    elif act in _PLANNED:
        _plan(screen, command)
    elif act in ("details", "history", "open", "edit", "delete"):
        _go_and_do(screen, command)
    else:
        return False
    return True


def _sort(screen: BoardScreen, args: tuple[str, ...]) -> None:
    board = screen.view.board if screen.view is not None else None
    if board is None:
        return
    try:
        order = Order(args[0]) if args[0] != "by" else board.order
        group = GroupBy(args[args.index("by") + 1]) if "by" in args[:-1] else board.group_by
    except ValueError:
        orders, groups = ", ".join(one.value for one in Order), ", ".join(one.value for one in GroupBy)
        screen.saying.error(f"the orders are {orders}; by {groups}")
        return
    screen.acting.filtering.sort(order, group)


_PLANNED = frozenset(
    {
        *("assign", "pick_up", "unassign", "times", "status", "note", "undo", "retry"),
        *("reorder", "crew", "technician", "visit_add"),
    }
)


def _plan(screen: BoardScreen, command: Command) -> None:
    chosen = screen.visit()
    day = screen.day.day if screen.day is not None else screen.today()
    technician_id = screen.cursor.technician_id

    def planner(desk: Desk) -> Plan:
        try:
            return _planned(desk, command, chosen, day, technician_id)
        except ValueError as error:
            return plans.refuse(str(error))

    screen.acting.saving.commit(planner, sure=command.act.id in ("undo", "retry"))


def _planned(
    desk: Desk, command: Command, chosen: PlannedVisit | None, day: date, technician_id: str | None = None
) -> Plan:
    act, args = command.act.id, list(command.args)
    if act in ("undo", "retry"):
        return _taken_back(desk, act, args[0])
    if act == "technician":
        return _of_technician(desk, args, technician_id)
    visit, args = _subject(desk, act, args, chosen)
    if visit is None:
        return plans.refuse("no job is selected, and none was named")
    if act == "unassign":
        return plans.plan_unassign(desk, visit)
    if not args:
        return plans.refuse(f"{command.act.command} {command.act.arguments}")
    own_day = desk.zone.date_of(visit.start) if visit.start is not None else day
    return _OF_VISITS[act](desk, visit, args, own_day)


def _taken_back(desk: Desk, act: str, op_id: str) -> Plan:
    op = next((one for one in desk.edits() if one.op_id == op_id), None)
    if op is None:
        return plans.refuse(f"there is no edit {op_id!r}")
    return plans.plan_retry(desk, op) if act == "retry" else plans.plan_undo(desk, op)


def _note(desk: Desk, visit: PlannedVisit, args: list[str], _: date) -> Plan:
    job = desk.store.job(visit.job_id)
    return plans.plan_note(desk, job, " ".join(args)) if job is not None else plans.refuse(_NO_JOB)


def _status(desk: Desk, visit: PlannedVisit, args: list[str], _: date) -> Plan:
    word = args[0].lower().replace("-", "_")
    reason = " ".join(args[1:]) or None
    stage = word if word in desk.rules.job_lifecycle.stages else ""
    if not stage and word not in {one.value for one in Status}:
        return plans.refuse(f"{args[0]!r} is no status")
    goal = Status.CLOSED if stage else Status(word)
    return plans.plan_status(desk, visit, goal, reason, stage=stage)


def _times(desk: Desk, visit: PlannedVisit, args: list[str], day: date) -> Plan:
    start = parse_time(args[0], day, desk.zone)
    end = parse_time(args[1], day, desk.zone) if len(args) > 1 else None
    return plans.plan_reschedule(desk, visit, start, end)


def _visit_add(desk: Desk, visit: PlannedVisit, args: list[str], day: date) -> Plan:
    start = parse_time(args[0], day, desk.zone)
    end = parse_time(args[1], day, desk.zone) if len(args) > 1 else None
    job = desk.store.job(visit.job_id)
    return plans.plan_visit_add(desk, job, start, end) if job is not None else plans.refuse(_NO_JOB)


def _reorder(desk: Desk, visit: PlannedVisit, args: list[str], _: date) -> Plan:
    place = args[0]
    if not (place.isdecimal() and int(place)):
        return plans.refuse(f"{place!r} is no place: count from 1")
    return plans.plan_reorder(desk, visit, position=int(place))


def _crew(desk: Desk, visit: PlannedVisit, args: list[str], _: date) -> Plan:
    text = " ".join(args)
    sign, name = text[:1], text[1:].strip()
    if sign not in ("+", "-") or not name:
        return plans.refuse("crew +TECHNICIAN or crew -TECHNICIAN")
    who = find_technician(name, desk.people.everybody()).id
    more, fewer = (who, None) if sign == "+" else (None, who)
    return plans.plan_crew(desk, visit, more, fewer, entity="")


def _of_technician(desk: Desk, args: list[str], technician_id: str | None) -> Plan:
    """`[TECHNICIAN] STATUS` or `[TECHNICIAN] LAT,LNG`; without a name the technician under the cursor."""
    last, name = args[-1], " ".join(args[:-1])
    who = find_technician(name, desk.people.active()) if name else desk.people.technician(technician_id or "")
    if who is None:
        return plans.refuse("no technician is selected, and none was named")
    if "," in last:
        return plans.plan_technician(desk, who, place=parse_place(last))
    return plans.plan_technician(desk, who, status=last)


def _assigned(desk: Desk, visit: PlannedVisit, args: list[str], day: date) -> Plan:
    start = None
    if len(args) > 1 and args[-1][:1].isdigit():
        start = parse_time(args.pop(), day, desk.zone)
    technician = find_technician(" ".join(args), desk.people.active())
    return plans.plan_assign(desk, visit, technician.id, start)


_NO_JOB = "the job is not in the cache"
_OF_VISITS: Mapping[str, Callable[[Desk, PlannedVisit, list[str], date], Plan]] = {
    "assign": _assigned,
    "pick_up": _assigned,
    "note": _note,
    "status": _status,
    "times": _times,
    "visit_add": _visit_add,
    "reorder": _reorder,
    "crew": _crew,
}


def _subject(
    desk: Desk, act: str, args: list[str], chosen: PlannedVisit | None
) -> tuple[PlannedVisit | None, list[str]]:
    """The job that a line names, else the selected one, and the words that remain."""
    if args and (act in ("unassign",) or len(args) > 1):
        try:
            found, _ = find_job_or_visit(args[0], desk)
        except ValueError:
            if act == "unassign" or chosen is None:
                raise
            return chosen, args
        if isinstance(found, Job):
            visits = desk.planned_of_job(found.id)
            return (visits[0] if visits else None), args[1:]
        return found, args[1:]
    return chosen, args


def _go_and_do(screen: BoardScreen, command: Command) -> None:
    """Go to the job that a line names, then do the act there."""

    def find(desk: Desk) -> PlannedVisit | str:
        try:
            found, _ = find_job_or_visit(command.args[0], desk)
        except ValueError as error:
            return str(error)
        if isinstance(found, Job):
            visits = desk.planned_of_job(found.id)
            return visits[0] if visits else f"{command.args[0]} has no visit"
        return found

    def go(found: PlannedVisit | str) -> None:
        if isinstance(found, str):
            screen.saying.error(found)
            return
        screen.following.go_to(found)
        screen.board_app.run_act(command.act.id)

    screen.thread.ask(find, go)
