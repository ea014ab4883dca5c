"""Where a page of one's own cases ended, as every face writes it."""

from datetime import datetime, timedelta
from typing import Final

from app.domain.cases.progress import CaseProgress
from app.kit import cursors
from app.kit.clock import SHANGHAI

_LIST: Final = "cases"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=SHANGHAI)
_MICROSECOND: Final = timedelta(microseconds=1)


def written(last: CaseProgress) -> str:
    """The place behind a case."""
    return cursors.written(_LIST, (last.updated_at - _EPOCH) // _MICROSECOND, last.number)


def read(cursor: str) -> tuple[datetime, str]:
    """Moment and number of the case behind which to go on. Raises BadCursor."""
    moment, number = cursors.read(_LIST, cursor)
    return _EPOCH + moment * _MICROSECOND, number
