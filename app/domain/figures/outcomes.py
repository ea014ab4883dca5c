"""What appointments came to, side by side, and how many people did not come."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain.appointments.models import AppointmentStatus
from app.domain.figures import queries, rules
from app.domain.figures.periods import Period
from app.domain.figures.queries import By, Key


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Some appointments by what became of them; ``open`` ones are still to come or under way."""

    open: int = 0
    done: int = 0
    no_show: int = 0
    cancelled: int = 0
    cancelled_by_hall: int = 0

    @property
    def booked(self) -> int:
        """All of them."""
        return self.open + self.done + self.no_show + self.cancelled + self.cancelled_by_hall

    @property
    def no_show_rate(self) -> Decimal | None:
        """爽约率 in per cent: of those that were to be attended and are over, how many were not."""
        return rules.percent(self.no_show, self.no_show + self.done)


async def told_apart(
    *by: By, period: Period, hall_ids: Sequence[int] | None = None
) -> Mapping[Key, Outcomes]:
    """The outcomes of a period, told apart ``by`` these; see ``queries.counted``."""
    found = await queries.counted(*by, By.OUTCOME, period=period, hall_ids=hall_ids)
    gathered: dict[Key, dict[AppointmentStatus, int]] = defaultdict(dict)
    for (*key, status), number in found.items():
        gathered[tuple(key)][AppointmentStatus(str(status))] = number
    return {key: _outcomes(numbers) for key, numbers in gathered.items()}


def _outcomes(numbers: Mapping[AppointmentStatus, int]) -> Outcomes:
    ended = {name: numbers.get(AppointmentStatus(name), 0) for name in _ENDS}
    return Outcomes(open=sum(numbers.values()) - sum(ended.values()), **ended)


_ENDS = ("done", "no_show", "cancelled", "cancelled_by_hall")
