"""Following and scanning: a welcome, and the story a QR code began goes on where it was broken off."""

from uuid import UUID

from app.domain.accounts import followers, scenes
from app.domain.accounts.scene_models import SceneKind
from app.domain.accounts.scenes import Scene
from app.domain.appointments import attendance, passes
from app.domain.appointments import queries as appointments
from app.domain.appointments.models import AppointmentStatus
from app.domain.halls import queries as halls
from app.gateways.wechat.replies import Reply, Text
from app.kit import clock
from app.kit.errors import Fault
from app.public_account.conversation import booking, guides
from app.public_account.conversation.hints import WHAT_ONE_CAN_SAY
from app.public_account.conversation.talk import Talk
from app.public_account.conversation.telling import link, mini_program_link
from config import settings

_FOLLOWED_BY_CODE = "qrscene_"
_EXPIRED = "这个二维码已过期或不再使用。请在现场重新获取，或回复“帮助”看能办什么。"
_REMINDERS = "好了，预约、办件和发票查验的提醒会发到这里。不想收时，取消关注或在消息设置里关闭即可。"
_NOT_KNOWN = "还不知道您是谁。请先打开小程序登录一次，再扫一次码。"


async def welcome(talk: Talk, about: str) -> Reply | None:
    """Somebody follows: the story of the code they came by, or a welcome for who they are."""
    del about
    key = getattr(talk.said, "key", "")
    if key.startswith(_FOLLOWED_BY_CODE):
        return await _go_on(talk, key.removeprefix(_FOLLOWED_BY_CODE))
    if await _is_known(talk):
        return Text(
            "欢迎回来！预约、叫号和办件的消息都会发到这里。\n"
            f"回复“我的预约”看您的安排。\n{link('打开我的微办', '/h5/')}"
        )
    sign_in = mini_program_link("打开小程序登录", "pages/index/index", "/h5/")
    return Text(f"欢迎关注！办税缴费，先约再办，少跑一趟。\n{sign_in}\n\n{WHAT_ONE_CAN_SAY}")


async def scan(talk: Talk, about: str) -> Reply | None:
    """A follower scans a code of ours."""
    del about
    return await _go_on(talk, getattr(talk.said, "key", ""))


async def _go_on(talk: Talk, short: str) -> Reply:
    scene = await scenes.open_scene(short)
    if scene is None:
        return Text(_EXPIRED)
    try:
        return await _tell(talk, scene)
    except Fault as refusal:
        return Text(refusal.message)


async def _tell(talk: Talk, scene: Scene) -> Reply:
    match scene.kind:
        case SceneKind.HALL_POSTER:
            detail = await halls.hall_detail(int(scene.payload["hall_id"]))
            return await booking.seats_of(detail.facts)
        case SceneKind.CHECK_IN:
            return await _check_in(talk, scene)
        case SceneKind.GUIDE:
            return await guides.open_one(int(scene.payload["guide_id"]))
        case SceneKind.REMINDERS:
            return Text(f"{_REMINDERS}\n{link('选择要哪些提醒', '/h5/me/messages')}")
        case _:
            return Text(f"请打开小程序继续。\n{mini_program_link('打开小程序', 'pages/me/index', '/h5/')}")


async def _check_in(talk: Talk, scene: Scene) -> Reply:
    person_id = await talk.person()
    if person_id is None:
        return Text(f"{_NOT_KNOWN}\n{mini_program_link('打开小程序登录', 'pages/index/index', '/h5/')}")
    appointment_id = UUID(str(scene.payload["appointment_id"]))
    appointment = await appointments.own(appointment_id, person_id)
    if appointment.status is not AppointmentStatus.CHECKED_IN:
        # The code stands for a pass: it is shown only to whom a pass is given, and ends with the slot.
        token, _ = passes.issue(appointment_id, clock.now())
        await attendance.check_in(appointment_id, person_id, token)
    return Text(f"您已签到，预约号 {appointment.number}。请在等候区留意叫号。")


async def _is_known(talk: Talk) -> bool:
    """Whether they have been in the mini-program: a mere follower is still a stranger."""
    person_id = await talk.person()
    if person_id is None:
        return False
    addresses = (await followers.addresses_of([person_id])).get(person_id, [])
    return any(address.appid == settings.current().mp_appid for address in addresses)
