"""The benchmarks: which numbers are set against which, and what the ratio has to be."""

from collections.abc import Awaitable, Callable, Collection
from functools import partial

from tests.bench import callback, ingest, invoice, slow_line
from tests.bench.baseline import CLIENTS
from tests.bench.callback import Callbacks
from tests.bench.contest import Contestant, contest, middle
from tests.bench.ground import HOT, LARGE, SMALL, SPREAD, Ground
from tests.bench.handover import handover
from tests.bench.pages import HALLS_NOTES, HOME_NOTES, TABLE_NOTES, Pages
from tests.bench.progress import MANY, Progress
from tests.bench.progress import NOTES as PROGRESS_NOTES
from tests.bench.push import CONCURRENCY, pushers
from tests.bench.report import Finding
from tests.bench.sending_audience import PEOPLE, expansion_rate
from tests.bench.sending_latency import latency
from tests.bench.sending_queue import BATCH, movers
from tests.bench.sending_worker import senders
from tests.bench.servers import Site

NAMES = (
    "booking_spread",
    "booking_spread_flatness",
    "booking_spread_peer",
    "booking_hot",
    "booking_hot_flatness",
    "booking_hot_peer",
    "availability",
    "availability_flatness",
    "availability_peer",
    "memory",
    "handover",
    "callback",
    "callback_read",
    "callback_p99",
    "push",
    "campaign_expand",
    "campaign_claim",
    "campaign_send",
    "campaign_send_20ms",
    "latency",
    "progress",
    "progress_flatness",
    "progress_code",
    "progress_code_flatness",
    "ingest",
    "ingest_one_by_one",
    "invoice",
    "pages_halls",
    "pages_home",
    "pages_table_flatness",
    "pages_slow4g",
)

_FLAT = "_flatness"
_MEMORY_MB = 150
_HANDOVER_S = 1.0
_PUSH = 0.8
_CASE = 0.35
_PAGES, _HOME = 0.25, 0.01
_INGEST, _INGEST_ONE_BY_ONE = 0.02, 3.0
_EXPAND_PER_S, _CLAIM, _SEND, _LATENCY_S = 100_000, 0.6, 0.7, 0.5
_FLAT_NOTES = "10 thousand against 5 million appointments in the table; the message worker is stopped"

Tell = Callable[[str], None]
Makers = dict[str, Callable[[], Awaitable[Contestant]]]


async def measure(
    site: Site, chosen: Collection[str], tell: Tell, *, cases: int = MANY
) -> dict[str, Finding]:
    """Run the chosen benchmarks one after the other; ``cases`` are in the large set of them."""
    ground = Ground(site, tell)
    found: dict[str, Finding] = {}
    for kind in (SPREAD, HOT):
        found |= await _booking(ground, kind, chosen, tell)
    found |= await _availability(ground, chosen, tell)
    if "memory" in chosen:
        found["memory"] = await _memory(ground, chosen, tell)
    if "handover" in chosen:
        tell("handover")
        found["handover"] = await _handover(site, ground)
    found |= await _callback(Callbacks(site, tell), chosen, tell)
    if "push" in chosen:
        tell("push")
        found["push"] = await _push(site, tell)
    found |= await _campaign(site, ground, chosen, tell)
    if "invoice" in chosen:
        tell("invoice")
        found["invoice"] = Finding(invoice.rate(), invoice.LEAST_PER_S, "texts/s", 1, invoice.NOTES)
    found |= await _progress(Progress(site, tell, many=cases), chosen, tell)
    pages = Pages(site, ground)
    found |= await _pages(pages, chosen, tell)
    if "pages_slow4g" in chosen:
        tell("pages_slow4g")
        slowest = await slow_line.slowest_page(pages, ground)
        found["pages_slow4g"] = Finding(
            slowest, slow_line.LONGEST_S, "s", 1, slow_line.NOTES, more_is_better=False
        )
    return found | await _ingest(site, chosen, tell)


async def _pages(pages: Pages, chosen: Collection[str], tell: Tell) -> dict[str, Finding]:
    """The pages everybody opens at once, the one a person opens first, and a table of a desk."""
    found: dict[str, Finding] = {}
    for name, ours, of, bound, notes in (
        ("pages_halls", pages.halls, "halls", _PAGES, HALLS_NOTES),
        ("pages_home", pages.home, "home", _HOME, HOME_NOTES),
    ):
        rates = await _rates(name, ours, {name: partial(pages.bare, of)}, chosen, tell)
        found |= _findings(rates, "pages/s", {name: (bound, notes)})
    table = "pages_table" + _FLAT
    many: Makers = {table: partial(pages.table, LARGE)}
    rates = await _rates("pages_table", partial(pages.table, SMALL), many, chosen, tell)
    return found | _findings(rates, "pages/s", {table: (1.25, TABLE_NOTES)})


