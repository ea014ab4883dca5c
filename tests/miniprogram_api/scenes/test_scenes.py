"""Scanned codes and posters, as the mini-program and whoever prints them ask for them."""

from datetime import timedelta

import pytest

from app.domain.accounts import scenes
from app.domain.accounts.scene_models import Scene, SceneKind
from app.gateways import wechat
from app.gateways.wechat import WeChatUnreachable
from app.gateways.wechat.codes import SceneCode
from app.kit import qr
from tests.client import Client
from tests.factories.appointments import make_hall

PNG = b"\x89PNG\r\n\x1a\n..."


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What WeChat was asked to draw."""
    seen: list[tuple[str, ...]] = []

    async def code_image(_: wechat.MiniProgram, scene: str, page: str) -> bytes:
        seen.append(("mp", scene, page))
        return PNG

    async def scene_code(_: wechat.PublicAccount, scene: str, *, expires_s: int | None) -> SceneCode:
        seen.append(("oa", scene, str(expires_s)))
        return SceneCode("ticket", f"http://weixin.qq.com/q/{scene}", "http://picture", expires_s)

    monkeypatch.setattr(wechat.MiniProgram, "code_image", code_image)
    monkeypatch.setattr(wechat.PublicAccount, "scene_code", scene_code)
    return seen


async def test_the_mini_program_learns_what_was_scanned(client: Client) -> None:
    short = await scenes.make_scene(SceneKind.HALL_POSTER, {"hall_id": 7}, expires_in=None)
    answer = await client.get(f"/api/v1/scenes?scene={short}")
    assert answer.body == {"kind": "hall_poster", "hall_id": 7, "appointment_id": None, "guide_id": None}


async def test_what_is_over_or_private_is_unknown(client: Client) -> None:
    private = await scenes.make_scene(SceneKind.BIND, {"person_id": "p"}, expires_in=timedelta(minutes=5))
    for short in (private, "nothing000", "a_b-c"):
        answer = await client.get(f"/api/v1/scenes?scene={short}")
        assert (answer.status, answer.code) == (404, "scene_unknown")


async def test_a_hall_has_one_poster_for_each_medium(client: Client, asked: list[tuple[str, ...]]) -> None:
    hall = await make_hall()
    path = f"/api/v1/halls/{hall.id}/poster"
    poster = await client.get(path)
    assert (poster.status, poster.body, poster.headers["content-type"]) == (200, PNG, "image/png")
    again = await client.get(path, headers={"If-None-Match": poster.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    printed = await client.get(f"{path}?medium=oa")
    scene = await Scene.get()
    assert printed.body == qr.png(f"http://weixin.qq.com/q/{scene.short}")
    assert asked == [("mp", scene.short, "pages/booking/index"), ("oa", scene.short, "None")]
    assert scene.payload == {"hall_id": hall.id}
    assert scene.expires_at is None


async def test_a_hall_closed_for_good_has_no_poster(client: Client, asked: list[tuple[str, ...]]) -> None:
    hall = await make_hall()
    await hall.update_from_dict({"is_active": False}).save()
    assert (await client.get(f"/api/v1/halls/{hall.id}/poster")).status == 404
    assert asked == []


async def test_with_wechat_away_there_is_no_new_poster(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object) -> bytes:
        raise WeChatUnreachable("/wxa/getwxacodeunlimit", "timeout", sent_maybe=True)

    monkeypatch.setattr(wechat.MiniProgram, "code_image", lost)
    answer = await client.get(f"/api/v1/halls/{(await make_hall()).id}/poster")
    assert (answer.status, answer.code) == (503, "wechat_down")


async def test_wechat_draws_the_posters(client: Client) -> None:
    hall = await make_hall()
    for medium in ("mp", "oa"):
        poster = await client.get(f"/api/v1/halls/{hall.id}/poster?medium={medium}")
        assert (poster.status, poster.headers["content-type"]) == (200, "image/png")
        assert poster.body.startswith(b"\x89PNG")
