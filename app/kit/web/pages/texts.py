"""The words of pages: gettext catalogues, one folder a language, read as they were written.

A template names its words by key (``_("halls.title")``), so that an editor changes words without touching a
template and no page mixes two languages. The catalogues are ``texts/<language>/<area>.po``; they are compiled
in memory at the first page, so no made file stands beside its source.
"""

from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog

LANGUAGES: Final = {"zh": "zh-CN", "en": "en"}
"""Our name of each language → its BCP 47 tag. The first is spoken to whoever did not choose."""
FIRST: Final = "zh"


class TwiceSaid(ValueError):
    """A key stands in two catalogues of one language."""


class Catalogue:
    """The words of one face: those of its own folders after those that all pages share."""

    def __init__(self, *homes: Path) -> None:
        self._homes = homes
        self._read = cache(self._compiled)

    def of(self, language: str) -> GNUTranslations:
        """The words of a language; a key nobody wrote is told as itself."""
        return self._read(language)

    def entries(self, language: str) -> Catalog:
        """Every entry of a language with its place. Raises TwiceSaid."""
        whole = Catalog(locale=LANGUAGES[language].replace("-", "_"))
        for home in self._homes:
            for path in sorted((home / language).glob("*.po")):
                with path.open("rb") as source:
                    for entry in pofile.read_po(source, locale=whole.locale, abort_invalid=True):
                        if not entry.id:
                            continue
                        if entry.id in whole:
                            raise TwiceSaid(f"{path.name}: {entry.id}")
                        whole[entry.id] = entry
        return whole

    def says(self, language: str, key: str) -> bool:
        """Whether a language has words of its own for a key."""
        return self.of(language).gettext(key) != key

    def _compiled(self, language: str) -> GNUTranslations:
        made = BytesIO()
        mofile.write_mo(made, self.entries(language))
        made.seek(0)
        return GNUTranslations(made)
