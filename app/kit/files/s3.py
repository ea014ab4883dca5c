"""A store of files in a private bucket of an S3-compatible service, whose addresses nobody is told."""

import hashlib
from asyncio import Lock, to_thread
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiobotocore.config import AioConfig  # type: ignore[import-untyped]
from aiobotocore.session import get_session  # type: ignore[import-untyped]
from botocore.exceptions import (  # type: ignore[import-untyped]
    BotoCoreError,
    ClientError,
    HTTPClientError,
)

from app.kit.files import damage
from app.kit.files.contract import FileLost, StoreDown

_ABSENT: Final = frozenset({"404", "NoSuchKey", "NotFound"})
# Checksums of newer services are left out: older ones refuse them, and the signature covers the bytes anyway.
_CONFIG: Final = AioConfig(
    connect_timeout=3,
    read_timeout=20,
    retries={"max_attempts": 2, "mode": "standard"},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    s3={"addressing_style": "path", "payload_signing_enabled": True},
)
_FAILURES: Final = (ClientError, BotoCoreError, HTTPClientError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Access:
    """Where the service is, the bucket, and who we are there."""

    endpoint: str
    bucket: str
    key: str
    secret: str
    region: str

    def __repr__(self) -> str:
        return f"Access({self.endpoint}, {self.bucket})"


class Bucket:
    """One pool of connections to a bucket, opened at its first use."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._open = AsyncExitStack()
        self._client: Any = None
        self._opening = Lock()

    async def client(self) -> Any:
        """The client of the service."""
        async with self._opening:
            if self._client is None:
                told = self.access
                made = get_session().create_client(
                    "s3",
                    endpoint_url=told.endpoint,
                    region_name=told.region,
                    aws_access_key_id=told.key,
                    aws_secret_access_key=told.secret,
                    config=_CONFIG,
                )
                self._client = await self._open.enter_async_context(made)
        return self._client

    async def close(self) -> None:
        """Give the connections back."""
        await self._open.aclose()
        self._client = None


class S3Store:
    """Files under ``room/ab/ab…`` of a bucket."""

    def __init__(self, bucket: Bucket, room: str) -> None:
        self._bucket = bucket
        self._room = room

    async def put(self, content: bytes) -> str:
        sha256 = await to_thread(lambda: hashlib.sha256(content).hexdigest())
        if await to_thread(_is_of, await self._head(sha256), content):
            return sha256
        async with _or_down():
            client = await self._bucket.client()
            await client.put_object(**self._at(sha256), Body=content, ContentType="application/octet-stream")
        return sha256

    async def read(self, sha256: str) -> bytes:
        try:
            client = await self._bucket.client()
            answer = await client.get_object(**self._at(sha256))
            async with answer["Body"] as body:
                content: bytes = await body.read()
        except _FAILURES as failed:
            if _is_absent(failed):
                raise damage.lost(sha256, "missing") from _bare(failed)
            raise FileLost from _bare(failed)
        return await to_thread(damage.whole, sha256, content)

    async def exists(self, sha256: str) -> bool:
        return await self._head(sha256) is not None

    async def delete(self, sha256: str) -> None:
        async with _or_down():
            client = await self._bucket.client()
            await client.delete_object(**self._at(sha256))

    async def sweep(self, before: datetime) -> int:
        """A service takes an object whole in one request, so nothing is ever left half done."""
        del before
        return 0

    async def _head(self, sha256: str) -> dict[str, Any] | None:
        """What the service says of the object under a hash, or ``None``. Raises StoreDown."""
        async with _or_down():
            client = await self._bucket.client()
            try:
                told: dict[str, Any] = await client.head_object(**self._at(sha256))
            except ClientError as refused:
                if _is_absent(refused):
                    return None
                raise
            return told

    def _at(self, sha256: str) -> dict[str, str]:
        room = f"{self._room}/" if self._room else ""
        return {"Bucket": self._bucket.access.bucket, "Key": f"{room}{sha256[:2]}/{sha256}"}


def _is_of(head: dict[str, Any] | None, content: bytes) -> bool:
    """Whether an object holds these bytes, by its ETag.

    That of an object put in one request is the MD5 of its bytes, so one that was replaced is noticed. Where
    a service encrypts by keys of its own it is not, and the object is put again, which does no harm.
    """
    if head is None:
        return False
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return str(head.get("ETag", "")).strip('"') == md5


def _is_absent(failure: BaseException) -> bool:
    return isinstance(failure, ClientError) and failure.response.get("Error", {}).get("Code") in _ABSENT


@asynccontextmanager
async def _or_down() -> AsyncIterator[None]:
    try:
        yield
    except _FAILURES as failed:
        raise StoreDown from _bare(failed)


def _bare(failure: BaseException) -> Exception:
    """What went wrong without the words of the service, which may name keys and addresses."""
    return RuntimeError(type(failure).__name__)
