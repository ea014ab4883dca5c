"""From a push to its answer: at once if it is quick, else afterwards by a customer-service message.

The person waits for us at most a second, WeChat five. What takes longer becomes a job: the worker finds
the answer anew and sends it. What a mini-program's customer is told is always sent so, for WeChat takes
no passive reply from a mini-program but the hand-over to a person.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import orjson

from app.gateways import wechat
from app.gateways.wechat import (
    ErrorClass,
    Event,
    Message,
    WeChatRefused,
    WeChatUnreachable,
    parse,
    replies,
)
from app.gateways.wechat.replies import Reply, Text, Transfer
from app.kit import clock, crypto, jobs
from app.kit.web.problems import as_fault
from app.public_account import deliveries, router
from app.public_account.conversation import dialogue, going_on, hints
from app.public_account.conversation.talk import Talk, turn
from app.public_account.deliveries import Claim, Opening
from app.public_account.metrics import ANSWERS, LATE
from config import settings
from notifications import windows

log = logging.getLogger("weiban.conversation")

_counter = cache(ANSWERS.labels)

ANSWER_JOB: Final = "answer_later"
SEND_JOB: Final = "send_answer"

WITHIN_S: Final = 0.8
# Nobody waits longer for an answer; WeChat's own window of a minute after a click is shorter still.
_STALE: Final = timedelta(minutes=10)

_PASSING: Final = (ErrorClass.RETRY, ErrorClass.TOKEN, ErrorClass.MINUTE)
_HAND_OVER_LATER: Final = Text("人工客服请直接回复“人工”。")


def is_talk(said: Message | Event) -> bool:
    """Whether a push may be answered; receipts and the like are only heard."""
    return isinstance(said, Message) or f"event:{said.event}" in router.TALKING


async def answer(
    party: wechat.PublicAccount | wechat.MiniProgram, said: Message | Event, message: bytes, claim: Claim
) -> tuple[Reply | None, Opening | None]:
    """What to answer now, ``None`` for nothing, and what the dialogue leaves open if that changed.

    ``message`` is the push itself, for the job that answers it when time runs out.
    """
    if claim.said > settings.current().conversation_per_minute:
        return hints.too_often(), None
    talk = turn(party.appid, said, claim.open, is_mini_program=party.kind == "mp")
    before = talk.dialogue
    try:
        async with asyncio.timeout(WITHIN_S):
            reply = await _found(talk)
    except TimeoutError:
        LATE.labels("promised").inc()
        await jobs.enqueue(ANSWER_JOB, _payload(party.appid, said, message))
        return None, None
    opening = dialogue.write(talk.dialogue) if talk.dialogue != before else None
    if reply is None or party.kind == "oa" or isinstance(reply, Transfer):
        return reply, opening
    body = orjson.dumps(replies.as_custom(reply))
    await jobs.enqueue(SEND_JOB, _payload(party.appid, said, body))
    return None, opening


async def answer_later(payload: dict[str, Any]) -> None:
    """The job: find the answer without haste and have it sent."""
    appid = payload["appid"]
    said = parse(crypto.unseal(payload["sealed"]).encode())
    party = wechat.current().party(appid)
    talker = windows.talker_of(appid, said.openid)
    talk = turn(appid, said, await deliveries.recall(talker), is_mini_program=party.kind == "mp")
    before = talk.dialogue
    reply = await _found(talk)
    if talk.dialogue != before:
        await deliveries.leave_open(talker, dialogue.write(talk.dialogue))
    if reply is not None:
        # Sending is a job of its own: what fails to be sent must not be looked up twice.
        message = replies.as_custom(reply) or replies.as_custom(_HAND_OVER_LATER)
        await jobs.enqueue(SEND_JOB, {**payload, "sealed": crypto.seal(orjson.dumps(message).decode())})


async def send(payload: dict[str, Any]) -> None:
    """The job: send an answer as a customer-service message. Raises WeChatError to be tried again."""
    if clock.now() - datetime.fromisoformat(payload["at"]) > _STALE:
        LATE.labels("stale").inc()
        return
    message = orjson.loads(crypto.unseal(payload["sealed"]))
    try:
        await wechat.current().party(payload["appid"]).send_custom(payload["openid"], message)
    except WeChatRefused as refused:
        if refused.error_class in _PASSING:
            raise
        # Most often the window is over (45015) or used up (45047): there is no other way to that person.
        log.info("an answer could not be sent: %s", refused.errcode)
        LATE.labels("refused").inc()
        return
    except WeChatUnreachable as lost:
        if not lost.sent_maybe:
            raise
        # It may have arrived, and saying everything twice is worse than once too few.
        LATE.labels("unknown").inc()
        return
    await windows.spend(payload["appid"], [payload["openid"]])
    LATE.labels("sent").inc()


async def _found(talk: Talk) -> Reply | None:
    """The answer of the table; a refusal is told in its own words, and a failure never in silence."""
    try:
        row, reply = await router.find(talk)
    except Exception as failure:  # noqa: BLE001  Whatever broke, the person is told something.
        ANSWERS.labels("refused").inc()
        return Text(as_fault(failure).message)
    if reply is None:
        return None
    _counter(row).inc()
    return going_on.fitted(talk, reply)


def _payload(appid: str, said: Message | Event, body: bytes) -> dict[str, Any]:
    """A job's payload. What people say may be personal, so it is sealed."""
    sealed = crypto.seal(body.decode("utf-8", "replace"))
    return {"appid": appid, "openid": said.openid, "at": clock.now().isoformat(), "sealed": sealed}
