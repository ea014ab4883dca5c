"""Messages in hand: their outcomes are written together, none is sent after too long a wait."""

import asyncio
from collections.abc import Sequence
from typing import cast

import pytest

from app.kit import cache, clock
from app.sandbox.world import openid_of
from notifications import delivery, windows
from notifications.delivery import Delivery, Result
from notifications.models import Channel
from tests.notifications.conftest import Story
from tests.notifications.test_lanes import MORNING, URGENT, people, put

CUSTOM = "/cgi-bin/message/custom/send"


async def test_outcomes_that_come_soon_after_each_other_are_written_together(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    under_way, go_on = asyncio.Event(), asyncio.Event()

    async def write(_: Delivery, results: list[Result]) -> Sequence[bool]:
        sizes.append(len(results))
        under_way.set()
        await go_on.wait()
        return [True] * len(results)

    monkeypatch.setattr(Delivery, "_write", write)
    note = story.delivery()._note
    first, second, third = (cast(Result, (number, None)) for number in range(3))
    notes = [asyncio.create_task(note(first))]
    await under_way.wait()
    notes.append(asyncio.create_task(note(second)))
    go_on.set()
    await notes[0]
    notes.append(asyncio.create_task(note(third)))
    await asyncio.gather(*notes)
    assert sizes == [1, 2]


@pytest.mark.parametrize(("longest_s", "statuses"), [(0.1, ["created", "sent"]), (15.0, ["sent", "sent"])])
async def test_who_waited_too_long_for_the_call_goes_back_before_the_lease_ends(
    story: Story, monkeypatch: pytest.MonkeyPatch, longest_s: float, statuses: list[str]
) -> None:
    monkeypatch.setattr(delivery, "_LONGEST_WAIT_S", longest_s)
    crowd = await people(story, 2)
    story.fault(delay_s=0.25)
    with clock.frozen(MORNING):
        await put(crowd, URGENT)
        worker = story.delivery(at_once=1)
        assert await worker.step() == 2
        await asyncio.wait(worker._flying)
    rows = await story.rows()
    assert sorted(row["status"] for row in rows) == statuses
    assert {row["attempt"] for row in rows if row["status"] == "created"} <= {0}
    assert story.calls() == statuses.count("sent")


@pytest.mark.parametrize(("errcode", "is_open"), [(45015, False), (45047, False), (47003, True)])
async def test_a_window_that_wechat_calls_over_is_closed(story: Story, errcode: int, is_open: bool) -> None:
    person, openid = await story.person(), openid_of(story.oa_appid, "zhang")
    await cache.client().set(windows._key(story.oa_appid, openid), windows.MOST)
    story.fault(CUSTOM, errcode=errcode, times=1)
    with clock.frozen(MORNING):
        await put([person], URGENT, route=(Channel.CUSTOM,))
        worker = story.delivery()
        await worker.step()
        await asyncio.wait(worker._flying)
    assert story.calls(CUSTOM) == 1
    assert bool(await windows.open_among(story.oa_appid, [openid])) is is_open
