"""Hostile text in every pane and dialog: drawn harmless, each line as wide as its place, frames straight."""

from __future__ import annotations

import dataclasses
import unicodedata
from typing import Any

import pytest
from textual.app import App

from fieldboard.domain.instants import Zone
from fieldboard.domain.status import Status
from fieldboard.text import cell_width
from tests.tui.dialogs import to_decide
from tests.tui.dialogs import world as people
from tests.tui.dialogs.scenes import SCENES
from tests.tui.dialogs.stage import Stage, played
from tests.tui.driver import opened
from tests.tui.world import BoardWorld

EVIL = {
    "escapes": "\x1b[31mred\x1b[0m\x1b]0;title\x07\x9b2J",
    "markup": "[bold]no[/bold] [/] [@click=app.quit]x[/] $(reboot)",
    "right to left": "\u202egnp.exe \u0634\u0631\u0643\u0629 \u05d7\u05d1\u05e8\u05d4 \u2066x",
    "wide": "漢字カナ한국어" * 8,
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪👍🏿" * 6,
    "combining": "Z\u0351\u036b\u0343\u036a\u0302\u036b" * 40,
    "lines": "one\r\ntwo\u2028three\x0bfour\ttab",
    "long": "x" * 10_000,
}

MIXED = {
    "mixed": " ".join(text for name, text in EVIL.items() if name != "long"),
    "wide": EVIL["wide"],
    "long": EVIL["long"],
}

TEXTS = frozenset(
    {"title", "customer", "address", "name", "phone", "notes", "text", "label", "reason", "site", "number"}
    | {"says", "by", "territory", "value", "detail"}
)
"""Fields that hold what people wrote."""


def poisoned(value: Any, text: str) -> Any:
    """The value with such a text in every field that a system fills."""
    if isinstance(value, Zone):
        return value
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return type(value)(poisoned(one, text) for one in value)
    if isinstance(value, tuple):
        names = value._fields  # type: ignore[attr-defined]
        changed = {name: _field(name, getattr(value, name), text) for name in names}
        return value._replace(**changed)  # type: ignore[attr-defined]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [one.name for one in dataclasses.fields(value) if one.init]
        return dataclasses.replace(value, **{one: _field(one, getattr(value, one), text) for one in fields})
    return value


def _field(name: str, value: Any, text: str) -> Any:
    if isinstance(value, str) and type(value) is str:
        return text if name in TEXTS else value
    return poisoned(value, text)


def check(app: App[Any]) -> None:
    """Every line is as wide as the terminal (or empty), and holds nothing that a terminal acts on."""
    for strip in app.screen._compositor.render_strips(app.size):
        assert cell_width(strip.text) in (0, app.size.width)
        assert not [one for one in strip.text if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("evil", EVIL)
async def test_panes(world: BoardWorld, evil: str, size: tuple[int, int]) -> None:
    text = EVIL[evil]
    for number in range(4):
        job = world.job(f"47{number:02}", text, text, address=text, skills=(text,), territory=text)
        start = f"{10 + number}:00"
        world.add(job, world.visit(f"47{number:02}", ("t1",), start, f"{11 + number}:30", Status.IN_PROGRESS))
        waiting = world.job(f"48{number:02}", text, text, address=text, skills=(text,), phone=text)
        world.add(waiting, world.waiting(waiting))
    async with opened(world, size) as it:
        await it.put_cursor_on("v4700")
        for keys in (("tab",), ("tab",), ("tab",), ("space", "l"), ("escape",), ("v",), ("z",)):
            await it.keys(*keys)
            check(it.app)


@pytest.mark.parametrize("evil", MIXED)
@pytest.mark.parametrize("name", SCENES)
async def test_dialogs(name: str, evil: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (people, to_decide):
        for attribute, value in vars(module).copy().items():
            if attribute.isupper() and not isinstance(value, str):
                monkeypatch.setattr(module, attribute, poisoned(value, MIXED[evil]))
    make, keys = SCENES[name]
    async with played(Stage(make()), (80, 24), keys) as pilot:
        check(pilot.app)
        for strip in pilot.app.screen._compositor.render_strips(pilot.app.size):
            line = strip.text.rstrip()
            if line.lstrip().startswith("│"):
                assert line.endswith("│")
