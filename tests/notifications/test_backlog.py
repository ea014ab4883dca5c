"""The operator sees what waits and what was given up, and can have it tried again."""

import pytest

from app.kit import audit, clock, db
from notifications import backlog
from notifications.models import Channel
from tests.notifications.conftest import Story


@pytest.fixture
async def given_up(story: Story) -> int:
    await story.books(await story.person())
    await story.relay()
    await db.execute(
        "UPDATE notification SET status = 'dead', attempt = 12, error_code = 40037, settled_at = $1,"
        " error_text = 'template_id', sending_at = $1, expires_at = NULL",
        clock.now(),
    )
    (row,) = await story.rows()
    return int(row["id"])


async def test_dead_messages_are_shown_with_their_reason(given_up: int) -> None:
    (one,) = await backlog.dead(10)
    assert (one.id, one.channel, one.error_code, one.error_text) == (
        given_up, Channel.TEMPLATE, 40037, "template_id",
    )  # fmt: skip


async def test_a_revived_message_goes_out(story: Story, given_up: int) -> None:
    assert await backlog.revive([given_up], actor=audit.SYSTEM) == 1
    assert await backlog.revive([given_up], actor=audit.SYSTEM) == 0
    await story.delivery().drain()
    assert len(story.phone()) == 1
    assert await backlog.dead(10) == []


async def test_an_expired_message_stays_dead(given_up: int) -> None:
    await db.execute("UPDATE notification SET expires_at = $1", clock.now())
    assert await backlog.revive([given_up], actor=audit.SYSTEM) == 0


async def test_what_waits_is_shown_by_lane(story: Story) -> None:
    await story.books(await story.person())
    await story.relay()
    (line,) = await backlog.waiting()
    assert (line.channel, line.lane, line.status, line.count) == (Channel.TEMPLATE, 0, "created", 1)
