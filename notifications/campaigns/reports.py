"""What became of a campaign: by state, reason, region, hour and channel, all of one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.domain.accounts.staff import StaffMember
from app.kit import clock, db
from notifications.campaigns import queries, reasons
from notifications.campaigns.models import Campaign, Product, RecipientState
from notifications.models import Channel

UNKNOWN_REGION: Final = "未知"

People = Mapping[RecipientState, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One region, hour or channel; ``label`` is for people, no state of ``people`` is zero."""

    key: str
    label: str
    people: People

    @property
    def total(self) -> int:
        return sum(self.people.values())


@dataclass(frozen=True, slots=True)
class Failure:
    """How many were not reached for one reason; ``state`` tells a failure from what was never sent."""

    state: RecipientState
    reason: str
    words: str
    people: int


@dataclass(frozen=True, slots=True)
class MassTotals:
    """What WeChat reported of the calls of a mass send; ``unreported`` are calls without counts."""

    calls: int
    looked_at: int
    filtered: int
    sent: int
    errors: int
    unreported: int


@dataclass(frozen=True, slots=True)
class Report:
    """``people`` are the counters; every list adds up to them, because all were read as of ``at``."""

    campaign: Campaign
    at: datetime
    people: People
    failures: Sequence[Failure]
    regions: Sequence[Line]
    hours: Sequence[Line]
    channels: Sequence[Line]
    mass: MassTotals | None

    @property
    def total(self) -> int:
        return sum(self.people.values())


async def report(member: StaffMember, campaign_id: int) -> Report:
    """The report of a campaign as of now. Raises NotYourCampaign or CampaignNotFound.

    The rows are read once and grouped by the database; hours are those of Shanghai in which it was
    settled, regions the counties.
    """
    campaign = await queries.one(member, campaign_id)
    is_mass = campaign.product is Product.MASS
    found: dict[str, list[Any]] = {"tally": [], "reason": [], "region": [], "hour": [], "channel": []}
    for row in await db.fetch(_REPORT, campaign_id):
        found[row["dimension"]].append(row)
    return Report(
        campaign=campaign,
        at=clock.now(),
        people={RecipientState(row["state"]): row["people"] for row in found["tally"]},
        failures=[_failure(row) for row in found["reason"] if row["key"] is not None],
        regions=_lines(found["region"], lambda key, name: name or key or UNKNOWN_REGION),
        hours=_lines(found["hour"], lambda key, _: key or ""),
        channels=_lines(
            found["channel"],
            lambda key, _: reasons.channel_of(Channel(key) if key else None, is_mass=is_mass),
        ),
        mass=await _mass_totals(campaign_id) if is_mass else None,
    )


# One statement, so that all of it is of one moment: the counters as well as the rows.
_REPORT = """
WITH told AS (
    SELECT state, reason, channel, left(region_code, 6) AS region,
           to_char(settled_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:00') AS hour
    FROM campaign_recipient WHERE campaign_id = $1
), grouped AS (
    SELECT state, reason, channel, region, hour, count(*) AS people,
           grouping(reason) AS no_reason, grouping(channel) AS no_channel, grouping(region) AS no_region
    FROM told GROUP BY GROUPING SETS ((state, reason), (state, channel), (state, region), (state, hour))
)
SELECT CASE WHEN no_reason = 0 THEN 'reason' WHEN no_channel = 0 THEN 'channel'
            WHEN no_region = 0 THEN 'region' ELSE 'hour' END AS dimension,
       g.state, CASE WHEN no_reason = 0 THEN g.reason WHEN no_channel = 0 THEN g.channel
                     WHEN no_region = 0 THEN g.region ELSE g.hour END AS key,
       r.name, g.people
FROM grouped g LEFT JOIN region r ON g.no_region = 0 AND r.code = rpad(g.region, 12, '0')
UNION ALL
SELECT 'tally', state, NULL, NULL, sum(delta)::bigint FROM campaign_tally
WHERE campaign_id = $1 GROUP BY state HAVING sum(delta) <> 0
ORDER BY 1, 3 NULLS LAST, 5 DESC, 2
"""

_MASS = """
SELECT count(*)::int AS calls, coalesce(sum(total_count), 0)::int AS looked_at,
       coalesce(sum(total_count - filter_count), 0)::int AS filtered,
       coalesce(sum(sent_count), 0)::int AS sent, coalesce(sum(error_count), 0)::int AS errors,
       count(*) FILTER (WHERE total_count IS NULL)::int AS unreported
FROM mass_batch WHERE campaign_id = $1
"""


async def _mass_totals(campaign_id: int) -> MassTotals:
    (row,) = await db.fetch(_MASS, campaign_id)
    return MassTotals(**dict(row))


def _failure(row: Any) -> Failure:
    return Failure(RecipientState(row["state"]), row["key"], reasons.words_of(row["key"]), row["people"])


def _lines(rows: Sequence[Any], label: Any) -> list[Line]:
    """The rows of one dimension, one line for each of its values."""
    people: dict[str | None, dict[RecipientState, int]] = {}
    names: dict[str | None, str] = {}
    for row in rows:
        people.setdefault(row["key"], {})[RecipientState(row["state"])] = row["people"]
        names[row["key"]] = label(row["key"], row["name"])
    return [Line(key or "", names[key], counts) for key, counts in people.items()]
