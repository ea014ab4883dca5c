"""The whole sign-in, with the sandbox as WeChat."""

from urllib.parse import urlsplit
from uuid import UUID

from app.domain.accounts import scenes, sessions
from app.domain.accounts.models import WeChatIdentity
from app.domain.accounts.scene_models import Scene
from app.domain.appointments import booking
from app.kit import clock
from app.public_account.h5.entry.sign_in import SESSION_COOKIE
from app.sandbox.running import Running
from app.sandbox.world import unionid_of
from config import settings
from tests.client import Client
from tests.factories.appointments import make_hall, make_slot, seat
from tests.public_account.h5.conftest import Browser


async def at_wechat(browser: Browser, sandbox: Running, person: str, to: str = "/h5/") -> str:
    """Go to WeChat as the holder of the phone; answers where it sends the browser."""
    asked = await browser("GET", "/h5/sign-in", params={"to": to})
    address = urlsplit(asked.location)
    sent = await browser("GET", f"{sandbox.url}{address.path}?{address.query}&sandbox_person={person}")
    assert sent.status == 302, sent.text
    assert sent.location.startswith(f"{settings.current().public_url}/h5/authorized?")
    back = urlsplit(sent.location)
    return f"{back.path}?{back.query}"


async def test_the_holder_of_the_phone_is_signed_in(
    browser: Browser, client: Client, wechat_sandbox: Running
) -> None:
    """The same human being as in the mini-program, where they logged in before."""
    token = await client.log_in("zhangsan")
    back = await at_wechat(browser, wechat_sandbox, "zhangsan", "/h5/halls?q=x")
    landed = await browser.get(back)
    assert landed.location == "/h5/halls?q=x"
    known = await sessions.citizen_of(browser.holds(SESSION_COOKIE) or "")
    assert known.person_id == (await sessions.citizen_of(token)).person_id
    own = await WeChatIdentity.get(appid=settings.current().oa_appid)
    assert own.unionid == unionid_of("zhangsan")
    assert (await browser.get(back)).status == 409, "the code and the state are spent"


async def test_our_page_is_signed_with_the_tickets_of_the_account(
    browser: Browser, wechat_sandbox: Running
) -> None:
    url = f"{settings.current().public_url}/h5/"
    signed = await browser("GET", "/h5/js-sdk", params={"url": url})
    assert (signed.status, settings.current().oa_appid in signed.text) == (200, True)


async def test_the_code_of_an_appointment_lasts_as_long_as_the_appointment(
    signed_in: Browser, wechat_sandbox: Running, person_id: UUID
) -> None:
    slot = await make_slot(await make_hall())
    made = await booking.book(seat(slot, person_id))
    path = f"/h5/appointments/{made.id}/code"
    for _ in range(2):
        async with signed_in.session.get(path) as answer:
            assert (answer.status, answer.content_type) == (200, "image/png")
    scene = await Scene.get()
    opened = await scenes.open_scene(scene.short)
    assert opened is not None
    assert opened.payload == {"appointment_id": str(made.id)}
    with clock.frozen(slot.ends_at):
        assert await scenes.open_scene(scene.short) is None
        assert (await signed_in.get(path)).status == 409
