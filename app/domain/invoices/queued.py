"""Invoices issued today wait for the next morning; their check is spent then, and the answer is told."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app.domain.accounts import identities
from app.domain.invoices import rules, snapshots, texts, verification
from app.domain.invoices.errors import QueuedCheckNotFound, QueueFull
from app.domain.invoices.models import Outcome
from app.domain.invoices.owners import Owner, entitled
from app.domain.invoices.texts import InvoiceText
from app.domain.invoices.verification import InvoiceVerdict
from app.gateways.exchange import ExchangeDown
from app.kit import clock, crypto, db, ids, outbox
from app.kit.errors import Fault
from config.logging import told_about

log = logging.getLogger(__name__)

ANSWERED: Final = "invoice_answered"
"""The event: ``queued_check_id``."""
MOST_WAITING: Final = 50
"""For one person."""

_BATCH: Final = 20
_AT_ONCE: Final = 4
_LEASE: Final = timedelta(minutes=5)
_LATER: Final = timedelta(minutes=15)
_MORNINGS: Final = 3
_GIVEN_UP: Final = timedelta(days=5)
_KEPT: Final = timedelta(days=30)
# On its first mornings an invoice may not have reached the platform yet.
_TOO_EARLY: Final = frozenset(
    {Outcome.TOO_NEW, Outcome.NOT_FOUND, Outcome.OVER_LIMIT, Outcome.OVER_OWN_LIMIT}
)

# The row of the person is held, so that two at once cannot both be the last that finds room.
_PUT: Final = """
INSERT INTO queued_check (id, person_id, enterprise_id, invoice_hash, invoice_sealed, due_at, state, tries,
    created_at)
