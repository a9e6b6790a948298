"""Lists row by row: what is given, what is set aside, and that no short cut changes it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldboard.backends import json_keys, json_list
from fieldboard.backends.json_door import NotJson, RowText, parse
from fieldboard.backends.json_list import ListBody


def rows(body: bytes) -> list[RowText]:
    """All rows of a body."""
    return list(ListBody(body, {"jobs"}).rows())


def wrapped(inner: bytes) -> bytes:
    """Rows in FieldCamp's envelope."""
    return b'{"success": true, "data": {"jobs": [' + inner + b"]}}"


def test_a_list_comes_row_by_row_with_what_stands_beside_it() -> None:
    body = ListBody(
        b'{"success":true,"data":{"note":[1],"jobs":[{"id":"a"} , {"id":"b"}],"total":2},"meta":{"x":[]}}',
        {"jobs"},
    )
    assert [row.raw for row in body.rows()] == ['{"id":"a"}', '{"id":"b"}']
    assert body.found
    assert body.envelope == {
        "success": True,
        "data": {"note": [1], "jobs": [], "total": 2},
        "meta": {"x": []},
    }


@pytest.mark.parametrize(
    "body",
    [b'[{"id":"a"}]', b'{"data":[{"id":"a"}]}', b'{"jobs":[{"id":"a"}]}', b'{"data":{"jobs":[{"id":"a"}]}}'],
)
def test_lists_are_found_wherever_they_stand(body: bytes) -> None:
    assert [row.value for row in rows(body)] == [{"id": "a"}]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (b'{"id":"bad","n":NaN}', "NaN"),
        (b'{"id":"bad","n":' + b"9" * 5000 + b"}", "digits"),
        (b'{"id":"bad","id":"good"}', "twice"),
        (b'{"id":"bad","x":{"y":1,"y":2}}', "twice"),
        (b'{"id":"bad","x" :1,"x":2}', "twice"),
        (b'{"id":"bad","x":{"y":1,"y"\t\n:2}}', "twice"),
        (b'"just a text"', "object"),
        (b"null", "object"),
        (b'{"id":"bad","notes":"' + b"x" * 1_100_000 + b'"}', "larger"),
    ],
)
def test_a_bad_row_costs_only_itself(row: bytes, why: str) -> None:
    found = rows(wrapped(b'{"id":"1"},' + row + b',{"id":"2"}'))
    assert [one.value for one in found if one.why is None] == [{"id": "1"}, {"id": "2"}]
    assert [why in (one.why or "") for one in found] == [False, True, False]


def test_a_text_that_looks_like_keys_is_no_bad_row() -> None:
    value = {"id": "1", "notes": 'say "a": and "a": again'}
    assert [row.value for row in rows(wrapped(json.dumps(value).encode()))] == [value]
    # Written with a space before the colon.
    assert [row.value for row in rows(wrapped(b'{"id" : "1", "x" : {"id" : 2}}'))] == [
        {"id": "1", "x": {"id": 2}}
    ]


def test_rows_before_a_cut_are_given_and_then_it_is_said() -> None:
    cut = wrapped(b'{"id":"1"},{"id":"2"},{"id":"3"}')[:-20]
    taken: list[RowText] = []
    with pytest.raises(NotJson):
        taken.extend(ListBody(cut, {"jobs"}).rows())
    body = ListBody(cut, {"jobs"}).rows()
    assert next(body).value == {"id": "1"}


