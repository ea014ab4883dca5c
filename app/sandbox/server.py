"""The sandbox's own server: every route, the gate each platform call passes, start and stop."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from types import SimpleNamespace
from typing import Any, Final

from sanic import HTTPResponse, Request, Sanic
from sanic.config import Config
from sanic.response import empty

from app.sandbox import quotas
from app.sandbox.answers import PlatformRefusal, answered, refused
from app.sandbox.control import Control, understood
from app.sandbox.faults import Fault
from app.sandbox.options import Options
from app.sandbox.phone import Phone
from app.sandbox.platform import Platform
from app.sandbox.sandbox import Sandbox
from app.sandbox.sends import Sends
from app.sandbox.templates import Templates, load_templates
from config import settings

SandboxApp = Sanic[Config, SimpleNamespace]
Call = Callable[..., Awaitable[dict[str, Any]]]
Answer = Callable[..., Coroutine[Any, Any, HTTPResponse]]

_METHODS: Final = ["GET", "POST", "PUT", "DELETE", "PATCH"]
_WRONG_METHOD: Final = {"GET": 43001, "POST": 43002}


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
    _add_control(app, Control(sandbox))
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
    platform, sends = Platform(sandbox), Sends(sandbox)
    table: dict[str, tuple[str, Call]] = {
        quotas.PLAIN_TOKEN: ("GET", platform.token),
        quotas.STABLE_TOKEN: ("POST", platform.stable_token),
        "/sns/jscode2session": ("GET", platform.login),
        "/wxa/business/getuserphonenumber": ("POST", platform.phone_number),
        "/cgi-bin/user/info": ("GET", platform.user_info),
        "/cgi-bin/template/get_all_private_template": ("GET", platform.templates),
        "/wxaapi/newtmpl/gettemplate": ("GET", platform.subscribe_templates),
        quotas.TEMPLATE_SEND: ("POST", sends.template),
        quotas.SUBSCRIBE_SEND: ("POST", sends.subscribe),
    }
    for path, (method, call) in table.items():
        app.add_route(_gate(sandbox, method, call), path, methods=_METHODS, name=path.replace("/", "_"))
    for root in ("cgi-bin", "sns", "wxa", "wxaapi"):
        app.add_route(
            _gate(sandbox, None, platform.unknown),
            f"/{root}/<path:path>",
            methods=_METHODS,
            name=f"no_{root}",
        )


def _add_control(app: SandboxApp, control: Control) -> None:
    for method, path, handler in (
        ("GET", "messages", control.messages),
        ("POST", "tap", control.tap),
        ("PUT", "faults", control.order_fault),
        ("GET", "faults", control.faults),
        ("DELETE", "faults", control.clear_faults),
        ("PUT", "quotas", control.set_quota),
        ("GET", "calls", control.calls),
        ("GET", "pushes", control.pushes),
        ("POST", "reset", control.reset),
        ("POST", "code", control.code),
        ("GET", "persons", control.people),
        ("POST", "persons", control.new_person),
        ("GET", "templates", control.templates),
    ):
        app.add_route(
            understood(handler), f"/_sandbox/{path}", methods=[method], name=f"control_{method}_{path}"
        )


def _add_phone(app: SandboxApp, phone: Phone) -> None:
    app.add_route(phone.page, "/", methods=["GET"], name="phone_page")
    app.add_route(phone.static, "/static/<name:str>", methods=["GET"], name="phone_static")
    app.add_route(phone.carry, "/_app/<path:path>", methods=_METHODS, name="phone_carry")


def _gate(sandbox: Sandbox, method: str | None, call: Call) -> Answer:
    """Count the call, let an ordered fault strike, and answer in the platform's way."""

    async def answer(request: Request, **parts: str) -> HTTPResponse:
        sandbox.calls[request.path] += 1
        fault = sandbox.faults.strike(request.path)
        if fault is not None and fault.drop == "before":
            return _cut(request)
        result = _instead(fault) if fault is not None else None
        if result is None:
            try:
                if method is not None and request.method != method:
                    raise PlatformRefusal(_WRONG_METHOD[method])
                result = answered(await call(request, **parts))
            except PlatformRefusal as refusal:
                result = refused(refusal)
        if fault is not None and fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        return _cut(request) if fault is not None and fault.drop == "after" else result

    return answer


def _instead(fault: Fault) -> HTTPResponse | None:
    """The answer that stands in for the effect, if the fault has one."""
    if fault.status is not None:
        return empty(status=fault.status)
    if fault.errcode is not None:
        refusal = PlatformRefusal(fault.errcode)
        refusal.errmsg = fault.errmsg or refusal.errmsg
        return refused(refusal)
    return None


def _cut(request: Request) -> HTTPResponse:
    """Break the line without an answer."""
    if request.transport is not None:
        request.transport.abort()  # type: ignore[attr-defined]  # Sanic types only what it uses of a transport.
    return empty()
