"""The bucket all processes share, in Valkey: one script weighs every want of one call.

Of each product it keeps two values: the day's use by lane, and a token bucket that fills with the rate
of a second and holds no more than one second's worth. What a lane may take is limited by both; bulk
leaves the reserves of urgent and normal lying in the bucket, normal that of urgent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.kit import cache
from config import settings
from notifications.quota.products import Product
from notifications.quota.rules import Lanes

# KEYS: the day and the bucket of each product. ARGV: the reserves in percent, and after how many
# milliseconds a grant has surely reached WeChat; then of each product the limits of day and second, what
# each lane wants, and what each gives back (below zero: used elsewhere). The answer of a product whose
# day is not known is empty. ``sample`` is what was used before a grant some time ago, ``earlier`` the
# one before that: together they tell at any time what is no longer on its way.
_TAKE: Final = """
local now = redis.call('TIME')
local t = now[1] * 1000 + math.floor(now[2] / 1000)
local urgent, normal, landing = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local answers = {}
for i = 1, #KEYS / 2 do
    local day, bucket, a = KEYS[2 * i - 1], KEYS[2 * i], 3 + (i - 1) * 8
    local limit, rate = tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2])
    local known = redis.call('HMGET', day, '0', '1', '2', 'elsewhere', 'limit', 'sample', 'sampled_at')
    local given = {}
    if known[1] then
        local last = redis.call('HMGET', bucket, 'tokens', 'at')
        local past = math.max(t - tonumber(last[2] or t), 0)
        local tokens = tonumber(last[1] or rate) + past * rate / 1000
        if known[5] then limit = math.min(limit, tonumber(known[5])) end
        local kept = {math.floor(limit * urgent / 100), math.floor(limit * normal / 100)}
        local first = {math.floor(rate * urgent / 100), math.floor(rate * normal / 100)}
        local left = {0, first[1], first[1] + first[2]}
        limit = limit - tonumber(known[4] or 0)
        local used = {}
        for lane = 1, 3 do
            local back = tonumber(ARGV[a + 5 + lane])
            used[lane] = math.max(tonumber(known[lane]) - back, 0)
            tokens = tokens + math.max(back, 0)
        end
        tokens = math.min(tokens, rate)
        local before = used[1] + used[2] + used[3]
        for lane = 1, 3 do
            local others = used[3]
            others = others + (lane < 3 and used[2] or math.max(used[2], kept[2]))
            others = others + (lane < 2 and used[1] or math.max(used[1], kept[1]))
            local most = math.min(limit - others, math.floor(tokens - left[lane]))
            given[lane] = math.max(math.min(tonumber(ARGV[a + 2 + lane]), most), 0)
            used[lane] = used[lane] + given[lane]
            tokens = tokens - given[lane]
        end
        redis.call('HSET', day, '0', used[1], '1', used[2], '2', used[3])
        if used[1] + used[2] + used[3] > before then
            redis.call('HSET', day, 'granted_at', t)
            if t - tonumber(known[7] or 0) >= landing then
                redis.call('HSET', day, 'earlier', known[6] or before, 'sample', before, 'sampled_at', t)
            end
        end
        redis.call('HSET', bucket, 'tokens', string.format('%.3f', tokens), 'at', t)
        redis.call('PEXPIRE', bucket, 60000)
    end
    answers[i] = given
end
return answers
"""

_FILL: Final = """
if redis.call('EXISTS', KEYS[1]) == 0 then
    redis.call('HSET', KEYS[1], '0', ARGV[1], '1', ARGV[2], '2', ARGV[3])
    redis.call('EXPIRE', KEYS[1], ARGV[4])
    return 1
end
return 0
"""

_CORRECT: Final = """
if redis.call('EXISTS', KEYS[1]) == 1 then
    redis.call('HSET', KEYS[1], 'elsewhere', ARGV[1], 'limit', ARGV[2])
end
"""

_KEEP_S: Final = 2 * 86_400

# A call takes eight seconds at most (``wechat/transport.py``); a message waits for its own a moment before.
LANDED_AFTER_MS = 10_000


@dataclass(frozen=True, slots=True)
class Ask:
    """What is wanted of a product on a day, and what is given back of it."""

    product: Product
    wants: Lanes
    backs: Lanes = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Day:
    """A day's use by lane, what was used elsewhere on top of it, and the limit WeChat told, if any.

    ``landed`` of what was used is surely no longer on its way.
    """

    used: Lanes
    elsewhere: int = 0
    limit: int | None = None
    landed: int = 0


async def take(asks: Sequence[Ask], day: date) -> list[Lanes | None]:
    """What each product's lanes get; None while the day's use is not known. Raises CACHE_ERRORS."""
    chosen = settings.current()
    keys = [key for ask in asks for key in (_day_key(ask.product, day), _bucket_key(ask.product))]
    words = [
        word for ask in asks for word in (ask.product.per_day, ask.product.per_second, *ask.wants, *ask.backs)
    ]
    facts = (chosen.urgent_reserve_percent, chosen.normal_reserve_percent, LANDED_AFTER_MS)
    answers = await cache.client().eval(_TAKE, len(keys), *keys, *facts, *words)
    return [(given[0], given[1], given[2]) if given else None for given in answers]


async def fill(product: Product, day: date, used: Lanes) -> bool:
    """Tell the day's use if nobody has yet; answers whether this did. Raises CACHE_ERRORS."""
    return bool(await cache.client().eval(_FILL, 1, _day_key(product, day), *used, _KEEP_S))


async def correct(product: Product, day: date, *, elsewhere: int, limit: int) -> None:
    """Note what WeChat counts beyond our own use (below zero: less), and its limit. Raises CACHE_ERRORS."""
    await cache.client().eval(_CORRECT, 1, _day_key(product, day), elsewhere, limit)


async def of_day(product: Product, day: date) -> Day | None:
    """What is known of a day. Raises CACHE_ERRORS."""
    async with cache.client().pipeline(transaction=False) as pipe:
        pipe.hgetall(_day_key(product, day))
        pipe.time()
        found, (seconds, microseconds) = await pipe.execute()
    known = {name.decode(): int(value) for name, value in found.items()}
    if not known:
        return None
    used = known["0"], known["1"], known["2"]
    now = seconds * 1000 + microseconds // 1000
    return Day(used, known.get("elsewhere", 0), known.get("limit"), _landed(known, sum(used), now))


def _landed(known: Mapping[str, int], used: int, now: int) -> int:
    if now - known.get("granted_at", 0) >= LANDED_AFTER_MS:
        return used
    is_old = now - known.get("sampled_at", 0) >= LANDED_AFTER_MS
    return min(known.get("sample" if is_old else "earlier", 0), used)


def _name(product: Product) -> str:
    return f"quota:{product.channel.value}:{product.account_id}"


def _day_key(product: Product, day: date) -> str:
    return f"{_name(product)}:{day:%Y%m%d}"


def _bucket_key(product: Product) -> str:
    return f"{_name(product)}:rate"
