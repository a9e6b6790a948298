from __future__ import annotations

from fieldboard.board.acts import ACTS
from fieldboard.cli.systems import SYSTEMS
from fieldboard.domain.rules import Ability
from tests.readme.systems_table import README, WORDS, rules, table, written


def test_the_readme_says_what_the_systems_can_do() -> None:
    told = README.read_text(encoding="utf-8")
    assert told == written(told), "python -m tests.readme writes it anew"


def test_every_ability_and_every_act_that_wants_one_is_in_it() -> None:
    assert set(WORDS) == set(Ability)
    assert {act.ability for act in ACTS if act.ability is not None} <= set(WORDS)


def test_every_system_of_the_configuration_is_in_it() -> None:
    head = table().splitlines()[0]
    assert [one.system for one in rules()] == [*SYSTEMS]
    assert all(one.title in head for one in rules())


def test_an_empty_cell_has_a_reason() -> None:
    for system in rules():
        assert all(len(why.split()) > 4 for why in system.lacks.values())
