"""A client that knows an interface from its OpenAPI document alone, and asks it in sense and nonsense."""

from collections.abc import Callable
from functools import cache
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation import GenerationMode

_CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


def ask(
    operation: Any, url: str, count: int, *, aim: Callable[[Any], None] | None = None, **proof: Any
) -> None:
    """``count`` requests that keep to the document and as many that break it; each answer must keep to it.

    ``aim`` points half of them at things that exist, which chance alone would never name. ``proof`` says
    who asks, as ``requests`` takes it: ``auth`` or ``headers``.
    """
    for mode in GenerationMode:

        @settings(
            max_examples=count,
            deadline=None,
            database=None,
            derandomize=count < 100,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), is_aimed=some.booleans())
        def run(case: Any, is_aimed: bool) -> None:
            if aim is not None and is_aimed:
                aim(case)
            with requests.Session() as session:
                session.trust_env = False
                answer = case.call(url, session=session, **proof)
                case.validate_response(answer, checks=_checks())

        run()


def operation_of(document: dict[str, Any], method: str, path: str) -> Any:
    """One operation of a document, as the client understands it."""
    return schemathesis.openapi.from_dict(document)[path][method.upper()]


@cache
def _checks() -> list[Any]:
    load_all_checks()
    return [CHECKS.get_one(name) for name in _CHECKED]
