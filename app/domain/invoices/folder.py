"""The folder of invoices 发票夹: found, saved with tags and a note, added up by month, removed."""

import asyncio
import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from app.domain.invoices import rules, snapshots
from app.domain.invoices.errors import InvoiceNotFound
from app.domain.invoices.owners import OWNER, Owner
from app.domain.invoices.snapshots import COLUMNS, FINAL, Snapshot
from app.domain.invoices.texts import tidy
from app.gateways.exchange import InvoiceState
from app.kit import clock, crypto, db

MOST_TAGS: Final = 10
LONGEST_TAG: Final = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which invoices of a folder: all that is said must hold. ``month`` is its first day."""

    is_saved: bool | None = None
    month: date | None = None
    tag: str | None = None
    number: str | None = None
    state: InvoiceState | None = None
    is_repeated: bool | None = None


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """The saved invoices issued in a month; of those without an amount only the count is told."""

    month: str
    invoices: int
    amount: Decimal
    without_amount: int
    no_voucher: int
    """作废 or 红冲: counted here and in ``invoices``, not in ``amount``."""


_FIND: Final = f"""
SELECT {COLUMNS} FROM invoice_snapshot
WHERE {OWNER} = $1
  AND ($2::boolean IS NULL OR (saved_at IS NOT NULL) = $2)
  AND ($3::date IS NULL OR issued_on BETWEEN $3 AND $4)
  AND ($5::text IS NULL OR tags @> ARRAY[$5::text])
  AND ($6::bytea IS NULL OR number_hash = $6)
  AND ($7::text IS NULL OR state = $7)
  AND ($8::boolean IS NULL OR (repeats > 0) = $8)
  AND ($9::uuid IS NULL OR id < $9)
ORDER BY id DESC LIMIT $10
"""  # noqa: S608  Names of ours.

_MONTHS: Final = f"""
SELECT to_char(issued_on, 'YYYY-MM') AS month, count(*) AS invoices,
       coalesce(sum(amount) FILTER (WHERE state <> ALL ($3)), 0) AS amount,
       count(*) FILTER (WHERE amount IS NULL AND state <> ALL ($3)) AS without_amount,
       count(*) FILTER (WHERE state = ANY ($3)) AS no_voucher
FROM invoice_snapshot
WHERE {OWNER} = $1 AND saved_at IS NOT NULL AND ($2::text IS NULL OR tags @> ARRAY[$2::text])
GROUP BY 1 ORDER BY 1 DESC
"""  # noqa: S608  Names of ours.

_SAVE: Final = f"""
UPDATE invoice_snapshot SET saved_at = coalesce(saved_at, $3), tags = $4, note_sealed = $5,
    recheck_at = CASE WHEN saved_at IS NOT NULL OR state = ANY ($7) THEN recheck_at ELSE $6::timestamptz END
WHERE id = $2 AND {OWNER} = $1 RETURNING {COLUMNS}
"""  # noqa: S608  Names of ours.

_SAVE_MANY: Final = f"""
UPDATE invoice_snapshot SET saved_at = $3, tags = $4,
    recheck_at = CASE WHEN state = ANY ($6) THEN NULL ELSE $5::timestamptz END
WHERE id = ANY ($2) AND {OWNER} = $1 AND saved_at IS NULL
"""  # noqa: S608  Names of ours.


async def find(
    owner: Owner, wanted: Wanted, *, before: UUID | None, limit: int
) -> tuple[Sequence[Snapshot], UUID | None]:
    """A page of the folder, what was added last first, and where the next one begins."""
    rows = await db.fetch(_FIND, *_arguments(owner, wanted), before, limit + 1)
    # Unsealing thousands for an export takes half a second, in which nobody else would be answered.
    page = await asyncio.to_thread(lambda: [snapshots.read(row) for row in rows[:limit]])
    return page, page[-1].id if len(rows) > limit else None


async def one(owner: Owner, snapshot_id: UUID) -> Snapshot:
    """One invoice with its 票面. Raises InvoiceNotFound for another owner's as well."""
    row = await db.fetch_one(
        f"SELECT {COLUMNS} FROM invoice_snapshot WHERE id = $2 AND {OWNER} = $1",  # noqa: S608  Ours.
        owner.id, snapshot_id,
    )  # fmt: skip
    if row is None:
        raise InvoiceNotFound
    return snapshots.read(row)


async def save(owner: Owner, snapshot_id: UUID, tags: Sequence[str], note: str) -> Snapshot:
    """Keep an invoice for good, or change its tags and note. Raises InvoiceNotFound."""
    now = clock.now()
    row = await db.fetch_one(
        _SAVE, owner.id, snapshot_id, now, _tags(tags), crypto.seal(note) if note else None,
        rules.next_recheck(now, now), _FINAL,
    )  # fmt: skip
    if row is None:
        raise InvoiceNotFound
    return snapshots.read(row)


async def save_many(owner: Owner, snapshot_ids: Sequence[UUID], tags: Sequence[str]) -> int:
    """Keep several that were not saved yet; answers how many."""
    now = clock.now()
    return await db.execute(
        _SAVE_MANY, owner.id, snapshot_ids, now, _tags(tags), rules.next_recheck(now, now), _FINAL
    )


async def remove(owner: Owner, snapshot_id: UUID) -> None:
    """Throw an invoice away. Raises InvoiceNotFound."""
    removed = await db.execute(
        f"DELETE FROM invoice_snapshot WHERE id = $2 AND {OWNER} = $1",  # noqa: S608  A name of ours.
        owner.id, snapshot_id,
    )  # fmt: skip
    if not removed:
        raise InvoiceNotFound


async def months(owner: Owner, tag: str | None = None) -> Sequence[MonthTotal]:
    """The saved invoices by the month they were issued in, the newest first."""
    rows = await db.fetch(_MONTHS, owner.id, tag and tidy(tag), _FINAL)
    return [MonthTotal(**row) for row in rows]


_FINAL: Final = [state.value for state in FINAL]


def _tags(tags: Sequence[str]) -> list[str]:
    return sorted({plain for tag in tags if (plain := tidy(tag))})


def _arguments(owner: Owner, wanted: Wanted) -> tuple[Any, ...]:
    first = wanted.month
    last = first and first.replace(day=calendar.monthrange(first.year, first.month)[1])
    number = wanted.number and snapshots.number_hash(tidy(wanted.number))
    state = wanted.state and wanted.state.value
    tag = wanted.tag and tidy(wanted.tag)
    return owner.id, wanted.is_saved, first, last, tag, number, state, wanted.is_repeated
