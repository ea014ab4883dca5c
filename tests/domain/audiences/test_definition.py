"""The words of an audience are understood, or refused naming each that is not."""

from typing import Any

import pytest

from app.domain.audiences import Definition, InvalidAudience


def test_what_is_said_is_understood() -> None:
    narrow: dict[str, list[Any]] = {
        "groups": ["general"],
        "regions": ["44", "440106001"],
        "halls": [1],
        "tags": ["重点企业"],
        "lists": [12],
    }
    without: dict[str, list[Any]] = {"groups": ["visitor"], "told_by_campaign": [7]}
    read = Definition.read({**narrow, "exclude": without})
    assert read == Definition(
        {key: tuple(values) for key, values in narrow.items()},
        {key: tuple(values) for key, values in without.items()},
    )
    assert not read.is_everyone
    assert Definition.read({"everyone": True}).is_everyone


def test_values_said_twice_are_one() -> None:
    assert Definition.read({"lists": [3, 3, 1]}).include == {"lists": (3, 1)}


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ([], "audience"),
        ({}, "audience"),
        ({"everyone": False}, "audience"),
        ({"exclude": {"lists": [1]}}, "audience"),
        ({"everyone": True, "groups": ["general"]}, "everyone"),
        ({"everyone": "yes"}, "everyone"),
        ({"persons": ["x"], "everyone": True}, "persons"),
        ({"told_by_campaign": [1]}, "told_by_campaign"),
        ({"groups": []}, "groups"),
        ({"groups": "general"}, "groups"),
        ({"groups": ["General"]}, "groups"),
        ({"regions": ["44010"]}, "regions"),
        ({"regions": ["44%"]}, "regions"),
        ({"halls": ["1"]}, "halls"),
        ({"halls": [True]}, "halls"),
        ({"lists": [0]}, "lists"),
        ({"lists": list(range(1, 502))}, "lists"),
        ({"tags": ["a b"]}, "tags"),
        ({"everyone": True, "exclude": []}, "exclude"),
        ({"everyone": True, "exclude": {"everyone": True}}, "exclude.everyone"),
        ({"everyone": True, "exclude": {"halls": [-1]}}, "exclude.halls"),
    ],
)
def test_wrong_words_are_named(said: Any, place: str) -> None:
    with pytest.raises(InvalidAudience) as refused:
        Definition.read(said)
    assert place in refused.value.fields
