"""Looking up a case by number and query code, without signing in, and without letting anybody guess."""

import hmac
from collections.abc import Sequence
from datetime import timedelta

from app.domain.cases import numbers, queries
from app.domain.cases.errors import CaseNotFound, LookupLocked
from app.domain.cases.queries import CaseProgress
from app.kit import clock, crypto, db

TRIES = 5
"""So many failures on one number, or by one asker, within the lock time stop both for that long."""
LOCK = timedelta(minutes=30)

_NO_HASH = bytes(32)  # Compared with where there is no such case, so that the answer takes as long.

_LOCKED_UNTIL = """
SELECT max(forget_at) FROM case_failed_lookups WHERE key = ANY ($1) AND failures >= $2 AND forget_at > $3
"""
# The time begins with the first failure and anew with the one that locks.
_COUNT = """
INSERT INTO case_failed_lookups AS f (key, failures, forget_at)
SELECT key, 1, $2::timestamptz + $4::interval FROM unnest($1::text[]) AS key ORDER BY key
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN f.forget_at > $2 THEN f.failures + 1 ELSE 1 END,
    forget_at = CASE WHEN f.forget_at > $2 AND f.failures + 1 <> $3::int THEN f.forget_at
                     ELSE excluded.forget_at END
"""
_FORGET = """
DELETE FROM case_failed_lookups WHERE key IN (
    SELECT key FROM case_failed_lookups WHERE forget_at <= $1 ORDER BY forget_at LIMIT 10
    FOR UPDATE SKIP LOCKED)
"""


async def look_up(number: str, code: str, *, asked_by: str) -> CaseProgress:
    """The progress of a case, for whoever knows its query code.

    ``asked_by`` names the asker as well as we know them: a person, an openid, an address. Call it outside
    a transaction: a failure is counted even though the look-up fails.

    Raises:
        CaseNotFound: the same, after the same work, whether the number or the code is wrong.
        LookupLocked: after five failures on this number or by this asker, for 30 minutes.
    """
    wanted = numbers.sought(number)
    keys = sorted({_key("number", numbers.tidy(number)), _key("asker", asked_by)})
    async with db.transaction():
        # Tries of one number or one asker go one after the other: no sixth slips in beside the fifth.
        await db.execute("SELECT pg_advisory_xact_lock(('x' || left(k, 16))::bit(64)::bigint)"
                         " FROM unnest($1::text[]) AS k", keys)  # fmt: skip
        await _check_not_locked(keys)
        is_right = await _fits(wanted, code)
        if not is_right:
            await _count_failure(keys)
    found = await queries.progress(wanted) if is_right else None
    if found is None:
        raise CaseNotFound
    return found


async def _check_not_locked(keys: Sequence[str]) -> None:
    now = clock.now()
    until = await db.fetch_value(_LOCKED_UNTIL, keys, TRIES, now)
    if until is not None:
        raise LookupLocked(retry_after=max(1, round((until - now).total_seconds())))


async def _fits(number: str, code: str) -> bool:
    kept = await db.fetch_value("SELECT query_code_hash FROM case_file WHERE number = $1", number)
    given = numbers.query_code_hash(number, code)
    return hmac.compare_digest(bytes(kept or _NO_HASH), given) and kept is not None


async def _count_failure(keys: Sequence[str]) -> None:
    now = clock.now()
    await db.execute(_FORGET, now)
    await db.execute(_COUNT, keys, now, TRIES, LOCK)


def _key(kind: str, who: str) -> str:
    return crypto.lookup_hash(f"{kind} {who!a}", "case look-up").hex()
