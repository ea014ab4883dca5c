"""Tables in partitions of a day or a month: made ahead of time, taken off as a whole when they are old."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from app.kit import clock, db
from app.kit.clock import SHANGHAI

Span = Literal["day", "month"]


@dataclass(frozen=True, slots=True)
class Part:
    """One partition: the rows from ``since`` up to, but without, ``until`` (both midnights in Shanghai)."""

    name: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Partitioned:
    """A table partitioned by range of one timestamp column.

    Rows for which no partition was made ahead lie in ``<table>_rest`` and move when theirs is made, so
    a worker that slept for weeks costs time and loses nothing. ``fill`` is the fill factor in percent.
    """

    table: str
    column: str
    span: Span
    fill: int = 100

    @property
    def rest(self) -> str:
        return f"{self.table}_rest"

    async def prepare(self, ahead: int) -> int:
        """Make the partitions of today, of ``ahead`` spans more, and of rows that wait for theirs.

        Safe to repeat and to run in several places; answers how many were made.
        """
        wanted = {self._first_day(clock.today())}
        for _ in range(ahead):
            wanted.add(self._next(max(wanted)))
        made = 0
        for day in sorted(wanted | await self._waited_for()):
            made += await self.make(day)
        return made

    async def make(self, day: date) -> int:
        """Make the partition a day lies in, unless there is one; answers how many were made."""
        return await self._make(self._first_day(day))

    async def parts(self) -> list[Part]:
        """The partitions there are, oldest first, without the rest."""
        rows = await db.fetch(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = $1::text::regclass",
            self.table,
        )
        names = (row["relname"] for row in rows)
        parts = [self._part(name) for name in names if name != self.rest]
        return sorted(parts, key=lambda part: part.since)

    async def attach(self, part: Part) -> None:
        """Attach a table of this shape, in the caller's transaction.

        A valid CHECK on it that says the same spares reading all of it.
        """
        await db.execute(
            f"ALTER TABLE {self.table} ATTACH PARTITION {part.name}"
            f" FOR VALUES FROM ('{part.since.isoformat()}') TO ('{part.until.isoformat()}')"
        )

    async def take_off(self, part: Part) -> None:
        """Detach a partition in the caller's transaction; the table stays, by its own name."""
        await db.execute(f"ALTER TABLE {self.table} DETACH PARTITION {part.name}")

    async def _waited_for(self) -> set[date]:
        rows = await db.fetch(
            f"SELECT DISTINCT ({self.column} AT TIME ZONE 'Asia/Shanghai')::date AS day FROM {self.rest}"  # noqa: S608  Names of ours.
        )
        return {self._first_day(row["day"]) for row in rows}

    async def _make(self, day: date) -> int:
        """Attaching locks the parent against nothing but other changes of shape."""
        part = Part(self._name(day), _midnight(day), _midnight(self._next(day)))
        async with db.transaction():
            await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", self.table)
            if await db.fetch_value("SELECT to_regclass($1) IS NOT NULL", part.name):
                return 0
            await db.execute(
                f"CREATE TABLE {part.name} (LIKE {self.table} INCLUDING ALL) WITH (fillfactor = {self.fill})"
            )
            await db.execute(
                f"WITH waiting AS (DELETE FROM {self.rest} WHERE {self.column} >= $1 AND {self.column} < $2"  # noqa: S608  Names of ours.
                f" RETURNING *) INSERT INTO {part.name} SELECT * FROM waiting",
                part.since,
                part.until,
            )
            await self.attach(part)
        return 1

    def _name(self, day: date) -> str:
        return f"{self.table}_{day:%Y%m%d}" if self.span == "day" else f"{self.table}_{day:%Y%m}"

    def _part(self, name: str) -> Part:
        digits = name.rpartition("_")[2].ljust(8, "0").removesuffix("00")
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8] or "1"))
        return Part(name, _midnight(day), _midnight(self._next(day)))

    def _first_day(self, day: date) -> date:
        return day if self.span == "day" else day.replace(day=1)

    def _next(self, day: date) -> date:
        return self._first_day(day + timedelta(days=1 if self.span == "day" else 31))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
