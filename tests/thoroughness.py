"""How many examples a property is tried with: as many as the profile says that this run was given."""

import os
from collections.abc import Callable
from random import Random
from typing import Any, Final, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some

TRIES: Final = {"daily": 5_000, "nightly": 100_000}
"""Examples by profile."""
AT_ONCE: Final = 25
"""Examples made of one draw where hypothesis would take longer to draw one than we take to try it."""
DRAWS: Final = some.integers(0, 2**64 - 1).map(Random)
"""Chance to make them of, repeatable by its seed."""

_ASKED: Final = "WEIBAN_HYPOTHESIS"
_KEPT: Final = "HYPOTHESIS_PROFILE"
_A_NIGHT_S: Final = 4 * 3600

_Test = TypeVar("_Test", bound=Callable[..., Any])


def load_profile() -> None:
    """Take the profile named by ``WEIBAN_HYPOTHESIS``; it has to come before any test is imported.

    What begins with our prefix is no setting of ours and must go; the processes of pytest-xdist inherit
    what is left, so the name is kept under another one.
    """
    profile = os.environ.pop(_ASKED, None) or os.environ.get(_KEPT, "daily")
    if profile not in TRIES:
        raise pytest.UsageError(f"{_ASKED} is one of {', '.join(TRIES)}")
    os.environ[_KEPT] = profile
    for name in TRIES:
        settings.register_profile(name, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile(profile)


def thorough(at_once: int = 1) -> Callable[[_Test], _Test]:
    """Try a property with all the examples of the profile, ``at_once`` of them with each draw."""
    profile = settings.get_current_profile_name()
    tries = settings(max_examples=TRIES[profile] // at_once)

    def tried(test: _Test) -> _Test:
        test = pytest.mark.thorough(tries(test))
        return pytest.mark.timeout(_A_NIGHT_S)(test) if profile == "nightly" else test

    return tried
