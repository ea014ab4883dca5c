"""Passwords of staff, hashed with Argon2id (RFC 9106).

19 MiB of memory, two passes, one lane: the OWASP Password Storage Cheat Sheet's parameters for servers,
about 20 ms each. Two at a time run beside the event loop, so a flood of sign-ins costs 38 MiB at most.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")

NOBODY = _hasher.hash("the password of nobody")
"""Compared with where there is no such user, so that the answer takes as long as any other."""


async def hashed(password: str) -> str:
    """The encoded Argon2id hash, salt and parameters included."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def matches(password_hash: str, password: str) -> bool:
    """Whether the password is the one behind the hash."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _verify, password_hash, password)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
