"""Spoils answers: the texts in them, their structure, and at last their bytes. Seeded."""

from __future__ import annotations

import copy
import gzip
import json
import random
import re
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from fieldboard.domain.operation import Kind
from tests.fuzz.bodies import NOW, Body, list_of, rows_of, single

EVIL: Final = "#010203"
"""A colour that only obeyed markup could bring onto the screen."""

SNIPPETS: Final = (
    "\x1b[31mred\x1b[0m",
    "\x1b]8;;https://evil.example/\x07link\x1b]8;;\x07",
    "\x1b]0;title\x07",
    "\x1bP1$r0m\x1b\\",
    "\x9b2J",
    "\x90q\x9c",
    "\x00nul\x00",
    "\x08\x08\x08back",
    "\x7f\x85\xa0",
    "\r\ncarriage\rreturn",
    "tab\tbed",
    "\u2028line\u2029para",
    "\u202egnp.exe\u202c",
    "\u2066iso\u2069\u200f\u200e",
    "\u200b\u200c\u200d\ufeff\u2060zero",
    "\u00ad\u061c\u180e\u3164\uffa0\u115f",
    "e" + "\u0301" * 40 + "flood",
    "\u0489" * 30,
    "ด้้้้้็็็็็้้้้้็็็็็",
    "\U000e0041\U000e0042\U000e007f",
    "\ud800",
    "\udc00\ud83d",
    "\ud83d\ude00",
    "👨\u200d👩\u200d👧\u200d👦",
    "❤\ufe0f🇬🇧1\ufe0f⃣👍🏽",
    "水道修理全角ＡＢＣ",
    "한국어\u1100\u1161\u11a8\u1160",
    "שלום עולם مرحبا",
    "☰䷀𝌀⚊",
    "\ue000\uf8ff\U000f0000\ufffe\uffff\U0001fffe",
    "\ufdfd\U0001242b",
    f"[bold {EVIL}]x[/]",
    f"[{EVIL} on {EVIL}]",
    "[@click=app.bell]click[/]",
    f"[link=https://evil.example]{EVIL}[/link]",
    "[/]",
    "[/b]",
    "[TODO] Q3",
    "[[nested] [unclosed",
    "\\[escaped]",
    "[red",
    ":warning: :smile:",
    "$background $error {0} %s %n",
    "=HYPERLINK(1)",
    "<script>alert(1)</script>",
    "'; DROP TABLE job; --",
    "‖↵…",
    " " * 60,
    "ﷺ" * 5,
    "a\u0300\u0323\u0328\u031b\u0489b",
    "ℵ½İıß",
)

TIMES: Final = (
    "2026-06-04T00:00:00Z",
    "2026-06-04T22:59:59.999999Z",
    "2026-06-04T23:59:59+14:00",
    "2026-06-03T20:00:00Z",
    "2026-06-05T04:00:00Z",
    "2026-06-04",
    "2026-06-04 09:00",
    "1717490000",
    "1780563600000",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2026-06-04T09:00:01Z",
    "2026-13-45T99:99:99Z",
    "2026-06-04T09:00:00Z\x1b[2J",
    "soon",
    "2026-W23-4",
    "-1",
    "".join(chr(0xFF10 + int(digit)) for digit in "1717490000"),
    "1e400",
)

VALUES: Final[tuple[Callable[[random.Random], Any], ...]] = (
    lambda _: None,
    lambda _: True,
    lambda _: False,
    lambda _: 0,
    lambda _: -1,
    lambda _: 0.1,
    lambda _: 1e308,
    lambda _: -0.0,
    lambda _: 2**53 + 1,
    lambda _: 2**63,
    lambda _: -(2**70),
    lambda _: float("nan"),
    lambda _: float("inf"),
    lambda _: float("-inf"),
    lambda _: "",
    lambda _: " ",
    lambda _: [],
    lambda _: {},
    lambda _: [None],
    lambda _: [[], {}],
    lambda draw: nested(draw.choice((3, 20, 70))),
    lambda draw: {"id": hostile(draw), hostile(draw): hostile(draw)},
    lambda draw: [hostile(draw) for _ in range(draw.randint(1, 20))],
    lambda draw: "x" * draw.choice((300, 5_000, 20_000)),
    lambda draw: "水" * draw.choice((300, 12_000)),
    lambda draw: draw.choice(TIMES),
    lambda draw: f"{hostile(draw)}",
)


