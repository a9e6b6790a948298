"""What a system can do: its acts, its limits and its lifecycles, as plain values.

The command line hands one `SystemRules` to board and sync, so that greying out and refusing work
offline too. Nothing above `backends` knows a vendor's name; it asks these values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from enum import StrEnum

from fieldboard.domain.fields import TECHNICIANS, TIMES
from fieldboard.domain.lifecycle import Lifecycle
from fieldboard.domain.status import Status
from fieldboard.domain.value_class import value_class


class Ability(StrEnum):
    """Something that a system may be able to do for a dispatcher."""

    ASSIGN = "assign"
    UNASSIGN = "unassign"
    SCHEDULE = "schedule"
    CLOCK_TIMES = "clock_times"
    REORDER = "reorder"
    STATUS = "status"
    CREATE = "create"
    EDIT = "edit"
    DELETE = "delete"
    CANCEL = "cancel"
    NOTE = "note"
    CREW = "crew"
    VISIT_ADD = "visit_add"
    TECHNICIAN_STATUS = "technician_status"
    SUGGEST = "suggest"
    OPEN_IN_SYSTEM = "open_in_system"


@value_class
class SystemRules:
    """One system's rules.

    `lacks` maps an ability that the system does not have to the reason in a dispatcher's words; every
    other ability it has. `reasons_for` are the statuses that need a reason. `edit_fields` are the job
    fields that an edit may change (names of `domain.fields`), `create_needs` those without which
    nothing can be created. `change_feed` says whether changes can be asked for by time, `page_size`
    what a page of a list holds (None: a list comes whole), `requests_per_minute` a documented limit.
    `job_url` is the page of a job in the system's own application, with `{id}` in it. `numbers_jobs`
    says that whoever creates a job gives it its number, by which it is found again. `create_takes` are the
    fields that a new job may have (None: all that plans know), `set_fields` map the system's names of
    further fields to those of `domain.fields` that an edit changes by them.

    `open_lists` are the kinds whose list can be had for the open ones alone, `list_every_s` how many seconds
    the whole list of a kind stays good in rounds that nobody waits for (0 where it is read in each), and
    `details_last_s` the same for what only a read by id tells. `follows_up` are the fields whose
    edit may need another request although the value is at the server already (a technician who was named
    and not yet told): the adapter's `steps` then plan what is left. `tells_counts` says that the
    system itself counts its jobs by status: kept among what was learned as `summary`, a JSON object.
    `technician_words` are the system's own
    words for what a technician may be told to be doing, where it takes them. `details_queued` are the kinds
    of which only what waits in the queue has details worth a read. `one_request` are the fields of a job's
    plan that go in one request, so that whoever carried out one carried out the other. `half_way` are the
    paths of requests that carry a change of technicians only half the way: they leave the job with nobody,
    until the next one gives it to the one who was meant. `slots` says that a job begins with the slot
    that was promised to the customer, and `block_min` how many minutes it takes on the board, at most, where
    the system keeps no length beside it. `batches`
    says that several jobs can be given to one technician, or taken back, in one request. `wants_place` says
    that a new job is not taken without degrees: an unknown place is sent as 0, 0.
    """

    system: str
    title: str
    job_lifecycle: Lifecycle
    visit_lifecycle: Lifecycle
    lacks: Mapping[Ability, str] = field(default_factory=dict)
    reasons_for: frozenset[Status] = frozenset()
    edit_fields: frozenset[str] = frozenset()
    create_needs: frozenset[str] = frozenset()
    change_feed: bool = False
    read_by_id: frozenset[str] = frozenset()
    page_size: int | None = None
    requests_per_minute: float | None = None
    job_url: str | None = None
    numbers_jobs: bool = False
    create_takes: frozenset[str] | None = None
    set_fields: Mapping[str, str] = field(default_factory=dict)
    open_lists: frozenset[str] = frozenset()
    list_every_s: Mapping[str, int] = field(default_factory=dict)
    details_last_s: Mapping[str, int] = field(default_factory=dict)
    follows_up: frozenset[str] = frozenset()
    technician_words: tuple[str, ...] = ()
    tells_counts: bool = False
    details_queued: frozenset[str] = frozenset()
    one_request: frozenset[str] = frozenset({TECHNICIANS, TIMES})
    half_way: frozenset[str] = frozenset()
    slots: bool = False
    block_min: int | None = None
    batches: bool = False
    wants_place: bool = False

    def can(self, ability: Ability) -> bool:
        """Whether the system has this ability."""
        return ability not in self.lacks

    def why_not(self, ability: Ability) -> str | None:
        """Why the system lacks the ability; None where it has it."""
        return self.lacks.get(ability)

    def without(self, ability: Ability, reason: str) -> SystemRules:
        """These rules with one ability fewer, as a live server taught us."""
        return replace(self, lacks={**self.lacks, ability: reason})
