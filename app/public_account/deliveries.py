"""What is remembered of WeChat's deliveries: who works on one, what was answered, what a person awaits.

WeChat delivers again after five seconds, up to three times, and sometimes while the first is still
worked on. A delivery is claimed by one command; whoever finds it claimed waits, whoever finds it
answered gives the same answer. A claim ends before WeChat comes again, so a process that died with it
takes nothing along. All of this saves work and spares people a double answer; without Valkey every
effect is still safe to repeat.
"""

import asyncio
import hashlib
import logging
import secrets
from dataclasses import dataclass, field
from itertools import count
from typing import Final, NamedTuple

from app.kit import cache
from app.kit.batching import Batcher
from app.kit.errors import UpstreamDown
from config import settings
from notifications import windows

log = logging.getLogger("weiban.callback")

CLAIM_S: Final = 4.5
_POLL_S: Final = 0.1
_CLAIMED, _ANSWERED = b"?", b"!"

# One trip takes the answers just found and brings everything new deliveries need: the claim, and for
# whoever talks to us how much they said this minute and what their last words left open; whoever wrote to
# us opens a window of customer service by it. All deliveries that are there together share it. The first
# ARGV[4] keys are claimed, the others answered; ARGV[5] has a sign for each claim, 1 for a message.
_TRIP: Final = (
    f"""
local window, most, life = '{windows.PREFIX}', {windows.MOST}, {windows.LIFE_S}
"""
    """
local claims, words = tonumber(ARGV[4]), 5
for i = claims + 1, #KEYS do redis.call('SET', KEYS[i], ARGV[words + i], 'PX', ARGV[3]) end
local answers = {}
for i = 1, claims do
    local talker = ARGV[words + i]
    local known = redis.call('SET', KEYS[i], ARGV[1], 'NX', 'GET', 'PX', ARGV[2])
    local said, open = 0, ''
    if not known and talker ~= '' then
        said = redis.call('INCR', 'said:' .. talker)
        if said == 1 then redis.call('PEXPIRE', 'said:' .. talker, 60000) end
        open = redis.call('GET', 'talk:' .. talker) or ''
        if string.byte(ARGV[5], i) == 49 then
            redis.call('SET', window .. talker, most, 'EX', life)
        end
    end
    answers[i] = {known or '', said, open}
end
return answers
"""
)
_RELEASE: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
"""


class StillUnderWay(UpstreamDown):
    """Another delivery of the same is worked on; WeChat may come again."""

    code = "still_under_way"
    message = "正在处理，请稍后重试"


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery and what Valkey knows of it.

    ``answer`` is what an earlier delivery was answered; ``said`` counts the person's messages of this
    minute; ``open`` is what their dialogue left, as it was put in.
    """

    key: bytes
    talker: str
    mark: bytes
    answer: bytes | None = None
    said: int = 0
    open: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a dialogue leaves for the next message, and for how long; without a text it is over."""

    text: bytes = field(repr=False)
    life_s: int


class _Errand(NamedTuple):
    """A delivery to claim; the number keeps two of the same apart."""

    key: bytes
    talker: str
    number: int
    is_message: bool


_Brought = tuple[bytes, bytes, int, bytes]
"""The mark of a claim, what was known, the person's count, their dialogue."""

_ANSWERS_WAIT_S: Final = 0.05
_answers: list[tuple[bytes, bytes]] = []
_under_way: set[asyncio.Task[None]] = set()

_PROCESS: Final = secrets.token_hex(6)
_serial = count()


async def claim(appid: str, once_key: str, talker: str, *, is_message: bool = False) -> Claim:
    """Claim a delivery, or learn what it was answered. ``talker`` is empty where nobody talks.

    A message, unlike a click or a scan, lets the account write to the talker for two days. Raises
    StillUnderWay when somebody holds it longer than they should.
    """
    key = b"callback:" + hashlib.sha256(f"{appid} {once_key}".encode()).digest()[:20]
    until = 0.0
    while True:
        try:
            mark, known, said, left_open = await _trips(_Errand(key, talker, next(_serial), is_message))
        except cache.CACHE_ERRORS:
            log.warning("the cache does not remember callbacks at the moment")
            return Claim(key, talker, b"")
        if not known:
            return Claim(key, talker, mark, None, said, left_open)
        if known[:1] == _ANSWERED:
            return Claim(key, talker, mark, known[1:])
        now = asyncio.get_running_loop().time()
        until = until or now + CLAIM_S + _POLL_S
        if now > until:
            raise StillUnderWay
        await asyncio.sleep(_POLL_S)


async def settle(claimed: Claim, answer: bytes, opening: Opening | None = None) -> None:
    """Have the answer remembered within a moment, and what the dialogue leaves open if it changed.

    The answer is not waited for: WeChat comes again only if it did not get it, and then finds the claim
    until the answer is there. It goes along with the next claims, or alone if none come.
    """
    if not _answers:
        asyncio.get_running_loop().call_later(_ANSWERS_WAIT_S, _hand_in)
    _answers.append((claimed.key, _ANSWERED + answer))
    if opening is not None:
        await leave_open(claimed.talker, opening)


def forget() -> None:
    """Drop the answers that are not handed in yet: whoever closes the cache needs them no more."""
    _answers.clear()


def _hand_in() -> None:
    """Take along the answers that no claim has taken along."""
    if _answers:
        task = asyncio.get_running_loop().create_task(_travel_alone())
        _under_way.add(task)
        task.add_done_callback(_under_way.discard)


async def _travel_alone() -> None:
    try:
        await _travel([])
    except cache.CACHE_ERRORS:
        log.warning("the cache does not remember callbacks at the moment")


async def release(claimed: Claim) -> None:
    """Give a claim back unanswered, so that WeChat's next delivery is a first one."""
    try:
        await cache.client().eval(_RELEASE, 1, claimed.key, claimed.mark)
    except cache.CACHE_ERRORS:
        log.warning("the cache does not remember callbacks at the moment")


async def recall(talker: str) -> bytes:
    """What a person's dialogue left open, for an answer given outside of a callback."""
    try:
        known: bytes | None = await cache.client().get(f"talk:{talker}")  # type: ignore[assignment]  # Nothing is decoded.
    except cache.CACHE_ERRORS:
        return b""
    return known or b""


async def leave_open(talker: str, opening: Opening) -> None:
    """Remember what a dialogue leaves open."""
    try:
        if opening.text:
            await cache.client().set(f"talk:{talker}", opening.text, ex=opening.life_s)
        else:
            await cache.client().delete(f"talk:{talker}")
    except cache.CACHE_ERRORS:
        log.warning("the cache does not remember dialogues at the moment")


async def _travel(asked: list[_Errand]) -> list[_Brought]:
    mark = _CLAIMED + f"{_PROCESS}{next(_serial)}".encode()
    # A push can be replayed for the whole window on either side of its timestamp.
    kept_ms = (2 * settings.current().callback_window_s + 60) * 1000
    answers = _answers.copy()
    _answers.clear()
    found = await cache.client().eval(
        _TRIP, len(asked) + len(answers), *(errand.key for errand in asked), *(key for key, _ in answers),
        mark, int(CLAIM_S * 1000), kept_ms, len(asked), "".join("01"[errand.is_message] for errand in asked),
        *(errand.talker for errand in asked), *(answer for _, answer in answers),
    )  # fmt: skip
    return [(mark, *brought) for brought in found]


# A trip costs us more than ten deliveries on it.
_trips: Batcher[_Errand, _Brought] = Batcher(_travel, gather_s=0.002)
