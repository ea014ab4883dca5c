"""The outcomes of a campaign as a file: every recipient by a handle, nobody by a name.

A file says in its first line who made it and when; that is also written down, before the first row is.
"""

import asyncio
import base64
import csv
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol, TextIO
from uuid import UUID

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.kit import audit, clock, crypto, db
from app.kit.spreadsheets import harmless
from notifications.campaigns import queries, reasons
from notifications.campaigns.errors import NotYourCampaign
from notifications.campaigns.models import Campaign, Product, RecipientState
from notifications.models import Channel

COLUMNS: Final = ("接收人", "地区", "入选依据", "通道", "状态", "原因", "时间")
ROWS_A_SHEET: Final = 1_000_000
"""A sheet of Excel ends at 1,048,576 rows."""

_PAGE: Final = 5_000
_FIRST: Final = UUID(int=0)
_HANDLE_BYTES: Final = 5
_EXPORTERS: Final = (StaffRole.PUBLISHER, StaffRole.REVIEWER, StaffRole.AUDITOR)

Row = tuple[str, ...]


class _Sheet(Protocol):
    def write(self, rows: Sequence[Row]) -> None: ...

    def close(self) -> None: ...


async def export(member: StaffMember, campaign_id: int, path: Path) -> int:
    """Write the outcomes to a CSV or XLSX file, by the end of its name; answers how many recipients.

    Rows are read and written page by page, however many there are, and the file appears under its
    name only when it is whole. Raises NotYourCampaign, CampaignNotFound or OSError.
    """
    if not any(staff.may(member, role, None) for role in _EXPORTERS):
        raise NotYourCampaign
    campaign = await queries.one(member, campaign_id)
    kind = path.suffix.lstrip(".").lower()
    await audit.record(
        member.caller_id, "campaign.exported", f"campaign:{campaign_id}", detail={"format": kind}
    )
    part = path.with_name(f".{path.name}.part")
    try:
        count = await _write(campaign, member, part, is_xlsx=kind == "xlsx")
        part.replace(path)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
    return count


async def _write(campaign: Campaign, member: StaffMember, part: Path, *, is_xlsx: bool) -> int:
    # Whoever may read the file is decided by its owner, not by the machine's usual mask.
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    mark = watermark(campaign, member)
    sheet: _Sheet = await asyncio.to_thread(_Xlsx if is_xlsx else _Csv, part, mark)
    count = 0
    try:
        async for rows in _pages(campaign):
            await asyncio.to_thread(sheet.write, rows)
            count += len(rows)
    finally:
        await asyncio.to_thread(sheet.close)
    return count


def watermark(campaign: Campaign, member: StaffMember) -> str:
    """Who took which data out, and when."""
    at = f"{clock.now():%Y-%m-%d %H:%M}"
    words = f"群发任务 {campaign.id}“{campaign.name}”发送结果，{member.username} 于 {at} 导出，仅限工作使用"
    return harmless(words)


def handle_of(person_id: UUID) -> str:
    """The same for a person in every file, and without our key nobody's."""
    digest = crypto.lookup_hash(str(person_id), "export handle")[:_HANDLE_BYTES]
    return f"R{base64.b32encode(digest).decode()}"


async def _pages(campaign: Campaign) -> AsyncIterator[list[Row]]:
    is_mass, after = campaign.product is Product.MASS, _FIRST
    while True:
        found = await db.fetch(
            "SELECT person_id, coalesce(region_code, '') AS region, because, channel, state, reason,"
            " coalesce(to_char(settled_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'), '') AS at"
            " FROM campaign_recipient WHERE campaign_id = $1 AND person_id > $2 ORDER BY person_id LIMIT $3",
            campaign.id, after, _PAGE,
        )  # fmt: skip
        if found:
            yield [_row(one, is_mass=is_mass) for one in found]
        if len(found) < _PAGE:
            return
        after = found[-1]["person_id"]


def _row(one: Any, *, is_mass: bool) -> Row:
    words = _words(one["channel"], one["state"], one["reason"], is_mass=is_mass)
    return (handle_of(one["person_id"]), one["region"], harmless(one["because"]), *words, one["at"])


@lru_cache(maxsize=1024)
def _words(channel: str | None, state: str, reason: str | None, *, is_mass: bool) -> tuple[str, str, str]:
    """Channel, state and reason; there are few combinations, however many rows."""
    return (
        reasons.channel_of(Channel(channel) if channel else None, is_mass=is_mass),
        reasons.STATES[RecipientState(state)],
        reasons.words_of(reason),
    )


class _Csv:
    """UTF-8 with a BOM, which Excel needs to read Chinese."""

    def __init__(self, path: Path, mark: str) -> None:
        self._file: TextIO = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerows([(mark,), COLUMNS])

    def write(self, rows: Sequence[Row]) -> None:
        self._writer.writerows(rows)

    def close(self) -> None:
        self._file.close()


class _Xlsx:
    """Written row by row; a new sheet begins before one is full, each with the heading."""

    def __init__(self, path: Path, mark: str) -> None:
        from openpyxl import Workbook  # See app.kit.press.

        self._path = path
        self._mark = mark
        self._book = Workbook(write_only=True)
        self._left = 0
        self._begin()

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if not self._left:
                self._begin()
            self._sheet.append(row)
            self._left -= 1

    def close(self) -> None:
        self._book.save(self._path)

    def _begin(self) -> None:
        self._sheet = self._book.create_sheet(f"结果{len(self._book.worksheets) + 1}")
        self._sheet.append((self._mark,))
        self._sheet.append(COLUMNS)
        self._left = ROWS_A_SHEET
