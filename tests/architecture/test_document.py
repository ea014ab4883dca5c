"""The OpenAPI document: valid, complete, and in step with the routes."""

import re
from collections.abc import Iterator
from typing import Any

import schemathesis

from app.main import all_routes, openapi
from miniprogram_api import ROUTES

DOCUMENT = openapi()


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def references(node: object) -> Iterator[str]:
    """Every ``$ref`` below a node."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_the_document_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(DOCUMENT).validate()


def test_every_reference_leads_somewhere() -> None:
    for reference in set(references(DOCUMENT)):
        node: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def test_every_route_of_the_api_is_in_the_document_and_no_other() -> None:
    declared = {
        (route.method.lower(), re.sub(r"<(\w+):\w+>", r"{\1}", route.path))
        for area in ROUTES
        for route in area.all
    }
    assert {(method, path) for method, path, _ in operations()} == declared
    assert all(route.path.startswith("/api/v1/") for area in ROUTES for route in area.all)
    outside = [route.path for route in all_routes() if not route.path.startswith("/api/v1/")]
    assert not set(outside) & set(DOCUMENT["paths"])


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(ids) == len(set(ids))


def test_every_operation_tells_its_refusals_as_problems() -> None:
    for method, path, operation in operations():
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], (method, path, status)
        assert {"422", "503"} <= set(operation["responses"]), (method, path)


def test_every_operation_of_a_citizen_asks_for_a_token() -> None:
    for route in (route for area in ROUTES for route in area.all):
        path = re.sub(r"<(\w+):\w+>", r"{\1}", route.path)
        operation = DOCUMENT["paths"][path][route.method.lower()]
        expected: list[dict[str, list[str]]] | None = None
        if route.caller.scheme:
            expected = [{route.caller.scheme: []}, *([] if route.caller.is_required else [{}])]
        assert operation.get("security") == expected
        assert ("401" in operation["responses"]) == bool(route.caller.scheme)
