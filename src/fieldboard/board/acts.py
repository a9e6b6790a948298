"""Everything that can be done on the board, in one table.

Key, `:` word, command of the command line, palette entry and help row all come from here, so that they
cannot disagree. A key is written as people write it: a character (`a`, `[`, `G`), a name (`enter`,
`space`, `pageup`), a chord (`ctrl+d`) or characters typed one after the other (`gg`).
"""

from __future__ import annotations

from typing import Final, Literal

from fieldboard.domain.rules import Ability
from fieldboard.domain.value_class import value_class


@value_class
class Act:
    """One thing that can be done.

    `scope` tells acts that change data from those of the view. `command` is its word on the `:` line
    and `aliases` the short field verbs that mean the same; `arguments` says what may follow, optional
    parts in brackets. `cli` is the command of the command line that does the same, `ability` what the
    system must be able to do for it.
    """

    id: str
    title: str
    help: str
    keys: tuple[str, ...]
    scope: Literal["data", "view"]
    group: str
    command: str | None = None
    arguments: str = ""
    cli: str | None = None
    ability: Ability | None = None
    aliases: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """All words of the `:` line that mean this act."""
        return (self.command, *self.aliases) if self.command is not None else self.aliases


GROUPS: Final = ("Move", "Day", "Plan", "Job", "Find", "View", "Sync", "Application")
"""The headings of the help, in order."""

_V: Final = "view"
_D: Final = "data"

