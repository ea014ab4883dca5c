"""The press: files that take long to make are made one after the other, beside the requests under way.

What draws or writes them (``app.kit.pdf``, openpyxl, icalendar) weighs up to twenty megabytes, and most
workers never need it: so whoever has a file made imports its maker there, in the press, and not with the
server.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Final

# A file takes some tenths of a second of the processor, which others need, too: so there is one thread, and
# it is busy until its file is done, even if whoever asked has gone away meanwhile.
_press: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="press")


async def made(make: Callable[[], bytes]) -> bytes:
    """What ``make`` answers, made beside the requests under way, one file after the other.

    A request that is cancelled before its turn is not made at all.
    """
    return await asyncio.get_running_loop().run_in_executor(_press, copy_context().run, make)
