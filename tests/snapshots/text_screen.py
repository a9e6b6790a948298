"""The screen as text: its characters, and below them a letter for the style of each cell.

A snapshot is a file `tests/snapshots/<name>.txt`. Set FIELDBOARD_UPDATE_SNAPSHOTS=1 to write them anew, and
read the difference before it is kept.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from string import ascii_letters, digits
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.app import App

from fieldboard.text import cell_width

HERE = Path(__file__).parent
LETTERS = ascii_letters + digits
UPDATE = "FIELDBOARD_UPDATE_SNAPSHOTS"
# Read when tests are collected: they themselves run without variables of this name.
_UPDATING = bool(os.environ.get(UPDATE))


def screen_text(app: App[Any]) -> str:
    """The characters on the screen, the styles' letters (`.` is the commonest), and what they mean."""
    rows: list[tuple[str, list[str]]] = []
    for strip in app.screen._compositor.render_strips(app.size):
        text, styles = "", []
        for segment in Segment.filter_control(strip):
            text += segment.text
            styles += [_words(segment.style)] * cell_width(segment.text)
        rows.append((text.rstrip(), styles))
    counted = Counter(style for _text, styles in rows for style in styles)
    common = counted.most_common(1)[0][0]
    seen = dict.fromkeys(style for _text, styles in rows for style in styles if style != common)
    letters = {common: ".", **{style: LETTERS[n % len(LETTERS)] for n, style in enumerate(seen)}}
    characters = [text for text, _styles in rows]
    inks = ["".join(letters[style] for style in styles).rstrip(".") for _text, styles in rows]
    legend = [f"{letter} {style}" for style, letter in letters.items()]
    return "\n".join([*characters, "", *inks, "", *legend, ""])


def check_screen(app: App[Any], name: str) -> None:
    """Compare the screen with its snapshot, or write it where that was asked for."""
    now, path = screen_text(app), HERE / f"{name}.txt"
    if _UPDATING:
        path.write_text(now, "utf-8")
        return
    assert path.exists(), f"no snapshot {path.name}; set {UPDATE}=1 to write it"
    assert now == path.read_text("utf-8")


def _words(style: Style | None) -> str:
    if style is None:
        return "plain"
    flags = [
        flag for flag in ("bold", "dim", "italic", "underline", "strike", "reverse") if getattr(style, flag)
    ]
    fore = style.color.name if style.color is not None else "default"
    back = style.bgcolor.name if style.bgcolor is not None else "default"
    return " ".join([fore, "on", back, *flags])
