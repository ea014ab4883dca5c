"""Servers share a port, finish what they began, and lose no connection when one of them is killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection

import pytest

from app.__main__ import main
from app.commands import CannotStart, serve
from config import settings

SERVER = """
import asyncio, os, socket, sys
from sanic import Sanic, text
from app.commands.serve import serve_app
app = Sanic("served", configure_logging=False)
@app.get("/pid")
async def pid(request):
    await asyncio.sleep(float(request.args.get("after", "0")))
    return text(str(os.getpid()))
serve_app(app, socket.socket(fileno=int(sys.argv[1])))
"""

Start = Callable[[socket.socket], "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def start(listener: socket.socket) -> "subprocess.Popen[bytes]":
        fd = listener.fileno()
        started.append(subprocess.Popen([sys.executable, "-c", SERVER, str(fd)], pass_fds=[fd]))
        return started[-1]

    yield start
    for server in started:
        server.kill()
        server.wait()


@pytest.fixture
def listeners() -> Iterator[list[socket.socket]]:
    made = serve.listeners("127.0.0.1", _free_port(), 2)
    yield made
    for listener in made:
        listener.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, path: str = "/pid") -> int:
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as client:
        client.request("GET", path)
        return int(client.getresponse().read())


def test_two_servers_share_a_port(listeners: list[socket.socket], start: Start) -> None:
    servers = {start(listener).pid for listener in listeners}
    port = listeners[0].getsockname()[1]
    assert {ask(port) for _ in range(60)} == servers


def test_connections_wait_for_the_successor_of_a_killed_server(
    listeners: list[socket.socket], start: Start
) -> None:
    listeners.pop().close()
    port = listeners[0].getsockname()[1]
    first = start(listeners[0])
    assert ask(port) == first.pid
    first.kill()
    first.wait()
    waiting = HTTPConnection("127.0.0.1", port, timeout=20)
    waiting.request("GET", "/pid")
    second = start(listeners[0])
    assert int(waiting.getresponse().read()) == second.pid
    waiting.close()


def test_request_under_way_is_finished_before_the_end(listeners: list[socket.socket], start: Start) -> None:
    listeners.pop().close()
    port = listeners[0].getsockname()[1]
    server = start(listeners[0])
    assert ask(port) == server.pid
    client = HTTPConnection("127.0.0.1", port, timeout=20)
    client.request("GET", "/pid?after=0.6")
    time.sleep(0.2)
    server.send_signal(signal.SIGTERM)
    assert int(client.getresponse().read()) == server.pid
    client.close()
    assert server.wait(10) == 0


def test_taken_port_is_refused_in_words(listeners: list[socket.socket]) -> None:
    port = listeners[0].getsockname()[1]
    with pytest.raises(CannotStart, match=f"127.0.0.1:{port}.*--port"):
        serve.listeners("127.0.0.1", port, 1)


@pytest.mark.parametrize("command", [["up"], ["sandbox"]])
def test_production_refuses_what_is_for_one_machine(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(os.environ, "WEIBAN_ENV", "production")
    settings.current.cache_clear()  # Other tests have read the settings of this process already.
    assert main(command) == 1
    assert "WEIBAN_" in capsys.readouterr().err
