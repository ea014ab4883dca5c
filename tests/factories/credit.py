"""Release files of credit ratings, releases in force, and what the tax authority tells."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from app.domain.accounts.models import Enterprise, StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.credit_ratings import releases
from app.domain.credit_ratings.models import CreditRelease
from app.gateways import exchange
from app.gateways.exchange import (
    AListEntry,
    AListPage,
    Deduction,
    DirectCause,
    ExchangeDown,
    RatingFacts,
)
from app.kit import clock, crypto, db
from tests.factories.accounts import uscc_number
from tests.factories.audiences import at_work

HEADING = "统一社会信用代码,纳税人名称,评价年度,级别,得分,起评分,主管税务机关"
YEAR = 2025
NOON = datetime(2026, 5, 18, 12, tzinfo=clock.SHANGHAI)
"""A Monday after the release of 2025."""


def importer() -> StaffMember:
    """Somebody who may import releases."""
    return at_work("importer", StaffRole.EXCHANGE_OPERATOR)


def publisher() -> StaffMember:
    """Somebody else, who may publish them."""
    return at_work("releaser", StaffRole.REVIEWER, StaffRole.EXCHANGE_OPERATOR)


def row(
    serial: int = 1, level: str = "A", score: str = "95.5", *, name: str | None = None, year: int = YEAR
) -> str:
    """One row of a file."""
    return (
        f"{uscc_number(serial)},{name or f'广州第{serial}有限公司'},{year},{level},{score},100,天河区税务局"
    )


def release_file(folder: Path, rows: Iterable[str], name: str = "ratings.csv") -> Path:
    """A file of these rows below the heading."""
    path = folder / name
    path.write_text("\n".join((HEADING, *rows, "")), encoding="utf-8")
    return path


async def published(folder: Path, rows: Iterable[str], *, year: int = YEAR) -> CreditRelease:
    """A release of these rows, in force."""
    made = await releases.import_file(importer(), release_file(folder, rows), year)
    return await releases.publish(publisher(), made.id)


async def forget_releases() -> None:
    """Drop the tables of releases: emptying a table leaves it in its place."""
    for found in await db.fetch(
        "SELECT relname FROM pg_class WHERE relname ~ '^credit_rating_release_[0-9]+$'"
    ):
        await db.execute(f"DROP TABLE {found['relname']}")


def deduction(
    points: str = "5",
    *,
    occurred_on: date = date(2025, 6, 16),
    code: str = "010101",
    is_repairable: bool = True,
    repair_until: date | None = None,
    repaired_on: date | None = None,
) -> Deduction:
    """A deduction for a late filing, if nothing else is said."""
    return Deduction(
        code, "未按规定期限申报", Decimal(points), 1, occurred_on, is_repairable, repair_until, repaired_on
    )


def facts(year: int = YEAR, level: str = "B", score: str = "88", *deductions: Deduction) -> RatingFacts:
    """What the authority tells of a year."""
    return RatingFacts(
        year, level, Decimal(score), date(year + 1, 4, 20), Decimal(100), deductions, authority="天河区税务局"
    )


def direct_d(
    *deductions: Deduction, corrected_on: date | None = date(2026, 2, 18), wait_months: int | None = 3
) -> RatingFacts:
    """What the authority tells of a year rated D for a debt that was paid in the end."""
    cause = DirectCause("unpaid_after_decision", corrected_on, wait_months)
    return replace(facts(YEAR, "D", "88", *deductions), direct_d=(cause,))


class Authority:
    """The tax authority's service of a test: what it tells, or that it is down."""

    def __init__(self, *told: RatingFacts) -> None:
        self.told: Sequence[RatingFacts] = told
        self.is_down = False
        self.asked: list[object] = []
        self.listed: tuple[AListEntry, ...] = ()

    async def ratings(self, uscc: str) -> Sequence[RatingFacts]:
        """See ``CreditConnector``."""
        self.asked.append(uscc)
        if self.is_down:
            raise ExchangeDown
        return self.told

    async def a_list(self, year: int, query: str, page: int) -> AListPage:
        """See ``CreditConnector``."""
        self.asked.append((year, query, page))
        return AListPage(self.listed, has_more=False)

    async def close(self) -> None:
        """There is nothing to close."""


@contextmanager
def asked(*told: RatingFacts) -> Iterator[Authority]:
    """Whoever asks for ratings asks this authority."""
    authority = Authority(*told)
    exchange.use_credit(authority)
    yield authority
    exchange.use_credit(None)


@contextmanager
def asked_of_a_repairable_b() -> Iterator[Authority]:
    """It tells a B with a late filing that can be repaired, and the A of the year before."""
    with asked(
        facts(YEAR, "B", "88", deduction(), deduction("3", is_repairable=False)), facts(2024, "A", "96")
    ) as authority:
        yield authority


@asynccontextmanager
async def after_the_release() -> AsyncIterator[None]:
    """A day on which the year is released; no table of a release is left behind."""
    with clock.frozen(NOON):
        yield
        await forget_releases()


async def uscc_of(enterprise_id: UUID) -> str:
    """The code of an enterprise."""
    return crypto.unseal((await Enterprise.get(id=enterprise_id)).uscc_sealed)
