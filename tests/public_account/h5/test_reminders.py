"""The way for reminders: a code of the public account, offered to whom none could reach."""

from uuid import UUID

import pytest

from app.domain.accounts.scene_models import Scene, SceneKind
from app.gateways import wechat
from app.gateways.wechat.codes import SceneCode
from app.kit import qr
from tests.factories.messages import follow
from tests.public_account.h5.conftest import Browser, OpenBrowser

CODE = "/h5/me/reminders/code"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The scenes WeChat was asked to make codes of."""
    seen: list[str] = []

    async def scene_code(_: wechat.PublicAccount, scene: str, *, expires_s: int | None) -> SceneCode:
        seen.append(scene)
        return SceneCode("ticket", f"http://weixin.qq.com/q/{scene}", "http://picture", expires_s)

    monkeypatch.setattr(wechat.PublicAccount, "scene_code", scene_code)
    return seen


async def test_one_lasting_code_serves_everybody(
    signed_in: Browser, open_browser: OpenBrowser, asked: list[str]
) -> None:
    shown = [await signed_in.session.get(CODE) for _ in range(2)]
    scene = await Scene.get()
    assert (scene.kind, scene.payload, scene.expires_at) == (SceneKind.REMINDERS, {}, None)
    assert [await one.read() for one in shown] == [qr.png(f"http://weixin.qq.com/q/{scene.short}")] * 2
    assert asked == [scene.short], "an account has a hundred thousand lasting codes, and no more"
    stranger = await (await open_browser()).get(CODE)
    assert stranger.status == 303


async def test_the_settings_say_when_nothing_can_be_sent(signed_in: Browser, person_id: UUID) -> None:
    assert "发不到您的微信" in (await signed_in.get("/h5/me/messages")).text
    await follow(person_id, "o-follower")
    assert "发不到您的微信" not in (await signed_in.get("/h5/me/messages")).text
