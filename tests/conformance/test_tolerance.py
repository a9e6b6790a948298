"""Whatever a server sends: one bad row costs itself alone, nothing vanishes, nothing is sent unread."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from fieldboard.backends.port import LineDown, WalkRequest, WalkResult
from fieldboard.domain.operation import Kind, OpState
from tests.conformance.account import Account, account, answers
from tests.conformance.systems import System

ODD: Final[tuple[Any, ...]] = (
    None, True, 7, 10**30, "", "\u202e\x1b[2J[bold]", [], ["a", 1], {}, {"a": [1]},
)  # fmt: skip
"""What may stand where something else should."""


def spoilt(one: Account, change: Callable[[Any], Any]) -> None:
    """Every answer to a read is changed so."""

    async def spoil(request: httpx.Request, inner: httpx.ASGITransport) -> httpx.Response | None:
        if request.method != "GET":
            return None
        answer = await inner.handle_async_request(request)
        content = await answer.aread()
        if answer.status_code == 200:
            content = json.dumps(change(json.loads(content))).encode()
        return answers(answer.status_code, content)

    one.line.spoil = spoil


async def walked(one: Account, kind: Kind) -> tuple[dict[str, str], int]:
    """The raw rows of a whole list by their ids, and how many were set aside."""
    rows: dict[str, str] = {}
    aside = 0
    try:
        async for page in one.backend.walk(WalkRequest(kind), WalkResult()):
            rows.update((row.id, row.raw) for row in page.rows if row.kind is kind)
            aside += len(page.set_aside)
    except LineDown:
        return {}, -1
    return rows, aside


async def test_a_wrong_type_in_any_field_costs_that_row_at_most(system: System, tmp_path: Path) -> None:
    async with account(system, tmp_path, jobs=12, technicians=3) as one:
        for kind in one.backend.kinds():
            one.line.spoil = None
            sample: list[dict[str, Any]] = []
            spoilt(one, partial(_kept, system, sample))
            good, _ = await walked(one, kind)
            for name in sorted({name for row in sample for name in row}):
                for odd in ODD:
                    spoilt(one, partial(_first, system, name, odd))
                    rows, aside = await walked(one, kind)
                    what = f"{kind.value} {name} = {odd!r:.40}"
                    assert aside >= 0, what
                    assert len(rows) + aside >= len(good), what
                    differing = [key for key, raw in good.items() if rows.get(key, raw) != raw]
                    assert len(differing) <= 1, what
                    assert len(good.keys() - rows.keys()) <= 1, what


def _kept(system: System, sample: list[dict[str, Any]], value: Any) -> Any:
    sample.extend(system.rows_of(value) or ())
    return value


def _first(system: System, name: str, odd: Any, value: Any) -> Any:
    rows = system.rows_of(value)
    if rows and isinstance(rows[0], dict):
        rows[0][name] = odd
    return value


async def test_unknown_words_are_kept_and_shown(system: System, tmp_path: Path) -> None:
    for kind, names in system.words.items():
        for name in names:
            async with account(system, tmp_path / name, jobs=12, technicians=3, synced=False) as one:
                spoilt(one, partial(_everywhere, system, name))
                report = await one.sync(full=True)
                assert report.error is None, name
                with closing(one.store()) as store:
                    assert len([*store.visits()]) >= len(one.played.rows()), name
                    assert len([*store.jobs()]) == len(one.played.rows()), name
                    raws = [store.reader.raw(Kind.JOB, job) for job in one.played.rows()]
                    assert kind != "job" or any("Sparkling" in (raw or "") for raw in raws), name


def _everywhere(system: System, name: str, value: Any) -> Any:
    for row in system.rows_of(value) or ():
        if name in row:
            row[name] = "Sparkling"
    return value


def _list_for_object(value: Any) -> Any:
    return [value]


def _object_for_list(value: Any) -> Any:
    if isinstance(value, list):
        return {"0": value[0]} if value else {}
    data = value.get("data") if isinstance(value, dict) else None
    if isinstance(data, list):
        return {**value, "data": {"0": data[0]} if data else {}}
    if isinstance(data, dict):
        return {
            **value,
            "data": {name: {"0": one} if isinstance(one, list) else [one] for name, one in data.items()},
        }
    return value


@pytest.mark.parametrize("wrong", [_list_for_object, _object_for_list], ids=lambda one: one.__name__)
async def test_lists_where_objects_are_promised_and_the_other_way_round(
    system: System, wrong: Callable[[Any], Any], tmp_path: Path
) -> None:
    async with account(system, tmp_path, jobs=40) as one:
        act = next(act for act in system.acts if act.name == "reassign")
        with closing((desk := one.desk()).store):
            plan, wanted = act.play(one, desk)
            saved = one.commit(plan, desk)
        cached = one.cached()
        spoilt(one, wrong)
        for full in (False, True):
            report = await one.sync(full=full)
            assert report.error
        assert one.cached().keys() == cached.keys()
        one.line.spoil = None
        one.clock.elapsed += 100
        report = await one.sync(full=True)
        assert (report.error, one.states(saved), one.differing()) == (None, [OpState.CONFIRMED], {})
        assert len(one.writes()) == len(wanted)


async def test_a_list_that_stops_at_a_hundred_without_saying_so_takes_nothing_away(
    system: System, tmp_path: Path
) -> None:
    async with account(system, tmp_path, jobs=170) as one:
        cached = one.cached()
        spoilt(one, partial(_cut_short, system))
        said: list[str | None] = []
        for full in (False, True, True):
            report = await one.sync(full=full)
            said.append(report.error)
            one.clock.elapsed += 60
        assert one.cached().keys() == cached.keys()
        if not said[-1]:
            rows, _ = await walked(one, Kind.JOB)
            assert {("job", own_id) for own_id in rows} == cached.keys(), "nothing is said of a short list"
        one.line.spoil = None
        report = await one.sync(full=True)
        assert (report.error, one.differing()) == (None, {})


def _cut_short(system: System, value: Any) -> Any:
    """A hundred rows and not a word of more; what a later page holds is nothing."""
    rows = system.rows_of(value)
    if rows is not None and len(rows) >= 100:
        del rows[100:]
        if isinstance(value, list):
            return value
        return {name: one for name, one in value.items() if name not in system.says_where_it_ends}
    if rows and system.says_where_it_ends and _is_later(value):
        del rows[:]
        return {name: one for name, one in value.items() if name not in system.says_where_it_ends}
    return value


def _is_later(value: Any) -> bool:
    paging = value.get("pagination")
    if isinstance(paging, dict):
        return bool(paging.get("page", 1) > 1)
    meta = value.get("meta")
    return isinstance(meta, dict) and int(meta.get("totalRecords", 0)) > int(meta.get("returnedRecords", 0))
