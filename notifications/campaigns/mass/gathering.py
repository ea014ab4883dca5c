"""Recipients become calls: who can be reached, whom WeChat would filter, and ten thousand at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from app.domain.accounts.models import TaxpayerGroup
from app.gateways.wechat.mass import FEWEST, MOST
from app.kit import clock, db
from config import settings
from notifications.campaigns.mass import ledger
from notifications.campaigns.mass.models import BatchState, Way
from notifications.campaigns.models import Campaign

MOST_BY_LIST: Final = 50 * MOST
"""Above it a call to all or to a tag is better: WeChat takes a hundred lists a day."""

CHUNK: Final = 20_000
PAUSE: Final = timedelta(seconds=10)
"""Between two calls; a second one too soon is refused with 42010."""
PATIENCE: Final = timedelta(minutes=10)
"""How long the report of one call is waited for before the next."""

UNREACHABLE: Final = "unreachable"
MONTH_USED: Final = "month_used"
TOO_FEW: Final = "too_few"


@dataclass(frozen=True, slots=True)
class _Candidate:
    person_id: UUID
    openid: str | None
    told: int

    @property
    def objection(self) -> str | None:
        """Why WeChat would not carry it to this person."""
        if self.openid is None:
            return UNREACHABLE
        return MONTH_USED if self.told >= ledger.MONTHLY else None


async def form_next(campaign: Campaign, limit: int) -> int:
    """Make the next call of a campaign for at most ``limit`` people; answers how many left the line.

    In the caller's transaction, which holds the campaign. Nothing is made while the call before is
    under way or its report may still come: at most ten thousand people see what WeChat takes offence at.
    """
    last = await db.fetch_one(
        "SELECT ord, state, accepted_at, is_spread FROM mass_batch WHERE campaign_id = $1"
        " ORDER BY ord DESC LIMIT 1",
        campaign.id,
    )
    if last is not None and not _is_over(last):
        return 0
    ord_ = 1 if last is None else last["ord"] + 1
    if last is None and (campaign.audience_size or 0) > MOST_BY_LIST:
        way, tag = await way_of(campaign.id)
        if way is not Way.LIST:
            await _open(campaign.id, ord_, way, tag, BatchState.GATHERING, 0)
            return 1
    return await _form_list(campaign.id, ord_, min(max(limit, FEWEST + 1), MOST))


def _is_over(last: Any) -> bool:
    """Its people know how it ended, and so does whoever watches the failures; or it takes too long."""
    if last["state"] == BatchState.ACCEPTED:
        return bool(last["accepted_at"] + PATIENCE <= clock.now())
    return last["is_spread"] and (last["accepted_at"] is None or last["accepted_at"] + PAUSE <= clock.now())


async def _form_list(campaign_id: int, ord_: int, limit: int) -> int:
    # Two more than needed: what is left for the last call must not be one person, whom no call takes.
    candidates = await _next(campaign_id, limit + FEWEST)
    fit = [one for one in candidates if one.objection is None]
    chosen = fit[: limit - 1] if len(fit) == limit + 1 else fit[:limit]
    left_out = {one.person_id: one.objection for one in candidates if one.objection is not None}
    if len(chosen) < FEWEST:
        if len(candidates) < limit + FEWEST:
            left_out |= dict.fromkeys((one.person_id for one in chosen), TOO_FEW)
        chosen = []
    month = ledger.this_month()
    spent = await ledger.spend([one.person_id for one in chosen], month) if chosen else set()
    left_out |= dict.fromkeys((one.person_id for one in chosen if one.person_id not in spent), MONTH_USED)
    chosen = [one for one in chosen if one.person_id in spent]
    if chosen:
        batch_id = await _open(campaign_id, ord_, Way.LIST, None, BatchState.CREATED, len(chosen))
        await db.execute(
            "INSERT INTO mass_recipient (batch_id, person_id, openid)"
            " SELECT $1, d.* FROM unnest($2::uuid[], $3::text[]) AS d",
            batch_id, [one.person_id for one in chosen], [one.openid for one in chosen],
        )  # fmt: skip
    await _leave_line(campaign_id, [one.person_id for one in chosen], left_out)
    return len(chosen) + len(left_out)


async def gather() -> int:
    """Mark some of those a call to all or to a tag is for; answers how many. Safe in several places.

    They are marked before the call, so that whoever cancels afterwards calls off nobody who was told.
    """
    async with db.transaction():
        batch = await db.fetch_one(
            "SELECT b.id, b.campaign_id, b.month FROM mass_batch b JOIN campaign c ON c.id = b.campaign_id"
            " WHERE b.state = 'gathering' AND c.state IN ('canary', 'running') ORDER BY b.id"
            " LIMIT 1 FOR NO KEY UPDATE OF b SKIP LOCKED"
        )
        if batch is None:
            return 0
        candidates = await _next(batch["campaign_id"], CHUNK)
        fit = [one.person_id for one in candidates if one.objection is None]
        left_out = {one.person_id: one.objection for one in candidates if one.objection is not None}
        spent = await ledger.spend(fit, batch["month"]) if fit else set()
        left_out |= dict.fromkeys((person for person in fit if person not in spent), MONTH_USED)
        await _leave_line(batch["campaign_id"], sorted(spent), left_out)
        await db.execute(
            "UPDATE mass_batch SET size = size + $2, state = $3 WHERE id = $1",
            batch["id"], len(spent), (BatchState.GATHERING if candidates else BatchState.CREATED).value,
        )  # fmt: skip
        return max(len(candidates), 1)


async def way_of(campaign_id: int) -> tuple[Way, TaxpayerGroup | None]:
    """By which call exactly those who wait are reached: all followers, those with one tag, or a list.

    Judged by the people themselves: whoever refused to be told, or is frozen, is in no audience, and a
    call to all would reach them.
    """
    rows = await db.fetch(_REACH, campaign_id, settings.current().oa_appid)
    waiting = sum(row["waiting"] for row in rows)
    if waiting and waiting == sum(row["followers"] for row in rows):
        return Way.ALL, None
    for row in rows:
        if row["tag"] is not None and row["followers"] == row["waiting"] == waiting:
            return Way.TAG, TaxpayerGroup(row["tag"])
    return Way.LIST, None


# A follower whose tag is not the one WeChat has, or may have, is counted as one without.
_REACH = """
SELECT CASE WHEN g.tagged_as = g.taxpayer_group AND g.tagging_since IS NULL THEN g.tagged_as END AS tag,
       count(*) AS followers, count(r.person_id) AS waiting
