"""Many edits over a line that loses answers, beside others at their desks: in the end both sides agree."""

from __future__ import annotations

import random
from pathlib import Path

import httpx
import pytest

from fieldboard.domain import fields
from fieldboard.domain.operation import PENDING, Json
from tests.backends.fieldopt import Account, account

PATHS = ("/assignments/", "/reassign", "/unassign", "/start", "/cancel", "/complete")
START = 1_780_650_000
TEXT = {"content-type": "text/plain"}


def _edit(opt: Account, draw: random.Random) -> str:
    open_words = ("pending", "assigned", "in_progress")
    job_id = draw.choice([opt.id_of(one) for one in opt.book.jobs() if opt.book.word(one) in open_words])
    start = START + 900 * draw.randrange(20)
    who: list[Json] = draw.choice([[], [opt.technician_id(draw.randrange(5))]])
    crew: tuple[str, Json] = (fields.TECHNICIANS, who)
    times: tuple[str, Json] = (fields.TIMES, [start, start + opt.planned(job_id).minutes * 60, None])
    status: tuple[str, Json] = (fields.STATUS, draw.choice(["in_progress", "cancelled", "completed"]))
    wanted: list[list[tuple[str, Json]]] = [[crew], [crew], [times], [crew, times], [status]]
    return opt.edit(job_id, *draw.choice(wanted))


def _trouble(opt: Account, draw: random.Random) -> None:
    if draw.random() < 0.5:
        opt.line.spoiled.append((draw.choice(PATHS), draw.choice(["lost after", "lost before", "down"])))
    if draw.random() < 0.2:
        answer = httpx.Response(draw.choice([500, 502, 429, 409]), headers=TEXT, content=b"no")
        opt.line.answers.append((draw.choice(PATHS), answer))
    if draw.random() < 0.15:
        job = draw.choice(opt.book.jobs())
        people = [one for one in opt.world.technicians.values() if one.active]
        if opt.book.word(job) in ("pending", "assigned"):
            opt.book.assign(job, draw.choice([*people, None]), opt.clock.now())


@pytest.mark.parametrize("dialect", ["wiki", "code"])
async def test_every_edit_ends_and_both_sides_agree(tmp_path: Path, dialect: str) -> None:
    draw = random.Random(f"storm {dialect}")
    async with account(tmp_path, dialect=dialect) as opt:
        saved: list[str] = []
        for _ in range(15):
            saved.append(_edit(opt, draw))
            _trouble(opt, draw)
            await opt.sync()
            opt.clock.advance(draw.choice([1, 20, 40]))
        opt.line.spoiled.clear()
        opt.line.answers.clear()
        for _ in range(2):
            opt.clock.advance(61)
            await opt.sync(full=True, patient=True)
        opt.clock.advance(61)
        report = await opt.sync(full=True, patient=True)
        assert (report.error, report.pending) == (None, 0)
        assert not [opt.op(one) for one in saved if opt.state(one) in PENDING]
        store = opt.store()
        for job in opt.book.jobs():
            ours, person = store.job(opt.id_of(job)), opt.book.crew(job)
            assert ours is not None
            who = (str(opt.book.people[person].id),) if person is not None else ()
            assert (ours.raw_status, ours.technician_ids) == (opt.book.word(job), who)
        store.close()
