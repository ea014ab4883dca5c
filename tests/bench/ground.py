"""What the measures run on: the databases, filled when first asked for, and the servers in front of them."""

import random
from collections.abc import Callable, Iterator
from itertools import chain, count, cycle, repeat

from tests.bench import baseline, dataset, load, peer_tables
from tests.bench.contest import Contestant
from tests.bench.servers import Site, free_port, resident_mb, sqlalchemy_url

SMALL = "small"
LARGE = "large"
APPOINTMENTS = {SMALL: 10_000, LARGE: 5_000_000}

SPREAD = "spread"
HOT = "hot"


class Ground:
    """Databases and servers by name; each is made once, by the first measure that needs it."""

    def __init__(self, site: Site, tell: Callable[[str], None]) -> None:
        self._site = site
        self._tell = tell
        self._databases: dict[str, str] = {}
        self._ports: dict[str, int] = {}
        self._workers: dict[str, int] = {}
        # Nobody books twice: the rules would refuse the fourth booking of a person.
        self._people = {name: count(1) for name in (SMALL, LARGE, "peer")}
        self._hot_slots = count(dataset.FIRST_HOT_SLOT)

    async def database(self, name: str) -> str:
        """The URL of a filled database."""
        if name not in self._databases:
            self._tell(f"  filling a database with {APPOINTMENTS[name]:,} appointments")
            url = await self._site.make_database(name)
            await dataset.fill(url, APPOINTMENTS[name])
            self._databases[name] = url
        return self._databases[name]

    async def ours(self, name: str) -> int:
        """The port of our server on a database."""
        if name not in self._ports:
            url, port = await self.database(name), free_port()
            self._workers[name] = await self._site.serve_ours(name, port, url)
            self._ports[name] = port
        return self._ports[name]

    def resident_mb(self) -> list[float]:
        """The memory of every worker of ours that has served, in MB."""
        return [one for pid in self._workers.values() for one in resident_mb(pid)]

    # Booking --------------------------------------------------------------------------------

    async def booking(self, name: str, kind: str) -> Contestant:
        """Our server books for ever new people."""
        return self._booker(await self.ours(name), name, kind)

    async def peer_booking(self, kind: str) -> Contestant:
        """The peer does."""
        return self._booker(await self._peer(), "peer", kind)

    async def baseline_booking(self, kind: str) -> Contestant:
        """pgbench does, on the small database."""
        url = await self.database(SMALL)
        if "baseline" not in self._databases:
            await baseline.make_tables(url)
            self._databases["baseline"] = url

        async def work(seconds: float) -> float:
            hot = next(self._hot_slots)
            return await baseline.book(url, (1, dataset.SLOTS) if kind == SPREAD else (hot, hot), seconds)

        return work

    def _booker(self, port: int, name: str, kind: str) -> Contestant:
        async def work(seconds: float) -> float:
            slots = self._slots(kind)
            outcome = await load.drive(port, self._bookings(name, slots), seconds, expect=201)
            return outcome.rate

        return work

    def _bookings(self, name: str, slots: Iterator[int]) -> Iterator[bytes]:
        for person, slot in zip(self._people[name], slots, strict=False):
            body = f'{{"slot_id": {slot}, "business": "{dataset.BUSINESS}", "items": ["Invoices"]}}'
            yield load.post("/api/v1/appointments", dataset.token(person), body)

    def _slots(self, kind: str) -> Iterator[int]:
        if kind == HOT:
            # One slot at a time; a fast machine fills more than one.
            return chain.from_iterable(repeat(slot, dataset.HOT_SEATS) for slot in self._hot_slots)
        order = list(range(1, dataset.SLOTS + 1))
        random.Random(1).shuffle(order)
        return cycle(order)

    # Availability ---------------------------------------------------------------------------

    async def availability(self, name: str) -> Contestant:
        """Our server tells one hall's free seats of seven days."""
        return _reader(await self.ours(name), _AVAILABILITY)

    async def peer_availability(self) -> Contestant:
        """The peer does."""
        return _reader(await self._peer(), _AVAILABILITY)

    async def bare_json(self) -> Contestant:
        """The bare handler tells nothing."""
        if "bare" not in self._ports:
            port = free_port()
            await self._site.serve_bare(port)
            self._ports["bare"] = port
        return _reader(self._ports["bare"], "/json")

    async def _peer(self) -> int:
        if "peer" not in self._ports:
            url, port = sqlalchemy_url(await self.database(SMALL)), free_port()
            await peer_tables.make_tables(url)
            await self._site.serve_peer(port, url)
            self._ports["peer"] = port
        return self._ports["peer"]


_AVAILABILITY = f"/api/v1/halls/1/availability?business={dataset.BUSINESS}&days=7"


def _reader(port: int, path: str) -> Contestant:
    async def work(seconds: float) -> float:
        outcome = await load.drive(port, cycle([load.get(path)]), seconds, expect=200)
        return outcome.rate

    return work
