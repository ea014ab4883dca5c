"""Before the call: where a claimed message can go, whether it still should, and with which consent."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.domain.accounts import followers, subscriptions
from app.domain.accounts.followers import Address
from app.domain.accounts.subscriptions import Wish
from app.gateways.wechat import WeChat, WeChatRefused
from app.kit import clock
from notifications import outcomes, queue, windows
from notifications.channels import sms
from notifications.library import Library
from notifications.messages import FilledSms, Messages
from notifications.models import Channel
from notifications.outcomes import Outcome
from notifications.queue import Claimed
from notifications.template_fields import DoesNotFit

UNREACHABLE: Final = "unreachable"
EXPIRED: Final = "expired"
# Of a campaign nearly all messages read alike; of a thousand others hardly two do.
_FILLED_KEPT: Final = 1000


@dataclass(frozen=True, slots=True)
class Card:
    """A message as one of WeChat's templates shows it."""

    template_id: str
    values: dict[str, str]
    page: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message ready for its call: a card, a sentence of customer service, or a text message.

    ``openid`` is whom it goes to; of a text message it is our own id, which the receipt brings back.
    """

    message: Claimed
    openid: str
    content: Card | str | FilledSms


class Dispatch:
    """Turns claimed messages into parcels, and into outcomes those that cannot go."""

    def __init__(self, wechat: WeChat, messages: Messages) -> None:
        self._wechat = wechat
        self._messages = messages
        self._library = Library()
        self._filled_in: dict[tuple[object, ...], Card | str | FilledSms] = {}

    async def prepare(self, owner: UUID, claimed: Sequence[Claimed]) -> tuple[list[Parcel], list[Outcome]]:
        """Address, fill in, spend consents and note the start, in the caller's transaction."""
        stopped: list[Outcome] = []
        parcels: list[Parcel] = []
        # Another worker may have queued wording approved a moment ago.
        await self._messages.refresh([(message.message, message.version) for message in claimed])
        await self._library.refresh()
        addresses = await followers.addresses_of([message.person_id for message in claimed])
        for message in claimed:
            ready = self._address(message, addresses.get(message.person_id, ()))
            if isinstance(ready, Parcel):
                parcels.append(ready)
            else:
                stopped.append(ready)
        allowed = await self._spend(parcels)
        stopped += [
            outcomes.impossible(parcel.message, UNREACHABLE)
            for parcel in parcels
            if parcel.message.id not in allowed
        ]
        parcels = [parcel for parcel in parcels if parcel.message.id in allowed]
        begun = await queue.begin_sending(owner, {parcel.message.key: parcel.openid for parcel in parcels})
        return [parcel for parcel in parcels if parcel.message.id in begun], stopped

    async def send(self, parcel: Parcel) -> str | None:
        """The call itself; answers the id of the message if one is told.

        Raises WeChatRefused, WeChatUnreachable, SmsRefused or SmsUnreachable.
        """
        message, content = parcel.message, parcel.content
        if isinstance(content, FilledSms):
            return await sms.send(message.person_id, content, message.client_msg_id)
        if isinstance(content, str):
            await self._answer(parcel.openid, content)
            return None
        if message.channel is Channel.SUBSCRIBE:
            told = await self._wechat.mp.send_subscribe(
                parcel.openid, content.template_id, content.values, page=content.page
            )
        else:
            told = await self._wechat.oa.send_template(
                parcel.openid,
                content.template_id,
                content.values,
                client_msg_id=message.client_msg_id,
                miniprogram={"appid": self._wechat.mp.appid, "pagepath": content.page},
            )
        return None if told is None else str(told)

    async def _answer(self, openid: str, text: str) -> None:
        """A customer-service message; WeChat knows better than we do whether its window is open."""
        try:
            await self._wechat.oa.send_custom(openid, {"msgtype": "text", "text": {"content": text}})
        except WeChatRefused as refused:
            if refused.errcode in windows.CLOSED:
                await windows.close(self._wechat.oa.appid, openid)
            raise

    async def doubt(self, outcome: Outcome) -> None:
        """Have the template library looked at again if this refusal says that it may be at fault."""
        await self._library.doubt(outcome.move.error_code)

    def _address(self, message: Claimed, addresses: Sequence[Address]) -> Parcel | Outcome:
        now = clock.now()
        if message.expires_at is not None and message.expires_at <= now:
            return outcomes.impossible(message, EXPIRED, falls_back=False)
        if message.is_past_resending:
            return outcomes.doubtful(message)
        openid = _openid(message, addresses)
        if openid is None:
            return outcomes.impossible(message, UNREACHABLE)
        try:
            content = self._filled(message)
        except (KeyError, DoesNotFit) as wrong:
            return outcomes.unsendable(message, f"{type(wrong).__name__} {wrong}")
        if isinstance(content, Card):
            objection = self._library.objection(content.template_id, content.values)
            if objection is not None:
                return outcomes.unsendable(message, objection)
        return Parcel(message, openid, content)

    def _filled(self, message: Claimed) -> Card | str | FilledSms:
        """The message as its own version reads; the same facts are filled in once. Raises as ``_fill``."""
        key = (message.message, message.version, message.channel, *message.params.items())
        found = self._filled_in.get(key)
        if found is None:
            if len(self._filled_in) >= _FILLED_KEPT:
                self._filled_in.clear()
            found = self._filled_in[key] = self._fill(message)
        return found

    def _fill(self, message: Claimed) -> Card | str | FilledSms:
        """Raises KeyError or DoesNotFit."""
        name, version, params = message.message, message.version, message.params
        if message.channel is Channel.SMS:
            return self._messages.sms(name, params, version)
        if message.channel is Channel.CUSTOM:
            return self._messages.summary(name, params, version)
        return Card(
            self._messages.template_id(name, message.channel, version),
            self._messages.render(name, message.channel, params, version),
            self._messages.page(name, params, version),
        )

    async def _spend(self, parcels: Sequence[Parcel]) -> set[int]:
        """The messages whose readers allow them.

        A subscribe message spends one consent, a customer-service message one of the few its window has.
        """
        by_channel: dict[Channel, list[Parcel]] = defaultdict(list)
        for parcel in parcels:
            by_channel[parcel.message.channel].append(parcel)
        consented, answering = by_channel.pop(Channel.SUBSCRIBE, []), by_channel.pop(Channel.CUSTOM, [])
        allowed = {parcel.message.id for free in by_channel.values() for parcel in free}
        if consented:
            wishes = [
                Wish(parcel.message.id, parcel.message.person_id, parcel.content.template_id)
                for parcel in consented
                if isinstance(parcel.content, Card)
            ]
            allowed |= await subscriptions.spend(self._wechat.mp.appid, wishes)
        if answering:
            openids = [parcel.openid for parcel in answering]
            heard = await windows.spend(self._wechat.oa.appid, openids)
            allowed |= {parcel.message.id for parcel in answering if parcel.openid in heard}
        return allowed


def _openid(message: Claimed, addresses: Sequence[Address]) -> str | None:
    """Whom the channel reaches the person as; a text message finds the phone by itself."""
    if message.channel is Channel.SMS:
        return message.client_msg_id
    is_mp = message.channel is Channel.SUBSCRIBE
    return next(
        (
            address.openid
            for address in addresses
            if address.appid == message.account_id and (address.is_follower or is_mp)
        ),
        None,
    )
