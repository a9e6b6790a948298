from __future__ import annotations

import re
from collections import Counter

import pytest

from fieldboard.board.acts import ACTS, BY_ID, BY_WORD, GROUPS, Act
from fieldboard.board.keys import DEFAULT, is_sequence, plain

# The keys of the screen, as they are listed for dispatchers.
KEYS = (
    "tab h j k l up down left right gg G ctrl+d ctrl+u [ ] t d + - z enter a space x s e E o c D v y O / n N "
    "f S w ! : ctrl+p u ctrl+z U ctrl+y . R C H p ? q"
)
NAMES = (
    "technicians jobs visits assign unassign reschedule status create edit note delete visit crew reorder "
    "technician suggest outbox resolve retry undo redo history export sync profiles"
)
LISTED, COMMANDS = KEYS.split(), NAMES.split()


def test_every_listed_key_means_an_act() -> None:
    assert [key for key in LISTED if DEFAULT.act(key) is None] == []


def test_no_other_character_means_one() -> None:
    extra = set(DEFAULT.by_key) - set(LISTED)
    moves = {"escape", "shift+tab", "home", "end", "pageup", "pagedown", "f1"}
    assert extra - moves == {"<", ">", "T", "A"}, "what only some systems have"


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.id)
def test_an_act_says_everything_of_itself(act: Act) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", act.id)
    assert act.title
    assert act.title[0].isupper()
    assert act.help
    assert not act.help.endswith(".")
    assert act.group in GROUPS
    assert act.keys or act.command, "an act that nothing reaches"
    assert all(plain(key) == key for key in act.keys)
    assert act.cli is None or act.cli in COMMANDS
    if act.scope == "data":
        assert act.cli or act.id == "repeat", "what changes data can be done without the board"
    if act.ability is not None and act.scope == "data":
        assert act.cli


def test_ids_words_and_keys_are_each_anybodys_own() -> None:
    for names in (
        [act.id for act in ACTS],
        [word for act in ACTS for word in act.words],
        [key for act in ACTS for key in act.keys],
    ):
        assert [name for name, times in Counter(names).items() if times > 1] == []


def test_every_act_but_the_line_itself_has_a_word() -> None:
    assert [act.id for act in ACTS if act.command is None] == ["command_line"]


@pytest.mark.parametrize(
    ("word", "act"),
    [
        ("as", "assign"),
        ("un", "unassign"),
        ("mv", "pick_up"),
        ("st", "status"),
        ("nt", "note"),
        ("cr", "create"),
        ("ed", "edit"),
        ("del", "delete"),
        ("day", "go_to_date"),
        ("find", "search"),
        ("undo", "undo"),
    ],
)
def test_the_short_verbs(word: str, act: str) -> None:
    assert BY_WORD[word].id == act


def test_only_gg_is_typed_in_two() -> None:
    assert [key for key in DEFAULT.by_key if is_sequence(key)] == ["gg"]


def test_the_command_line_names_are_the_words_too() -> None:
    for act in ACTS:
        if act.scope == "data" and act.cli is not None and act.id != "pick_up":
            assert BY_WORD[act.cli].cli == act.cli


def test_by_id_finds_everything() -> None:
    assert list(BY_ID.values()) == list(ACTS)
