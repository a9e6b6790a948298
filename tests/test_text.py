from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from fieldboard import text
from fieldboard.text import ELLIPSIS, MARKS, cell_width, clean, csv_safe, fit, one_line

# Surrogates included: JSON may bring half a pair.
anything = st.text(st.characters(exclude_categories=()), max_size=80)
hostile = [
    "\x1b[31mred\x1b[0m \x1b]8;;https://example.com\x07link\x1b]8;;\x07",
    "\x9b2J\x85\u202egnp.exe\u2066 \u200bzero\u200d\ufeff",
    "tags\U000e0041\U000e007f and \ud800 half",
    "e" + "\u0301" * 500 + "nd",
    "👨‍👩‍👧 ❤️ 🇬🇧 1️⃣ 👍🏽 ☰ \ue000",
    "水道修理 한국어 ไทย हिन्दी עברית",
    "line\r\nline\rline\u2028line\tend",
]


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("Boiler leaking", "Boiler leaking"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("a\x9b2Jb\x7f", "a2Jb"),
        ("a\r\nb\rc\u2028d\te", "a\nb\nc\nd\te"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("zero\u200bwidth\u2060\ufeff", "zerowidth"),
        ("x\U000e0041\U000e007f", "x"),
        ("half \ud83d pair", "half  pair"),
        ("Chloe\u0301", "Chloé"),
        ("\u0301leading\n\u0301mark", "leading\nmark"),
        ("", ""),
    ],
)
def test_clean_drops_what_a_terminal_would_act_on(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


def test_clean_keeps_names_of_all_scripts() -> None:
    for name in ("Ibáñez", "Sundström", "Åse Ñandú", "水道修理", "한국어", "ไทย", "हिन्दी", "עברית", "Nguyễn"):
        assert clean(name) == unicodedata.normalize("NFC", name)


def test_clean_caps_a_flood_of_marks_and_the_length() -> None:
    assert (
        clean("a" + "\u0323" * 300 + "b") == unicodedata.normalize("NFC", "a\u0323") + "\u0323" * MARKS + "b"
    )
    assert clean("x" * 20_000, limit=100) == "x" * 99 + ELLIPSIS
    assert clean("é" * 20_000, limit=100) == "é" * 99 + ELLIPSIS
    assert len(clean("é" * 20_000)) == 10_000
    assert clean("abc", limit=0) == ""


@given(anything, st.integers(0, 50))
def test_cleaned_text_is_harmless_and_stays_so(raw: str, limit: int) -> None:
    text = clean(raw, limit)
    assert len(text) <= limit
    assert clean(text, limit) == text
    assert unicodedata.is_normalized("NFC", text)
    assert all(c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in text)
    text.encode()


@given(anything)
@example("\N{HANGUL CHOSEONG KIYEOK}\N{HANGUL JUNGSEONG A}")
@example("\u0300a")
def test_width_agrees_with_what_textual_computes(raw: str) -> None:
    text = one_line(raw)
    assert cell_width(text) == cell_len(text)
    assert one_line(text) == text
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Cn", "Co") for c in text)


def test_width_agrees_for_every_character() -> None:
    wrong = [
        f"U+{code:04X}"
        for code in range(0x20, 0x30000)
        if cell_width(line := one_line(chr(code))) != cell_len(line)
    ]
    assert wrong == []


@given(anything, st.integers(-1, 40))
def test_fit_gives_exactly_that_many_cells(raw: str, width: int) -> None:
    assert cell_len(fit(raw, width)) == max(width, 0)


@pytest.mark.parametrize("text", hostile)
def test_hostile_text_is_drawn_aligned(text: str) -> None:
    for width in range(30):
        drawn = fit(clean(text), width)
        assert cell_len(drawn) == width
        assert "\x1b" not in drawn


def test_fit_pads_cuts_and_never_halves_a_wide_character() -> None:
    assert fit("Nowak", 8) == "Nowak   "
    assert fit("Heat exchanger", 8) == "Heat ex…"
    assert fit("水道修理", 8) == "水道修理"
    assert fit("水道修理", 7) == "水道修…"
    assert fit("水道修理", 6) == "水道… "
    assert fit("two\nlines", 20).rstrip() == "two↵lines"


def test_one_line_replaces_what_terminals_disagree_about() -> None:
    assert one_line("🇬🇧 ❤\ufe0f 👍🏽 1\ufe0f\u20e3 a\tb \ue000") == "GB ❤ 👍 1 a b \ufffd"


@pytest.mark.parametrize(
    "text", ["=1+1", "+44 20 7946 0000", "-3", "@SUM(A1)", "\t=1", "  =1", "\uff1d1", "|calc"]
)
def test_csv_cells_start_no_formula(text: str) -> None:
    assert csv_safe(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Boiler", "12 High St", " spaced", "a=b"])
def test_csv_leaves_other_cells_alone(text: str) -> None:
    assert csv_safe(text) == text


def test_tags_are_dropped_to_the_last_and_no_set_holds_them() -> None:
    edges = "\U000e0000\U000e0fff"
    assert clean(f"a{edges}b") == one_line(f"a{edges}b") == "ab"
    assert clean("a\U000e1000b") == "a\U000e1000b"
    assert len(text._INVISIBLE) < 100
