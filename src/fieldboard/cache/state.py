"""What the sync process says of itself, and how far a kind was read."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from fieldboard.domain.instants import Instant
from fieldboard.domain.value_class import value_class


@value_class
class SyncState:
    """The state of the sync; instants, seconds, and sentences for people.

    `last_ok` is when the server last answered as it should; `error` says what was wrong with the last
    round; `wait_until` is when the server may be asked again.
    """

    last_round_started: Instant | None = None
    last_round_finished: Instant | None = None
    last_full_finished: Instant | None = None
    last_ok: Instant | None = None
    error: str | None = None
    wait_until: Instant | None = None
    progress_done: int | None = None
    progress_total: int | None = None
    progress_says: str | None = None
    offline_since: Instant | None = None
    server_offset_s: float | None = None
    syncer_pid: int | None = None


STATE_FIELDS: Final = tuple(one.name for one in fields(SyncState))


@value_class
class Cursor:
    """How far the changes of a kind were read.

    `stamp` is the newest stamp of the last finished run, `previous_stamp` that of the run before:
    asking goes on from the latter, so that each row gets two chances. `full_at` is when all of the kind
    was last read to the end.
    """

    kind: str
    stamp: str | None
    previous_stamp: str | None
    run_id: str
    finished_at: Instant
    full_at: Instant | None
    body_hash: str | None


@value_class
class Run:
    """One walk over a kind.

    `first`: no walk of this kind was ever finished. `fresh`: and nothing of it was in the cache.
    """

    kind: str
    run_id: str
    gen: int
    full: bool
    first: bool
    started_at: Instant
    fresh: bool = False
