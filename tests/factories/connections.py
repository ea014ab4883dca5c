"""Systems of a census, and the people who keep it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.connections import census, connecting
from app.domain.connections.models import ConnectionCategory, ConnectionState, DutyTerms, Network
from app.domain.connections.rules import Decision, DutyFacts, SystemFacts
from tests.factories.notices import member

DUE = date(2026, 12, 31)


def admin() -> StaffMember:
    return member(StaffRole.SYSTEM_ADMIN)


def supervisor() -> StaffMember:
    return member(StaffRole.SUPERVISOR)


def facts(name: str = "不动产登记系统", department: str = "市自然资源局", **given: Any) -> SystemFacts:
    """A system as the census finds it."""
    return SystemFacts(**{"department": department, "name": name, "network": Network.GOVERNMENT, **given})


def decision(category: ConnectionCategory, document_number: str = "汴政办〔2016〕7号") -> Decision:
    """A class with the date it needs."""
    if category in (ConnectionCategory.PROVINCE_FIRST, ConnectionCategory.DECLINED):
        return Decision(category, document_number, next_check_on=DUE)
    is_dated = category is not ConnectionCategory.DIRECT
    return Decision(category, document_number, due_on=DUE if is_dated else None)


async def system(
    category: ConnectionCategory | None = None, name: str = "不动产登记系统", **given: Any
) -> int:
    """A system in the census, classified if a class is told; answers its id."""
    system_id = await census.register(admin(), facts(name, **given))
    if category is not None:
        await connecting.classify(admin(), system_id, decision(category))
    return system_id


async def walk(system_id: int, states: Sequence[ConnectionState]) -> None:
    """Go on through these states, with all three ticks set before it is live."""
    for state in states:
        if state is ConnectionState.LIVE:
            await connecting.tick(admin(), system_id, network=True, data=True, business=True)
        await connecting.advance(admin(), system_id, state)


def duty(data: str = "婚姻登记信息", **given: Any) -> DutyFacts:
    """A line of the list of duties."""
    told = {"supplier": "市民政局", "due_on": DUE, "terms": DutyTerms.UNCONDITIONAL}
    return DutyFacts(**{**told, "data": data, "document_number": "国办发〔2018〕45号", **given})
