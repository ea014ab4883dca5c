"""The sandbox's own server: every route, start and stop."""

import re
from types import SimpleNamespace
from typing import Any, Final

from sanic import Request, Sanic
from sanic.config import Config

from app.sandbox.answers import PlatformRefusal
from app.sandbox.control import Control, Doors
from app.sandbox.gate import Answer, Gate
from app.sandbox.options import Options
from app.sandbox.phone import Phone
from app.sandbox.platform.tables import platform_table
from app.sandbox.sandbox import Sandbox
from app.sandbox.templates import Templates, load_templates
from app.sandbox.views import Views
from app.sandbox.wishes import understood
from config import settings

SandboxApp = Sanic[Config, SimpleNamespace]

_METHODS: Final = ["GET", "POST", "PUT", "DELETE", "PATCH"]


def create_sandbox(
    options: Options | None = None, *, templates: Templates | None = None, name: str = "weiban-sandbox"
) -> SandboxApp:
    """Build the server; by default for the accounts of the settings and the project's own templates.

    ``app.ctx.sandbox`` is the Sandbox inside.
    """
    chosen = options or Options.from_settings(settings.current())
    sandbox = Sandbox(chosen, load_templates() if templates is None else templates)
    app: SandboxApp = Sanic(name, configure_logging=False)
    app.config.ACCESS_LOG = False
    app.config.MOTD = False
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 2
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.ctx.sandbox = sandbox
    phone = Phone(chosen)
    _add_platform(app, sandbox)
    _add_control(app, (*Control(sandbox).doors(), *Views(sandbox).doors()))
    _add_phone(app, phone)

    @app.before_server_start
    async def _open(*_: Any) -> None:
        await sandbox.open()
        await phone.open()

    @app.after_server_stop
    async def _close(*_: Any) -> None:
        await phone.close()
        await sandbox.close()

    return app


def main(port: int, host: str = "127.0.0.1") -> None:
    """Serve until SIGINT or SIGTERM."""
    create_sandbox().run(host=host, port=port, single_process=True, access_log=False, motd=False)


def _add_platform(app: SandboxApp, sandbox: Sandbox) -> None:
    gate = Gate(sandbox)
    for path, (method, call) in platform_table(sandbox).items():
        _add(app, gate.before(method, call), path, _METHODS, path)

    async def unknown(request: Request) -> dict[str, Any]:
        raise PlatformRefusal(40066, request.path[:64])

    for root in ("cgi-bin", "sns", "wxa", "wxaapi"):
        for method in _METHODS:
            _add(app, gate.before(method, unknown), f"/{root}/<path:path>", [method], f"no_{root}_{method}")


def _add_control(app: SandboxApp, doors: Doors) -> None:
    for method, path, handler in doors:
        _add(app, understood(handler), f"/_sandbox/{path}", [method], f"control_{method}_{path}")


def _add_phone(app: SandboxApp, phone: Phone) -> None:
    _add(app, phone.page, "/", ["GET"], "phone_page")
    _add(app, phone.static, "/static/<name:str>", ["GET"], "phone_static")
    _add(app, phone.carry, "/_app/<path:path>", _METHODS, "phone_carry")


def _add(app: SandboxApp, handler: Answer, path: str, methods: list[str], name: str) -> None:
    # Without a format Sanic reads and parses the source of each handler, most of the time a start takes.
    app.add_route(handler, path, methods=methods, name=re.sub(r"\W", "_", name), error_format="json")
