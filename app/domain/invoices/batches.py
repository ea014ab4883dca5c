"""Batches of up to five hundred invoices: handed in, watched, stopped, tried again, saved."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app.domain.accounts import identities
from app.domain.invoices import folder, snapshots, texts, verification
from app.domain.invoices.errors import InvoiceBatchNotFound, TooManyBatches
from app.domain.invoices.lines import Line
from app.domain.invoices.models import BatchState, Outcome, WaitingState
from app.domain.invoices.owners import Owner
from app.domain.invoices.verification import InvoiceVerdict
from app.gateways.exchange import InvoiceState
from app.kit import clock, crypto, db, ids

MOST_WORKING: Final = 3
"""Batches of one person at a time."""
MOST_A_DAY: Final = 50
"""Batches of one person within a day: one of nothing but repeats costs no check, and rows all the same."""
AGAIN: Final = (Outcome.OVER_LIMIT, Outcome.OVER_OWN_LIMIT, Outcome.UNAVAILABLE)
"""What another day, or the platform's return, may settle."""

_KEPT: Final = timedelta(days=30)
_LONGEST_SHOWN: Final = 200
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch and how far it is; ``outcomes`` counts the settled rows by outcome."""

    id: UUID
    state: BatchState
    created_at: datetime
    finished_at: datetime | None
    total: int
    settled: int
    known: int
    outcomes: dict[str, int]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a batch; ``is_known`` warns that it was saved in the folder before."""

    place: int
    text: str = field(repr=False)
    state: WaitingState
    outcome: Outcome | None
    found: InvoiceState | None
    told: str
    duplicate_of: int | None
    is_known: bool
    snapshot_id: UUID | None


_BEGIN: Final = """
INSERT INTO invoice_batch (id, person_id, enterprise_id, state, created_at, finished_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""
_COUNT: Final = """
SELECT count(*) FILTER (WHERE state = 'working') AS working, count(*) FILTER (WHERE created_at > $2) AS recent
FROM invoice_batch WHERE person_id = $1
"""
_ADD: Final = """
INSERT INTO invoice_batch_row (batch_id, place, text_sealed, state, outcome, told, duplicate_of, is_known,
    tries, retry_at)
SELECT $1, place, text, CASE WHEN outcome IS NULL THEN 'waiting' ELSE 'answered' END, outcome, told,
    duplicate_of, is_known, 0, $8
