"""What does the acts of the board, sorted by what they are about; each part is loaded with its first act."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fieldboard.tui.alerting import Alerting
    from fieldboard.tui.assigning import Assigning
    from fieldboard.tui.board_screen import BoardScreen
    from fieldboard.tui.deciding import Deciding
    from fieldboard.tui.filtering import Filtering
    from fieldboard.tui.finding import Finding
    from fieldboard.tui.job_acts import JobActs
    from fieldboard.tui.looking import Looking
    from fieldboard.tui.program_acts import ProgramActs
    from fieldboard.tui.saving import Saving
    from fieldboard.tui.staffing import Staffing
    from fieldboard.tui.subjects import Subjects
    from fieldboard.tui.taking_back import TakingBack
    from fieldboard.tui.walking import Walking

PARTS: Final = (
    *("walking", "assigning", "job_acts", "taking_back", "finding", "filtering", "looking"),
    *("program_acts", "deciding", "staffing"),
)
"""In the order in which an act is looked for: those of most keys come first."""

OPENS_A_DIALOG: Final = frozenset(
    {
        *("assign", "status", "times", "edit", "note", "create", "delete", "details", "history", "copy"),
        *("technician", "visit_add", "profile", "search", "filter", "sort", "go_to_date"),
        *("outbox", "decisions", "command_line", "palette", "help"),
    }
)
"""What is typed while its dialog opens is meant for the dialog: most ask the desk first."""


class Acting:
    """The parts that do acts, each by a method named after the act."""

    def __init__(self, screen: BoardScreen) -> None:
        self._screen = screen

    def act(self, act_id: str) -> None:
        """Do an act that the system has."""
        for name in PARTS:
            if (do := getattr(getattr(self, name), f"do_{act_id}", None)) is not None:
                asked = self._screen.thread.asked
                do()
                if act_id in OPENS_A_DIALOG:
                    self._screen.board_app.typed_ahead.settle(asked)
                return
        self._screen.saying.error(f"{act_id} has nothing to do here")

    @cached_property
    def walking(self) -> Walking:
        """The acts of the cursor and of the view."""
        from fieldboard.tui.walking import Walking

        return Walking(self._screen)

    @cached_property
    def assigning(self) -> Assigning:
        """The acts on who does a visit and when."""
        from fieldboard.tui.assigning import Assigning

        return Assigning(self._screen, self.saving, self._subjects)

    @cached_property
    def job_acts(self) -> JobActs:
        """The acts on what a job is."""
        from fieldboard.tui.job_acts import JobActs

        return JobActs(self._screen, self.saving, self._subjects)

    @cached_property
    def taking_back(self) -> TakingBack:
        """The acts on what was done before."""
        from fieldboard.tui.taking_back import TakingBack

        return TakingBack(self._screen, self.saving, self._subjects)

    @cached_property
    def finding(self) -> Finding:
        """The acts that look for something."""
        from fieldboard.tui.finding import Finding

        return Finding(self._screen)

    @cached_property
    def filtering(self) -> Filtering:
        """The acts on what is shown, and in what order."""
        from fieldboard.tui.filtering import Filtering

        return Filtering(self._screen)

    @cached_property
    def looking(self) -> Looking:
        """The acts that look at one job."""
        from fieldboard.tui.looking import Looking

        return Looking(self._screen)

    @cached_property
    def program_acts(self) -> ProgramActs:
        """The acts of the program itself."""
        from fieldboard.tui.program_acts import ProgramActs

        return ProgramActs(self._screen)

    @cached_property
    def deciding(self) -> Deciding:
        """Decisions about edits."""
        from fieldboard.tui.deciding import Deciding

        return Deciding(self._screen)

    @cached_property
    def staffing(self) -> Staffing:
        """The acts that not every system has."""
        from fieldboard.tui.staffing import Staffing

        return Staffing(self._screen)

    @cached_property
    def saving(self) -> Saving:
        """What the acts on data end in."""
        from fieldboard.tui.saving import Saving

        return Saving(self._screen)

    @cached_property
    def _subjects(self) -> Subjects:
        from fieldboard.tui.subjects import Subjects

        return Subjects(self._screen)

    @cached_property
    def alerting(self) -> Alerting:
        """What should be heard of."""
        from fieldboard.tui.alerting import Alerting

        return Alerting(self._screen)

    @property
    def open_decisions(self) -> Deciding | None:
        """The decisions, where they were asked for already."""
        deciding: Deciding | None = self.__dict__.get("deciding")
        return deciding
