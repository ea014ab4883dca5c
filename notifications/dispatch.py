"""Before the call: where a claimed message can go, whether it still should, and with which consent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.domain.accounts import followers, subscriptions
from app.domain.accounts.followers import Address
from app.domain.accounts.subscriptions import Wish
from app.gateways.wechat import WeChat
from app.kit import clock
from notifications import outcomes, queue
from notifications.library import Library
from notifications.messages import Messages
from notifications.models import Channel
from notifications.outcomes import Outcome
from notifications.queue import RESEND_WITHIN, Claimed
from notifications.template_fields import DoesNotFit

UNREACHABLE: Final = "unreachable"
EXPIRED: Final = "expired"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message ready for its call."""

    message: Claimed
    openid: str
    template_id: str
    values: dict[str, str]
    page: str


class Dispatch:
    """Turns claimed messages into parcels, and into outcomes those that cannot go."""

    def __init__(self, wechat: WeChat, messages: Messages) -> None:
        self._wechat = wechat
        self._messages = messages
        self._library = Library()

    async def prepare(self, owner: UUID, claimed: Sequence[Claimed]) -> tuple[list[Parcel], list[Outcome]]:
        """Address, fill in, spend consents and note the start, in the caller's transaction."""
        stopped: list[Outcome] = []
        parcels: list[Parcel] = []
        await self._library.refresh()
        addresses = await followers.addresses_of([message.person_id for message in claimed])
        for message in claimed:
            ready = self._address(message, addresses.get(message.person_id, ()))
            if isinstance(ready, Parcel):
                parcels.append(ready)
            else:
                stopped.append(ready)
        allowed = await self._spend(parcels)
        for parcel in parcels:
            if parcel.message.id not in allowed:
                follows = _follows(addresses[parcel.message.person_id])
                stopped.append(outcomes.impossible(parcel.message, UNREACHABLE, falls_back=follows))
        parcels = [parcel for parcel in parcels if parcel.message.id in allowed]
        begun = await queue.begin_sending(owner, {parcel.message.id: parcel.openid for parcel in parcels})
        return [parcel for parcel in parcels if parcel.message.id in begun], stopped

    async def send(self, parcel: Parcel) -> int | None:
        """The call itself; answers WeChat's msgid if it tells one."""
        if parcel.message.channel is Channel.SUBSCRIBE:
            return await self._wechat.mp.send_subscribe(
                parcel.openid, parcel.template_id, parcel.values, page=parcel.page
            )
        return await self._wechat.oa.send_template(
            parcel.openid,
            parcel.template_id,
            parcel.values,
            client_msg_id=parcel.message.client_msg_id,
            miniprogram={"appid": self._wechat.mp.appid, "pagepath": parcel.page},
        )

    def _address(self, message: Claimed, addresses: Sequence[Address]) -> Parcel | Outcome:
        now = clock.now()
        if message.expires_at is not None and message.expires_at <= now:
            return outcomes.impossible(message, EXPIRED, falls_back=False)
        is_template = message.channel is Channel.TEMPLATE
        if is_template and message.sending_at is not None and now - message.sending_at > RESEND_WITHIN:
            return outcomes.doubtful(message)
        openid = next(
            (
                address.openid
                for address in addresses
                if address.appid == message.account_id and (address.is_follower or not is_template)
            ),
            None,
        )
        if openid is None:
            return outcomes.impossible(message, UNREACHABLE, falls_back=is_template or _follows(addresses))
        try:
            values = self._messages.render(message.message, message.channel, message.params)
            page = self._messages.page(message.message, message.params)
            template_id = self._messages.template_id(message.message, message.channel)
        except (KeyError, DoesNotFit) as wrong:
            return outcomes.unsendable(message, f"{type(wrong).__name__} {wrong}")
        objection = self._library.objection(template_id, values)
        if objection is not None:
            return outcomes.unsendable(message, objection)
        return Parcel(message, openid, template_id, values, page)

    async def _spend(self, parcels: Sequence[Parcel]) -> set[int]:
        """The messages whose readers allow them; a subscribe message spends one consent."""
        wishes = [
            Wish(parcel.message.id, parcel.message.person_id, parcel.template_id)
            for parcel in parcels
            if parcel.message.channel is Channel.SUBSCRIBE
        ]
        free = {parcel.message.id for parcel in parcels if parcel.message.channel is Channel.TEMPLATE}
        return free | (await subscriptions.spend(self._wechat.mp.appid, wishes) if wishes else set())


def _follows(addresses: Sequence[Address]) -> bool:
    return any(address.is_follower for address in addresses)
