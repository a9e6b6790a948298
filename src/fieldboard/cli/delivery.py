"""How an edit leaves: saved in the outbox first, then sent, then told what became of it."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Final

from fieldboard.cli import failure
from fieldboard.cli.failure import Ended, Failure
from fieldboard.cli.output import print_json, say, warn
from fieldboard.cli.shapes import operation_json
from fieldboard.cli.standard_output import NotPrinted, drop_the_rest
from fieldboard.domain.operation import UNDECIDED, Operation, OpState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fieldboard.backends.port import Backend
    from fieldboard.board.plan import Plan
    from fieldboard.cli.assemble import OpenProfile
    from fieldboard.sync.report import RoundReport, SyncSettings

_WAITING: Final = frozenset({OpState.QUEUED, OpState.SENDING})


def settings_of(opened: OpenProfile) -> SyncSettings:
    """The profile's times, as sync wants them."""
    from fieldboard.sync.report import SyncSettings

    profile = opened.profile
    return SyncSettings(profile.name, profile.timeout_s, profile.settle_s, profile.poll_s)


def backend_opener(opened: OpenProfile) -> Callable[[], Backend]:
    """What opens the system when it is needed, with the token found now; the log is opened with it.

    Raises TokenMissing at once, before anything is saved or asked; not where a sync process runs,
    which has its own. The first use takes the token that was found here, so that a slow
    `token_command` runs once.
    """
    from fieldboard.cache.windows import SyncLock
    from fieldboard.cli import systems
    from fieldboard.log import open_log
    from fieldboard.paths import log_dir

    found: list[str] = []
    lock = SyncLock(opened.files)
    if lock.try_take():
        lock.release()
        systems.check_certificate(opened.profile)
        found.append(opened.token())
    open_log(log_dir(opened.data), "cli", found)

    def token() -> str:
        return found.pop() if found else opened.token()

    learned = opened.store.learned()

    def open_backend() -> Backend:
        return systems.open_backend(opened.profile, opened.roster, opened.zone, token, learned, opened.data)

    return open_backend


def carry_out(opened: OpenProfile, plan: Plan, *, offline: bool, as_json: bool) -> None:
    """Save a plan, send it unless `offline`, print what became of it.

    Raises Failure for a refused plan (nothing is saved) and for one that would do nothing, Ended where
    the exit code is not 0. The code tells what became of the edit also where that cannot be printed: "not
    saved" would have it made twice.
    """
    if plan.refusal is not None:
        raise Failure(plan.refusal)
    if plan.empty:
        raise Failure(plan.sentence or "that would change nothing")
    open_backend = None if offline else backend_opener(opened)
    saved = opened.desk.commit(plan)
    report: RoundReport | None = None
    waiting = [one.op_id for one in saved if one.state in _WAITING]
    if open_backend is not None and waiting:
        from fieldboard.sync.errand import deliver

        report = asyncio.run(
            deliver(
                open_backend,
                opened.files,
                opened.rules,
                opened.zone,
                opened.clock,
                settings_of(opened),
                waiting,
            )
        )
    told = [*saved, *(one for op_id in plan.notes if not saved and (one := _get(opened, op_id)) is not None)]
    ended = [_get(opened, one.op_id) or one for one in told]
    unprinted = _told(opened, plan, ended, as_json=as_json)
    code, line = _outcome(opened, ended, report, offline=offline)
    if said := "; ".join(one for one in (unprinted, line) if one):
        warn(f"fieldboard: {said}")
    if code:
        raise Ended(code)


def _get(opened: OpenProfile, op_id: str) -> Operation | None:
    return opened.store.outbox.get(op_id)


def _told(opened: OpenProfile, plan: Plan, ended: Sequence[Operation], *, as_json: bool) -> str:
    """Print what became of the edit; what is to be said where that cannot be printed, else nothing."""
    try:
        _tell(opened, plan, ended, as_json=as_json)
        sys.stdout.flush()
    except BrokenPipeError:
        drop_the_rest()
    except NotPrinted as lost:
        drop_the_rest()
        saved = ", ".join(f"{one.label or one.op_id}: {said_of(one)} ({one.op_id})" for one in ended)
        return f"the output could not be written ({lost.reason}), but the edit was saved: {saved}"
    return ""


def _tell(opened: OpenProfile, plan: Plan, ended: Sequence[Operation], *, as_json: bool) -> None:
    """Print the operation; several (an act of the board on many jobs) as a list."""
    if as_json:
        from fieldboard.board.deciding import with_true_choices

        opened.desk.poll()
        told = with_true_choices(opened.desk, ended)
        documents = [operation_json(one, opened.desk.server_id) for one in told]
        print_json(documents[0] if len(documents) == 1 else documents)
        return
    say(plan.sentence)
    for one in ended:
        for warning in one.warnings:
            say(f"  note: {warning}")
    for one in ended:
        say(f"  {said_of(one)} ({one.op_id})")


def said_of(one: Operation) -> str:
    """What became of an operation, in words."""
    noted = "; noted" if one.noted else ""
    match one.state:
        case OpState.QUEUED | OpState.SENDING:
            return "saved here; it is sent as soon as the system can be reached"
        case OpState.UNCERTAIN:
            return "sent, but the answer was lost; it is looked up in the next round"
        case OpState.ACKED | OpState.CONFIRMED:
            return "done"
        case OpState.CANCELLED:
            return "taken back before it was sent"
        case OpState.SUPERSEDED:
            return f"superseded: {one.reason or 'somebody else did more since'}{noted}"
        case _:
            return f"{one.state.value}: {one.reason or 'see the outbox'}{noted}"


def _outcome(
    opened: OpenProfile, ended: Sequence[Operation], report: RoundReport | None, *, offline: bool
) -> tuple[int, str]:
    """The exit code that our own operations make, and what standard error has to say with it."""
    undecided = [one for one in ended if one.state in UNDECIDED and not one.noted]
    if undecided:
        line = f"{undecided[0].label or undecided[0].op_id}: {said_of(undecided[0])}"
        return failure.UNDECIDED, line
    if offline:
        return failure.DONE, ""
    waiting = [one for one in ended if one.state in _WAITING]
    if waiting:
        why = report.error if report is not None else opened.store.state().error
        why = why or "the sync process of this profile has not sent it yet"
        return failure.UNREACHED, f"{why.rstrip('.')}; the edit is kept and goes out with the next sync"
    if any(one.state is OpState.UNCERTAIN for one in ended):
        return failure.DONE, "the answer was lost; fieldboard sync looks up what became of the edit"
    return failure.DONE, ""
