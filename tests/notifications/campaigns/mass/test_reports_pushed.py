"""WeChat pushes its report, signed and sealed, and the call is settled by it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from app.kit import clock, db
from app.sandbox.options import Options
from app.sandbox.running import Running, running
from app.sandbox.templates import load_templates
from config import settings
from tests.conftest import _point_gateways_at
from tests.notifications.campaigns.conftest import Office, later
from tests.notifications.campaigns.mass.conftest import MassStory

_PUSH = "push:MASSSENDJOBFINISH"


@pytest.fixture
async def wechat_sandbox(db: None, address: str) -> AsyncIterator[Running]:
    """A pretend WeChat that calls our server back."""
    options = replace(Options.from_settings(settings.current()), callback=address, retry_s=0.05)
    async with running(options, load_templates()) as sandbox:
        await _point_gateways_at(sandbox.url)
        yield sandbox


@pytest.fixture
async def pushed(wechat_sandbox: Running, office: Office) -> MassStory:
    mass = MassStory(office, wechat_sandbox)
    await mass.people(25)
    await mass.campaign()
    await mass.office.turn()
    return mass


async def _reports(count: int) -> None:
    async with asyncio.timeout(5):
        while await db.fetch_value("SELECT count(*) FROM mass_receipt") < count:  # noqa: ASYNC110  A row tells nobody.
            await asyncio.sleep(0.02)


async def test_a_pushed_report_settles_its_call(pushed: MassStory) -> None:
    await pushed.sends.step()
    await _reports(1)
    await pushed.sends.step()
    (batch,) = await pushed.batches()
    counts = [batch[name] for name in ("total_count", "filter_count", "sent_count", "error_count")]
    assert (batch["state"], batch["result"], counts) == ("done", "send success", [20, 20, 20, 0])


async def test_a_report_pushed_twice_counts_once_and_a_lost_one_is_asked_for(pushed: MassStory) -> None:
    pushed.running.sandbox.faults.order({"path": _PUSH, "twice": True, "times": 1})
    await pushed.sends.step()
    await _reports(1)
    await pushed.sends.step()
    pushed.running.sandbox.faults.order({"path": _PUSH, "drop": True, "times": 1})
    with clock.frozen(later(seconds=11)):
        await pushed.work(turns=2, reported=False)
    with clock.frozen(later(minutes=11)):
        await pushed.work(turns=2, reported=False)
    assert [batch["result"] for batch in await pushed.batches()] == ["send success", "send_success"]
