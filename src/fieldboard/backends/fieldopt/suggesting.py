"""Whom the server itself would send: its best technician for a waiting job, and whether that one can do it.

`GET /routing/best-tech/{job}` is asked, which both dialects have and which changes nothing. Its POST form is
asked only of a server that is known to speak the documented dialect and lacks the GET: the public servers
take the same request as an order to assign every pending job. Never asked for more than one job at a time.
"""

from __future__ import annotations

from typing import Final

from fieldboard.backends.fieldopt.asking import API, Asking
from fieldboard.backends.fieldopt.replies import id_of, only
from fieldboard.backends.fieldopt.rules import Dialect
from fieldboard.backends.json_door import NotJson, parse
from fieldboard.backends.reply import Reply
from fieldboard.domain.job import Suggested
from fieldboard.domain.operation import Json
from fieldboard.text import clean

_POSTS: Final = "post"
_NONE: Final = "none"


async def suggestion(asking: Asking, job_id: str) -> Suggested | None:
    """Whom the server suggests for a job; None where it names nobody or has no such call. Raises LineDown."""
    value = await _best(asking, job_id)
    found = _named(value)
    if found is None:
        return None
    technician_id, says = found
    missing = await _missing(asking, job_id, technician_id)
    if missing is not None:
        says = [*says, missing]
    return Suggested(technician_id, ", ".join(says))


async def _best(asking: Asking, job_id: str) -> Json:
    how = asking.learned.get("best_tech")
    if how is None:
        reply = await asking.get(f"/routing/best-tech/{job_id}")
        if reply.ok:
            return _value(reply)
        if reply.status != 405 and not (reply.status == 404 and _no_path(reply)):
            return None
        how = asking.learned["best_tech"] = _POSTS if asking.dialect is Dialect.DOCUMENTED else _NONE
    if how != _POSTS or asking.dialect is not Dialect.DOCUMENTED:
        return None
    sent = await asking.http.write("POST", f"{API}/routing/auto-route", {"job_id": _number(job_id)})
    return _value(sent.reply) if sent.reply is not None and sent.reply.ok else None


async def _missing(asking: Asking, job_id: str, technician_id: str) -> str | None:
    """What the server's own check says of one technician and one job."""
    reply = await asking.get(f"/jobs/{job_id}/can-do/{technician_id}")
    value = _value(reply) if reply.ok else None
    if not isinstance(value, dict):
        return None
    if value.get("can_do") is True:
        return "can do it"
    lacking = value.get("missing_skills")
    names = [clean(one, 40) for one in lacking if isinstance(one, str)] if isinstance(lacking, list) else []
    if names:
        return f"lacks {', '.join(names)}"
    causes = {"has_route": "not the area", "has_time": "no time left"}
    said = [text for name, text in causes.items() if value.get(name) is False]
    return ", ".join(said) or ("cannot do it" if value.get("can_do") is False else None)


def _named(value: Json) -> tuple[str, list[str]] | None:
    """The technician in an answer of either dialect, and what is said of the choice."""
    if not isinstance(value, dict):
        return None
    inner = value.get("recommended_technician")
    if isinstance(inner, dict):
        own_id, says = id_of(inner.get("id")), []
        score = inner.get("match_score")
        if isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 1:
            says.append(f"match {score:.0%}")
        if inner.get("capacity_available") is False:
            says.append("no capacity left")
        return (own_id, says) if own_id is not None else None
    own_id, says = id_of(value.get("technician_id")), []
    miles = value.get("distance")
    if isinstance(miles, int | float) and not isinstance(miles, bool) and 0 <= miles < 10_000:
        says.append(f"{miles * 1.609344:.1f} km away")
    return (own_id, says) if own_id is not None else None


def _value(reply: Reply) -> Json:
    try:
        return only(parse(reply.body, reply.content_type))
    except NotJson:
        return None


def _no_path(reply: Reply) -> bool:
    """Whether it is the path that is not there, not the job."""
    value = _value(reply)
    detail = value.get("detail") if isinstance(value, dict) else None
    return not isinstance(detail, str) or detail.strip().lower() == "not found"


def _number(text: str) -> Json:
    return int(text) if text.isdecimal() and len(text) < 18 else text
