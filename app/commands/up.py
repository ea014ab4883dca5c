"""Everything on one machine: embedded PostgreSQL and Valkey, WeChat sandbox, worker, server."""

import argparse
import asyncio
import fcntl
import http.client
import os
import secrets
import shlex
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app.commands import CannotStart, serve
from app.kit.engines import Postgres, Valkey, process
from app.kit.supervisor import Child, Supervisor, until_asked_to_stop
from config import settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares port, data folder, number of processes and data."""
    parser.add_argument("--port", type=int, default=8000, help="服务端口（默认 8000）")
    parser.add_argument("--data-dir", type=Path, default=Path(".weiban"), help="数据目录（默认 .weiban）")
    parser.add_argument("--workers", type=int, default=1, help="服务进程数（默认 1）")
    parser.add_argument("--sandbox-port", type=int, help="微信沙箱端口（默认为服务端口加 1）")
    parser.add_argument("--seed", choices=["demo", "none"], default="demo", help="演示数据（默认 demo）")
    parser.add_argument(
        "--log-format", choices=["text", "json"], default="text", help="日志格式（默认 text）"
    )


def run(args: argparse.Namespace) -> int:
    """Starts everything and keeps it running until SIGINT or SIGTERM."""
    if os.environ.get(settings.variable("env")) == "production":
        raise settings.BadSettings(
            [f"{settings.variable('env')}: 生产环境不能使用 weiban up，请分别部署各部分"]
        )
    data = process.private_folder(args.data_dir.absolute())
    with _only_one_on(data):
        sockets = serve.listeners("127.0.0.1", args.port, args.workers)
        for reserved in serve.listeners("127.0.0.1", args.sandbox_port or args.port + 1, 1):
            # The sandbox opens its own; a taken port is told now, not after a minute.
            reserved.close()
        asyncio.run(_up(args, data, sockets))
    return 0


async def _up(args: argparse.Namespace, data: Path, sockets: list[socket.socket]) -> None:
    postgres, valkey = Postgres(data / "postgres"), Valkey(data / "valkey")
    sandbox_port = args.sandbox_port or args.port + 1
    environment = _environment(args, data, postgres, valkey, sandbox_port)
    os.environ.update(environment)
    _note_settings(data / "settings.env", environment)
    settings.current.cache_clear()
    settings.current()
    asked = asyncio.create_task(until_asked_to_stop())
    async with Supervisor() as supervisor:
        starting = asyncio.create_task(_start(supervisor, args, sockets, sandbox_port, postgres, valkey))
        await asyncio.wait({asked, starting}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
            _tell(args.port, sandbox_port)
            await asked
        else:
            starting.cancel()
            await asyncio.wait({starting})
    _say("已停止")


async def _start(
    supervisor: Supervisor,
    args: argparse.Namespace,
    sockets: list[socket.socket],
    sandbox_port: int,
    postgres: Postgres,
    valkey: Valkey,
) -> None:
    environment = dict(os.environ)
    await supervisor.start(
        Child(
            "postgres",
            postgres.command,
            prepare=postgres.prepare,
            ready=postgres.answers,
            # The memory of a killed server is freed only when its last child has noticed.
            tries=10,
            stop_signal=signal.SIGINT,
            grace_s=30,
            log=postgres.log,
        ),
        Child("valkey", valkey.command, ready=valkey.answers, log=valkey.log),
    )
    await supervisor.start(
        Child(
            "sandbox",
            lambda: serve.weiban("sandbox", "--port", str(sandbox_port)),
            environment=environment,
            ready=lambda: _is_listening(sandbox_port),
        )
    )
    await _once("migrate")
    if args.seed != "none":
        await _once("seed", args.seed)
    await supervisor.start(Child("worker", lambda: serve.weiban("worker"), environment=environment))
    await supervisor.start(
        *(serve.server(n, one, environment, prefixed=True) for n, one in enumerate(sockets, start=1))
    )
    await _until_ready(args.port)


def _environment(
    args: argparse.Namespace, data: Path, postgres: Postgres, valkey: Valkey, sandbox_port: int
) -> dict[str, str]:
    """What the parts are told: the engines made here, the sandbox instead of WeChat, this folder's keys."""
    own = f"http://127.0.0.1:{args.port}"
    sandbox = f"http://127.0.0.1:{sandbox_port}"
    forced = {
        "env": "local",
        "engines": "embedded",
        "port": str(args.port),
        "data_dir": str(data),
        "files_dir": str(data / "files"),
        "database_url": postgres.url,
        "redis_url": valkey.url,
        "wechat_api_base": sandbox,
        "wechat_open_base": sandbox,
        "sandbox_callback": own,
        "sandbox_state": str(data / "sandbox.json"),
    }
    chosen = {"public_url": own, "log_format": args.log_format, **_keys(data / "secrets.env")}
    given = settings.given_in(os.environ)
    named = {**{name: value for name, value in chosen.items() if name not in given}, **forced}
    return {settings.variable(name): value for name, value in named.items()}


def _note_settings(file: Path, environment: Mapping[str, str]) -> None:
    """For a shell: with these lines ``weiban`` commands work on this installation."""
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in environment.items()))


def _keys(file: Path) -> dict[str, str]:
    """The two master keys of a data folder, made at its first start; without them its data is unreadable."""
    if not file.exists():
        lines = "".join(
            f"{settings.variable(name)}={secrets.token_urlsafe(32)}\n" for name in ("secret_key", "pii_key")
        )
        draft = file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        draft.write_text(lines)
        draft.rename(file)
    pairs = (line.partition("=") for line in file.read_text().splitlines() if line)
    return {name.removeprefix(settings.PREFIX).lower(): value for name, _, value in pairs}


@contextmanager
def _only_one_on(data: Path) -> Iterator[None]:
    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotStart(f"{data} 正被另一个 weiban up 使用，请先停止它，或换一个数据目录") from error
        yield


async def _once(*arguments: str) -> None:
    finished = await asyncio.create_subprocess_exec(*serve.weiban(*arguments), process_group=0)
    try:
        code = await finished.wait()
    except asyncio.CancelledError:
        finished.kill()
        await finished.wait()
        raise
    if code:
        raise CannotStart(f"weiban {' '.join(arguments)} 失败（退出码 {code}），原因见上文")


async def _until_ready(port: int, *, within_s: float = 60) -> None:
    """Returns when the servers find everything they need."""
    until = asyncio.get_running_loop().time() + within_s
    while reason := await asyncio.to_thread(_why_not_ready, port):
        if asyncio.get_running_loop().time() > until:
            raise CannotStart(f"服务在 {within_s:.0f} 秒内没有就绪：{reason}")
        await asyncio.sleep(0.1)


def _why_not_ready(port: int) -> str:
    """Empty when ``/readyz`` answers 200, else what it says."""
    # Not urllib: a proxy in the environment is not for our own address.
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        client.request("GET", "/readyz", headers={"connection": "close"})
        answer = client.getresponse()
        body = answer.read(4000).decode(errors="replace")
        return "" if answer.status == 200 else f"{answer.status} {body}"
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        client.close()


def _is_listening(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def _tell(port: int, sandbox_port: int) -> None:
    sys.stdout.write(
        f"ready http://127.0.0.1:{port}\n"
        f"  接口文档      http://127.0.0.1:{port}/docs\n"
        f"  工作台        http://127.0.0.1:{port}/console/\n"
        f"  公开页        http://127.0.0.1:{port}/open\n"
        f"  市民手机页    http://127.0.0.1:{sandbox_port}/  （微信沙箱）\n"
        "  按 Ctrl+C 停止\n"
    )
    sys.stdout.flush()


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
