from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldboard.board.acts import ACTS, BY_ID
from fieldboard.board.keys import DEFAULT, WrongKeys, keymap, keymap_of, plain
from fieldboard.config import Config
from fieldboard.tomlfile import ConfigError


def test_a_key_can_be_given_to_another_act() -> None:
    keys = keymap({"assign": ("A",), "create": ("a",)})
    assert keys.act("A") is BY_ID["assign"]
    assert keys.act("a") is BY_ID["create"]
    assert keys.act("c") is None


def test_a_default_key_that_was_given_away_is_gone_from_its_act() -> None:
    keys = keymap({"assign": ("u",)})
    assert keys.act("u") is BY_ID["assign"]
    assert keys.keys("undo") == ("ctrl+z",)
    assert keys.first("undo") == "ctrl+z"


@pytest.mark.parametrize("none", ["none", ("none",), ()])
def test_none_takes_the_keys_away(none: str | tuple[str, ...]) -> None:
    keys = keymap({"delete": none})
    assert keys.keys("delete") == ()
    assert keys.first("delete") == ""
    assert keys.act("D") is None


def test_an_unknown_act_names_the_nearest() -> None:
    with pytest.raises(WrongKeys, match="did you mean 'assign'"):
        keymap({"asign": ("a",)})


def test_two_acts_that_want_one_key_are_both_named() -> None:
    with pytest.raises(WrongKeys, match=r"'Q' is wanted by 'assign' and by 'create'"):
        keymap({"assign": ("Q",), "create": ("Q",)})


def test_a_key_that_begins_another_is_refused() -> None:
    with pytest.raises(WrongKeys, match=r"'gg' of 'first' begins with 'g'"):
        keymap({"details": ("g",)})


@pytest.mark.parametrize("text", ["", "hyper+x", "enterr key", "ctrl+", "ctrl+nothing"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(WrongKeys, match="is no key"):
        keymap({"assign": (text,)})


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Ctrl+D", "ctrl+d"),
        ("esc", "escape"),
        ("G", "G"),
        (" ", "space"),
        ("PgUp", "pageup"),
        ("F5", "f5"),
        ("slash", "/"),
        ("ctrl++", "ctrl++"),
        ("gg", "gg"),
        ("é", "é"),
    ],
)
def test_keys_are_read_as_people_write_them(written: str, key: str) -> None:
    assert plain(written) == key


def test_a_longer_key_is_waited_for() -> None:
    assert DEFAULT.begins("g")
    assert not DEFAULT.begins("c")
    assert not DEFAULT.begins("gg")


def test_the_configuration_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[keys]\nassign = "A"\nsttus = "s"\n')
    with pytest.raises(ConfigError, match=r"config\.toml, line 3: there is no act 'sttus'"):
        keymap_of(Config(path, keys={"assign": ("A",), "sttus": ("s",)}))


KEYS = st.sampled_from([*(chr(code) for code in range(33, 127)), "ctrl+x", "enter", "f1", "gg"])


@given(st.dictionaries(st.sampled_from([act.id for act in ACTS]), st.lists(KEYS, max_size=3).map(tuple)))
def test_a_keymap_has_one_act_a_key_or_is_refused(own: dict[str, tuple[str, ...]]) -> None:
    try:
        keys = keymap(own)
    except WrongKeys:
        return
    for act_id, chosen in own.items():
        assert set(keys.keys(act_id)) == set(chosen)
    for key, act in keys.by_key.items():
        assert key in keys.keys(act.id)
    assert sum(len(found) for found in keys.by_act.values()) == len(keys.by_key)