def hostile(draw: random.Random) -> str:
    """A text that nobody should have to show."""
    how = draw.random()
    if how < 0.15:
        return "".join(chr(draw.choice((draw.randrange(0x20), draw.randrange(0x10FFFF)))) for _ in range(8))
    parts = draw.choices(SNIPPETS, k=draw.randint(1, 4))
    if how < 0.5:
        parts.insert(draw.randrange(len(parts) + 1), "Boiler")
    return draw.choice(("", " ", "\n", "x")).join(parts)


def nested(depth: int) -> Any:
    """Lists and objects in one another."""
    value: Any = "deep"
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


@dataclass(frozen=True, slots=True)
class Payload:
    """An answer as it comes over the line. `number` is its own, by which it is made again."""

    number: int
    door: str
    kind: Kind
    content: bytes
    status: int = 200
    headers: MutableMapping[str, str] = field(default_factory=dict)


class Maker:
    """Makes payloads. The same seed and number make the same payload."""

    def __init__(self, seed: int, sandbox: list[Body]) -> None:
        self._seed = seed
        self._sandbox = sandbox

    def make(self, number: int) -> Payload:
        draw = random.Random(f"{self._seed}/{number}")
        body = self._body(draw)
        value = copy.deepcopy(body.value)
        _stamp(value, NOW + timedelta(seconds=number % 1_000_000))
        how = draw.random()
        if how < 0.55:
            spoil_texts(value, draw, share=draw.choice((0.1, 0.5, 1.0)))
        if how > 0.35:
            for _ in range(draw.choice((1, 1, 2, 5, 20))):
                spoil_structure(value, draw)
        content = written(value, draw)
        headers = {"content-type": "application/json; charset=utf-8"}
        status = 200
        if draw.random() < 0.15:
            content = spoil_bytes(content, draw)
        if draw.random() < 0.05:
            content, status = spoil_answer(content, headers, draw)
        return Payload(number, body.door, body.kind, content, status, headers)

    def _body(self, draw: random.Random) -> Body:
        how = draw.random()
        if how < 0.12:
            kind = draw.choice((Kind.JOB, Kind.CUSTOMER))
            return Body("one", kind, single(kind, draw.randrange(100)))
        if how < 0.24:
            kind = draw.choice((Kind.JOB, Kind.VISIT))
            return Body("write", kind, single(kind, draw.randrange(100)))
        if how < 0.34:
            one = draw.choice(self._sandbox)
            value = copy.deepcopy(one.value)
            rows = next(iter(value["data"].values()))
            del rows[draw.randint(1, 12) :]
            return Body("list", one.kind, value)
        kind = draw.choices(list(Kind), weights=(1, 1, 4, 4))[0]
        rows = rows_of(kind)
        draw.shuffle(rows)
        return Body("list", kind, list_of(kind, rows[: draw.choice((1, 3, 6, 12, 26))]))


def _stamp(value: Any, at: datetime) -> None:
    """Every row was changed just now, so that it is taken."""
    for holder, key in places(value):
        if key == "updatedAt":
            holder[key] = at.isoformat()


def spoil_texts(value: Any, draw: random.Random, *, share: float) -> None:
    """Replace texts, but for ids; what people read is what is to be drawn."""
    for holder, key in places(value):
        text = holder[key]
        if not isinstance(text, str) or _is_id(key) or draw.random() > share:
            continue
        if re.fullmatch(r"\d{4}-\d\d-\d\dT.*", text):
            if draw.random() < 0.2:
                holder[key] = draw.choice(TIMES)
        elif draw.random() < 0.5:
            holder[key] = hostile(draw)
        else:
            at = draw.randrange(len(text) + 1)
            holder[key] = text[:at] + hostile(draw) + text[at:]


