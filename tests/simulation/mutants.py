"""Deliberate defects of the sync, each with the invariant that catches it.

A mutant replaces functions from outside for the time of a schedule; nothing in the program knows of it.
Where a second line of defence hides a defect, the mutant takes that away, too, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from unittest.mock import patch

from fieldboard.backends.fieldcamp.adapter import FieldCamp
from fieldboard.backends.fieldcamp.sending import Sender
from fieldboard.backends.http import Http
from fieldboard.backends.port import Answer, FindAnswer, Finding, Outcome
from fieldboard.backends.rate import Budget
from fieldboard.cache import storing
from fieldboard.cache.outbox import Outbox
from fieldboard.cache.outbox_sending import OutboxSending
from fieldboard.cache.store import Store
from fieldboard.domain.operation import Kind, Operation, OpState
from fieldboard.sync import deciding, plan, pull
from fieldboard.sync.landing import Landing
from fieldboard.sync.line import Line
from fieldboard.sync.plan import OperationDecision, Verdict
from fieldboard.sync.push import Push
from tests.simulation.server import TOKEN

Replacing = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A defect. `seed` is a schedule that shows it, `caught_by` are the invariants that may speak.

    `boost` makes the faults frequent without which the defect does not show, `settings` are what the
    server does for certain. It took `took` schedules, from seed 0 on, until it was caught.
    """

    name: str
    caught_by: tuple[str, ...]
    seed: int
    replacing: Replacing
    boost: tuple[tuple[str, Any], ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()
    took: int = 1


def swap(place: Any, **values: Any) -> Replacing:
    """Replacements of attributes of one place."""

    @contextmanager
    def opened() -> Iterator[None]:
        with ExitStack() as stack:
            for name, value in values.items():
                stack.enter_context(patch.object(place, name, value))
            yield

    return opened


def both(*some: Replacing) -> Replacing:
    """Several replacements at once."""

    @contextmanager
    def opened() -> Iterator[None]:
        with ExitStack() as stack:
            for one in some:
                stack.enter_context(one())
            yield

    return opened


# -- sending


async def _resend(self: Any, operation: Operation) -> bool:
    """A lost answer is a failure: once more."""
    self._outbox.settle(operation.op_id, self._fence, OpState.SENDING, OpState.QUEUED)
    return False


async def _call_it_done(self: Any, operation: Operation) -> bool:
    return bool(self._acked(operation, OpState.SENDING))


def _send_all(changes: Sequence[Any], *_: Any, **__: Any) -> OperationDecision:
    return OperationDecision(Verdict.SEND, send=tuple(range(len(changes))))


_decide_all = plan.decide_all


def _as_if_sure(changes: Any, current: Any, **named: Any) -> OperationDecision:
    return _decide_all(changes, current, **{**named, "ever_uncertain": False, "carried_out": frozenset()})


async def _refuse(self: Any, operation: Operation, *_: Any, **__: Any) -> bool:
    self._settle(operation, OpState.REJECTED, "The server refuses it.")
    return True


_prepare = Push._prepare


async def _unread(self: Any, operation: Operation, **named: Any) -> Any:
    """Decide by the cache: nothing is read."""
    from fieldboard.backends.port import ReadAnswer, Reading, Row

    async def read(kind: Any, entity_id: str, *, fresh: bool = False) -> ReadAnswer:  # noqa: ARG001
        reader = self._landing._reader
        entity = reader.own_visit(entity_id) if kind == "visit" else reader.job(entity_id)
        if entity is None:
            return ReadAnswer(Reading.GONE)
        return ReadAnswer(Reading.FOUND, Row(kind, entity_id, entity, reader.raw(kind, entity_id) or "{}"))

    with patch.object(self._backend, "read", read), patch.object(self._landing, "read", lambda _: 0):
        return await _prepare(self, operation, **named)


async def _find_nothing(self: Any, *_: Any) -> FindAnswer:  # noqa: ARG001
    return FindAnswer(Finding.UNDONE, why="not looked for")


def _own_key(self: Any, operation: Operation) -> frozenset[str]:  # noqa: ARG001
    return frozenset({operation.op_id})


def _claim(self: Any, op_id: str, fence: int) -> Operation | None:
    """Whoever asks may send."""
    with self._write() as db:
        taken = db.execute(
            "UPDATE operation SET state = 'sending', attempts = attempts + 1, fence = ?, rev = ? "
            "WHERE op_id = ? AND state = 'queued'",
            (fence, self._next_rev(db), op_id),
        ).rowcount
    found: Operation | None = self.get(op_id)
    return found if taken else None


_journal_step = OutboxSending.journal_step


def _journal(self: Any, op_id: str, _: int | None, step: Any, answer: Any = None) -> bool:
    """Whoever heard an answer writes it down, and goes on."""
    return _journal_step(self, op_id, None, step, answer)


def _resume(self: Any, fence: int) -> list[Operation]:
    """What was being sent is simply sent again."""
    with self._write() as db:
        db.execute(
            "UPDATE operation SET state = 'queued', fence = ?, rev = ? WHERE state = 'sending'",
            (fence, self._next_rev(db)),
        )
        db.execute("DELETE FROM step")
    return []


async def _keep_order_of_answers(self: Any, operation: Operation, change: Any) -> bool:  # noqa: ARG001
    """The server kept another value: that is taken for a yes."""
    return bool(self._acked(operation, OpState.SENDING))


_judge_answer = Sender._answer


async def _answer_by_status(self: Any, sent: Any, kind: Any, step: Any, change: Any) -> Answer:
    answer = await _judge_answer(self, sent, kind, step, change)
    if sent.reply is not None and sent.reply.ok and answer.outcome is Outcome.UNCERTAIN:
        return replace(answer, outcome=Outcome.DONE)
    return answer


async def _servers_error_is_no(self: Any, sent: Any, kind: Any, step: Any, change: Any) -> Answer:
    answer = await _judge_answer(self, sent, kind, step, change)
    if sent.reply is not None and sent.reply.status >= 500 and answer.outcome is Outcome.UNCERTAIN:
        return replace(answer, outcome=Outcome.REFUSED)
    return answer


# -- fetching

_finish = Landing.finish


def _cursor_by_own_clock(self: Any, walk: Any, result: Any) -> None:
    from datetime import UTC, datetime

    walk.stamp = datetime.fromtimestamp(self._now, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    walk.newest = None
    _finish(self, walk, result)


def _newest_cursor(self: Any, kind: Any) -> str | None:
    cursor = self._writer.cursor(kind)
    return None if cursor is None else cursor.stamp


_store = Landing.store


def _cursor_first(self: Any, walk: Any, rows: Any) -> int:
    """The cursor is saved before the rows."""
    stamps = [row.stamp for row in rows if row.stamp is not None]
    if stamps:
        self._writer.finish_walk(walk.run, complete=True, stamp=max(stamps))
    return _store(self, walk, rows)


def _cursor_each_page(self: Any, walk: Any, rows: Any) -> int:
    """The cursor is saved with each row."""
    count = 0
    for row in rows:
        count += _store(self, walk, [row])
        if row.stamp is not None:
            self._writer.finish_walk(walk.run, complete=True, stamp=row.stamp)
    return count


def _trust_any_list(self: Any, kind: Any, entity_id: str, now: Any) -> bool:  # noqa: ARG001
    return True


_known = storing._known


def _known_as(stamp_at: Callable[[float | None], float | None]) -> Any:
    """What was last seen, under other stamps."""

    def known(storing: Any, kind: Any, ids: Any) -> Any:
        rows = _known(storing, kind, ids).items()
        return {one: (digest, stamp_at(stamp), *more) for one, (digest, stamp, *more) in rows}

    return known


def _just_before(stamp_at: float | None) -> float | None:
    """Half a millisecond, which is less than any server tells."""
    return stamp_at and stamp_at - 0.0005


async def _gone_at_once(self: Any, kind: Any, entity_id: str) -> bool:
    """Nobody asks for a job that a list lacks."""
    return kind == Kind.JOB or bool(await _is_gone(self, kind, entity_id))


_is_gone = pull.Pull._is_gone


NO_TRAILING: Final = swap(Landing, cursor=_newest_cursor)
NO_OVERLAP: Final = swap(pull, OVERLAP=0, OVERLAP_MOST=0)
STRICT: Final = both(NO_TRAILING, NO_OVERLAP)
"""Where the cursor trails one finished run, or asks from before it, a single mistake with it is made good."""


# -- what is shown

_acked = Push._acked


def _lift_with_the_answer(self: Any, operation: Operation, before: OpState) -> bool:
    found = _acked(self, operation, before)
    self._landing._writer.lift_echo(operation.op_id)
    return bool(found)


_add_all = Outbox.add_all


def _forget_some(self: Any, drafts: Any, **named: Any) -> Any:
    """Says that it is saved, and it is not."""
    saved = _add_all(self, drafts, **named)
    with self._write() as db:
        db.execute("DELETE FROM operation WHERE op_id = ?", (saved[0].op_id,))
    return saved


_learn = Landing.learn


def _learn_the_token(self: Any, facts: Any) -> None:
    _learn(self, {**facts, "authorization": f"Bearer {TOKEN}"})


_http_send = Http._send


async def _retry_in_the_line(self: Any, method: str, url: str, **named: Any) -> Any:
    """The line sends a request again by itself where it had no answer."""
    sent = await _http_send(self, method, url, **named)
    if sent.reply is None or sent.reply.status >= 500:
        sent = await _http_send(self, method, url, **named)
    return sent


def _no_lag(self: Any, kind: Any, entity_id: str) -> bool:  # noqa: ARG001
    return False


def _keep_the_old_list(self: Any) -> None:
    """Reads are answered from the list of an earlier round."""


def _always_listed(self: Any, kind: Any, *, fresh: bool = False) -> Any:  # noqa: ARG001
    return _list(self, kind, fresh=False)


_list = FieldCamp._list


async def _hurry(self: Any, seconds: float, says: str) -> None:  # noqa: ARG001
    """Waits a moment, whatever was asked for."""
    await self._sleep(min(seconds, 0.2))


LAGGING: Final = (("replica", 0.5), ("theirs", 8.0), ("pace_s", 4.0))
LAGGED: Final = (("read_lag_s", 12.0), ("paging", "page"))
"""Half of the pages are as they were a while ago, so that a row comes older than it came before."""

CANARY: Final = Mutant(
    "canary: an edit that was said to be saved is lost", ("S1",), 0, swap(Outbox, add_all=_forget_some)
)

MUTANTS: Final = (
    Mutant("a lost answer is sent again at once", ("Q3", "Q4"), 0, swap(Push, _lost=_resend)),
    Mutant("a lost answer counts as a yes", ("Q4", "S4", "Q7"), 6, swap(Push, _lost=_call_it_done), took=7),
    Mutant("what was read decides nothing", ("Q6",), 0, swap(deciding, decide_all=_send_all)),
    Mutant(
        "a deletion takes along what others changed",
        ("Q6",),
        4,
        swap(plan, differences=lambda *_: ()),
        took=5,
    ),
    Mutant("no read before a write", ("Q6",), 0, swap(Push, _prepare=_unread)),
    Mutant("order of an entity's edits ignored", ("S7", "Q5"), 0, swap(Push, _keys=_own_key)),
    Mutant("fence ignored", ("S7",), 0, swap(OutboxSending, claim=_claim), (("stalls", 0.08), ("slow", 0.2))),
    Mutant(
        "who has lost the fence writes on what became of requests",
        ("Q3", "Q4", "Q6", "S7"),
        6,
        swap(OutboxSending, journal_step=_journal),
        (("stalls", 0.08), ("drop_response", 0.2), ("401", 0.2), ("creates", 6.0)),
        took=7,
    ),
    Mutant(
        "a conflict although it may have been carried out", ("Q4",), 0, swap(deciding, decide_all=_as_if_sure)
    ),
    Mutant(
        "a server's error is a no",
        ("Q4",),
        1,
        swap(Sender, _answer=_servers_error_is_no),
        (("500_after", 0.1),),
        took=2,
    ),
    Mutant(
        "strict cursor (newest stamp, no overlap)",
        ("S6", "Q1"),
        12,
        STRICT,
        (("late_s", 60.0), ("skew_s", 5.0)),
        took=13,
    ),
    Mutant(
        "one walk only (and a strict cursor)",
        ("S6", "Q1"),
        8,
        both(swap(pull, WALKS=1), STRICT),
        (("late_s", 60.0), ("skew_s", 5.0)),
        took=9,
    ),
    Mutant(
        "one list without a visit is enough",
        ("S3",),
        0,
        swap(Landing, absent_again=_trust_any_list),
        (("replica", 0.5), ("theirs", 8.0), ("pace_s", 4.0)),
        (("read_lag_s", 12.0), ("paging", "page")),
    ),
    Mutant(
        "a 404 for something brand new is believed",
        ("S3", "Q4"),
        0,
        swap(Landing, may_lag=_no_lag),
        (("replica", 0.5),),
    ),
    Mutant(
        "a job that one list lacks is gone",
        ("S3",),
        5,
        swap(pull.Pull, _is_gone=_gone_at_once),
        (("replica", 0.5), ("theirs", 3.0), ("creates", 6.0), ("pace_s", 4.0), ("full_share", 0.5)),
        (("read_lag_s", 12.0), ("paging", "none")),
        took=6,
    ),
    Mutant(
        "a row of the same stamp and of other content is believed",
        ("S10",),
        6,
        swap(storing, _known=_known_as(_just_before)),
        LAGGING,
        LAGGED,
        took=7,
    ),
    Mutant(
        "a row that looks older is believed",
        ("S10",),
        6,
        swap(storing, _known=_known_as(lambda _: None)),
        LAGGING,
        LAGGED,
        took=7,
    ),
    Mutant(
        "what is in doubt is not read by its id",
        ("S10",),
        0,
        swap(Landing, suspects=lambda *_: []),
        LAGGING,
        LAGGED,
    ),
    Mutant("no echo", ("S4",), 17, swap(Landing, echo=lambda *_: None), (("replica", 0.5),), took=18),
    Mutant(
        "the echo ends with the server's answer",
        ("S4",),
        17,
        swap(Push, _acked=_lift_with_the_answer),
        (("replica", 0.5),),
        took=18,
    ),
    Mutant(
        "no look for second copies",
        ("Q3",),
        0,
        swap(Landing, scan_for_duplicates=lambda *_: None),
        (("duplicate", 0.2),),
    ),
    Mutant("the view leaves out what waits", ("S2", "S4"), 0, swap(Store, _lay=lambda _: set())),
    Mutant(
        "nothing is ever confirmed",
        ("Q7",),
        0,
        swap(Landing, _confirm=lambda *_: None, unconfirmed=lambda _: []),
    ),
    Mutant(
        "take-over leaves what was being sent",
        ("Q7",),
        0,
        swap(OutboxSending, recover=lambda *_: []),
        (("kill_at_request", 0.06),),
    ),
    Mutant(
        "reads are answered from a list of long ago",
        ("Q6",),
        0,
        swap(FieldCamp, begin_round=_keep_the_old_list, _list=_always_listed, forget=lambda *_: None),
        (("pace_s", 5.0), ("theirs", 3.0), ("hot_share", 0.9)),
    ),
    Mutant(
        "no settle time",
        ("Q5", "Q3"),
        15,
        swap(Push, _settled_at=lambda self: self._line.now - 1),
        (("of writes: delay", 0.35), ("pace_s", 3.0), ("hot_share", 0.9), ("kill_statement", 0.0)),
        took=16,
    ),
    Mutant(
        "look-ups find nothing",
        ("Q3", "Q4"),
        9,
        swap(Sender, find_out=_find_nothing),
        (("drop_response", 0.15), ("creates", 6.0)),
        (("duplicate_number", "allow"),),
        took=10,
    ),
    Mutant(
        "the journal's yes is forgotten",
        ("Q3",),
        1,
        swap(deciding, carried_out=lambda *_: frozenset()),
        (("replica", 0.8), ("of writes: 429", 0.4), ("pace_s", 3.0), ("hot_share", 0.9)),
        (("read_lag_s", 12.0),),
        took=2,
    ),
    Mutant(
        "what was being sent at a kill is sent again",
        ("Q6", "Q3", "Q4"),
        4,
        swap(OutboxSending, recover=_resume),
        (("kill_at_request", 0.06), ("creates", 4.0)),
        took=5,
    ),
    Mutant(
        "a refusal after a lost answer is a refusal (and look-ups find nothing)",
        ("Q4",),
        0,
        both(swap(Push, _refused=_refuse), swap(Sender, find_out=_find_nothing)),
        (("break_after", 0.15), ("creates", 6.0)),
        (("duplicate_number", "409"),),
    ),
    Mutant(
        "a page with 200 is a yes",
        ("Q4", "S4", "Q2", "Q7", "Q3"),
        6,
        swap(Sender, _answer=_answer_by_status),
        (("200_html_before", 0.1),),
        took=7,
    ),
    Mutant(
        "the line repeats requests by itself",
        ("Q6", "Q3", "Q4"),
        4,
        swap(Http, _send=_retry_in_the_line),
        (("drop_response", 0.1),),
        took=5,
    ),
    Mutant(
        "no overlap (and not trailing)",
        ("S6", "Q1"),
        4,
        both(NO_OVERLAP, NO_TRAILING),
        (("late_s", 90.0), ("skew_s", 5.0), ("theirs", 4.0)),
        took=5,
    ),
    Mutant(
        "cursor by our own clock",
        ("S6", "Q1"),
        0,
        both(swap(Landing, finish=_cursor_by_own_clock), NO_TRAILING),
        (("ahead_s", 600.0), ("jumps", 0.0), ("theirs", 4.0)),
    ),
    Mutant(
        "cursor saved before the rows (and not trailing)",
        ("S6", "Q1"),
        6,
        both(swap(Landing, store=_cursor_first), swap(pull, BATCH=1), STRICT),
        (("kill_statement", 1.0), ("kill_at_request", 0.05), ("theirs", 6.0)),
        (("paging", "page"), ("page_size", 3)),
        took=7,
    ),
    Mutant(
        "cursor saved with each page (and not trailing)",
        ("S6", "Q1"),
        1,
        both(swap(Landing, store=_cursor_each_page), swap(pull, BATCH=1), STRICT),
        (("kill_at_request", 0.05), ("slow_line_s", (0.05, 0.5)), ("theirs", 10.0)),
        (("paging", "page"), ("page_size", 2)),
        took=2,
    ),
    Mutant(
        "what asks to wait is not heeded",
        ("Q8",),
        0,
        both(
            swap(Budget, held_back_s=lambda *_, **__: 0.0, blocked_s=lambda *_: 0.0), swap(Line, wait=_hurry)
        ),
        (("429_seconds", 0.1),),
    ),
    Mutant("the token is kept with what was learned", ("S8",), 0, swap(Landing, learn=_learn_the_token)),
    Mutant(
        "no full round takes anything away",
        ("Q2",),
        1,
        swap(Landing, gone=lambda *_: 0),
        (("theirs", 4.0),),
        took=2,
    ),
)
"""Each is caught in every run, within four times as many schedules as it took, but at least twelve."""
