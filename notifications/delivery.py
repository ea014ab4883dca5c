"""Delivery: claims due notifications, calls WeChat, and writes down what became of each."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from app.domain.accounts import followers, subscriptions
from app.gateways.sms import SmsRefused, SmsUnreachable
from app.gateways.wechat import WeChat, WeChatRefused, WeChatUnreachable
from app.kit import clock, db
from app.kit.batching import Batcher
from app.kit.ids import uuid7
from app.kit.loops import Bell
from config import settings
from config.messages import LANES
from notifications import metrics, outcomes, outlets, queue, recovery, rules
from notifications.campaigns import stopped
from notifications.channels import sms
from notifications.circuit import Circuit
from notifications.dispatch import Dispatch, Parcel
from notifications.messages import Messages
from notifications.models import Channel, NotificationStatus
from notifications.outcomes import Outcome
from notifications.queue import Claimed, Move, Share
from notifications.ration import Ration

log = logging.getLogger("weiban.notifications")

AT_ONCE: Final = 64
# Messages in hand for each call under way: while some are being sent, the next are fetched.
_IN_HAND: Final = 2
# A claim that finds a smaller part of the places free waits for more: small ones cost as much as large ones.
_WORTH_A_CLAIM: Final = 0.25
# Outcomes are gathered for so long before they are written together.
_GATHER_S: Final = 0.005
# Whoever waited longer for the call is not sent any more: the lease might end under it.
_LONGEST_WAIT_S: Final = queue.LEASE.total_seconds() / 3
# The part of all places and calls that each lane, and those behind it, may take; the rest is kept for those
# before it.
_PARTS: Final[Mapping[int, float]] = {
    LANES["urgent"]: 1.0,
    LANES["normal"]: 0.9375,
    LANES["bulk"]: 0.875,
}
_RETRY_NOTE_S: Final = 0.2

Result = tuple[Claimed, Outcome]


class Delivery:
    """One worker's part in sending; any number of them share the queue."""

    def __init__(
        self, wechat: WeChat, messages: Messages, *, ration: Ration | None = None, at_once: int = AT_ONCE
    ) -> None:
        self.owner = uuid7()
        self.bell = Bell()
        self._messages = messages
        self._dispatch = Dispatch(wechat, messages)
        self._ration = ration or Ration()
        self._places = at_once * _IN_HAND
        self._calls = {lane: asyncio.Semaphore(max(int(at_once * part), 1)) for lane, part in _PARTS.items()}
        self._circuit = Circuit()
        self._flying: set[asyncio.Task[None]] = set()
        self._taken: Counter[int] = Counter()
        self._stopped: frozenset[int] = frozenset()
        self._note: Batcher[Result, bool] = Batcher(self._write, gather_s=_GATHER_S)

    async def step(self) -> int:
        """Claim what is due within quota and places, and send it off; answers how many were claimed."""
        free = self._room(LANES["urgent"])
        if not free:
            await asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED)
            return 1
        limit = self._circuit.allowance(free, len(self._flying))
        if limit <= 0:
            return 0
        waiting = await queue.due(self._shares(limit))
        if not waiting:
            return 0
        granted = await self._ration.grant(waiting)
        shares = [Share(channel, lane, most) for (channel, lane), most in granted.items() if most > 0]
        if not shares:
            return 0
        claimed = await queue.claim(self.owner, shares, limit)
        self._give_back(granted, claimed)
        await self._send_off(claimed)
        return len(claimed)

    def _shares(self, limit: int) -> list[Share]:
        """How many rows of each channel and lane have a place; in quiet hours only the urgent ones have."""
        is_quiet = rules.is_quiet(clock.now(), settings.current().quiet_hours)
        shares = []
        for lane in _PARTS:
            most = min(limit, self._room(lane))
            if most > 0 and not (is_quiet and lane != LANES["urgent"]):
                shares += [Share(channel, lane, most) for channel in Channel]
        return shares

    def _room(self, lane: int) -> int:
        """The places a lane has left; too few to be worth a claim count as none."""
        whole = max(int(self._places * _PARTS[lane]), 1)
        taken = sum(count for other, count in self._taken.items() if other >= lane)
        return whole - taken if not taken or whole - taken >= whole * _WORTH_A_CLAIM else 0

    def _give_back(self, granted: Mapping[tuple[Channel, int], int], claimed: Sequence[Claimed]) -> None:
        """Return what was granted and found nothing to send: another worker was quicker."""
        used = Counter((message.channel, message.lane) for message in claimed)
        for (channel, lane), most in granted.items():
            if most > used[channel, lane]:
                self._ration.give_back(channel, lane, most - used[channel, lane])

    async def look(self) -> None:
        """See which campaigns stand still: what is in hand of them goes back. For every half second."""
        self._stopped = await stopped.campaigns()

    async def drain(self) -> None:
        """Work until nothing is due and nothing is under way."""
        while await self.step() or self._flying:
            if self._flying:
                await asyncio.wait(self._flying)

    async def sweep(self) -> int:
        """Take up what dead workers left behind and what was in doubt; answers how many."""
        judged = await recovery.sweep(self._messages) + await recovery.resend_unreceipted()
        if judged:
            self.bell.ring()
        return judged

    async def close(self, grace_s: float) -> None:
        """Finish what is under way within ``grace_s`` seconds and give the rest back."""
        if self._flying:
            await asyncio.wait(self._flying, timeout=grace_s)
        for task in self._flying:
            task.cancel()
        await queue.give_back(self.owner)

    async def _send_off(self, claimed: Sequence[Claimed]) -> None:
        if not claimed:
            return
        async with db.transaction():
            parcels, unsent = await self._dispatch.prepare(self.owner, claimed)
            by_key = {message.key: message for message in claimed}
            await self._write_down([(by_key[outcome.move.key], outcome) for outcome in unsent])
        for parcel in parcels:
            task = asyncio.create_task(self._fly(parcel))
            self._flying.add(task)
            self._taken[parcel.message.lane] += 1
            task.add_done_callback(self._flying.discard)

    async def _fly(self, parcel: Parcel) -> None:
        message, begun = parcel.message, time.monotonic()
        try:
            async with self._calls[message.lane]:
                if self._is_too_late(message, begun):
                    failure = WeChatUnreachable("send", "not called", sent_maybe=False)
                    outcome = outcomes.unreachable(message, failure)
                else:
                    outcome = await self._try(parcel)
            await self._note_down((message, outcome))
        finally:
            self._taken[message.lane] -= 1
            if self._room(LANES["bulk"]):
                self.bell.ring()

    def _is_too_late(self, message: Claimed, begun: float) -> bool:
        """Whether a message in hand has to go back: its lease is short, or it is not to go out any more."""
        if time.monotonic() - begun > _LONGEST_WAIT_S or (self._circuit.is_open and len(self._flying) > 1):
            return True
        if message.is_past_resending or message.campaign_id in self._stopped:
            return True
        return self._ration.seems_stopped(message.channel)

    async def _note_down(self, result: Result) -> None:
        """Have it written, however often the database is away; after the lease it is too late."""
        give_up = time.monotonic() + queue.LEASE.total_seconds()
        note: Callable[[Result], Awaitable[bool]] = self._note
        while True:
            try:
                await note(result)
                return
            except Exception as lost:  # noqa: BLE001  The database may be gone for a moment.
                # Written late is better than judged by the sweep.
                if time.monotonic() > give_up:
                    log.error("notification %s stays in doubt: %s", result[0].id, lost)
                    return
                # From now on alone: it may have been another note of the batch that failed.
                note = self._write_one
                await asyncio.sleep(_RETRY_NOTE_S)

    async def _try(self, parcel: Parcel) -> Outcome:
        message = parcel.message
        try:
            msgid = await self._dispatch.send(parcel)
        except WeChatUnreachable as failure:
            self._circuit.failed()
            return outcomes.unreachable(message, failure)
        except SmsUnreachable as failure:
            return outcomes.unreachable(message, failure)
        except (WeChatRefused, SmsRefused) as refusal:
            self._circuit.succeeded()
            return outcomes.refused(message, refusal)
        except Exception as surprise:
            log.warning("notification %s: %s", message.id, type(surprise).__name__, exc_info=surprise)
            return outcomes.unreachable(message, WeChatUnreachable("send", repr(surprise), sent_maybe=True))
        self._circuit.succeeded()
        metrics.HANDOVER.labels(message.message).observe(
            max((clock.now() - message.committed_at).total_seconds(), 0)
        )
        return outcomes.accepted(message, msgid)

    async def _write(self, results: list[Result]) -> Sequence[bool]:
        # The stop first: its messages are due again as soon as they are written down.
        for message, outcome in results:
            if outcome.stops_until is not None:
                because = outcome.move.error_text or ""
                await self._ration.stop(message.channel, outcome.stops_until, because)
        async with db.transaction():
            await self._write_down(results)
        return [True] * len(results)

    async def _write_one(self, result: Result) -> bool:
        return (await self._write([result]))[0]

    async def _write_down(self, results: list[Result]) -> None:
        """Every consequence of these outcomes, in the caller's transaction.

        Of a message that is no longer ours nothing is written.
        """
        if not results:
            return
        owned = await queue.settle(self.owner, [outcome.move for _, outcome in results])
        ours = [(message, outcome) for message, outcome in results if message.id in owned]
        await sms.suppress({message.key: outcome.move.error_code for message, outcome in ours})
        lost = [message.key for message, outcome in ours if outcome.falls_back]
        if lost and await queue.fall_back(lost):
            self.bell.ring()
        back = [
            message.id
            for message, outcome in ours
            if outcome.gives_back_consent and message.channel is Channel.SUBSCRIBE
        ]
        if back:
            await subscriptions.refund(back)
        for message, outcome in ours:
            if outcome.is_refused:
                template_id = self._messages.template_id(message.message, message.channel, message.version)
                await subscriptions.revoke(message.person_id, template_id)
            await self._dispatch.doubt(outcome)
            self._tell_operator(message, outcome)
        left = [message.person_id for message, outcome in ours if outcome.has_left]
        if left:
            await followers.forget_following(outlets.account_of(Channel.TEMPLATE), left)

    def _tell_operator(self, message: Claimed, outcome: Outcome) -> None:
        move: Move = outcome.move
        metrics.OUTCOMES.labels(message.channel.value, move.status.value).inc()
        if outcome.alarm is not None:
            metrics.ALARMS.labels(message.message).inc()
            log.error("%s", outcome.alarm, extra={"notification_id": message.id})
        if move.status is NotificationStatus.FAILED:
            log.info("notification %s failed: %s", message.id, move.error_text)
