"""The embedded engines start as anyone, survive being killed, and open no folder that is not theirs."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.kit.engines import EngineFailed, Postgres, Valkey, identity, launch, process

AS_ROOT = os.geteuid() == 0
NOBODY = 65534

STORY = """
import sys
from pathlib import Path
from app.kit.engines import Postgres
server = Postgres(Path(sys.argv[1]))
server.start()
for sql in ("create table if not exists kept (n int)", "insert into kept values (1)"):
    assert server._query("weiban", sql).returncode == 0
if sys.argv[2] == "killed":
    import os
    os.kill(os.getpid(), 9)
server.stop()
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return home


@pytest.fixture
def open_home() -> Iterator[Path]:
    """A private folder whose parents anyone may pass, unlike those of ``tmp_path``."""
    with tempfile.TemporaryDirectory(prefix="weiban-test-") as folder:
        yield Path(folder)


@pytest.fixture
def postgres(home: Path) -> Iterator[Postgres]:
    server = Postgres(home / "postgres")
    yield server
    server.stop()


def modes(path: Path) -> dict[Path, int]:
    return {parent: stat.S_IMODE(parent.stat().st_mode) for parent in [path, *path.parents]}


def rows(server: Postgres) -> int:
    query = [server.bin("psql"), "-X", "-At", "-d", server.url, "-c", "select count(*) from kept"]
    return int(subprocess.run(query, capture_output=True, check=True, text=True).stdout)


def keep_one(server: Postgres) -> None:
    assert server._query("weiban", "create table if not exists kept (n int)").returncode == 0
    assert server._query("weiban", "insert into kept values (1)").returncode == 0


def test_start_opens_no_parent_folder(postgres: Postgres, home: Path) -> None:
    before = modes(home)
    postgres.start()
    assert modes(home) == before
    assert stat.S_IMODE(postgres.home.stat().st_mode) == 0o700


def test_second_start_finds_the_data(postgres: Postgres) -> None:
    postgres.start()
    keep_one(postgres)
    postgres.stop()
    postgres.start()
    assert rows(postgres) == 1


def test_killed_server_keeps_what_was_committed(postgres: Postgres) -> None:
    postgres.start()
    keep_one(postgres)
    assert postgres._server is not None
    postgres._server.kill()
    postgres._server.wait()
    postgres.start()
    assert rows(postgres) == 1


def test_lock_of_a_dead_server_whose_number_is_taken_again_does_not_stop_a_start(postgres: Postgres) -> None:
    postgres.start()
    postgres.stop()
    (postgres.data / "postmaster.pid").write_text(f"{os.getpid()}\n{postgres.data}\n")
    postgres.start()
    assert postgres.answers()


def test_server_in_use_is_refused(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres.start()
    monkeypatch.setattr("app.kit.engines.postgres.PATIENCE_S", 0.2)
    with pytest.raises(EngineFailed, match="正在使用"):
        Postgres(postgres.home).start()


def test_engines_end_with_a_killed_parent(home: Path) -> None:
    story = subprocess.run([sys.executable, "-c", STORY, str(home / "postgres"), "killed"], check=False)
    assert story.returncode == -signal.SIGKILL
    after = Postgres(home / "postgres")
    after.start()
    try:
        assert rows(after) == 1
    finally:
        after.stop()


@pytest.mark.skipif(
    not AS_ROOT, reason="Only root can become someone else; the other tests run as an ordinary user."
)
@pytest.mark.parametrize("user", [NOBODY, 4321], ids=["with a name", "without a name"])
def test_ordinary_user_starts_and_root_goes_on_as_that_user(open_home: Path, user: int) -> None:
    home = open_home
    os.chown(home, user, -1)
    command = [sys.executable, "-c", STORY, str(home / "postgres"), "stopped"]
    story = [sys.executable, "-I", "-S", launch.__file__, "--user", str(user), "--", *command]
    subprocess.run(story, check=True)
    assert (home / "postgres" / "data").stat().st_uid == user
    later = Postgres(home / "postgres")
    later.start()
    try:
        assert rows(later) == 1
        assert (home / "postgres" / "data" / "postmaster.pid").stat().st_uid == user
    finally:
        later.stop()


@pytest.mark.skipif(not AS_ROOT, reason="An ordinary user needs no namespace.")
def test_root_without_namespaces_becomes_nobody_and_opens_no_parent(
    postgres: Postgres, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reaches = identity._reaches
    monkeypatch.setattr(
        identity, "_reaches", lambda way, *rest: "--namespace" not in way and reaches(way, *rest)
    )
    before = modes(home)
    postgres.start()
    keep_one(postgres)
    assert modes(home) == before
    assert postgres.data.stat().st_uid == NOBODY
    assert rows(postgres) == 1


@pytest.mark.skipif(not AS_ROOT, reason="Only root can hand a folder to someone else.")
def test_folder_nobody_can_reach_is_refused_with_a_way_out(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "_reaches", lambda *_: False)
    with pytest.raises(EngineFailed, match="--data-dir"):
        postgres.start()


def test_long_data_path_gets_a_short_private_socket_folder(home: Path) -> None:
    deep = home / ("a" * 60) / ("b" * 60)
    first = Postgres(deep)
    assert len(first.credentials["host"]) < process.LONGEST_SOCKET_PATH
    assert stat.S_IMODE(Path(first.credentials["host"]).stat().st_mode) == 0o700
    assert Postgres(deep).url == first.url
    Path(first.credentials["host"]).chmod(0o755)
    assert Postgres(deep).url != first.url
    for folder in (first.credentials["host"], Postgres(deep).credentials["host"]):
        Path(folder).rmdir()


def test_server_that_cannot_start_says_why(home: Path) -> None:
    with pytest.raises(EngineFailed, match="shared_buffers"):
        Postgres(home / "postgres", {"shared_buffers": "much"}).start()


def test_valkey_starts_again_after_a_kill(home: Path) -> None:
    server = Valkey(home / "valkey")
    server.start()
    try:
        assert server._server is not None
        server._server.kill()
        server._server.wait()
        assert not server.answers()
        server.start()
        assert server.answers()
    finally:
        server.stop()
    assert not server.answers()