ACTS: Final[tuple[Act, ...]] = (
    Act("up", "Up", "one row or slot up", ("k", "up"), _V, "Move", "up"),
    Act("down", "Down", "one row or slot down", ("j", "down"), _V, "Move", "down"),
    Act("left", "Left", "one technician or hour to the left", ("h", "left"), _V, "Move", "left"),
    Act("right", "Right", "one technician or hour to the right", ("l", "right"), _V, "Move", "right"),
    Act("first", "First", "to the first row", ("gg", "home"), _V, "Move", "first"),
    Act("last", "Last", "to the last row", ("G", "end"), _V, "Move", "last"),
    Act("half_down", "Half a page down", "half a page down", ("ctrl+d", "pagedown"), _V, "Move", "pagedown"),
    Act("half_up", "Half a page up", "half a page up", ("ctrl+u", "pageup"), _V, "Move", "pageup"),
    Act("next_pane", "Next pane", "to the next pane", ("tab",), _V, "Move", "pane", "[queue|board|timeline]"),
    Act("previous_pane", "Previous pane", "to the pane before", ("shift+tab",), _V, "Move", "panebefore"),
    Act("previous_day", "Day before", "the day before", ("[",), _V, "Day", "yesterday", aliases=("prev",)),
    Act("next_day", "Next day", "the next day", ("]",), _V, "Day", "tomorrow", aliases=("next",)),
    Act("today", "Today", "back to today", ("t",), _V, "Day", "today"),
    Act("go_to_date", "Go to a date", "go to any date", ("d",), _V, "Day", "day", "[D]", aliases=("date",)),
    Act(
        "zoom_in", "Zoom in", "longer slots to shorter ones; fewer hours across", ("+",), _V, "View", "zoomin"
    ),
    Act(
        "zoom_out",
        "Zoom out",
        "shorter slots to longer ones; more hours across",
        ("-",),
        _V,
        "View",
        "zoomout",
    ),
    Act(
        "full_screen",
        "Full screen",
        "one pane to full screen, and back",
        ("z",),
        _V,
        "View",
        "full",
        aliases=("z",),
    ),
    Act("theme", "Theme", "another theme", (), _V, "View", "theme", "[NAME]"),
    Act(
        "assign",
        "Assign",
        "to a technician: the best at the top, with the reasons",
        ("a",),
        _D,
        "Plan",
        "assign",
        "[JOB] TECHNICIAN [T]",
        "assign",
        Ability.ASSIGN,
        ("as",),
    ),
    Act(
        "pick_up",
        "Pick up and move",
        "pick up, carry with the arrows over technicians and time, Enter drops, Esc puts back",
        ("space",),
        _D,
        "Plan",
        "move",
        "[JOB] TECHNICIAN [T]",
        "assign",
        Ability.ASSIGN,
        ("mv",),
    ),
    Act(
        "unassign",
        "Unassign",
        "back to the queue",
        ("x",),
        _D,
        "Plan",
        "unassign",
        "[JOB]",
        "unassign",
        Ability.UNASSIGN,
        ("un",),
    ),
    Act(
        "times",
        "Times",
        "another start and end",
        ("e",),
        _D,
        "Plan",
        "reschedule",
        "[JOB] T [T]",
        "reschedule",
        Ability.SCHEDULE,
        ("rs", "time"),
    ),
    Act(
        "earlier",
        "Earlier in the day",
        "one place forward in the technician's order of the day",
        ("<",),
        _D,
        "Plan",
        "earlier",
        "",
        "reorder",
        Ability.REORDER,
    ),
    Act(
        "later",
        "Later in the day",
        "one place back in the technician's order of the day",
        (">",),
        _D,
        "Plan",
        "later",
        "",
        "reorder",
        Ability.REORDER,
    ),
    Act(
        "reorder",
        "Place in the day",
        "a place in the technician's order of the day, counted from 1",
        (),
        _D,
        "Plan",
        "reorder",
        "[JOB] PLACE",
        "reorder",
        Ability.REORDER,
    ),
    Act(
        "crew",
        "Crew",
        "who comes along, or stays away",
        (),
        _D,
        "Plan",
        "crew",
        "[JOB] +TECHNICIAN|-TECHNICIAN",
        "crew",
        Ability.CREW,
    ),
    Act(
        "technician",
        "Technician",
        "what the technician is doing, or where",
        ("T",),
        _D,
        "Plan",
        "technician",
        "[TECHNICIAN] STATUS or LAT,LNG",
        "technician",
        Ability.TECHNICIAN_STATUS,
    ),
    Act(
        "mark",
        "Mark several",
        "mark for an act on several visits at once",
        ("v",),
        _V,
        "Plan",
        "mark",
    ),
    Act(
        "repeat",
        "Again",
        "the last act again, on the selection",
        (".",),
        _D,
        "Plan",
        "repeat",
        aliases=("again",),
    ),
    Act("undo", "Undo", "take the last edit back", ("u", "ctrl+z"), _D, "Plan", "undo", "[OP]", "undo"),
    Act("redo", "Redo", "do again what was taken back", ("U", "ctrl+y"), _D, "Plan", "redo", "", "redo"),
    Act("details", "Details", "everything about the job", ("enter",), _V, "Job", "details", "[JOB]", "jobs"),
    Act(
        "status",
        "Status",
        "one of the statuses that may follow",
        ("s",),
        _D,
        "Job",
        "status",
        "[JOB] STATUS [REASON]",
        "status",
        Ability.STATUS,
        ("st",),
    ),
    Act("edit", "Edit", "change the job", ("E",), _D, "Job", "edit", "[JOB]", "edit", Ability.EDIT, ("ed",)),
    Act(
        "note",
        "Note",
        "write a note on the job",
        ("o",),
        _D,
        "Job",
        "note",
        "[JOB] TEXT",
        "note",
        Ability.NOTE,
        ("nt",),
    ),
    Act(
        "create",
        "Create",
        "a new job",
        ("c",),
        _D,
        "Job",
        "create",
        "[TITLE]",
        "create",
        Ability.CREATE,
        ("cr",),
    ),
    Act(
        "visit_add",
        "One more visit",
        "one more visit for the job",
        ("A",),
        _D,
        "Job",
        "visit",
        "[JOB] T [T]",
        "visit",
        Ability.VISIT_ADD,
    ),
    Act(
        "delete",
        "Delete or cancel",
        "delete the job, or cancel it where the system keeps jobs",
        ("D",),
        _D,
        "Job",
        "delete",
        "[JOB]",
        "delete",
        None,
        ("del",),
    ),
    Act("copy", "Copy", "copy number, address or phone", ("y",), _V, "Job", "copy", "[number|address|phone]"),
    Act(
        "open",
        "Open in the system",
        "open the job in the system's own application",
        ("O",),
        _V,
        "Job",
        "open",
        "[JOB]",
        None,
        Ability.OPEN_IN_SYSTEM,
    ),
    Act(
        "history", "History", "what changed, when, by whom", ("H",), _V, "Job", "history", "[JOB]", "history"
    ),
    Act(
        "search",
        "Search",
        "all cached days, by number, customer, address or phone",
        ("/",),
        _V,
        "Find",
        "find",
        "TEXT",
        "jobs",
        aliases=("search",),
    ),
    Act("next_match", "Next match", "the next that was found", ("n",), _V, "Find", "findnext"),
    Act("previous_match", "Match before", "the one found before", ("N",), _V, "Find", "findprevious"),
    Act(
        "filter",
        "Filter",
        "show only some jobs or technicians",
        ("f",),
        _V,
        "Find",
        "filter",
        "[TEXT skill:… prio:… terr:… unassigned]",
        aliases=("fl",),
    ),
    Act(
        "sort",
        "Sort and group",
        "another order of the queue",
        ("S",),
        _V,
        "Find",
        "sort",
        "[ORDER] [by GROUP]",
    ),
    Act("show_new", "Show what is new", "show work that has come in", ("w",), _V, "Find", "new"),
    Act(
        "next_conflict",
        "Next broken rule",
        "to the next visit that breaks a rule",
        ("!",),
        _V,
        "Find",
        "conflict",
    ),
    Act("sync", "Sync now", "ask the system what is new", ("R",), _V, "Sync", "sync", "", "sync"),
    Act(
        "outbox",
        "Edits",
        "every edit of the last days and what became of it",
        (),
        _V,
        "Sync",
        "outbox",
        "",
        "outbox",
    ),
    Act(
        "decisions",
        "Decisions",
        "edits that wait for you: keep mine, take theirs, or another way out",
        ("C",),
        _V,
        "Sync",
        "decisions",
        "",
        "resolve",
        aliases=("decide",),
    ),
    Act("retry", "Try again", "send a refused edit again", (), _D, "Sync", "retry", "[OP]", "retry"),
    Act(
        "profile",
        "Profile",
        "another profile: another branch, another system",
        ("p",),
        _V,
        "Application",
        "profile",
        "[NAME]",
        "profiles",
    ),
    Act("command_line", "Command", "type a command", (":",), _V, "Application", None),
    Act("palette", "Palette", "every act by its name", ("ctrl+p",), _V, "Application", "palette"),
    Act("help", "Help", "the keys that hold now", ("?", "f1"), _V, "Application", "help", "[KEY or WORD]"),
    Act(
        "back",
        "Back",
        "put back what is carried, drop marks, leave full screen",
        ("escape",),
        _V,
        "Application",
        "back",
    ),
    Act("quit", "Leave", "leave the board", ("q",), _V, "Application", "quit", aliases=("q",)),
)

BY_ID: Final = {act.id: act for act in ACTS}
"""The acts by their id."""

BY_WORD: Final = {word: act for act in ACTS for word in act.words}
"""The acts by the words of the `:` line."""
