"""The parts of one sandbox, gathered, and what both the platform's API and the phone do with them."""

from collections import Counter
from typing import Any, Final

from app.gateways.wechat.accounts import Account
from app.kit import clock
from app.sandbox.codes import Codes
from app.sandbox.faults import Faults
from app.sandbox.journal import Journal
from app.sandbox.options import Options
from app.sandbox.pushes import Push, Pushes
from app.sandbox.quotas import Quotas
from app.sandbox.templates import Channel, Template, Templates
from app.sandbox.tokens import Tokens
from app.sandbox.world import Person, World, openid_of

_PATIENCE_S: Final = 2.0
_OUT_OF_ORDER: Final = "该公众号提供的服务出现故障，请稍后再试"


class Sandbox:
    """A pretend WeChat with one public account and one mini-program."""

    def __init__(self, options: Options, templates: Templates) -> None:
        self.options = options
        self.templates = templates
        self.world = World((options.oa.appid, options.mp.appid), Journal(options.state))
        self.quotas = Quotas()
        self.tokens = Tokens(self.quotas)
        self.codes = Codes()
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        self.pushes = Pushes(options)

    async def open(self) -> None:
        self.world.open()
        await self.pushes.open()

    async def close(self) -> None:
        await self.pushes.close()
        self.world.close()

    def template(self, template_id: object, channel: Channel) -> Template | None:
        found = self.templates.get(template_id) if isinstance(template_id, str) else None
        return found if found and found.channel == channel else None

    def push_event(self, account: Account, person: Person, event: str, **more: Any) -> Push | None:
        return self._push(account, person, {"MsgType": "event", "Event": event, **more})

    async def follow(self, person: Person, *, scene: str | None = None) -> Push | None:
        """The person follows the public account, by itself or by scanning a code with a scene."""
        self.world.follow(person, following=True)
        key = f"qrscene_{scene}" if scene else ""
        more = {"EventKey": key, "Ticket": f"ticket-{scene}"} if scene else {"EventKey": key}
        return await self._settled(self.push_event(self.options.oa, person, "subscribe", **more))

    async def unfollow(self, person: Person) -> Push | None:
        self.world.follow(person, following=False)
        return await self._settled(self.push_event(self.options.oa, person, "unsubscribe", EventKey=""))

    async def say(self, person: Person, text: str) -> Push | None:
        """The person writes to the public account."""
        self.world.show(person, {"kind": "text", "from": "person", "text": text})
        message = {"MsgType": "text", "Content": text, "MsgId": self.world.next_msgid()}
        return await self._conversed(person, self._push(self.options.oa, person, message))

    async def press(self, person: Person, key: str) -> Push | None:
        """The person presses a menu button: an address opens a page, anything else is a click."""
        event = "VIEW" if key.startswith(("http://", "https://")) else "CLICK"
        return await self._conversed(person, self.push_event(self.options.oa, person, event, EventKey=key))

    async def scan(self, person: Person, scene: str) -> Push | None:
        """The person scans a scene code; who does not follow yet follows by it."""
        if not person.following:
            return await self.follow(person, scene=scene)
        more = {"EventKey": scene, "Ticket": f"ticket-{scene}"}
        return await self._conversed(person, self.push_event(self.options.oa, person, "SCAN", **more))

    async def answer_prompt(self, person: Person, templates: list[Template], *, accept: bool) -> Push | None:
        """The person answers a subscribe prompt of the mini-program; one accept is one send."""
        for template in templates:
            if accept:
                self.world.consent(person, template.template_id, long_term=template.long_term)
            else:
                self.world.withdraw(person, template.template_id)
        entries = [
            {
                "TemplateId": template.template_id,
                "SubscribeStatusString": "accept" if accept else "reject",
                "PopupScene": "0",
            }
            for template in templates
        ]
        # The platform sends a single object where there is one entry, and numbers as text.
        popup = entries[0] if len(entries) == 1 else entries
        return await self._settled(
            self.push_event(self.options.mp, person, "subscribe_msg_popup_event", List=popup)
        )

    def _push(self, account: Account, person: Person, message: dict[str, Any]) -> Push | None:
        at = int(clock.now().timestamp())
        openid = openid_of(account.appid, person.name)
        head = {
            "ToUserName": "gh_sandboxoa001" if account is self.options.oa else "gh_sandboxmp001",
            "FromUserName": openid,
            "CreateTime": str(at) if account is self.options.mp else at,
        }
        return self.pushes.send(account, openid, {**head, **message})

    async def _settled(self, push: Push | None) -> Push | None:
        await self.pushes.settled(push, _PATIENCE_S)
        return push

    async def _conversed(self, person: Person, push: Push | None) -> Push | None:
        """Show our server's answer in the chat, or the platform's apology if there was none."""
        await self._settled(push)
        if push is not None and push.reply is not None:
            kind = str(push.reply.get("MsgType", "text"))
            shown = {"text": str(push.reply.get("Content", "")), "reply": push.reply}
            self.world.show(person, {"kind": kind, "from": "account", **shown})
        elif push is not None and not push.delivered:
            self.world.show(person, {"kind": "notice", "from": "platform", "text": _OUT_OF_ORDER})
        return push