def _with_and_without_guessing(body: bytes) -> list[tuple[list[RowText], str]]:
    """What both ways of reading make of a body: the rows, and why they ended."""
    found: list[tuple[list[RowText], str]] = []
    for guesses in (json_list._GIVES_UP, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(json_list, "_GIVES_UP", guesses)
            taken: list[RowText] = []
            why = ""
            try:
                taken.extend(ListBody(body, {"jobs"}).rows())
            except NotJson as broken:
                why = str(broken)
            # NaN is not equal to itself, and 1 is equal to True.
            found.append((taken, why + repr(taken)))
    return found


@pytest.mark.parametrize(
    "inner",
    [
        b'{"id":1},{"id":2},{"id":3},{"id":4}',
        b'{"id":1} , {"id":2} , {"id":3} , {"id":4}',
        b'{"id":1},{"id":[{"id":1},{"id":2}]},{"id":[{"id":1},{"id":2}]},{"id":4}',
        rb'{"id":1},{"id":"},{\"id\":"},{"id":"a},{\"id\":1"},{"id":4}',
        b'{"id":1},{"id":2,"id":3},{"id":{"x":1,"x":2}},{"id":4}',
        b'{"id":1},{"id":2},null,{"id":3},7,{"id":[1,2,},{"id":4}',
        b'{"id":1},{"id":2},{"id":"\\ud800"},{"id":NaN},{"id":1e999},{"id":4}',
        b'{"id":1},{"id":2},{"id":"\xff\xc3"},{"id":"\xc3\xbc"},{"id":"\x1f"},{"id":4}',
        b'{"id":1},{"id":2},{"id":' + b"9" * 5000 + rb'},{"id":"a \": b"},{"id":4}',
        b'{"id":1},{"id":2},{"id":"' + b"x" * 1_100_000 + b'"},{"id":4},{"id":5}',
        b'{"id":1},{"id":2},{"id":3}},{"id":4}',
        b'{"id":1},{"id":2}],"jobs":[{"id":3},{"id":4}',
        b",".join(b'{"id":1},{"no":2}' for _ in range(60)),
        b"{},{},{},{}",
    ],
)
def test_guessing_where_rows_end_changes_nothing(inner: bytes) -> None:
    guessed, exact = _with_and_without_guessing(wrapped(inner))
    assert guessed[1] == exact[1]


_PIECES = [
    '{"id":',
    "},{",
    '"id"',
    '{"a":1}',
    "[",
    "]",
    "}",
    ",",
    ":",
    '"',
    "\\",
    "1",
    " ",
    "é",
    '"x"',
    "null",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=14), st.lists(st.integers(0, 6), max_size=5))
def test_guessing_changes_nothing_of_broken_bodies_either(pieces: list[str], at: list[int]) -> None:
    honest = [
        '{"id":1,"a":[{"id":2},{"id":3}]}',
        '{"id":"é"}',
        '{"id":4}',
        '{"id":5}',
        '{"id":6}',
        '{"id":7}',
    ]
    for place in at:
        honest.insert(place, '{"id":' + "".join(pieces) + "}")
    guessed, exact = _with_and_without_guessing(wrapped(",".join(honest).encode()))
    assert guessed[1] == exact[1]


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.text(), _JSON, max_size=5), max_size=6), st.booleans())
def test_every_honest_list_comes_as_it_was_sent(values: list[dict[str, object]], ascii_only: bool) -> None:
    body = json.dumps({"success": True, "data": {"jobs": values}}, ensure_ascii=ascii_only)
    found = rows(body.encode("utf-8", "replace"))
    sent = json.loads(body.encode("utf-8", "replace"))["data"]["jobs"]
    assert [row.value for row in found] == sent


@given(st.binary(max_size=60))
def test_rubbish_is_refused_and_nothing_else_happens(body: bytes) -> None:
    for whole in (body, wrapped(body)):
        try:
            rows(whole)
            parse(whole)
        except NotJson:
            continue


def nested(number: int, inner: str = '"b": 1') -> str:
    """A row that holds objects, with something in two of them."""
    at = f'"at": {{"lat": 1.5, "of": {{{inner}}}}}'
    return f'{{"id": {number}, {at}, "items": [{{"a": 1}}, {{{inner}}}], "x": []}}'


@pytest.mark.parametrize(
    "twice", ['"b": 1, "b": 2', '"b": 1, "c": {"d": 1, "d": 2}', '"e": [[{"f": 1, "f": 2}]]']
)
def test_a_key_that_comes_twice_is_found_wherever_rows_held_something(twice: str) -> None:
    listed = [nested(0), nested(1), nested(2, twice), nested(3), nested(4, '"c": {"d": 1}'), nested(5, twice)]
    for raw in (listed, listed[::-1]):
        found = rows(wrapped(", ".join(raw).encode()))
        assert [row.why for row in found] == [
            "a key that comes twice" if twice in one else None for one in raw
        ]


def test_only_where_earlier_rows_held_something_is_looked_for_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[object] = []
    count = json_keys.keys_of

    def counting(value: dict[str, object], holders: json_keys.Holders) -> int:
        counted.append(value)
        return count(value, holders)

    for module in (json_keys, json_list):
        monkeypatch.setattr(module, "keys_of", counting)
    assert len(rows(wrapped(", ".join(map(nested, range(50))).encode()))) == 50
    assert len(counted) < 10
    other = [nested(50 + n, '"new": {"g": 1}') for n in range(50)]
    body = ListBody(wrapped(", ".join([*map(nested, range(50)), *other]).encode()), {"jobs"})
    assert all(row.why is None for row in body.rows())
    assert len(counted) < 30


def test_made_up_keys_are_not_remembered() -> None:
    made_up = b", ".join(b'{"id": 1, "k%d": {"v": 1}}' % n for n in range(500))
    body = ListBody(wrapped(made_up), {"jobs"})
    assert all(row.why is None for row in body.rows())
    assert len(body._holders) == json_keys.MOST_HOLDERS
