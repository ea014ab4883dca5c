"""The worker's part in batches: a few rows of everybody in turn, checked together, given back by dying."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app.domain.invoices import batches, checking, texts, verification
from app.domain.invoices.checking import Checked
from app.domain.invoices.errors import QueueFull
from app.domain.invoices.models import Outcome
from app.domain.invoices.owners import Owner, entitled
from app.kit import clock, crypto, db
from app.kit.errors import Fault
from config.logging import told_about

log = logging.getLogger(__name__)

AT_ONCE: Final = 8
"""Rows one worker checks at the same time."""

_EACH: Final = 4
_LEASE: Final = timedelta(minutes=2)
_PAUSE: Final = timedelta(seconds=30)
_MOST_TRIES: Final = 10

# Everybody's first waiting rows come before anybody's next ones: a batch of five hundred does not keep one
# of three waiting.
_CLAIM: Final = """
UPDATE invoice_batch_row r SET retry_at = $2, tries = r.tries + 1 FROM invoice_batch b
WHERE b.id = r.batch_id AND r.state = 'waiting' AND r.id IN (
    SELECT w.id FROM invoice_batch_row w WHERE w.state = 'waiting' AND w.retry_at <= $1 AND w.id IN (
        SELECT turn.id FROM (
            SELECT f.id, row_number() OVER (PARTITION BY o.person_id ORDER BY f.id) AS place
            FROM invoice_batch o CROSS JOIN LATERAL (
                SELECT n.id FROM invoice_batch_row n
                WHERE n.batch_id = o.id AND n.state = 'waiting' AND n.retry_at <= $1
                ORDER BY n.place LIMIT $3) f
            WHERE o.state = 'working') turn
        WHERE turn.place <= $3 ORDER BY turn.place, turn.id LIMIT $4)
    FOR UPDATE SKIP LOCKED)
RETURNING r.id, r.batch_id, r.text_sealed, r.tries, r.retry_at, b.person_id, b.enterprise_id
"""
_SETTLE: Final = """
UPDATE invoice_batch_row r SET state = 'answered', outcome = s.outcome, found = s.found, told = s.told,
    snapshot_id = s.snapshot_id, is_known = r.is_known OR s.is_known
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::boolean[])
    AS s (id, outcome, found, told, snapshot_id, is_known)
WHERE r.id = s.id AND r.state = 'waiting' AND r.retry_at = $7
"""
_CLOSE: Final = """
UPDATE invoice_batch b SET state = 'done', finished_at = $2 WHERE b.id = ANY ($1) AND b.state = 'working'
AND NOT EXISTS (SELECT 1 FROM invoice_batch_row r WHERE r.batch_id = b.id AND r.state = 'waiting')
"""


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of a row; ``again_at`` instead of an outcome when it has to be tried later."""

    row_id: int
    outcome: Outcome | None
    told: str = ""
    checked: Checked | None = None
    again_at: datetime | None = None


async def step() -> int:
    """Check the next few rows of everybody; answers how many. Several workers may do so at once.

    A row is taken by putting off its next try: one whose worker died comes back by itself.
    """
    claimed_until = clock.now() + _LEASE
    rows = await db.fetch(_CLAIM, clock.now(), claimed_until, _EACH, AT_ONCE)
    if not rows:
        return 0
    owners = {Owner(row["person_id"], row["enterprise_id"]) for row in rows}
    still = await entitled(owners)
    results = await asyncio.gather(*(_check(row) for row in rows if _owner(row) in still))
    await _write(results, {row["batch_id"] for row in rows}, claimed_until)
    lost = {row["batch_id"] for row in rows if _owner(row) not in still}
    if lost:
        # Nobody asks for an enterprise they no longer act for.
        async with db.transaction():
            await batches.stop(list(lost))
    return len(rows)


async def _check(row: Any) -> _Result:
    try:
        invoice = texts.read(crypto.unseal(row["text_sealed"]))
        # Who asked is on the lines and in the records of this question.
        with told_about(caller=_owner(row).asker):
            checked = await checking.check(_owner(row), invoice, is_paced=False)
    except QueueFull as full:
        return _Result(row["id"], Outcome.TOO_NEW, full.message)
    except Fault as later:
        return _later(row, later.message, getattr(later, "retry_after", 0))
    except Exception as failure:
        # One row nobody foresaw must not take the answers of the others with it, nor come back for ever.
        log.warning("a row of a batch: %s", type(failure).__name__, exc_info=failure)
        return _later(row, verification.WORDS[Outcome.UNAVAILABLE], 0)
    return _Result(row["id"], checked.verdict.outcome, _told(checked), checked)


def _later(row: Any, told: str, retry_after_s: int) -> _Result:
    """Try again in a while, but not for ever."""
    if row["tries"] >= _MOST_TRIES:
        return _Result(row["id"], Outcome.UNAVAILABLE, told)
    wait = max(_PAUSE, timedelta(seconds=retry_after_s))
    return _Result(row["id"], None, again_at=clock.now() + wait)


def _told(checked: Checked) -> str:
    verdict = checked.verdict
    if verdict.state is None:
        return verdict.text
    told = f"{verification.WORDS[verdict.outcome]}，状态：{verification.STATE_NAMES[verdict.state]}"
    return f"{told}；已在发票夹中，谨防重复报销" if checked.was_saved_before else told


async def _write(results: Sequence[_Result], batch_ids: Collection[UUID], claimed_until: datetime) -> None:
    """Write what was found, and close the batches of which nothing waits any more."""
    settled = [one for one in results if one.outcome is not None]
    async with db.transaction():
        # Two workers that settle the last two rows see each other's only one after the other.
        await db.execute(
            "SELECT 1 FROM invoice_batch WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE", list(batch_ids)
        )
        await db.execute(
            _SETTLE, [one.row_id for one in settled], [one.outcome for one in settled],
            [_state(one.checked) for one in settled], [one.told for one in settled],
            [one.checked.snapshot.id if one.checked and one.checked.snapshot else None for one in settled],
            [one.checked.was_saved_before if one.checked else False for one in settled], claimed_until,
        )  # fmt: skip
        again = [one for one in results if one.again_at is not None]
        await db.execute(
            "UPDATE invoice_batch_row r SET retry_at = s.at FROM unnest($1::bigint[], $2::timestamptz[])"
            " AS s (id, at) WHERE r.id = s.id AND r.state = 'waiting' AND r.retry_at = $3",
            [one.row_id for one in again], [one.again_at for one in again], claimed_until,
        )  # fmt: skip
        await db.execute(_CLOSE, list(batch_ids), clock.now())


def _state(checked: Checked | None) -> str | None:
    return checked.verdict.state.value if checked is not None and checked.verdict.state is not None else None


def _owner(row: Any) -> Owner:
    return Owner(row["person_id"], row["enterprise_id"])
