"""Sends one request of an edit, and says what became of it; looks up those whose answer was lost.

Each is sent once. Writes answer with a part of the job only, so what the server kept is seen by a read.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Final, Protocol

from fieldboard.backends.fsmnavigator.bodies import differing, holds
from fieldboard.backends.fsmnavigator.lists import Lists
from fieldboard.backends.fsmnavigator.reading import plain_json
from fieldboard.backends.fsmnavigator.replies import (
    INVALID_MOVE,
    Object,
    error_of,
    failed,
    new_id,
    said_in,
    scope_says,
    value_of,
)
from fieldboard.backends.fsmnavigator.writing import asked_word, split
from fieldboard.backends.http import Http
from fieldboard.backends.json_door import NotJson
from fieldboard.backends.port import (
    Answer,
    FindAnswer,
    Finding,
    LineDown,
    NotShown,
    Outcome,
    ReadAnswer,
    Reading,
    Row,
    Step,
)
from fieldboard.backends.reply import Sent, judge
from fieldboard.domain.instants import instant_text, parse_instant
from fieldboard.domain.operation import Change, Json, Kind

BACK_S: Final = 120
"""How long before the moment of its sending a lost creation is looked for, for clocks that differ."""

AGAIN_S: Final = 0.5
"""How long an edit waits to be planned anew when the job's status was another than it was read."""


class Reads(Protocol):
    """How one job is read. Raises LineDown."""

    async def read(self, kind: Kind, entity_id: str, *, fresh: bool = False) -> ReadAnswer:
        """One entity as it is now."""
        ...


