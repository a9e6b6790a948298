"""What each dialog looks like, at three sizes of a terminal."""

from __future__ import annotations

import pytest

from tests.snapshots.text_screen import check_screen, screen_text
from tests.tui.dialogs.scenes import SCENES
from tests.tui.dialogs.stage import Stage, played

SIZES = ((80, 24), (120, 36), (200, 50))

SEEN = {
    "assign": "the job above; five ranked technicians with times, drive, load, reasons; below those "
    "who cannot, each with why; the first is selected and explained at the foot",
    "assign-typed": "`da` and 14:00 after Who and When; Dai Evans selected at 14:00-16:00",
    "assign-doubt": "Chloé Martin alone; at the foot what rules her out and that Enter again assigns her",
    "status": "four statuses with letter, glyph and word; completed goes by way of in progress",
    "status-reason": "cancelled needs a reason, and a line to type it in",
    "details": "number, title and status; conflict, facts, items, fields, visits, then notes, edits and "
    "history as far as there is room; the keys of the acts at the foot, without note and open",
    "details-contested": "below the title why the edit was refused and that C decides, also at the foot",
    "date": "June 2026, each day with its visits and a bar; the twelfth selected, today marked",
    "date-typed": "`fri` typed, Friday the fifth meant and selected",
    "search": "three visits found for `bo`, the second selected, its status, technician and address below",
    "search-empty": "an empty line with a hint of what can be searched",
    "filter": "skill:gas un typed for the queue, unassigned offered, 6 of 14 shown",
    "sort": "eight orders with promise ticked, six groupings with skill ticked, age selected",
    "form": "title typed, `br` typed for the customer, two customers offered below",
    "form-wrong": "below customer and minutes what is wrong with them",
    "times": "day, start, length and end of 4418, and below them what they mean",
    "times-typed": "14:30 typed; the end follows; outside the promised window",
    "help": "the acts by group; A assigns, sort has no key",
    "help-word": "note alone, struck out, with the reason why this system has none",
    "history": "four changes under two days; one only seen, with ~; the second in full at the foot",
    "confirm": "the question, what goes with it, and no selected",
    "copy": "four things to copy, a letter each",
    "technician": "five words for what a technician does, a letter each; on job is the one that holds now",
    "profile": "three profiles with their systems, a letter each; the second selected, the first bold",
    "news": "five news with their marks and times, the first explained",
    "note": "a line of text under the job",
    "outbox": "a refused edit first, then two on their way, then three that are settled",
    "decisions": "five edits that wait, one that is only told; of the first was, mine and theirs by field, "
    "who changed it and when, three choices, Enter at the one that sends nothing",
    "decisions-doubt": "the overlap that keeping mine would make, and that the same key does it all the same",
    "decisions-found": "a field with 5555 in it, and that there is no such job",
    "decisions-twice": "this one and the other, with what tells them apart; a letter to keep each, or both",
    "decisions-empty": "that nothing waits, and what would come here",
    "command": "`un` typed over the footer, unassign and undo offered above",
    "command-wrong": "what is wrong with the line, in place of the help",
    "welcome": "a little day, the demo, the set-up and the way out",
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCENES)
async def test_picture(name: str, size: tuple[int, int]) -> None:
    """One should see what `SEEN` says; every row of a frame ends with its border."""
    assert name in SEEN
    make, keys = SCENES[name]
    async with played(Stage(make()), size, keys) as pilot:
        for line in screen_text(pilot.app).split("\n")[: size[1]]:
            assert line.endswith("│") or not line.lstrip().startswith("│")
        check_screen(pilot.app, f"dialog-{name}-{size[0]}x{size[1]}")


@pytest.mark.parametrize("theme", ["light", "high-contrast"])
async def test_picture_of_other_themes(theme: str) -> None:
    """The assign picker as at 120×36, in the colours of the theme."""
    make, keys = SCENES["assign"]
    async with played(Stage(make(), theme), (120, 36), keys) as pilot:
        check_screen(pilot.app, f"dialog-assign-{theme}")
