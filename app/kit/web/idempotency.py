"""Idempotency keys: a retried request gets the answer the first one got.

Same key and same request: the same answer. Same key, other request: 422. The key is claimed in
PostgreSQL before the deed, and the claim is renewed for as long as the deed takes; one whose maker died
is taken over when its time is up. Deeds that must not happen twice guard themselves by the key as well
(``appointment.request_key``).
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sanic import HTTPResponse, Request

from app.kit import clock, db
from app.kit.errors import Fault, InvalidInput, Refused
from app.kit.web.problems import problem, request_id_of

log = logging.getLogger("weiban.idempotency")

_CLAIM = timedelta(seconds=15)
_RENEW_S = 4.0
_LONGEST_WAIT_S = 10.0
_KEY = re.compile(r"\A[!-~]{1,120}\Z")


class StillWorking(Refused):
    """The first request with this key has not been answered yet."""

    code = "still_working"
    message = "相同的请求正在处理，请稍后用同一个 Idempotency-Key 重试"


def checked(key: str) -> str:
    """The key if it is well formed."""
    if not _KEY.match(key):
        raise InvalidInput(fields={"Idempotency-Key": ["应为 1 到 120 位可见 ASCII 字符"]})
    return key


async def once(
    caller: str, key: str, request: Request, act: Callable[[], Awaitable[HTTPResponse]]
) -> HTTPResponse:
    """Do the deed unless this key already has an answer; then give that."""
    digest = hashlib.sha256(
        b"\0".join((request.method.encode(), request.path.encode(), _said(request)))
    ).digest()
    claim = await _claim_or_wait(caller, key, digest)
    if isinstance(claim, HTTPResponse):
        return claim
    try:
        async with _renewed(claim):
            answer = await act()
    except Fault as fault:
        if fault.status >= 500 or fault.status == 429:
            await _forget(claim)
        else:
            await _remember(claim, problem(fault, request_id_of(request)))
        raise
    except BaseException:
        await _forget(claim)
        raise
    await _remember(claim, answer)
    return answer


@dataclass(slots=True)
class _Claim:
    """Our claim on a key; ``until`` also tells it from that of whoever took the key over after us."""

    id: int
    until: datetime


@asynccontextmanager
async def _renewed(claim: _Claim) -> AsyncIterator[None]:
    """Keep a claim ours for as long as the deed takes: a repeat of it waits, or is told to come back."""
    renewing = asyncio.create_task(_renew(claim))
    try:
        yield
    finally:
        renewing.cancel()
        await asyncio.wait([renewing])


async def _renew(claim: _Claim) -> None:
    is_ours = True
    while is_ours:
        await asyncio.sleep(_RENEW_S)
        until = clock.now() + _CLAIM
        try:
            is_ours = bool(await db.execute(_RENEW_SQL, claim.id, claim.until, until))
        except Exception as lost:  # noqa: BLE001  The deed goes on, and the next time may succeed.
            log.warning("a claim could not be renewed: %s", type(lost).__name__)
        else:
            claim.until = until


def _said(request: Request) -> bytes:
    """What a request says. A form with files is written anew each time, parted by other signs."""
    if not request.files:
        return request.body
    parts = [(name, "", value.encode()) for name, values in (request.form or {}).items() for value in values]
    parts += [(name, one.name, one.body) for name, given in request.files.items() for one in given]
    return b"\0".join(
        f"{name}\0{file}\0{hashlib.sha256(content).hexdigest()}".encode() for name, file, content in parts
    )


async def _claim_or_wait(caller: str, key: str, digest: bytes) -> _Claim | HTTPResponse:
    """Our claim, or the answer the key already has. Raises StillWorking."""
    waited = 0.0
    while True:
        now = clock.now()
        row = await db.fetch_one(_CLAIM_SQL, caller, key, digest, now + _CLAIM, now)
        if row is not None:
            return _Claim(row["id"], now + _CLAIM)
        row = await db.fetch_one(
            "SELECT request_hash, status, answer FROM idempotency_key WHERE caller = $1 AND key = $2",
            caller,
            key,
        )
        if row is not None:
            if bytes(row["request_hash"]) != digest:
                raise InvalidInput(fields={"Idempotency-Key": ["这个键已用于另一个请求，请换一个新的"]})
            if row["status"] is not None:
                return _replay(row)
        if waited >= _LONGEST_WAIT_S:
            raise StillWorking
        await asyncio.sleep(0.05)
        waited += 0.05


_CLAIM_SQL = """
INSERT INTO idempotency_key AS k (caller, key, request_hash, claimed_until) VALUES ($1, $2, $3, $4)
ON CONFLICT (caller, key) DO UPDATE SET claimed_until = $4
WHERE k.status IS NULL AND k.claimed_until < $5 AND k.request_hash = $3
RETURNING id
"""


_RENEW_SQL = """
UPDATE idempotency_key SET claimed_until = $3 WHERE id = $1 AND claimed_until = $2 AND status IS NULL
"""


async def _remember(claim: _Claim, answer: HTTPResponse) -> None:
    """Keep the answer for whoever asks again; the first one stays."""
    body = answer.body or b""
    await db.execute(
        "UPDATE idempotency_key SET status = $2, answer = $3 WHERE id = $1 AND status IS NULL",
        claim.id, answer.status, body.decode(),
    )  # fmt: skip


async def _forget(claim: _Claim) -> None:
    """Let the key be claimed again, unless somebody has taken it over meanwhile."""
    await db.execute(
        "DELETE FROM idempotency_key WHERE id = $1 AND claimed_until = $2 AND status IS NULL",
        claim.id, claim.until,
    )  # fmt: skip


async def forget_old(older_than: timedelta = timedelta(days=2)) -> int:
    """Delete keys of that age: nobody retries a request after days. For a timed job; answers how many."""
    return await db.execute("DELETE FROM idempotency_key WHERE created_at < $1", clock.now() - older_than)


def _replay(row: Any) -> HTTPResponse:
    kind = "application/json" if row["status"] < 400 else "application/problem+json"
    return HTTPResponse(
        row["answer"], status=row["status"], content_type=kind, headers={"idempotency-replayed": "true"}
    )
