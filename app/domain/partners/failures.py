"""Telling a failure that passes by itself from a message that breaks whatever takes it in."""

from typing import Final

from asyncpg import InterfaceError, InternalClientError, PostgresConnectionError
from asyncpg.exceptions import (
    CannotConnectNowError,
    InsufficientResourcesError,
    LockNotAvailableError,
    OperatorInterventionError,
    QueryCanceledError,
    TransactionRollbackError,
)
from tortoise.exceptions import DBConnectionError

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
