"""What a person does with the phone besides following: writes, presses, scans, allows, takes back."""

from collections.abc import Mapping
from typing import Any, Final

from app.gateways.wechat.accounts import Account
from app.sandbox.pushes import Push
from app.sandbox.sandbox import Sandbox
from app.sandbox.scenes import picture
from app.sandbox.templates import Template
from app.sandbox.windows import Opening
from app.sandbox.world import Person, openid_of

_AMR: Final = b"#!AMR\n" + bytes(32)
_PICTURE_TYPES: Final = ("pic_sysphoto", "pic_photo_or_album", "pic_weixin")
# These tell our server something; the other buttons only open something.
_OPENS_WINDOW: Final = ("click", "scancode_push", "scancode_waitmsg")


class Acts:
    """Each act gives the push it caused; None if our server is not connected."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    # Writing --------------------------------------------------------------------------------

    async def say(
        self, person: Person, account: Account, text: str, menu_id: str | None = None
    ) -> Push | None:
        """Words, or an option of a message menu with its id."""
        more = {"bizmsgmenuid": menu_id} if menu_id else {}
        shown = {"kind": "text", "text": text}
        return await self._write(person, account, {"MsgType": "text", "Content": text, **more}, shown)

    async def send_image(
        self, person: Person, account: Account, content: bytes | None, base: str
    ) -> Push | None:
        """A picture; ``base`` is the sandbox's own address, under which it can be fetched."""
        kept = self._sandbox.media.keep(
            account.appid, "image", content or picture(f"a picture of {person.name}"), "image/png"
        )
        address = f"{base}/_sandbox/media/{kept.media_id}"
        message = {"MsgType": "image", "PicUrl": address, "MediaId": kept.media_id}
        return await self._write(person, account, message, {"kind": "image", "media_id": kept.media_id})

    async def speak(self, person: Person, account: Account, text: str) -> Push | None:
        """A voice message, recognised as ``text``."""
        kept = self._sandbox.media.keep(account.appid, "voice", _AMR, "audio/amr")
        message = {"MsgType": "voice", "MediaId": kept.media_id, "Format": "amr", "Recognition": text}
        return await self._write(person, account, message, {"kind": "voice", "text": text})

    async def send_location(
        self, person: Person, account: Account, place: tuple[float, float], label: str
    ) -> Push | None:
        latitude, longitude = place
        message = {
            "MsgType": "location",
            "Location_X": f"{latitude:.6f}",
            "Location_Y": f"{longitude:.6f}",
            "Scale": 16,
            "Label": label,
        }
        shown = {"kind": "location", "text": label, "latitude": latitude, "longitude": longitude}
        return await self._write(person, account, message, shown)

    async def report_position(
        self, person: Person, account: Account, place: tuple[float, float]
    ) -> Push | None:
        """The phone tells by itself where it is, when a chat is opened."""
        latitude, longitude = place
        more = {"Latitude": f"{latitude:.6f}", "Longitude": f"{longitude:.6f}", "Precision": "40.0"}
        return await self._happen(person, account, "LOCATION", more)

    async def _write(
        self, person: Person, account: Account, message: dict[str, Any], shown: dict[str, Any]
    ) -> Push | None:
        self._sandbox.show(account, person, {"from": "person", **shown})
        numbered = {**message, "MsgId": self._sandbox.world.next_msgid()}
        return await self._sandbox.tell(account, person, numbered, opens="message")

    # Menu and codes -------------------------------------------------------------------------

    async def press(self, person: Person, account: Account, key: str, wish: Mapping[str, Any]) -> Push | None:
        """A menu button by its key, address or page.

        One that no menu has is still pressed: an address opens a page, anything else is a click.
        """
        openid = openid_of(account.appid, person.name)
        found = self._sandbox.menus.pressed(account.appid, openid, key)
        is_address = key.startswith(("http://", "https://"))
        kind = found[0]["type"] if found else "view" if is_address else "click"
        more: dict[str, Any] = {"EventKey": key}
        if kind in ("view", "miniprogram"):
            more |= {"MenuId": found[1]} if found else {}
        event = {"click": "CLICK", "view": "VIEW", "miniprogram": "view_miniprogram"}.get(kind, kind)
        if kind.startswith("scancode"):
            result = str(wish.get("scan_result") or "https://example.gov.cn/")
            more["ScanCodeInfo"] = {"ScanType": "qrcode", "ScanResult": result}
        elif kind in _PICTURE_TYPES:
            more["SendPicsInfo"] = {"Count": 0, "PicList": ""}
        opens: Opening | None = "click" if kind in _OPENS_WINDOW else None
        return await self._happen(person, account, event, more, opens)

    async def open_program(self, person: Person, account: Account, page: str) -> Push | None:
        """A link of a menu leads into the mini-program."""
        found = self._sandbox.menus.pressed(account.appid, openid_of(account.appid, person.name), page)
        more = {"MenuId": found[1]} if found else {}
        return await self._happen(person, account, "view_miniprogram", {"EventKey": page, **more})

    async def scan(
        self, person: Person, account: Account, scene: str | None, ticket: str | None
    ) -> Push | None:
        """A scene code, by its ticket or its scene; who does not follow yet follows by it.

        Raises ValueError for a ticket nobody made or that has ended.
        """
        sandbox = self._sandbox
        if ticket is not None:
            code = sandbox.scenes.find(ticket, sandbox.appids("oa"))
            if code is None:
                raise ValueError("这个二维码不存在或已过期")
            account, scene = sandbox.options.named(code.appid), code.scene
        if not scene:
            raise ValueError("请写明 scene 或 ticket")
        # A scene for which no code was made can be scanned too, so that a test needs no code.
        ticket = ticket or sandbox.scenes.ticket_of(account.appid, scene) or f"ticket-{scene}"
        if not sandbox.world.following(person, account.appid):
            return await sandbox.follow(person, account, scene=scene, ticket=ticket)
        return await self._happen(person, account, "SCAN", {"EventKey": scene, "Ticket": ticket}, "scan")

    # The mini-program and a person's rights -------------------------------------------------

    async def enter_chat(self, person: Person, program: Account, session_from: str) -> Push | None:
        """The contact button of a mini-program opens its chat."""
        more = {"SessionFrom": session_from}
        return await self._happen(person, program, "user_enter_tempsession", more, "enter")

    async def change_subscriptions(
        self, person: Person, account: Account, templates: list[Template]
    ) -> Push | None:
        """The person refuses messages in WeChat's own settings."""
        for template in templates:
            self._sandbox.world.withdraw(person, template.template_id)
        entries = [
            {"TemplateId": template.template_id, "SubscribeStatusString": "reject"} for template in templates
        ]
        event = self._sandbox.list_event(account, "subscribe_msg_change_event", entries)
        return await self._sandbox.tell(account, person, event)

    async def revoke(self, person: Person, program: Account, info: list[str]) -> Push | None:
        """The person takes back what they allowed; web pages lose their grants as well."""
        self._sandbox.grants.withdraw(person.name)
        openid = openid_of(program.appid, person.name)
        more = {"OpenID": openid, "AppID": program.appid, "RevokeInfo": ",".join(info), "PluginID": ""}
        return await self._happen(person, program, "user_authorization_revoke", more)

    async def modify_profile(self, person: Person, program: Account) -> Push | None:
        more = {"OpenID": openid_of(program.appid, person.name), "AppID": program.appid, "RevokeInfo": ""}
        return await self._happen(person, program, "user_info_modified", more)

    async def _happen(
        self,
        person: Person,
        account: Account,
        event: str,
        more: Mapping[str, Any],
        opens: Opening | None = None,
    ) -> Push | None:
        message = {"MsgType": "event", "Event": event, **more}
        return await self._sandbox.tell(account, person, message, opens=opens)
