"""The line to a server: one request is sent once, and what became of it is said precisely.

Nothing here retries. A read that fails raises `LineDown`; a write never raises for the line, its
`Sent` says whether it certainly did not go out, was answered, or may have been carried out.
The classes of errors are those of https://www.python-httpx.org/exceptions/; rules of redirects and
of repeating requests follow RFC 9110.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import ssl
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Final, Self, cast
from urllib.parse import urlsplit

# The library has a command line, for which it would load others that draw tables: a third of its import.
# Nobody here calls it, and without it the library goes on.
sys.modules.setdefault("httpx._main", cast(ModuleType, None))

import httpx

from fieldboard.backends.inflate import MAX_BODY, Strange, inflater
from fieldboard.backends.port import LineDown, TokenRefused
from fieldboard.backends.rate import Budget
from fieldboard.backends.reply import Fate, Reply, Seen, Sent, http_date, patient
from fieldboard.clock import Clock, SystemClock
from fieldboard.domain.instants import Instant, instant_of
from fieldboard.domain.operation import Json
from fieldboard.text import clean

TierOf = Callable[[str, Mapping[str, str]], str]
"""The tier of rate limits that a request counts against, by its method and parameters."""

Transport = httpx.AsyncBaseTransport
"""Where requests go; a test puts an application or a faulty line here."""

MAX_REDIRECTS: Final = 3
SNIPPET: Final = 200
"""Characters of a strange answer that may be shown."""

# Shorter than what servers keep an idle connection for, so that none is lost under a request.
_KEEP_ALIVE_S: Final = 3.0
_NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.LocalProtocolError,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)
_log = logging.getLogger("fieldboard.http")


class Http:
    """One server, one token, one set of connections.

    `token` is the text itself or a call that gets it (it may block: it runs in a thread); it is got
    once, and again after a 401. None where the system has no token. All errors raised while getting
    it count as a refused token.
    """

    def __init__(
        self,
        base_url: str,
        token: Callable[[], str] | str | None = None,
        *,
        timeout_s: float = 20.0,
        ca_file: Path | None = None,
        allow_http: bool = False,
        transport: Transport | None = None,
        requests_per_minute: float | None = None,
        clock: Clock | None = None,
        max_body: int = MAX_BODY,
        bearer: bool = True,
        tier_of: TierOf | None = None,
        tiers: Mapping[str, Callable[[Clock], Budget]] | None = None,
        budget: Callable[[Clock], Budget] | None = None,
        key_header: bool = True,
        key_parameter: str | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare the line; nothing is sent. Raises ValueError for an address that cannot be used.

        The token goes as `X-API-Key` unless `key_header` is false, with `bearer` as `Authorization` too;
        where a `key_parameter` is named, only as that query parameter. Where the server has limits of
        several tiers, `tier_of` names that of a request, and `tiers` make the budget of each; `budget`
        makes that of a server with one. `sleep` is how it waits for its turn.
        """
        parts = urlsplit(base_url.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"base_url must begin with https:// and name a host, not {base_url!r}")
        if parts.username or parts.password:
            raise ValueError("base_url must hold no password; the token has its own place")
        local = _is_loopback(parts.hostname)
        if parts.scheme == "http" and not (local or allow_http):
            raise ValueError("base_url must begin with https:// (plain http is for loopback addresses)")
        self.host: Final = parts.netloc
        self.base: Final = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self.timeout_s: Final = timeout_s
        self.clock: Final = clock or SystemClock()
        self.budget: Final = (
            budget(self.clock) if budget is not None else Budget(self.clock, requests_per_minute)
        )
        self._sleep = sleep
        self._key_header, self._key_parameter = key_header, key_parameter
        self._tier_of = tier_of
        self._budgets = {name: make(self.clock) for name, make in (tiers or {}).items()}
        self._bearer = bearer
        self.sent = 0
        """Requests that were sent, answered or not."""
        self.server_date: Instant | None = None
        self.clock_offset_s: int | None = None
        """Seconds by which the server's clock is ahead of this computer's, as its last answer had it."""
        self._dated_at = 0.0
        self._max_body = max_body
        self._token_source = token
        self._token: str | None = None
        self._asking = asyncio.Lock()
        logging.getLogger("httpx").setLevel(logging.WARNING)  # its lines hold whole addresses
        self._client = httpx.AsyncClient(
            transport=transport,
            verify=_tls(ca_file) if parts.scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            follow_redirects=False,
            trust_env=not local,
            timeout=httpx.Timeout(None, connect=timeout_s, pool=timeout_s),
            limits=httpx.Limits(max_connections=8, keepalive_expiry=_KEEP_ALIVE_S),
        )

    def __repr__(self) -> str:
        return f"Http({self.base!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def server_now(self) -> Instant | None:
        """This moment by the server's clock, whatever becomes of this computer's; None until it told it."""
        if self.server_date is None:
            return None
        return self.server_date + int(self.clock.monotonic() - self._dated_at)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def forget_token(self) -> None:
        """Get the token anew before the next request, as after a 401."""
        if not isinstance(self._token_source, str):
            self._token = None

    async def read(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        """GET. The reply is a 2xx, or a 4xx that says something of what was asked for.

        Follows at most three redirects, only within this server. Raises TokenRefused for 401, and
        LineDown for everything that is no answer to the question: no line, 429, 5xx, other redirects.
        """
        url, query = self.base + path, dict(params or {})
        for _ in range(MAX_REDIRECTS + 1):
            sent = await self._send("GET", url, params=query, writes=False)
            reply = sent.reply
            if reply is None:
                raise LineDown(sent.why, wait_s=sent.wait_s)
            if not 300 <= reply.status < 400:
                self._refuse_read(reply)
                if url != self.base + path and not reply.ok:
                    # It says nothing of what was asked for, but of where we were sent.
                    raise LineDown(f"{self.host} redirects to where nothing is ({reply.status})")
                return reply
            url, query = self._redirected(url, reply), {}
        raise LineDown(f"{self.host} answers with one redirect after the other")

    async def write(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        form: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Sent:
        """Send a request that writes, once. `body` goes as JSON, `form` as multipart form fields."""
        content: bytes | None = None
        headers: dict[str, str] = {}
        if body is not None:
            content = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
            headers["Content-Type"] = "application/json"
        files = {name: (None, value) for name, value in form.items()} if form is not None else None
        return await self._send(
            method,
            self.base + path,
            params=params,
            content=content,
            headers=headers,
            files=files,
            writes=True,
        )

    def redact(self, text: str) -> str:
        """Text of a server or a library for people: one line, at most 200 characters, without the token."""
        if self._token:
            text = text.replace(self._token, "…")
        return " ".join(clean(text, SNIPPET).split())

    async def _send(
        self,
        method: str,
        url: str,
        *,
        writes: bool,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[None, str]] | None = None,
    ) -> Sent:
        budget = self.budget_of(method, params or {})
        if (held := budget.held_back_s(writes=writes)) > 0:
            return self._held_back(held)
        try:
            asked = {**(headers or {}), **await self._auth(), "Accept": "application/json"}
        except TokenRefused as refused:
            if not writes:
                raise
            return Sent(Fate.ANSWERED, Reply(401), why=str(refused))
        if self._key_parameter is not None and self._token is not None:
            params = {**(params or {}), self._key_parameter: self._token}
        await self._sleep(budget.pace_s())
        # Another request may have been asked to wait while this one waited for its turn.
        if (held := budget.blocked_s()) > 0:
            return self._held_back(held)
        # No compression: a body must not be able to grow beyond its limit while it is unpacked.
        asked["Accept-Encoding"] = "identity"
        self.sent += 1
        seen = Seen()
        began = time.monotonic()
        try:
            async with asyncio.timeout(self.timeout_s):
                request = self._client.build_request(
                    method,
                    url,
                    params=params or None,
                    content=content,
                    headers=asked,
                    files=files,
                    extensions={"trace": seen.note},
                )
                reply = await self._exchange(request)
        except TimeoutError:
            fate = Fate.NOT_SENT if seen.certainly_not_sent else Fate.LOST
            sent = Sent(fate, why=f"{self.host} did not answer within {self.timeout_s:g} s")
        except _NOT_SENT as error:
            sent = Sent(Fate.NOT_SENT, why=self._no_line(error))
        except (httpx.HTTPError, httpx.StreamError, OSError, Strange) as error:
            fate = Fate.NOT_SENT if seen.certainly_not_sent else Fate.LOST
            sent = Sent(fate, why=self._cut(error))
        except httpx.InvalidURL:
            sent = Sent(Fate.NOT_SENT, why=f"{self.host}: the address of the request is not valid")
        else:
            self._note(reply, budget)
            sent = Sent(Fate.ANSWERED, reply)
        _log.info(
            "%s %s → %s in %d ms, %d bytes",
            method,
            _template(url),
            sent.reply.status if sent.reply else sent.fate.value,
            (time.monotonic() - began) * 1000,
            len(sent.reply.body) if sent.reply else 0,
        )
        return sent

    def _held_back(self, seconds: float) -> Sent:
        why = f"{self.host} asks to wait {seconds:.0f} s (its rate limit)"
        return Sent(Fate.NOT_SENT, why=why, wait_s=seconds)

    async def _exchange(self, request: httpx.Request) -> Reply:
        response = await self._client.send(request, stream=True)
        try:
            headers = {name.lower(): value for name, value in response.headers.items()}
            inflate = inflater(headers.get("content-encoding", ""))
            parts: list[bytes] = []
            taken = received = 0
            async for chunk in response.aiter_raw():
                received += len(chunk)
                part = inflate(chunk, self._max_body - taken + 1)
                taken += len(part)
                if taken > self._max_body:
                    raise Strange(f"the answer is larger than {self._max_body // (1024 * 1024)} MB")
                parts.append(part)
            announced = headers.get("content-length", "")
            if announced.isdecimal() and int(announced) > received:
                raise Strange("the answer was cut off")
            return patient(Reply(response.status_code, headers, b"".join(parts)))
        finally:
            await response.aclose()

    async def _auth(self) -> dict[str, str]:
        async with self._asking:
            if self._token is None:
                source = self._token_source
                if source is None:
                    return {}
                try:
                    token = source if isinstance(source, str) else await asyncio.to_thread(source)
                except Exception as error:
                    raise TokenRefused(clean(str(error), SNIPPET) or "the token could not be got") from None
                self._token = _usable(token)
        if self._key_parameter is not None:
            return {}
        own = {"X-API-Key": self._token} if self._key_header else {}
        return {"Authorization": f"Bearer {self._token}", **own} if self._bearer else own

    def budget_of(self, method: str, params: Mapping[str, str]) -> Budget:
        """The budget that a request counts against: that of its tier, where the server has several."""
        if self._tier_of is None:
            return self.budget
        return self._budgets[self._tier_of(method, params)]

    def _note(self, reply: Reply, budget: Budget) -> None:
        if reply.status == 401:
            self.forget_token()
        date = http_date(reply.headers.get("date", ""))
        now = instant_of(self.clock.now())
        if date is not None:
            self.server_date, self.clock_offset_s = date, date - now
            self._dated_at = self.clock.monotonic()
        server_now = date if date is not None else now
        budget.note(reply.status, reply.headers, server_now)
        if reply.status == 503 and (wait := budget.retry_after_s(reply.headers, server_now)) is not None:
            # A limit is of one tier; a server that is not available is so for all.
            for one in self._budgets.values():
                one.block(wait)

    def _refuse_read(self, reply: Reply) -> None:
        if reply.status == 401:
            raise TokenRefused(f"{self.host} refuses the token (401)")
        if reply.status in (429, 503, 425):
            wait = self.budget.retry_after_s(reply.headers, self.server_date)
            if wait is None and reply.status == 429:
                wait = self.budget.untold_wait_s()
            how_long = f" and asks to wait {wait:.0f} s" if wait is not None else ""
            words = "has too many requests of ours" if reply.status == 429 else "is not available"
            raise LineDown(f"{self.host} {words} ({reply.status}){how_long}", wait_s=wait)
        if reply.status >= 500 or reply.status in (407, 408):
            raise LineDown(f"{self.host} answered with an error of its own ({reply.status})")

    def _redirected(self, url: str, reply: Reply) -> str:
        try:
            target = httpx.URL(url).join(reply.headers.get("location", ""))
        except httpx.InvalidURL:
            target = httpx.URL("")
        here = httpx.URL(self.base)
        # Only within the server that the token is for.
        if not reply.headers.get("location") or (target.scheme, target.host, target.port) != (
            here.scheme,
            here.host,
            here.port,
        ):
            raise LineDown(f"{self.host} redirects to another server ({reply.status}); is base_url right?")
        return str(target)

    def _no_line(self, error: Exception) -> str:
        if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
            return f"{self.host} could not be reached within {self.timeout_s:g} s"
        if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol):
            return f"the request to {self.host} could not be made"  # its text may hold a header
        return f"{self.host} could not be reached: {self.redact(str(error)) or 'no connection'}"

    def _cut(self, error: Exception) -> str:
        if isinstance(error, Strange):
            return f"{self.host}: {error}"
        return f"{self.host} broke the connection off before it had answered"


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context()
    context.load_default_certs()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ValueError(f"ca_file {ca_file} cannot be used: {error}") from None
    return context


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _usable(token: str) -> str:
    token = token.strip()
    if not token:
        raise TokenRefused("there is no token")
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise TokenRefused("the token holds characters that no token may hold; was it copied whole?")
    return token


def _template(url: str) -> str:
    """The path of an address without ids: `/api/v1/jobs/…`."""
    parts = urlsplit(url).path.strip("/").split("/")
    known = 3 if parts[1:2] in (["v1"], ["v2"]) else 2
    return "/" + "/".join([*parts[:known], *["…"] * (len(parts) > known)])
