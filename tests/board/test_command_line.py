from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldboard.board.acts import ACTS
from fieldboard.board.command_line import Names, NotUnderstood, complete, parse

NAMES = Names(
    lambda text: [one for one in ("4401", "4402") if one.startswith(text)], ("Amara Diallo", "Dai Evans")
)


@pytest.mark.parametrize(
    ("line", "act", "args"),
    [
        ("as 4471 dai 14:00", "assign", ("4471", "dai", "14:00")),
        (':assign 4471 "Dai Evans"', "assign", ("4471", "Dai Evans")),
        ("UN 4471", "unassign", ("4471",)),
        ("  undo ", "undo", ()),
        ("unass 1", "unassign", ("1",)),
        ("nt 4471 don't ring", "note", ("4471", "don't", "ring")),
        ("q", "quit", ()),
    ],
)
def test_lines(line: str, act: str, args: tuple[str, ...]) -> None:
    command = parse(line)
    assert (command.act.id, command.args) == (act, args)


def test_the_rest_is_kept_as_typed() -> None:
    assert parse('note 4471  say "hello"  twice').rest == '4471  say "hello"  twice'


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "nothing was typed"),
        ("asign 1", "did you mean 'assign'"),
        ("re", "may mean"),
        ("xyzzy", "no command 'xyzzy'"),
    ],
)
def test_what_is_not_understood(line: str, says: str) -> None:
    with pytest.raises(NotUnderstood, match=says):
        parse(line)


def test_words_are_completed_the_short_verbs_first() -> None:
    assert complete("as")[:2] == ["as", "assign"]
    assert complete("zzz") == []
    assert len(complete("", limit=5)) == 5


def test_arguments_are_completed() -> None:
    assert complete("as 44", NAMES) == ["as 4401", "as 4402"]
    assert complete("as 4401 dai", NAMES) == ['as 4401 "Dai Evans"']
    assert complete("as 4401 diall", NAMES) == ['as 4401 "Amara Diallo"']
    assert complete("st 4401 can", NAMES) == ["st 4401 cancelled"]
    assert complete("day tom") == ["day tomorrow"]
    assert complete("sort dist") == ["sort distance"]
    assert complete("sort age by ski") == ["sort age by skill"]
    assert complete("filter skill:gas prio:u") == ["filter skill:gas prio:urgent"]
    assert complete("copy ph") == ["copy phone"]
    assert complete("nonsense x") == []


def test_every_word_of_an_act_is_understood() -> None:
    for act in ACTS:
        for word in act.words:
            assert parse(word).act is act


@given(st.text(max_size=30))
def test_any_text_is_understood_or_refused(text: str) -> None:
    complete(text, NAMES)
    try:
        command = parse(text)
    except NotUnderstood:
        return
    assert command.act in ACTS
