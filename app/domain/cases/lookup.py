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

_RIGHT = "SELECT place, written_by, lies_at FROM right_look_ups($1, $2, $3)"
_MEANT = "SELECT place, case_number FROM accepted_as($1)"
_JUDGE = "SELECT case_number, locked_until FROM case_look_ups($1, $2, $3, $4, $5, $6, $7, $8)"
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
    """What one asker says of one number, and the key under which their failures are counted."""

    typed: str
    code: str = field(repr=False)
    asker_key: str

    def meaning(self, number: str) -> "_Meaning":
        """The same as said of this case."""
        return _Meaning(number, numbers.query_code_hash(number, self.code), key("number", number))

    @property
    def as_typed(self) -> "_Meaning":
        """Said of the case that goes by this very number; failures count on what is no number as well."""
        number = numbers.sought(self.typed)
        return _Meaning(
            number, numbers.query_code_hash(number, self.code), key("number", numbers.tidy(self.typed))
        )


@dataclass(frozen=True, slots=True)
class _Meaning:
    """One case a try may mean, what its query code would be, and the key under which failures count."""

    number: str
    code_hash: bytes = field(repr=False)
    key: str


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What came of a try; ``found`` is what whoever is right may see."""

    locked_until: datetime | None
    found: CaseProgress | None


async def look_up(number: str, code: str, *, asked_by: str) -> CaseProgress:
    """The progress of a case, for whoever knows its query code; ``number`` is its own or its 受理编号.

    ``asked_by`` names the asker as well as we know them: a person, an openid, an address. Call it outside
    a transaction: a failure is counted even though the look-up fails.

    Raises:
        CaseNotFound: the same, after the same work, whether the number or the code is wrong.
        LookupLocked: after five failures on this number or by this asker, for 30 minutes.
    """
    verdict = await _judged(_Try(number, code, key("asker", asked_by)))
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
    """Mostly two statements for all who ask at the same time; word for word the same try is one."""
    meant = [one.as_typed for one in tries]
    keys = [one.key for one in meant] + [one.asker_key for one in tries]
    known = await db.fetch(_RIGHT, [one.number for one in meant], [one.code_hash for one in meant], keys)
    if len(known) == len(tries):
        found = await reading.progress_each([one.number for one in meant], known)
        return [_Verdict(None, progress) for progress in found]
    judged = await _one_by_one(tries, meant)
    right = [number for number, _ in judged if number is not None]
    read = dict(zip(right, await reading.progress_each(right), strict=True))
    return [_Verdict(locked_until, read[number] if number else None) for number, locked_until in judged]


async def _one_by_one(
    tries: Sequence[_Try], meant: Sequence[_Meaning]
) -> Sequence[tuple[str | None, datetime | None]]:
    """The case each is right about, or until when they are locked: by its number, or by its 受理编号."""
    accepted: dict[int, list[str]] = {}
    for row in await db.fetch(_MEANT, [numbers.acceptance(one.typed) for one in tries]):
        accepted.setdefault(row["place"], []).append(row["case_number"])
    meanings = list(enumerate(meant, start=1))
    for place, one in enumerate(tries, start=1):
        # Where nobody gave out such a number as much is worked out: the time tells nothing.
        others = [one.meaning(number) for number in accepted.get(place, ())] or [one.as_typed]
        meanings += [(place, other) for other in others]
    rows = await db.fetch(
        _JUDGE,
        clock.now(),
        TRIES,
        LOCK,
        [one.asker_key for one in tries],
        [place for place, _ in meanings],
        [one.number for _, one in meanings],
        [one.code_hash for _, one in meanings],
        [one.key for _, one in meanings],
    )
    return [(row["case_number"], row["locked_until"]) for row in rows]


_judged: Batcher[_Try, _Verdict] = Batcher(_judge, gather_s=reading.GATHER_S)
