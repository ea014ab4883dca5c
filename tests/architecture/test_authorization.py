"""The authorization matrix: who may call what. A route that is not in it fails."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from app.domain.accounts import staff, staffing
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.kit.ids import uuid7
from app.kit.web import Route
from app.main import all_routes
from tests.architecture.matrix import MATRIX
from tests.architecture.matrix.callers import CITIZEN
from tests.client import Client
from tests.factories.accounts import code_of
from tests.factories.cases import case_number

ROUTES = list(all_routes())
FOR_CITIZENS = [route for route in ROUTES if route.caller.name == CITIZEN]


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


def test_every_route_is_in_the_matrix_and_keeps_to_it() -> None:
    assert {(route.method, route.path): route.caller.name for route in ROUTES} == MATRIX


@pytest.fixture
async def staff_token(client: Client) -> str:
    """A token that is good, but for the console."""
    given = await staffing.hire("clerk", "前台", Post(StaffRole.CLERK))
    signed = await staff.sign_in(given.username, given.password, code_of(given.totp_uri), address="127.0.0.1")
    return signed.token


def with_ids(path: str, ids: Mapping[str, Any]) -> str:
    return re.sub(r"<(\w+):\w+>", lambda found: str(ids[found[1]]), path)


async def test_without_a_citizens_token_nobody_gets_in(client: Client, staff_token: str) -> None:
    ended = await client.log_in("lisi")
    await client.delete("/api/v1/session", token=ended)
    for route in FOR_CITIZENS:
        ids = {"id": uuid7(), "hold_id": uuid7(), "binding_id": uuid7(), "number": case_number()}
        path = with_ids(route.path, ids)
        for token in (None, "garbage", "A" * 43, staff_token, ended):
            answer = await client(route.method, path, token=token, json={})
            assert answer.status == 401, (named(route), token)
            assert answer.headers["content-type"] == "application/problem+json"
