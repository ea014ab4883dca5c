"""The folder as a file: XLSX for accountants to go on with, PDF to print and file away."""

import asyncio
from collections.abc import Sequence
from typing import Final

from app.domain.invoices import folder
from app.domain.invoices.errors import FolderTooLarge, NothingToExport
from app.domain.invoices.folder import Wanted
from app.domain.invoices.owners import Owner
from app.domain.invoices.snapshots import Snapshot
from app.kit import clock, press

MOST: Final = 5_000
"""Invoices of one file."""


async def xlsx(owner: Owner, wanted: Wanted) -> bytes:
    """The chosen invoices as a workbook. Raises FolderTooLarge, NothingToExport."""
    found = await _all(owner, wanted)

    def make() -> bytes:
        from app.domain.invoices import workbook  # See app.kit.press.

        return workbook.made(found)

    return await asyncio.to_thread(make)


async def printed(owner: Owner, wanted: Wanted) -> bytes:
    """The chosen invoices as a PDF. Raises FolderTooLarge, NothingToExport."""
    found = await _all(owner, wanted)
    made_at = clock.now()

    def make() -> bytes:
        from app.domain.invoices import sheets  # See app.kit.press.

        return sheets.made(found, made_at)

    return await press.made(make)


async def _all(owner: Owner, wanted: Wanted) -> Sequence[Snapshot]:
    found, following = await folder.find(owner, wanted, before=None, limit=MOST)
    if following is not None:
        raise FolderTooLarge
    if not found:
        raise NothingToExport
    return found
