"""Scenes: short ids that stand for something until their time is over."""

import asyncio
import string
from datetime import timedelta

import pytest

from app.domain.accounts import scenes
from app.domain.accounts.errors import SceneUnknown
from app.domain.accounts.scene_models import Scene as SceneRow
from app.domain.accounts.scene_models import SceneKind, SceneMedium, ScenePicture
from app.domain.accounts.scenes import Picture, Scene
from app.kit import clock, db

pytestmark = pytest.mark.usefixtures("db")

HALL = {"hall_id": 7}


async def test_a_short_id_says_nothing_and_opens_its_scene() -> None:
    short = await scenes.make_scene(SceneKind.GUIDE, {"guide_id": 3}, expires_in=timedelta(minutes=5))
    assert len(short) == 10
    assert set(short) <= set(string.ascii_letters + string.digits), "WeChat mishandles punctuation"
    assert await scenes.open_scene(short) == Scene(SceneKind.GUIDE, {"guide_id": 3})


async def test_a_scene_ends() -> None:
    short = await scenes.make_scene(SceneKind.HALL_POSTER, HALL, expires_in=timedelta(minutes=5))
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        assert await scenes.open_scene(short) is None


async def test_a_permanent_scene_stays_and_is_made_once() -> None:
    made = await asyncio.gather(
        *(scenes.make_scene(SceneKind.HALL_POSTER, HALL, expires_in=None) for _ in range(5))
    )
    assert len(set(made)) == 1
    assert await scenes.make_scene(SceneKind.HALL_POSTER, {"hall_id": 8}, expires_in=None) not in made
    with clock.frozen(clock.now() + timedelta(days=4000)):
        assert await scenes.purge() == 0
        assert await scenes.open_scene(made[0]) is not None


async def test_asking_for_a_scene_again_writes_nothing() -> None:
    short = await scenes.make_scene(SceneKind.HALL_POSTER, HALL, expires_in=None)
    written = "SELECT xmax::text || ctid::text FROM scene WHERE short = $1"
    before = await db.fetch_value(written, short)
    assert await scenes.make_scene(SceneKind.HALL_POSTER, HALL, expires_in=None) == short
    assert await db.fetch_value(written, short) == before


async def test_two_temporary_scenes_are_two() -> None:
    first, second = [
        await scenes.make_scene(SceneKind.BIND, {"person_id": "p"}, expires_in=timedelta(minutes=5))
        for _ in range(2)
    ]
    assert first != second


@pytest.mark.parametrize("short", ["", "nothing0", "' OR 1=1", "\x00", "é" * 8, "a" * 13, "٣" * 8])
async def test_an_unknown_or_impossible_id_opens_nothing(short: str) -> None:
    await scenes.make_scene(SceneKind.HALL_POSTER, HALL, expires_in=None)
    assert await scenes.open_scene(short) is None


async def test_a_picture_is_painted_once() -> None:
    painted: list[str] = []

    async def paint(short: str) -> Picture:
        painted.append(short)
        return Picture(f"picture {len(painted)}".encode(), "image/png")

    short = await scenes.make_scene(SceneKind.HALL_POSTER, HALL, expires_in=None)
    first = await scenes.picture(short, SceneMedium.MINI_PROGRAM, paint)
    assert await scenes.picture(short, SceneMedium.MINI_PROGRAM, paint) == first
    assert painted == [short]
    other = await scenes.picture(short, SceneMedium.PUBLIC_ACCOUNT, paint)
    assert other != first, "each medium has its own"


async def test_two_who_ask_at_once_see_the_same_picture() -> None:
    async def paint(_: str) -> Picture:
        await asyncio.sleep(0.01)
        return Picture(str(id(asyncio.current_task())).encode(), "image/png")

    short = await scenes.make_scene(SceneKind.HALL_POSTER, HALL, expires_in=None)
    seen = await asyncio.gather(*(scenes.picture(short, SceneMedium.MINI_PROGRAM, paint) for _ in range(4)))
    assert len({one.body for one in seen}) == 1
    assert await ScenePicture.all().count() == 1


async def test_a_scene_that_is_over_has_no_picture() -> None:
    async def paint(_: str) -> Picture:
        return Picture(b"x", "image/png")

    with pytest.raises(SceneUnknown):
        await scenes.picture("nothing0", SceneMedium.MINI_PROGRAM, paint)


async def test_what_ended_is_deleted_a_day_later_with_its_picture() -> None:
    async def paint(_: str) -> Picture:
        return Picture(b"x", "image/png")

    short = await scenes.make_scene(SceneKind.HALL_POSTER, HALL, expires_in=timedelta(minutes=1))
    await scenes.picture(short, SceneMedium.MINI_PROGRAM, paint)
    assert await scenes.purge() == 0
    with clock.frozen(clock.now() + timedelta(days=1, minutes=2)):
        assert await scenes.purge() == 1
    assert (await SceneRow.all().count(), await ScenePicture.all().count()) == (0, 0)
