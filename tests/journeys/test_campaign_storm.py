"""A campaign in a storm: many workers, faults at WeChat, processes and stores lost; every number adds up."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post, StaffMember
from app.kit import cache, db
from app.kit.engines import Postgres
from app.kit.ids import uuid7
from config import messages as message_list
from notifications.campaigns import lifecycle, tally, trying_out
from notifications.campaigns.counts import Counts
from notifications.campaigns.drafts import NewCampaign
from notifications.campaigns.models import Campaign, CampaignState, RecipientState
from notifications.messages import Messages
from notifications.ration import Ration
from tests.conftest import Engines
from tests.journeys import crowd
from tests.journeys.crowd import Crowd
from tests.journeys.doomed import CAMPAIGN_POINTS, Child, Doom
from tests.journeys.stage import Stage, stage
from tests.processes import until

_TAG: Final = "storm"
FACTS: Final = {"tax": "增值税", "period": "2026年9月", "due_at": "2026年10月20日 18:00"}
SEND: Final = "/cgi-bin/message/template/send"
# No quota slows the campaign down, and it does not stop by itself because of the faults ordered here.
_FREE: Final = {
    "template_per_second": "100000",
    "template_per_day": "1000000000",
    "pause_above_percent": "100",
}


def faults(timeout_s: float, *, minutes: int) -> Sequence[dict[str, Any]]:
    """One call in twenty meets one of these; ``minutes`` of them say that the minute's quota is used up.

    The sandbox has one fault a path, so each is ordered for another spelling of the same one.
    """
    kinds: list[dict[str, Any]] = [
        {"errcode": -1},
        {"errcode": 43101},
        {"drop": "after"},
        {"drop": "before"},
        {"delay_s": timeout_s * 1.5},
    ]
    ordered = [
        {"path": SEND[: len(SEND) - cut] + "*", "rate": 0.01, **kind} for cut, kind in enumerate(kinds, 1)
    ]
    return [*ordered, {"path": SEND, "errcode": 45011, "rate": 0.01, "times": minutes}]


@dataclass
class Storm:
    """A campaign for all of a crowd, approved and on its way."""

    stage: Stage
    crowd: Crowd
    campaign_id: int

    async def until_settled(self, *, within_s: float) -> None:
        """Return when everybody was told, refused, or is somebody nobody knows the fate of.

        For those a campaign waits an hour more: a refusal after an answer that was lost proves nothing.
        """

        def is_settled(_: Campaign, counts: Counts) -> bool:
            open_ones = (RecipientState.PENDING, RecipientState.QUEUED, RecipientState.SENT)
            return counts.of(*open_ones) == 0

        await self._until(is_settled, within_s=within_s)

    async def until_over(self, *, within_s: float) -> None:
        await self._until(lambda campaign, _: campaign.state is CampaignState.FINISHED, within_s=within_s)

    async def _until(self, holds: Callable[[Campaign, Counts], bool], *, within_s: float) -> None:
        seen = ""

        async def look() -> bool:
            nonlocal seen
            campaign = await Campaign.get(id=self.campaign_id)
            counts = await tally.counts(self.campaign_id)
            seen = f"{campaign.state}: {dict(counts.rows)}"
            assert campaign.state is not CampaignState.PAUSED, campaign.state_reason
            return holds(campaign, counts)

        await until(look, within_s=within_s, words=lambda: f"{seen}\n{self.stage.words()}")

    async def until_sent(self, part: float, *, within_s: float) -> None:
        """Return when this part of the people has been told."""

        async def are_told() -> bool:
            counts = await tally.counts(self.campaign_id)
            return counts.done >= part * counts.total

        await until(are_told, within_s=within_s, words=self.stage.words)

    async def judge(self) -> None:
        """Counters, recipients, queue and WeChat tell the same; nobody was told twice, nobody forgotten."""
        async with db.transaction():
            # One moment for all of it: a late receipt may still settle what nobody knew.
            await db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            counts = await tally.counts(self.campaign_id)
            rows = await db.fetch(
                "SELECT state, reason, channel, count(*) AS n FROM campaign_recipient WHERE campaign_id = $1"
                " GROUP BY 1, 2, 3",
                self.campaign_id,
            )
            told, in_doubt = await self._ids("sent", "delivered"), await self._ids("unknown")
        assert dict(counts.rows) == {(row["state"], row["reason"], row["channel"]): row["n"] for row in rows}
        assert counts.total == len(self.crowd.ids)
        states = {state for state, count in counts.by_state().items() if count}
        arrived = {RecipientState.SENT, RecipientState.DELIVERED}
        assert states <= {*arrived, RecipientState.FAILED, RecipientState.UNKNOWN}, counts.by_state()
        assert set(counts.failures()) <= {"43101"}, counts.failures()
        accepted: dict[str, int] = (await self.stage.ask("GET", "accepted"))["items"]
        assert {id_: times for id_, times in accepted.items() if times > 1} == {}
        assert len(told) == counts.of(*arrived)
        assert told <= accepted.keys()
        assert accepted.keys() - told <= in_doubt

    async def _ids(self, *states: str) -> set[str]:
        """The client_msg_id of every notification in these states, as WeChat knows it."""
        rows = await db.fetch(
            "SELECT id, floor(extract(epoch FROM committed_at) * 1000)::bigint AS ms FROM notification"
            " WHERE campaign_id = $1 AND status = ANY ($2)",
            self.campaign_id, list(states),
        )  # fmt: skip
        return {f"{row['id']:x}-{row['ms']:x}" for row in rows}


@asynccontextmanager
async def storm(
    home: Path, model: Postgres, people: int, *, hurry: float, minutes: int = 0
) -> AsyncIterator[Storm]:
    """A stage with a crowd, WeChat's faults, and a campaign that has been approved."""
    async with stage(home, model, hurry=hurry, **_FREE) as opened:
        gathered = await crowd.gather(opened.http, opened.sandbox, "taxpayer", people)
        await opened.ask("PUT", "quotas", json={"path": SEND, "per_day": 10**9})
        for fault in faults(5 / hurry, minutes=minutes):
            await opened.ask("PUT", "faults", json=fault)
        yield Storm(opened, gathered, await approved(gathered))


