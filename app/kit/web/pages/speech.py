"""Templates that speak one language: its words, its days, and refusals, whose Chinese is marked elsewhere."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from app.kit.clock import SHANGHAI
from app.kit.errors import Fault
from app.kit.web.pages.texts import FIRST, LANGUAGES, Catalogue

_CHINESE: Final = re.compile("[\u4e00-\u9fff]")


def speaking(folders: Sequence[Path], texts: Catalogue, language: str, **names: object) -> Environment:
    """The templates of these folders in a language; ``names`` are what they may call besides."""
    made = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Templates change with the code beside them, and so when the process begins anew.
        auto_reload=False,
    )
    speech = _Speech(texts, language)
    made.filters.update(date=_date, day=speech.day, hour=_hour, fault=speech.fault)
    made.filters.update(marked=speech.marked, tongue=speech.tongue)
    made.globals.update(
        _=speech.said,
        ngettext=speech.counted,
        language=language,
        language_tag=LANGUAGES[language],
        languages=LANGUAGES,
        **names,
    )
    return made


class _Speech:
    """The words of a language: a sign of markup in a catalogue is shown, and opens nothing."""

    def __init__(self, texts: Catalogue, language: str) -> None:
        self._texts = texts
        self._language = language
        self._words = texts.of(language)

    def said(self, key: str, **values: object) -> str:
        """The words of a key."""
        return self._words.gettext(key) % values

    def counted(self, one: str, many: str, number: int, **values: object) -> str:
        """The words of a key that speaks of a number."""
        return self._words.ngettext(one, many, number) % {"num": number, **values}

    def day(self, moment: datetime | date) -> str:
        """A day with its weekday."""
        local = moment.astimezone(SHANGHAI) if isinstance(moment, datetime) else moment
        weekday = self._words.gettext(f"weekday.{local.isoweekday()}")
        return self.said("day", month=local.month, day=local.day, weekday=weekday)

    def fault(self, fault: Fault) -> object:
        """What a refusal says; what it names stays as it is."""
        key = ".".join(["fault", fault.code, *fault.named])
        if not self._texts.says(self._language, key):
            return self.marked(fault.message)
        words = self._words.gettext(key)
        if not fault.named:
            return words
        return escape(words) % {name: self.marked(value) for name, value in fault.named.items()}

    def marked(self, told: object) -> object:
        """Chinese on a page of another language, marked: only so does a screen reader pronounce it."""
        if self._language == FIRST or not isinstance(told, str) or not _CHINESE.search(told):
            return told
        return Markup('<span lang="{}">{}</span>').format(LANGUAGES[FIRST], told)

    def tongue(self, told: object) -> str:
        """The same as an attribute, for what can hold no other element."""
        return Markup(' lang="{}"').format(LANGUAGES[FIRST]) if self.marked(told) is not told else ""


def _date(moment: datetime) -> str:
    """``2026-11-23``"""
    return moment.astimezone(SHANGHAI).date().isoformat()


def _hour(moment: datetime) -> str:
    """``09:00``"""
    return f"{moment.astimezone(SHANGHAI):%H:%M}"