SELECT $1, $2, $3, $4, $5, $6, 'waiting', 0, $7
WHERE (SELECT count(*) FROM queued_check WHERE person_id = $2 AND state = 'waiting') < $8
ON CONFLICT (person_id, (coalesce(enterprise_id, person_id)), invoice_hash) WHERE state = 'waiting'
DO UPDATE SET invoice_sealed = excluded.invoice_sealed RETURNING id
"""
_CLAIM: Final = """
UPDATE queued_check SET due_at = $2, tries = tries + 1 WHERE id IN (
    SELECT id FROM queued_check WHERE state = 'waiting' AND due_at <= $1
    ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING id, person_id, enterprise_id, invoice_sealed, tries, due_at, created_at
"""
_HELD: Final = """
SELECT id FROM queued_check WHERE id = $1 AND state = 'waiting' AND due_at = $2 FOR UPDATE
"""
_SETTLE: Final = """
UPDATE queued_check SET state = 'answered', outcome = $2, snapshot_id = $3, settled_at = $4 WHERE id = $1
"""
_CANCEL: Final = """
UPDATE queued_check SET state = 'cancelled', settled_at = $4
WHERE id = $1 AND person_id = $2 AND enterprise_id IS NOT DISTINCT FROM $3 AND state = 'waiting'
"""
_OWN: Final = """
SELECT id, invoice_sealed, due_at, created_at FROM queued_check
WHERE person_id = $1 AND enterprise_id IS NOT DISTINCT FROM $2 AND state = 'waiting' ORDER BY id DESC
"""


@dataclass(frozen=True, slots=True)
class Queued:
    """An invoice waiting for the morning."""

    id: UUID
    invoice: InvoiceText = field(repr=False)
    due_at: datetime
    created_at: datetime


async def put(owner: Owner, invoice: InvoiceText) -> UUID:
    """Have an invoice checked the next morning; one that waits already waits on.

    Raises QueueFull, and SessionEnded for whoever left meanwhile.
    """
    now = clock.now()
    async with db.transaction():
        await identities.locked(owner.person_id)
        queued_id: UUID | None = await db.fetch_value(
            _PUT, ids.uuid7(), owner.person_id, owner.enterprise_id, verification.hash_of(invoice),
            crypto.seal(texts.write(invoice)), rules.next_morning(now), now, MOST_WAITING,
        )  # fmt: skip
    if queued_id is None:
        raise QueueFull
    return queued_id


async def own(owner: Owner) -> Sequence[Queued]:
    """What waits for this person as whom they act now, the newest first."""
    rows = await db.fetch(_OWN, owner.person_id, owner.enterprise_id)
    return [Queued(row["id"], _invoice(row), row["due_at"], row["created_at"]) for row in rows]


async def cancel(owner: Owner, queued_id: UUID) -> None:
    """Take back a wish. Raises QueuedCheckNotFound, also once it is answered."""
    if not await db.execute(_CANCEL, queued_id, owner.person_id, owner.enterprise_id, clock.now()):
        raise QueuedCheckNotFound


async def answer_due() -> int:
    """Check what is due; answers how many were taken up. For a timed job, safe in several at once.

    A row is taken by putting off when it is due: whoever dies with it gives it back by doing nothing.
    """
    taken = 0
    if clock.now().time() < rules.ANSWERED_FROM:
        return taken
    while rows := await db.fetch(_CLAIM, clock.now(), clock.now() + _LEASE, _BATCH):
        taken += len(rows)
        still = await entitled({_owner(row) for row in rows})
        gate = asyncio.Semaphore(_AT_ONCE)
        outcomes = await asyncio.gather(*(_answer(row, gate, still) for row in rows))
        if not any(outcomes):
            break  # The platform is away; what is left keeps until it is back.
    return taken


async def purge() -> int:
    """Delete what was settled long ago; answers how many. For a timed job."""
    return await db.execute(
        "DELETE FROM queued_check WHERE state <> 'waiting' AND settled_at < $1", clock.now() - _KEPT
    )


async def _answer(row: Any, gate: asyncio.Semaphore, still: set[Owner]) -> bool:
    """Check one; answers whether the platform had anything to say."""
    owner = _owner(row)
    if owner not in still:
        # Nobody asks for an enterprise they no longer act for.
        await db.execute(_CANCEL, row["id"], owner.person_id, owner.enterprise_id, clock.now())
        return True
    invoice = _invoice(row)
    async with gate:
        try:
            # Who asked is on the lines and in the records of this question.
            with told_about(caller=owner.asker):
                verdict = await verification.verify(invoice, asked_by=owner.asker, is_paced=False)
        except Exception as later:
            if not isinstance(later, Fault):
                log.warning("a queued check: %s", type(later).__name__, exc_info=later)
            if clock.now() - row["created_at"] > _GIVEN_UP:
                await _settle(row, owner, invoice, verification.said(Outcome.UNAVAILABLE))
            else:
                wait = max(_LATER, timedelta(seconds=getattr(later, "retry_after", 0)))
                await _put_off(row, clock.now() + wait, tries=row["tries"] - 1)
            return not isinstance(later, ExchangeDown)
    if verdict.outcome in _TOO_EARLY and row["tries"] < _MORNINGS:
        await _put_off(row, rules.next_morning(clock.now()), tries=row["tries"])
    else:
        await _settle(row, owner, invoice, verdict)
    return True


async def _put_off(row: Any, until: datetime, *, tries: int) -> None:
    await db.execute(
        "UPDATE queued_check SET due_at = $3, tries = $4 WHERE id = $1 AND state = 'waiting' AND due_at = $2",
        row["id"], row["due_at"], until, tries,
    )  # fmt: skip


async def _settle(row: Any, owner: Owner, invoice: InvoiceText, verdict: InvoiceVerdict) -> None:
    """Keep the answer and tell of it, once: whoever lost the row meanwhile changes nothing."""
    async with db.transaction():
        # The person first, then what is theirs: so does whoever leaves.
        await db.execute("SELECT 1 FROM person WHERE id = $1 FOR SHARE", owner.person_id)
        if await db.fetch_value(_HELD, row["id"], row["due_at"]) is None:
            return
        snapshot = await snapshots.keep(owner, invoice, verdict)
        await db.execute(_SETTLE, row["id"], verdict.outcome.value, snapshot and snapshot.id, clock.now())
        await outbox.emit(ANSWERED, {"queued_check_id": str(row["id"])})


def _owner(row: Any) -> Owner:
    return Owner(row["person_id"], row["enterprise_id"])


def _invoice(row: Any) -> InvoiceText:
    return texts.read(crypto.unseal(row["invoice_sealed"]))
