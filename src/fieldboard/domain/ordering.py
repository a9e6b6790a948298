"""The order of a technician's day: what has to be renumbered so that a visit comes where it should. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def moved_to(
    others: Sequence[tuple[str, int | None]], one: str, position: int, now: int | None = None
) -> Mapping[str, int]:
    """New places that put `one` at `position` (from 0) among `others`, as few of them as possible.

    `others` are ids and places in the order of the day, without `one`; `now` is the place that `one` has.
    Those that keep their place are not in what is returned: each of the rest costs a request. A place is 1
    or more; the order of the others stays.
    """
    at = max(0, min(position, len(others)))
    before, after = others[:at], others[at:]
    changed: dict[str, int] = {}
    # Where places before are missing or out of order, these are numbered first.
    last = 0
    for id_, place in before:
        if place is None or place <= last:
            last += 1
            changed[id_] = last
        else:
            last = place
    limit = next((place for _, place in after if place is not None), None)
    if now is not None and last < now and (limit is None or now < limit):
        mine = now
    elif limit is not None and limit - last > 1:
        mine = last + (limit - last) // 2
    else:
        mine = last + 1
    if mine != now:
        changed[one] = mine
    last = mine
    for id_, place in after:
        if place is None or place <= last:
            last += 1
            changed[id_] = last
        else:
            last = place
    return changed
