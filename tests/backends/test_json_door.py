"""Hostile and broken bodies."""

from __future__ import annotations

import json

import pytest

from fieldboard.backends.json_door import NotJson, RowText, WebPage, cleaned, parse


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "nothing"),
        (b"  \n", "nothing"),
        (b"<html><body>Sign in</body></html>", "web page"),
        (b"\xef\xbb\xbf\n <!doctype html>", "web page"),
        (b'{"success": tr', "half of it"),
        (b"hello", "not JSON"),
        (b'{"a": 1} {"b": 2}', "not JSON"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "Infinity"),
        (b'{"a": 1e999}', "out of range"),
        (b'{"a": ' + b"9" * 5000 + b"}", "digits"),
        (b'{"a": 12345678901234567890}', "digits"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b"[" * 65 + b"]" * 65, "nested"),
        (b'{"a":[' * 33 + b"]}" * 33, "nested"),
        (b"[" * 100_000, "not JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "nested"),
    ],
)
def test_bodies_that_are_refused(body: bytes, says: str) -> None:
    with pytest.raises(NotJson, match=says):
        parse(body)


def test_a_page_is_told_by_its_type_too() -> None:
    with pytest.raises(WebPage):
        parse(b'{"a": 1}', "text/html")


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": "\xff\xfe"}', {"a": "\ufffd\ufffd"}),
        (b"[" * 64 + b"]" * 64, None),
        (b'{"a": "' + b"[{" * 500 + b'"}', {"a": "[{" * 500}),
        (b'{"a": "\\"[[[", "b": []}', {"a": '"[[[', "b": []}),
    ],
)
def test_bodies_that_are_taken(body: bytes, value: object) -> None:
    got = parse(body)
    assert value is None or got == value


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ('{"id":"1","t":"plain \\n text"}', '{"id":"1","t":"plain \\n text"}'),
        ('{"t":"Prüfung 東京"}', '{"t":"Prüfung 東京"}'),
        ('{"t":"a\\u001b[31mred"}', '{"t":"a[31mred"}'),
        ('{"t":"half \\ud800 pair"}', '{"t":"half  pair"}'),
        ('{"t":"\u202eover"}', '{"t":"over"}'),
    ],
)
def test_what_is_kept_of_a_row_is_clean(raw: str, kept: str) -> None:
    assert cleaned(RowText(json.loads(raw), raw)) == kept
    cleaned(RowText(json.loads(raw), raw)).encode()
