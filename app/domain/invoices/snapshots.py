"""What checks found, kept for their owner: written by every match, thrown away unless it is saved."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from app.domain.invoices import contents, verification
from app.domain.invoices.contents import Content
from app.domain.invoices.owners import OWNER, Owner
from app.domain.invoices.texts import InvoiceText
from app.domain.invoices.verification import InvoiceVerdict
from app.gateways.exchange import InvoiceState
from app.kit import clock, crypto, db, ids

KEPT_UNSAVED: Final = timedelta(days=30)
FINAL: Final = (InvoiceState.VOID, InvoiceState.RED, InvoiceState.FULLY_RED)
"""States after which nothing more happens to an invoice."""

COLUMNS: Final = (
    "id, person_id, enterprise_id, issued_on, amount, state, previous_state, content_sealed, tags,"
    " note_sealed, repeats, checked_at, changed_at, saved_at"
)

# A check that tells no 票面 leaves the one that was told before. The platform may take seconds: whoever left
# or was merged meanwhile has no folder any more, and whoever is just leaving is waited for.
_KEEP: Final = f"""
INSERT INTO invoice_snapshot AS s (id, person_id, enterprise_id, invoice_hash, number_hash, kind_code,
    issued_on, amount, state, content_sealed, tags, repeats, checked_at)
SELECT $1::uuid, p.id, $3::uuid, $4::bytea, $5::bytea, $6::varchar, $7::date, $8::numeric, $9::varchar,
    $10::text, '{{}}', 0, $11::timestamptz
FROM person p WHERE p.id = $2 AND p.status <> 'deleted' FOR SHARE
ON CONFLICT ((coalesce(enterprise_id, person_id)), invoice_hash) DO UPDATE SET
    state = excluded.state, checked_at = excluded.checked_at, kind_code = excluded.kind_code,
    issued_on = excluded.issued_on,
    previous_state = CASE WHEN s.state <> excluded.state THEN s.state ELSE s.previous_state END,
    changed_at = CASE WHEN s.state <> excluded.state THEN excluded.checked_at ELSE s.changed_at END,
    content_sealed = CASE WHEN $12 THEN excluded.content_sealed ELSE s.content_sealed END,
    amount = CASE WHEN $12 THEN excluded.amount ELSE coalesce(s.amount, excluded.amount) END,
    repeats = s.repeats + CASE WHEN s.saved_at IS NULL THEN 0 ELSE 1 END
RETURNING {COLUMNS}
"""  # noqa: S608  Names of ours.


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One invoice of a folder. ``repeats`` counts how often it was handed in again after it was saved."""

    id: UUID
    owner_id: UUID
    content: Content = field(repr=False)
    issued_on: date
    amount: Decimal | None
    state: InvoiceState
    previous_state: InvoiceState | None
    tags: tuple[str, ...]
    note: str = field(repr=False)
    repeats: int
    checked_at: datetime
    changed_at: datetime | None
    saved_at: datetime | None

    @property
    def expires_at(self) -> datetime | None:
        """When it is thrown away, unless it is saved before."""
        return None if self.saved_at is not None else self.checked_at + KEPT_UNSAVED


async def keep(owner: Owner, invoice: InvoiceText, verdict: InvoiceVerdict) -> Snapshot | None:
    """Put a match into the owner's folder, or what was found anew into the one that is there.

    Nothing is kept for whoever left while the platform was asked.
    """
    if verdict.state is None or invoice.kind is None or invoice.issued_on is None:
        return None
    content = Content(invoice, verdict.detail)
    row = await db.fetch_one(
        _KEEP, ids.uuid7(), owner.person_id, owner.enterprise_id, verification.hash_of(invoice),
        number_hash(invoice.number), invoice.kind.code, invoice.issued_on, content.amount,
        verdict.state.value, contents.seal(content), verdict.checked_at, verdict.detail is not None,
    )  # fmt: skip
    return read(row) if row is not None else None


async def known_among(owner: Owner, hashes: Sequence[bytes]) -> set[bytes]:
    """Which of these invoices the owner saved before."""
    rows = await db.fetch(
        f"SELECT invoice_hash FROM invoice_snapshot WHERE {OWNER} = $1"  # noqa: S608  A name of ours.
        " AND invoice_hash = ANY ($2) AND saved_at IS NOT NULL",
        owner.id, hashes,
    )  # fmt: skip
    return {bytes(row["invoice_hash"]) for row in rows}


async def forget_unsaved() -> int:
    """Throw away what nobody saved within thirty days; answers how many. For a timed job."""
    return await db.execute(
        "DELETE FROM invoice_snapshot WHERE saved_at IS NULL AND checked_at < $1", clock.now() - KEPT_UNSAVED
    )


def number_hash(number: str) -> bytes:
    """By which an invoice of a folder is found."""
    return crypto.lookup_hash(number, "invoice number")


def read(row: Any) -> Snapshot:
    """A row of the table as its owner sees it."""
    return Snapshot(
        id=row["id"],
        owner_id=row["enterprise_id"] or row["person_id"],
        content=contents.unseal(row["content_sealed"]),
        issued_on=row["issued_on"],
        amount=row["amount"],
        state=InvoiceState(row["state"]),
        previous_state=InvoiceState(row["previous_state"]) if row["previous_state"] else None,
        tags=tuple(row["tags"]),
        note=crypto.unseal(row["note_sealed"]) if row["note_sealed"] else "",
        repeats=row["repeats"],
        checked_at=row["checked_at"],
        changed_at=row["changed_at"],
        saved_at=row["saved_at"],
    )
