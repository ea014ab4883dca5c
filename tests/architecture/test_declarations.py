"""Every route says who may call it, how often, what it answers and how it refuses."""

import pytest

from app.kit.errors import Fault
from app.kit.web import STAFF, Limit, Route
from app.main import all_routes, openapi

ROUTES = list(all_routes())

# A route that anyone may call as often as they like needs a reason.
WITHOUT_LIMIT = {
    "/healthz": "a probe asks every second and reads nothing",
    "/readyz": "probes ask it, behind the proxy",
    "/metrics": "Prometheus asks it, behind the proxy",
    "/openapi.json": "made once at start",
    "/docs": "a constant",
    "/docs/start.js": "a constant",
    "/partner/openapi.json": "made once a process",
    "/partner/docs": "a constant",
    "/partner/docs/start.js": "a constant",
    "/partner/v1/library-records": "relayed questions are counted per system, whatever its address",
    "/partner/v1/messages": "its rows are counted per system, on the row that is locked anyway",
    "/wechat/oa": "WeChat calls as often as people act, and its signature is checked first",
    "/wechat/mp": "the same for the mini-program",
    "/wechat/oa/<appid:str>": "the same for a further public account",
    "/wechat/mp/<appid:str>": "the same for a further mini-program",
}

each_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")


@each_route
def test_a_route_says_what_it_is(route: Route) -> None:
    assert route.summary, "the handler's docstring opens with the summary"
    assert not route.summary.isascii(), "the summary is for Chinese readers"
    assert route.tag
    assert (
        route.answer is not None
        or route.status == 204
        or route.produces != "application/json"
        or (route.path in WITHOUT_LIMIT)
    ), "a JSON answer has a shape"
    assert all(issubclass(error, Fault) for error in route.errors)


@each_route
def test_a_route_is_limited_or_says_why_not(route: Route) -> None:
    assert (route.limit is None) == (route.path in WITHOUT_LIMIT)


@each_route
def test_a_limit_fits_the_deed(route: Route) -> None:
    """Whatever writes is counted by a limit that refuses when it cannot count."""
    if route.limit is not None and route.method != "GET":
        assert route.limit is not Limit.READING
    if route.caller is STAFF:
        assert route.limit is None or route.limit.per_person


@each_route
def test_only_writes_take_a_body_and_an_idempotency_key(route: Route) -> None:
    if route.method in ("GET", "DELETE"):
        assert route.body is None
        assert not route.idempotent
    if route.idempotent:
        assert route.caller.is_required, "a key belongs to somebody"


def test_no_two_routes_answer_the_same_question() -> None:
    names = [(route.method, route.path) for route in ROUTES]
    assert len(names) == len(set(names))


def test_every_field_of_the_document_is_described() -> None:
    nameless = [
        f"{shape}.{name}"
        for shape, schema in openapi()["components"]["schemas"].items()
        for name, field in schema.get("properties", {}).items()
        if not field.get("description") and "$ref" not in field
    ]
    assert nameless == []
