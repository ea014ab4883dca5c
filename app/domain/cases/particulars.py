"""What an office tells of a case beside its steps: 受理编号, fees, 排队号, what the applicant gets. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain.cases import numbers
from app.domain.cases.errors import BadAcceptanceNumber
from app.domain.cases.models import Case


@dataclass(frozen=True, slots=True)
class Particulars:
    """What a step tells; what it leaves out stays as it is.

    ``fee`` is 应收, ``paid`` 实收, both in yuan; with ``is_paid`` the fee has been paid, or has not.
    ``results`` are 证件、批文 by name and number.
    """

    acceptance_number: str = ""
    fee: Decimal | None = None
    is_paid: bool | None = None
    paid: Decimal | None = None
    queue_number: str = ""
    results: Sequence[str] = ()


NOTHING = Particulars()


def check(told: Particulars) -> None:
    """Raises BadAcceptanceNumber for one that nobody could look up."""
    if told.acceptance_number and not numbers.acceptance(told.acceptance_number):
        raise BadAcceptanceNumber


def note(case: Case, told: Particulars) -> None:
    """Write into the case what a step tells of it."""
    case.acceptance_number = told.acceptance_number or case.acceptance_number
    case.queue_number = told.queue_number or case.queue_number
    case.fee = case.fee if told.fee is None else told.fee
    if told.paid is not None:
        case.paid = told.paid
    elif told.is_paid is not None:
        case.paid = (case.fee or Decimal(0)) if told.is_paid else Decimal(0)
    case.results = list(told.results) or case.results


def authority_of(case: Case) -> str:
    """实施主体 of a case: its number says it, or the system that handed it in; empty where neither does."""
    return numbers.authority_of(case.number) or case.authority or ""
