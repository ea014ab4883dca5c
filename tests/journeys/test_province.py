"""A province at a tenth of its size: 600,000 followers, a tenth of WeChat's quota, one campaign for all."""

import asyncio
import time
from datetime import datetime
from pathlib import Path
from typing import Final

import pytest

from app.kit import clock
from config import settings
from notifications import outlets, queue
from notifications.campaigns import tally
from notifications.campaigns.models import Campaign, RecipientState
from notifications.models import Channel
from notifications.queue import Draft
from tests.conftest import Engines
from tests.journeys import crowd
from tests.journeys.stage import stage
from tests.journeys.test_campaign_storm import FACTS, SEND, approved
from tests.processes import until

FOLLOWERS: Final = 600_000
A_DAY: Final = 10_000
# What 40 percent kept for urgent and normal messages leave to a campaign.
FOR_BULK: Final = 6_000
URGENT: Final = 200


@pytest.mark.long
@pytest.mark.timeout(1200)
async def test_a_tenth_of_a_province_keeps_within_a_tenth_of_the_quota(
    migrated: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day, second = str(A_DAY), "400"
    monkeypatch.setenv(settings.variable("template_per_day"), day)
    monkeypatch.setenv(settings.variable("template_per_second"), second)
    async with stage(
        tmp_path / "stage", migrated.postgres, template_per_day=day, template_per_second=second
    ) as opened:
        await opened.ask("PUT", "quotas", json={"path": SEND, "per_day": A_DAY})
        people = await crowd.gather(opened.http, opened.sandbox, "taxpayer", FOLLOWERS)
        begun = time.monotonic()
        campaign_id = await approved(people)
        tried_out_s = time.monotonic() - begun
        campaign = await Campaign.get(id=campaign_id)
        assert campaign.audience_size == FOLLOWERS
        assert campaign.dry_run is not None
        assert campaign.dry_run["days"] in (FOLLOWERS // FOR_BULK, FOLLOWERS // FOR_BULK + 1)

        begun = time.monotonic()
        for _ in range(3):
            opened.worker()

        async def is_used_up() -> bool:
            counts = await tally.counts(campaign_id)
            return counts.of(RecipientState.SENT, RecipientState.DELIVERED) >= FOR_BULK

        await until(is_used_up, within_s=300, words=opened.words)
        sent_s = time.monotonic() - begun
        # The campaign's day is over, the others' is not.
        await _tell_urgently(people, clock.now())
        await asyncio.sleep(10)
        counts = await tally.counts(campaign_id)
        accepted = await opened.ask("GET", "accepted")
        assert counts.of(RecipientState.SENT, RecipientState.DELIVERED) == FOR_BULK, counts.by_state()
        assert counts.total == FOLLOWERS
        assert accepted["total"] == len(accepted["items"]) == FOR_BULK + URGENT
        assert counts.failed == 0
        print(f"tried out in {tried_out_s:.0f} s, {FOR_BULK} sent in {sent_s:.0f} s")  # noqa: T201  For whoever runs it.


async def _tell_urgently(people: crowd.Crowd, at: datetime) -> None:
    await queue.add(
        [
            Draft(
                event_id=number,
                message="tax_reminder",
                version=1,
                lane=0,
                person_id=people.ids[number],
                channel=Channel.TEMPLATE,
                account_id=outlets.account_of(Channel.TEMPLATE),
                params=FACTS,
                expires_at=None,
                committed_at=at,
            )
            for number in range(1, URGENT + 1)
        ]
    )
