"""The day's digest 汇总: one message for all the notices after a person's first of the day.

A digest is due once a day at ``settings.digest_at``. What comes after it waits for the next day's. The
count moves and the event is written in one transaction, so each notice is in one digest and no digest
goes out twice, however many workers there are and whenever one dies.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

from app.kit import clock, db, outbox
from app.kit.clock import SHANGHAI
from app.kit.outbox import Event, Handler
from config import settings
from notifications import routing
from notifications.messages import Messages
from notifications.routing import Telling

EVENT: Final = "digest_due"
MESSAGE: Final = "digest"

_BATCH: Final = 500
_KEPT: Final = timedelta(days=30)


async def issue() -> int:
    """Write the events of the digests that are due; answers how many people get one. Safe to repeat."""
    now = clock.now()
    if now.time() < settings.current().digest_at:
        return 0
    issued = 0
    after: UUID | None = UUID(int=0)
    while after is not None:
        count, after = await _issue_batch(after)
        issued += count
    return issued


def handlers(messages: Messages) -> dict[str, Handler]:
    """The relay's handler of due digests."""

    async def tell(events: Sequence[Event]) -> None:
        await messages.refresh()
        kind = messages.kind(MESSAGE)
        await routing.tell(
            [
                Telling(
                    kind=kind,
                    person_id=UUID(person),
                    params={"count": str(count), "title": title},
                    event_id=event.id,
                    committed_at=event.created_at,
                    expires_at=_end_of_day(event.created_at),
                    is_kept=False,
                )
                for event in events
                for person, count, title in event.payload["waiting"]
            ]
        )

    return {EVENT: tell}


async def purge() -> int:
    """Forget the counts of days long past; answers how many."""
    return await db.execute("DELETE FROM digest_day WHERE day < $1 AND notices = told", clock.today() - _KEPT)


async def _issue_batch(after: UUID) -> tuple[int, UUID | None]:
    """The next people after this one; answers how many, and the last of them if there may be more."""
    today = clock.today()
    async with db.transaction():
        people = [row["person_id"] for row in await db.fetch(_PEOPLE, today, after, _BATCH)]
        if not people:
            return 0, None
        rows = await db.fetch(_TAKE, today, people)
        if rows:
            waiting = [[str(row["person_id"]), row["waiting"], row["newest"]] for row in rows]
            await outbox.emit(EVENT, {"waiting": waiting})
    return len(rows), people[-1] if len(people) == _BATCH else None


# Of today only who has had no digest yet; what is left of earlier days goes along.
_IS_DUE = "notices > told AND (day < $1 OR (day = $1 AND told = 1))"
_PEOPLE = (
    f"SELECT DISTINCT person_id FROM digest_day WHERE {_IS_DUE} AND person_id > $2"  # noqa: S608  Words of ours.
    " ORDER BY person_id LIMIT $3"
)
_TAKE = f"""
WITH due AS (
    SELECT id, person_id, day, notices - told AS waiting, newest FROM digest_day
    WHERE {_IS_DUE} AND person_id = ANY ($2) ORDER BY person_id, day FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE digest_day d SET told = d.notices FROM due WHERE d.id = due.id
)
SELECT person_id, sum(waiting)::int AS waiting, (array_agg(newest ORDER BY day DESC))[1] AS newest
FROM due GROUP BY person_id ORDER BY person_id
"""  # noqa: S608  The same.


def _end_of_day(moment: datetime) -> datetime:
    """Midnight in Shanghai: a digest speaks of today."""
    tomorrow = moment.astimezone(SHANGHAI).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), SHANGHAI)
