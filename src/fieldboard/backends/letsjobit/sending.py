"""Sends one request of an edit, and says what became of it; looks up those whose answer was lost.

Each is sent once. Writes answer with a count: one of nothing, or an error within a 200, is no success, and
where the count leaves it open a read decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Final, Protocol

from fieldboard.backends.http import Http
from fieldboard.backends.json_door import NotJson
from fieldboard.backends.letsjobit.bodies import differing
from fieldboard.backends.letsjobit.reading import Read, plain_json
from fieldboard.backends.letsjobit.replies import count_in, error_in, error_of, value_of
from fieldboard.backends.letsjobit.writing import params_in
from fieldboard.backends.port import Answer, FindAnswer, Finding, LineDown, Outcome, Step
from fieldboard.backends.reply import Sent, judge
from fieldboard.domain.operation import Json

_SILENT: Final = "the server does not say that anything was changed"


class Reads(Protocol):
    """How visits are read. Both raise LineDown."""

    async def fetch(self, visit_id: str) -> Read | None:
        """One visit as it is now; None where it is gone."""
        ...

    async def matching(self, params: Mapping[str, str]) -> list[Read]:
        """All visits that filters let through."""
        ...


class Sender:
    """Carries out the steps of one account's edits."""

    def __init__(self, http: Http, reads: Reads) -> None:
        self._http = http
        self._reads = reads

    async def carry_out(self, step: Step) -> Answer:
        """See `Backend.carry_out`."""
        if step.method == "GET":
            return await self._look(step)
        body = _body(step)
        sent = await self._http.write(step.method, step.path, body)
        if step.method == "POST":
            return await self._created(step, self._taken(sent))
        answer, count = self._taken(sent)
        if answer.outcome is Outcome.GONE or (answer.outcome is Outcome.DONE and not count):
            return await self._doubtful(step, answer)
        return answer

    async def find_out(self, step: Step) -> FindAnswer:
        """See `Backend.find_out`. Raises LineDown."""
        if step.method == "POST":
            found = await self._reads.matching({"id": step.marker or ""})
            rows = tuple(one.row for one in found)
            if not rows:
                return FindAnswer(Finding.UNDONE, why="no visit has the id that the new one was given")
            if len(rows) > 1:
                return FindAnswer(Finding.SEVERAL, rows, f"{len(rows)} visits have the id of the new one")
            return FindAnswer(Finding.DONE, rows)
        rows_now = await self._rows_of(step)
        if step.method == "DELETE":
            gone = not any(rows_now.values())
            return FindAnswer(Finding.DONE if gone else Finding.UNDONE)
        missing = [one for one, rows in rows_now.items() if rows is None]
        if missing:
            return FindAnswer(Finding.UNDONE, why="it is not there any more")
        wanted = _wanted(step)
        there = {one: rows for one, rows in rows_now.items() if rows is not None}
        done = not any(differing(wanted[one], plain_json(rows.row)) for one, rows in there.items())
        return FindAnswer(
            Finding.DONE if done else Finding.UNDONE, tuple(rows.row for rows in there.values())
        )

    def _taken(self, sent: Sent) -> tuple[Answer, int | None]:
        """What the server said, and how many visits it touched where it says so."""
        verdict = judge(sent, self._http.budget, self._http.server_date)
        reply = sent.reply
        status = reply.status if reply is not None else None
        if verdict.outcome is not Outcome.DONE or reply is None:
            said = self._http.redact(error_of(reply)) if reply is not None else ""
            wait = verdict.wait_s
            if verdict.outcome is Outcome.WAIT and wait is None and reply is not None:
                wait = self._http.budget.untold_wait_s()
            outcome = verdict.outcome
            if status == 403:
                # Every edit would meet the same: nothing more is sent until somebody looks.
                outcome = Outcome.MISCONFIGURED
            why = f"{verdict.why}: {said}" if said else verdict.why
            return Answer(outcome, status, why, wait_s=wait), None
        try:
            envelope = value_of(reply)
        except NotJson as strange:
            return Answer(Outcome.UNCERTAIN, status, f"{self._http.host} {strange}"), None
        if said := self._http.redact(error_in(envelope)):
            return Answer(Outcome.REFUSED, status, f"the server refuses it: {said}"), count_in(envelope)
        return Answer(Outcome.DONE, status), count_in(envelope)

    async def _created(self, step: Step, taken: tuple[Answer, int | None]) -> Answer:
        """A new visit is read by the id that it was given: the answer to a POST tells none."""
        answer, _ = taken
        if answer.outcome not in (Outcome.DONE, Outcome.REFUSED) or (answer.status or 0) >= 300:
            return answer
        try:
            found = await self._reads.matching({"id": step.marker or ""})
        except LineDown as down:
            return Answer(Outcome.UNCERTAIN, answer.status, f"the new visit could not be read: {down}")
        if len(found) == 1:
            one = found[0]
            return Answer(Outcome.DONE, answer.status, None, one.row, one.row.id)
        if found:
            return Answer(Outcome.UNCERTAIN, answer.status, "several visits have the id of the new one")
        if answer.outcome is Outcome.REFUSED:
            return answer
        # A server may lag behind itself: it is looked up again before anything is sent.
        return Answer(Outcome.UNCERTAIN, answer.status, "the server said yes and does not show the visit")

    async def _doubtful(self, step: Step, answer: Answer) -> Answer:
        """Nothing was changed, or nobody says so: a read tells whether there was nothing to change."""
        try:
            rows_now = await self._rows_of(step)
        except LineDown as down:
            if answer.outcome is Outcome.GONE:
                return Answer(Outcome.NOT_SENT, answer.status, str(down))
            return Answer(Outcome.UNCERTAIN, answer.status, f"{_SILENT}, and it could not be read: {down}")
        (rows,) = rows_now.values()
        if rows is None:
            outcome = Outcome.DONE if step.method == "DELETE" else Outcome.GONE
            return Answer(outcome, answer.status, "it is not there any more")
        if step.method == "DELETE":
            return Answer(Outcome.REFUSED, answer.status, f"{_SILENT}, and the visit is still there")
        (wanted,) = _wanted(step).values()
        if not differing(wanted, plain_json(rows.row)):
            return Answer(Outcome.DONE, answer.status, None, rows.row)
        if answer.outcome is Outcome.GONE:
            why = "the server shows the visit, and does not know it by the id that writes go to"
            return Answer(Outcome.REFUSED, answer.status, why)
        return Answer(Outcome.REFUSED, answer.status, _SILENT, rows.row)

    async def _look(self, step: Step) -> Answer:
        """The read at the end of an edit: what the server made of it."""
        try:
            rows_now = await self._rows_of(step)
        except LineDown as down:
            # Nothing was written by it: it is simply done again.
            return Answer(Outcome.NOT_SENT, why=str(down))
        wanted = _wanted(step)
        there = [rows for rows in rows_now.values() if rows is not None]
        if len(there) < len(rows_now):
            # The writes before it were taken: the read may lag behind something new.
            return Answer(Outcome.UNCERTAIN, 200, "the server said yes and does not show the visit")
        rows_of_all = tuple(rows.row for rows in there)
        first, extra = (rows_of_all[0], rows_of_all[1:]) if rows_of_all else (None, ())
        for one in there:
            if differing(wanted[one.row.id], plain_json(one.row)):
                return Answer(Outcome.KEPT_OTHER, 200, "the server kept another value", first, extra=extra)
        return Answer(Outcome.DONE, 200, row=first, extra=extra)

    async def _rows_of(self, step: Step) -> dict[str, Read | None]:
        """The visits that a step is about, as they are now. Raises LineDown."""
        if step.method == "GET":
            params, ids = params_in(step.path), [*_wanted(step)]
            found: dict[str, Read] = {}
            if "date" in params:
                with suppress(LineDown):  # one bad row of a day stops nothing: each is read by itself
                    found = {one.row.id: one for one in await self._reads.matching(params)}
                return {one: found.get(one) or await self._reads.fetch(one) for one in ids}
            return {one: await self._reads.fetch(one) for one in ids}
        visit_id = _visit_id(step)
        return {visit_id: await self._reads.fetch(visit_id)}


def _body(step: Step) -> Json:
    """What goes over the line: a step keeps beside it whose visit it is."""
    if step.method == "DELETE":
        return None
    if step.method == "PUT" and isinstance(step.body, dict):
        return step.body.get("body")
    return step.body


def _visit_id(step: Step) -> str:
    return str(step.body.get("_id", "")) if isinstance(step.body, dict) else ""


def _wanted(step: Step) -> dict[str, dict[str, Json]]:
    """What each visit is to be like."""
    if not isinstance(step.body, dict):
        return {}
    if step.method == "PUT":
        body = step.body.get("body")
        return {_visit_id(step): body if isinstance(body, dict) else {}}
    return {one: body for one, body in step.body.items() if isinstance(body, dict)}
