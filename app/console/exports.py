"""Exports of the desks' tables: masked as on the page, marked with who took them and when, and recorded."""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import IO, Any, Final

from sanic.response import ResponseStream

from app.domain.accounts.staff import StaffMember
from app.kit import audit, clock
from app.kit.spreadsheets import harmless

Value = str | int | Decimal | date | None
Batches = AsyncIterator[Sequence[Sequence[Value]]]

_CHUNK: Final = 256 * 1024
_BOM: Final = "﻿"  # Without it Excel reads Chinese in a CSV file as another encoding.


class Form(StrEnum):
    """What a table is exported as."""

    CSV = "text/csv"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    @property
    def ending(self) -> str:
        return self.name.lower()


async def send(
    member: StaffMember,
    form: Form,
    *,
    name: str,
    heads: Sequence[str],
    batches: Batches,
    filters: Mapping[str, str],
) -> ResponseStream:
    """A table as a file. It is recorded before the first row leaves: who, which table, how filtered."""
    now = clock.now()
    detail: dict[str, audit.Plain] = {"form": form.ending, "by": sorted(filters)}
    await audit.record(member.caller_id, "table.exported", f"table:{name}", detail=detail)
    when = f"{now.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"
    mark = f"{member.display_name}（{member.username}）导出于 {when}，仅限本岗位工作使用"
    make = _as_csv if form is Form.CSV else _as_xlsx
    made = await make(mark, heads, batches)
    file = f"{name}-{now.astimezone(clock.SHANGHAI):%Y%m%d-%H%M}.{form.ending}"

    return sent(made, form, file)


def sent(made: IO[bytes], form: Form, name: str) -> ResponseStream:
    """A file poured into an answer, and closed at its end."""

    async def pour(answer: Any) -> None:
        try:
            while chunk := await asyncio.to_thread(made.read, _CHUNK):
                await answer.write(chunk)
        finally:
            await asyncio.to_thread(made.close)

    return ResponseStream(
        pour,
        content_type=form.value,
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )


async def _as_csv(mark: str, heads: Sequence[str], batches: Batches) -> Any:
    made = tempfile.TemporaryFile()  # noqa: SIM115  # It is closed once it was sent.
    written = io.TextIOWrapper(made, "utf-8", newline="", write_through=True)
    written.write(_BOM)
    writer = csv.writer(written)
    writer.writerows([[mark], heads])
    async for rows in batches:
        await asyncio.to_thread(writer.writerows, [[_text(value) for value in row] for row in rows])
    written.detach()
    made.seek(0)
    return made


async def _as_xlsx(mark: str, heads: Sequence[str], batches: Batches) -> Any:
    def begin() -> Any:
        from app.console import workbooks  # See app.kit.press.

        return workbooks.Book(mark, heads)

    book = await asyncio.to_thread(begin)
    async for rows in batches:
        await asyncio.to_thread(book.append, rows)
    made = tempfile.TemporaryFile()  # noqa: SIM115  # It is closed once it was sent.
    await asyncio.to_thread(book.save, made)
    made.seek(0)
    return made


def _text(value: Value) -> str:
    return "" if value is None else harmless(str(value))
