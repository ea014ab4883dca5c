"""Saved invoices are looked at again: one reversed after it was reimbursed is what accountants fear."""

import asyncio
import logging
from typing import Any, Final

from app.domain.invoices import contents, rules, verification
from app.domain.invoices.models import Outcome
from app.domain.invoices.snapshots import FINAL
from app.kit import clock, db
from app.kit.errors import Fault

log = logging.getLogger(__name__)

CHANGED: Final = "invoice_changed"
"""The event: ``snapshot_id``, ``state``, ``previous_state``."""

_BATCH: Final = 50
_AT_ONCE: Final = 4

# Taken up is put off to the next night, so that whoever dies, or finds the platform away, loses nothing.
_CLAIM: Final = """
UPDATE invoice_snapshot SET recheck_at = $1 + interval '1 day' WHERE id IN (
    SELECT id FROM invoice_snapshot WHERE recheck_at <= $1 ORDER BY recheck_at LIMIT $2
    FOR UPDATE SKIP LOCKED)
RETURNING id, invoice_hash, content_sealed
"""
# What is found holds for everybody who saved this invoice: the check is spent once, and each of them is told.
_FOUND: Final = """
WITH changed AS (
    UPDATE invoice_snapshot SET previous_state = state, state = $2, changed_at = $3, checked_at = $3
    WHERE invoice_hash = $1 AND saved_at IS NOT NULL AND state <> $2
    RETURNING id, state, previous_state
)
INSERT INTO outbox_event (kind, payload)
SELECT $4, jsonb_build_object('snapshot_id', id, 'state', state, 'previous_state', previous_state)
FROM changed
"""
_NEXT: Final = """
UPDATE invoice_snapshot s SET checked_at = CASE WHEN $7 THEN $3 ELSE s.checked_at END, recheck_at = CASE
    WHEN s.state = ANY ($2) OR $4 OR $3::timestamptz + $5::interval > s.saved_at + $6::interval THEN NULL
    ELSE $3::timestamptz + $5::interval END
WHERE s.invoice_hash = ANY ($1) AND s.saved_at IS NOT NULL AND s.recheck_at IS NOT NULL
"""


async def run() -> int:
    """Look again at what is due, at night; answers how many invoices. For a timed job.

    Each costs one of its five checks of the day, and nobody's own.
    """
    looked_at = 0
    if clock.now().time() >= rules.NIGHT_ENDS:
        return looked_at
    while rows := await db.fetch(_CLAIM, clock.now(), _BATCH):
        by_invoice = {bytes(row["invoice_hash"]): row for row in rows}
        gate = asyncio.Semaphore(_AT_ONCE)
        answered = await asyncio.gather(*(_look(one, gate) for one in by_invoice.values()))
        looked_at += len(by_invoice)
        if not any(answered):
            break
    return looked_at


async def _look(row: Any, gate: asyncio.Semaphore) -> bool:
    """Check one invoice anew; answers whether the platform had anything to say."""
    invoice = contents.unseal(row["content_sealed"]).invoice
    async with gate:
        try:
            verdict = await verification.verify(invoice, asked_by=None)
        except Fault:
            return False
        except Exception as failure:
            # It has its next night; the others of tonight go on.
            log.warning("a saved invoice: %s", type(failure).__name__, exc_info=failure)
            return True
    invoice_hash = bytes(row["invoice_hash"])
    if verdict.outcome is Outcome.OVER_LIMIT:
        return True
    async with db.transaction():
        if verdict.state is not None:
            await db.execute(_FOUND, invoice_hash, verdict.state.value, clock.now(), CHANGED)
        await db.execute(
            _NEXT, [invoice_hash], [state.value for state in FINAL], clock.now(),
            verdict.outcome is Outcome.OUT_OF_YEARS, rules.RECHECKED_EVERY, rules.RECHECKED_FOR,
            verdict.state is not None,
        )  # fmt: skip
    return True
