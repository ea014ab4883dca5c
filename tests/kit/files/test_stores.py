"""Both stores of files keep the same contract, on a disk and in a bucket."""

import asyncio
import hashlib
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app.kit import files
from app.kit.files import FileLost, StoreDown
from app.kit.files.damage import LOST
from app.kit.files.disk import DiskStore
from config import settings
from tests.kit.files.pretend_s3 import BUCKET, KEY, SECRET, PretendS3, pretend_s3

CONTENT = b"%PDF-1.7 a paper of somebody"
HASH = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Place:
    """Where the files of this test really are."""

    folder: Path | None = None
    service: PretendS3 | None = None

    def spoil(self, room: str, content: bytes) -> None:
        """Change what is kept behind the store's back."""
        name = f"{room}/{HASH[:2]}/{HASH}"
        if self.service is not None:
            self.service.objects[name] = content
        elif self.folder is not None:
            (self.folder / name).write_bytes(content)

    def break_down(self) -> None:
        """Nothing can be kept from here on."""
        if self.service is not None:
            self.service.is_broken = True
        elif self.folder is not None:
            self.folder.parent.mkdir(exist_ok=True)
            self.folder.write_text("a file where the folder should be")


@pytest.fixture(params=["disk", "s3"])
async def place(request: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    async with pretend_s3() as service:
        chosen = settings.current().model_copy(
            update={
                "files_store": request.param,
                "files_dir": str(tmp_path / "files"),
                "s3_endpoint": service.url,
                "s3_bucket": BUCKET,
                "s3_key": KEY,
                "s3_secret": SecretStr(SECRET),
            }
        )
        monkeypatch.setattr(settings, "current", lambda: chosen)
        yield Place(service=service) if request.param == "s3" else Place(folder=tmp_path / "files")
        await files.close()


async def test_what_is_kept_comes_back_whole_until_it_is_let_go(place: Place) -> None:
    store = files.store("cases")
    assert not await store.exists(HASH)
    assert await store.put(CONTENT) == HASH
    assert await store.exists(HASH)
    assert await store.read(HASH) == CONTENT
    await store.delete(HASH)
    await store.delete(HASH)
    assert not await store.exists(HASH)
    with pytest.raises(FileLost):
        await store.read(HASH)


async def test_rooms_do_not_empty_each_other(place: Place) -> None:
    await files.store("cases").put(CONTENT)
    await files.store("notices").put(CONTENT)
    await files.store("cases").delete(HASH)
    assert await files.store("notices").read(HASH) == CONTENT


async def test_a_changed_or_missing_file_is_never_handed_out_and_is_told_of(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    store = files.store("cases")
    await store.put(CONTENT)
    place.spoil("cases", CONTENT.replace(b"1.7", b"1.6"))
    for what in ("changed", "missing"):
        before = LOST.labels(what)._value.get()
        with caplog.at_level(logging.ERROR, "weiban.files"), pytest.raises(FileLost):
            await store.read(HASH)
        assert LOST.labels(what)._value.get() == before + 1
        assert caplog.messages[-1] == f"a kept file is {what}: {HASH}"
        await store.delete(HASH)


@pytest.mark.parametrize("spoilt", [CONTENT[:5], CONTENT.replace(b"1.7", b"1.6"), b""])
async def test_a_damaged_file_is_whole_again_once_its_bytes_come_anew(place: Place, spoilt: bytes) -> None:
    store = files.store("cases")
    await store.put(CONTENT)
    place.spoil("cases", spoilt)
    await store.put(CONTENT)
    assert await store.read(HASH) == CONTENT


async def test_many_keep_the_same_file_at_once(place: Place) -> None:
    store = files.store("cases")
    assert set(await asyncio.gather(*(store.put(CONTENT) for _ in range(10)))) == {HASH}
    assert await store.read(HASH) == CONTENT
    await files.sweep()


async def test_a_large_file_is_kept(place: Place) -> None:
    content = bytes(20 * 1024 * 1024)
    store = files.store()
    assert await store.read(await store.put(content)) == content


async def test_a_store_that_is_down_says_so_without_telling_where_it_is(place: Place) -> None:
    place.break_down()
    with pytest.raises(StoreDown) as refused:
        await files.store("cases").put(CONTENT)
    assert refused.value.status == 503
    if place.service is not None:
        assert SECRET not in repr(refused.value.__cause__)
        assert place.service.url not in repr(refused.value.__cause__)


async def test_the_same_bytes_are_sent_to_a_service_once(place: Place) -> None:
    store = files.store("cases")
    await store.put(CONTENT)
    await store.put(CONTENT)
    if place.service is not None:
        assert place.service.asked.count("PUT") == 1


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


_KEEPS = """
import asyncio, sys
from pathlib import Path
from app.kit.files.disk import DiskStore
store = DiskStore(Path(sys.argv[1]), "cases")
sys.stdin.readline()
for _ in range(20):
    assert len(asyncio.run(store.put(bytes(300_000)))) == 64
"""


def test_processes_keep_the_same_file_at_once_and_leave_nothing_behind(tmp_path: Path) -> None:
    # Each waits for a line, so that they begin together.
    keepers = [
        subprocess.Popen([sys.executable, "-c", _KEEPS, str(tmp_path)], stdin=subprocess.PIPE)
        for _ in range(3)
    ]
    for keeper in keepers:
        assert keeper.stdin is not None
        keeper.stdin.write(b"\n")
        keeper.stdin.close()
    assert [keeper.wait(30) for keeper in keepers] == [0, 0, 0]
    [kept] = files_in(tmp_path)
    assert kept.read_bytes() == bytes(300_000)


async def test_what_a_crash_left_half_written_is_swept_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings.current().model_copy(update={"files_dir": str(tmp_path)})
    monkeypatch.setattr(settings, "current", lambda: chosen)
    assert await files.sweep() == 0
    store = files.store("cases")
    with monkeypatch.context() as crash:
        # A process that is killed cleans nothing up.
        crash.setattr(Path, "replace", _die)
        crash.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(StoreDown):
            await store.put(CONTENT)
    [draft] = files_in(tmp_path)
    assert not await store.exists(HASH)
    await store.put(CONTENT)
    assert await files.sweep() == 0, "somebody may be writing it"
    old = draft.stat().st_mtime - 3700
    os.utime(draft, (old, old))
    assert await files.sweep() == 1
    assert not draft.exists()
    assert await store.read(HASH) == CONTENT


def _die(*_: object) -> None:
    raise OSError


async def test_a_name_is_on_the_disk_before_a_file_counts_as_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled: list[str] = []
    settle = os.fsync

    def noted(opened: int) -> None:
        settled.append(str(Path(f"/proc/self/fd/{opened}").readlink()))
        settle(opened)

    monkeypatch.setattr(os, "fsync", noted)
    store = DiskStore(tmp_path / "files", "cases")
    await store.put(CONTENT)
    home = tmp_path / "files"
    new = [tmp_path, home, home / "cases"]
    assert [str(path) for path in new] == settled[:3], "a new folder is settled in the one above it"
    assert settled[-2].startswith(str(home / ".drafts"))
    assert settled[-1] == str(home / "cases" / HASH[:2])
    settled.clear()
    await store.put(CONTENT)
    assert settled == [str(home / "cases" / HASH[:2])], "who finds it kept answers for it, too"


def faults(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    """What the settings say of an environment."""
    for name, value in environment.items():
        monkeypatch.setenv(f"{settings.PREFIX}{name}", value)
    with pytest.raises(settings.BadSettings) as refused:
        settings.read()
    return str(refused.value)


def test_an_s3_store_needs_all_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    told = faults(monkeypatch, FILES_STORE="s3", S3_ENDPOINT="https://s3.example", S3_BUCKET="a", S3_KEY="b")
    assert "WEIBAN_FILES_STORE: 使用 s3 时还需要设置 WEIBAN_S3_SECRET" in told
    assert "WEIBAN_S3_ENDPOINT" in faults(monkeypatch, S3_ENDPOINT="s3.example")


@pytest.mark.parametrize("address", ["clamd", "clamd:", "clamd:0", "clamd:99999", ":3310"])
def test_a_scanner_needs_an_address(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    assert "WEIBAN_SCANNER_ADDRESS: 应为 主机:端口" in faults(monkeypatch, SCANNER_ADDRESS=address)