async def approved(people: Crowd) -> int:
    """A campaign for everybody in the crowd, by an author and a reviewer."""
    await db.execute(
        "INSERT INTO person_tag (tag, person_id, given_by, given_at)"
        " SELECT $1, p, 'system', now() FROM unnest($2::uuid[]) p",
        _TAG, people.ids,
    )  # fmt: skip
    messages = Messages(message_list.current())
    author, reviewer = _member(StaffRole.PUBLISHER), _member(StaffRole.REVIEWER)
    new = NewCampaign("申报提醒", {"tags": [_TAG]}, message="tax_reminder", params=FACTS)
    campaign = await lifecycle.create(author, new, messages)
    await trying_out.try_out(author, campaign.id, messages, Ration())
    await lifecycle.submit(author, campaign.id)
    await lifecycle.approve(reviewer, campaign.id, messages)
    return int(campaign.id)


def _member(role: StaffRole) -> StaffMember:
    return StaffMember(uuid7(), uuid7(), role.value, role.value, (Post(role),), False)


@pytest.mark.timeout(300)
async def test_three_workers_and_a_campaign_in_bad_weather(migrated: Engines, tmp_path: Path) -> None:
    async with storm(tmp_path / "stage", migrated.postgres, 2_000, hurry=5) as blowing:
        for _ in range(3):
            blowing.stage.worker()
        await blowing.until_settled(within_s=200)
        await blowing.judge()


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_ten_workers_and_a_hundred_thousand_people(migrated: Engines, tmp_path: Path) -> None:
    async with storm(tmp_path / "stage", migrated.postgres, 100_000, hurry=5, minutes=3) as blowing:
        for _ in range(10):
            blowing.stage.worker()
        await blowing.until_over(within_s=3000)
        await blowing.judge()


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_workers_and_stores_lost_in_the_middle_of_a_campaign(migrated: Engines, tmp_path: Path) -> None:
    """Workers killed at random, PostgreSQL cut off, Valkey flushed and killed, while 20,000 are told."""
    async with storm(tmp_path / "stage", migrated.postgres, 20_000, hurry=5) as blowing:
        workers = [blowing.stage.worker() for _ in range(4)]
        for turn in range(1, 10):
            await blowing.until_sent(turn / 12, within_s=120)
            await _replace_one(blowing.stage, workers)
            if turn in (3, 7):
                await blowing.stage.lose_postgres()
            elif turn == 5:
                await cache.client().flushall()
            elif turn == 8:
                await blowing.stage.lose_valkey()
        await blowing.until_settled(within_s=300)
        await blowing.judge()


async def _replace_one(where: Stage, workers: list[Child]) -> None:
    """``kill -9`` a worker; another comes for it, and one more that dies by itself somewhere on its way."""
    victim = random.randrange(len(workers))
    workers[victim].kill()
    workers[victim] = where.worker()
    doomed = where.worker(Doom(random.choice(list(CAMPAIGN_POINTS)), after=random.randint(1, 30)))
    await asyncio.sleep(random.uniform(1, 3))
    doomed.kill()
