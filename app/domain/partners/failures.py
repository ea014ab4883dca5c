"""Telling a failure that passes by itself from a message that breaks whatever takes it in."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from asyncpg import InterfaceError, InternalClientError, PostgresConnectionError
from asyncpg.exceptions import (
    CannotConnectNowError,
    DeadlockDetectedError,
    InsufficientResourcesError,
    LockNotAvailableError,
    OperatorInterventionError,
    QueryCanceledError,
    TransactionRollbackError,
)
from tortoise.exceptions import DBConnectionError

from app.kit.errors import UpstreamDown

T = TypeVar("T")

_ATTEMPTS: Final = 3

_PASSING: Final = (
    DBConnectionError,
    PostgresConnectionError,
    CannotConnectNowError,
    InterfaceError,
    InternalClientError,
    InsufficientResourcesError,
    OperatorInterventionError,
    QueryCanceledError,
    LockNotAvailableError,
    TransactionRollbackError,
    OSError,
    TimeoutError,
)


def is_passing(failure: BaseException | None) -> bool:
    """Whether a failure, or what caused it, is a store that will come back; then the system pushes again."""
    while failure is not None:
        if isinstance(failure, ValueError):  # asyncpg's word for a value no column takes; it is bad for ever.
            return False
        if isinstance(failure, _PASSING):
            return True
        failure = failure.__cause__  # Tortoise wraps what asyncpg raised.
    return False


async def repeated(act: Callable[[], Awaitable[T]]) -> T:
    """Do it again if the database had to end a deadlock, which only another system's pushes can make.

    Raises UpstreamDown if it had to every time.
    """
    for _ in range(_ATTEMPTS):
        try:
            return await act()
        except DeadlockDetectedError:
            continue
    raise UpstreamDown(retry_after=1)
