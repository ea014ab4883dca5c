"""The server: every route of every face, wired to what they need. One of two pages that know every part."""

from collections.abc import Iterator
from typing import Any

from sanic import Sanic
from sanic.config import Config

from app import console, lifecycle, partner_api, status_pages
from app import open as open_pages
from app.domain.accounts import sessions, staff
from app.domain.partners import admission
from app.kit.web import CITIZEN, PARTNER, STAFF, Route, register_authenticator, register_signature_check
from app.kit.web.observation import attach_observation
from app.kit.web.openapi import document
from app.kit.web.pages.site import attach_assets
from app.kit.web.problems import attach_problems, tell_as_pages
from app.kit.web.route_times import attach_route_times
from app.public_account import callback as callbacks
from app.public_account import h5
from app.public_account.callback import routes as callback
from config import menus, settings
from miniprogram_api import ROUTES
from notifications import receipts
from notifications.campaigns.mass import receipts as mass_receipts

VERSION = "0.1.0"

_BODY_LIMIT = 1024 * 1024
# The longest cursor, written in signs that take twelve bytes each in an address, is refused by its field.
_HEADER_LIMIT = 16 * 1024


_AREAS = (
    *ROUTES,
    callback,
    *h5.ROUTES,
    *console.ROUTES,
    *open_pages.ROUTES,
    *partner_api.ROUTES,
    status_pages.routes,
)
_SITES = (h5.site, console.site, open_pages.site)


def all_routes() -> Iterator[Route]:
    """Every declared route of every face."""
    for area in _AREAS:
        yield from area.all


def create_app(*, name: str = "weiban") -> Sanic[Any, Any]:
    """The application with its routes and nothing opened: tests may build as many as they like."""
    menus.current()  # A fault in it stops the start and not the first press of a button.
    config = Config(env_prefix="")  # Settings come from config.settings alone.
    config.REQUEST_MAX_SIZE = _BODY_LIMIT
    config.REQUEST_MAX_HEADER_SIZE = _HEADER_LIMIT
    config.KEEP_ALIVE_TIMEOUT = 75
    app: Sanic[Any, Any] = Sanic(name, config=config, configure_logging=False)
    register_authenticator(CITIZEN, sessions.citizen_of)
    register_authenticator(STAFF, staff.staff_of)
    register_signature_check(PARTNER, admission.admit, admission.check_address)
    for event in (receipts.TEMPLATE_EVENT, receipts.SUBSCRIBE_EVENT):
        callbacks.listen(event, receipts.take)
    callbacks.listen(mass_receipts.EVENT, mass_receipts.take)
    attach_observation(app)
    attach_problems(app)

    for area in _AREAS:
        area.attach(app)
    for site in _SITES:
        tell_as_pages(site.prefix, site.tell)
        site.attach(app)
    attach_assets(app)
    return app


def openapi() -> dict[str, Any]:
    """The OpenAPI document of all routes meant for programs other than WeChat."""
    routes = [route for area in ROUTES for route in area.all]
    return document(routes, version=VERSION, server=settings.current().public_url)


def attach_lifecycle(app: Sanic[Any, Any]) -> None:
    """Open the database, the cache and the gateways with the server, and close them after it.

    Live pages end before it: a server that stops waits for all that it still answers.
    """
    app.ctx.openapi = openapi()
    attach_route_times(app)

    @app.before_server_start
    async def open_all(_: Sanic[Any, Any]) -> None:
        await lifecycle.open_stores()

    @app.before_server_stop
    async def end_live_pages(_: Sanic[Any, Any]) -> None:
        await console.end_live_pages()

    @app.after_server_stop
    async def close_all(_: Sanic[Any, Any]) -> None:
        await lifecycle.close_stores()
