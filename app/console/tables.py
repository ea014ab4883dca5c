"""Tables of the desks: one declaration gives filtering, sorting, keyset pages and exports as CSV and XLSX."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

import marshmallow as ma
from sanic import Request

from app.console import exports
from app.console.doors import Desk
from app.console.site import site
from app.domain.accounts.staff import StaffMember
from app.kit import cursors
from app.kit.clock import SHANGHAI
from app.kit.cursors import BadCursor
from app.kit.listings import Asked, Listing
from app.kit.web import Call, Limit, fields
from app.kit.web.pages import Form, PageQuery

_ROWS: Final = 50
_MOST_EXPORTED: Final = 50_000

Narrowing = Callable[[StaffMember], Awaitable[Mapping[str, object]]]
"""Answers the filters that keep a member to the rows of their posts; they come after all others."""

Placing = Callable[[StaffMember, Mapping[str, Any]], Awaitable[Mapping[str, object]]]
"""Answers the filters that the address itself says, such as its hall; raises what is not found there."""


async def _anywhere(_: StaffMember, __: Mapping[str, Any]) -> Mapping[str, object]:
    return {}


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Args:
        name: its word is ``<table>.column.<name>``.
        shown: what of a row stands in it, already masked.
        order: the listing's order by which it sorts, if it does.
        link: where its text leads.
        words: the family of words (``case.state``) if what it holds is a code.
    """

    name: str
    shown: Callable[[Any], object]
    order: str | None = None
    link: Callable[[Any], str] | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of the listing by its name, and the field that reads it.

    Args:
        reads: checks what was typed; its word is ``<table>.filter.<name>``.
        choices: codes to choose from, if it is a choice.
        words: the family of words of the choices; none shows the choices themselves.
        asked: what the listing is asked with (``f"{typed}%"``).
    """

    name: str
    reads: ma.fields.Field[Any]
    choices: Sequence[str] = ()
    words: str | None = None
    asked: Callable[[Any], object] = field(default=lambda typed: typed)

    @property
    def is_day(self) -> bool:
        return isinstance(self.reads, fields.Day)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a desk; ``narrowed`` keeps it to the rows of one's posts, ``placed`` to its address."""

    name: str
    listing: Listing
    columns: Sequence[Column]
    filters: Sequence[Filter]
    narrowed: Narrowing
    order: str
    is_descending: bool = False
    placed: Placing = _anywhere

    def query(self) -> type[ma.Schema]:
        """The query string a page of it understands; what is left empty does not filter."""
        members: dict[str, Any] = {one.name: one.reads for one in self.filters}
        members["sort"] = fields.Choice(sorted(self.listing.orders), metadata={"description": "排序"})
        members["way"] = fields.Choice(["up", "down"], metadata={"description": "升序或降序"})
        members["after"] = fields.Text(max=cursors.LONGEST, metadata={"description": "上一页的游标"})
        return type(f"Ask{self.name.title().replace('_', '')}Table", (_TableQuery,), members)

    async def asked(self, call: Call, said: Mapping[str, Any], *, limit: int = _ROWS) -> Asked:
        """What a member asks of the listing with these words."""
        member: StaffMember = call.caller
        wanted = {
            one.name: one.asked(said[one.name]) for one in self.filters if said.get(one.name) is not None
        }
        order = said.get("sort", self.order)
        is_descending = said["way"] == "down" if "way" in said else self.is_descending
        narrowed = {**await self.narrowed(member), **await self.placed(member, call.path)}
        return Asked({**wanted, **narrowed}, order, is_descending, said.get("after"), limit)


class _TableQuery(Form, PageQuery):
    """What is left empty does not filter."""


def serve(desk: Desk, path: str, table: Table, summary: str, *, title: str = "table.html") -> None:
    """Give a desk a table at a path, with its exports beside it.

    Args:
        summary: what the table is, in Chinese, for the document of routes.
        title: a template of its own that extends ``table.html``, for what stands above the table.
    """
    query = table.query()
    shape = query()

    async def show(call: Call) -> object:
        said, typed, refusal = call.query, {name: call.typed.get(name) for name in shape.fields}, call.wrong
        try:
            found = await table.listing.page(await table.asked(call, said))
        except BadCursor as wrong:
            said, typed["after"], refusal = {**said, "after": None}, None, wrong
            found = await table.listing.page(await table.asked(call, said))
        return site.page(
            call.request,
            title,
            member=call.caller,
            desk=desk,
            path=call.path,
            table=table,
            rows=[[cell(column, row) for column in table.columns] for row in found.rows],
            links=[
                [column.link(row) if column.link else None for column in table.columns] for row in found.rows
            ],
            typed=typed,
            said=said,
            refusal=refusal,
            address=lambda **change: _address(call.request.path, typed, change),
            exported=lambda ending: _address(f"{_stem(call.request.path)}.{ending}", typed, {}),
            following=found.following,
        )

    async def export(call: Call, form: exports.Form) -> object:
        said = {name: value for name, value in call.query.items() if name != "after"}
        asked = await table.asked(call, said)
        return await exports.send(
            call.caller,
            form,
            name=table.name,
            heads=[site.said(call.request, f"{table.name}.column.{one.name}") for one in table.columns],
            batches=(
                [[_plain(call.request, one, row) for one in table.columns] for row in rows]
                async for rows in table.listing.all(asked, most=_MOST_EXPORTED)
            ),
            filters={name: str(value) for name, value in said.items()},
        )

    async def as_csv(call: Call) -> object:
        return await export(call, exports.Form.CSV)

    async def as_xlsx(call: Call) -> object:
        return await export(call, exports.Form.XLSX)

    show.__doc__, as_csv.__doc__, as_xlsx.__doc__ = summary, f"{summary}，导出 CSV", f"{summary}，导出 XLSX"
    desk.get(path, query=query, errors=(BadCursor,), shows_faults=True)(show)
    stem = _stem(path)
    desk.get(f"{stem}.csv", query=query, limit=Limit.WRITING, produces=exports.Form.CSV.value)(as_csv)
    desk.get(f"{stem}.xlsx", query=query, limit=Limit.WRITING, produces=exports.Form.XLSX.value)(as_xlsx)


def _stem(path: str) -> str:
    """What the name of an export begins with; a table that is the first page of its desk has none itself."""
    return f"{path}all" if path.endswith("/") else path


def cell(column: Column, row: Any) -> tuple[str | None, object]:
    """What stands in a cell: the family of its words if it has one, and the value."""
    value = column.shown(row)
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return (column.words if value is not None else None), value


def _plain(request: Request, column: Column, row: Any) -> str | int | Decimal | date | None:
    words, value = cell(column, row)
    if words is not None:
        return site.said(request, f"{words}.{value}")
    return value if isinstance(value, int | Decimal | date) or value is None else str(value)


def _address(path: str, typed: Mapping[str, str | None], change: Mapping[str, str | None]) -> str:
    """This table with one thing changed, from its first page on: another list has other places."""
    told = {**typed, "after": None, **change}
    query = urlencode({name: value for name, value in told.items() if value})
    return f"{path}?{query}" if query else path