FROM unnest($2::smallint[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::boolean[])
    AS r (place, text, outcome, told, duplicate_of, is_known)
"""
_LOOK: Final = """
SELECT b.id, b.state, b.created_at, b.finished_at, count(r.id) AS total,
       count(r.id) FILTER (WHERE r.state <> 'waiting') AS settled,
       count(r.id) FILTER (WHERE r.is_known) AS known,
       array_agg(r.outcome) FILTER (WHERE r.outcome IS NOT NULL) AS outcomes
FROM (
    SELECT id, state, created_at, finished_at FROM invoice_batch
    WHERE person_id = $1 AND enterprise_id IS NOT DISTINCT FROM $2 AND ($3::uuid IS NULL OR id = $3)
    ORDER BY id DESC LIMIT $4) b
LEFT JOIN invoice_batch_row r ON r.batch_id = b.id
GROUP BY b.id, b.state, b.created_at, b.finished_at ORDER BY b.id DESC
"""
_LOCK: Final = """
SELECT id, state FROM invoice_batch
WHERE id = $3 AND person_id = $1 AND enterprise_id IS NOT DISTINCT FROM $2 FOR NO KEY UPDATE
"""


async def submit(owner: Owner, lines: Sequence[Line]) -> UUID:
    """Take a list in: what needs no check is settled at once, the rest waits for a worker.

    Raises TooManyBatches, and SessionEnded for whoever left meanwhile.
    """
    rows = await _judged(owner, lines)
    is_done = all(row.verdict is not None for row in rows)
    now, batch_id = clock.now(), ids.uuid7()
    async with db.transaction():
        await identities.locked(owner.person_id)
        await _check_room(owner)
        state = BatchState.DONE if is_done else BatchState.WORKING
        await db.execute(
            _BEGIN, batch_id, owner.person_id, owner.enterprise_id, state.value, now, now if is_done else None
        )
        verdicts = [row.verdict for row in rows]
        await db.execute(
            _ADD, batch_id, [row.place for row in rows], [crypto.seal(row.text) for row in rows],
            [verdict and verdict.outcome.value for verdict in verdicts],
            [verdict.text if verdict else "" for verdict in verdicts],
            [row.duplicate_of for row in rows], [row.is_known for row in rows], now,
        )  # fmt: skip
    return batch_id


async def recent(owner: Owner, *, limit: int | None = _SHOWN) -> Sequence[Batch]:
    """The last batches of this person as whom they act now, the newest first; without a limit all."""
    return [_batch(row) for row in await db.fetch(_LOOK, owner.person_id, owner.enterprise_id, None, limit)]


async def progress(owner: Owner, batch_id: UUID) -> Batch:
    """How far a batch is. Raises InvoiceBatchNotFound."""
    row = await db.fetch_one(_LOOK, owner.person_id, owner.enterprise_id, batch_id, 1)
    if row is None:
        raise InvoiceBatchNotFound
    return _batch(row)


async def rows_of(
    owner: Owner, batch_id: UUID, *, after: int, limit: int
) -> tuple[Sequence[Row], int | None]:
    """A page of the rows in their order, and the place after which the next begins.

    Raises InvoiceBatchNotFound.
    """
    await progress(owner, batch_id)
    rows = await db.fetch(
        "SELECT place, text_sealed, state, outcome, found, told, duplicate_of, is_known, snapshot_id"
        " FROM invoice_batch_row WHERE batch_id = $1 AND place > $2 ORDER BY place LIMIT $3",
        batch_id, after, limit + 1,
    )  # fmt: skip
    page = [_row(row) for row in rows[:limit]]
    return page, page[-1].place if len(rows) > limit else None


async def cancel(owner: Owner, batch_id: UUID) -> Batch:
    """Check no more of a batch; what is settled stays. Raises InvoiceBatchNotFound."""
    async with db.transaction():
        batch = await _locked(owner, batch_id)
        if batch["state"] == BatchState.WORKING.value:
            await stop([batch_id])
    return await progress(owner, batch_id)


async def retry(owner: Owner, batch_id: UUID) -> Batch:
    """Have checked what a limit or a silent platform kept from it.

    Raises InvoiceBatchNotFound, and TooManyBatches as a new batch would.
    """
    async with db.transaction():
        await identities.locked(owner.person_id)
        batch = await _locked(owner, batch_id)
        if batch["state"] == BatchState.DONE.value:
            await _check_room(owner, is_new=False)
        again = batch["state"] != BatchState.CANCELLED.value and await db.execute(
            "UPDATE invoice_batch_row SET state = 'waiting', outcome = NULL, told = '', tries = 0,"
            " retry_at = $3 WHERE batch_id = $1 AND outcome = ANY ($2)",
            batch_id, [outcome.value for outcome in AGAIN], clock.now(),
        )  # fmt: skip
        if again:
            await db.execute(
                "UPDATE invoice_batch SET state = 'working', finished_at = NULL WHERE id = $1", batch_id
            )
    return await progress(owner, batch_id)


async def save(owner: Owner, batch_id: UUID, tags: Sequence[str]) -> int:
    """Put every match of a batch into the folder for good; answers how many were not there before."""
    await progress(owner, batch_id)
    rows = await db.fetch(
        "SELECT snapshot_id FROM invoice_batch_row WHERE batch_id = $1 AND snapshot_id IS NOT NULL", batch_id
    )
    return await folder.save_many(owner, [row["snapshot_id"] for row in rows], tags)


async def stop(batch_ids: Sequence[UUID]) -> None:
    """End batches with what they have, in the caller's transaction."""
    await db.execute(
        "UPDATE invoice_batch_row SET state = 'cancelled' WHERE batch_id = ANY ($1) AND state = 'waiting'",
        batch_ids,
    )
    await db.execute(
        "UPDATE invoice_batch SET state = 'cancelled', finished_at = $2 WHERE id = ANY ($1)"
        " AND state = 'working'",
        batch_ids, clock.now(),
    )  # fmt: skip


async def purge() -> int:
    """Delete batches of long ago with their rows; answers how many. For a timed job."""
    return await db.execute("DELETE FROM invoice_batch WHERE created_at < $1", clock.now() - _KEPT)


@dataclass(frozen=True, slots=True)
class _New:
    """A row before it is written; without a verdict it waits."""

    place: int
    text: str = field(repr=False)
    verdict: InvoiceVerdict | None
    duplicate_of: int | None = None
    is_known: bool = False


async def _judged(owner: Owner, lines: Sequence[Line]) -> list[_New]:
    """What can be said of each line without asking anybody."""
    hashes = [verification.hash_of(line.invoice) if line.invoice else b"" for line in lines]
    known = await snapshots.known_among(owner, [one for one in hashes if one])
    first: dict[bytes, int] = {}
    return [_new(line, own, known, first) for line, own in zip(lines, hashes, strict=True)]


def _new(line: Line, own: bytes, known: set[bytes], first: dict[bytes, int]) -> _New:
    if line.invoice is None:
        return _New(line.place, line.text[:_LONGEST_SHOWN], verification.said(Outcome.UNREADABLE))
    text, verdict = texts.write(line.invoice), verification.refusal_of(line.invoice, clock.today())
    if verdict is not None and verdict.outcome is Outcome.NEEDS_INPUT:
        # Without its code nobody can tell whether it is the same invoice as another.
        return _New(line.place, text, verdict)
    earlier = first.setdefault(own, line.place)
    if earlier < line.place:
        return _New(line.place, text, verification.said(Outcome.DUPLICATE), earlier, own in known)
    if verdict is not None and verdict.outcome is Outcome.TOO_NEW:
        verdict = None  # The worker queues it for the morning.
    return _New(line.place, text, verdict, None, own in known)


async def _check_room(owner: Owner, *, is_new: bool = True) -> None:
    """Raise TooManyBatches; the person is held, so that two at once cannot both be the last with room."""
    (counted,) = await db.fetch(_COUNT, owner.person_id, clock.now() - timedelta(days=1))
    if counted["working"] >= MOST_WORKING:
        raise TooManyBatches
    if is_new and counted["recent"] >= MOST_A_DAY:
        raise TooManyBatches(f"您一天内已提交 {MOST_A_DAY} 批，请明天再提交")


async def _locked(owner: Owner, batch_id: UUID) -> Any:
    row = await db.fetch_one(_LOCK, owner.person_id, owner.enterprise_id, batch_id)
    if row is None:
        raise InvoiceBatchNotFound
    return row


def _batch(row: Any) -> Batch:
    outcomes = row["outcomes"] or []
    return Batch(
        id=row["id"],
        state=BatchState(row["state"]),
        created_at=row["created_at"],
        finished_at=row["finished_at"],
        total=row["total"],
        settled=row["settled"],
        known=row["known"],
        outcomes={name: outcomes.count(name) for name in sorted(set(outcomes))},
    )


def _row(row: Any) -> Row:
    return Row(
        place=row["place"],
        text=crypto.unseal(row["text_sealed"]),
        state=WaitingState(row["state"]),
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        found=InvoiceState(row["found"]) if row["found"] else None,
        told=row["told"],
        duplicate_of=row["duplicate_of"],
        is_known=row["is_known"],
        snapshot_id=row["snapshot_id"],
    )