FROM wechat_identity i
LEFT JOIN follower_group g ON g.identity_id = i.id
LEFT JOIN campaign_recipient r ON r.campaign_id = $1 AND r.person_id = i.person_id AND r.is_pending
WHERE i.appid = $2 AND i.is_follower GROUP BY 1
"""

_NEXT = """
WITH next AS (
    SELECT person_id, ord FROM campaign_recipient WHERE campaign_id = $1 AND is_pending
    ORDER BY ord LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
)
SELECT n.person_id, i.openid, coalesce(m.count, 0) AS told
FROM next n
LEFT JOIN LATERAL (
    SELECT w.openid FROM wechat_identity w JOIN person p ON p.id = w.person_id
    WHERE w.person_id = n.person_id AND w.appid = $3 AND w.is_follower AND p.status = 'active'
    ORDER BY w.id DESC LIMIT 1
) i ON true
LEFT JOIN mass_month m ON m.person_id = n.person_id AND m.month = $4
ORDER BY n.ord
"""


async def _next(campaign_id: int, limit: int) -> list[_Candidate]:
    rows = await db.fetch(_NEXT, campaign_id, limit, settings.current().oa_appid, ledger.this_month())
    return [_Candidate(row["person_id"], row["openid"], row["told"]) for row in rows]


async def _open(
    campaign_id: int, ord_: int, way: Way, tag: TaxpayerGroup | None, state: BatchState, size: int
) -> int:
    month: date = ledger.this_month()
    # The moment tells a rebuilt database apart, and a call withdrawn from the one made instead.
    stamp = f"{int(clock.now().timestamp() * 1000):x}"
    return int(
        await db.fetch_value(
            "INSERT INTO mass_batch (campaign_id, ord, way, tag, state, size, month, client_msg_id, run_at,"
            " attempt, is_spread) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, false) RETURNING id",
            campaign_id, ord_, way.value, tag and tag.value, state.value, size, month,
            f"{campaign_id:x}-{ord_:x}-{stamp}", clock.now(),
        )
    )  # fmt: skip


async def _leave_line(campaign_id: int, queued: Sequence[UUID], left_out: Mapping[UUID, str]) -> None:
    """Who is left out was never sent anything: that is no failure, and stops no campaign."""
    people = [*queued, *left_out]
    await db.execute(
        "WITH told AS (SELECT * FROM unnest($2::uuid[], $3::text[]) AS d (person_id, reason)),"
        " locked AS (SELECT r.person_id, t.reason FROM told t JOIN campaign_recipient r"
        "   ON r.campaign_id = $1 AND r.person_id = t.person_id"
        "   ORDER BY r.person_id FOR NO KEY UPDATE OF r)"
        " UPDATE campaign_recipient r"
        " SET state = CASE WHEN l.reason IS NULL THEN 'queued' ELSE 'cancelled' END,"
        " reason = l.reason, settled_at = CASE WHEN l.reason IS NOT NULL THEN $4::timestamptz END"
        " FROM locked l WHERE r.campaign_id = $1 AND r.person_id = l.person_id",
        campaign_id, people, [None] * len(queued) + list(left_out.values()), clock.now(),
    )  # fmt: skip
