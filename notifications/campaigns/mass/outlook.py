"""What a mass send will come to: whom it reaches, whom WeChat would filter, and how many days it takes."""

from math import ceil
from typing import Any, Final

from app.gateways.wechat.mass import MOST
from app.kit import db
from config import settings
from notifications.campaigns.mass import gathering, ledger
from notifications.campaigns.mass.models import Way

CALLS_A_DAY: Final = 100
"""Calls by list WeChat takes in a day; of those to all or to a tag one is enough."""

_COUNT = """
SELECT count(*) AS recipients, count(*) FILTER (WHERE follows) AS reachable,
       count(*) FILTER (WHERE follows AND told >= $4) AS month_used
FROM (
    SELECT EXISTS (SELECT 1 FROM wechat_identity i
                   WHERE i.person_id = r.person_id AND i.appid = $2 AND i.is_follower) AS follows,
           coalesce(m.count, 0) AS told
    FROM campaign_recipient r
    LEFT JOIN mass_month m ON m.person_id = r.person_id AND m.month = $3
    WHERE r.campaign_id = $1
) AS counted
"""


async def outlook(campaign_id: int) -> dict[str, Any]:
    """The counts of a dry run, set-based: ``month_used`` had their four of this month already."""
    asked = campaign_id, settings.current().oa_appid, ledger.this_month(), ledger.MONTHLY
    (row,) = await db.fetch(_COUNT, *asked)
    recipients, reachable, used = row["recipients"], row["reachable"], row["month_used"]
    calls = ceil((reachable - used) / MOST) + 1  # One more for the few who are told first.
    if recipients > gathering.MOST_BY_LIST and (await gathering.way_of(campaign_id))[0] is not Way.LIST:
        calls = 1
    return {
        "reachable": reachable - used,
        "unreachable": {gathering.UNREACHABLE: recipients - reachable, gathering.MONTH_USED: used},
        "calls": calls,
        "days": ceil(calls / CALLS_A_DAY),
    }
