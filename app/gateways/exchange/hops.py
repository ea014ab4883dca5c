"""The way of a question through several platforms, from node to node and back (F06).

A question carries the number of the request and the stations it has passed, ours added before it leaves;
its answer carries those above, with the time each took. A node below that asks through us gives its own way
along. A question that comes back to a station, or has passed eight, goes no further: it would run in circles,
and where equal questions share one answer it would wait for itself.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from app.kit import ids
from app.kit.errors import InvalidInput, Refused
from config import settings
from config.logging import request_id_var

REQUEST_ID: Final = "X-Exchange-Request-Id"
"""The number of the request at the first station; every other hands it on and writes it down."""
HOPS: Final = "X-Exchange-Hops"
"""The stations of the way, of an answer with their milliseconds: ``gd-gateway;12, national;30``."""
MOST: Final = 8
"""Stations a question may pass, the last one that asks included."""

_HOP: Final = re.compile(r"\s*([A-Za-z0-9._-]{1,40})(?:;(\d{1,6}))?\s*")
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{1,32}")


class WayInCircles(Refused):
    """The question has been here before."""

    code = "exchange_way_in_circles"
    message = "这项查询已经过本节点，再转发会循环，请核对上下级节点的对接关系和节点名称"


class WayTooLong(Refused):
    """The question has passed as many stations as one may."""

    code = "exchange_way_too_long"
    message = f"这项查询已经过 {MOST} 级节点，不再转发，请直接向数源部门查询"


@dataclass(slots=True)
class Way:
    """The stations ``below`` us a question came through, and those ``above`` us once its answer told them."""

    below: tuple[str, ...] = ()
    above: str = ""

    @property
    def sent(self) -> str:
        """The stations with which a question leaves us."""
        return ",".join((*self.below, settings.current().exchange_node))

    @property
    def whole(self) -> str:
        """All of them, as the call log keeps them."""
        return f"{self.sent},{self.above}" if self.above else self.sent

    def back(self, took_ms: int) -> str:
        """The stations that the answer tells the node below, ours with its milliseconds first."""
        here = f"{settings.current().exchange_node};{took_ms}"
        return f"{here},{self.above}" if self.above else here


_way: ContextVar[Way | None] = ContextVar("exchange_way", default=None)


def way() -> Way:
    """The way of the question under way; one that begins here has nothing below."""
    return _way.get() or Way()


@contextmanager
def relayed(headers: Mapping[str, str]) -> Iterator[Way]:
    """Ask inside for a node below, whose question came with these headers.

    Raises InvalidInput for stations that cannot be read, WayInCircles and WayTooLong.
    """
    below = _below(headers.get(HOPS, ""))
    number = headers.get(REQUEST_ID, "")
    request = request_id_var.set(number if _REQUEST_ID.fullmatch(number) else request_id_var.get())
    found = Way(below)
    token = _way.set(found)
    try:
        yield found
    finally:
        _way.reset(token)
        request_id_var.reset(request)


def own_request_id() -> str:
    """The number of the request that is served, or a fresh one for a job."""
    return request_id_var.get() or ids.uuid7().hex


def hops_of(headers: Mapping[str, str]) -> str:
    """The stations an answer told, at most eight; what is no station's name is left out."""
    told = headers.get(HOPS, "")[:1000].split(",")
    found = [match for part in told if (match := _HOP.fullmatch(part))]
    return ",".join(f"{one[1]};{one[2]}" if one[2] else one[1] for one in found[:MOST])


def _below(told: str) -> tuple[str, ...]:
    """The names of the stations a question has passed, the first one first."""
    parts = told.split(",") if told else []
    if len(parts) >= MOST:
        raise WayTooLong
    found = [_HOP.fullmatch(part) for part in parts]
    names = tuple(one[1] for one in found if one is not None)
    if len(names) < len(found):
        raise InvalidInput(fields={HOPS: ["应为逗号分隔的节点名称：字母、数字、点、- 和 _，每个最多 40 位"]})
    if settings.current().exchange_node.casefold() in {name.casefold() for name in names}:
        raise WayInCircles
    return names
