"""What a round is asked for and what it says of itself when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fieldboard.domain.instants import Instant, instant_text

EXIT_DONE: Final = 0
EXIT_UNDECIDED: Final = 3
EXIT_UNREACHABLE: Final = 4


@dataclass(frozen=True, slots=True)
class SyncSettings:
    """A profile's times, in seconds.

    `timeout_s` bounds one request, `settle_s` is how long an edit whose answer was lost may still
    take effect at the server, `poll_s` lies between rounds while a board is in use.
    """

    profile: str = ""
    timeout_s: float = 20.0
    settle_s: float = 30.0
    poll_s: float = 20.0


@dataclass(frozen=True, slots=True)
class RoundReport:
    """One round, in the terms of the command line's contract.

    `pushed` counts edits that the server took, `pulled` entities that are new or changed, `deleted`
    those that are gone. `pending` and `undecided` count edits as they are now. `retry_at` is the
    instant before which the system asks not to be called.
    """

    profile: str
    pushed: int
    pulled: int
    deleted: int
    pending: int
    undecided: int
    started_at: Instant
    finished_at: Instant
    error: str | None = None
    reached: bool = True
    token_refused: bool = False
    braked: bool = False
    retry_at: Instant | None = None

    @property
    def exit_code(self) -> int:
        """0 done, 3 where somebody has to decide, 4 where the system could not be worked with."""
        if not self.reached:
            return EXIT_UNREACHABLE
        return EXIT_UNDECIDED if self.undecided or self.braked else EXIT_DONE

    def as_json(self) -> dict[str, str | int | None]:
        """The document that `sync --json` prints."""
        return {
            "profile": self.profile,
            "pushed": self.pushed,
            "pulled": self.pulled,
            "deleted": self.deleted,
            "pending": self.pending,
            "undecided": self.undecided,
            "started_at": instant_text(self.started_at),
            "finished_at": instant_text(self.finished_at),
            "error": self.error,
        }
