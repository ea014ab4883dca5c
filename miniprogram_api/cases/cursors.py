"""Where a page of one's own cases ended."""

import base64
import binascii
from datetime import datetime, timedelta
from typing import Final

import orjson

from app.domain.cases.progress import CaseProgress
from app.domain.halls.errors import BadCursor
from app.kit.clock import SHANGHAI

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=SHANGHAI)
_MICROSECOND: Final = timedelta(microseconds=1)
_LONGEST_NUMBER: Final = 64
_MOST: Final = timedelta(days=365 * 1000) // _MICROSECOND


def written(last: CaseProgress) -> str:
    """The place behind a case."""
    place = orjson.dumps([(last.updated_at - _EPOCH) // _MICROSECOND, last.number])
    return base64.urlsafe_b64encode(place).rstrip(b"=").decode()


def read(cursor: str) -> tuple[datetime, str]:
    """Moment and number of the case behind which to go on. Raises BadCursor."""
    try:
        moment, number = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if type(moment) is not int or type(number) is not str or len(number) > _LONGEST_NUMBER:
            raise BadCursor
        if not -_MOST < moment < _MOST:  # Farther away PostgreSQL and we do not agree on days.
            raise BadCursor
        if not number.isascii() or not number.isprintable():
            raise BadCursor
        return _EPOCH + moment * _MICROSECOND, number
    except (ValueError, TypeError, OverflowError, binascii.Error):
        raise BadCursor from None
