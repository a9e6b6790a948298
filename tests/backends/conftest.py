"""The sandbox's FieldCamp server in this process, and the adapter on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import httpx
import pytest
from starlette.applications import Starlette

from fieldboard.backends.fieldcamp import open_fieldcamp
from fieldboard.backends.fieldcamp.adapter import FieldCamp
from fieldboard.backends.http import Transport
from fieldboard.backends.port import Answer, Outcome, Reading, Row, WalkRequest, WalkResult
from fieldboard.clock import FixedClock
from fieldboard.domain.instants import Zone
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Intent, Kind, Operation, OpState
from fieldboard.domain.visit import Visit
from fieldboard.sandbox.fieldcamp import Settings, create_app
from fieldboard.sandbox.records import World
from fieldboard.sandbox.world import build_world

ZONE = Zone("Europe/London")
NOW = datetime(2026, 6, 4, 9, 42, tzinfo=UTC)
TOKEN = "a-token-of-the-sandbox"


def make_world(technicians: int = 6, jobs: int = 120) -> World:
    """A small company on a Thursday morning."""
    return build_world(7, technicians, jobs, 20, date(2026, 6, 4), NOW, ZoneInfo(ZONE.name))


@dataclass
class Account:
    """A FieldCamp account: its server, its world, and an adapter of ours on it."""

    app: Starlette
    world: World
    camp: FieldCamp
    clock: FixedClock
    learned: Mapping[str, str] = field(default_factory=dict)

    @property
    def requests(self) -> list[tuple[str, str, str]]:
        """Every request of this test: method, path, query."""
        found: list[tuple[str, str, str]] = self.app.state.requests
        return found

    def writes(self) -> list[tuple[str, str]]:
        """The requests that write."""
        return [(method, path) for method, path, _ in self.requests if method != "GET"]

    async def walk(self, kind: Kind, since: str | None = None) -> tuple[list[Row], WalkResult]:
        """A whole walk."""
        result = WalkResult()
        rows: list[Row] = []
        async for page in self.camp.walk(WalkRequest(kind, since), result):
            rows += page.rows
        return rows, result

    async def job(self, job_id: str) -> Job:
        """The job as the server has it."""
        answer = await self.camp.read(Kind.JOB, job_id)
        assert answer.reading is Reading.FOUND, answer.why
        assert answer.row is not None
        assert isinstance(answer.row.entity, Job)
        return answer.row.entity

    async def visit(self, visit_id: str) -> Visit:
        """The visit as the server has it now."""
        answer = await self.camp.read(Kind.VISIT, visit_id, fresh=True)
        assert answer.reading is Reading.FOUND, answer.why
        assert answer.row is not None
        assert isinstance(answer.row.entity, Visit)
        return answer.row.entity

    async def send(self, *changes: Change, intent: Intent = Intent.EDIT) -> list[Answer]:
        """Carry an operation out as the engine does: read, plan, prepare, send; stop at the first no."""
        operation = Operation(1, "01", intent, f"job:{changes[0].id}", changes, OpState.SENDING)
        current = {}
        for change in changes:
            if change.field != "created":
                answer = await self.camp.read(change.kind, change.id)
                assert answer.row is not None, answer.why
                current[(change.kind, change.id)] = answer.row.entity
        done: list[Answer] = []
        for planned in await self.camp.steps(operation, current):
            step = await self.camp.prepare(operation, planned, done)
            if step is None:
                continue
            answer_ = await self.camp.carry_out(step, changes[step.change])
            done.append(answer_)
            if answer_.outcome is not Outcome.DONE:
                break
        return done


MakeAccount = Callable[..., Account]


@pytest.fixture
def make_account() -> MakeAccount:
    """Makes an account; keyword arguments are the switches of the sandbox's server."""

    def make(
        *,
        world: World | None = None,
        learned: Mapping[str, str] | None = None,
        system: Mapping[str, object] | None = None,
        around: Callable[[Transport], Transport] = lambda inner: inner,
        token: str = TOKEN,
        **switches: object,
    ) -> Account:
        clock = FixedClock(NOW)
        company = world or make_world()
        app = create_app(company, token=TOKEN, clock=clock.now, settings=Settings(**switches))  # type: ignore[arg-type]
        camp = open_fieldcamp(
            "http://127.0.0.1:9",
            token,
            zone=ZONE,
            learned=learned,
            system=system,
            transport=around(httpx.ASGITransport(app=app)),
            clock=clock,
        )
        return Account(app, company, camp, clock)

    return make


@pytest.fixture
def account(make_account: MakeAccount) -> Account:
    """An account of a server that resolves the documents as is likeliest."""
    return make_account()
