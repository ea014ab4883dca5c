"""A campaign that goes out by mass send, followers in a strict WeChat, and its reports."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from app.domain.accounts import followers
from app.gateways import wechat
from app.gateways.wechat import Event
from app.kit import clock, db
from app.sandbox.running import Running
from app.sandbox.world import openid_of, unionid_of
from config import settings
from notifications.campaigns.mass import receipts
from notifications.campaigns.mass_send import MassSends
from notifications.campaigns.models import Campaign, Product
from tests.notifications.campaigns.conftest import Office

PATH = "/cgi-bin/message/mass/send"
TEXT = {"kind": "text", "text": "国庆期间各办税服务厅照常开放"}


@dataclass
class MassStory:
    """An office with an announcement to make, and the people it is for."""

    office: Office
    running: Running
    sends: MassSends = field(default_factory=lambda: MassSends(wechat.current()))

    async def people(self, count: int, *, prefix: str = "p") -> list[UUID]:
        """Followers, in WeChat and here, who wear the tag of the audience."""
        world, appid = self.running.sandbox.world, settings.current().oa_appid
        found = []
        for number in range(count):
            name = f"{prefix}-{number}"
            world.follow(world.person(name), following=True)
            openid, unionid = openid_of(appid, name), unionid_of(name)
            found.append(await followers.record_follow(appid, openid, unionid, clock.now()))
        await db.execute(
            "INSERT INTO person_tag (tag, person_id, given_by, given_at)"
            " SELECT '重点企业', p, 'system', now() FROM unnest($1::uuid[]) p",
            found,
        )
        return found

    async def campaign(self, content: dict[str, Any] | None = None, **said: Any) -> Campaign:
        """One that was approved and is at its canary."""
        said = {"product": Product.MASS, "message": None, "params": {}, "content": content or TEXT, **said}
        return await self.office.launched(**said)

    async def work(self, *, turns: int = 8, reported: bool = True) -> None:
        """Turns of the feeder and of the calls; ``reported`` has WeChat report each call it took."""
        for _ in range(turns):
            await self.office.turn()
            await self.sends.step()
            if reported:
                await self.report()
                await self.sends.step()

    async def report(self, status: str = "send success", **counts: int) -> None:
        """WeChat reports the calls it took: everybody reached, unless said otherwise."""
        for batch in await self.batches():
            if batch["state"] == "accepted":
                whole = {
                    "TotalCount": batch["size"],
                    "FilterCount": batch["size"],
                    "SentCount": batch["size"],
                }
                raw = {"Status": status, "ErrorCount": 0, **whole, **counts}
                await receipts.take(settings.current().oa_appid, _event(batch["msg_id"], raw))

    async def batches(self) -> list[Any]:
        return list(await db.fetch("SELECT * FROM mass_batch ORDER BY id"))

    async def states(self, campaign: Campaign) -> dict[tuple[str, str | None], int]:
        """State and reason of the recipients, counted."""
        rows = await db.fetch(
            "SELECT state, reason, count(*) AS people FROM campaign_recipient WHERE campaign_id = $1"
            " GROUP BY 1, 2",
            campaign.id,
        )
        return {(row["state"], row["reason"]): row["people"] for row in rows}

    def phone(self, number: int = 0, *, prefix: str = "p") -> list[dict[str, Any]]:
        return list(self.running.sandbox.world.person(f"{prefix}-{number}").messages)

    async def phones(self, count: int) -> list[int]:
        """How many messages each phone shows, once the sandbox has shown them."""
        return [len(self.phone(number)) for number in range(count)]

    def fault(self, path: str = PATH, **what: Any) -> None:
        self.running.sandbox.faults.order({"path": path, **what})

    async def months(self) -> list[int]:
        return [row["count"] for row in await db.fetch("SELECT count FROM mass_month ORDER BY person_id")]


def _event(msg_id: int, raw: dict[str, Any]) -> Event:
    return Event("masssendjobfinish", "mphelper", "gh", clock.now(), "", str(msg_id), (), raw)


@pytest.fixture
async def mass(wechat_sandbox: Running, office: Office) -> MassStory:
    return MassStory(office, wechat_sandbox)
