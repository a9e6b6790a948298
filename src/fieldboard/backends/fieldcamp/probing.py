"""What `doctor` wants to know of a live account; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fieldboard.backends.fieldcamp.lists import NAMES, Lists
from fieldboard.backends.http import Http
from fieldboard.backends.port import LineDown, Probe, TokenRefused, WalkRequest, WalkResult
from fieldboard.backends.server_clock import probe_clock
from fieldboard.domain.operation import Kind


async def probe(http: Http, lists: Lists, learned: Mapping[str, str]) -> Sequence[Probe]:
    """Address, token, each list, what was learned of the server, its clock and its rate limit."""
    found: list[Probe] = []
    for kind in (Kind.TECHNICIAN, Kind.JOB, Kind.VISIT, Kind.CUSTOMER):
        result = WalkResult()
        rows = aside = 0
        try:
            async for page in lists.walk(WalkRequest(kind), result):
                rows += len(page.rows)
                aside += len(page.set_aside)
        except TokenRefused as refused:
            return (Probe("address", True, f"{http.base} answers"), Probe("token", False, str(refused)))
        except LineDown as down:
            if kind is Kind.TECHNICIAN:
                return (Probe("address", False, str(down)),)
            found.append(Probe(NAMES[kind], False, str(down)))
            continue
        if kind is Kind.TECHNICIAN:
            found.append(Probe("address", True, f"{http.base} answers"))
            found.append(Probe("token", True, "the token is accepted"))
        says = f"{rows} read" + (f", {aside} could not be read" if aside else "")
        if result.complete:
            found.append(Probe(NAMES[kind], not aside, f"{says} from {lists.path(kind)}"))
        else:
            found.append(Probe(NAMES[kind], False, result.why_not or says))
    return (*found, _paging(learned), _dialect(learned), probe_clock(http), _rate(http))


def _paging(learned: Mapping[str, str]) -> Probe:
    paged = [name for name in NAMES.values() if learned.get(f"paging:{name}") == "pages"]
    return Probe("paging", True, f"pages seen in {', '.join(paged)}" if paged else "lists come whole")


def _dialect(learned: Mapping[str, str]) -> Probe:
    said = [f"status is written as {learned.get('job_status_field', 'jobStatus')}"]
    if learned.get("create_body:jobs") == "multipart":
        said.append("jobs are created by a form")
    if learned.get("unassign") == "refused":
        said.append("a visit cannot go back to nobody")
    return Probe("dialect", True, "; ".join(said))


def _rate(http: Http) -> Probe:
    budget = http.budget
    if budget.remaining is None:
        return Probe("rate limit", None, "the server announces none")
    of = f" of {budget.limit}" if budget.limit is not None else ""
    return Probe("rate limit", True, f"{budget.remaining}{of} requests left in this window")
