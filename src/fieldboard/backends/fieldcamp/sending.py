"""Sends one request of an edit, and says what became of it.

A request is sent once. Only what a server has certainly refused is said again in its other form:
the other path, the other name of the status field, the form instead of JSON
(docs.fieldcamp.ai/api-reference/resources/jobs has both of each).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace

from fieldboard.backends.fieldcamp.company import Company
from fieldboard.backends.fieldcamp.envelope import error_of, error_text, failed, one_of
from fieldboard.backends.fieldcamp.lists import NAMES, Lists
from fieldboard.backends.fieldcamp.looking_up import find_out
from fieldboard.backends.fieldcamp.reading import row_of
from fieldboard.backends.fieldcamp.rules import JOBS, VISITS
from fieldboard.backends.fieldcamp.steps import follows, holds, id_in, kind_of
from fieldboard.backends.fieldcamp.values import Unreadable
from fieldboard.backends.fieldcamp.writing import Reads
from fieldboard.backends.http import Http
from fieldboard.backends.json_door import NotJson, RowText
from fieldboard.backends.port import (
    Answer,
    FindAnswer,
    LineDown,
    Outcome,
    Row,
    Step,
)
from fieldboard.backends.reply import Sent, judge
from fieldboard.domain.fields import STATUS, TECHNICIANS
from fieldboard.domain.operation import Change, Json, Kind
from fieldboard.domain.status import OPEN, status_key
from fieldboard.domain.visit import Visit

_ROW_NAMES: Mapping[Kind, str] = {Kind.JOB: "job", Kind.VISIT: "visit"}
_TOLD_NO = frozenset({400, 422})


@dataclass(frozen=True, slots=True)
class _Try:
    """One way to say a step: the body, and what to remember if it works."""

    body: Json
    form: Mapping[str, str] | None = None
    fact: tuple[str, str] | None = None


class Sender:
    """Carries out the steps of one account's edits."""

    def __init__(
        self,
        http: Http,
        lists: Lists,
        company: Company,
        reads: Reads,
        learned: MutableMapping[str, str],
    ) -> None:
        """`learned` takes what the answers teach."""
        self._http = http
        self._lists = lists
        self._company = company
        self._reads = reads
        self._learned = learned

    async def carry_out(self, step: Step, change: Change) -> Answer:
        """See `Backend.carry_out`."""
        kind = kind_of(step)
        answer = Answer(Outcome.UNCERTAIN, why="nothing was sent")
        for attempt in self._tries(step, change):
            answer = await self._once(replace(step, body=attempt.body), step, change, attempt)
            if answer.outcome is Outcome.DONE and attempt.fact is not None:
                self._learned[attempt.fact[0]] = attempt.fact[1]
            if not self._worth_another_way(answer, step, change):
                break
        if answer.outcome is Outcome.DONE and answer.row is not None:
            self._reads.remember(answer.row)
        elif answer.outcome in (Outcome.UNCERTAIN, Outcome.KEPT_OTHER):
            self._reads.forget(kind)
        if step.method in ("POST", "DELETE"):
            self._reads.forget(Kind.VISIT)  # a job's visits come and go with it
        answer = await self._taught(answer, step, change)
        if follows(step, change) and answer.outcome in (Outcome.KEPT_OTHER, Outcome.REFUSED, Outcome.GONE):
            # What the dispatcher wanted is done; that the job does not follow spoils nothing.
            return Answer(Outcome.DONE, answer.status, answer.why, answer.row)
        return answer

    async def find_out(self, step: Step, change: Change) -> FindAnswer:
        """See `Backend.find_out`. Raises LineDown."""
        return await find_out(self._reads, self._lists, step, change)

    def _tries(self, step: Step, change: Change) -> Sequence[_Try]:
        """The ways to say this step, the likeliest first."""
        body = step.body
        if step.method == "POST" and step.path == "/jobs" and isinstance(body, dict):
            as_form = _Try(None, _form(body), ("create_body:jobs", "multipart"))
            as_json = _Try(body, None, ("create_body:jobs", "json"))
            known = self._learned.get("create_body:jobs")
            return [as_form, as_json] if known == "multipart" else [as_json, as_form]
        if change.field != STATUS or not isinstance(body, dict):
            return [_Try(body)]
        kind = kind_of(step)
        name = "visitStatus" if kind is Kind.VISIT else "jobStatus"
        word = str(body.get(name, ""))
        lifecycle = VISITS if kind is Kind.VISIT else JOBS
        default = lifecycle.writes.get(lifecycle.read(word), word)
        words = [word] if default == word else [word, default]
        if kind is Kind.VISIT or default == "cancelled":
            return [_Try({name: one}) for one in words]
        schema = [_Try({"jobStatus": one}, fact=("job_status_field", "jobStatus")) for one in words]
        prose = [_Try({"status": default}, fact=("job_status_field", "status"))]
        return [*prose, *schema] if self._learned.get("job_status_field") == "status" else [*schema, *prose]

    def _worth_another_way(self, answer: Answer, step: Step, change: Change) -> bool:
        """Whether this way of saying it was certainly not understood."""
        if step.method == "POST":
            said = (answer.why or "").lower()
            return (
                answer.outcome is Outcome.REFUSED and answer.status == 400 and "jobnumber is required" in said
            )
        if change.field != STATUS:
            return False
        return answer.outcome is Outcome.KEPT_OTHER or (
            answer.outcome is Outcome.REFUSED and answer.status in _TOLD_NO
        )

    async def _once(self, step: Step, planned: Step, change: Change, attempt: _Try) -> Answer:
        kind = kind_of(step)
        rest = step.path.removeprefix(f"/{NAMES[kind]}")
        first, other = self._lists.both_paths(kind)
        sent = await self._http.write(step.method, first + rest, step.body, form=attempt.form)
        missing = sent.reply is not None and sent.reply.status in (404, 405)
        if missing and (kind is Kind.VISIT or not rest):
            # Not there at this path, so certainly not done: the documents have visits at both.
            again = await self._http.write(step.method, other + rest, step.body, form=attempt.form)
            if again.reply is None or again.reply.status not in (404, 405):
                sent = again
                if sent.reply is not None and sent.reply.ok and not sent.reply.is_page:
                    self._lists.remember_path(kind, other)
        return await self._answer(sent, kind, planned, change)

    async def _answer(self, sent: Sent, kind: Kind, step: Step, change: Change) -> Answer:
        verdict = judge(sent, self._http.budget, self._http.server_date)
        reply = sent.reply
        status = reply.status if reply is not None else None
        if step.method == "DELETE" and verdict.outcome is Outcome.GONE:
            return Answer(Outcome.DONE, status, "it was gone already")
        if verdict.outcome is not Outcome.DONE or reply is None:
            said = self._http.redact(error_of(reply)) if reply is not None else ""
            why = f"{verdict.why}: {said}" if said else verdict.why
            return Answer(verdict.outcome, status, why, wait_s=verdict.wait_s)
        if reply.is_page:
            return Answer(Outcome.UNCERTAIN, status, "a web page answered, not the API")
        if step.method == "DELETE" and not reply.body.strip():
            return Answer(Outcome.DONE, status)
        if not reply.body.strip():
            return await self._confirmed(kind, step, change, status)
        try:
            envelope, text = one_of(reply, _ROW_NAMES[kind])
        except NotJson as strange:
            return Answer(Outcome.UNCERTAIN, status, f"{self._http.host} {strange}")
        if failed(envelope):
            said = self._http.redact(error_text(dict(envelope)))
            return Answer(Outcome.REFUSED, status, f"the server refuses it: {said or 'it does not say why'}")
        if step.method == "DELETE":
            return Answer(Outcome.DONE, status)
        return await self._echoed(envelope, text, step, change, status)

    async def _echoed(
        self,
        envelope: Mapping[str, Json],
        text: RowText | None,
        step: Step,
        change: Change,
        status: int | None,
    ) -> Answer:
        """Compare what the server sent back with what was wanted."""
        kind = kind_of(step)
        new_id = _new_id(envelope, kind) if step.method == "POST" else None
        if text is None:
            if _is_no_row(envelope, kind):
                return Answer(Outcome.UNCERTAIN, status, f"what came back is no {_ROW_NAMES[kind]}")
            if new_id is not None:
                return Answer(Outcome.DONE, status, new_id=new_id)
            return await self._confirmed(kind, step, change, status)
        try:
            row = row_of(kind, text, self._company)
        except Unreadable as wrong:
            if new_id is not None:
                return Answer(Outcome.DONE, status, f"what came back cannot be read: {wrong}", new_id=new_id)
            return Answer(Outcome.UNCERTAIN, status, f"what came back cannot be read: {wrong}")
        if step.method == "POST":
            return Answer(Outcome.DONE, status, row=row, new_id=new_id or row.id)
        if row.id != id_in(step.path):
            return Answer(Outcome.UNCERTAIN, status, "the server answered for another record")
        if holds(row, step, change):
            return Answer(Outcome.DONE, status, row=row)
        self._unheard(row, step, change, sure=True)
        return Answer(Outcome.KEPT_OTHER, status, "the server kept another value", row)

    async def _confirmed(self, kind: Kind, step: Step, change: Change, status: int | None) -> Answer:
        """The server said yes and sent nothing back: a read shows what it made of it."""
        if step.method == "POST":
            return Answer(Outcome.UNCERTAIN, status, "the server said yes and did not say what it made")
        try:
            answer = await self._reads.read(kind, id_in(step.path), fresh=True)
        except LineDown as down:
            return Answer(Outcome.UNCERTAIN, status, str(down))
        if answer.row is None:
            return Answer(Outcome.UNCERTAIN, status, answer.why)
        if holds(answer.row, step, change):
            return Answer(Outcome.DONE, status, row=answer.row)
        self._unheard(answer.row, step, change, sure=False)
        return Answer(Outcome.KEPT_OTHER, status, "the server kept another value", answer.row)

    async def _taught(self, answer: Answer, step: Step, change: Change) -> Answer:
        """Remember what an answer proves about this server."""
        on_visit = kind_of(step) is Kind.VISIT and step.method == "PUT"
        if not on_visit:
            return answer
        said_no = answer.outcome is Outcome.KEPT_OTHER or (
            answer.outcome is Outcome.REFUSED and answer.status in _TOLD_NO
        )
        if change.field == STATUS and answer.outcome is Outcome.DONE:
            self._learned["visit_status"] = "written"
        if change.field != TECHNICIANS or change.value != []:
            return answer
        if answer.outcome is Outcome.DONE:
            self._learned["unassign"] = "works"
        elif said_no and await self._still_manned(step):
            self._learned["unassign"] = "refused"
        return answer

    def _unheard(self, row: Row, step: Step, change: Change, *, sure: bool) -> None:
        """Learn that the server does not listen to a visit's own status, where it stayed as it was.

        A third value means that somebody else was there. What is not `sure` was only read afterwards,
        and a read may lag behind the write: that is believed the second time.
        """
        visit = row.entity
        if step.method != "PUT" or change.field != STATUS or not isinstance(visit, Visit):
            return
        if status_key(visit.status) == change.expected:
            suspected = self._learned.get("visit_status") in ("unheard", "ignored")
            self._learned["visit_status"] = "ignored" if sure or suspected else "unheard"

    async def _still_manned(self, step: Step) -> bool:
        """Whether a visit that moves freely kept its technician; one under way has other reasons."""
        try:
            answer = await self._reads.read(Kind.VISIT, id_in(step.path), fresh=True)
        except LineDown:
            return False
        return (
            answer.row is not None
            and isinstance(answer.row.entity, Visit)
            and answer.row.entity.status in OPEN
            and bool(answer.row.entity.technician_ids)
        )


def _new_id(envelope: Mapping[str, Json], kind: Kind) -> str | None:
    data = envelope.get("data")
    name = "jobId" if kind is Kind.JOB else "visitId"
    value = data.get(name) if isinstance(data, dict) else envelope.get(name)
    return str(value) if isinstance(value, str | int) and value != "" else None


def _is_no_row(envelope: Mapping[str, Json], kind: Kind) -> bool:
    """Whether something else stands where the row belongs: then the id beside it is not believed."""
    data, name = envelope.get("data"), _ROW_NAMES[kind]
    return isinstance(data, dict) and name in data and not isinstance(data[name], dict)


def _form(body: Mapping[str, Json]) -> Mapping[str, str]:
    """The older way to create a job: the job as text in one field of a form, the notes in another."""
    notes = body.get("notes")
    rest = {name: value for name, value in body.items() if name != "notes"}
    return {
        "jobData": json.dumps(rest, ensure_ascii=False, allow_nan=False),
        "notes": notes if isinstance(notes, str) else "",
    }
