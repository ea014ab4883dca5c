"""对接: a system is given a class, and goes the way of that class until it is live (SM-CONN)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from tortoise.exceptions import IntegrityError

from app.domain.accounts.staff import StaffMember
from app.domain.connections import history, rules
from app.domain.connections.errors import ConnectedAlready, SystemNotFound
from app.domain.connections.history import Words
from app.domain.connections.models import (
    CensusSystem,
    Connection,
    ConnectionCategory,
    ConnectionState,
)
from app.domain.connections.rules import LONGEST_DOCUMENT, LONGEST_NOTE, Decision
from app.kit import clock, db

_LONGEST_PATH = 200


async def survey(member: StaffMember, system_id: int) -> None:
    """Begin anew with a system whose connection is offline.

    Raises NotAllowed, SystemNotFound, or ConnectedAlready while it has a connection under way.
    """
    history.check_may_change(member)
    if not (0 < system_id < 2**63 and await CensusSystem.filter(id=system_id).exists()):
        raise SystemNotFound
    try:
        async with db.transaction():
            made = await Connection.create(system_id=system_id)
            await history.write(made, "surveyed", Words(), member.caller_id)
            await history.tell(member.caller_id, "connection.surveyed", _named(system_id))
    except IntegrityError as double:
        raise ConnectedAlready from double


async def classify(member: StaffMember, system_id: int, told: Decision) -> None:
    """Give a connection its class, or another one, by a document.

    Raises NotAllowed, NotConnecting, NotNow, or BadStep for what the class needs.
    """

    def decide(connection: Connection) -> Words:
        rules.check_may_decide(connection.state, connection.category, told)
        connection.due_on, connection.next_check_on = told.due_on, told.next_check_on
        return Words(category=told.category, document_number=told.document_number)

    await _step(member, system_id, "classified", ConnectionState.CLASSIFIED, decide)


async def advance(member: StaffMember, system_id: int, to: ConnectionState, note: str | None = None) -> None:
    """The way of classes ① and ②: integrating, testing, live, degraded, offline.

    Raises NotAllowed, NotConnecting, NotNow, NotThrough for a connection without all three ticks, or
    BadStep for a note that is too long.
    """

    def go(connection: Connection) -> Words:
        rules.check_way(connection.state, connection.category, to)
        rules.check_through(to, is_through=_is_through(connection))
        if note is not None:
            rules.check_words(说明=(note, LONGEST_NOTE))
        return Words(note=note)

    await _step(member, system_id, to.value, to, go)


async def quote(member: StaffMember, system_id: int, cost: Decimal, document_number: str) -> None:
    """What connecting a system of class ③ costs. Raises NotAllowed, NotConnecting, NotNow or BadStep."""

    def price(connection: Connection) -> Words:
        rules.check_step(connection.state, connection.category, ConnectionState.QUOTED)
        rules.check_words(文号=(document_number, LONGEST_DOCUMENT))
        rules.check_cost(cost)
        connection.cost, connection.quotation = cost, document_number
        return Words(document_number=document_number, note=f"报价 {cost} 元")

    await _step(member, system_id, "quoted", ConnectionState.QUOTED, price)


async def fund(member: StaffMember, system_id: int, document_number: str) -> None:
    """The cost is approved; what follows is class ②. Raises as ``quote``."""

    def approve(connection: Connection) -> Words:
        rules.check_step(connection.state, connection.category, ConnectionState.FUNDED)
        rules.check_words(文号=(document_number, LONGEST_DOCUMENT))
        connection.approval = document_number
        return Words(document_number=document_number)

    await _step(member, system_id, "funded", ConnectionState.FUNDED, approve)


async def follow_up(member: StaffMember, system_id: int, note: str, next_check_on: date) -> None:
    """Somebody asked how it stands: the province in class ④, in ⑤ whether the time has come.

    Raises as ``quote``.
    """

    def ask(connection: Connection) -> Words:
        is_following = connection.category is ConnectionCategory.PROVINCE_FIRST
        to = ConnectionState.FOLLOWING if is_following else ConnectionState.RECHECK
        rules.check_step(connection.state, connection.category, to)
        rules.check_words(说明=(note, LONGEST_NOTE))
        rules.check_ahead(next_check_on, clock.today())
        connection.state, connection.next_check_on = to, next_check_on
        return Words(note=note)

    await _step(member, system_id, "followed_up", None, ask)


async def report(
    member: StaffMember, system_id: int, document_number: str, entry_path: str, next_check_on: date
) -> None:
    """A declined connection of class ⑤ is reported upwards, and people enter twice meanwhile.

    Raises as ``quote``.
    """

    def file(connection: Connection) -> Words:
        rules.check_step(connection.state, connection.category, ConnectionState.REPORTED)
        rules.check_words(文号=(document_number, LONGEST_DOCUMENT), 录入方式=(entry_path, _LONGEST_PATH))
        rules.check_ahead(next_check_on, clock.today())
        connection.report, connection.entry_path = document_number, entry_path
        connection.next_check_on = next_check_on
        return Words(document_number=document_number, note=entry_path)

    await _step(member, system_id, "reported", ConnectionState.REPORTED, file)


async def tick(
    member: StaffMember,
    system_id: int,
    *,
    network: bool | None = None,
    data: bool | None = None,
    business: bool | None = None,
) -> None:
    """三通: note what is through, 网络通, 数据通, 业务通; ``None`` leaves a tick as it is.

    Raises NotAllowed, NotConnecting, or NotThrough for taking one off a connection that is live.
    """

    def mark(connection: Connection) -> Words:
        connection.has_network = connection.has_network if network is None else network
        connection.has_data = connection.has_data if data is None else data
        connection.has_business = connection.has_business if business is None else business
        rules.check_through(connection.state, is_through=_is_through(connection))
        ticks = zip(("网络", "数据", "业务"), (network, data, business), strict=True)
        return Words(
            note="，".join(f"{name}{'通' if on else '不通'}" for name, on in ticks if on is not None)
        )

    await _step(member, system_id, "ticked", None, mark)


async def _step(
    member: StaffMember,
    system_id: int,
    kind: str,
    to: ConnectionState | None,
    change: Callable[[Connection], Words],
) -> None:
    """One deed in one transaction; ``change`` judges the row and changes it."""
    history.check_may_change(member)
    async with db.transaction():
        connection = await history.locked(system_id)
        words = change(connection)
        await history.write(connection, kind, words, member.caller_id, to)
        await history.tell(
            member.caller_id, f"connection.{kind}", _named(system_id),
            state=connection.state.value, category=connection.category, document=words.document_number,
        )  # fmt: skip


def _is_through(connection: Connection) -> bool:
    return bool(connection.has_network and connection.has_data and connection.has_business)


def _named(system_id: int) -> str:
    return f"system:{system_id}"