async def _ingest(site: Site, chosen: Collection[str], tell: Tell) -> dict[str, Finding]:
    """Messages of partners against what the database takes at most, and against taking them one by one."""
    if not {"ingest", "ingest_one_by_one"} & set(chosen):
        return {}
    tell("ingest")
    async with ingest.contestants(site) as (ours, copy, one_by_one):
        rates = await contest({"ours": ours, "ingest": copy, "ingest_one_by_one": one_by_one}, tell)
    pushed = f"{ingest.ROWS} a push, {ingest.SYSTEMS} systems at once, signed, over HTTP"
    return _findings(
        rates,
        "messages/s",
        {
            "ingest": (_INGEST, f"{pushed}; against COPY of the same words into a table without an index"),
            "ingest_one_by_one": (_INGEST_ONE_BY_ONE, f"{pushed}; against one transaction a message"),
        },
    )


async def _progress(progress: Progress, chosen: Collection[str], tell: Tell) -> dict[str, Finding]:
    """One's own case, and one looked up by its code."""
    found: dict[str, Finding] = {}
    for name, ask in (("progress", progress.signed_in), ("progress_code", progress.by_code)):
        makers: Makers = {name: progress.bare, name + _FLAT: partial(ask, is_large=True)}
        rates = await _rates(name, ask, makers, chosen, tell)
        notes = f"{PROGRESS_NOTES}; against a bare Sanic handler that answers such a document from memory"
        found |= _findings(rates, "answers/s", {name: (_CASE, notes), name + _FLAT: (1.25, progress.sizes)})
    return found


async def _booking(ground: Ground, kind: str, chosen: Collection[str], tell: Tell) -> dict[str, Finding]:
    name = f"booking_{kind}"
    where = "1,000 slots" if kind == SPREAD else "one slot"
    makers: Makers = {
        name: lambda: ground.baseline_booking(kind),
        name + _FLAT: lambda: ground.booking(LARGE, kind),
        f"{name}_peer": lambda: ground.peer_booking(kind),
    }
    rates = await _rates(name, lambda: ground.booking(SMALL, kind), makers, chosen, tell)
    notes = f"{where}; HTTP, login, validation and rules, 2 server workers; the message worker is stopped"
    return _findings(
        rates,
        "bookings/s",
        {
            name: (
                0.5 if kind == SPREAD else 4,
                f"{notes}; pgbench: one transaction a booking, {CLIENTS} clients",
            ),
            name + _FLAT: (1.25, _FLAT_NOTES),
            f"{name}_peer": (3, f"{notes}; peer: FastAPI and SQLAlchemy, 2 workers"),
        },
    )


async def _availability(ground: Ground, chosen: Collection[str], tell: Tell) -> dict[str, Finding]:
    name = "availability"
    makers: Makers = {
        name: ground.bare_json,
        name + _FLAT: lambda: ground.availability(LARGE),
        f"{name}_peer": ground.peer_availability,
    }
    rates = await _rates(name, lambda: ground.availability(SMALL), makers, chosen, tell)
    notes = "one hall, 7 days, 50 slots, 2 server workers"
    return _findings(
        rates,
        "answers/s",
        {
            name: (0.5, f"{notes}; against a bare Sanic handler that answers such a document from memory"),
            name + _FLAT: (1.25, _FLAT_NOTES),
            f"{name}_peer": (8, f"{notes}; peer: FastAPI and SQLAlchemy, 2 workers"),
        },
    )


async def _rates(
    name: str,
    ours: Callable[[], Awaitable[Contestant]],
    makers: Makers,
    chosen: Collection[str],
    tell: Tell,
) -> dict[str, list[float]]:
    """Our rates and those of the chosen opponents, by turns; nothing when none is chosen."""
    opponents = {key: maker for key, maker in makers.items() if key in chosen}
    if not opponents:
        return {}
    tell(name)
    contestants = {"ours": await ours()}
    for key, maker in opponents.items():
        contestants[key] = await maker()
    return await contest(contestants, tell)