def spoil_structure(value: Any, draw: random.Random) -> None:
    """Change one place of a JSON value into something else."""
    found = places(value)
    if not found:
        return
    holder, key = draw.choice(found)
    how = draw.randrange(8)
    if how <= 2:
        holder[key] = draw.choice(VALUES)(draw)
    elif how == 3:
        del holder[key]
    elif how == 4:
        holder[key] = [holder[key]]
    elif how == 5:
        holder[key] = {"value": holder[key]}
    elif how == 6 and isinstance(holder, list):
        holder.insert(draw.randrange(len(holder) + 1), copy.deepcopy(draw.choice(holder)))
    elif how == 6:
        holder[str(key).upper()] = holder[key]
        holder[hostile(draw)] = draw.choice(VALUES)(draw)
    else:
        other, name = draw.choice(found)
        if name in other if isinstance(other, dict) else name < len(other):
            holder[key] = copy.deepcopy(other[name])


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a value, as what holds it and where in that."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        keys = list(one) if type(one) is dict else range(len(one))
        for key in keys:
            found.append((one, key))
            if type(one[key]) in (dict, list):
                waiting.append(one[key])
    return found


def _is_id(key: object) -> bool:
    return str(key) in ("id", "recordId", "jobId", "clientId", "technicianId") or isinstance(key, int)


def written(value: Any, draw: random.Random) -> bytes:
    """The value as JSON, or what comes close to it."""
    ascii_only = draw.random() < 0.5
    text = json.dumps(value, ensure_ascii=ascii_only, separators=draw.choice(((",", ":"), (", ", ": "))))
    return text.encode("utf-8", "surrogatepass")


def spoil_bytes(content: bytes, draw: random.Random) -> bytes:
    """Change the text of a body so that no JSON library would have written it."""
    at = draw.randrange(len(content) + 1)
    digits = b"9" * draw.choice((19, 20, 400, 5000))
    rubbish = bytes(draw.randrange(256) for _ in range(4))
    number = draw.choice((b"NaN", b"Infinity", b"-Infinity", b"1e999", b"nul"))
    utf16 = content.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass")
    return draw.choice(
        (
            b"\xef\xbb\xbf" + content,
            content[:at],
            content[:at] + rubbish + content[at:],
            content.replace(b'"id":', b'"id":"twin","id":', draw.choice((1, -1))),
            re.sub(rb":\s*(true|\d+)", b":" + digits, content, count=2),
            content + draw.choice((b"x", b"]", b"{}", b"\x00", b"\n\n")),
            b"[" * draw.choice((65, 5000, 100_000)) + content,
            draw.choice((b"<html>portal</html>", b"  <!doctype html>", b"", b"   ", b"null", b"[]", b"7")),
            content.replace(b"null", number),
            content.replace(b'"data":{', b'"data":{"data":{', 1).replace(b"}}", b"}}}", 1),
            utf16,
            content.replace(b'"success":true', draw.choice((b'"success":false', b'"success":"no"')), 1),
        )
    )


def spoil_answer(content: bytes, headers: MutableMapping[str, str], draw: random.Random) -> tuple[bytes, int]:
    """Change what stands around a body."""
    match draw.randrange(6):
        case 0:
            headers["content-encoding"] = "gzip"
            return gzip.compress(content), 200
        case 1:
            headers["content-encoding"] = draw.choice(("gzip", "deflate", "br", "zstd", "gzip, gzip"))
            return content, 200
        case 2:
            headers["content-encoding"] = "gzip"
            return gzip.compress(b'{"data":' + b" " * 2_000_000), 200
        case 3:
            types = ("text/html", "text/plain", "", "application/json\x01", "é")
            headers["content-type"] = draw.choice(types)
            return content, 200
        case 4:
            headers["content-length"] = str(len(content) + draw.choice((1, 1000)))
            return content, 200
        case _:
            return content, draw.choice((201, 204, 301, 400, 403, 404, 409, 418, 422, 500, 502))
