"""Looking up a case by number and query code, without signing in, and without letting anybody guess."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from app.domain.cases import numbers, reading
from app.domain.cases.errors import CaseNotFound, LookupLocked
from app.domain.cases.progress import CaseProgress
from app.kit import clock, crypto, db
from app.kit.batching import Batcher

TRIES = 5
"""So many failures on one number, or by one asker, within the lock time stop both for that long."""
LOCK = timedelta(minutes=30)

T = TypeVar("T")

_JUDGE = "SELECT is_right, locked_until FROM case_look_ups($1, $2, $3, $4, $5, $6, $7)"
_LOCKED_UNTIL = "SELECT lookups_locked_until($1, $2, $3)"
_COUNT = "SELECT count_failed_lookup($1, $2, $3, $4)"
# Without waiting for anybody, and in a transaction of its own: nobody waits for anybody in a circle.
_FORGET = """
DELETE FROM case_failed_lookups WHERE key IN (
    SELECT key FROM case_failed_lookups WHERE forget_at <= $1 ORDER BY forget_at LIMIT 10
    FOR UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True, slots=True)
class _Try:
    """What one asker says of one number; the keys under which failures of both are counted."""

    number: str
    code_hash: bytes = field(repr=False)
    number_key: str
    asker_key: str


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What came of a try; ``found`` is what whoever is right may see."""

    locked_until: datetime | None
    found: CaseProgress | None


async def look_up(number: str, code: str, *, asked_by: str) -> CaseProgress:
    """The progress of a case, for whoever knows its query code.

    ``asked_by`` names the asker as well as we know them: a person, an openid, an address. Call it outside
    a transaction: a failure is counted even though the look-up fails.

    Raises:
        CaseNotFound: the same, after the same work, whether the number or the code is wrong.
        LookupLocked: after five failures on this number or by this asker, for 30 minutes.
    """
    wanted = numbers.sought(number)
    verdict = await _judged(
        _Try(
            wanted,
            numbers.query_code_hash(wanted, code),
            key("number", numbers.tidy(number)),
            key("asker", asked_by),
        )
    )
    _check(verdict.locked_until)
    if verdict.found is None:
        await db.execute(_FORGET, clock.now())
        raise CaseNotFound
    return verdict.found


async def guarded(keys: Sequence[str], find: Callable[[], Awaitable[T | None]]) -> T | None:
    """What ``find`` finds by something else that could be guessed; nothing found is a failure of all keys.

    Keys are made by ``key``. Call it outside a transaction. Raises LookupLocked without asking ``find``.
    """
    now = clock.now()
    async with db.transaction():
        await db.execute("SELECT lock_lookups($1)", list(keys))
        _check(await db.fetch_value(_LOCKED_UNTIL, now, TRIES, list(keys)))
        found = await find()
        if found is None:
            await db.execute(_COUNT, now, TRIES, LOCK, list(keys))
    if found is None:
        await db.execute(_FORGET, now)
    return found


def key(kind: str, who: str) -> str:
    """Under what the failures of an asker, or on a number, are counted: a keyed hash that names nobody."""
    return crypto.lookup_hash(f"{kind} {who!a}", "case look-up").hex()


def _check(locked_until: datetime | None) -> None:
    if locked_until is not None:
        raise LookupLocked(retry_after=max(1, round((locked_until - clock.now()).total_seconds())))


async def _judge(tries: Sequence[_Try]) -> Sequence[_Verdict]:
    """Two statements for all who ask at the same time; word for word the same try is one."""
    rows = await db.fetch(
        _JUDGE,
        clock.now(),
        TRIES,
        LOCK,
        [one.number for one in tries],
        [one.code_hash for one in tries],
        [one.number_key for one in tries],
        [one.asker_key for one in tries],
    )
    right = [one.number for one, row in zip(tries, rows, strict=True) if row["is_right"]]
    found = dict(zip(right, await reading.progress_each(right), strict=True))
    return [
        _Verdict(row["locked_until"], found[one.number] if row["is_right"] else None)
        for one, row in zip(tries, rows, strict=True)
    ]


_judged: Batcher[_Try, _Verdict] = Batcher(_judge, gather_s=reading.GATHER_S)