class Sender:
    """Carries out the steps of one account's edits. `words` are the statuses that answers told, by job."""

    def __init__(self, http: Http, lists: Lists, reads: Reads, learned: MutableMapping[str, str]) -> None:
        """`learned` takes what the answers teach."""
        self._http = http
        self._lists = lists
        self._reads = reads
        self._learned = learned
        self._refused: set[tuple[str, str, str]] = set()
        self.words: dict[str, str] = {}

    async def carry_out(self, step: Step, change: Change) -> Answer:  # noqa: ARG002 - as the port has it
        """See `Backend.carry_out`."""
        path, params = split(step.path)
        if step.method == "GET":
            return await self._look(step, params.get("id", ""))
        sent = await self._http.write(step.method, path, step.body, params=params or None)
        self._lists.count()
        answer = self._answer(sent, step, params.get("id", ""))
        if step.method == "POST" and answer.new_id is not None:
            return await self._with_row(answer)
        if answer.outcome is Outcome.REFUSED and step.method == "PATCH" and sent.reply is not None:
            if error_of(sent.reply)[0] == INVALID_MOVE:
                return await self._refused_move(answer, step, params.get("id", ""))
        elif answer.outcome is Outcome.REFUSED and answer.status == 400 and _names_nobody(step.body):
            self._learned["null_technician"] = "refused"
        return answer

    async def find_out(self, step: Step) -> FindAnswer:
        """See `Backend.find_out`. Raises LineDown."""
        if step.method == "POST":
            return await self._find_job(step)
        _, params = split(step.path)
        answer = await self._reads.read(Kind.JOB, params.get("id", ""), fresh=True)
        if answer.reading is Reading.FAILED:
            raise NotShown(answer.why or "the job could not be read")
        if answer.row is None:
            return FindAnswer(Finding.UNDONE, why=answer.why)
        done = holds(_wanted(step), plain_json(answer.row))
        return FindAnswer(Finding.DONE if done else Finding.UNDONE, (answer.row,))

    def _answer(self, sent: Sent, step: Step, job_id: str) -> Answer:
        verdict = judge(sent, self._http.budget, self._http.server_date)
        reply = sent.reply
        status = reply.status if reply is not None else None
        if verdict.outcome is not Outcome.DONE or reply is None:
            said = self._http.redact(error_of(reply)[1]) if reply is not None else ""
            if status == 403:
                # Every edit would meet the same: nothing more is sent until somebody looks.
                return Answer(Outcome.MISCONFIGURED, status, scope_says(step.method, "jobs"))
            if step.method == "POST" and verdict.outcome is Outcome.GONE:
                return Answer(Outcome.REFUSED, status, said or "there is no such location")
            return Answer(
                verdict.outcome,
                status,
                f"{verdict.why}: {said}" if said else verdict.why,
                wait_s=verdict.wait_s,
            )
        try:
            envelope = value_of(reply)
        except NotJson as strange:
            return Answer(Outcome.UNCERTAIN, status, f"{self._http.host} {strange}")
        if failed(envelope):
            said = self._http.redact(said_in(envelope)[1])
            return Answer(Outcome.REFUSED, status, f"the server refuses it: {said or 'it does not say why'}")
        return self._taken(envelope, step, job_id, status)

    def _taken(self, envelope: Object, step: Step, job_id: str, status: int | None) -> Answer:
        """The server said yes."""
        if step.method == "POST":
            made = new_id(envelope)
            if made is None:
                return Answer(Outcome.UNCERTAIN, status, "the server said yes and did not say what it made")
            return Answer(Outcome.DONE, status, new_id=made)
        data = envelope.get("data")
        told = data.get("job_status") if isinstance(data, dict) else None
        if isinstance(told, str):
            self.words[job_id] = told
        asked = asked_word(step) if step.method == "PATCH" else None
        if asked is not None and isinstance(told, str) and told.casefold() != asked.casefold():
            return Answer(Outcome.KEPT_OTHER, status, f"the server set the status {told}")
        return Answer(Outcome.DONE, status)

    async def _look(self, step: Step, job_id: str) -> Answer:
        """The read at the end of an edit: what the server made of it."""
        try:
            answer = await self._reads.read(Kind.JOB, job_id, fresh=True)
        except LineDown as down:
            # Nothing was written by it: it is simply done again.
            return Answer(Outcome.NOT_SENT, why=str(down))
        if answer.reading is Reading.GONE:
            # It was written just now: a replica may not know it yet. Planned anew, that is waited for.
            return Answer(Outcome.WAIT, 404, answer.why, wait_s=AGAIN_S)
        if answer.row is None:
            return Answer(Outcome.DONE, why=answer.why)
        wanted = _wanted(step)
        other = differing(wanted, plain_json(answer.row))
        if _names_nobody(wanted):
            ignored = "assigned_technician_id" in other
            self._learned["null_technician"] = "ignored" if ignored else "works"
        if other:
            return Answer(Outcome.KEPT_OTHER, 200, "the server kept another value", answer.row)
        return Answer(Outcome.DONE, 200, row=answer.row)

    async def _with_row(self, answer: Answer) -> Answer:
        """A new job with what the server made of it, where that can be read at once."""
        try:
            read = await self._reads.read(Kind.JOB, answer.new_id or "", fresh=True)
        except LineDown:
            return answer
        return Answer(Outcome.DONE, answer.status, row=read.row, new_id=answer.new_id)

    async def _refused_move(self, answer: Answer, step: Step, job_id: str) -> Answer:
        """The table has no such move: the job may be further along than it was when it was read."""
        asked = asked_word(step) or ""
        before = self.words.get(job_id, "")
        try:
            read = await self._reads.read(Kind.JOB, job_id, fresh=True)
        except LineDown:
            return answer
        here = self.words.get(job_id, "")
        if read.row is not None and here == asked:
            return Answer(Outcome.DONE, answer.status, "it has that status already", read.row)
        move = (job_id, here, asked)
        if read.row is None or here == before or move in self._refused:
            return answer
        self._refused.add(move)
        return Answer(Outcome.WAIT, answer.status, f"the job is {here} meanwhile", wait_s=AGAIN_S)

    async def _find_job(self, step: Step) -> FindAnswer:
        """Jobs of the same place, made since, with the marker, or else with the same title and plan."""
        body = _wanted(step)
        mark, _, since = (step.marker or "").partition("\n")
        after = instant_text(parse_instant(since) - BACK_S)
        found = await self._lists.search(
            {"customer_location_id": str(body.get("customer_location_id")), "created_after": after}
        )
        alike = [row for row in found if _alike(row, body, mark)]
        if not alike:
            return FindAnswer(Finding.UNDONE, why="the location has no such new job")
        if len(alike) > 1:
            return FindAnswer(Finding.SEVERAL, tuple(alike), f"{len(alike)} new jobs are like it")
        return FindAnswer(Finding.DONE, tuple(alike))


def _alike(row: Row, body: Object, mark: str) -> bool:
    job = plain_json(row)
    if job.get("job_title") != body.get("job_title"):
        return False
    if mark:
        return mark in str(job.get("job_description") or "")
    plan = ("assigned_technician_id", "scheduled_start", "scheduled_end")
    return holds({name: body.get(name) for name in plan}, job)


def _wanted(step: Step) -> dict[str, Json]:
    return step.body if isinstance(step.body, dict) else {}


def _names_nobody(body: Json) -> bool:
    return isinstance(body, dict) and body.get("assigned_technician_id", "") is None
