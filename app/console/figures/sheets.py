"""Sheets of numbers: a table, the plot that is drawn from it, and its export as CSV and XLSX."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

import marshmallow as ma

from app.console import exports
from app.console.doors import Desk
from app.console.site import site
from app.domain.accounts.models import StaffRole
from app.kit.errors import Fault, InvalidInput
from app.kit.web import Call, Limit, fields
from app.kit.web.pages import Form, PageQuery

_PLOTTED: Final = 40
"""So many rows a plot shows; the table beneath has all of them."""

Value = str | int | Decimal | None
Said = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of numbers; its first column names the rows.

    Args:
        name: its words are ``figures.<name>`` and ``figures.<name>.about``.
        heads: the words above the columns.
        rows: what stands in them; ``None`` is nothing that could be counted.
        plot: ``stacked`` columns, columns ``beside`` each other, ``bars`` (which lie) or ``heat``.
        drawn: the places of the columns that are drawn.
        line: the place of a column that is drawn as a line in per cent.
        warmth: for ``heat``, row by row, what colours a drawn cell: a share in per cent.
        links: where the rows' names lead, if anywhere.
        words: so many columns hold words, the rest numbers.
    """

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Value]]
    plot: str | None = None
    drawn: Sequence[int] = ()
    line: int | None = None
    warmth: Sequence[Sequence[Decimal | None]] = ()
    links: Sequence[str] = ()
    words: int = 1

    @property
    def plotted(self) -> int:
        """How many rows the plot shows."""
        return min(len(self.rows), _PLOTTED) if self.plot == "bars" else len(self.rows)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a board shows: sheets, and numbers above them as pairs of a word's key and a value."""

    sheets: Sequence[Sheet]
    numbers: Sequence[tuple[str, Value]] = ()
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Board:
    """A page of sheets.

    Args:
        name: its words are ``figures.<name>`` and ``figures.<name>.about``.
        asks: what its form asks for.
        gather: reads the sheets for what was said; a refusal says what of it was understood.
        sheets: the names of all sheets it may show.
        template: for what its form asks.
        roles: who of the desk may open it.
    """

    name: str
    asks: type[PageQuery]
    gather: Callable[[Call, Said], Awaitable[Shown]]
    sheets: Sequence[str]
    template: str
    roles: frozenset[StaffRole]


def serve(desk: Desk, board: Board, summary: str) -> None:
    """Give the desk a board, with the exports of its sheets beside it."""
    path = f"/{board.name}"
    choice = fields.Choice(list(board.sheets), required=True, metadata={"description": "哪张表"})
    exported: type[ma.Schema] = type(f"Export{board.name.title()}", (board.asks,), {"sheet": choice})

    async def show(call: Call) -> object:
        try:
            refusal: Fault | None = call.wrong
            shown = await board.gather(call, call.query)
        except InvalidInput as wrong:
            refusal, shown = wrong, await board.gather(call, wrong.understood)
        return site.page(
            call.request,
            board.template,
            member=call.caller,
            board=board,
            sheets=shown.sheets,
            numbers=shown.numbers,
            typed=call.typed,
            refusal=refusal,
            exported=lambda sheet, ending: _address(f"{desk.prefix}{path}.{ending}", call, sheet),
            **shown.told,
        )

    async def export(call: Call, form: exports.Form) -> object:
        said = {name: value for name, value in call.query.items() if name != "sheet"}
        shown = await board.gather(call, said)
        sheet = next((one for one in shown.sheets if one.name == call.query["sheet"]), None)
        if sheet is None:
            raise InvalidInput(fields={"sheet": ["按所选条件没有这张表，请返回页面重新选择"]})
        return await exports.send(
            call.caller,
            form,
            name=f"figures-{sheet.name}",
            heads=sheet.heads,
            batches=_all_at_once(sheet.rows),
            filters={name: str(value) for name, value in said.items()},
        )

    async def as_csv(call: Call) -> object:
        return await export(call, exports.Form.CSV)

    async def as_xlsx(call: Call) -> object:
        return await export(call, exports.Form.XLSX)

    show.__doc__, as_csv.__doc__, as_xlsx.__doc__ = summary, f"{summary}，导出 CSV", f"{summary}，导出 XLSX"
    desk.get(path, query=board.asks, roles=board.roles, shows_faults=True)(show)
    for ending, form, handler in (("csv", exports.Form.CSV, as_csv), ("xlsx", exports.Form.XLSX, as_xlsx)):
        desk.get(
            f"{path}.{ending}",
            query=exported,
            roles=board.roles,
            limit=Limit.WRITING,
            produces=form.value,
        )(handler)


async def _all_at_once(rows: Sequence[Sequence[Value]]) -> AsyncIterator[Sequence[Sequence[Value]]]:
    yield rows


def _address(path: str, call: Call, sheet: str) -> str:
    """Where a sheet is exported, asked for as the page was."""
    asked = {name: value for name, value in call.typed.items() if value and name in call.query}
    return f"{path}?{urlencode({**asked, 'sheet': sheet})}"


class Ask(Form, PageQuery):
    """What a board's form asks for: what is left empty is not asked for."""
