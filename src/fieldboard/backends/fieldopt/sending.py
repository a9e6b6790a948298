"""Sends one request of an edit, and says what became of it.

Each is sent once. The public servers answer 400 where the documents have 404 or 409, and a bare 500 where a
rule of their database is broken; nothing was changed then. So a refusal is told by its status and by what a
read shows after it, never by its text.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Mapping, MutableMapping
from typing import Final

from fieldboard.backends.fieldopt import dialects
from fieldboard.backends.fieldopt.asking import API, Asking
from fieldboard.backends.fieldopt.bodies import differing
from fieldboard.backends.fieldopt.looking_up import Reads, find_out, jobs_named, split
from fieldboard.backends.fieldopt.reading import Unreadable, plain_json, row_of
from fieldboard.backends.fieldopt.replies import count_of, detail_of, id_of, is_duplicate, only, said_in
from fieldboard.backends.fieldopt.rules import Dialect, known_word
from fieldboard.backends.fieldopt.writing import (
    ASSIGN,
    BATCH_ASSIGN,
    BATCH_UNASSIGN,
    JOBS,
    REASSIGN,
    asked_word,
)
from fieldboard.backends.json_door import NotJson, parse
from fieldboard.backends.port import (
    Answer,
    FindAnswer,
    Finding,
    LineDown,
    Outcome,
    Row,
    Step,
)
from fieldboard.backends.reply import Sent, judge
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Json, Kind

AGAIN_S: Final = 0.3
"""How long an edit waits to be planned anew, once a server showed that it wants to be told otherwise."""

FAILS: Final = 3
"""After so many errors of the server for the same request, each without effect, it counts as refused."""

LOG: Final = logging.getLogger(__name__)


class Sender:
    """Carries out the steps of one server's edits.

    `words` are the statuses that answers told, by job; `before` is who had a job that is on its way from
    one technician to another; `alone` are jobs that are not assigned in a batch any more.
    """

    def __init__(self, asking: Asking, reads: Reads, learned: MutableMapping[str, str]) -> None:
        """`learned` takes what the answers teach."""
        self._asking = asking
        self._http = asking.http
        self._reads = reads
        self._learned = learned
        self._failed: Counter[str] = Counter()
        self.words: dict[str, str] = {}
        self.before: dict[str, str] = {}
        self.alone: set[str] = set()

    async def carry_out(self, step: Step) -> Answer:
        """See `Backend.carry_out`."""
        path, params = split(step.path)
        sent = await self._http.write(step.method, API + path, step.body, params=params or None)
        verdict = judge(sent, self._http.budget, self._http.server_date)
        if verdict.outcome is Outcome.DONE:
            return await self._done(sent, step)
        reply = sent.reply
        if reply is None:
            return Answer(verdict.outcome, None, verdict.why, wait_s=verdict.wait_s)
        if reply.status == 500 and verdict.outcome is Outcome.UNCERTAIN:
            return await self._failed_there(step)
        said = self._http.redact(said_in(reply))
        why = f"{verdict.why}: {said}" if said else verdict.why
        answer = Answer(verdict.outcome, reply.status, why, wait_s=verdict.wait_s)
        if verdict.outcome not in (Outcome.REFUSED, Outcome.GONE):
            return answer
        if reply.status == 403:
            # Every edit would meet the same: nothing more is sent until somebody looks.
            return Answer(Outcome.MISCONFIGURED, 403, f"the server forbids it: {said}" if said else why)
        if reply.status == 422 and self._speaks_other(step.body, detail_of(reply)):
            return Answer(Outcome.WAIT, 422, "the server speaks the other dialect", wait_s=AGAIN_S)
        if step.path == JOBS:
            return await self._not_created(step, answer, twice=is_duplicate(reply))
        return await self._refused(step, answer)

    def _speaks_other(self, body: Json, detail: Json) -> bool:
        """Whether a refusal misses the names of the other dialect than that of the request."""
        wanted = dialects.by_refusal(detail)
        if wanted is None or dialects.by_keys(body if isinstance(body, dict) else ()) in (None, wanted):
            return False
        dialects.learn(self._learned, wanted)
        return True

    async def find_out(self, step: Step) -> FindAnswer:
        """See `Backend.find_out`. Raises LineDown."""
        return await find_out(self._reads, step)

    # -- the server said yes -----------------------------------------------------------------------

    async def _done(self, sent: Sent, step: Step) -> Answer:
        reply = sent.reply
        status = reply.status if reply is not None else None
        value: Json = None
        if reply is not None and reply.body.strip():
            try:
                value = only(parse(reply.body, reply.content_type))
            except NotJson as strange:
                return Answer(Outcome.UNCERTAIN, status, f"{self._http.host} {strange}")
        told = value if isinstance(value, dict) else {}
        if told.get("success") is False:
            said = told.get("message")
            why = self._http.redact(said) if isinstance(said, str) else "it does not say why"
            if step.path in (BATCH_ASSIGN, BATCH_UNASSIGN):
                return self._one_by_one(step, status, why)
            return await self._refused(step, Answer(Outcome.REFUSED, status, f"the server refuses it: {why}"))
        if step.path in (BATCH_ASSIGN, BATCH_UNASSIGN):
            return self._batch(step, told, status)
        if step.path == JOBS:
            return await self._created(step, told, status)
        if step.method == "PATCH":
            return await self._patched(step, told, status)
        return self._moved(step, told, status)

    def _batch(self, step: Step, told: Mapping[str, Json], status: int | None) -> Answer:
        names = ("assigned_count", "assigned", "unassigned_count", "unassigned")
        came = next((count for name in names if (count := count_of(told.get(name))) is not None), None)
        wanted = len(jobs_named(step.body))
        if came is not None and came < wanted:
            return self._one_by_one(step, status, f"only {came} of {wanted} were taken")
        return Answer(Outcome.DONE, status)

    def _one_by_one(self, step: Step, status: int | None, why: str) -> Answer:
        """Not all of a batch was done: the rest goes one by one, so that each says why."""
        self.alone.update(jobs_named(step.body))
        return Answer(Outcome.WAIT, status, why, wait_s=AGAIN_S)

    async def _created(self, step: Step, told: Mapping[str, Json], status: int | None) -> Answer:
        inner = told.get("job")
        own_id = id_of(told.get("id")) or id_of(told.get("job_id"))
        if own_id is None and isinstance(inner, dict):
            own_id = id_of(inner.get("id"))
        if own_id is not None:
            return Answer(Outcome.DONE, status, row=self._row(Kind.JOB, told), new_id=own_id)
        return await self._found_new(step, status, "the server said yes and did not say what it made")

    async def _found_new(self, step: Step, status: int | None, why: str) -> Answer:
        """A job that must be there, by looking for it."""
        try:
            found = await self.find_out(step)
        except LineDown as down:
            return Answer(Outcome.UNCERTAIN, status, str(down))
        if found.finding is Finding.DONE and found.rows:
            return Answer(Outcome.DONE, status, row=found.rows[0], new_id=found.rows[0].id)
        return Answer(Outcome.UNCERTAIN, status, why)

    async def _patched(self, step: Step, told: Mapping[str, Json], status: int | None) -> Answer:
        kind = Kind.TECHNICIAN if step.path.startswith("/technicians/") else Kind.JOB
        row = self._row(kind, told)
        if kind is Kind.TECHNICIAN:
            return Answer(Outcome.DONE, status, row=row)
        if row is None:
            # It does not say what it kept, and the public servers drop a status without a word.
            answer = await self._look(step, status)
            if answer is not None:
                return answer
            return Answer(Outcome.DONE, status)
        return self._kept(step, row, status)

    async def _look(self, step: Step, status: int | None) -> Answer | None:
        try:
            read = await self._reads.read(Kind.JOB, split(step.path)[0].split("/")[2], fresh=True)
        except LineDown:
            return None
        return self._kept(step, read.row, status) if read.row is not None else None

    def _kept(self, step: Step, row: Row, status: int | None) -> Answer:
        """The server's yes with the job as it kept it."""
        wanted = step.body if isinstance(step.body, dict) else {}
        self._note(row)
        other = differing(wanted, plain_json(row))
        if other:
            return Answer(Outcome.KEPT_OTHER, status, f"the server kept another {', '.join(other)}", row)
        return Answer(Outcome.DONE, status, row=row)

    def _moved(self, step: Step, told: Mapping[str, Json], status: int | None) -> Answer:
        """An assignment, a start, a deletion."""
        row = self._row(Kind.JOB, told) if step.path.startswith(JOBS) and step.method == "POST" else None
        asked = asked_word(step)
        if row is not None:
            self._note(row)
            has = known_word(getattr(row.entity, "raw_status", ""))
            if asked is not None and has is not None and has != asked:
                return Answer(Outcome.KEPT_OTHER, status, f"the server set the status {has}", row)
        if step.path == ASSIGN:
            self.before.pop(str(jobs_named(step.body)[0]), None)
        return Answer(Outcome.DONE, status, row=row)

    def _row(self, kind: Kind, told: Mapping[str, Json]) -> Row | None:
        """The whole entity in an answer, if that is what it is."""
        if "id" not in told or "status" not in told:
            return None
        try:
            return row_of(kind, {**told}, self._asking.known)
        except Unreadable:
            return None

    def _note(self, row: Row) -> None:
        if isinstance(row.entity, Job) and (word := known_word(row.entity.raw_status)) is not None:
            self.words[row.id] = word

    # -- the server said no ------------------------------------------------------------------------

    async def _not_created(self, step: Step, answer: Answer, *, twice: bool) -> Answer:
        if twice and self._asking.dialect is Dialect.CODE:
            found = await self._found_new(step, answer.status, answer.why or "")
            if found.outcome is Outcome.DONE:
                return found
        return Answer(Outcome.REFUSED, answer.status, answer.why)

    async def _refused(self, step: Step, answer: Answer) -> Answer:
        """What a refusal means: it is so already, it is gone, or it is a no."""
        path, _ = split(step.path)
        if path in (BATCH_ASSIGN, BATCH_UNASSIGN):
            return self._one_by_one(step, answer.status, answer.why or "")
        try:
            found = await self.find_out(step)
            if found.finding is Finding.DONE:
                return Answer(Outcome.DONE, answer.status, "it is so already", next(iter(found.rows), None))
            gone = not found.rows
        except LineDown:
            return (
                answer
                if answer.outcome is Outcome.REFUSED
                else Answer(Outcome.REFUSED, answer.status, answer.why)
            )
        if gone:
            return Answer(Outcome.GONE, answer.status, answer.why)
        if path == REASSIGN and answer.status in (404, 405) and not self._learned.get("reassign"):
            return self._in_two(answer.status)
        why = answer.why or "the server refuses it"
        if path == ASSIGN:
            why += await self._given_back(step)
        return Answer(Outcome.REFUSED, answer.status, why)

    async def _failed_there(self, step: Step) -> Answer:
        """A bare 500: a read says whether it had an effect; the answer came, so it has none later."""
        try:
            found = await self.find_out(step)
        except LineDown as down:
            return Answer(Outcome.UNCERTAIN, 500, str(down))
        if found.finding is Finding.DONE:
            row = next(iter(found.rows), None)
            new_id = row.id if row is not None and step.path == JOBS else None
            return Answer(Outcome.DONE, 500, "found by looking it up", row, new_id)
        if found.finding is Finding.UNDONE and step.path == REASSIGN:
            return self._in_two(500)
        if step.path in (BATCH_ASSIGN, BATCH_UNASSIGN):
            return self._one_by_one(step, 500, "the server fails on the batch")
        key = f"{step.method} {step.path} {json.dumps(step.body, sort_keys=True)}"
        self._failed[key] += 1
        if found.finding is Finding.UNDONE and step.path != JOBS and self._failed[key] >= FAILS:
            why = "the server answers with an error of its own each time (500), and nothing is changed"
            if step.path == ASSIGN:
                why += await self._given_back(step)
            return Answer(Outcome.REFUSED, 500, why)
        return Answer(Outcome.UNCERTAIN, 500, "the server answered with an error of its own (500)")

    def _in_two(self, status: int | None) -> Answer:
        """This server cannot hand a job over in one call: from now on it is taken, then given."""
        LOG.info("the server fails on reassign (%s): jobs are taken and given in two steps", status)
        self._learned["reassign"] = "broken"
        return Answer(Outcome.WAIT, status, "the server cannot hand a job over in one call", wait_s=AGAIN_S)

    async def _given_back(self, step: Step) -> str:
        """A job that was taken from one technician and is refused for another goes back to the first."""
        job_id = str(next(iter(jobs_named(step.body)), ""))
        before = self.before.pop(job_id, None)
        if before is None or not before.isdecimal():
            return ""
        body: Json = {"job_id": int(job_id), "technician_id": int(before)}
        sent = await self._http.write("POST", API + ASSIGN, body)
        back = sent.reply is not None and sent.reply.ok
        return ". The technician from before has it again" if back else ". It is in the queue now"
