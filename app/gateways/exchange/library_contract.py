"""What we ask of the base libraries (基础库: 人口、法人、信用、电子证照), whoever answers (F05)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Library(StrEnum):
    """基础库."""

    POPULATION = "population"  # 人口
    LEGAL_PERSONS = "legal_persons"  # 法人
    CREDIT = "credit"  # 信用
    CERTIFICATES = "certificates"  # 电子证照


@dataclass(frozen=True, slots=True)
class LibraryRecord:
    """One record about the subject, with nothing but what was asked: pairs of field and value.

    Days are YYYY-MM-DD.
    """

    facts: tuple[tuple[str, str], ...]

    def get(self, field: str) -> str | None:
        """The value of a field, or None where the library holds none."""
        return dict(self.facts).get(field)


class LibraryConnector(Protocol):
    """The base libraries. Raises ``ExchangeDown``."""

    async def look_up(
        self, library: Library, subject: str, fields: Collection[str], *, purpose: str
    ) -> Sequence[LibraryRecord]:
        """What a library holds about an ID number or a USCC, the newest first; nothing for a stranger to it.

        Of people and enterprises there is one record, of credit and certificates there may be several.
        """
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...
