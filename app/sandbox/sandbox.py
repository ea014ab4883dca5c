"""The parts of one sandbox, gathered, and how its people and accounts reach each other."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any, Final

from app.gateways.wechat.accounts import Account
from app.kit import clock
from app.sandbox.accepted import Accepted
from app.sandbox.codes import Codes
from app.sandbox.faults import Faults
from app.sandbox.grants import Grants
from app.sandbox.holdings import Holdings
from app.sandbox.journal import Journal
from app.sandbox.mass import MassSends
from app.sandbox.media import MediaStore
from app.sandbox.menus import Menus
from app.sandbox.options import Options
from app.sandbox.pushes import Push, Pushes
from app.sandbox.quotas import Quotas
from app.sandbox.replies import BadReply, shown_reply
from app.sandbox.rids import Rids
from app.sandbox.scenes import Scenes
from app.sandbox.tags import Tags
from app.sandbox.templates import OwnTemplates, Template, Templates
from app.sandbox.tickets import Tickets
from app.sandbox.tokens import Tokens
from app.sandbox.visits import Visits
from app.sandbox.windows import Opening, Windows
from app.sandbox.world import Person, World, openid_of

_PATIENCE_S: Final = 2.0
_HELPER: Final = "mphelper"
_OUT_OF_ORDER: Final = "该公众号提供的服务出现故障，请稍后再试"


class Sandbox:
    """A pretend WeChat for some public accounts and mini-programs."""

    def __init__(self, options: Options, templates: Templates) -> None:
        self.options = options
        self.templates = templates
        self._journal = Journal(options.state)
        appids = tuple(account.appid for _, account in options.accounts)
        self.world = World(appids, self._journal)
        self.holdings = Holdings(self._journal)
        self.windows = Windows(self._journal)
        self.tags = Tags(self.holdings)
        self.menus = Menus(self.holdings, self.tags)
        self.scenes = Scenes(self.holdings)
        self.own_templates = OwnTemplates(templates, options, self.holdings)
        self.quotas = Quotas()
        self.tokens = Tokens(self.quotas)
        self.tickets = Tickets()
        self.codes = Codes()
        self.grants = Grants()
        self.visits = Visits()
        self.media = MediaStore()
        self.rids = Rids()
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        self.accepted = Accepted()
        self.mass = MassSends()
        self.pushes = Pushes(options, self.faults)
        self._under_way: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self._journal.open()
        await self.pushes.open()

    async def close(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self.pushes.close()
        self._journal.close()

    def reset(self) -> None:
        """Empty phones, no faults, unused quotas. What accounts own and who follows them stays."""
        for part in (self.calls, self.faults, self.codes, self.quotas, self.rids, self.windows):
            part.clear()
        self.accepted.clear()
        self.mass.clear()
        self.pushes.items.clear()
        self.world.reset()

    def appids(self, kind: str) -> list[str]:
        """The appids of all public accounts (``oa``) or mini-programs (``mp``)."""
        return [account.appid for its_kind, account in self.options.accounts if its_kind == kind]

    # What people do -------------------------------------------------------------------------

    async def follow(
        self, person: Person, account: Account | None = None, *, scene: str | None = None, ticket: str = ""
    ) -> Push | None:
        """The person follows a public account, by itself or by scanning a code with a scene."""
        whom = account or self.options.oa
        self.world.follow(person, following=True, appid=whom.appid)
        more = {"EventKey": f"qrscene_{scene}", "Ticket": ticket} if scene else {"EventKey": ""}
        return await self.tell(
            whom, person, {"MsgType": "event", "Event": "subscribe", **more}, opens="follow"
        )

    async def unfollow(self, person: Person, account: Account | None = None) -> Push | None:
        whom = account or self.options.oa
        self.world.follow(person, following=False, appid=whom.appid)
        self.windows.close(whom.appid, person.name)
        return await self.tell(whom, person, {"MsgType": "event", "Event": "unsubscribe", "EventKey": ""})

    async def answer_prompt(
        self, person: Person, templates: list[Template], *, accept: bool, account: Account | None = None
    ) -> Push | None:
        """The person answers a subscribe prompt; one accept is one send."""
        asking = account or self.options.mp
        for template in templates:
            if accept:
                self.world.consent(person, template.template_id, long_term=template.long_term)
            else:
                self.world.withdraw(person, template.template_id)
        status = "accept" if accept else "reject"
        entries = [
            {"TemplateId": template.template_id, "SubscribeStatusString": status, "PopupScene": "0"}
            for template in templates
        ]
        return await self.tell(asking, person, self.list_event(asking, "subscribe_msg_popup_event", entries))

    def list_event(self, account: Account, event: str, entries: list[dict[str, str]]) -> dict[str, Any]:
        """An event with a list: nested under its own name for a public account, flat for a mini-program."""
        # The platform sends a single object where there is one entry, and numbers as text.
        listed = entries[0] if len(entries) == 1 else entries
        if self.options.kind(account) == "mp":
            return {"MsgType": "event", "Event": event, "List": listed}
        name = "".join(part.capitalize() for part in event.split("_"))
        return {"MsgType": "event", "Event": event, name: {"List": listed}}

    # How they reach our server --------------------------------------------------------------

    async def tell(
        self, account: Account, person: Person, message: dict[str, Any], *, opens: Opening | None = None
    ) -> Push | None:
        """Push what a person did, and wait a little for the answer; ``opens`` is the window it opens.

        An answer of our server appears in the chat, the platform's apology instead of a bad one.
        """
        if opens is not None:
            self.windows.act(self.options.kind(account), account.appid, person.name, opens)

        def ended(push: Push) -> None:
            self._show_answer(account, person, push, is_conversation=opens is not None)

        push = self._push(account, person, message, ended)
        await self.pushes.settled(push, _PATIENCE_S)
        return push

    def push_event(self, account: Account, person: Person, event: str, **more: Any) -> Push | None:
        """Push an event that the person did not cause; nobody waits for the answer."""
        return self._push(account, person, {"MsgType": "event", "Event": event, **more})

    def push_from_platform(self, account: Account, event: str, **more: Any) -> Push | None:
        """Push an event that concerns no single person: its sender is the platform's own helper."""
        head = {
            "ToUserName": self.options.original_id(account),
            "FromUserName": _HELPER,
            "CreateTime": int(clock.seconds()),
        }
        return self.pushes.send(account, _HELPER, {**head, "MsgType": "event", "Event": event, **more})

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something after the answer to the call at hand."""
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def _push(
        self, account: Account, person: Person, message: dict[str, Any], ended: Any = None
    ) -> Push | None:
        at = int(clock.seconds())
        openid = openid_of(account.appid, person.name)
        head = {
            "ToUserName": self.options.original_id(account),
            "FromUserName": openid,
            "CreateTime": str(at) if self.options.kind(account) == "mp" else at,
        }
        return self.pushes.send(account, openid, {**head, **message}, ended)

    def _show_answer(self, account: Account, person: Person, push: Push, *, is_conversation: bool) -> None:
        """Raises BadReply after the apology is shown."""
        try:
            if push.reply is not None:
                shown = shown_reply(
                    push.reply,
                    sender=self.options.original_id(account),
                    receiver=push.openid,
                    is_program=self.options.kind(account) == "mp",
                    is_media=lambda media_id: self.media.find(account.appid, media_id) is not None,
                )
                self.show(account, person, {"from": "account", **shown})
            elif not push.delivered and is_conversation:
                self._apologise(account, person)
        except BadReply:
            self._apologise(account, person)
            raise

    def show(self, account: Account, person: Person, message: dict[str, Any]) -> None:
        """Put a message of the chat with an account on a person's phone."""
        if media_id := message.get("media_id"):
            message = {**message, "image": f"/_sandbox/media/{media_id}"}
        self.world.show(person, {**message, "appid": account.appid})

    def _apologise(self, account: Account, person: Person) -> None:
        self.show(account, person, {"kind": "notice", "from": "platform", "text": _OUT_OF_ORDER})
