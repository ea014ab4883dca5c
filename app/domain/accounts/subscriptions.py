"""The ledger of subscribe consents 订阅授权: granted by a tap, spent by a message, or given back.

WeChat's rule: one "accept" allows one message of that template. It tells of one accept twice, through
the mini-program (which reports it to us) and by a callback; both become one row here. Of a long-term
template 长期订阅 one accept allows any number of messages, until the person takes it back.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from app.kit import clock, db

Reporter = Literal["client", "callback"]

_SAME_TAP = timedelta(minutes=5)
# A client may report what never happened; this bounds how much of it is believed.
MOST_UNSPENT = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person allows of one template: so many single messages, or any number."""

    credits: int
    has_grant: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """A message that wants to spend a consent."""

    notification_id: int
    person_id: UUID
    template_id: str


async def grant(
    person_id: UUID,
    appid: str,
    template_ids: Sequence[str],
    *,
    reported_by: Reporter,
    occasion: str | None = None,
    long_term: Collection[str] = (),
) -> int:
    """Enter one consent for each template; answers how many are new.

    ``occasion`` names the callback it came with, so that a repeated callback enters nothing. Those of
    the templates that are in ``long_term`` are granted for good, once.
    """
    now = clock.now()
    entered = 0
    async with db.transaction():
        # The two reports of one tap may arrive at the same time.
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"credit:{person_id}")
        for turn, template_id in enumerate(template_ids):
            if template_id in long_term:
                entered += await db.execute(_ENTER_GRANT, person_id, appid, template_id, reported_by, now)
                continue
            key = occasion and hashlib.sha256(f"{occasion}:{turn}:{template_id}".encode()).hexdigest()
            if not await _is_known(person_id, appid, template_id, reported_by, key):
                entered += await db.execute(
                    _ENTER, person_id, appid, template_id, reported_by, key, now, MOST_UNSPENT
                )
    return entered


_ENTER = """
INSERT INTO subscription_credit (person_id, appid, template_id, reported_by, grant_key, granted_at)
SELECT $1, $2, $3::varchar, $4, $5, $6 WHERE $7 > (
    SELECT count(*) FROM subscription_credit
    WHERE person_id = $1 AND template_id = $3::varchar AND spent_at IS NULL AND NOT is_long_term)
"""
_ENTER_GRANT = """
INSERT INTO subscription_credit (person_id, appid, template_id, reported_by, granted_at, is_long_term)
VALUES ($1, $2, $3, $4, $5, true) ON CONFLICT DO NOTHING
"""


async def _is_known(
    person_id: UUID, appid: str, template_id: str, reported_by: Reporter, key: str | None
) -> bool:
    """Whether this report repeats one; the other reporter's row of the same tap becomes both's."""
    if key and await db.fetch_one("SELECT 1 FROM subscription_credit WHERE grant_key = $1", key):
        return True
    other = "callback" if reported_by == "client" else "client"
    return bool(
        await db.execute(
            "UPDATE subscription_credit SET reported_by = 'both', grant_key = coalesce($6, grant_key)"
            " WHERE id = (SELECT id FROM subscription_credit"
            " WHERE person_id = $1 AND appid = $2 AND template_id = $3 AND NOT is_long_term"
            " AND reported_by = $4 AND granted_at > $5 ORDER BY id LIMIT 1)",
            person_id, appid, template_id, other, clock.now() - _SAME_TAP, key,
        )
    )  # fmt: skip


async def revoke(person_id: UUID, template_id: str) -> int:
    """WeChat says the person allows no more: what is unspent is void, a long-term grant ends.

    Answers how many there were.
    """
    return await db.execute(
        "UPDATE subscription_credit SET spent_at = $3"
        " WHERE person_id = $1 AND template_id = $2 AND spent_at IS NULL",
        person_id, template_id, clock.now(),
    )  # fmt: skip


