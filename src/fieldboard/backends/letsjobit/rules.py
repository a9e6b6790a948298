"""What LetsJobIt can do, as plain values: statuses, acts that it lacks, its own settings.

Source: the LetsJobIt REST API v2 reference ("Get All Visits", "Add visits", "Update a specific visit",
"Rate limiting"). It documents one resource, the visit, and no status word: statuses are flags.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from fieldboard.domain.fields import OWN
from fieldboard.domain.lifecycle import Lifecycle
from fieldboard.domain.priority import Priority
from fieldboard.domain.rules import Ability, SystemRules
from fieldboard.domain.status import Status

DEFAULT_BASE_URL: Final = "https://app.letsjobit.com"

SYSTEM_KEYS: Final = frozenset(
    {"allow_flag_writes", "key_parameter", "priorities", "requests_in_10_s", "visit_url"}
)
"""What `[profiles.<name>.system]` may say of a LetsJobIt account.

`allow_flag_writes`: whether a status may be set from here by writing the flags inProgress, closed and
skipped, which the documents show in an example and in no table (default false). `key_parameter`: the name
of the query parameter that takes the key, for servers that refuse it as a header. `priorities`: the last
numbers that count as high and as normal, default [1, 2] of 1 to 10. `requests_in_10_s`: how many requests
all windows of this computer send in ten seconds, default 40; the vendor's limit is 100. `visit_url`: the
address of a visit's page in the browser, with `{id}` in it; the documents name none.
"""

REQUESTS: Final = 40
"""Requests in `WINDOW_S` that are planned for; others use the same key."""
MOST_REQUESTS: Final = 100
"""What the vendor allows in `WINDOW_S` (reference, "Rate limiting")."""
WINDOW_S: Final = 10.0

CLOCK_DROPPED: Final = "LetsJobIt keeps days and an order of visits, no clock times: only the day is written"

OPEN_ONES: Final = frozenset({Status.UNASSIGNED, Status.ASSIGNED, Status.IN_PROGRESS})
"""The statuses of every visit that is neither closed nor skipped."""

WORDS: Final[Mapping[str, Status]] = {
    "skipped": Status.SKIPPED,
    "closed": Status.COMPLETED,
    "inprogress": Status.IN_PROGRESS,
    "servicing": Status.IN_PROGRESS,
    "inmobileapp": Status.ASSIGNED,
    "": Status.UNASSIGNED,
}
"""What a flag means that is set alone; of several, `reading.status_of` decides."""

READ_ONLY: Final = Lifecycle(words=WORDS)

BY_FLAGS: Final = Lifecycle(
    words=WORDS,
    writes={
        Status.ASSIGNED: "inMobileApp",
        Status.IN_PROGRESS: "inProgress",
        Status.COMPLETED: "closed",
        Status.SKIPPED: "skipped",
    },
    moves={
        Status.ASSIGNED: frozenset({Status.IN_PROGRESS, Status.COMPLETED, Status.SKIPPED}),
        Status.IN_PROGRESS: frozenset({Status.ASSIGNED, Status.COMPLETED, Status.SKIPPED}),
        Status.SKIPPED: frozenset({Status.ASSIGNED}),
    },
)
"""With `allow_flag_writes`: what is closed stays so, the customer's own system may have taken it over."""

FLAGS: Final[Mapping[str, Mapping[str, str]]] = {
    "open": {"inProgress": "0", "skipped": "0"},
    "in_progress": {"inProgress": "1"},
    "completed": {"closed": "1", "inProgress": "0"},
    "skipped": {"skipped": "1", "inProgress": "0"},
}
"""What is written for a status as edits compare it; confirmClose is another system's word, never ours."""

CONTACT: Final = "Contact"
OPENING_HOURS: Final = "Opening hours"
VEHICLES: Final = "Vehicles"
"""What those fields of a visit are called in details that can be edited."""

FURTHER: Final = frozenset(
    {
        *("site", "siteId", "postCode", "country", "lat", "lng", "contactPerson", "time_windows"),
        *("signeeName", "signeeEmail"),
        *("subContractorIds", "allowed_vehicles", "serviceOrder", "precedencePriorityVisit"),
        *("emailMandatory", "showItemsOnOrderSection", "hideEquipmentDetails", "hideDeliveryItemsSection"),
        *("useStartPauseStopStyleButtonsInJobs", "NPSMandatory", "closeVisitOnLastJobClose", "inMobileApp"),
    }
)
"""Fields of a new visit that `--set` may give, in the names of the documents."""

