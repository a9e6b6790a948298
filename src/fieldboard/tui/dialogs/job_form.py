"""A form for a new job or a changed one: a line a field, choices where there are some."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from textual import events
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input

from fieldboard.text import LINE_MARK, clean, one_line
from fieldboard.tui.dialogs.base import Dialog, Field, ask
from fieldboard.tui.dialogs.choice_list import ChoiceList
from fieldboard.tui.dialogs.spans import Line, cut
from fieldboard.tui.dialogs.spans_view import SpansView


class Choice(NamedTuple):
    """Something that a field may hold: what is given back, and what is shown."""

    value: str
    label: str
    detail: str = ""


Lookup = Callable[[str], Sequence[Choice] | Awaitable[Sequence[Choice]]]


@dataclass(frozen=True, slots=True)
class FormField:
    """One field. With `choices` or `lookup` (type-ahead) only one of these, or nothing, may stand in it.

    `check` gives what is wrong with a text, or None. `free` lets a text stand that is none of the
    choices; it is given back as it is. With `lines` the text may have several.
    """

    name: str
    label: str
    choices: Sequence[Choice] | None = None
    lookup: Lookup | None = None
    required: bool = False
    check: Callable[[str], str | None] | None = None
    placeholder: str = ""
    free: bool = False
    lines: bool = False


class JobForm(Dialog[dict[str, str]]):
    """Gives every field's text (of a choice its value), cleaned; None where nothing is to be saved.

    Tab and Enter go to the next field, ctrl+s saves from anywhere, Enter on the last one saves too. What
    is wrong stands below its field. Esc asks once before it throws away what was typed.
    """

    WIDTH: ClassVar[int] = 84
    HEIGHT: ClassVar[int] = 30
    CHOICES: ClassVar[int] = 5
    SOME: ClassVar[int] = 2_000
    MANY: ClassVar[int] = 10_000
    DEFAULT_CSS: ClassVar[str] = """
    JobForm #fields { height: auto; scrollbar-size: 0 0; }
    JobForm .row { height: 1; }
    JobForm .label { width: 14; }
    JobForm #choices { height: 5; margin-top: 1; }
    """

    def __init__(self, title: str, fields: Sequence[FormField], values: Mapping[str, str]) -> None:
        super().__init__(title)
        self._fields = tuple(fields)
        self._values = dict(values)
        self._labels: dict[str, str] = {}
        for field in self._fields:
            for choice in field.choices or ():
                if choice.value == self._values.get(field.name):
                    self._labels[field.name] = choice.label
        self._picked: dict[str, Choice] = {}
        self._wrong: dict[str, str] = {}
        self._offers: Sequence[Choice] = ()
        self._quiet = False
        self._last: FormField | None = None
        self._leaving = False

    def body(self) -> Iterable[Widget]:
        with VerticalScroll(id="fields", can_focus=False):
            for field in self._fields:
                with Horizontal(classes="row"):
                    yield _Label(field.label, required=field.required)
                    shown = self._labels.get(field.name, self._values.get(field.name, ""))
                    yield Field(
                        shown,
                        field.placeholder,
                        max_length=self.MANY if field.lines else self.SOME,
                        lines=field.lines,
                        id=f"field-{field.name}",
                    )
                yield SpansView(self._error_of(field.name), id=f"error-{field.name}")
        yield ChoiceList[Choice](self._draw, (), letters=False, single_click=True, id="choices")

    def on_mount(self) -> None:
        first = next(
            (f for f in self._fields if f.required and not self._values.get(f.name)), self._fields[0]
        )
        self._field(first.name).focus()

    def natural_height(self) -> int:
        return len(self._fields) + len(self._wrong) + self.CHOICES + 1 + 4

    def _measure(self) -> None:
        super()._measure()
        room = self.app.size.height - self.CHOICES - 5
        self.query_one("#fields").styles.max_height = max(3, room)

    def help_items(self) -> Sequence[tuple[str, str]]:
        if self._leaving:
            return (("Esc", "throws it away"), ("ctrl+s", "saves"), ("typing", "goes on"))
        if self._offers:
            return (
                ("ctrl+s", "saves"),
                ("↑ ↓", "choose"),
                ("Enter", "takes it"),
                ("tab", "next"),
                ("Esc", "leaves"),
            )
        return (("ctrl+s", "saves"), ("tab", "next"), ("shift+tab", "back"), ("Esc", "leaves"))

    # -- drawing --------------------------------------------------------------------------------

    def _error_of(self, name: str) -> Callable[[int], list[Line]]:
        def draw(width: int) -> list[Line]:
            wrong = self._wrong.get(name)
            return [cut(((" " * 15, ""), (f"⚠ {wrong}", "error")), width)] if wrong else []

        return draw

    def _draw(self, choice: Choice, width: int) -> Line:
        detail = f"  {choice.detail}" if choice.detail else ""
        return cut(((choice.label, ""), (detail, "muted")), width)

    # -- fields ---------------------------------------------------------------------------------

    def _field(self, name: str) -> Field:
        return self.query_one(f"#field-{name}", Field)

    def _here(self) -> FormField | None:
        focused = self.focused
        if not isinstance(focused, Field) or focused.id is None:
            return None
        name = focused.id.removeprefix("field-")
        return next((field for field in self._fields if field.name == name), None)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if isinstance(event.widget, Field):
            event.widget.cursor_position = len(event.widget.value)
            self._last = self._here()
            self._offer(narrow=False)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        if isinstance(event.widget, Field) and event.widget.id:
            name = event.widget.id.removeprefix("field-")
            if name in self._wrong:
                self._check(next(field for field in self._fields if field.name == name))

    def on_input_changed(self, event: Input.Changed) -> None:
        if self._quiet or event.input is not self.focused:
            return
        self._stay()
        field = self._here()
        if field is not None:
            self._picked.pop(field.name, None)
            self._offer(narrow=True)

    def _offer(self, *, narrow: bool) -> None:
        field = self._here()
        if field is None or (field.choices is None and field.lookup is None):
            self._show((), None)
            return
        text = self._field(field.name).value.strip()
        if field.lookup is not None:
            self.run_worker(self._look_up(field, text), group="lookup", exclusive=True, exit_on_error=False)
            return
        choices = field.choices or ()
        fits = [one for one in choices if not narrow or text.lower() in one.label.lower()]
        now = next((n for n, one in enumerate(fits) if one.label.lower() == text.lower()), None)
        self._show(fits, now if now is not None else (0 if narrow and text else None))

    async def _look_up(self, field: FormField, text: str) -> None:
        assert field.lookup is not None  # noqa: S101 - the caller looked
        found = await ask(field.lookup, text)
        if self._here() is field and self._field(field.name).value.strip() == text:
            exact = next((n for n, one in enumerate(found) if one.label.lower() == text.lower()), None)
            self._show(found, exact if exact is not None else (0 if text else None))

    def _show(self, offers: Sequence[Choice], cursor: int | None) -> None:
        self._offers = offers
        choices = self.query_one(ChoiceList)
        choices.show(offers, cursor)
        if cursor is None:
            choices.cursor = None
            choices.forget()
        self.help_again()
        self.count(f"{len(offers):,} to choose from" if offers else "• is needed")

    def _pick(self, field: FormField, choice: Choice) -> None:
        self._picked[field.name] = choice
        self._quiet = True
        self._field(field.name).value = choice.label
        self.call_after_refresh(self._loud)

    def _loud(self) -> None:
        self._quiet = False

    # -- keys -----------------------------------------------------------------------------------

    def leave(self) -> bool:
        typed = any(
            self._field(one.name).value.strip()
            != one_line(self._labels.get(one.name, self._values.get(one.name, ""))).strip()
            for one in self._fields
        )
        if self._leaving or not typed:
            return False
        self._leaving = True
        self.count("not saved")
        self.help_again()
        return True

    def _stay(self) -> None:
        """Whoever goes on in the form does not want to leave it."""
        if self._leaving:
            self._leaving = False
            self._offer(narrow=True)
            self.help_again()

    def on_key(self, event: events.Key) -> None:
        key = event.key
        if key != "escape":
            self._stay()
        if key == "ctrl+s":
            self._save()
        elif key in ("tab", "shift+tab"):
            self._step(1 if key == "tab" else -1)
        elif key in ("down", "up", "ctrl+n", "ctrl+p") and not self._offers:
            self._step(1 if key in ("down", "ctrl+n") else -1)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._enter()

    def on_choice_list_chosen(self, event: ChoiceList.Chosen) -> None:
        # The list was clicked: it is about the field that had the focus last.
        del event
        if self._last is not None:
            self._take(self._last)

    def on_choice_list_moved(self, event: ChoiceList.Moved) -> None:
        event.stop()

    def _enter(self) -> None:
        field = self._here()
        if field is not None:
            self._take(field)

    def _take(self, field: FormField) -> None:
        chosen = self.query_one(ChoiceList).selected
        if isinstance(chosen, Choice) and field.name not in self._picked:
            self._pick(field, chosen)
        if field is self._fields[-1]:
            self._save()
        else:
            self._step_from(field, 1)

    def _step(self, step: int) -> None:
        field = self._here()
        if field is not None:
            self._step_from(field, step)

    def _step_from(self, field: FormField, step: int) -> None:
        self._settle(field)
        at = (self._fields.index(field) + step) % len(self._fields)
        self._field(self._fields[at].name).focus()

    def _settle(self, field: FormField) -> None:
        """Where a choice's text was typed far enough to mean one of them, take it."""
        text = self._field(field.name).value.strip().lower()
        if not text or field.name in self._picked or field.choices is None:
            return
        fits = [one for one in field.choices if text in one.label.lower()]
        exact = [one for one in fits if text in (one.label.lower(), one.value.lower())]
        if len(exact or fits) == 1:
            self._pick(field, (exact or fits)[0])

    # -- the result -----------------------------------------------------------------------------

    def _value(self, field: FormField) -> tuple[str, str | None]:
        """What the field gives, and what is wrong with it."""
        text = clean(self._field(field.name).value).strip()
        if field.lines:
            text = text.replace(LINE_MARK, "\n")
        if not text:
            return "", f"{field.label} is needed" if field.required else None
        if field.choices is not None or field.lookup is not None:
            picked = self._picked.get(field.name)
            if picked is not None:
                return picked.value, None
            if text == self._labels.get(field.name, self._values.get(field.name, "")):
                return self._values.get(field.name, ""), None
            known = [
                one for one in (*(field.choices or ()), *self._offers) if one.label.lower() == text.lower()
            ]
            if known:
                return known[0].value, None
            if not field.free:
                return "", f"no {field.label.lower()} is called {text!r}; choose one of the list"
        return text, field.check(text) if field.check is not None else None

    def _check(self, field: FormField) -> None:
        wrong = self._value(field)[1]
        if self._wrong.get(field.name) != wrong:
            if wrong is None:
                self._wrong.pop(field.name, None)
            else:
                self._wrong[field.name] = wrong
            self.query_one(f"#error-{field.name}", SpansView).again()
            self._measure()

    def _save(self) -> None:
        here = self._here()
        if here is not None:
            self._settle(here)
        for field in self._fields:
            self._check(field)
        if self._wrong:
            first = next(field for field in self._fields if field.name in self._wrong)
            self._field(first.name).focus()
            return
        self.dismiss({field.name: self._value(field)[0] for field in self._fields})


class _Label(SpansView):
    def __init__(self, text: str, *, required: bool) -> None:
        star = (" •", "accent") if required else ("", "")
        super().__init__(lambda _width: [((text, "muted"), star)])
        self.add_class("label")
