"""Every dialog with fixed data and the keys that bring it to an interesting state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from textual.screen import Screen

from fieldboard.board.acts import ACTS
from fieldboard.board.decisions import Decision
from fieldboard.board.filters import Filter
from fieldboard.board.queue_order import GroupBy, Order
from fieldboard.tui.dialogs.assign_picker import AssignPicker
from fieldboard.tui.dialogs.command_line import CommandLine, Completion
from fieldboard.tui.dialogs.confirm import ConfirmDialog
from fieldboard.tui.dialogs.copy_menu import CopyItem, CopyMenu
from fieldboard.tui.dialogs.date_dialog import DateDialog
from fieldboard.tui.dialogs.decisions import DecisionsDialog
from fieldboard.tui.dialogs.details import DetailsDialog
from fieldboard.tui.dialogs.filter_dialog import FilterDialog
from fieldboard.tui.dialogs.help_dialog import HelpDialog
from fieldboard.tui.dialogs.history_dialog import HistoryDialog
from fieldboard.tui.dialogs.job_form import Choice, FormField, JobForm
from fieldboard.tui.dialogs.news import NewsDialog, NewsLine
from fieldboard.tui.dialogs.note import NoteDialog
from fieldboard.tui.dialogs.outbox_dialog import OutboxDialog
from fieldboard.tui.dialogs.pick import Option, Pick
from fieldboard.tui.dialogs.search_dialog import SearchDialog
from fieldboard.tui.dialogs.sort_dialog import SortDialog
from fieldboard.tui.dialogs.status_picker import StatusPicker
from fieldboard.tui.dialogs.times_dialog import TimesDialog
from fieldboard.tui.keymap import Keymap
from fieldboard.tui.welcome import WelcomeScreen
from tests.tui.dialogs import to_decide, world

LACKS = {
    "note": "FieldCamp keeps no notes that can be written",
    "open": "no address is known for its own pages",
}

NEWS = (
    NewsLine(
        "v4471",
        "4471 Boiler leaking, no heat",
        "Urgent, promised by 12:00, nobody is on it yet.",
        "warn",
        "10:38",
    ),
    NewsLine("v4415", "4415 runs 25 min over", "Chloé Martin's next visit begins at 12:00.", "warn", "10:35"),
    NewsLine(
        "v4431", "4431 → Chloé Martin was refused", "The visit is locked by an invoice.", "error", "10:31"
    ),
    NewsLine("v4488", "4488 Tap drips, a new job", "Normal, no promise.", "info", "10:12"),
    NewsLine(None, "The line is back", "Three edits were sent.", "ok", "09:58"),
)

SUGGESTIONS = (
    "skill:gas", "skill:boiler", "skill:heat pump", "prio:urgent", "prio:high", "terr:North", "terr:South",
    "unassigned", "unscheduled", "draft",
)  # fmt: skip


def fields() -> tuple[FormField, ...]:
    """The fields of a new job, with each kind of field among them."""
    people = [Choice(one.id, one.name, "gas, boiler") for one in world.TECHNICIANS]

    def customers(text: str) -> list[Choice]:
        names = ("Ngozi Okafor", "St. Brigid School", "Brigitte Lindqvist", "Park Court", "Tomás Ibáñez")
        return [
            Choice(f"c{n}", one, "Northgate") for n, one in enumerate(names) if text.lower() in one.lower()
        ]

    def minutes(text: str) -> str | None:
        return None if text.isdecimal() else "a length in minutes, such as 90"

    return (
        FormField("title", "Title", required=True, placeholder="what is to be done"),
        FormField(
            "customer", "Customer", lookup=customers, required=True, placeholder="type a part of the name"
        ),
        FormField(
            "priority", "Priority", [Choice(word, word) for word in ("low", "normal", "high", "urgent")]
        ),
        FormField("day", "Day", placeholder="today, fri, +3, 24.12"),
        FormField("start", "Start", placeholder="14, 1430, 14:30"),
        FormField("duration", "Minutes", check=minutes, placeholder="60"),
        FormField("technician", "Technician", people, placeholder="type a part of the name"),
        FormField("notes", "Notes"),
    )


def completions(text: str) -> list[Completion]:
    """Acts that begin with the text."""
    return [
        Completion(f"{act.command} ", f"{act.command} {act.arguments}", act.help)
        for act in ACTS
        if act.command and text and act.command.startswith(text)
    ]


def command_line() -> Screen[Any]:
    return CommandLine(
        completions,
        history=("assign 4471 dai 14", "day fri"),
        check=lambda text: (
            None if text.startswith(("assign ", "day ")) else f"no command is called {text.split()[0]!r}"
        ),
    )


def help_dialog(text: str = "") -> Screen[Any]:
    return HelpDialog(ACTS, Keymap({"assign": ("A",), "sort": ()}), lacks=LACKS, text=text)


def filter_dialog() -> Screen[Any]:
    return FilterDialog(Filter("skill:gas"), SUGGESTIONS, count=lambda _one: (6, 14))


def decisions(*some: Decision) -> Screen[Any]:
    return DecisionsDialog(some, world.ZONE, now=to_decide.NOW, check=to_decide.check)


def welcome() -> Screen[Any]:
    return WelcomeScreen(Path("/home/kim/.config/fieldboard/config.toml"))


SCENES: dict[str, tuple[Callable[[], Screen[Any]], Sequence[str]]] = {
    "assign": (lambda: AssignPicker(world.BOILER, world.ranked, world.ZONE, day=world.DAY), ()),
    "assign-typed": (lambda: AssignPicker(world.BOILER, world.ranked, world.ZONE, day=world.DAY), "da14"),
    "assign-doubt": (
        lambda: AssignPicker(world.BOILER, world.ranked, world.ZONE, day=world.DAY), (*"chl", "enter"),
    ),
    "status": (lambda: StatusPicker(world.RADIATOR, world.CHOICES), ("j", "j")),
    "status-reason": (lambda: StatusPicker(world.RADIATOR, world.CHOICES), "x"),
    "details": (lambda: DetailsDialog(world.DETAILS, world.ZONE, lacks=LACKS), ()),
    "details-contested": (
        lambda: DetailsDialog(to_decide.DETAILS, world.ZONE, lacks=LACKS), (),
    ),
    "date": (lambda: DateDialog(world.DAY, world.busy), ("l", "j")),
    "date-typed": (lambda: DateDialog(world.DAY, world.busy, world.DAY - timedelta(days=2)), "fri"),
    "search": (lambda: SearchDialog(world.search, world.ZONE, names=world.name_of), ("b", "o", "down")),
    "search-empty": (lambda: SearchDialog(world.search, world.ZONE), ()),
    "filter": (filter_dialog, (" ", "u", "n")),
    "sort": (lambda: SortDialog(Order.PROMISE, GroupBy.SKILL), ("j",)),
    "form": (lambda: JobForm("New job", fields(), {"priority": "normal"}), (*"Tap drips", "tab", "b", "r")),
    "form-wrong": (lambda: JobForm("New job", fields(), {"duration": "soon", "title": "Tap"}), ("ctrl+s",)),
    "times": (lambda: TimesDialog(world.RADIATOR, world.ZONE, day=world.DAY), ()),
    "times-typed": (lambda: TimesDialog(world.BOILER, world.ZONE, day=world.DAY), "1430"),
    "help": (help_dialog, ()),
    "help-word": (lambda: help_dialog("note"), ()),
    "history": (lambda: HistoryDialog(world.HISTORY, world.ZONE, title="History of 4471"), ("j",)),
    "confirm": (
        lambda: ConfirmDialog(
            "Delete 4471 Boiler leaking, no heat?",
            ("FieldCamp keeps no deleted jobs; its two visits go with it.",),
            yes="Yes, delete the job", no="No, keep it",
        ), (),
    ),
    "copy": (
        lambda: CopyMenu((
            CopyItem("n", "number", "4471"), CopyItem("a", "address", "14 Harbour Road, Northgate"),
            CopyItem("p", "phone", "+44 1632 960 118"), CopyItem("c", "customer", "Ngozi Okafor"),
        )), ("j",),
    ),
    "technician": (
        lambda: Pick(
            "Technician", "Dai Evans: on job",
            [Option(one, one.replace("_", " "), now=one == "on_job")
             for one in ("available", "en_route", "on_job", "on_break", "off_duty")],
            does="sets it",
        ), (),
    ),
    "profile": (
        lambda: Pick(
            "Profile", "Now: north",
            [Option("north", "north", "FieldCamp", now=True), Option("south", "south", "LetsJobIt"),
             Option("workshop", "workshop", "FieldOpt")],
            does="opens it",
        ), ("j",),
    ),
    "news": (lambda: NewsDialog(NEWS), ()),
    "note": (lambda: NoteDialog(world.BOILER), "key at 16"),
    "outbox": (lambda: OutboxDialog(world.OPERATIONS, world.ZONE), ()),
    "decisions": (lambda: decisions(*to_decide.ALL), ()),
    "decisions-doubt": (lambda: decisions(*to_decide.ALL), ("m",)),
    "decisions-found": (lambda: decisions(*to_decide.ALL), ("j", "j", "f", *"5555", "enter")),
    "decisions-twice": (lambda: decisions(*to_decide.ALL), ("j", "j", "j")),
    "decisions-empty": (decisions, ()),
    "command": (command_line, "un"),
    "command-wrong": (command_line, (*"asign 4471", "enter")),
    "welcome": (welcome, ()),
}  # fmt: skip
"""Each scene: the dialog, and the keys pressed in it."""
