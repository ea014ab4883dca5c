"""What becomes of folders, queued checks and batches when a person exports, leaves or is merged."""

from typing import Final
from uuid import UUID

from app.domain.accounts import merging, portability
from app.domain.accounts.merging import Moved, Rows
from app.domain.invoices import batches, folder, queued
from app.domain.invoices.folder import Wanted
from app.domain.invoices.owners import Owner
from app.kit import db

_PAGE: Final = 500
_MOST_ROWS: Final = 500

# Where both wait for the same invoice, one answer is enough.
_WAITED_ONCE: Final = (
    "NOT (state = 'waiting' AND EXISTS (SELECT 1 FROM queued_check k WHERE k.person_id = $1"
    " AND k.state = 'waiting' AND k.enterprise_id IS NOT DISTINCT FROM queued_check.enterprise_id"
    " AND k.invoice_hash = queued_check.invoice_hash))"
)
_NOT_IN_BOTH: Final = (
    "(enterprise_id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM invoice_snapshot k WHERE k.person_id = $1"
    " AND k.enterprise_id IS NULL AND k.invoice_hash = invoice_snapshot.invoice_hash))"
)
# What nobody saved gives way to what the other one saved.
_GIVE_WAY: Final = """
DELETE FROM invoice_snapshot k USING invoice_snapshot a
WHERE k.person_id = $1 AND k.enterprise_id IS NULL AND k.saved_at IS NULL
  AND a.person_id = $2 AND a.enterprise_id IS NULL AND a.saved_at IS NOT NULL
  AND a.invoice_hash = k.invoice_hash
"""


class _Folders:
    """发票夹: an invoice is in a folder once; where both saved it, the absorbed one's stays behind."""

    tables = frozenset({"invoice_snapshot"})
    _rows = Rows("invoice_snapshot", only=_NOT_IN_BOTH)

    async def move(self, kept: UUID, absorbed: UUID) -> Moved:
        await db.execute(_GIVE_WAY, kept, absorbed)
        return await self._rows.move(kept, absorbed)

    async def put_back(self, kept: UUID, absorbed: UUID, moved: Moved) -> None:
        await self._rows.put_back(kept, absorbed, moved)


async def export(person_id: UUID) -> object:
    """A person's own folder, queue and batches; those of an enterprise are the enterprise's."""
    owner = Owner(person_id)
    everyone = await merging.everyone_behind(person_id)
    return {
        "folder": [one for behind in everyone for one in await _folder(Owner(behind))],
        "queued": [
            {"number": one.invoice.number, "issued_on": one.invoice.issued_on, "due_at": one.due_at}
            for one in await queued.own(owner)
        ],
        "batches": [
            {
                "created_at": batch.created_at,
                "state": batch.state,
                "rows": [
                    {"line": row.text, "outcome": row.outcome, "result": row.told}
                    for row in (await batches.rows_of(owner, batch.id, after=0, limit=_MOST_ROWS))[0]
                ],
            }
            for batch in await batches.recent(owner, limit=None)
        ],
    }


async def leave(person_id: UUID) -> None:
    """Forget what is the person's own; an enterprise keeps its invoices, without who handed them in.

    What stayed behind with somebody who became one with them is theirs as well.
    """
    everyone = await merging.everyone_behind(person_id)
    await db.execute(
        "DELETE FROM invoice_snapshot WHERE person_id = ANY ($1) AND enterprise_id IS NULL", everyone
    )
    await db.execute("UPDATE invoice_snapshot SET person_id = NULL WHERE person_id = ANY ($1)", everyone)
    await db.execute("DELETE FROM queued_check WHERE person_id = ANY ($1)", everyone)
    await db.execute("DELETE FROM invoice_batch WHERE person_id = ANY ($1)", everyone)


def register() -> None:
    """Make them known to the accounts area."""
    portability.register("invoices", export)
    portability.before_deletion("invoices", leave)
    merging.register("invoice_folders", _Folders())
    merging.register("queued_checks", Rows("queued_check", only=_WAITED_ONCE))
    merging.register("invoice_batches", Rows("invoice_batch"))


async def _folder(owner: Owner) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    before: UUID | None = None
    while True:
        page, before = await folder.find(owner, Wanted(), before=before, limit=_PAGE)
        found += [
            {
                "kind": one.content.invoice.kind and one.content.invoice.kind.name,
                "code": one.content.invoice.code,
                "number": one.content.invoice.number,
                "issued_on": one.issued_on,
                "amount": one.amount,
                "state": one.state,
                "tags": list(one.tags),
                "note": one.note,
                "checked_at": one.checked_at,
                "saved_at": one.saved_at,
            }
            for one in page
        ]
        if before is None:
            return found
