"""What became of a request, and what that means for an edit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

from fieldboard.backends.port import Outcome
from fieldboard.backends.rate import Budget
from fieldboard.domain.instants import Instant, instant_of

MAX_ASKING: Final = 4096
"""Bytes of the body of a 429 that are looked at."""


class Fate(StrEnum):
    """What is known of a request."""

    ANSWERED = "answered"
    NOT_SENT = "not_sent"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status says that it was carried out."""
        return 200 <= self.status < 300

    @property
    def content_type(self) -> str:
        """The media type without its parameters, in lower case; '' where there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_page(self) -> bool:
        """Whether this is a web page, which no API answers with."""
        return self.content_type in ("text/html", "application/xhtml+xml") or self.body[:64].lstrip(
            b"\xef\xbb\xbf \t\r\n"
        ).startswith(b"<")


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a request. `reply` is there where the fate is ANSWERED, `why` elsewhere.

    `wait_s` is set where it was held back for the server's rate limit.
    """

    fate: Fate
    reply: Reply | None = None
    why: str = ""
    wait_s: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a sent request means for an edit, before its body is looked at. DONE is a 2xx."""

    outcome: Outcome
    why: str | None = None
    wait_s: float | None = None


def judge(sent: Sent, budget: Budget | None = None, server_date: Instant | None = None) -> Verdict:
    """What a sent request means for an edit, by the line and the status alone."""
    if sent.reply is None:
        if sent.wait_s is not None:
            return Verdict(Outcome.WAIT, sent.why, sent.wait_s)
        return Verdict(Outcome.NOT_SENT if sent.fate is Fate.NOT_SENT else Outcome.UNCERTAIN, sent.why)
    reply = sent.reply
    status = reply.status
    wait = budget.retry_after_s(reply.headers, server_date) if budget is not None else None
    if reply.ok:
        return Verdict(Outcome.DONE)
    if status in (429, 425) or (status == 503 and wait is not None):
        return Verdict(Outcome.WAIT, f"the server asks to wait ({status})", wait)
    if status == 401:
        return Verdict(Outcome.UNAUTHORIZED, sent.why or "the server refuses the token (401)")
    if 300 <= status < 400 or status == 407:
        return Verdict(Outcome.MISCONFIGURED, f"the server redirects what should be saved ({status})")
    if status in (404, 405, 410) and reply.is_page:
        return Verdict(Outcome.MISCONFIGURED, f"a web page answered, not the API ({status})")
    if status in (404, 410):
        return Verdict(Outcome.GONE, f"it is not there any more ({status})")
    if 400 <= status < 500 and status != 408:
        return Verdict(Outcome.REFUSED, f"the server refuses it ({status})")
    return Verdict(Outcome.UNCERTAIN, f"the server answered with an error of its own ({status})")


def http_date(text: str) -> Instant | None:
    """The instant of an HTTP date; None for text that is none."""
    try:
        return instant_of(parsedate_to_datetime(text))
    except (ValueError, TypeError, OverflowError):
        return None


def patient(reply: Reply) -> Reply:
    """A 429 whose body asks for a longer wait than its headers: the longer one counts."""
    if reply.status != 429 or len(reply.body) > MAX_ASKING or b"retry_after" not in reply.body:
        return reply
    try:
        said = json.loads(reply.body)
        asked = float(said["retry_after"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return reply
    told = reply.headers.get("retry-after", "")
    if not 0 < asked < float("inf") or (told and not told.isdecimal()) or asked <= float(told or 0):
        return reply
    return Reply(reply.status, {**reply.headers, "retry-after": f"{asked:g}"}, reply.body)


class Seen:
    """How far a request got, by the transport's own account."""

    def __init__(self) -> None:
        self._connecting = self._sending = False

    async def note(self, event: str, info: Mapping[str, object]) -> None:  # noqa: ARG002
        """Take an event of the transport (https://www.python-httpx.org/advanced/extensions/#trace)."""
        if event.endswith("connect_tcp.started"):
            self._connecting = True
        elif "send_request_headers.started" in event or "send_connection_init" in event:
            self._sending = True

    @property
    def certainly_not_sent(self) -> bool:
        """Whether the connection was being made and not a byte of the request had gone out."""
        return self._connecting and not self._sending
