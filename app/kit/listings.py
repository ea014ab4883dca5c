"""Lists for people at desks: filtered, sorted and paged by key, whatever the size of the table.

A list says once, in SQL of its area, which rows it has, what they may be filtered and sorted by, and which
column tells equal rows apart. Pages continue behind the last row shown (never ``OFFSET``), so the thousandth
page costs what the first one does, and a row that is new or gone moves no other row to another page.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.kit import cursors, db
from app.kit.cursors import BadCursor


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to sort by: an expression that is never null, and its type."""

    expression: str
    type: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see of a list.

    Args:
        filters: value by name of a filter; ``None`` does not filter.
        order: a name of the list's ``orders``.
        after: the cursor of the page before, or ``None`` for the first page.
    """

    filters: Mapping[str, object]
    order: str
    is_descending: bool = False
    after: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in order, and the cursor of the next page if there is one."""

    rows: Sequence[Any]
    following: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A list in SQL.

    Args:
        name: tells its cursors from those of other lists.
        columns: what follows SELECT.
        source: what follows FROM, with its joins.
        key: what tells equal rows apart, the last word of every order.
        orders: what one may sort by.
        filters: condition by name, with ``{}`` where the value stands (``a.hall_id = {}::bigint``).
    """

    name: str
    columns: str
    source: str
    key: Order
    orders: Mapping[str, Order]
    filters: Mapping[str, str]

    async def page(self, asked: Asked) -> Page:
        """One page. Raises BadCursor."""
        statement, values = self.statement(asked)
        rows = await db.fetch(statement, *values)
        if len(rows) <= asked.limit:
            return Page(rows, None)
        rows = rows[: asked.limit]
        return Page(rows, self._place(asked, rows[-1]))

    async def all(self, asked: Asked, *, most: int, batch: int = 2000) -> AsyncIterator[Sequence[Any]]:
        """Every row up to ``most``, a batch at a time; rows that come meanwhile may be missed."""
        told, after = 0, asked.after
        while told < most:
            limit = min(batch, most - told)
            page = await self.page(Asked(asked.filters, asked.order, asked.is_descending, after, limit))
            if page.rows:
                yield page.rows
            told, after = told + len(page.rows), page.following
            if after is None:
                return

    def statement(self, asked: Asked) -> tuple[str, list[object]]:
        """The statement of a page, which asks for one row more than is shown, and its values."""
        order, values = self.orders[asked.order], list[object]()
        conditions = []
        for name, value in asked.filters.items():
            if value is not None:
                values.append(value)
                conditions.append(f"({self.filters[name].replace('{}', f'${len(values)}')})")
        if asked.after is not None:
            at, key = self._read(asked.after, asked)
            values += [at, key]
            sign = "<" if asked.is_descending else ">"
            conditions.append(
                f"({order.expression}, {self.key.expression}) {sign}"
                f" (${len(values) - 1}::text::{order.type}, ${len(values)}::text::{self.key.type})"
            )
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        way = " DESC" if asked.is_descending else ""
        values.append(asked.limit + 1)
        # Every part of it is said by the area in its code; what somebody typed comes as a value.
        told = f"({order.expression})::text AS _at, ({self.key.expression})::text AS _key"
        by = f"{order.expression}{way}, {self.key.expression}{way}"
        statement = (
            f"SELECT {self.columns}, {told} FROM {self.source}{where} ORDER BY {by} LIMIT ${len(values)}"  # noqa: S608
        )
        return statement, values

    def _place(self, asked: Asked, row: Any) -> str:
        return cursors.written(self.name, asked.order, asked.is_descending, row["_at"], row["_key"])

    def _read(self, cursor: str, asked: Asked) -> tuple[str, str]:
        order, is_descending, at, key = cursors.read(self.name, cursor)
        if (order, is_descending) != (asked.order, asked.is_descending):
            raise BadCursor
        return at, key
