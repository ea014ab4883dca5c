"""What 行政许可法 says about time: its limits as numbers, and the moments they lead to.

Pure: it gets the work calendar and moments. 第八十二条 makes every day of the law a working day.
"""

from datetime import date, datetime, timedelta

from app.domain.cases import clock
from app.domain.cases.clock import TimeLimit
from app.domain.cases.models import LimitUnit
from app.domain.halls.calendar import WorkCalendar

CORRECTION_NOTICE = 5
"""Days for the one notice of everything to correct; who keeps silent has accepted (32条)."""
DECISION = TimeLimit(20, LimitUnit.WORKING_DAY)
DECISION_EXTENSION = 10
"""Days by which the head of the office may extend it, telling why (42条)."""
JOINT_DECISION = TimeLimit(45, LimitUnit.WORKING_DAY)
JOINT_EXTENSION = 15
"""The same where several offices decide together (42条)."""
FIRST_REVIEW = TimeLimit(20, LimitUnit.WORKING_DAY)
"""For the review by a lower office before a higher one decides (43条)."""
DELIVERY = 10
"""Days after the decision to hand out or serve the licence (44条)."""
HEARING_REQUEST = 5
"""Days after being told of it to ask for a hearing (47条)."""
HEARING_HELD = 20
"""Days after that within which it is held (47条)."""
HEARING_NOTICE = 7
"""Days before the hearing by which time and place are told (48条)."""


def notice_due(calendar: WorkCalendar, received_at: datetime) -> datetime:
    """Until when an office may say what to correct, or that it does not accept."""
    return clock.later(calendar, received_at, CORRECTION_NOTICE)


def is_silent(calendar: WorkCalendar, received_at: datetime, now: datetime) -> bool:
    """Whether an office has said nothing for so long that it accepted on the day of receipt (32条)."""
    return now > notice_due(calendar, received_at)


def delivery_due(calendar: WorkCalendar, decided_at: datetime) -> datetime:
    """Until when the result is handed out or served."""
    return clock.later(calendar, decided_at, DELIVERY)


def longest_extension(legal: TimeLimit | None) -> int:
    """By how many days a decision may be extended: more where offices decide together."""
    is_joint = legal is not None and legal.unit is LimitUnit.WORKING_DAY and legal.amount > DECISION.amount
    return JOINT_EXTENSION if is_joint else DECISION_EXTENSION


def hearing_request_due(calendar: WorkCalendar, told_on: date) -> date:
    """Until when an applicant or somebody concerned may ask for a hearing."""
    return calendar.add_workdays(told_on, HEARING_REQUEST)


def hearing_due(calendar: WorkCalendar, asked_on: date) -> date:
    """Until when the hearing is held."""
    return calendar.add_workdays(asked_on, HEARING_HELD)


def hearing_notice_due(calendar: WorkCalendar, hearing_on: date) -> date:
    """The last day on which time and place may be told; the day of the hearing is not counted."""
    on, left = hearing_on, HEARING_NOTICE
    while left:
        on -= timedelta(days=1)
        left -= calendar.is_workday(on)
    return on