LETSJOBIT: Final = SystemRules(
    system="letsjobit",
    title="LetsJobIt",
    job_lifecycle=READ_ONLY,
    visit_lifecycle=Lifecycle(words=WORDS),
    lacks={
        Ability.CLOCK_TIMES: CLOCK_DROPPED,
        Ability.STATUS: "LetsJobIt's field app sets the status: its API documents no way to write it "
        "(allow_flag_writes in the profile's [system] table tries it all the same)",
        Ability.CREW: "LetsJobIt's visits have one driver each",
        Ability.VISIT_ADD: "LetsJobIt's jobs are one visit each; create another job",
        Ability.CANCEL: "LetsJobIt has no flag for a cancelled visit; take the driver off, or delete it",
        Ability.TECHNICIAN_STATUS: "LetsJobIt's API documents nothing about drivers",
        Ability.OPEN_IN_SYSTEM: "LetsJobIt documents no address of a visit's page; "
        "set visit_url in the profile's [system] table",
    },
    edit_fields=frozenset({"notes", "priority", "skills", "phone", "duration_min"}),
    create_needs=frozenset({"title", "number", "customer", "address", "city", "date", "technicians"}),
    create_takes=frozenset(
        {
            *("title", "number", "customer", "address", "city", "date", "technicians", "kind", "territory"),
            *("notes", "priority", "duration_min", "skills", "phone", "set"),
        }
    ),
    set_fields={
        "contactPerson": f"{OWN}{CONTACT}",
        "time_windows": f"{OWN}{OPENING_HOURS}",
        "allowed_vehicles": f"{OWN}{VEHICLES}",
    },
    read_by_id=frozenset({"job", "technician"}),
    page_size=100,
    open_lists=frozenset({"job"}),
)
"""LetsJobIt as its documents have it, before a live server taught us anything."""


class Own(NamedTuple):
    """An account's own settings, checked."""

    allow_flag_writes: bool = False
    key_parameter: str | None = None
    high_to: int = 1
    normal_to: int = 2
    requests_in_10_s: int = REQUESTS

    def priority_of(self, number: int | None, *, pressing: bool) -> Priority | None:
        """What a number of 1 to 10 means, where `pressing` is the flag of a priority visit."""
        if pressing:
            return Priority.URGENT
        if number is None:
            return None
        if number <= self.high_to:
            return Priority.HIGH
        return Priority.NORMAL if number <= self.normal_to else Priority.LOW

    def number_of(self, priority: Priority) -> int:
        """The number that is written for a priority."""
        match priority:
            case Priority.URGENT | Priority.HIGH:
                return 1
            case Priority.NORMAL:
                return self.high_to + 1
            case _:
                return self.normal_to + 1


def own_settings(system: Mapping[str, object]) -> Own:
    """The account's settings. Raises ValueError with a sentence for one that cannot be used."""
    writes = system.get("allow_flag_writes", False)
    if not isinstance(writes, bool):
        raise ValueError("allow_flag_writes must be true or false")
    parameter = system.get("key_parameter")
    if parameter is not None and not (isinstance(parameter, str) and parameter.isidentifier()):
        raise ValueError("key_parameter must be the name of a query parameter, such as api_key")
    bounds = system.get("priorities", [1, 2])
    if not (
        isinstance(bounds, list | tuple) and len(bounds) == 2 and all(type(one) is int for one in bounds)
    ):
        raise ValueError("priorities must be two numbers, such as [1, 2]")
    high, normal = bounds
    if not 1 <= high < normal < 10:
        raise ValueError("priorities must be two rising numbers from 1 to 9, such as [1, 2]")
    rate = system.get("requests_in_10_s", REQUESTS)
    if type(rate) is not int or not 1 <= rate <= MOST_REQUESTS:
        raise ValueError(f"requests_in_10_s must be a number from 1 to {MOST_REQUESTS}")
    return Own(writes, parameter, high, normal, rate)


def letsjobit_rules(
    system: Mapping[str, object] | None = None,
    learned: Mapping[str, str] | None = None,  # noqa: ARG001 - as every system's
) -> SystemRules:
    """The rules of one account: the documents', with its own `system` table laid over them.

    Raises ValueError for a table that cannot be used.
    """
    own, rules = own_settings(system or {}), LETSJOBIT
    lacks = dict(rules.lacks)
    url = (system or {}).get("visit_url")
    if url is not None:
        if not isinstance(url, str) or not url.startswith("https://") or "{id}" not in url:
            raise ValueError("visit_url must be an https address with {id} in it")
        del lacks[Ability.OPEN_IN_SYSTEM]
        rules = replace(rules, job_url=url)
    if own.allow_flag_writes:
        del lacks[Ability.STATUS]
        rules = replace(rules, job_lifecycle=BY_FLAGS)
    return replace(rules, lacks=lacks)
