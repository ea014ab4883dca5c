"""Delivery: claims due notifications, calls WeChat, and writes down what became of each."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

from app.domain.accounts import followers, subscriptions
from app.gateways.wechat import WeChat, WeChatRefused, WeChatUnreachable
from app.kit import clock, db
from app.kit.batching import Batcher
from app.kit.ids import uuid7
from app.kit.loops import Bell
from notifications import metrics, outcomes, queue, recovery
from notifications.circuit import Circuit
from notifications.dispatch import Dispatch, Parcel
from notifications.messages import Messages
from notifications.models import Channel, NotificationStatus
from notifications.outcomes import Outcome
from notifications.queue import Claimed, Move

log = logging.getLogger("weiban.notifications")

AT_ONCE: Final = 64
# A claim that finds fewer free places waits for more: small claims cost as much as large ones.
_WORTH_A_CLAIM: Final = 16
_RETRY_NOTE_S: Final = 0.2

Result = tuple[Claimed, Outcome]


class Delivery:
    """One worker's part in sending; any number of them share the queue."""

    def __init__(self, wechat: WeChat, messages: Messages, *, at_once: int = AT_ONCE) -> None:
        self.owner = uuid7()
        self.bell = Bell()
        self._wechat = wechat
        self._messages = messages
        self._dispatch = Dispatch(wechat, messages)
        self._at_once = at_once
        self._circuit = Circuit()
        self._paused: dict[str, datetime] = {}
        self._flying: set[asyncio.Task[None]] = set()
        self._note: Batcher[Result, bool] = Batcher(self._write)

    async def step(self) -> int:
        """Claim what is due for both accounts and send it off; answers how many were claimed."""
        free = self._at_once - len(self._flying)
        if free < min(_WORTH_A_CLAIM, self._at_once):
            await asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED)
            return 1
        claimed = 0
        for account_id in (self._wechat.oa.appid, self._wechat.mp.appid):
            limit = self._circuit.allowance(free - claimed, len(self._flying))
            if limit > 0 and not self._is_paused(account_id):
                claimed += await self._send_off(account_id, limit)
        return claimed

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

    async def _send_off(self, account_id: str, limit: int) -> int:
        claimed = await queue.claim(account_id, self.owner, limit)
        if not claimed:
            return 0
        async with db.transaction():
            parcels, stopped = await self._dispatch.prepare(self.owner, claimed)
            by_id = {message.id: message for message in claimed}
            await self._write_in_transaction([(by_id[outcome.move.id], outcome) for outcome in stopped])
        for parcel in parcels:
            task = asyncio.create_task(self._fly(parcel))
            self._flying.add(task)
            task.add_done_callback(self._landed)
        return len(claimed)

    async def _fly(self, parcel: Parcel) -> None:
        result = (parcel.message, await self._try(parcel))
        give_up = time.monotonic() + queue.LEASE.total_seconds()
        note: Callable[[Result], Awaitable[bool]] = self._note
        while True:
            try:
                await note(result)
                return
            except Exception as lost:  # noqa: BLE001  The database may be gone for a moment.
                # Written late is better than judged by the sweep; after the lease it is too late.
                if time.monotonic() > give_up:
                    log.error("notification %s stays in doubt: %s", parcel.message.id, lost)
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
        except WeChatRefused as refusal:
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

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        self.bell.ring()

    async def _write(self, results: list[Result]) -> Sequence[bool]:
        async with db.transaction():
            await self._write_in_transaction(results)
        return [True] * len(results)

    async def _write_one(self, result: Result) -> bool:
        return (await self._write([result]))[0]

    async def _write_in_transaction(self, results: list[Result]) -> None:
        """Every consequence of these outcomes; of a message no longer ours nothing is written."""
        if not results:
            return
        owned = await queue.settle(self.owner, [outcome.move for _, outcome in results])
        ours = [(message, outcome) for message, outcome in results if message.id in owned]
        await self._fall_back([message for message, outcome in ours if outcome.falls_back])
        back = [
            message.id
            for message, outcome in ours
            if outcome.gives_back_consent and message.channel is Channel.SUBSCRIBE
        ]
        if back:
            await subscriptions.refund(back)
        for message, outcome in ours:
            if outcome.is_refused:
                template_id = self._messages.template_id(message.message, message.channel)
                await subscriptions.revoke(message.person_id, template_id)
            self._tell_operator(message, outcome)
        left = [message.person_id for message, outcome in ours if outcome.has_left]
        if left:
            await followers.forget_following(self._wechat.oa.appid, left)

    async def _fall_back(self, messages: list[Claimed]) -> None:
        """The other channel for each; whoever was tried there already stays unreached."""
        for channel, other, account_id in (
            (Channel.TEMPLATE, Channel.SUBSCRIBE, self._wechat.mp.appid),
            (Channel.SUBSCRIBE, Channel.TEMPLATE, self._wechat.oa.appid),
        ):
            ids = [message.id for message in messages if message.channel is channel]
            if ids and await queue.fall_back(ids, other, account_id):
                self.bell.ring()

    def _is_paused(self, account_id: str) -> bool:
        until = self._paused.get(account_id)
        return until is not None and clock.now() < until

    def _tell_operator(self, message: Claimed, outcome: Outcome) -> None:
        move: Move = outcome.move
        metrics.OUTCOMES.labels(message.channel.value, move.status.value).inc()
        if outcome.account_until is not None:
            self._paused[message.account_id] = outcome.account_until
            log.warning("account %s pauses until %s", message.account_id, outcome.account_until)
        if outcome.alarm is not None:
            metrics.ALARMS.labels(message.message).inc()
            log.error("%s", outcome.alarm, extra={"notification_id": message.id})
        if move.status is NotificationStatus.FAILED:
            log.info("notification %s failed: %s", message.id, move.error_text)
