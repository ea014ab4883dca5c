"""A campaign through the real delivery to the phones of a strict WeChat."""

import pytest

from app.kit import db
from config import settings
from notifications.campaigns.models import CampaignState
from tests.notifications.campaigns.conftest import Office
from tests.notifications.conftest import Story


@pytest.fixture
def awake(monkeypatch: pytest.MonkeyPatch) -> None:
    """No quiet hours: the sandbox lives by the clock on the wall."""
    chosen = settings.current().model_copy(update={"quiet_hours": None})
    monkeypatch.setattr(settings, "current", lambda: chosen)


@pytest.mark.usefixtures("awake")
async def test_from_the_approval_to_the_phone(story: Story) -> None:
    office = Office(story.messages)
    names = ["zhang", "li", "wang"]
    people = [await story.person(name) for name in names]
    await db.execute(
        "INSERT INTO person_tag (tag, person_id, given_by, given_at)"
        " SELECT '重点企业', p, 'system', now() FROM unnest($1::uuid[]) p",
        people,
    )
    campaign = await office.launched()
    await office.turn()
    # One of them stopped following, which only WeChat knows.
    wang = story.running.sandbox.world.person("wang")
    story.running.sandbox.world.follow(wang, following=False)
    await story.delivery().drain()
    for name in names[:2]:
        assert [message["template_id"] for message in story.phone(name)] == ["oaTaxReminder-sandbox"]
    assert await office.states(campaign) == {"sent": 2, "failed": 1}
    assert (await office.counts(campaign)).failures() == {"43004": 1}
    await office.turn(3)
    progress = await db.fetch_one("SELECT state, closed_at FROM campaign WHERE id = $1", campaign.id)
    assert progress is not None
    assert progress["state"] == CampaignState.PAUSED, "a third of them failed"
