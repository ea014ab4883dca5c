"""Cases handed in and on their way."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from app.domain.cases import service
from app.domain.cases.history import NewCase, Step
from app.domain.cases.models import Case
from app.domain.cases.models import CaseState as S
from app.kit import clock

CODE = "K7M2XQ"
HANDED_IN = datetime(2026, 11, 16, 9, 0, tzinfo=clock.SHANGHAI)

_serials = count(1)


def case_number() -> str:
    """A number in the official form; a new one each time."""
    return f"11440106MB2DEMA029344013101200120261116{next(_serials):04d}"


def step(to: S, *, days: int = 1, text: str = "理由和要求", **values: Any) -> Step:
    """A step some days after the case was handed in; an acceptance is due in two weeks."""
    at = HANDED_IN + timedelta(days=days)
    due_on = (at + timedelta(days=14)).date() if to is S.ACCEPTED else None
    return Step(**{"to": to, "at": at, "office": "天河区审核岗", "text": text, "due_on": due_on, **values})


async def make_case(*path: S, number: str | None = None, **values: Any) -> Case:
    """A case along a path, one step a day; ``values`` are those of a new case."""
    new = NewCase(
        **{
            "number": number or case_number(),
            "item_name": "食品经营许可（新办）",
            "office": "天河区受理窗口",
            **values,
        }
    )
    case, _ = await service.submit(new, at=HANDED_IN, text="已收到材料", query_code=CODE)
    for days, to in enumerate(path, start=1):
        case = await service.record(case.number, step(to, days=days))
    return case