async def spend(appid: str, wishes: Sequence[Wish]) -> set[int]:
    """Spend one consent for each message that has none yet; answers the messages that may go out.

    Runs in the caller's transaction: the consent is spent exactly if the message is sent off. Under a
    long-term grant nothing is spent.
    """
    rows = await db.fetch(
        _SPEND,
        [wish.notification_id for wish in wishes],
        [wish.person_id for wish in wishes],
        [wish.template_id for wish in wishes],
        appid,
        clock.now(),
    )
    return {row["notification_id"] for row in rows}


# A message tried before still holds its consent: the first try may have used it up at WeChat.
_SPEND = """
WITH wish AS (
    SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[])
    WITH ORDINALITY AS w (nid, person_id, template_id, ord)
), holding AS (
    SELECT DISTINCT c.notification_id FROM subscription_credit c WHERE c.notification_id = ANY ($1)
), granted AS (
    SELECT w.nid FROM wish w WHERE EXISTS (
        SELECT 1 FROM subscription_credit c WHERE c.person_id = w.person_id AND c.template_id = w.template_id
        AND c.appid = $4 AND c.is_long_term AND c.spent_at IS NULL)
), asking AS (
    SELECT w.*, row_number() OVER (PARTITION BY person_id, template_id ORDER BY ord) AS turn
    FROM wish w WHERE NOT EXISTS (SELECT 1 FROM holding h WHERE h.notification_id = w.nid)
      AND NOT EXISTS (SELECT 1 FROM granted g WHERE g.nid = w.nid)
), unspent AS (
    SELECT c.id, c.person_id, c.template_id FROM subscription_credit c
    WHERE c.spent_at IS NULL AND NOT c.is_long_term AND c.appid = $4
      AND (c.person_id, c.template_id) IN (SELECT person_id, template_id FROM asking)
    ORDER BY c.id FOR UPDATE
), offered AS (
    SELECT u.*, row_number() OVER (PARTITION BY person_id, template_id ORDER BY id) AS turn FROM unspent u
), spent AS (
    UPDATE subscription_credit c SET spent_at = $5, notification_id = a.nid
    FROM offered o JOIN asking a USING (person_id, template_id, turn) WHERE c.id = o.id
    RETURNING c.notification_id
)
SELECT notification_id FROM spent UNION SELECT notification_id FROM holding UNION SELECT nid FROM granted
"""


async def refund(notification_ids: Sequence[int]) -> int:
    """Give back what messages WeChat did not accept had spent; answers how many."""
    return await db.execute(
        "UPDATE subscription_credit SET spent_at = NULL, notification_id = NULL"
        " WHERE notification_id = ANY ($1)",
        notification_ids,
    )


async def standing(
    person_ids: Sequence[UUID], template_ids: Sequence[str]
) -> Mapping[tuple[UUID, str], Standing]:
    """What is left, by person and template; a pair without any is absent."""
    rows = await db.fetch(
        "SELECT person_id, template_id, count(*) FILTER (WHERE NOT is_long_term) AS credits,"
        " bool_or(is_long_term) AS has_grant FROM subscription_credit"
        " WHERE person_id = ANY ($1) AND template_id = ANY ($2) AND spent_at IS NULL GROUP BY 1, 2",
        person_ids, template_ids,
    )  # fmt: skip
    return {
        (row["person_id"], row["template_id"]): Standing(row["credits"], row["has_grant"]) for row in rows
    }


async def count_unspent(
    person_ids: Sequence[UUID], template_ids: Sequence[str]
) -> Mapping[tuple[UUID, str], int]:
    """Consents left, a grant being one, by person and template; a pair without any is absent."""
    rows = await db.fetch(
        "SELECT person_id, template_id, count(*) AS n FROM subscription_credit"
        " WHERE person_id = ANY ($1) AND template_id = ANY ($2) AND spent_at IS NULL GROUP BY 1, 2",
        person_ids, template_ids,
    )  # fmt: skip
    return {(row["person_id"], row["template_id"]): row["n"] for row in rows}