def _findings(
    rates: dict[str, list[float]], unit: str, bounds: dict[str, tuple[float, str]]
) -> dict[str, Finding]:
    found = {}
    for name, (bound, notes) in bounds.items():
        if name in rates:
            ours, theirs = middle(rates["ours"], rates[name])
            # Flatness is told as slow over fast: how many times slower the full table is.
            found[name] = Finding(ours, theirs, unit, bound, notes, more_is_better=not name.endswith(_FLAT))
    return found


async def _memory(ground: Ground, chosen: Collection[str], tell: Tell) -> Finding:
    if not ground.resident_mb():
        # Chosen alone: there has to be some load before memory means anything.
        await contest({"booking": await ground.booking(SMALL, SPREAD)}, tell, rounds=1)
        await contest({"availability": await ground.availability(SMALL)}, tell, rounds=1)
    largest = max(ground.resident_mb())
    notes = "resident memory of the largest server worker after the load"
    return Finding(largest, _MEMORY_MB, "MB", 1, notes, more_is_better=False)


async def _handover(site: Site, ground: Ground) -> Finding:
    p95, sent, rate = await handover(site, await ground.database(SMALL))
    notes = f"commit to hand-over, p95 of {sent} messages at {rate:g} bookings/s with everything running"
    return Finding(p95, _HANDOVER_S, "s", 1, notes, more_is_better=False)


async def _callback(callbacks: Callbacks, chosen: Collection[str], tell: Tell) -> dict[str, Finding]:
    """A message answered from memory, one that reads the database, and how long people wait for it."""
    found: dict[str, Finding] = {}
    for name, words, bound in (("callback", "帮助", 0.6), ("callback_read", "我的预约", 0.2)):
        if name in chosen:
            tell(name)
            contestants = {"ours": await callbacks.ours(words), name: await callbacks.bare(words)}
            rates = await contest(contestants, tell)
            notes = f"{callback.NOTES}; {words}; against a bare Sanic handler doing only AES and XML"
            found |= _findings(rates, "answers/s", {name: (bound, notes)})
    if {"callback", "callback_p99"} & set(chosen):
        tell("callback_p99")
        paced = await callbacks.paced("帮助")
        notes = f"p99 of {paced.answered} messages at {callback.PACE_PER_S}/s, open loop"
        found["callback_p99"] = Finding(paced.latency(0.99), 0.05, "s", 1, notes, more_is_better=False)
    return found


async def _push(site: Site, tell: Tell) -> Finding:
    async with pushers(site) as (ours, bare):
        rates = await contest({"ours": ours, "bare": bare}, tell)
    sent, posted = middle(rates["ours"], rates["bare"])
    notes = f"template messages, {CONCURRENCY} at once; against a bare aiohttp loop posting the same bodies"
    return Finding(sent, posted, "messages/s", _PUSH, notes)


async def _campaign(site: Site, ground: Ground, chosen: Collection[str], tell: Tell) -> dict[str, Finding]:
    """The queue alone, a worker with everything it does, and who is told at once meanwhile."""
    found: dict[str, Finding] = {}
    if "campaign_expand" in chosen:
        tell("campaign_expand")
        rate = await expansion_rate(site)
        notes = f"an audience of {PEOPLE:,} written down as recipients, in one transaction with its counters"
        found["campaign_expand"] = Finding(rate, _EXPAND_PER_S, "recipients/s", 1, notes)
    if "campaign_claim" in chosen:
        tell("campaign_claim")
        async with movers(site) as (ours, bare):
            rates = await contest({"ours": ours, "campaign_claim": bare}, tell)
        notes = f"claim, begin, settle, {BATCH} at a time; against the same statements prepared and run bare"
        found |= _findings(rates, "messages/s", {"campaign_claim": (_CLAIM, notes)})
    for name, delay_s in (("campaign_send", 0.0), ("campaign_send_20ms", 0.02)):
        if name in chosen:
            tell(name)
            async with senders(site, delay_s) as (ours, bare):
                rates = await contest({"ours": ours, name: bare}, tell)
            notes = f"one worker, {CONCURRENCY} at once; against a bare aiohttp loop posting the same bodies"
            notes += f"; the platform answers after {delay_s * 1000:.0f} ms"
            found |= _findings(rates, "messages/s", {name: (_SEND, notes)})
    if "latency" in chosen:
        tell("latency")
        p95, sent, rate = await latency(site, await ground.database(SMALL))
        notes = f"commit to hand-over, p95 of {sent} urgent messages beside {rate:,.0f} bulk messages/s"
        found["latency"] = Finding(p95, _LATENCY_S, "s", 1, notes, more_is_better=False)
    return found
